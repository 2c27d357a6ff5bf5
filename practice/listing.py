"""An example in the words its page shows: where it stands, what it is about, what came of it, who else tried it."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.dates import day_words
from core.freshness import not_checked_words
from practice.models import ParentsSay, PracticeExample

# What came of trying it, as the colour of a tag that says it in words too.
WENT = {"worked": "answer-done", "partly": "answer-partly", "did_not": "answer-cannot"}


@dataclass(frozen=True)
class Part:
    """One question of the template, and what the example says to it."""

    question: str
    text: str


@dataclass(frozen=True)
class Section:
    """Some questions under one heading."""

    key: str
    heading: str
    parts: list[Part]


@dataclass(frozen=True)
class Listing:
    """An example that was read `for_page`, on a day."""

    example: PracticeExample
    today: date

    @property
    def when_words(self) -> str:
        """ "March to June 2025"; empty when not known."""
        example = self.example
        return " ".join(str(part) for part in (example.when_words, example.year) if part)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The box: questions with short answers."""
        example = self.example
        listed = [
            (_("When"), self.when_words or (_("Not known") if example.is_found else "")),
            (_("How much say families had"), example.get_level_display()),
            (_("How they listened"), _listed(example.method_labels, example.method_words)),
            (_("Help to take part"), _listed(example.support_labels, example.no_support_reason)),
            (_("About"), ", ".join(example.topic_labels)),
            (_("For"), ", ".join(example.audience_labels)),
            (_("Where"), _listed(example.area_labels, example.place)),
        ]
        return [(question, words) for question, words in listed if words]

    @property
    def sections(self) -> list[Section]:
        """Listening, action and change, and what whoever tries it needs to know; without what is not said."""
        example = self.example
        parents = example.parent_view
        if not example.is_found and example.parents_asked != ParentsSay.AGREED:
            parents = f"{example.get_parents_asked_display()}.\n\n{parents}".strip()
        elif example.parents_asked == ParentsSay.AGREED:
            parents = f"{_('They agree that it happened.')}\n\n{parents}"
        groups = (
            (
                "listening",
                _("Listening"),
                (
                    (_("What was the problem, and who raised it?"), example.issue),
                    (_("Who was involved, and how many?"), example.who),
                    (_("What did parents and carers say?"), example.parents_said),
                ),
            ),
            ("action", _("Action"), ((_("What did the service do?"), example.we_did),)),
            (
                "change",
                _("Change"),
                (
                    (_("For the service"), example.changed_service),
                    (_("For others"), example.changed_others),
                    (_("How do they know?"), example.impact_evidence),
                    (_("What do parents say about the change?"), parents),
                ),
            ),
            (
                "try",
                _("If you want to try it"),
                (
                    (_("What did it cost in money and time?"), example.cost),
                    (_("What was hard, or did not work?"), example.hard),
                ),
            ),
        )
        found = [
            Section(key, heading, [Part(question, text) for question, text in parts if text.strip()])
            for key, heading, parts in groups
        ]
        return [section for section in found if section.parts]

    @property
    def not_checked(self) -> str:
        """That nobody has checked it lately; empty while it counts as checked, or was never ours to check."""
        return "" if self.example.is_found else not_checked_words(self.example, self.today)

    @property
    def tries(self) -> list[dict]:
        """What other services say of trying it, the latest first."""
        return [
            {"tried": each, "day": day_words(each.tried_on, self.today), "colour": WENT[each.how_it_went]}
            for each in self.example.tries.all()
        ]


def tries_words(count: int | None) -> str:
    """ "Tried by 2 other services"; empty when nobody has."""
    if not count:
        return ""
    return ngettext("Tried by %(count)d other service", "Tried by %(count)d other services", count) % {"count": count}


def _listed(labels: list[str], words: str) -> str:
    return ". ".join(part for part in (", ".join(labels), words) if part)


@dataclass(frozen=True)
class Card:
    """An example in a list."""

    example: PracticeExample

    @property
    def facts(self) -> list[str]:
        """What tells it from its neighbours, in short."""
        example = self.example
        facts = [example.organisation.name, example.place, str(example.year or ""), example.get_level_display()]
        return [fact for fact in [*facts, tries_words(example.tries_count)] if fact]


def cards(examples) -> list[Card]:
    """Examples that were read `for_cards`, as cards."""
    return [Card(example) for example in examples]
