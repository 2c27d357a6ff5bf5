"""The demo's requests for help to take part, in each state that one can be in."""

from consultations.events.models import Event
from consultations.help.actions import ask_for_help, mark_met, say_why_not

WHO_ASKED = ("name", "reached_at", "language", "words")


def add_help(county, written: list[dict]) -> None:
    """Every request as its family made it, and what became of it. `county` has its bodies, lists and consultations."""
    asks = {each.title: each for each in county.consultations.values()}
    events = {each.title: each for each in Event.objects.filter(title__in=[each.get("event") for each in written])}
    for facts in written:
        record = asks[facts["consultation"]] if "consultation" in facts else events[facts["event"]]
        is_event = isinstance(record, Event)
        request = ask_for_help(
            record,
            by=None,
            on=county.calendar.day(facts["asked"]),
            kind=facts["kind"],
            day=record.first_day if is_event else None,
            last_day=record.first_day if is_event else record.closes_on,
            format=county.terms["formats"][facts["format"]] if "format" in facts else None,
            **{name: facts.get(name, "") for name in WHO_ASKED},
        )
        by = record.owner.user
        if "met" in facts:
            mark_met(request, by=by, on=county.calendar.day(facts["met"]))
        elif "could_not" in facts:
            day = county.calendar.day(facts["could_not"])
            say_why_not(request, by=by, on=day, why_not=facts["why_not"], note=facts["note"])
