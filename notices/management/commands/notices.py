"""What is owed to whom, sending it and reading what came back by hand: `manage.py notices {due,send,bounces}`."""

import uuid
from argparse import ArgumentTypeError
from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from core.dates import today
from notices import ledger, mailbox, post
from notices.models import Notice, Recipient
from notices.reasons import lines_about, registered


def a_day(text: str) -> date:
    """A date as typed: 2026-12-01."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f'"{text}" is not a day. Write it like 2026-12-01.') from None


class Command(BaseCommand):
    """Lists or sends the messages that are owed on a day, or reads what came back."""

    help = (
        "due: list what is owed on a day and to whom, sending and writing nothing. send: send it at once. "
        "bounces: read the mailbox that undelivered mail comes back to."
    )

    def add_arguments(self, parser) -> None:
        """What to do, and for which day."""
        parser.add_argument("what", choices=["due", "send", "bounces"])
        parser.add_argument("--on", type=a_day, default=None, metavar="YYYY-MM-DD", help="The day; today without it.")

    def handle(self, *, what: str, on: date | None, **options) -> None:
        """Do it."""
        day = on or today()
        with bound_contextvars(command_id=str(uuid.uuid4())):  # as a request and a task have one in the log
            if what == "bounces":
                self.bounces()
            elif what == "due":
                self.due(day)
            else:
                self.send(day)

    def due(self, day: date) -> None:
        """List what is owed, person by person."""
        owed = ledger.due_everywhere(day)
        lines = lines_about((Notice(reason=each.reason, about_id=each.about_id) for each in owed), day)
        states = self.states({each.about_id for each in owed})
        new = 0
        for each in sorted(owed, key=lambda each: (each.address, lines[each.reason, each.about_id].rank(day))):
            line = lines[each.reason, each.about_id]
            state = states.get((each.reason, *each.key), "new")
            new += state == "new"
            self.stdout.write(
                f"{each.address}\t{Recipient(each.role).label}\t{registered()[each.reason].label}\t{each.step}"
                f"\t{line.what}\t{line.title}\t{state}"
            )
        self.stdout.write(f"{len(owed)} owed on {day}, {new} of them new. Nothing was sent or written.")

    @staticmethod
    def states(ids: set[int]) -> dict[tuple, str]:
        """What the ledger says of each notice about these things."""
        return {
            (n.reason, n.step, n.repeat, n.about_id, n.about_on, n.recipient_hash): (
                f"sent {timezone.localdate(n.sent_at)}"
                if n.sent_at
                else f"not sent: {n.dropped_why}"
                if n.dropped_at
                else "waits"
            )
            for n in Notice.objects.filter(about_id__in=ids)
        }

    def send(self, day: date) -> None:
        """Lay down what is owed and send all that waits, working hours or not."""
        now = timezone.now()
        new = ledger.owe(day, now)
        tally = post.send(day, now, at_once=True)
        self.stdout.write(
            f"New notices: {new}. Mails sent: {tally.sent}, refused: {tally.refused}. "
            f"Notices no longer true: {tally.dropped}, given up: {tally.given_up}."
        )
        if tally.server_away:
            raise CommandError("The mail server takes no mail now. What was not sent waits for the next run.")

    def bounces(self) -> None:
        """Read what came back, and say what was made of it."""
        if not settings.BOUNCE_IMAP:
            raise CommandError("There is no mailbox to read. Set BOUNCE_IMAP_URL to imaps://USER:PASSWORD@HOST/INBOX")
        try:
            reading = mailbox.read(timezone.now())
        except mailbox.MailboxAway as problem:
            raise CommandError(f"The mailbox cannot be read now ({problem}). Check BOUNCE_IMAP_URL.") from None
        told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(reading.verdicts.items()))
        self.stdout.write(
            f"Letters dealt with: {reading.letters}. What they said: {told or 'nothing new'}. "
            f"Unread letters that wait for a person: {reading.left}."
        )
