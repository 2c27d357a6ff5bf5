"""A consultation in the words its card and its page show. Templates read these and decide nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.models import Consultation, Outcome, ParticipationLevel, RecordKind, SupportState
from consultations.stages import (
    REPORTS,
    TIMELINE,
    ReportStage,
    Stage,
    closes_soon,
    days_late,
    days_report_late,
    report_words,
    stage_words,
)
from core.dates import day_words, short_day_words, time_words
from core.freshness import not_checked_words
from core.panels import Panel, gather


@dataclass(frozen=True)
class Card:
    """One consultation in a list: its stage in words and colour, and the few facts that help to choose."""

    consultation: Consultation
    stage: Stage
    colour: str
    words: str
    facts: list[str]
    panels: dict[str, Panel]
    report: str = ""  # of a standing opportunity: its newest report, or how late the next one is


def cards(consultations, today: date) -> list[Card]:
    """Cards for a list of consultations, with what upper floors add to each (one call for all)."""
    rows = list(consultations)
    # Nothing has come yet of what has not closed, so nothing is asked about it. What stays open has reports.
    over = [row.pk for row in rows if TIMELINE.of(row, today) not in (Stage.OPEN, Stage.FORTHCOMING)]
    standing = [row.pk for row in rows if row.is_standing and row.pk not in over]
    panels = gather("consultation-card", over, today) | gather("standing-card", standing, today)
    return [_card(row, today, panels.get(row.pk, {})) for row in rows]


def _card(consultation: Consultation, today: date, panels: dict[str, Panel]) -> Card:
    stage = Stage(TIMELINE.of(consultation, today))
    points = panels.get("points")
    facts = [consultation.organisation.name]
    report = ""
    if stage in (Stage.OPEN, Stage.FORTHCOMING):
        if consultation.minutes_needed:
            facts.append(minutes_words(consultation.minutes_needed))
        facts += [_("%(format)s ready") % {"format": label} for label in consultation.card_formats]
        if report := _report_on_card(consultation, today, panels):
            facts.append(report)
    elif stage == Stage.WITHDRAWN:
        facts.append(_("Stopped %(day)s") % {"day": short_day_words(consultation.withdrawn_on, today)})
    elif consultation.closes_on:
        facts.append(_("Closed %(day)s") % {"day": short_day_words(consultation.closes_on, today)})
    return Card(
        consultation,
        stage,
        colour(consultation, stage, today),
        points.content if points else stage_words(consultation, today),
        facts,
        panels,
        report,
    )


def _report_on_card(consultation: Consultation, today: date, panels: dict[str, Panel]) -> str:
    """How late the report of a standing opportunity is, else when the newest one came; empty for all others."""
    if days_report_late(consultation, today):
        return report_words(consultation, today)
    return panels["report"].content if "report" in panels else ""


def colour(consultation: Consultation, stage: Stage, today: date) -> str:
    """The name of the stage's colour; an open one with a week left or less has its own."""
    return "closing" if stage == Stage.OPEN and closes_soon(consultation, today) else stage.value


def minutes_words(minutes: int) -> str:
    """How long it takes, in words."""
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


@dataclass(frozen=True)
class Fact:
    """One line of the box: a question a parent has, and the answer. Lines are shown one below the other."""

    question: str
    lines: list[str]
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """One day of a consultation's timeline: a date of its own, or a date of an event that belongs to it."""

    on: date
    day_words: str
    title: str
    url: str = ""
    words: str = ""
    change: str = ""
    reason: str = ""
    is_off: bool = False
    is_ahead: bool = False


@dataclass(frozen=True)
class Ask:
    """Whom families can ask about an answer or a report that is owed: a role or team, and how to reach it."""

    who: str
    phone: str
    email: str


@dataclass
class Listing:
    """A consultation as its own page shows it on a day."""

    consultation: Consultation
    today: date

    @cached_property
    def stage(self) -> Stage:
        """Its stage."""
        return Stage(TIMELINE.of(self.consultation, self.today))

    @property
    def stage_words(self) -> str:
        """Its stage in words."""
        return stage_words(self.consultation, self.today)

    @property
    def colour(self) -> str:
        """The name of its stage's colour."""
        return colour(self.consultation, self.stage, self.today)

    @property
    def not_checked_words(self) -> str:
        """Since when nobody has checked it, where families can still act on it; empty while it counts as checked."""
        if self.consultation.is_past_record or self.stage not in (Stage.FORTHCOMING, Stage.OPEN):
            return ""
        return not_checked_words(self.consultation, self.today)

    @property
    def can_take_part(self) -> bool:
        """Whether families can give their views now."""
        return self.stage == Stage.OPEN

    @property
    def can_ask_for_help(self) -> bool:
        """Whether families can ask for help to take part: it is listed here, and open or to come."""
        return not self.consultation.is_past_record and self.stage in (Stage.OPEN, Stage.FORTHCOMING)

    @property
    def has_closed(self) -> bool:
        """Whether its last day has gone by."""
        return self.stage not in (Stage.OPEN, Stage.FORTHCOMING, Stage.WITHDRAWN)

    # The box: every question a parent has, answered in order

    @property
    def facts_before_ways(self) -> list[Fact]:
        """What, who for and how long: the lines above the ways to take part."""
        c = self.consultation
        return _that_say_something(
            Fact(_("What"), [c.summary]),
            Fact(_("Who for"), [", ".join(c.audience_labels)]),
            Fact(_("Where"), [", ".join(c.area_labels)]),
            Fact(_("How long it takes"), [self._minutes()]),
        )

    @property
    def facts_after_ways(self) -> list[Fact]:
        """Until when, how much say, who decides, what happens next and when families will hear."""
        c = self.consultation
        return _that_say_something(
            self._when(),
            Fact(_("How much say you have"), [self.level_words], self.level_name),
            Fact(_("Who took part"), [self.took_part_words]),
            Fact(_("Who decides"), [self._decides()]),
            Fact(_("What happens next"), ["" if self.stage == Stage.RESPONDED else c.what_next]),
            Fact(_("When you will hear"), [self.hear_words]),
            Fact(_("Who to ask"), self.contact_lines),
        )

    @property
    def level_words(self) -> str:
        """How much say families have, in their words."""
        level = self.consultation.level
        return ParticipationLevel(level).label if level else ""

    @property
    def level_name(self) -> str:
        """The field's own word for the level, beside the plain one."""
        return self.consultation.level.replace("_", "-") if self.consultation.level else ""

    def _when(self) -> Fact:
        c = self.consultation
        if c.opens_on is None and c.closes_on is None:
            return Fact(_("When"), [_("Planned for %(season)s") % {"season": c.planned_for} if c.planned_for else ""])
        if c.closes_on is None:
            return Fact(_("When"), [_("Since %(day)s. No closing date.") % {"day": day_words(c.opens_on, self.today)}])
        question = _("It was open") if self.has_closed else _("Open")
        closes_words = day_words(c.closes_on, self.today)
        if c.closes_at or not self.has_closed:
            at = time_words(c.closes_at) if c.closes_at else "11:59pm"
            closes_words = _("%(time)s, %(day)s") % {"time": at, "day": closes_words}
        if c.opens_on is None:
            return Fact(
                question,
                [_("Until %(day)s") % {"day": closes_words}, _("We do not know which day it opened.")],
            )
        return Fact(
            question,
            [_("%(opens)s to %(closes)s") % {"opens": day_words(c.opens_on, self.today), "closes": closes_words}],
        )

    def _minutes(self) -> str:
        minutes = self.consultation.minutes_needed
        return _("About %(minutes)s") % {"minutes": minutes_words(minutes)} if minutes and not self.has_closed else ""

    @property
    def ways(self) -> list:
        """The ways to take part, while families can."""
        return list(self.consultation.ways.all()) if self.can_take_part or self.stage == Stage.FORTHCOMING else []

    @property
    def first_link(self):
        """The way to take part that is one press away; None when there is none now."""
        return next((way for way in self.ways if way.url), None) if self.can_take_part else None

    def _decides(self) -> str:
        c = self.consultation
        if not c.decided_by:
            return ""
        if c.decision_on:
            return _("%(who)s, on %(day)s") % {"who": c.decided_by, "day": day_words(c.decision_on, self.today)}
        return f"{c.decided_by}, {c.decision_when}" if c.decision_when else c.decided_by

    @property
    def hear_words(self) -> str:
        """When families will hear: always something, even that nothing was promised."""
        c = self.consultation
        if self.stage == Stage.RESPONDED:
            words = short_day_words(c.responded_on, self.today)
            if c.responded_exactly:
                return _("Answered on %(day)s") % {"day": words}
            return _("Answered by %(day)s. We do not know the exact day.") % {"day": words}
        if self.stage == Stage.WITHDRAWN:
            return _("It was stopped. This page says why, and what happens to the views already given.")
        if c.response_due_on:
            due = day_words(c.response_due_on, self.today)
            return _("%(service)s promised an answer by %(day)s") % {"service": c.organisation.name, "day": due}
        if c.is_past_record:
            return self.outcome_words
        if not c.owes_an_answer:
            return _("This tells you what will happen. It does not ask for views, so no answer is owed.")
        if c.is_standing:
            return self._next_report()
        if c.closes_on is None:
            return _("The date is set when the dates of the consultation are.")
        return _("%(service)s has not promised a date for its answer.") % {"service": c.organisation.name}

    def _next_report(self) -> str:
        c = self.consultation
        if c.next_report_on is None:
            if not c.is_published:
                return _("The day of the first report is set when families can see this.")
            return _("%(service)s has not promised a day for its reports.") % {"service": c.organisation.name}
        day = day_words(c.next_report_on, self.today)
        if self.report_is_late:
            return _("%(service)s promised a report by %(day)s") % {"service": c.organisation.name, "day": day}
        return _("Next report to families by %(day)s") % {"day": day}

    @property
    def outcome_words(self) -> str:
        """What is known of the answer to a past record."""
        c = self.consultation
        if self.stage == Stage.RESPONDED and c.outcome != Outcome.FOUND:
            return ""  # the answer is here, so where else we looked is past
        if c.outcome == Outcome.NOT_FOUND and c.outcome_looked_on:
            return _("We looked for an answer on %(day)s and did not find one.") % {
                "day": short_day_words(c.outcome_looked_on, self.today)
            }
        if c.outcome == Outcome.FOUND:
            return _("An answer was published elsewhere.")
        return _("We have not looked for an answer yet.")

    @property
    def contact_lines(self) -> list[str]:
        """Role or team, and phone. The e-mail address is a link of its own."""
        c = self.consultation
        return [c.contact_name, c.contact_phone]

    @property
    def ask(self) -> Ask:
        """Whom to ask while an answer is owed. A past record lists nobody: then its owner's role or the body."""
        c = self.consultation
        owner = c.owner if c.owner and c.owner.ended_on is None else None
        who = c.contact_name or (owner.public_name if owner else c.organisation.name)
        phone = c.contact_phone or ("" if c.contact_email else c.organisation.phone)
        return Ask(who, phone, c.contact_email)

    # Late

    @property
    def late_title(self) -> str:
        """How late the answer is."""
        days = days_late(self.consultation, self.today)
        return ngettext("The answer is %(days)d day late.", "The answer is %(days)d days late.", days) % {"days": days}

    @property
    def late_promise(self) -> str:
        """Which service promised what."""
        c = self.consultation
        due = short_day_words(c.response_due_on, self.today)
        return _("%(service)s promised it by %(day)s.") % {"service": c.organisation.name, "day": due}

    @property
    def was_due_first(self) -> str:
        """The first date that was published, when the due date has moved since."""
        c = self.consultation
        if c.first_due_on and c.response_due_on and c.first_due_on != c.response_due_on:
            return _("The first date published was %(day)s.") % {"day": day_words(c.first_due_on, self.today)}
        return ""

    # Reports, where it stays open

    @property
    def report_is_late(self) -> bool:
        """Whether the day of its next report has gone by without one."""
        return REPORTS.of(self.consultation, self.today) == ReportStage.LATE

    @property
    def late_report_title(self) -> str:
        """How late the report is."""
        days = days_report_late(self.consultation, self.today)
        return ngettext("The report is %(days)d day late.", "The report is %(days)d days late.", days) % {"days": days}

    @property
    def late_report_promise(self) -> str:
        """Which service promised it for when, and how many families wait."""
        c = self.consultation
        due = short_day_words(c.next_report_on, self.today)
        promised = _("%(service)s promised it by %(day)s.") % {"service": c.organisation.name, "day": due}
        return " ".join(words for words in (promised, families_waiting(c.took_part)) if words)

    @property
    def no_report_words(self) -> str:
        """That nothing was reported yet, where families can take part and expect it; else nothing."""
        c = self.consultation
        if not (self.can_take_part and c.owes_reports):
            return ""
        if c.next_report_on is None or self.report_is_late:
            return _("There is no report yet.")
        return _("There is no report yet. The first one comes by %(day)s.") % {
            "day": day_words(c.next_report_on, self.today)
        }

    # What surrounds it

    @property
    def supports(self) -> list[dict]:
        """Help to take part: each kind, and whether it is there."""
        return [
            {"kind": support.kind.label, "state": support.state, "words": self._support_words(support)}
            for support in self.consultation.supports.all()
        ]

    def _support_words(self, support) -> str:
        if support.state == SupportState.ON_REQUEST and support.ask_by < self.today:
            return _("You had to ask by %(day)s") % {"day": day_words(support.ask_by, self.today)}
        if support.state == SupportState.ON_REQUEST:
            return _("Ask by %(day)s") % {"day": day_words(support.ask_by, self.today)}
        return str(support.get_state_display())

    @property
    def plans(self) -> list[dict]:
        """The published plans that it belongs to, each with its page."""
        return _pages(self.consultation.plan_links, "plan:umbrella")

    @property
    def related(self) -> list[dict]:
        """The published consultations that belong with it, each with its page."""
        return _pages(self.consultation.related_links, "consultations:detail")

    @property
    def documents(self) -> list[dict]:
        """Papers, with what a click will bring (format, type, size, pages), and whom to ask for another format."""
        return [
            {"document": each, "facts": document_facts(each), "ask": ask_for_formats(each, self.consultation)}
            for each in self.consultation.documents.all()
        ]

    @property
    def date_changes(self) -> list[dict]:
        """Dates that moved: old and new side by side, and why."""
        return [
            {
                "name": change.get_which_display(),
                "was": day_words(change.was, self.today),
                "now": day_words(change.now, self.today),
                "reason": change.reason,
            }
            for change in self.consultation.date_changes.all()
        ]

    @cached_property
    def corrections(self) -> list[dict]:
        """What was changed in the text while it was open, the newest first."""
        rows = self.consultation.correction_rows
        return [{"on": day_words(date.fromisoformat(row["on"]), self.today), "text": row["text"]} for row in rows]

    def timeline(self, events: Sequence[Entry]) -> list[Entry]:
        """Its own dates and those of its events, in order; empty when it has no events, as the box says its dates."""
        if not events:
            return []
        c = self.consultation
        own = (
            (c.opens_on, _("It opens"), _("It opened")),
            (c.closes_on, _("Last day to take part"), _("It closed")),
            (c.decision_on, _("The decision is expected"), _("The decision was expected")),
            (None if c.responded_on else c.response_due_on, _("The answer is due"), _("The answer was due")),
            (c.responded_on, _("The answer comes out"), _("The answer came out")),
            (c.withdrawn_on, _("It is stopped"), _("It was stopped")),
        )
        entries = [
            Entry(on, day_words(on, self.today), ahead if on >= self.today else over, is_ahead=on >= self.today)
            for on, ahead, over in own
            if on
        ]
        return sorted([*entries, *events], key=lambda each: (each.on, each.url, each.title))

    @property
    def families_waiting(self) -> str:
        """How many families gave their views and wait: "212 families are waiting", nothing below 5."""
        waits = self.stage in (Stage.AWAITING, Stage.LATE)
        return families_waiting(self.consultation.took_part) if waits else ""

    @property
    def took_part_words(self) -> str:
        """How many took part where nothing else on the page says it, never a number from 1 to 4 (DESIGN rule 9)."""
        c = self.consultation
        nobody_else_says = (c.is_past_record and not self.is_taken_on) or self.stage in (Stage.CLOSED, Stage.WITHDRAWN)
        if not nobody_else_says:
            return ""
        if c.took_part_is_few:
            return _("Fewer than 5 families took part.")
        return _("%(count)s families took part.") % {"count": f"{c.took_part:,}"} if c.took_part else ""

    @property
    def is_taken_on(self) -> bool:
        """Whether a service took this past record on, and owes an answer from that day."""
        return self.consultation.record == RecordKind.PAST and self.consultation.taken_on_on is not None


def _pages(links: Sequence[str], name: str) -> list[dict]:
    """Titles and addresses, of what `ConsultationQuerySet.for_page` read as one text each."""
    pairs = (each.partition(" ") for each in links)
    return [{"title": title, "url": reverse(name, args=[slug])} for slug, _space, title in pairs]


def families_waiting(count: int | None) -> str:
    """How many families wait, in words; nothing for a number that is not known or could point at somebody."""
    return _("%(count)s families are waiting.") % {"count": f"{count:,}"} if count and count >= 5 else ""


def _that_say_something(*facts: Fact) -> list[Fact]:
    return [replace(fact, lines=lines) for fact in facts if (lines := [line for line in fact.lines if line])]


def document_facts(document) -> str:
    """What a document is, in brackets after its name: "Easy read, PDF, 240 kB, 6 pages"."""
    facts = [document.format.label]
    if document.language:
        facts.append(document.language)
    if document.file_type:
        facts.append(document.file_type.upper())
    if document.size_kb:
        facts.append(f"{document.size_kb / 1024:.1f} MB" if document.size_kb >= 1024 else f"{document.size_kb} kB")
    if document.pages:
        facts.append(ngettext("%(count)d page", "%(count)d pages", document.pages) % {"count": document.pages})
    return ", ".join(facts)


def ask_for_formats(document, consultation) -> str:
    """Whom to ask for a document in another format or language: its own contact, or the consultation's."""
    own = (consultation.contact_name, consultation.contact_phone or consultation.contact_email)
    return document.other_formats or (", ".join(filter(None, own)) if own[1] else "")
