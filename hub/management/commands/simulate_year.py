"""`manage.py simulate_year`: a county's year of asking, answering and chasing, lived through in minutes."""

from argparse import ArgumentTypeError
from datetime import date, timedelta

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from hub.demo.load import constraints_left_to_the_database
from hub.simulation import TASK
from hub.simulation.county import DAY, draw
from hub.simulation.database import CannotSimulate, throw_away
from hub.simulation.record import Record
from hub.simulation.tables import answers, heading, pages
from hub.simulation.verdicts import verdicts
from hub.simulation.year import Year

YEARS = range(2000, 2100)


def a_year(text: str) -> int:
    """A year as typed."""
    if not text.isdecimal() or int(text) not in YEARS:
        raise ArgumentTypeError(f'"{text}" is not a year. Write it like 2026.')
    return int(text)


def some_weeks(text: str) -> int:
    """A number of weeks as typed."""
    if not text.isdecimal() or not 1 <= int(text) <= 53:
        raise ArgumentTypeError(f'"{text}" is not a number of weeks. Write one from 1 to 53.')
    return int(text)


class Command(BaseCommand):
    """Live a year in a database that is thrown away, print what happened, and fail when a promise was broken."""

    help = (
        "Lives through a year in an invented county of 12 organisations and 60 consultations, in a database of its"
        " own that is dropped afterwards. Prints mails a person, tasks a role and answers by time, then whether"
        f" chasing kept its promises; ends with 1 when one was broken. No mail leaves. {TASK}"
    )

    def add_arguments(self, parser) -> None:
        """Which year, and how it goes."""
        parser.add_argument("--year", type=a_year, default=2026, help="The year; 2026 without it.")
        parser.add_argument("--seed", type=int, default=2009, help="Draws the county; 2009 without it.")
        parser.add_argument("--weeks", type=some_weeks, help="Only so many weeks of the year, for a quick look.")
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--without-chasing", action="store_true", help="Nobody is reminded. Prints only the answers.")
        way.add_argument(
            "--fis-away",
            action="store_true",
            help="The Family Information Service is away for ten weeks from July, and nobody signs in.",
        )

    def handle(self, *, year, seed, weeks, without_chasing, fis_away, **options) -> None:
        """Live it, and print it."""
        until = date(year, 1, 1) + timedelta(weeks=weeks) - DAY if weeks else None
        try:
            with throw_away(), constraints_left_to_the_database():
                unchased = self.live_unchased(year, seed, until, fis_away)
                if without_chasing:
                    self.say([*heading(unchased), "", *answers(unchased, None)])
                    return
                record = Year(draw(year, seed), chasing=True, fis_away=fis_away).live(until)
        except CannotSimulate as problem:
            raise CommandError(str(problem)) from None
        found = verdicts(record)
        self.say([*pages(record, unchased), "", *(line for verdict in found for line in verdict.lines())])
        broken = sum(not verdict.holds for verdict in found)
        if broken:
            raise CommandError(f"Chasing broke {broken} of its promises: see above.")

    @staticmethod
    def live_unchased(year: int, seed: int, until: date | None, fis_away: bool) -> Record:
        """The same year with nobody chased, undone afterwards."""
        with transaction.atomic():
            record = Year(draw(year, seed), chasing=False, fis_away=fis_away).live(until)
            transaction.set_rollback(True)
        return record

    def say(self, lines: list[str]) -> None:
        """Print lines."""
        self.stdout.write("\n".join(lines))
