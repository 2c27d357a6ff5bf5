"""A consultation as it is passed on: on a poster, in a newsletter, in a text message."""

from django.utils.translation import gettext as _

from consultations.listing import Listing
from consultations.models import Consultation
from consultations.stages import Stage
from core.sharing import LONG_TITLE, Pack


def pack_of(listing: Listing) -> Pack:
    """What is said of a consultation at its stage. The listing is of one that was read `for_page`."""
    c = listing.consultation
    open_or_soon = listing.stage in (Stage.OPEN, Stage.FORTHCOMING)
    opening = {Stage.OPEN: _("Have your say:"), Stage.RESPONDED: _("You asked, and they answered:")}
    facts = [(fact.question, fact.lines) for fact in listing.facts_before_ways[1:]]
    if listing.ways:
        facts.append((_("How to take part"), [f"{way.method.label}: {way.description}" for way in listing.ways]))
    if listing.can_ask_for_help and len(c.title) <= LONG_TITLE:
        facts.append(help_on_poster())
    facts += [(fact.question, fact.lines) for fact in listing.facts_after_ways if fact.question in _on_poster(c)]
    return Pack(
        title=c.title,
        path=c.get_absolute_url(),
        opening=opening.get(listing.stage, _("About:")),
        when="" if listing.stage == Stage.RESPONDED else listing.stage_words,
        summary=c.summary if open_or_soon else "",
        phone=c.contact_phone if open_or_soon else "",
        service=c.organisation.name,
        facts=facts if open_or_soon else [],
    )


def _on_poster(c: Consultation) -> tuple[str, ...]:
    """The questions below the ways to take part that a poster has room for: not what its head and foot say already."""
    there = (_("Who decides"), _("When you will hear"))
    return there if c.contact_phone else (*there, _("Who to ask"))


def help_on_poster() -> tuple[str, list[str]]:
    """That help to take part can be asked for, as a question and its answer."""
    return _("Need help to take part?"), [_("Ask for another format, an interpreter, childcare or help with costs.")]
