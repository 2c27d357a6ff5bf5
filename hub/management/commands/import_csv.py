"""`manage.py import_csv`: bring consultations, log entries or events in from a file."""

from contextlib import suppress
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core.dates import today
from core.imports import FileRefused, importers, take_in
from core.models import Topic
from hub.content.load import load_terms


class Command(BaseCommand):
    """Bring the rows of a file in, count what became of each, and say why any was held or rejected."""

    help = "Brings rows in from a CSV file. A row that is brought in again updates what it made."

    def add_arguments(self, parser):
        """Which rows, which file, and whether in earnest."""
        parser.add_argument("kind", help=f"What the rows are: {', '.join(importers())}.")
        parser.add_argument("file", help="The file: CSV, in UTF-8, with the names of the columns in its first line.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen and write nothing.")
        parser.add_argument(
            "--read-on",
            metavar="YYYY-MM-DD",
            help="The day the source was read, when the file does not say. Today if left out.",
        )

    def handle(self, *args, kind, file, dry_run, read_on, **options):
        """Print the counts, then a line about each held or rejected row. Ends with 1 when a row was rejected."""
        offered = importers()
        if kind not in offered:
            raise CommandError(f"There is no import called “{kind}”. Choose one of: {', '.join(offered)}.")
        path = Path(file)
        try:
            with path.open("rb") as source, transaction.atomic():
                if not Topic.objects.exists():
                    load_terms()
                with take_in(
                    source, offered[kind], by=None, today=today(), read_on=_day(read_on), dry_run=dry_run
                ) as account:
                    rejected = self._tell(account, path, dry_run)
                if dry_run:
                    transaction.set_rollback(True)
        except FileRefused as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(f"The file {path} cannot be read or written: {problem.strerror}.") from None
        if rejected:
            raise SystemExit(1)

    def _tell(self, account, path: Path, dry_run: bool) -> bool:
        # Whoever reads on may have seen enough (`| head`): what was brought in stays.
        with suppress(BrokenPipeError):
            self.stdout.write(str(account))
            for line in account.lines():
                self.stdout.write(line, ending="")
        if account.header.unknown:
            self.stderr.write(f"These columns are not known and were left out: {', '.join(account.header.unknown)}.")
        rejected = bool(account.counts["rejected"])
        if rejected and not dry_run:
            sent_back = path.with_suffix(".rejected.csv")
            with sent_back.open("wb") as target:
                account.write_rejected(target)
            self.stderr.write(f"The rejected rows are in {sent_back}. Mend them and bring that file in.")
        return rejected


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CommandError(f"“{text}” is not a day like 2026-11-22.") from None
