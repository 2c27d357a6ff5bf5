"""What families are told of what they follow, before the answer: it is open, closes soon, or its dates changed.

And what services are asked: whether what families read of a consultation, or of how to reach a body, is still right.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from importlib import import_module

from django.conf import settings
from django.db.models import (
    BooleanField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Coalesce, Greatest, NullIf
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import VOLUNTEER_KINDS, Organisation
from accounts.notices import Chased, address_of, has_left, run_by_volunteers
from consultations.freshness import consultations_to_check, contacts_to_check
from consultations.models import Consultation, DateChange, RecordKind
from consultations.stages import Stage, stage_words
from core.dates import day_words
from notices.reasons import ForFamilies, Line, register

# Events, help to take part and writing have reasons of their own, in their own folders.
import_module("consultations.events.notices")
import_module("consultations.help.notices")
import_module("consultations.writing.notices")


def with_people(consultations: QuerySet) -> QuerySet:
    """The consultations with whom to tell about each."""
    return consultations.annotate(
        to_owner=address_of("owner"),
        owner_left=has_left("owner"),
        to_deputy=address_of("deputy"),
        to_team=Coalesce(NullIf("team_mailbox", Value("")), "organisation__mailbox"),
        volunteers=run_by_volunteers(),
    )


class ToCheck(Chased):
    """Something that families read and nobody has looked at for long. One press says that it is still right."""

    kind: str
    heading = gettext_lazy("Is it still right?")
    ends = gettext_lazy("These reminders stop once somebody says that it is still right, or changes it.")
    anchors = {"review_by": gettext_lazy("the day by which it is to be checked")}
    by_day_alone = True

    def line(self, record, *, title: str, service: str, owner_url: str, day: date) -> Line:
        """Since when nobody has looked at it, and the page with the one button."""
        since = record.checked_on
        what = _("Last checked on %(day)s") % {"day": day_words(since, day)} if since else _("Never checked")
        button_url = reverse("accounts:still-right", args=[self.kind, record.pk])
        return Line(
            title=title,
            # Its own, so that it is not taken for an answer that is owed about the same thing.
            url=button_url,
            what=what,
            families="",
            button=_("Say that it is still right, or change it"),
            button_url=button_url,
            due_on=None,
            service=service,
            owner_url=owner_url,
            sponsor_button=_("See it on the desk"),
        )


@register
class ListingToCheck(ToCheck):
    """The listing of a consultation that families can still act on. Answering, closing or stopping it ends this."""

    name = "check-listing"
    label = gettext_lazy("A listing is to be checked")
    kind = "consultation"

    def things(self, day: date) -> QuerySet:
        """The published ones that are ahead or open."""
        return with_people(consultations_to_check(day))

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Each with when it was last checked."""
        rows = Consultation.objects.filter(pk__in=ids).annotate(service=F("organisation__name")).defer("search")
        return {
            row.pk: self.line(
                row,
                title=row.title,
                service=row.service,
                owner_url=reverse("consultations:owner", args=[row.slug]),
                day=day,
            )
            for row in rows
        }


@register
class ContactToCheck(ToCheck):
    """How families reach a body: asked of those who lead it, once a year."""

    name = "check-contact"
    label = gettext_lazy("How families reach a body is to be checked")
    kind = "organisation"

    def things(self, day: date) -> QuerySet:
        """The bodies for which somebody acts here."""
        nobody = Value("")
        return contacts_to_check().annotate(
            to_owner=nobody,
            owner_left=Value(False, output_field=BooleanField()),
            to_deputy=nobody,
            to_team=F("mailbox"),
            organisation_id=F("pk"),
            volunteers=ExpressionWrapper(Q(kind__in=VOLUNTEER_KINDS), output_field=BooleanField()),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Each with when it was last checked."""
        return {
            row.pk: self.line(row, title=row.name, service="", owner_url="", day=day)
            for row in Organisation.objects.filter(pk__in=ids)
        }


class OfConsultation(ForFamilies):
    """News of a consultation for those who follow it, its organisation, or a filter that shows it."""

    follows = "consultation"
    by_day_alone = True

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """What is said of each, with its page."""
        rows = Consultation.objects.filter(pk__in=ids).annotate(service=F("organisation__name"))
        return {row.pk: self.line(row, self.what(row, day)) for row in rows.defer("search")}

    def what(self, consultation: Consultation, day: date) -> str:
        """The news."""
        raise NotImplementedError

    @staticmethod
    def line(consultation: Consultation, what: str) -> Line:
        """One line."""
        return Line(
            title=consultation.title,
            url=consultation.get_absolute_url(),
            what=what,
            families="",
            button=_("Read more"),
            button_url=consultation.get_absolute_url(),
            due_on=None,
            service=consultation.service,
        )


@register
class NewForYou(OfConsultation):
    """It is open: published after somebody began to follow, or opened since. For a month."""

    name = "new-for-you"
    label = gettext_lazy("News for families: something is open")
    anchors = {"opens_on": gettext_lazy("the day it opened")}
    happened_at = "came_up_at"
    LASTS = timedelta(days=30)

    def things(self, day: date) -> QuerySet:
        """What is open and came up in this month."""
        # Midnight in the UK.
        opened = Func(
            Value(settings.TIME_ZONE),
            F("opens_on"),
            template="timezone(%(expressions)s::timestamp)",
            output_field=DateTimeField(),
        )
        is_open = Consultation.objects.published().in_stage(Stage.OPEN, on=day).filter(record=RecordKind.LIVE)
        came_up = is_open.annotate(came_up_at=Greatest(F("published_at"), opened))
        return self.without_staff(came_up.filter(came_up_at__date__gt=day - self.LASTS))

    def what(self, consultation: Consultation, day: date) -> str:
        """Until when."""
        return stage_words(consultation, day)


@register
class ClosingSoon(OfConsultation):
    """It closes in three days. An e-mail once a week says it a week sooner, since the next one would be too late."""

    name = "closing-soon"
    label = gettext_lazy("News for families: something closes soon")
    anchors = {"closes_on": gettext_lazy("the day it closes")}
    foresees = True

    def things(self, day: date) -> QuerySet:
        """What is open and will close."""
        is_open = Consultation.objects.published().in_stage(Stage.OPEN, on=day).filter(record=RecordKind.LIVE)
        return self.without_staff(is_open.filter(closes_on__isnull=False))

    def what(self, consultation: Consultation, day: date) -> str:
        """In how many days."""
        closes = consultation.closes_on
        if closes is None or closes < day:
            return stage_words(consultation, day)
        days = (closes - day).days
        if days == 0:
            return _("It closes today")
        return ngettext("It closes tomorrow, %(day)s", "It closes in %(days)d days, on %(day)s", days) % {
            "days": days,
            "day": day_words(closes, day),
        }


@register
class DatesChanged(ForFamilies):
    """A date moved after families had seen it. Only the newest of each date of a consultation, for two weeks."""

    name = "dates-changed"
    label = gettext_lazy("News for families: a date has changed")
    anchors = {"changed_on": gettext_lazy("the day it was changed")}
    follows = "consultation"
    followed = "consultation_id"
    LASTS = timedelta(days=14)
    by_day_alone = True

    def things(self, day: date) -> QuerySet:
        """The newest changes of what is not over."""
        newer = DateChange.objects.filter(
            consultation=OuterRef("consultation"), which=OuterRef("which"), pk__gt=OuterRef("pk")
        )
        not_over = Consultation.objects.published().in_stage(
            Stage.FORTHCOMING, Stage.OPEN, Stage.AWAITING, Stage.LATE, on=day
        )
        recent = DateChange.objects.filter(~Exists(newer), changed_on__gt=day - self.LASTS, changed_on__lte=day)
        return self.without_staff(recent.filter(Exists(not_over.filter(pk=OuterRef("consultation")))))

    def followed_of(self, ids: Collection[int]) -> set[int]:
        """The consultations whose dates these are."""
        return set(DateChange.objects.filter(pk__in=ids).values_list("consultation", flat=True))

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Which date, what it was and what it is now."""
        rows = DateChange.objects.filter(pk__in=ids).select_related("consultation__organisation")
        found = {}
        for row in rows.defer("consultation__search"):
            row.consultation.service = row.consultation.organisation.name
            words = {
                "date": row.get_which_display(),
                "was": day_words(row.was, day),
                "now": day_words(row.now, day),
            }
            what = _("%(date)s: now %(now)s. It was %(was)s") % words
            found[row.pk] = OfConsultation.line(row.consultation, what)
        return found
