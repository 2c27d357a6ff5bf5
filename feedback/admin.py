"""Django's admin, for superusers only: to look up what no page shows."""

from django.contrib import admin

from feedback.models import FeedbackEntry, HoldingNote, Response, StandingReport


class LookUp(admin.ModelAdmin):
    """Rows to look at. They change through the desk, whose actions keep the rules and the history."""

    def has_add_permission(self, request) -> bool:
        """Nobody adds one here."""
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        """Nobody changes one here."""
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        """Nobody deletes one here."""
        return False


@admin.register(Response)
class ResponseAdmin(LookUp):
    """Answers."""

    list_display = ("consultation", "kind", "published_at")
    list_select_related = ("consultation",)
    search_fields = ("consultation__title",)


@admin.register(FeedbackEntry)
class FeedbackEntryAdmin(LookUp):
    """Entries of the log."""

    list_display = ("__str__", "organisation", "answer", "due_on", "published_at")
    list_select_related = ("organisation",)
    list_filter = ("answer", "origin")
    search_fields = ("theme", "you_said")


@admin.register(HoldingNote)
class HoldingNoteAdmin(LookUp):
    """Holding notes."""

    list_display = ("consultation", "new_date", "published_at")
    list_select_related = ("consultation",)


@admin.register(StandingReport)
class StandingReportAdmin(LookUp):
    """Reports of standing opportunities."""

    list_display = ("consultation", "reported_on", "due_on", "next_on", "published_at")
    list_select_related = ("consultation",)
