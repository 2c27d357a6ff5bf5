"""The website: joins the apps and owns no tables."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin

from core import versions


class HubConfig(AppConfig):
    """The website: joins the apps and owns no tables."""

    name = "hub"

    def ready(self) -> None:
        """Every process moves the content version when it writes what families can see, and knows what pages show."""
        from hub import context  # noqa: F401
        from hub.numbers import register_numbers
        from hub.queues import register_queues

        register_numbers()
        register_queues()
        versions.watch(
            never_public=(
                *("notices", "core.ImportedRow", "core.TermAlias", "core.FruitlessSearch", "core.PreviewLink"),
                *("consultations.Source", "consultations.Found"),
                *("core.ImportRun", "core.ImportRunRow", "core.Link", "core.LinkUse"),
                *("core.PreElectionPeriod", "consultations.Intention", "consultations.ClashDecision"),
                *(f"consultations.Intention_{name}" for name in ("audiences", "areas", "topics")),
                *("feedback.Draft", "feedback.IssuedReport", "consultations.Check", "consultations.ReadyAnswer"),
                "practice.Votes",
                # However many are sent in a minute, no public page changes: what passes becomes an entry.
                *("feedback.Comment", "feedback.Comment_help_from"),
                "practice.ExampleCheck",
                # However many answer in a minute, the page shows it with its next change.
                *("feedback.Happened", "feedback.Suggestion"),
                *("accounts.Watch", "accounts.Note", "accounts.RecordLabel"),
            )
        )


class AdminForSuperusers(admin.AdminConfig):
    """Django's admin with the hub's own site (hub/superusers.py)."""

    default = False
    default_site = "hub.superusers.SuperusersSite"
