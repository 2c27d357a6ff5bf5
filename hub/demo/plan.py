"""The demo's forward plan: what its services mean to ask, which of it clashes, and one umbrella plan."""

from datetime import date, timedelta

from consultations.events.recurrence import day_in_month
from consultations.plan.actions import (
    decide_clash,
    link_consultation,
    publish_umbrella,
    save_intention,
    save_pre_election,
    save_umbrella,
)
from consultations.plan.models import Intention, Umbrella
from core.models import PreElectionPeriod

LISTS = ("audiences", "areas", "topics")
# Notice of an election is given about so many days before it, and with that the careful weeks begin.
NOTICE = timedelta(days=45)


class Plan:
    """The county's forward plan while it is being added. `county` has its bodies, people, lists and consultations."""

    def __init__(self, county):
        self.county = county
        self.today = county.calendar.today
        self.intentions: dict[str, Intention] = {}

    def add(self, written: dict) -> None:
        """Intentions first, then what was decided about them, and what belongs together."""
        for facts in written["intentions"]:
            self.intentions[facts["title"]] = self._intention(facts)
        for facts in written["clashes"]:
            ask, other = self._asked(facts["ask"]), self._asked(facts["other"])
            decide_clash(
                ask, by=ask.owner.user, other=other, choice=facts["choice"], on=self.today, reason=facts["reason"]
            )
        for facts in written["umbrellas"]:
            self._umbrella(facts)
        for year in (self.today.year, self.today.year + 1):
            self._election(year)

    def _whose(self, facts: dict) -> dict:
        body = next(each for each in self.county.facts["organisations"] if each["key"] == facts["organisation"])
        return {
            "organisation": self.county.organisations[body["key"]],
            "owner": self.county.people[body["asks"]["owner"]],
        }

    def _asked(self, title: str):
        """The intention or the consultation of this name."""
        if title in self.intentions:
            return self.intentions[title]
        return next(each for each in self.county.consultations.values() if each.title == title)

    def _intention(self, facts: dict) -> Intention:
        dates = self.county.calendar.dated(facts)
        intention = Intention(
            **{name: dates[name] for name in ("title", "starts_on", "ends_on", "how_sure")},
            notes=facts.get("notes", ""),
            **self._whose(facts),
        )
        lists = {name: [self.county.terms[name][key] for key in facts[name]] for name in LISTS}
        save_intention(intention, by=intention.owner.user, lists=lists)
        if became := facts.get("became"):
            link_consultation(intention, by=intention.owner.user, consultation=self._asked(became))
        return intention

    def _umbrella(self, facts: dict) -> None:
        umbrella = Umbrella(title=facts["title"], summary=facts["summary"], **self._whose(facts))
        save_umbrella(
            umbrella,
            by=self.county.keeper,
            consultations=[self._asked(title) for title in facts["consultations"]],
            intentions=[self._asked(title) for title in facts["intentions"]],
            related=True,
        )
        publish_umbrella(umbrella, by=self.county.keeper)

    def _election(self, year: int) -> None:
        """Councils are elected on the first Thursday of May."""
        day = date(year, 5, day_in_month(year, 5, 3, 1))
        period = PreElectionPeriod(name=f"Council elections, May {year}", starts_on=day - NOTICE, ends_on=day)
        save_pre_election(period, by=self.county.keeper)
