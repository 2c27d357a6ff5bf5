"""Consultations in Django's admin, for superusers only. Dates with consequences are changed by actions, not here."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from consultations import actions
from consultations.models import Consultation, Document, Support, WayToTakePart
from core.dates import today
from core.models import AccessSupport, Area, Audience, Format, Method, TermAlias, Topic

# A link typed without its beginning is taken for a safe one.
LINKS = {models.URLField: {"assume_scheme": "https"}}
SEEN_BY_FAMILIES = (
    "record", "organisation", "level", "opens_on", "closes_on", "response_due_on", "promised_earlier", "next_report_on",
)  # fmt: skip


class WayInline(admin.TabularInline):
    """Ways to take part."""

    model = WayToTakePart
    formfield_overrides = LINKS
    extra = 1


class SupportInline(admin.TabularInline):
    """Help to take part."""

    model = Support
    extra = 0


class DocumentInline(admin.TabularInline):
    """Papers."""

    model = Document
    formfield_overrides = LINKS
    extra = 0


@admin.register(Consultation)
class ConsultationAdmin(admin.ModelAdmin):
    """One ask to families."""

    list_display = ["title", "organisation", "opens_on", "closes_on", "response_due_on", "responded_on"]
    list_select_related = ["organisation"]
    list_filter = ["record", "level"]
    search_fields = ["title", "reference"]
    autocomplete_fields = ["organisation", "partners", "owner", "deputy", "earlier_round", "related"]
    prepopulated_fields = {"slug": ["title"]}
    readonly_fields = ["published_at", "answer_owed_from", "first_due_on", "responded_on", "withdrawn_on"]
    formfield_overrides = LINKS
    inlines = [WayInline, SupportInline, DocumentInline]
    actions = ["publish"]

    def get_readonly_fields(self, request, obj=None):
        """What families have seen moves by actions only, which ask for a reason and show the old date."""
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, *SEEN_BY_FAMILIES] if obj and obj.published_at else fixed

    def has_delete_permission(self, request, obj=None) -> bool:
        """A published one is never deleted: its page stays, and its answer stays owed."""
        return super().has_delete_permission(request, obj) and not (obj and obj.published_at)

    @admin.action(description=_("Publish, and start the clock of the answer"))
    def publish(self, request, queryset):
        """Publish each by the action that checks it, and say what is missing where it cannot be."""
        for consultation in queryset:
            try:
                actions.publish(consultation, by=request.user, on=today())
            except ValidationError as missing:
                self.message_user(request, f"{consultation}: {' '.join(missing.messages)}", messages.ERROR)
            else:
                self.message_user(request, _("%(title)s is published.") % {"title": consultation}, messages.SUCCESS)


@admin.register(Topic, Audience, Area, AccessSupport, Format)
class TermAdmin(admin.ModelAdmin):
    """A list that staff edit."""

    list_display = ["label", "short_label", "key", "position", "retired_on"]
    list_editable = ["position"]
    search_fields = ["label", "key"]


@admin.register(Method)
class MethodAdmin(TermAdmin):
    """Ways of asking, with what each needs."""

    list_display = ["label", "key", "offline", "without_voice", "position"]


@admin.register(TermAlias)
class TermAliasAdmin(admin.ModelAdmin):
    """How sources print our terms. An empty key waits for a person."""

    list_display = ["printed", "vocabulary", "key", "seen"]
    list_editable = ["key"]
    list_filter = ["vocabulary"]
