"""What is said of examples on their way to families: sent back, or waiting for a check."""

from collections.abc import Sequence
from datetime import date
from importlib import import_module

from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.notices import Chased, run_by_volunteers
from core.checking import Decision
from core.dates import day_words
from notices.reasons import Line, register
from practice.models import ExampleCheck

# Stories have a folder of their own.
import_module("practice.stories.notices")


class AboutExampleCheck(Chased):
    """Something asked about an example that was sent to be checked."""

    ends = gettext_lazy("Reminders stop by themselves when it is done.")

    @staticmethod
    def with_people(checks: QuerySet) -> QuerySet:
        """The checks, with whoever sent each as the person to tell."""
        return checks.annotate(
            organisation_id=F("example__organisation"),
            to_owner=Coalesce("sent_by__email", Value("")),
            owner_left=Value(False),
            to_deputy=Value(""),
            to_team=Value(""),
            volunteers=run_by_volunteers("example__organisation"),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """What is said of each."""
        rows = ExampleCheck.objects.filter(pk__in=ids).select_related("example__organisation")
        return {row.pk: self.line(row, day) for row in rows.defer("example__search")}

    def line(self, check: ExampleCheck, day: date) -> Line:
        """What is said of one."""
        raise NotImplementedError


def _line(check: ExampleCheck, *, page: str, what: str, button: str) -> Line:
    return Line(
        title=check.example.title,
        url=page,
        what=what,
        families="",
        button=button,
        button_url=page,
        due_on=None,
        service=check.example.organisation.name,
    )


@register
class ExampleReturned(AboutExampleCheck):
    """An example was sent back with what to change, and has not been sent again."""

    name = "example-returned"
    label = gettext_lazy("A good practice example was sent back")
    anchors = {"returned_on": gettext_lazy("the day it was sent back")}

    def things(self, day: date) -> QuerySet:
        """The newest decision about each example, where it was sent back and nothing was sent since."""
        newer = ExampleCheck.objects.filter(example=OuterRef("example"), sent_at__gt=OuterRef("decided_at"))
        returned = ExampleCheck.objects.filter(
            ~Exists(newer), decision=Decision.RETURNED, example__deleted_at__isnull=True, decided_at__date__lte=day
        )
        return self.with_people(returned.annotate(returned_on=TruncDate("decided_at")))

    def line(self, check, day):
        """Where to change it. What to change stands on the page, not in the mail."""
        page = reverse("practice:desk-example", args=[check.example.slug])
        what = _("It was sent back: the page says what to change")
        return _line(check, page=page, what=what, button=_("Change it"))


@register
class ExampleWaits(AboutExampleCheck):
    """An example waits for somebody of the Family Information Service to look at it."""

    name = "example-waits"
    label = gettext_lazy("A good practice example waits to be checked")
    anchors = {"sent_on": gettext_lazy("the day it was sent")}

    def things(self, day: date) -> QuerySet:
        """What was sent and is not decided."""
        return self.with_people(ExampleCheck.objects.sent().annotate(sent_on=TruncDate("sent_at")))

    def line(self, check, day):
        """Since when it waits."""
        what = _("Waits to be checked since %(day)s") % {"day": day_words(check.sent_at.date(), day)}
        return _line(check, page=reverse("practice:check", args=[check.pk]), what=what, button=_("Check it"))
