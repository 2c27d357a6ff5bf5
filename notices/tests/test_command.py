"""`manage.py notices due` and `manage.py notices send`."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from notices import ledger
from notices.models import Mail, Notice
from notices.tests.conftest import MONDAY, at, topic

pytestmark = pytest.mark.usefixtures("look_again")


def notices(*words: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("notices", *words, stdout=out)
    return out.getvalue()


def test_due_lists_exactly_what_the_ledger_then_lays_down():
    topic("a", "owner@example.org", deputy="deputy@example.org")
    topic("b", "owner@example.org", on=MONDAY + timedelta(days=30))
    day = MONDAY + timedelta(days=8)

    *listed, total = notices("due", "--on", str(day)).splitlines()
    assert Notice.objects.count() == Mail.objects.count() == 0
    ledger.owe(day, at(day))

    laid_down = [(n.address, n.step) for n in Notice.objects.order_by("address")]
    assert [(line.split("\t")[0], line.split("\t")[3]) for line in listed] == laid_down
    assert total == f"2 owed on {day}, 2 of them new. Nothing was sent or written."


def test_due_says_what_became_of_what_was_laid_down():
    topic("a", "owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))
    assert notices("due", "--on", str(MONDAY)).splitlines()[0].endswith("\twaits")

    notices("send", "--on", str(MONDAY))

    assert "\tsent " in notices("due", "--on", str(MONDAY))
    assert "0 of them new" in notices("due", "--on", str(MONDAY))


def test_send_owes_and_sends_at_once_on_any_day(mailoutbox):
    sunday = MONDAY - timedelta(days=1)
    topic("a", "owner@example.org", on=sunday)

    said = notices("send", "--on", str(sunday))

    assert said.startswith("New notices: 1. Mails sent: 1, refused: 0.")
    assert len(mailoutbox) == 1


def test_a_day_that_is_no_day_is_refused_in_words():
    with pytest.raises(CommandError, match="Write it like 2026-12-01"):
        notices("due", "--on", "tomorrow")
