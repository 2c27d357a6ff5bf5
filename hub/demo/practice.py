"""The demo's good practice: what invented services did with families, what changed, and who tried it too."""

from django.utils.text import slugify

from core.freshness import looked_at
from feedback.models import FeedbackEntry
from practice.actions import approve, record_try, send_back, start, submit
from practice.models import PracticeExample
from practice.values import put_rows

LISTS = ("topics", "audiences", "areas", "methods", "supports")
_NOT_FIELDS = {
    *LISTS,
    "organisation",
    "entry",
    "consultation",
    "published",
    "checked",
    "tried",
    "year",
    "sent",
    "returned",
}


class Practice:
    """The county's examples while they are being added. `county` has its bodies, people, lists and consultations."""

    def __init__(self, county):
        self.county, self.calendar = county, county.calendar

    def add(self, written: list[dict]) -> None:
        """Every example, and what other services say of trying it."""
        for facts in written:
            example = self._written(facts)
            if "sent" in facts:
                self._sent(example, facts)
            elif "published" in facts:
                self._published(example, facts)

    def _written(self, facts: dict) -> PracticeExample:
        county = self.county
        body = next(each for each in county.facts["organisations"] if each["key"] == facts["organisation"])
        asks = body["asks"]
        values = {name: value for name, value in facts.items() if name not in _NOT_FIELDS}
        values |= {name: [county.terms[name][key].pk for key in facts.get(name, [])] for name in LISTS}
        values["organisation"] = county.organisations[facts["organisation"]].pk
        if "year" in facts:
            values["year"] = self.calendar.today.year + facts["year"]
        if entry := facts.get("entry"):
            values["entry"] = FeedbackEntry.objects.get(theme=entry, organisation=values["organisation"]).pk
        if title := facts.get("consultation"):
            values["consultation"] = next(each.pk for each in county.consultations.values() if each.title == title)
        if "source_url" in facts:
            return self._found(values)
        contact = {name: asks[name] for name in ("contact_name", "contact_phone", "contact_email")}
        return start(by=self._writer(facts), values=contact | values)

    def _found(self, values: dict) -> PracticeExample:
        """One that another page tells of: as it was found, and nobody's to check."""
        lists = {name: values.pop(name) for name in LISTS}
        organisation = values.pop("organisation")
        example = PracticeExample(
            slug=slugify(values["title"])[:100],
            organisation_id=organisation,
            source_read_on=self.calendar.day(-20),
            published_at=self.calendar.morning(-20),
            approved_at=self.calendar.morning(-20),
            **values,
        )
        example.save()
        put_rows(example, lists)
        return example

    def _writer(self, facts: dict):
        body = next(each for each in self.county.facts["organisations"] if each["key"] == facts["organisation"])
        return self.county.people[body["asks"]["owner"]].user

    def _published(self, example: PracticeExample, facts: dict) -> None:
        """Sent, checked, and tried by others since."""
        if example.is_found:
            return
        day = facts["published"]
        moment = self.calendar.morning(day, 5)
        check = submit(example, by=self._writer(facts), now=self.calendar.morning(day - 1, 5))
        approve(check, by=self.county.keeper, on=self.calendar.day(day), now=moment)
        PracticeExample.objects.filter(pk=example.pk).update(published_at=moment, approved_at=moment)
        if "checked" in facts:
            example.refresh_from_db()
            looked_at(example, "example", on=self.calendar.day(facts["checked"]))
            example.save(update_fields=["checked_on", "review_by"])
        for tried in facts.get("tried", []):
            organisation = self.county.organisations[tried["organisation"]]
            on = self.calendar.day(tried["day"])
            record_try(
                example,
                by=self.county.keeper,
                on=self.calendar.today,
                organisation=organisation,
                tried_on=on,
                how_it_went=tried["how_it_went"],
                words=tried["words"],
            )

    def _sent(self, example: PracticeExample, facts: dict) -> None:
        """Sent to be checked; sent back, where it says why."""
        check = submit(example, by=self._writer(facts), now=self.calendar.morning(facts["sent"], 12))
        if reason := facts.get("returned"):
            moment = self.calendar.morning(facts["sent"] + 1, 20)
            send_back(check, by=self.county.keeper, reason=reason, now=moment)
