"""What parents of the demo county say of what services call done."""

from django.utils import timezone

from feedback.models import FeedbackEntry
from feedback.parents.actions import answer, choose, invite, show_words, suggest, tell
from feedback.parents.models import Happened, ParentCheck


class Parents:
    """What parents say while the county is being added. `county` has its bodies and people."""

    def __init__(self, county):
        self.county = county
        self.calendar = county.calendar
        self.entries = {}

    def add(self, written: dict) -> None:
        """What a forum says and means to look at, one parent who was asked, and what people answer on the page."""
        lists = [each for each in written.values() for each in each]
        themes = {facts["theme"] for facts in lists}
        rows = FeedbackEntry.objects.published().filter(theme__in=themes).select_related("organisation").defer("search")
        self.entries = {entry.theme: entry for entry in rows}
        reviewer, keeper = self.county.people["forum-reviewer"], self.county.keeper
        for facts in written["checks"]:
            self._says(facts, reviewer, keeper)
        for facts in written["chosen"]:
            choose(self.entries[facts["theme"]], by=reviewer, on=self.calendar.day(facts["day"]))
        for facts in written["invited"]:
            self._asked(facts, keeper)
        Happened.objects.bulk_create(
            Happened(entry=self.entries[facts["theme"]], **{said: facts[said] for said in ("yes", "no", "unsure")})
            for facts in written["happened"]
        )
        suggest(on=self.calendar.today)

    def _says(self, facts: dict, reviewer, keeper) -> None:
        day = self.calendar.day(facts["told"])
        check = tell(
            self.entries[facts["theme"]],
            by=reviewer,
            on=day,
            now=self._moment(facts["told"]),
            verdict=facts["verdict"],
            asked=facts["asked"],
            agreed=facts["agreed"],
            told_on=day,
            by_service=False,
            words=facts["words"],
        )
        if facts["words"] and not facts.get("waits"):
            show_words(check, by=keeper, words=facts["words"])

    def _asked(self, facts: dict, keeper) -> None:
        entry, asker = self.entries[facts["theme"]], self.county.people[facts["by"]]
        day = self.calendar.day(facts["day"])
        check = invite(entry, by=asker, on=day, email="asked@families.example.org")
        told = self.calendar.day(facts["told"])
        answer(check, on=told, now=self._moment(facts["told"]), verdict=facts["verdict"], words=facts["words"])
        check = ParentCheck.objects.get(pk=check.pk)
        show_words(check, by=keeper, words=facts["words"])

    def _moment(self, day: int):
        return self.calendar.morning(day, 20) if day < 0 else timezone.now()
