"""A toolkit or link as it is passed on: in a newsletter, in a text message, on a poster."""

from django.utils.translation import gettext as _

from core.sharing import Pack
from practice.resources.listing import ResourceListing


def pack_of(listing: ResourceListing) -> Pack:
    """What is said of one that was read `for_cards`. It leads to its page here, which says whether the link works."""
    resource = listing.resource
    facts = [(fact.question, [fact.words]) for fact in listing.box]
    return Pack(
        title=resource.title,
        path=resource.get_absolute_url(),
        opening=_("Worth a look:"),
        when=_("By %(publisher)s") % {"publisher": resource.publisher},
        summary=resource.summary,
        facts=facts,
    )
