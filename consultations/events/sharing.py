"""An event as it is passed on: on a poster, in a newsletter, in a text message."""

from django.utils.translation import gettext as _

from consultations.events.listing import EventListing, schedule_words
from consultations.sharing import help_on_poster
from core.sharing import LONG_TITLE, Pack


def pack_of(listing: EventListing) -> Pack:
    """What is said of an event that was read `for_page`: when and where above all."""
    event = listing.event
    when = schedule_words(event) if event.is_regular else listing.tag[1]
    on = not (listing.is_cancelled or listing.is_over)
    where = [*listing.address_lines] if listing.goes_somewhere else []
    if listing.is_online:
        where.append(_("Online") if not where else _("or online"))
    help_there = [f"{each['kind']}: {each['words']}" for each in listing.supports]
    facts = [
        (_("Where"), [", ".join(where)] if where else []),
        (_("How to get there"), [event.directions]),
        (_("Next dates"), [line.words for line in listing.lines_to_come if not line.change][:4]),
        (_("Cost"), [listing.cost_words]),
        (_("Booking"), [listing.booking_words]),
        (_("Help to take part"), help_there),
    ]
    if listing.can_ask_for_help and len(event.title) <= LONG_TITLE:
        facts.append(help_on_poster())
    facts += [(fact.question, fact.lines) for fact in listing.facts_rest if fact.question == _("Who to ask")]
    if not on:
        opening = _("Cancelled:") if listing.is_cancelled else _("It has been:")
        return Pack(title=event.title, path=event.get_absolute_url(), opening=opening, when="", summary="")
    return Pack(
        title=event.title,
        path=event.get_absolute_url(),
        opening=_("Come along:"),
        when=f"{when}. {', '.join(where)}" if where and when else when,
        summary=event.summary,
        phone=event.contact_phone,
        service=event.organisation.name,
        facts=[(question, kept) for question, lines in facts if (kept := [line for line in lines if line])],
    )
