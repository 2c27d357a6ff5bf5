"""Good practice in Django's admin, for superusers only. It is published by its actions, not here."""

from django.contrib import admin

from consultations.admin import LINKS
from practice.models import PracticeExample, Tip, Tried


class TipInline(admin.TabularInline):
    """Tips for others."""

    model = Tip
    extra = 0


class TriedInline(admin.TabularInline):
    """Who else tried it."""

    model = Tried
    extra = 0


@admin.register(PracticeExample)
class PracticeExampleAdmin(admin.ModelAdmin):
    """One example."""

    list_display = ["title", "organisation", "year", "level", "published_at"]
    list_select_related = ["organisation"]
    list_filter = ["level"]
    search_fields = ["title", "reference"]
    formfield_overrides = LINKS
    raw_id_fields = ["consultation", "entry"]
    inlines = [TipInline, TriedInline]
