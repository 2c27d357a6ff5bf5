"""An event in the words of schema.org: one date, or a series with its next dates."""

from consultations.events.listing import EventListing
from consultations.events.models import Attendance
from consultations.events.recurrence import Occurrence
from core.linked_data import whole

_MODES = {
    Attendance.IN_PERSON: "https://schema.org/OfflineEventAttendanceMode",
    Attendance.ONLINE: "https://schema.org/OnlineEventAttendanceMode",
    Attendance.BOTH: "https://schema.org/MixedEventAttendanceMode",
}
SCHEDULED, RESCHEDULED, CANCELLED = (
    f"https://schema.org/Event{state}" for state in ("Scheduled", "Rescheduled", "Cancelled")
)


def facts_of(listing: EventListing) -> dict:
    """What search engines and assistants are told of an event that was read `for_page`."""
    event = listing.event
    address = whole(event.get_absolute_url())
    about = {
        "name": event.title,
        "description": event.summary,
        "url": address,
        "inLanguage": event.language,
        "eventAttendanceMode": _MODES.get(Attendance(event.attendance)),
        "isAccessibleForFree": True if not event.cost and event.cost_is_known else None,
        "maximumAttendeeCapacity": event.places,
        "audience": [{"@type": "Audience", "audienceType": label} for label in event.audience_labels],
        "about": list(event.topic_labels),
        "organizer": {
            "@type": "Organization",
            "name": event.organisation.name,
            "url": whole(event.organisation.get_absolute_url()),
        },
    }
    dates = [_date(listing, each) for each in listing.upcoming]
    if len(dates) == 1 and not event.is_regular:
        return {"@type": "Event", "@id": address} | about | dates[0]
    cancelled = {"eventStatus": CANCELLED} if event.cancelled_on else {}
    return (
        {
            "@type": "EventSeries" if event.is_regular or dates else "Event",
            "@id": address,
            "startDate": event.first_day,
            "endDate": event.until,
            "location": _places(event, event),
            "subEvent": [{"@type": "Event", "name": event.title, "url": address} | each for each in dates],
        }
        | about
        | cancelled
    )


def _date(listing: EventListing, occurrence: Occurrence) -> dict:
    status = CANCELLED if occurrence.is_cancelled else RESCHEDULED if occurrence.is_moved else SCHEDULED
    return {
        "startDate": occurrence.starts or occurrence.on,
        "endDate": occurrence.ends,
        "previousStartDate": occurrence.day if occurrence.is_moved and occurrence.day != occurrence.on else None,
        "eventStatus": status,
        "location": _places(listing.event, occurrence),
    }


def _places(event, where) -> list[dict]:
    """Where it takes place. `where` has the venue: the event, or one of its dates."""
    found = []
    if event.attendance != Attendance.ONLINE and where.venue:
        address = ", ".join(part for part in (where.address, where.postcode) if part)
        found.append({"@type": "Place", "name": where.venue, "address": address or where.venue})
    if event.attendance in (Attendance.ONLINE, Attendance.BOTH):
        url = event.online_url if event.online_url and not event.link_after_booking else ""
        found.append({"@type": "VirtualLocation", "url": url or whole(event.get_absolute_url())})
    return found
