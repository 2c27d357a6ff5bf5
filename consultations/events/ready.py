""" "Ready to meet?": what the hub can check of an event before families see it. It stops nobody."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from consultations.events.forms import PARTS, Part
from consultations.events.models import Attendance, Booking, Event, Repeats
from consultations.events.recurrence import Terms
from consultations.models import SupportState
from consultations.writing.ready import READING_AGE, Finding, reading_age, unexplained
from core.models import PreElectionPeriod, SchoolTerm


@dataclass(frozen=True)
class Question:
    """One thing that families ask of an event, and whether it answers it."""

    label: str
    step: str  # the page of writing it that settles it
    finding: Finding


def ready(event: Event, day: date) -> list[Question]:
    """Each question, with what the hub found. Three queries."""
    return [
        Question(_("Parents can read what happens there."), "what", _plain(event)),
        Question(_("It says when it begins."), "when", _begins(event)),
        Question(_("It does not begin just before an election."), "when", _elections(event)),
        Question(_("It is clear whether it meets in school holidays."), "when", _holidays(event)),
        Question(_("People find the way there."), "where", _way_there(event)),
        Question(_("People without internet can come."), "booking", _offline(event)),
        Question(_("There is help to take part."), "help", _help(event)),
        Question(_("Somebody answers questions."), "ask", _asked(event)),
    ]


def _plain(event: Event) -> Finding:
    problems = []
    age = reading_age(event.summary)
    if age > READING_AGE:
        words = _("It reads like a text for people of %(age)d. Use shorter sentences and words.")
        problems.append(words % {"age": age})
    unknown = unexplained(f"{event.title}. {event.summary}")
    if unknown:
        problems.append(_("Explain these initials, or leave them out: %(list)s.") % {"list": ", ".join(unknown)})
    return Finding(not problems, " ".join(problems) or _("Most people of %(age)d can read it.") % {"age": max(age, 7)})


def _begins(event: Event) -> Finding:
    fine = event.starts_at is not None
    return Finding(fine, _("It does.") if fine else _("Enter the time at which it starts."))


def _elections(event: Event) -> Finding:
    first = event.first_day
    period = PreElectionPeriod.objects.filter(starts_on__lte=first, ends_on__gte=first).first()
    if period is None:
        return Finding(True, _("No election is near."))
    return Finding(False, _("It begins in the weeks before an election: %(name)s.") % {"name": period.name})


def _holidays(event: Event) -> Finding:
    if event.term_time_only:
        return Finding(True, _("It meets in school terms only, and its page says so."))
    terms = Terms(SchoolTerm.objects.all())
    if not terms.know(event.first_day):
        return Finding(True, _("School terms are not set for its first date."))
    if terms.hold(event.first_day):
        return Finding(True, _("Its first date is on a school day."))
    words = _("Its first date is in school holidays. Can the families you want come then?")
    return Finding(event.repeats != Repeats.ONCE, words)


def _way_there(event: Event) -> Finding:
    if event.attendance == Attendance.ONLINE:
        fine = bool(event.online_url or event.dial_in_phone or event.link_after_booking)
        return Finding(fine, _("It says how to join.") if fine else _("Say how people join online."))
    if not event.venue or not event.postcode:
        return Finding(False, _("Enter the place and its postcode."))
    fine = bool(event.directions.strip())
    return Finding(fine, _("It says how to get there.") if fine else _("Say in words how to get there."))


def _offline(event: Event) -> Finding:
    fine = event.booking == Booking.NONE or bool(event.booking_phone or event.contact_phone or event.dial_in_phone)
    words = _("They can just come, or ring.") if fine else _("Give a phone number, or let people just come.")
    return Finding(fine, words)


def _help(event: Event) -> Finding:
    given = event.supports.exclude(state=SupportState.NOT_AVAILABLE).exists() if event.pk else False
    return Finding(given, _("There is.") if given else _("Say what help there is, or what people can ask for."))


def _asked(event: Event) -> Finding:
    fine = bool(event.contact_phone or event.contact_email)
    return Finding(fine, _("It says whom to ask.") if fine else _("Give a phone number or an e-mail address."))


# --- What is still to do


def _is_done(event: Event, part: Part, lists: set[str]) -> bool:
    """Whether a page of writing an event has what families ask first."""
    return {
        "what": bool(event.title and event.summary),
        "when": event.starts_at is not None,
        "where": event.attendance == Attendance.ONLINE or bool(event.venue and event.postcode),
        "booking": event.booking != Booking.UNKNOWN,
        "who": {"areas", "audiences"} <= lists,
        "help": "supports" in lists,
        "ask": bool(event.contact_phone or event.contact_email),
    }[part.key]


def still_to_do(event: Event, day: date) -> dict[str, Any]:
    """The pages of writing an event, each with whether it is done, and what the hub finds. Seven queries at most."""
    lists = {name for name in ("areas", "audiences", "supports") if getattr(event, name).exists()}
    steps = [{"part": part, "is_done": _is_done(event, part, lists)} for part in PARTS]
    return {"steps": steps, "questions": ready(event, day)}
