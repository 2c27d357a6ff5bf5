"""The ledger in Django's admin, for superusers. What was owed and sent is read there and never changed."""

from django.contrib import admin

from notices.models import Step


@admin.register(Step)
class StepAdmin(admin.ModelAdmin):
    """The timings."""

    list_display = ("reason", "key", "anchor", "offset_days", "repeat_every_days", "recipients", "retired_on")
    list_filter = ("reason",)
