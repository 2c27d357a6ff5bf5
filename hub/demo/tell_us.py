"""What families told the demo county: some of it waits to be read, some is passed on, one point is late."""

from datetime import timedelta

from django.utils import timezone

from core.dates import working_days_before
from feedback.actions import update_entry
from feedback.comments.actions import leave_out, name_checkers, note_reading, pass_on, tell
from feedback.comments.models import About, Checker, Comment, HelpRoute, Kind, Who
from feedback.models import FeedbackEntry, HeardFrom


class ToldUs:
    """What families told the county while it is being added. `county` has its bodies, people and lists."""

    def __init__(self, county):
        self.county = county
        self.calendar = county.calendar

    def add(self, written: dict) -> None:
        """Who reads and who helps; then what came in, and what was decided about it."""
        today, keeper = self.calendar.today, self.county.keeper
        name_checkers(by=keeper, on=today, memberships=[self.county.people[key] for key in written["readers"]])
        Checker.objects.update(since=self.calendar.day(-200))
        # Somebody reads on every working day.
        note_reading(by=keeper, on=today)
        for facts in written["routes"]:
            HelpRoute.objects.filter(key=facts["key"]).update(**{k: v for k, v in facts.items() if k != "key"})
        for place, facts in enumerate(written["waiting"]):
            self._waits(dict(facts), place)
        for facts in written["folded"]:
            self._told(who=Who.OTHER, about=About.SERVICE, kind=Kind.BETTER, day=0, **facts)
        for facts in [*written["passed_on"], *written["heard"]]:
            self._passed_on(dict(facts))
        for facts in written["left_out"]:
            day = facts["decided"]
            words = "What it said does not matter here."
            comment = self._told(
                who=Who.PARENT, about=About.LOCAL_OFFER, part=facts["part"], kind=Kind.BETTER, day=day - 2, text=words
            )
            leave_out(comment, by=keeper, on=self.calendar.day(day), why=facts["why"])

    def _told(self, *, day: int, suspicion: str = "", **facts) -> Comment:
        on = self.calendar.day(day)
        moment = self.calendar.morning(day, 20) if day < 0 else timezone.now() - timedelta(minutes=20)
        return tell(on=on, now=moment, suspicion=suspicion, **facts)

    def _waits(self, facts: dict, place: int) -> None:
        if body := facts.pop("organisation", None):
            facts["organisation"] = self.county.organisations[body]
        day = facts.pop("heard_on")
        comment = self._told(day=day, **facts)
        if day < 0:
            # Read in time, whatever day of the week it is loaded on.
            on = working_days_before(self.calendar.today, -day)
            count = (on - self.calendar.today).days
            moment = self.calendar.morning(count, place)
            Comment.objects.filter(pk=comment.pk).update(heard_on=on, received_at=moment)

    def _passed_on(self, facts: dict) -> None:
        told, keeper = facts["told"], self.county.keeper
        about = About.LOCAL_OFFER if facts["part"] != "not" else About.SERVICE
        comment = self._told(
            who=Who.PARENT,
            about=about,
            kind=facts["kind"],
            day=told - 2,
            text=facts["you_said"],
            people=facts["people"],
            heard_from=facts.get("heard_from", HeardFrom.COMMENT),
        )
        entry = pass_on(
            comment,
            by=keeper,
            on=self.calendar.day(told),
            organisation=self.county.organisations[facts["organisation"]],
            theme=facts["theme"],
            you_said=facts["you_said"],
            topics=[self.county.terms["topics"][key] for key in facts["topics"]],
            part=facts["part"],
            is_gap=facts["kind"] == Kind.MISSING,
        )
        if answered := facts.get("answered"):
            owner = self.county.people[facts["owner"]]
            update_entry(
                entry,
                by=keeper,
                on=self.calendar.day(answered),
                version=entry.version,
                answer=facts["answer"],
                we_did=facts["we_did"],
                owner=owner,
                owner_role=owner.public_name,
                due_on=self.calendar.working(facts["due_on"]),
            )
        FeedbackEntry.objects.filter(pk=entry.pk).update(published_at=self.calendar.morning(told, 10))
