"""A check as it is read: the levels of the seven strands on a day, each statement with what shows it, the picture."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _

from standards.evidence import still_there
from standards.levels import IN_PLACE, ORDER, Said, levels_of, overall, still_counts, with_parents
from standards.models import ClaimAnswer, EvidenceKind, Judgement, Level, Rating, SelfCheck, Strand, WordsState

# The picture, in its own units: the page makes it as wide as there is room.
ROW, CELL, LABEL, GAP = 46, 92, 270, 6


@dataclass(frozen=True)
class Shown:
    """One thing that shows a statement, and whether it still counts."""

    kind: str
    title: str
    happened_on: date
    note: str = ""


@dataclass(frozen=True)
class ParentsSaid:
    """What one forum says of a claim."""

    forum: str
    answer: str
    agrees: str
    day: date
    words: str
    note: str


@dataclass(frozen=True)
class Statement:
    """One statement in a check, with what was said of it."""

    key: str
    level: Level
    text: str
    parent_check: str
    judgement: Judgement | None
    shown: list[Shown] = field(default_factory=list)
    is_shown: bool = False
    parents: list[ParentsSaid] = field(default_factory=list)

    @property
    def rating(self) -> Rating | None:
        """What was said, with what parents say of it; None for nothing yet."""
        if self.judgement is None:
            return None
        return with_parents(Rating(self.judgement.rating), (each.agrees for each in self.parents))

    @property
    def colour(self) -> str:
        """The colour of an answer that says as much (assets/scss)."""
        if self.rating is None:
            return "none"
        return {
            Rating.NOT_YET: "none",
            Rating.STARTED: "doing",
            Rating.IN_PLACE: "done",
            Rating.PARENTS_AGREE: "done",
            Rating.PARENTS_DISAGREE: "cannot",
            Rating.NOT_APPLICABLE: "passed_on",
        }[self.rating]

    @property
    def is_gap(self) -> bool:
        """Whether something is left to do about it."""
        return self.rating is not None and self.rating != Rating.NOT_APPLICABLE and not self.in_place

    @property
    def in_place(self) -> bool:
        """Whether it counts as in place."""
        return self.rating in IN_PLACE and self.is_shown


@dataclass(frozen=True)
class Cell:
    """One level of one strand in the picture."""

    level: Level
    in_place: int
    asked: int
    reached: bool

    @property
    def words(self) -> str:
        """ "1 of 2"; a dash where nothing is asked."""
        return f"{self.in_place} / {self.asked}" if self.asked else "–"


@dataclass(frozen=True)
class Row:
    """One strand: what is said of its statements, and how far it has got."""

    strand: Strand
    statements: list[Statement]
    level: Level | None
    cells: list[Cell]

    @property
    def level_words(self) -> str:
        """ "Normal for us"; before the first level: "Not there yet"."""
        return str(self.level.label) if self.level else _("Not there yet")


class Profile:
    """One check on a day. Evidence ages, so the same check can count for less a year on."""

    def __init__(self, check: SelfCheck, day: date):
        self.check, self.day = check, day

    @cached_property
    def _judgements(self) -> dict[int, Judgement]:
        rows = self.check.judgements.prefetch_related("evidence", "answers__forum")
        return {each.indicator_id: each for each in rows}

    @cached_property
    def _there(self) -> set[tuple[str, int]]:
        named = {
            (each.kind, each.record_id)
            for judgement in self._judgements.values()
            for each in judgement.evidence.all()
            if each.record_id is not None
        }
        return still_there(self.check.adoption.organisation, sorted(named))

    def _shown(self, judgement: Judgement | None) -> tuple[list[Shown], bool]:
        """What shows a statement, in words, and whether any of it still counts."""
        if judgement is None:
            return [], False
        shown, counts = [], False
        for each in judgement.evidence.all():
            note = ""
            if each.kind != EvidenceKind.NOTE and (each.kind, each.record_id) not in self._there:
                note = _("Not on the site any more, so it does not count")
            elif not still_counts(each.happened_on, self.day):
                note = _("Getting old: more than 24 months, so it does not count")
            else:
                counts = True
            shown.append(Shown(str(EvidenceKind(each.kind).label), each.title, each.happened_on, note))
        return shown, counts

    @cached_property
    def rows(self) -> list[Row]:
        """The seven strands, always all of them."""
        said: list[Said] = []
        statements: dict[int, list[Statement]] = {}
        for strand in self._strands:
            statements[strand.pk] = []
            for indicator in strand.indicators.all():
                if self.check.first_steps_only and indicator.level != Level.EMERGING:
                    continue
                judgement = self._judgements.get(indicator.pk)
                shown, counts = self._shown(judgement)
                statement = Statement(
                    indicator.key,
                    Level(indicator.level),
                    indicator.statement,
                    indicator.parent_check,
                    judgement,
                    shown,
                    counts,
                    [_said_by(each) for each in judgement.answers.all()] if judgement else [],
                )
                statements[strand.pk].append(statement)
                rating = statement.rating or Rating.NOT_YET
                said.append(Said(strand.key, statement.level, rating, counts))
        levels = levels_of(said, [strand.key for strand in self._strands])
        return [
            Row(strand, statements[strand.pk], levels[strand.key], _cells(statements[strand.pk], levels[strand.key]))
            for strand in self._strands
        ]

    @cached_property
    def _strands(self) -> list[Strand]:
        return list(Strand.objects.filter(standard=self.check.standard_id).prefetch_related("indicators"))

    @property
    def level(self) -> Level | None:
        """As far as the weakest of the seven."""
        return overall({row.strand.key: row.level for row in self.rows})

    @property
    def level_words(self) -> str:
        """The whole in words."""
        return str(self.level.label) if self.level else _("Not at “First steps” yet")

    @property
    def first_steps(self) -> str:
        """ "6 of 8 in place", of the statements of the first level that apply."""
        first = [each for row in self.rows for each in row.statements if each.level == Level.EMERGING]
        applies = [each for each in first if each.rating != Rating.NOT_APPLICABLE]
        done = sum(each.in_place for each in applies)
        return _("%(done)d of %(asked)d first steps in place") % {"done": done, "asked": len(applies)}

    @property
    def left(self) -> list[Statement]:
        """The statements of which nothing has been said yet."""
        return [each for row in self.rows for each in row.statements if each.judgement is None]

    @property
    def picture(self) -> dict:
        """What the drawing of seven strands by three levels needs."""
        rows = [
            {
                "title": row.strand.plain_title,
                "y": place * (ROW + GAP),
                "text_y": place * (ROW + GAP) + ROW // 2 + 6,
                "cells": [
                    {"x": LABEL + at * (CELL + GAP), "text_x": LABEL + at * (CELL + GAP) + CELL // 2, "cell": cell}
                    for at, cell in enumerate(row.cells)
                ],
            }
            for place, row in enumerate(self.rows)
        ]
        return {
            "rows": rows,
            "width": LABEL + len(ORDER) * (CELL + GAP),
            "height": len(rows) * (ROW + GAP),
            "cell": CELL,
            "row": ROW,
        }


def _said_by(answer: ClaimAnswer) -> ParentsSaid:
    """One answer as families read it. Its words only once a person has read them."""
    waits = answer.words_state == WordsState.WAITING
    return ParentsSaid(
        answer.forum.name,
        answer.get_agrees_display(),
        answer.agrees,
        answer.told_on,
        answer.words if answer.words_state == WordsState.SHOWN else "",
        _("Their words are being read before families see them.") if waits else "",
    )


def _cells(statements: list[Statement], level: Level | None) -> list[Cell]:
    """The three levels of a strand: how many statements there are in place, and whether the level is reached."""
    reached = -1 if level is None else ORDER.index(level)
    cells = []
    for place, each in enumerate(ORDER):
        asked = [said for said in statements if said.level == each and said.rating != Rating.NOT_APPLICABLE]
        cells.append(Cell(each, sum(said.in_place for said in asked), len(asked), bool(asked) and place <= reached))
    return cells
