"""A consultation in the words of schema.org. The standard has no consultation: this is an announcement that expires."""

from consultations.listing import Listing
from consultations.models import ParticipationLevel
from core.linked_data import whole


def facts_of(listing: Listing) -> dict:
    """What search engines and assistants are told of a consultation that was read `for_page`."""
    c = listing.consultation
    return {
        "@type": "SpecialAnnouncement",
        "@id": whole(c.get_absolute_url()),
        "url": whole(c.get_absolute_url()),
        "name": c.title,
        "text": c.summary or c.title,
        "inLanguage": c.language,
        "datePosted": c.published_at,
        "dateModified": c.changed_at,
        "expires": c.closes_on,
        "temporalCoverage": f"{c.opens_on or '..'}/{c.closes_on or '..'}" if c.opens_on or c.closes_on else "",
        "spatialCoverage": [{"@type": "AdministrativeArea", "name": label} for label in c.area_labels],
        "audience": [{"@type": "Audience", "audienceType": label} for label in c.audience_labels],
        "about": list(c.topic_labels),
        "creativeWorkStatus": listing.stage_words,
        "keywords": ParticipationLevel(c.level).label if c.level else "",
        "publisher": {
            "@type": "GovernmentOrganization",
            "name": c.organisation.name,
            "url": whole(c.organisation.get_absolute_url()),
        },
    }
