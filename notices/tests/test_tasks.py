"""What the scheduler asks for."""

import pytest
import time_machine

from notices import tasks
from notices.models import Notice
from notices.tests.conftest import MONDAY, at, topic

pytestmark = pytest.mark.usefixtures("look_again")


def test_the_two_tasks_owe_and_send_today_and_may_run_twice(mailoutbox):
    topic("a", "owner@example.org")

    with time_machine.travel(at(MONDAY, 10), tick=False):
        for _each in range(2):
            tasks.owe_what_is_due()
            tasks.send_what_is_owed()

    assert len(mailoutbox) == 1
    assert Notice.objects.get().sent_at == at(MONDAY, 10)


def test_the_day_is_the_one_in_the_uk():
    topic("a", "owner@example.org", on=MONDAY.replace(month=7, day=2))

    with time_machine.travel("2026-07-01T23:30:00Z", tick=False):  # half past midnight on 2 July in the UK
        tasks.owe_what_is_due()

    assert Notice.objects.count() == 1


def test_tasks_have_the_names_that_the_timetable_uses():
    assert tasks.owe_what_is_due.name == "notices.tasks.owe_what_is_due"
    assert tasks.send_what_is_owed.name == "notices.tasks.send_what_is_owed"
