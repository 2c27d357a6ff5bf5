"""What is said of listings on their way to families: sent back, waiting for a check; and that a text has changed."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.notices import Chased, run_by_volunteers
from consultations.models import Consultation
from consultations.stages import Stage
from consultations.writing.models import Check, Correction, Decision
from core.dates import day_words
from notices.reasons import ForFamilies, Line, register


class AboutCheck(Chased):
    """Something asked about a listing that was sent to be checked."""

    ends = gettext_lazy("Reminders stop by themselves when it is done.")

    @staticmethod
    def with_people(checks: QuerySet) -> QuerySet:
        """The checks, with whoever sent each as the person to tell."""
        return checks.annotate(
            organisation_id=Coalesce("consultation__organisation", "event__organisation"),
            to_owner=Coalesce("sent_by__email", Value("")),
            owner_left=Value(False),
            to_deputy=Value(""),
            to_team=Value(""),
            volunteers=Case(
                When(consultation__isnull=False, then=run_by_volunteers("consultation__organisation")),
                default=run_by_volunteers("event__organisation"),
            ),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """What is said of each."""
        rows = Check.objects.filter(pk__in=ids).select_related("consultation__organisation", "event__organisation")
        return {row.pk: self.line(row, day) for row in rows.defer("consultation__search", "event__search")}

    def line(self, check: Check, day: date) -> Line:
        """What is said of one."""
        raise NotImplementedError


@register
class ListingReturned(AboutCheck):
    """A listing was sent back with what to change, and has not been sent again."""

    name = "listing-returned"
    label = gettext_lazy("A listing was sent back")
    anchors = {"returned_on": gettext_lazy("the day it was sent back")}

    def things(self, day: date) -> QuerySet:
        """The newest decision about each listing, where it was sent back and nothing was sent since."""
        newer = Check.objects.filter(
            Q(consultation=OuterRef("consultation")) | Q(event=OuterRef("event")), sent_at__gt=OuterRef("decided_at")
        )
        returned = Check.objects.filter(
            decision=Decision.RETURNED,
            consultation__deleted_at__isnull=True,
            event__deleted_at__isnull=True,
            decided_at__date__lte=day,
        ).exclude(Exists(newer))
        return self.with_people(returned.annotate(returned_on=TruncDate("decided_at")))

    def line(self, check, day):
        """Where to change it. What to change stands on the page, not in the mail."""
        name = "events:desk-event" if check.event_id else "consultations:desk-consultation"
        page = reverse(name, args=[check.record.slug])
        return Line(
            title=check.record.title,
            url=page,
            what=_("It was sent back: the page says what to change"),
            families="",
            button=_("Change it"),
            button_url=page,
            due_on=None,
            service=check.record.organisation.name,
        )


@register
class CheckWaits(AboutCheck):
    """A listing waits for somebody of the Family Information Service to look at it."""

    name = "check-waits"
    label = gettext_lazy("A listing waits to be checked")
    anchors = {"sent_on": gettext_lazy("the day it was sent")}

    def things(self, day: date) -> QuerySet:
        """What was sent and is not decided."""
        waiting = Check.objects.sent()
        return self.with_people(waiting.annotate(sent_on=TruncDate("sent_at")))

    def line(self, check, day):
        """Since when it waits."""
        page = reverse("consultations:check", args=[check.pk])
        sent = day_words(check.sent_at.date(), day) if check.sent_at else ""
        return Line(
            title=check.record.title,
            url=page,
            what=_("Waits to be checked since %(day)s") % {"day": sent},
            families="",
            button=_("Check it"),
            button_url=page,
            due_on=None,
            service=check.record.organisation.name,
        )


@register
class TextChanged(ForFamilies):
    """Something in the text of an open consultation has changed. Only the newest change of each, for two weeks."""

    name = "text-changed"
    label = gettext_lazy("News for families: a text has changed")
    anchors = {"changed_on": gettext_lazy("the day it was changed")}
    follows = "consultation"
    followed = "consultation_id"
    LASTS = timedelta(days=14)
    by_day_alone = True

    def things(self, day: date) -> QuerySet:
        """The newest corrections of what is open."""
        newer = Correction.objects.filter(consultation=OuterRef("consultation"), pk__gt=OuterRef("pk"))
        is_open = Consultation.objects.published().in_stage(Stage.OPEN, on=day)
        recent = Correction.objects.filter(~Exists(newer), changed_on__gt=day - self.LASTS, changed_on__lte=day)
        return self.without_staff(recent.filter(Exists(is_open.filter(pk=OuterRef("consultation")))))

    def followed_of(self, ids: Collection[int]) -> set[int]:
        """The consultations whose text it is."""
        return set(Correction.objects.filter(pk__in=ids).values_list("consultation", flat=True))

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """What changed, as families read it on the page."""
        rows = Correction.objects.filter(pk__in=ids).select_related("consultation__organisation")
        return {
            row.pk: Line(
                title=row.consultation.title,
                url=row.consultation.get_absolute_url(),
                what=row.text,
                families="",
                button=_("Read more"),
                button_url=row.consultation.get_absolute_url(),
                due_on=None,
                service=row.consultation.organisation.name,
            )
            for row in rows.defer("consultation__search")
        }
