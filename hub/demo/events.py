"""The demo's events: what families can turn up to around the day it is loaded, and the school terms around it."""

from datetime import date, time, timedelta
from itertools import count

from django.utils.text import slugify

from consultations.events.actions import (
    cancel_date,
    cancel_event,
    move_date,
    publish_event,
    record_what_happened,
    save_event,
    skip_date,
)
from consultations.events.models import Attendance, Event, EventSupport, Repeats
from consultations.events.recurrence import Terms, day_in_month, latest_over, upcoming
from consultations.models import SupportState
from core.dates import last_working_day, next_working_day
from core.freshness import looked_at
from core.models import SchoolTerm

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# School years from so many years before the day of loading to so many after it.
YEARS = range(-2, 3)
# Events were listed this many days before the day of loading, or before their first date.
LISTED = -200
_NOT_FIELDS = {
    "organisation", "since", "day", "until", "weekday", "week", "times", "place", "topics", "audiences", "areas",
    "supports", "consultations", "dates", "notes", "cancelled", "draft", "checked",
}  # fmt: skip


def add_terms(written: list[dict], on: date) -> None:
    """The school terms of the years around a day; each begins and ends on a working day."""
    for year in (on.year + step for step in YEARS):
        for each in written:
            starts, ends = (date.fromisoformat(f"{year}-{each[name]}") for name in ("starts", "ends"))
            SchoolTerm.objects.create(
                name=f"{each['name']} {year}", starts_on=next_working_day(starts), ends_on=last_working_day(ends)
            )


class Events:
    """The county's events while they are being added. `county` has its bodies, people, lists and consultations."""

    def __init__(self, county):
        self.county = county
        self.today = county.calendar.today

    def add(self, written: dict) -> None:
        """School terms first, then every event, and what became of its dates."""
        add_terms(written["terms"], self.today)
        self.terms = Terms(SchoolTerm.objects.all())
        for facts in written["events"]:
            event = self._listed(facts)
            self._live_through(event, facts)

    def _listed(self, facts: dict) -> Event:
        county = self.county
        body = next(each for each in county.facts["organisations"] if each["key"] == facts["organisation"])
        asks = body["asks"]
        known = {name: value for name, value in facts.items() if name not in _NOT_FIELDS} | facts.get("place", {})
        starts, ends, *_none = [time.fromisoformat(each) for each in facts["times"]] + [None]
        event = Event(
            slug=slugify(facts["title"])[:80].strip("-"),
            organisation=county.organisations[facts["organisation"]],
            first_day=self._first_day(facts),
            until=county.calendar.day(facts["until"]) if "until" in facts else None,
            week_of_month=facts.get("week"),
            starts_at=starts,
            ends_at=ends,
            owner=county.people[asks["owner"]],
            deputy=county.people[asks["deputy"]] if "deputy" in asks else None,
            **{name: asks[name] for name in ("contact_name", "contact_phone", "contact_email")},
            **{"repeats": Repeats.ONCE, "attendance": Attendance.IN_PERSON} | known,
        )
        lists = {
            name: [county.terms[name][key] for key in facts.get(name, [])] for name in ("topics", "audiences", "areas")
        }
        lists["consultations"] = [self._consultation(title) for title in facts.get("consultations", [])]
        save_event(event, by=county.keeper, on=self.today, lists=lists, supports=list(self._supports(facts)))
        return event

    def _consultation(self, title: str):
        return next(each for each in self.county.consultations.values() if each.title == title)

    def _supports(self, facts: dict):
        for key, state in facts.get("supports", {}).items():
            asked = isinstance(state, int)
            yield EventSupport(
                kind=self.county.terms["supports"][key],
                state=SupportState.ON_REQUEST if asked else SupportState(state),
                ask_days_before=state if asked else None,
            )

    def _first_day(self, facts: dict) -> date:
        """The date itself, moved to a working day; or the first one that fits the rule."""
        if "day" in facts:
            return self.county.calendar.working(facts["day"])
        weekday = WEEKDAYS.index(facts["weekday"])
        since = self.county.calendar.day(facts["since"])
        for more in count():
            day = since + timedelta(days=more)
            week = facts.get("week")
            if day.weekday() == weekday and (not week or day_in_month(day.year, day.month, weekday, week) == day.day):
                return day
        raise AssertionError

    def _live_through(self, event: Event, facts: dict) -> None:
        """Published, then what happened to its dates since."""
        if facts.get("draft"):
            return
        county, by = self.county, self.county.keeper
        listed = min(LISTED, (event.first_day - self.today).days - 20)
        event.published_at = county.calendar.morning(listed, event.pk)
        publish_event(event, by=by, on=self.today)
        if "checked" in facts:
            looked_at(event, "event", on=county.calendar.day(facts["checked"]))
            event.save(update_fields=["checked_on", "review_by"])
        if cancelled := facts.get("cancelled"):
            cancel_event(event, by=by, reason=cancelled["reason"], on=county.calendar.day(cancelled["day"]))
        to_come = upcoming(event, [], self.terms, self.today, 6)
        for each in facts.get("dates", []):
            self._depart(event, to_come[each["next"] - 1].day, each)
        over = latest_over(event, [], self.terms, self.today, 200)
        for note in facts.get("notes", []):
            day = over[note["last"] - 1].day
            record_what_happened(
                event, by=event.owner.user, day=day, text=note["text"], came=note["came"], on=day + timedelta(days=1)
            )

    def _depart(self, event: Event, day: date, each: dict) -> None:
        who = {"by": event.owner.user, "day": day, "on": self.county.calendar.day(-1)}
        if "cancel" in each:
            cancel_date(event, reason=each["cancel"], **who)
        elif "move" in each:
            to = each["move"]
            starts, ends = (time.fromisoformat(at) for at in to["times"])
            move_date(
                event,
                new_day=next_working_day(day + timedelta(days=to["days"])),
                new_starts_at=starts,
                new_ends_at=ends,
                new_venue=to["venue"],
                new_address=to["address"],
                new_postcode=to["postcode"],
                reason=to["reason"],
                **who,
            )
        else:
            skip_date(event, **who)
