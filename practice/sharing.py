"""An example as it is passed on: on a poster, in a newsletter, in a text message."""

from django.utils.translation import gettext as _

from core.sharing import Pack
from practice.listing import Listing

# What a poster has room for, besides what changed for families.
ON_POSTER = ("action", "change")


def pack_of(listing: Listing) -> Pack:
    """What is said of an example that was read `for_page`: what changed for families above all."""
    example = listing.example
    facts = [
        (part.question, [part.text])
        for section in listing.sections
        if section.key in ON_POSTER
        for part in section.parts
    ]
    facts += [(_("Who to ask"), [", ".join(p for p in (example.contact_name, example.contact_phone) if p)])]
    return Pack(
        title=example.title,
        path=example.get_absolute_url(),
        opening=_("What worked elsewhere:") if example.is_found else _("What worked:"),
        when=listing.when_words,
        summary=example.changed_families,
        phone=example.contact_phone,
        service=example.organisation.name,
        facts=[(question, kept) for question, lines in facts if (kept := [line for line in lines if line])],
    )
