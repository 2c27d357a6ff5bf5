"""The demo's toolkits and links: those of Westmarch itself, one that does not open, one to check, two suggestions."""

from datetime import timedelta

from core.freshness import looked_at
from core.links import BAD_DAYS
from core.models import Link, LinkUse
from practice.resources.actions import publish_resource, save_resource, send_to_be_checked, suggest
from practice.resources.models import HelpsWith, Resource, Suggestion, Votes

_NOT_FIELDS = {"helps_with", "topics", "organisation", "published", "checked", "link", "votes", "sent"}


class Resources:
    """The county's toolkits and links while they are being added. `county` has its bodies, people and lists."""

    def __init__(self, county):
        self.county, self.calendar = county, county.calendar
        self.helps = {each.key: each for each in HelpsWith.objects.all()}

    def add(self, written: dict) -> None:
        """Each of them, and what people say of it; then what people suggest."""
        for facts in written["resources"]:
            self._live_through(self._added(facts), facts)
        for facts in written["suggestions"]:
            made = suggest(
                url=facts["url"],
                title=facts["title"],
                why=facts["why"],
                now=self.calendar.morning(facts["made"]),
            )
            tried = {"code": facts["code"], "tried_at": made.made_at + timedelta(minutes=1)}
            Suggestion.objects.filter(pk=made.pk).update(times=facts["times"], **tried)

    def _added(self, facts: dict) -> Resource:
        fields = {name: value for name, value in facts.items() if name not in _NOT_FIELDS}
        if body := facts.get("organisation"):
            fields["organisation"] = self.county.organisations[body]
        lists = {
            "helps_with": [self.helps[key] for key in facts["helps_with"]],
            "topics": [self.county.terms["topics"][key] for key in facts["topics"]],
        }
        on = self.calendar.day(facts.get("published", facts.get("sent", 0)))
        return save_resource(Resource(), by=self.county.keeper, on=on, facts=fields, lists=lists)

    def _live_through(self, resource: Resource, facts: dict) -> None:
        if sent := facts.get("sent"):
            sender = next(each for each in self.county.people.values() if each.organisation == resource.organisation)
            send_to_be_checked(resource, by=sender.user, now=self.calendar.morning(sent))
            return
        publish_resource(resource, by=self.county.keeper, on=self.calendar.day(facts["checked"]))
        resource.refresh_from_db()
        resource.published_at = self.calendar.morning(facts["published"])
        looked_at(resource, "resource", on=self.calendar.day(facts["checked"]))
        resource.save()
        useful, not_useful = facts["votes"]
        Votes.objects.create(resource=resource, useful=useful, not_useful=not_useful)
        self._try(resource, facts["link"])

    def _try(self, resource: Resource, outcome: str) -> None:
        """What became of its link when it was last tried."""
        link = Link(url=resource.url, checked_at=self.calendar.morning(-2), code=200)
        if outcome != "works":
            link.code, link.last_bad_on = 404, self.calendar.day(-2)
            link.bad_days = BAD_DAYS if outcome == "broken" else 1
            link.broken_since = link.last_bad_on if outcome == "broken" else None
        link.save()
        LinkUse.objects.create(link=link, kind="resource", record_id=resource.pk)
