"""What a report for boards says: gathered from every app, in sections of plain text and numbers, ready to be frozen.

Everything in it is public already but the words to the board. People are
counted only as families read it on the page of the answer, so a group of
fewer than 5 has no number here either, and none can be worked out (rule 9).
There is no score: services stand in the order of the alphabet.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.help.counts import help_asked
from consultations.models import Consultation, ParticipationLevel, RecordKind
from consultations.stages import Stage
from core.dates import long_day_words
from core.quarters import Quarter
from feedback import counts
from feedback.models import PROMISES, AnswerState, FeedbackEntry, Origin, Response
from feedback.parents.models import ParentCheck, Verdict
from feedback.parents.stages import can_be_checked
from feedback.stages import ANSWERS, PointStage
from standards.models import Adoption
from standards.stages import ADOPTIONS, AdoptionStage

DAY = timedelta(days=1)
MOST_TOPICS = 10
# A chart's bars, in its own units: the page makes it as wide as there is room.
BAR_STEP, LABEL_AT, BARS_WIDTH = 46, 15, 340
LABEL_LETTERS = 44


# --- What it says


def gather(quarter: Quarter, today: date) -> dict:
    """The report as it stands: up to the quarter's last day, or up to yesterday while it still runs."""
    until = min(quarter.ends_on, today - DAY)
    asked = Consultation.objects.published().filter(record=RecordKind.LIVE)
    return {
        "title": _("Report for boards: %(quarter)s") % {"quarter": quarter.words},
        "made_on": _("Worked out on %(day)s, for the days from %(first)s to %(last)s.")
        % {"day": long_day_words(today), "first": long_day_words(quarter.starts_on), "last": long_day_words(until)},
        "sections": [
            _opened_and_closed(asked, quarter.starts_on, until),
            _by_area(asked, quarter.starts_on, until),
            _levels(asked, quarter.starts_on, until),
            _on_time(asked, quarter.starts_on, until),
            _late(asked, until),
            _promises(quarter.starts_on, until),
            _parents(quarter.starts_on, until),
            *_help(quarter.starts_on, until),
            _told(quarter.starts_on, until),
            _standard(until),
            _topics(quarter.starts_on, until),
            _who_took_part(quarter.starts_on, until),
        ],
    }


def _section(
    key: str, title: str, words: Iterable[str], columns: Iterable[str] = (), rows: Iterable = (), bars: Iterable = ()
) -> dict:
    """One section, as it is kept: sentences, a table whose first column names the row, and what its chart shows."""
    return {
        "key": key,
        "title": title,
        "words": list(words),
        "columns": list(columns),
        "rows": [[cell if isinstance(cell, int) else str(cell) for cell in row] for row in rows],
        "bars": [[str(label), number] for label, number in bars],
    }


def _tally(rows: Iterable[tuple[str, str]]) -> list[list]:
    """(name, what) pairs as rows of a table: each name with how often it came with "opened" and with "closed"."""
    found = Counter(rows)
    names = sorted({name for name, _what in found}, key=str.casefold)
    return [[name, found[name, "opened"], found[name, "closed"]] for name in names]


def _opened(asked, first: date, last: date):
    return asked.filter(opens_on__range=(first, last))


def _closed(asked, first: date, last: date):
    return asked.filter(closes_on__range=(first, last)).exclude(withdrawn_on__lte=F("closes_on"))


def _opened_and_closed(asked, first: date, last: date) -> dict:
    rows = _tally(
        (name, what)
        for what, those in (("opened", _opened(asked, first, last)), ("closed", _closed(asked, first, last)))
        for name in those.order_by().values_list("organisation__name", flat=True)
    )
    opened, closed = (sum(row[column] for row in rows) for column in (1, 2))
    words = _("%(opened)d consultations opened and %(closed)d closed.") % {"opened": opened, "closed": closed}
    columns = (_("Service or organisation"), _("Opened"), _("Closed"))
    return _section("asked", _("What families were asked"), [words], columns, rows)


def _by_area(asked, first: date, last: date) -> dict:
    rows = _tally(
        (name or _("No area named"), what)
        for what, those in (("opened", _opened(asked, first, last)), ("closed", _closed(asked, first, last)))
        for name in those.order_by().values_list("areas__label", flat=True)
    )
    words = _("One that is about several areas is counted in each of them.")
    return _section("areas", _("Where"), [words], (_("Area"), _("Opened"), _("Closed")), rows)


def _levels(asked, first: date, last: date) -> dict:
    found = dict(_opened(asked, first, last).order_by().values_list("level").annotate(number=Count("pk")))
    rows = [(level.label, found.get(level.value, 0)) for level in ParticipationLevel]
    if found.get(""):
        rows.append((_("Not said"), found[""]))
    words = _("What was on offer in the consultations that opened. One is not better than another.")
    columns = (_("How much say families had"), _("Consultations"))
    return _section("levels", _("How much say families had"), [words], columns, rows, rows)


def _on_time(asked, first: date, last: date) -> dict:
    """Judged against the first date that families were given; one still owed counts once that day has gone by."""
    due = asked.filter(first_due_on__range=(first, last), responded_exactly=True).filter(
        Q(responded_on__isnull=False) | Q(withdrawn_on__isnull=True)
    )
    found = (
        due.order_by()
        .values_list("organisation__name")
        .annotate(due=Count("pk"), on_time=Count("pk", filter=Q(responded_on__lte=F("first_due_on"))))
    )
    rows = sorted((list(row) for row in found), key=_by_name)
    total, on_time = (sum(row[column] for row in rows) for column in (1, 2))
    words = (
        _("%(on_time)d of %(due)d answers that were due came by the day families were first told.")
        % {"on_time": on_time, "due": total}
        if total
        else _("No answer was due.")
    )
    columns = (_("Service or organisation"), _("Due"), _("On time"))
    return _section("on-time", _("Answers on time"), [words], columns, rows)


def _late(asked, until: date) -> dict:
    late = asked.in_stage(Stage.LATE, on=until).select_related("organisation").only(
        "title", "response_due_on", "organisation__name"
    )  # fmt: skip
    rows = [
        [each.organisation.name, each.title, long_day_words(each.response_due_on), (until - each.response_due_on).days]
        for each in late.order_by("organisation__name", "response_due_on", "pk")
    ]
    unpromised = asked.in_stage(Stage.AWAITING, on=until).filter(response_due_on__isnull=True).count()
    words = [
        ngettext("%(count)d answer was late on %(day)s.", "%(count)d answers were late on %(day)s.", len(rows))
        % {"count": len(rows), "day": long_day_words(until)}
    ]
    if unpromised:
        words.append(
            ngettext(
                "%(count)d more waits without a date, because its service has not promised one.",
                "%(count)d more wait without a date, because their services have not promised one.",
                unpromised,
            )
            % {"count": unpromised}
        )
    columns = (_("Service or organisation"), _("Consultation"), _("Was due"), _("Days late"))
    return _section("late", _("Answers that are late"), words, columns, rows)


def _promises(first: date, last: date) -> dict:
    """Promises and promised news as they stand now: the log keeps the newest answer to each point."""
    log = FeedbackEntry.objects.published().filter(origin=Origin.HUB, published_at__date__lte=last).order_by()
    kept = Q(answer__in=(AnswerState.DONE, AnswerState.PARTLY), done_on__range=(first, last))
    owed = Q(answer__in=PROMISES) | Q(answer=AnswerState.DECIDING)
    past = Q(answer__in=PROMISES, due_on__lt=last) | Q(answer=AnswerState.DECIDING, next_update_on__lt=last)
    found = log.values_list("organisation__name").annotate(
        kept=Count("pk", filter=kept), owed=Count("pk", filter=owed & ~past), past=Count("pk", filter=past)
    )
    rows = sorted((list(row) for row in found if any(row[1:])), key=_by_name)
    kept, owed, past = (sum(row[column] for row in rows) for column in (1, 2, 3))
    words = [
        _("%(kept)d points were done, or partly done. %(owed)d are promised. %(past)d are past their date.")
        % {"kept": kept, "owed": owed, "past": past},
        _("What is promised or past its date stands here as it was on the day the report was worked out."),
    ]
    columns = (_("Service or organisation"), _("Done or partly done"), _("Promised"), _("Past their date"))
    bars = ((_("Done or partly done"), kept), (_("Promised"), owed), (_("Past their date"), past))
    return _section("promises", _("Promises to families"), words, columns, rows, bars)


def _parents(first: date, last: date) -> dict:
    """What parents said in these days of promises that services call done: a forum, or parents who were asked."""
    told = ParentCheck.objects.told().filter(told_on__range=(first, last), entry__in=can_be_checked()).order_by()
    by_verdict = {each: Count("pk", filter=Q(verdict=each)) for each in Verdict.values}
    rows = sorted(map(list, told.values_list("entry__organisation__name").annotate(**by_verdict)), key=_by_name)
    yes, partly, no = (sum(row[column] for row in rows) for column in (1, 2, 3))
    words = [
        _("Parents were asked %(count)d times whether a promise was kept.") % {"count": yes + partly + no},
        _("Each is one look at one promise, by a forum or by a parent who was asked."),
    ]
    columns = (_("It happened"), _("Some of it happened"), _("It did not happen"))
    bars = zip(columns, (yes, partly, no), strict=True)
    title = _("What parents say of promises called done")
    if not rows:
        return _section("parents", title, [_("Nobody asked parents in these months whether a promise was kept.")])
    return _section("parents", title, words, (_("Service or organisation"), *columns), rows, bars)


def _by_name(row: list) -> str:
    return row[0].casefold()


def _help(first: date, until: date) -> Iterator[dict]:
    """Help to take part that families asked for in these days: by service and by kind, and no few people (rule 9)."""
    found = help_asked(first, until)
    columns = (_("Asked"), _("Met"), _("Met late"), _("Could not be met"), _("Still waiting"))
    yield _section(
        "help",
        _("Help to take part"),
        [found.words, *([_("Services with few requests stand together.")] if found.services else [])],
        (_("Service or organisation"), *columns),
        found.services,
    )
    if found.kinds:
        words = _("The same requests by what families needed.")
        yield _section("help-kinds", _("Kinds of help"), [words], (_("Kind of help"), *columns), found.kinds)


def _told(first: date, last: date) -> dict:
    """What families told us outside consultations, put before services in these months, and what became of it."""
    log = FeedbackEntry.objects.published().filter(owed_from__range=(first, last)).order_by()
    in_time = Q(answered_on__isnull=False) & (Q(answer_due_on=None) | Q(answered_on__lte=F("answer_due_on")))
    found = log.values_list("organisation__name").annotate(
        told=Count("pk"),
        answered=Count("pk", filter=Q(answered_on__isnull=False)),
        in_time=Count("pk", filter=in_time),
        late=Count("pk", filter=ANSWERS.within(PointStage.LATE, last)),
    )
    rows = sorted((list(row) for row in found), key=_by_name)
    told, answered, _in_time, late = (sum(row[column] for row in rows) for column in (1, 2, 3, 4))
    words = _("%(told)d points were put before services. %(answered)d are answered, and %(late)d are late.")
    columns = (_("Service or organisation"), _("Points"), _("Answered"), _("On time"), _("Late"))
    title = _("What families told us outside consultations")
    return _section("told", title, [words % {"told": told, "answered": answered, "late": late}], columns, rows)


def _standard(last: date) -> dict:
    """Who has adopted the standard, and whether their yearly check was up to date on the last day."""
    rows = Adoption.objects.standing().filter(adopted_on__lte=last).for_register()
    shown = [[each.organisation.name, AdoptionStage(ADOPTIONS.of(each, last)).label] for each in rows]
    title = _("Who has adopted the standard")
    if not shown:
        return _section("standard", title, [_("Nobody has adopted the standard.")])
    states = Counter(state for _name, state in shown)
    words = [f"{state}: {count}." for state, count in sorted(states.items())]
    return _section("standard", title, words, (_("Service or organisation"), _("How far")), shown)


def _topics(first: date, last: date) -> dict:
    log = FeedbackEntry.objects.published().filter(published_at__date__range=(first, last), topics__isnull=False)
    found = log.order_by().values_list("topics__label").annotate(points=Count("pk"))
    rows = [list(row) for row in found.order_by("-points", "topics__label")[:MOST_TOPICS]]
    words = _("Points in “You said, we did” by topic. One point can have several topics.")
    return _section("topics", _("What families talked about most"), [words], (_("Topic"), _("Points")), rows, rows)


def _who_took_part(first: date, last: date) -> dict:
    """As each answer tells families. A number from 1 to 4 was never kept."""
    answers = (
        Response.objects.published()
        .filter(consultation__responded_on__range=(first, last), consultation__responded_exactly=True)
        .select_related("consultation__organisation")
        .order_by("consultation__organisation__name", "consultation__responded_on", "pk")
    )
    rows, known = [], 0
    for each in answers:
        count = counts.Count(each.total, each.total_is_few)
        known += count.number or 0
        rows.append(
            [
                each.consultation.title,
                each.consultation.organisation.name,
                str(count) or _("Not said"),
                each.who or _("Not said"),
                each.missing or _("Not said"),
            ]
        )
    words = [
        ngettext("%(count)d answer came out.", "%(count)d answers came out.", len(rows)) % {"count": len(rows)},
    ]
    if known:
        words.append(
            _("Together they name %(people)s people or families. Groups of fewer than 5 are not in this number.")
            % {"people": f"{known:,}"}
        )
    columns = (
        *(_("Consultation"), _("Service or organisation"), _("How many took part"), _("Who they were")),
        _("Who we did not hear from, and what we will do about it"),
    )
    return _section("who", _("Who took part, and who did not"), words, columns, rows)


# --- How it is shown


@dataclass(frozen=True)
class Bar:
    """One bar of a chart, with where it stands."""

    label: str
    number: int
    label_at: int
    top: int
    width: int


@dataclass(frozen=True)
class Chart:
    """Bars one below the other, the longest as long as there is room."""

    bars: list[Bar]
    height: int
    words: str


def chart_of(section: dict) -> Chart | None:
    """The chart of a section, or None when there is nothing to compare."""
    bars = section["bars"]
    most = max((number for _label, number in bars), default=0)
    if len(bars) < 2 or not most:
        return None
    drawn = []
    for place, (label, number) in enumerate(bars):
        width = round(BARS_WIDTH * number / most)
        short = label if len(label) <= LABEL_LETTERS else f"{label[: LABEL_LETTERS - 1].rstrip()}…"
        label_at = place * BAR_STEP + LABEL_AT
        drawn.append(Bar(short, number, label_at, label_at + 6, width))
    words = ", ".join(f"{label}: {number}" for label, number in bars)
    return Chart(drawn, BAR_STEP * len(bars), words)


def shown(content: dict) -> list[dict]:
    """The sections as the page shows them: each with its chart, and each cell with its column's name."""
    return [
        section
        | {
            "chart": chart_of(section),
            "is_of_numbers": all(isinstance(cell, int) for row in section["rows"] for cell in row[1:]),
            "lines": [list(zip(section["columns"], row, strict=True)) for row in section["rows"]],
        }
        for section in content["sections"]
    ]


def table_of(content: dict) -> tuple[list[str], Iterable[list]]:
    """The whole report as one table, a line for each number or text: where it stands, whose it is, what it says."""
    header = [_("Section"), _("Row"), _("What"), _("Value")]
    return header, _lines(content)


def _lines(content: dict):
    for section in content["sections"]:
        for sentence in section["words"]:
            yield [section["title"], "", "", sentence]
        for row in section["rows"]:
            for column, cell in zip(section["columns"][1:], row[1:], strict=True):
                yield [section["title"], row[0], column, cell]
    if content.get("asks"):
        yield [_("What we ask the board to do"), "", "", content["asks"]]
