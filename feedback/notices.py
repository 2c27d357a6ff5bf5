"""What services are reminded of: answers and reports that are owed, and promises whose date comes or has gone by."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from importlib import import_module

from django.db.models import Case, DateField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.notices import Chased, address_of, has_left, run_by_volunteers
from consultations.listing import families_waiting
from consultations.models import Consultation
from consultations.notices import with_people
from consultations.stages import TIMELINE, Stage, days_report_late, report_words, stage_words
from core.dates import day_words
from feedback.models import AnswerState, FeedbackEntry, HoldingNote, Response
from feedback.stages import answer_words, owed_words, owing_points
from notices.reasons import ForFamilies, Line, register

# What families tell us, and what parents say of a promise, have folders of their own.
import_module("feedback.comments.notices")
import_module("feedback.parents.notices")

# What a message says of a consultation; it has long texts that no message needs.
_TOLD = ("title", "slug", "took_part", "next_report_on", *(begins.field for begins in TIMELINE.begins))


class AboutConsultation(Chased):
    """Something owed about one consultation, to the people who owe its answer."""

    by_day_alone = True

    with_people = staticmethod(with_people)

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """What is owed about each, how many families wait, and the form of the answer."""
        return {each.pk: self.line(each, day) for each in self.rows(ids)}

    def rows(self, ids: Sequence[int]) -> QuerySet:
        """The consultations, with what `line` says of them."""
        return Consultation.objects.filter(pk__in=ids).annotate(service=F("organisation__name")).only(*_TOLD)

    def line(self, consultation: Consultation, day: date, **facts) -> Line:
        """What is said of one. Without other facts: how late the answer is."""
        slug = consultation.slug
        said = {
            "what": _answer_words(consultation, day) if "what" not in facts else "",
            "button": _("Write the answer"),
            "button_url": reverse("feedback:answer", args=[slug]),
            "due_on": consultation.response_due_on,
            "families": families_waiting(consultation.took_part),
        }
        return Line(
            title=consultation.title,
            url=consultation.get_absolute_url(),
            service=consultation.service,
            owner_url=reverse("consultations:owner", args=[slug]),
            **said | facts,
        )


@register
class AnswerOwed(AboutConsultation):
    """An answer to a consultation: from the day after closing until it is published.

    Without a promise it has no due date, so its service is told once and not
    chased. Publishing, stopping, a moved date or taking a past record on
    changes what `owing` holds or the dates, and the reminders with it. The
    prompt to say what was heard ends once it has been said.
    """

    name = "answer-owed"
    label = gettext_lazy("An answer is owed")
    anchors = {
        "answer_owed_from": gettext_lazy("the day after it closed"),
        "unheard_since": gettext_lazy("the day it closed, if no note says what was heard"),
        "response_due_on": gettext_lazy("the day the answer is due"),
    }

    def things(self, day: date) -> QuerySet:
        """The published consultations that wait for their answer on the day."""
        heard = HoldingNote.objects.published().filter(heard_so_far__regex=r"\S").values("consultation")
        owing = Consultation.objects.owing(on=day).annotate(
            unheard_since=Case(
                When(Q(response_due_on__isnull=False) & ~Q(pk__in=heard), then=F("answer_owed_from") - Value(1)),
                output_field=DateField(),
            )
        )
        return self.with_people(owing)

    def line(self, consultation: Consultation, day: date, **facts) -> Line:
        """How late it is; one step asks for what was heard so far."""
        note = reverse("feedback:holding-note", args=[consultation.slug])
        forms = {"heard_prompt": (_("Say what you have heard so far"), f"{note}?heard=1")}
        return super().line(consultation, day, other_forms=forms, **facts)


@register
class NoteOwed(AboutConsultation):
    """The new date of a holding note: families were told to expect the answer by then.

    Only the latest note counts. It never stops the clock of the answer itself.
    """

    name = "note-owed"
    label = gettext_lazy("A new date that families were told")
    anchors = {"note_date": gettext_lazy("the new date in the holding note")}

    def things(self, day: date) -> QuerySet:
        """The consultations that wait for their answer and have a note."""
        notes = HoldingNote.objects.published()
        latest = notes.filter(consultation=OuterRef("pk")).values("new_date")[:1]
        owing = Consultation.objects.owing(on=day).filter(pk__in=notes.values("consultation"))
        return self.with_people(owing.annotate(note_date=Subquery(latest)))

    def rows(self, ids: Sequence[int]) -> QuerySet:
        """With the date of the latest note."""
        latest = HoldingNote.objects.published().filter(consultation=OuterRef("pk")).values("new_date")[:1]
        return super().rows(ids).annotate(note_date=Subquery(latest))

    def line(self, consultation: Consultation, day: date, **facts) -> Line:
        """Which day families were told, and whether it has passed."""
        by = consultation.note_date
        words = _note_words(by, day) if by else _("You told families a new date")
        return super().line(consultation, day, what=words, due_on=by)


@register
class AnswerPublished(AboutConsultation):
    """Thank you: the answer is out. How many families were told, or the question how many were.

    For two weeks after it was published: later than that, nobody is thanked out of the blue.
    """

    name = "answer-published"
    label = gettext_lazy("Thank you for an answer")
    owes = False
    anchors = {"responded_on": gettext_lazy("the day the answer was published")}
    LASTS = timedelta(days=14)

    def things(self, day: date) -> QuerySet:
        """The consultations answered in these two weeks, by an answer of ours."""
        recent = Consultation.objects.published().in_stage(Stage.RESPONDED, on=day)
        ours = Response.objects.published().values("consultation")
        return self.with_people(recent.filter(responded_on__gt=day - self.LASTS, pk__in=ours))

    def rows(self, ids: Sequence[int]) -> QuerySet:
        """With how many families the service told."""
        told = Response.objects.published().filter(consultation=OuterRef("pk")).values("told")[:1]
        return super().rows(ids).annotate(told=Subquery(told))

    def line(self, consultation: Consultation, day: date, **facts) -> Line:
        """How many families gave their views and have their answer, and how many were told."""
        return super().line(
            consultation,
            day,
            what=_thank_you_words(consultation.took_part, consultation.told),
            families="",
            due_on=None,
            button=_("See the page families see") if consultation.told is not None else _("Say how many you told"),
            button_url=(
                consultation.get_absolute_url()
                if consultation.told is not None
                else reverse("feedback:told", args=[consultation.slug])
            ),
        )


@register
class AnswerNews(AboutConsultation):
    """News for the families who follow a consultation: the answer is out. It goes at once, at any hour.

    For a month after it was published: a hub that stood still for longer says nothing out of the blue.
    """

    name = "answer-news"
    label = gettext_lazy("News for families: an answer is out")
    heading = gettext_lazy("You asked us to tell you")
    ends = gettext_lazy("This is the last e-mail about it, unless it changes.")
    anchors = {"responded_on": gettext_lazy("the day the answer was published")}
    chases = owes = False
    follows = "consultation"
    LASTS = timedelta(days=30)

    def things(self, day: date) -> QuerySet:
        """The consultations answered in this month."""
        recent = Consultation.objects.published().in_stage(Stage.RESPONDED, on=day)
        return self.with_people(recent.filter(responded_on__gt=day - self.LASTS))

    def line(self, consultation: Consultation, day: date, **facts) -> Line:
        """That the answer is out, and its page."""
        return super().line(
            consultation,
            day,
            what=_("The answer is out"),
            families="",
            due_on=None,
            button=_("Read the answer"),
            button_url=consultation.get_absolute_url(),
        )


@register
class PromiseOwed(Chased):
    """A promise in the log, or news promised where nothing was decided: before its date, and until it is kept.

    An entry found elsewhere promises nothing here and is never chased.
    """

    name = "promise-owed"
    label = gettext_lazy("A promise to families")
    anchors = {"promised_on": gettext_lazy("the day that was promised")}
    by_day_alone = True

    def things(self, day: date) -> QuerySet:
        """The published promises that are not kept yet."""
        return FeedbackEntry.objects.open_promises().annotate(
            promised_on=Case(
                When(answer=AnswerState.DECIDING, then=F("next_update_on")),
                default=F("due_on"),
                output_field=DateField(),
            ),
            to_owner=address_of("owner"),
            owner_left=has_left("owner"),
            to_deputy=Value(""),
            to_team=F("organisation__mailbox"),
            volunteers=run_by_volunteers(),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """How far past its date each is, how many families wait, and the form that updates it."""
        rows = FeedbackEntry.objects.filter(pk__in=ids).annotate(
            waiting=F("consultation__took_part"), service=F("organisation__name")
        )
        found = {}
        for each in rows.only("theme", "you_said", "answer", "due_on", "next_update_on"):
            by = each.next_update_on if each.answer == AnswerState.DECIDING else each.due_on
            found[each.pk] = Line(
                title=each.theme or each.you_said[:80],
                url=each.get_absolute_url(),
                what=_promise_words(by, day) if by else str(each.get_answer_display()),
                families=families_waiting(each.waiting),
                button=_("Update it"),
                button_url=reverse("feedback:promise", args=[each.pk]),
                due_on=by,
                service=each.service,
                owner_url=reverse("feedback:entry-owner", args=[each.pk]),
            )
        return found


@register
class PointOwed(Chased):
    """What families told us, put before a service: from that day until it has answered, like a consultation's answer.

    A service that promised nothing is told once. "Not decided" is chased by the
    day it promised besides, and ends nothing here.
    """

    name = "point-owed"
    label = gettext_lazy("What families told us waits for an answer")
    anchors = {
        "owed_from": gettext_lazy("the day its service was told"),
        "answer_due_on": gettext_lazy("the day the answer is due"),
    }
    by_day_alone = True

    def things(self, day: date) -> QuerySet:
        """The points in the log that wait for their answer."""
        return owing_points(day).annotate(
            to_owner=address_of("owner"),
            owner_left=has_left("owner"),
            to_deputy=Value(""),
            to_team=F("organisation__mailbox"),
            volunteers=run_by_volunteers(),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """How late each is, and the form of its answer. Its words as families read them, and no others."""
        rows = FeedbackEntry.objects.filter(pk__in=ids).annotate(service=F("organisation__name"))
        rows = rows.only("theme", "you_said", "answer", "owed_from", "answer_due_on", "answered_on")
        return {
            each.pk: Line(
                title=str(each),
                url=each.get_absolute_url(),
                what=owed_words(each, day),
                families="",
                button=_("Answer it"),
                button_url=reverse("feedback:promise", args=[each.pk]),
                due_on=each.answer_due_on,
                service=each.service,
                owner_url=reverse("feedback:entry-owner", args=[each.pk]),
            )
            for each in rows
        }


@register
class PromiseNews(ForFamilies):
    """A promise was kept, or has changed: for a month, to those who follow the consultation that it came of."""

    name = "promise-news"
    label = gettext_lazy("News for families: a promise was kept or changed")
    anchors = {"updated_on": gettext_lazy("the day families were told")}
    by_day_alone = True
    follows = "consultation"
    followed = "consultation_id"
    LASTS = timedelta(days=30)

    def things(self, day: date) -> QuerySet:
        """The points of answers that were updated in this month."""
        entries = FeedbackEntry.objects.published().filter(consultation__isnull=False)
        return self.without_staff(entries.filter(updated_on__gt=day - self.LASTS, updated_on__lte=day))

    def followed_of(self, ids: Collection[int]) -> set[int]:
        """The consultations that they came of."""
        return set(FeedbackEntry.objects.filter(pk__in=ids).values_list("consultation", flat=True))

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """What came of each point."""
        rows = FeedbackEntry.objects.filter(pk__in=ids, consultation__isnull=False)
        rows = rows.select_related("consultation", "organisation").defer("search", "consultation__search")
        return {
            row.pk: Line(
                title=row.consultation.title,
                url=row.consultation.get_absolute_url(),
                what=_("%(answer)s: %(point)s") % {"answer": answer_words(row, day), "point": str(row)},
                families="",
                button=_("Read what was done"),
                button_url=row.get_absolute_url(),
                due_on=None,
                service=row.organisation.name,
            )
            for row in rows
        }


def _answer_words(consultation, day: date) -> str:
    due = consultation.response_due_on
    if due is None or TIMELINE.of(consultation, day) != Stage.AWAITING:
        return stage_words(consultation, day)
    days = (due - day).days
    if days == 0:
        return _("Answer due today")
    return ngettext("Answer due tomorrow, %(day)s", "Answer due in %(days)d days, on %(day)s", days) % {
        "days": days,
        "day": day_words(due, day),
    }


def _note_words(by: date, day: date) -> str:
    days = (by - day).days
    words = {"days": abs(days), "day": day_words(by, day)}
    if days == 0:
        return _("You told families: by today")
    if days > 0:
        return (
            ngettext("You told families: by tomorrow, %(day)s", "You told families: by %(day)s, in %(days)d days", days)
            % words
        )
    return (
        ngettext(
            "You told families: by %(day)s. That was yesterday",
            "You told families: by %(day)s. That was %(days)d days ago",
            -days,
        )
        % words
    )


def _thank_you_words(took_part: int | None, told: int | None) -> str:
    """ "Families have their answer: 212 gave their views. You told 180." Never a number from 1 to 4."""
    words = _("Families have their answer. Thank you.")
    if took_part and took_part >= 5:
        words = _("The %(count)s families who gave their views have their answer. Thank you.") % {
            "count": f"{took_part:,}"
        }
    if told and told >= 5:
        words += " " + _("You told %(count)s families.") % {"count": f"{told:,}"}
    return words


def _promise_words(by: date, day: date) -> str:
    days = (by - day).days
    words = {"days": abs(days), "day": day_words(by, day)}
    if days == 0:
        return _("Promised for today")
    if days > 0:
        return ngettext("Promised for tomorrow, %(day)s", "Promised in %(days)d days, by %(day)s", days) % words
    return (
        ngettext(
            "Promise is %(days)d day past its date (%(day)s)", "Promise is %(days)d days past its date (%(day)s)", -days
        )
        % words
    )


@register
class ReportOwed(AboutConsultation):
    """The next report of a standing opportunity: before its day, and until it is out.

    Publishing one moves the day, and so ends these reminders and begins those
    of the next. A body that promised nothing has no day and is not chased.
    """

    name = "report-owed"
    label = gettext_lazy("A report is owed")
    anchors = {"next_report_on": gettext_lazy("the day the report is due")}

    def things(self, day: date) -> QuerySet:
        """The published standing opportunities whose body promised reports."""
        return self.with_people(Consultation.objects.owing_reports(on=day))

    def line(self, consultation: Consultation, day: date, **facts) -> Line:
        """When it is due or how late it is, how many families wait, and the form of the report."""
        late = days_report_late(consultation, day)
        return super().line(
            consultation,
            day,
            what=_report_words(consultation, day),
            families=families_waiting(consultation.took_part) if late else "",
            button=_("Write the report"),
            button_url=reverse("feedback:report", args=[consultation.slug]),
            due_on=consultation.next_report_on,
        )


def _report_words(consultation, day: date) -> str:
    due = consultation.next_report_on
    if due is None or due < day:
        return report_words(consultation, day) or _("No report is owed any more")
    days = (due - day).days
    if days == 0:
        return _("Report due today")
    return ngettext("Report due tomorrow, %(day)s", "Report due in %(days)d days, on %(day)s", days) % {
        "days": days,
        "day": day_words(due, day),
    }
