"""What the demo's Family Information Service did at its desk: facts, two reports, a feed, and a link to mend."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from django.utils import timezone

from consultations.sources.actions import dates_of, save_source
from consultations.sources.models import Found, Source
from consultations.sources.reading import Entry
from core import links
from core.actions import state_facts
from core.facts import facts
from core.fetching import Why
from core.models import Link
from feedback.actions import issue_report
from feedback.local_offer.actions import publish_report
from feedback.models import ReportKind
from hub import reports

# The facts that a council types when it sets up its hub, and that the demo's environment gives.
STATED = ("council_name", "fis_phone", "fis_email", "children_services_phone")


class Office:
    """The desk of the county's Family Information Service while it is being filled. `county` has all the rest."""

    def __init__(self, county):
        self.county = county
        self.today = county.calendar.today

    def add(self, written: dict) -> None:
        """What was stated at set-up, the reports, then what is read at night."""
        now = facts()
        state_facts(by=self.county.keeper, **{name: getattr(now, name) for name in STATED}, **written["privacy"])
        self._report_to_the_board(written["board_report"])
        self._report_on_the_local_offer(written["local_offer"])
        for each in written["sources"]:
            self._source(each)
        self._broken_links(written["broken_links"])

    def _report_to_the_board(self, facts: dict) -> None:
        """One, so that the last quarter is still to be reported on."""
        quarter = reports.Quarter.of(self.today).before.before
        content = reports.gather(quarter, self.today) | {"asks": facts["asks"]}
        issue_report(
            by=self.county.keeper, on=self.today, kind=ReportKind.BOARD, starts_on=quarter.starts_on,
            ends_on=quarter.ends_on, content=content, after=0,
        )  # fmt: skip

    def _report_on_the_local_offer(self, facts: dict) -> None:
        first, last = (self.county.calendar.day(facts[name]) for name in ("first", "last"))
        publish_report(by=self.county.keeper, on=self.today, first=first, last=last, after=0)

    def _source(self, facts: dict) -> None:
        """A feed that was read last night, with the records that came from it. One says another closing day now."""
        now = timezone.make_aware(datetime.combine(self.today, time(3)))
        source = Source(
            organisation=self.county.organisations[facts["organisation"]], kind=facts["kind"], url=facts["url"]
        )
        save_source(source, by=self.county.keeper)
        Source.objects.filter(pk=source.pk).update(read_at=now)
        for number, (key, days_later) in enumerate(facts["entries"].items(), start=1):
            asked = self.county.consultations[key]
            entry = Entry(str(number), asked.title, starts_on=asked.opens_on, ends_on=asked.closes_on)
            later = replace(entry, ends_on=asked.closes_on + timedelta(days=days_later))
            here, there = dates_of(source, entry), dates_of(source, later)
            Found.objects.create(
                source=source, external_id=str(number), title=asked.title, consultation=asked, says=there, settled=here,
                found_at=now, changed_on=self.today if days_later else None,
            )  # fmt: skip

    def _broken_links(self, urls: list[str]) -> None:
        """Nobody answered there on three nights."""
        links.note_what_is_shown()
        for link in Link.objects.filter(url__in=urls):
            for days in (3, 2, 1):
                day = self.county.calendar.day(-days)
                links.note(link, Why.SILENT, on=day, now=timezone.make_aware(datetime.combine(day, time(4))))
