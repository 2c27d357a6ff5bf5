"""Parents' stories of the demo county, and the people of its network."""

from feedback.models import FeedbackEntry
from practice.network.actions import ask_to_join, let_in
from practice.stories.actions import publish_story, record_consent, save_story
from practice.stories.models import ParentStory


class Stories:
    """Stories and network while the county is being added. `county` has its bodies, people and lists."""

    def __init__(self, county):
        self.county, self.calendar = county, county.calendar

    def add(self, written: dict) -> None:
        """Each story with its permission; then everybody who agreed to be in the network, and one who asks."""
        for facts in written["stories"]:
            self._story(facts)
        for facts in written["network"]:
            self._person(facts)

    def _story(self, facts: dict) -> None:
        county, keeper = self.county, self.county.keeper
        owner = county.people[facts["owner"]]
        entry = facts.get("entry")
        values = {name: facts.get(name, "") for name in ("title", "display_name", "text", "what_changed")}
        values["organisation"] = county.organisations[facts["organisation"]]
        values["entry"] = FeedbackEntry.objects.get(theme=entry) if entry else None
        topics = [county.terms["topics"][key] for key in facts["topics"]]
        story, _ended = save_story(ParentStory(owner=owner), by=owner.user, facts=values, topics=topics)
        given = facts["consent"]
        record_consent(
            story,
            by=owner.user,
            facts={
                "storyteller_ref": "Known to the service",
                "uses": given["uses"],
                "includes_child": True,
                "child_view": "She likes it.",
                "others_named": False,
                "final_text_seen": given.get("agreed", True),
                "consent_on": self.calendar.day(given["day"]),
                "expires_on": self.calendar.day(given["until"]),
            },
        )
        if day := facts.get("published"):
            publish_story(story, by=keeper, on=self.calendar.today)
            ParentStory.objects.filter(pk=story.pk).update(published_at=self.calendar.morning(day))

    def _person(self, facts: dict) -> None:
        county, day = self.county, facts["day"]
        names = ("name", "role", "helps_with", "email", "shows_reach")
        values = {name: facts[name] for name in names} | {"phone": facts.get("phone", "")}
        person = ask_to_join(
            on=self.calendar.day(day),
            now=self.calendar.morning(day),
            facts=values | {"organisation": county.organisations[facts["organisation"]]},
            areas=[county.terms["areas"][key] for key in facts["areas"]],
            methods=[county.terms["methods"][key] for key in facts["methods"]],
        )
        if not facts.get("waits"):
            let_in(person, by=county.keeper, on=self.calendar.day(day))
