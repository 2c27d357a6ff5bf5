"""The key facts of an event in a family's own language."""

from consultations.cards import INTERPRETER, CardFact, FactCard, contact_facts, help_words
from consultations.events.listing import EventListing
from consultations.events.recurrence import Occurrence
from consultations.languages import Language
from consultations.models import SupportState

# So many of the next dates stand on a card.
DATES = 4


def event_card(listing: EventListing, language: Language) -> FactCard:
    """The card of an event that was read `for_page`."""
    event, say = listing.event, language
    facts = [
        CardFact(say["what"], say["event"]),
        CardFact(say["organiser"], event.organisation.name, in_english=True),
    ]
    if listing.is_cancelled:
        facts.append(CardFact(say["state"], say.stage("cancelled")))
    facts += [CardFact(say["when"], _when(each, say)) for each in listing.upcoming[:DATES] if not listing.is_cancelled]
    if listing.goes_somewhere:
        facts.append(CardFact(say["where"], ", ".join(listing.address_lines), in_english=True))
    if listing.is_online:
        facts.append(CardFact(say["where"], say["online"]))
    if event.cost:
        facts.append(CardFact(say["cost"], event.cost, in_english=True))
    elif event.cost_is_known:
        facts.append(CardFact(say["cost"], say["free"]))
    facts += _interpreter(listing, say)
    facts += contact_facts(say, name=event.contact_name, phone=event.contact_phone, email=event.contact_email)
    return FactCard(language, event.title, event.get_absolute_url(), facts, help_words(say, event.contact_phone))


def _when(occurrence: Occurrence, say: Language) -> str:
    """The day and its times in figures; that it is cancelled, where it is."""
    words = say.day(occurrence.on)
    if occurrence.is_cancelled:
        return f"{words}: {say.stage('cancelled')}"
    times = [f"{at:%H:%M}" for at in (occurrence.starts_at, occurrence.ends_at) if at]
    return f"{words}, {'–'.join(times)}" if times else words


def _interpreter(listing: EventListing, say: Language) -> list[CardFact]:
    for support in listing.event.supports.all():
        if support.kind.key != INTERPRETER or support.state == SupportState.NOT_AVAILABLE:
            continue
        if support.state == SupportState.THERE:
            return [CardFact(say["interpreter"], say["interpreter_there"])]
        if by := listing.ask_by(support):
            return [CardFact(say["interpreter"], say["interpreter_ask_by"].format(day=say.day(by)))]
    return []
