"""The key facts of a listing in a family's own language: a few labels, dates and phone numbers on one card."""

from dataclasses import dataclass
from datetime import date

from consultations.languages import Language
from consultations.models import SupportState
from consultations.stages import TIMELINE

INTERPRETER = "spoken_interpreter"


@dataclass(frozen=True)
class CardFact:
    """One line of the card: a label in the language, and what stands beside it."""

    label: str
    text: str
    in_english: bool = False  # names, and whatever somebody wrote
    url: str = ""  # tel: and mailto:


@dataclass(frozen=True)
class FactCard:
    """One card as its page shows it."""

    language: Language
    title: str  # as it was written
    url: str  # the whole page in English
    facts: list[CardFact]
    help: str  # whom to ring for help in the language; empty when there is no phone number


def consultation_card(consultation, language: Language, day: date) -> FactCard:
    """The card of a consultation on a day. Reads its organisation and its supports."""
    c = consultation
    say = language
    facts = [
        CardFact(say["what"], say["asks"]),
        CardFact(say["who"], c.organisation.name, in_english=True),
        CardFact(say["state"], say.stage(TIMELINE.of(c, day))),
    ]
    if c.opens_on and c.opens_on > day:
        facts.append(CardFact(say["opens"], say.day(c.opens_on)))
    if c.closes_on:
        facts.append(CardFact(say["closes"], say.day(c.closes_on)))
    elif c.is_standing:
        facts.append(CardFact(say["closes"], say["no_closing"]))
    if c.minutes_needed:
        facts.append(CardFact(say["time"], say["minutes"].format(minutes=c.minutes_needed)))
    facts += interpreter_facts(c.supports.all(), say, day)
    if c.response_due_on and not c.responded_on:
        facts.append(CardFact(say["answer_by"], say.day(c.response_due_on)))
    facts += contact_facts(say, name=c.contact_name, phone=c.contact_phone, email=c.contact_email)
    return FactCard(language, c.title, c.get_absolute_url(), facts, help_words(say, c.contact_phone))


def interpreter_facts(supports, say: Language, day: date) -> list[CardFact]:
    """Whether an interpreter is there, or by when to ask for one. Nothing once it is too late to ask."""
    for support in supports:
        if support.kind.key == INTERPRETER and support.state == SupportState.THERE:
            return [CardFact(say["interpreter"], say["interpreter_there"])]
        if support.kind.key == INTERPRETER and support.ask_by and support.ask_by >= day:
            by = say["interpreter_ask_by"].format(day=say.day(support.ask_by))
            return [CardFact(say["interpreter"], by)]
    return []


def contact_facts(say: Language, *, name: str, phone: str, email: str) -> list[CardFact]:
    """Whom to ask, and how; a phone dials by itself."""
    facts = [CardFact(say["ask_whom"], name, in_english=True)] if name else []
    if phone:
        facts.append(CardFact(say["phone"], phone, in_english=True, url=f"tel:{phone.replace(' ', '')}"))
    if email:
        facts.append(CardFact(say["email"], email, in_english=True, url=f"mailto:{email}"))
    return facts


def help_words(say: Language, phone: str) -> str:
    """Whom to ring for help in the language."""
    return say["help"].format(phone=phone) if phone else ""
