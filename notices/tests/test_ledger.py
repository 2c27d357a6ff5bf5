"""The ledger: each thing owed is laid down once, with its latest step, and to each person once."""

import hashlib
import hmac
from datetime import date, timedelta

import pytest

from core.models import Topic
from notices import ledger
from notices.models import Fault, Mail, Notice, Step, mask
from notices.question import things_statement
from notices.tests.conftest import MONDAY, at, topic

pytestmark = pytest.mark.usefixtures("look_again")
WEEK = timedelta(days=7)


def steps() -> list[tuple]:
    """Each notice's step and repeat, oldest first."""
    return list(Notice.objects.order_by("pk").values_list("step", "repeat"))


def test_nothing_is_owed_the_day_before():
    topic("a", "owner@example.org")

    assert ledger.owe(MONDAY - timedelta(days=1), at(MONDAY)) == 0


def test_a_second_run_owes_nothing():
    topic("a", "owner@example.org")

    assert ledger.owe(MONDAY, at(MONDAY)) == 1
    assert ledger.owe(MONDAY, at(MONDAY)) == 0
    assert ledger.owe(MONDAY + timedelta(days=3), at(MONDAY)) == 0


def test_a_missed_run_is_made_up_with_the_latest_step_only():
    topic("a", "owner@example.org")

    ledger.owe(MONDAY + 5 * WEEK + timedelta(days=2), at(MONDAY))

    assert steps() == [("week", 4)]
    assert Notice.objects.get().owed_on == MONDAY + 5 * WEEK


@pytest.mark.parametrize(
    ("days", "step"),
    [(0, ("day", 0)), (6, ("day", 0)), (7, ("week", 0)), (13, ("week", 0)), (14, ("week", 1)), (21, ("week", 2))],
)
def test_a_step_holds_until_the_next_one_begins(look_again, days, step):
    topic("a", "owner@example.org")

    owed = ledger.due(look_again, MONDAY + timedelta(days=days))

    assert [(each.step, each.repeat) for each in owed] == [step]


def test_a_moved_date_owes_anew_and_moving_it_back_does_not():
    one = topic("a", "owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))
    for on in (MONDAY + timedelta(days=1), MONDAY, MONDAY + timedelta(days=1), MONDAY):
        Topic.objects.filter(pk=one.pk).update(retired_on=on)
        ledger.owe(MONDAY + timedelta(days=1), at(MONDAY))

    assert sorted(Notice.objects.values_list("about_on", flat=True)) == [MONDAY, MONDAY + timedelta(days=1)]


def test_one_person_in_two_roles_is_told_once_in_the_first():
    topic("a", "Owner@Example.org", deputy="owner@example.ORG")

    ledger.owe(MONDAY + WEEK, at(MONDAY))

    assert list(Notice.objects.values_list("role", "address")) == [("owner", "owner@example.org")]


def test_the_deputy_stands_in_for_an_owner_who_is_missing():
    topic("a", "", deputy="deputy@example.org")

    ledger.owe(MONDAY, at(MONDAY))

    assert list(Notice.objects.values_list("role", "address")) == [("deputy", "deputy@example.org")]
    assert not Fault.objects.exists()


def test_a_duty_with_nobody_to_receive_it_is_a_fault_until_somebody_is_there():
    one = topic("a", "")

    ledger.owe(MONDAY, at(MONDAY))
    ledger.owe(MONDAY, at(MONDAY))

    fault = Fault.objects.open().get()
    assert (fault.kind, fault.about_id) == (Fault.Kind.NOBODY, one.pk)

    Topic.objects.filter(pk=one.pk).update(help="owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))

    assert not Fault.objects.open().exists()


def test_a_fault_ends_with_the_last_thing_that_its_reason_had(look_again):
    one = topic("one", "")
    ledger.owe(MONDAY, at(MONDAY))
    one.delete()

    ledger.owe(MONDAY, at(MONDAY, 10))

    assert Fault.objects.get().mended_at == at(MONDAY, 10)


def test_a_person_is_kept_as_a_keyed_hash_of_the_lower_case_address(settings):
    topic("a", "Owner@Example.org")
    ledger.owe(MONDAY, at(MONDAY))

    key = hashlib.sha256(b"notices.recipient:" + settings.SECRET_KEY.encode()).digest()
    assert Notice.objects.get().recipient_hash == hmac.new(key, b"owner@example.org", "sha256").hexdigest()


def test_an_address_can_be_erased_and_what_waited_for_it_is_not_sent():
    topic("a", "owner@example.org")
    topic("b", "other@example.org")
    ledger.owe(MONDAY, at(MONDAY))

    ledger.forget("OWNER@example.org", at(MONDAY))

    erased = Notice.objects.get(address="")
    assert erased.dropped_at == at(MONDAY)
    assert Notice.objects.waiting().get().address == "other@example.org"


# --- Timings that change


def change(key: str, **timing) -> None:
    """Put another timing in the place of a step's, as the desk does: it counts from `valid_from` on."""
    Step.objects.filter(key=key, retired_on__isnull=True).update(retired_on=timing["valid_from"])
    Step.objects.create(**{"reason": "look-again", "anchor": "retired_on", "text": "Look.", "key": key} | timing)


def test_a_timing_that_moved_never_repeats_what_was_sent():
    topic("a", "owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))
    change("day", offset_days=3, recipients=["owner"], valid_from=MONDAY + timedelta(days=1))

    assert ledger.owe(MONDAY + timedelta(days=3), at(MONDAY)) == 0


def test_a_reminder_that_moved_earlier_still_comes_to_those_who_had_none():
    topic("a", "owner@example.org", on=MONDAY + timedelta(days=4))
    change("day", offset_days=-5, recipients=["owner"], valid_from=MONDAY + timedelta(days=1))

    assert ledger.owe(MONDAY, at(MONDAY)) == 0
    assert ledger.owe(MONDAY + timedelta(days=1), at(MONDAY + timedelta(days=1))) == 1
    assert ledger.owe(MONDAY + timedelta(days=2), at(MONDAY + timedelta(days=2))) == 0


def test_somebody_new_is_told_of_what_comes_and_not_of_what_is_past():
    topic("a", "owner@example.org", deputy="deputy@example.org")
    ledger.owe(MONDAY, at(MONDAY))
    change("day", offset_days=0, recipients=["owner", "deputy"], valid_from=MONDAY + timedelta(days=1))

    assert ledger.owe(MONDAY + timedelta(days=1), at(MONDAY + timedelta(days=1))) == 0
    topic("b", "owner@example.org", on=MONDAY + timedelta(days=2), deputy="deputy@example.org")
    assert ledger.owe(MONDAY + timedelta(days=2), at(MONDAY)) == 2


def test_repeats_of_another_rhythm_are_new_ones_and_those_sent_are_not_sent_again():
    topic("a", "owner@example.org")
    sent = []

    def owes(days: int):
        day = MONDAY + timedelta(days=days)
        ledger.owe(day, at(day))
        new = list(Notice.objects.exclude(pk__in=[each for each, _on in sent]).values_list("pk", "owed_on"))
        sent.extend(new)
        return [(on - MONDAY).days for _pk, on in new]

    assert [owes(days) for days in (0, 7, 14, 21)] == [[0], [7], [14], [21]]
    change("week", offset_days=7, repeat_every_days=3, recipients=["owner"], valid_from=MONDAY + timedelta(days=23))
    assert [owes(days) for days in (23, 24, 25, 26, 28)] == [[], [], [25], [], [28]]
    change("week", offset_days=7, repeat_every_days=7, recipients=["owner"], valid_from=MONDAY + timedelta(days=30))
    assert [owes(days) for days in (30, 34, 35, 42)] == [[], [], [35], [42]]


def test_a_step_that_is_new_says_nothing_of_days_before_it_came():
    topic("a", "owner@example.org", on=MONDAY - timedelta(days=40))
    Step.objects.create(
        reason="look-again", key="month", anchor="retired_on", offset_days=30, recipients=["owner"], text="Look.",
        valid_from=MONDAY,
    )  # fmt: skip

    assert ledger.owe(MONDAY, at(MONDAY)) == 0


def test_a_step_that_counts_from_a_date_that_nobody_has_owes_nothing():
    Step.objects.update(anchor="somewhere")
    topic("a", "owner@example.org")

    assert ledger.owe(MONDAY, at(MONDAY)) == 0


def test_dates_of_any_century_are_counted_right():
    topic("a", "owner@example.org", on=date(1066, 10, 14))
    topic("b", "owner@example.org", on=date(9990, 1, 1))

    assert ledger.owe(date(1066, 10, 14), at(MONDAY)) == 1
    assert ledger.owe(date(9990, 1, 1), at(MONDAY)) == 2


# --- Dropped, and owed after all


def test_a_dropped_notice_is_taken_up_when_it_is_owed_after_all_and_a_sent_one_is_not():
    topic("a", "owner@example.org")
    topic("b", "owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))
    first, second = Notice.objects.order_by("pk")
    Notice.objects.filter(pk=first.pk).update(dropped_at=at(MONDAY), dropped_why="Nothing is owed any more.")
    mail = Mail.objects.create(recipient_hash=second.recipient_hash, day=MONDAY, sent_at=at(MONDAY))
    Notice.objects.filter(pk=second.pk).update(sent_at=at(MONDAY), mail=mail)

    assert ledger.owe(MONDAY, at(MONDAY, 12)) == 1
    assert ledger.owe(MONDAY, at(MONDAY, 12)) == 0

    again = Notice.objects.waiting().get()
    assert (again.pk, again.mail, again.laid_down_at, again.dropped_why) == (first.pk, None, at(MONDAY, 12), "")


def test_somebody_whose_address_was_erased_and_who_comes_back_is_told():
    topic("a", "owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))
    ledger.forget("owner@example.org", at(MONDAY))

    assert ledger.owe(MONDAY, at(MONDAY)) == 1
    assert Notice.objects.waiting().get().address == "owner@example.org"


# --- Hours


@pytest.mark.parametrize(
    ("moment", "goes"),
    [
        (at(date(2026, 3, 2), 0, 30), at(date(2026, 3, 2), 8)),  # the night before a Monday's work
        (at(date(2026, 3, 2), 11), at(date(2026, 3, 2), 11)),
        (at(date(2026, 3, 7), 11), at(date(2026, 3, 9), 8)),  # a Saturday
        (at(date(2026, 4, 3), 11), at(date(2026, 4, 7), 8)),  # Good Friday, until Easter Monday is over
    ],
)
def test_chasing_waits_for_working_hours(moment, goes):
    topic("a", "owner@example.org")

    ledger.owe(moment.date(), moment)

    assert Notice.objects.get().send_from == goes


def test_the_oldest_unsent_is_counted_from_when_it_could_go():
    assert Notice.objects.oldest_unsent() is None
    topic("a", "owner@example.org")
    saturday = date(2026, 3, 7)
    ledger.owe(saturday, at(saturday))

    assert Notice.objects.oldest_unsent(at(saturday, 23)) is None
    assert Notice.objects.oldest_unsent(at(date(2026, 3, 9), 9)) == at(date(2026, 3, 9), 8)


@pytest.mark.parametrize("count", [1, 20])
def test_owing_takes_the_same_number_of_queries_for_one_thing_and_for_twenty(django_assert_num_queries, count):
    for number in range(count):
        topic(f"t{number}", f"owner{number}@example.org")

    with django_assert_num_queries(7):  # what is astir, steps, begin, lock, the statement, end, the count
        ledger.owe(MONDAY, at(MONDAY))
    assert Notice.objects.count() == count


def test_a_reason_that_asks_first_is_asked_anew_each_time(look_again):
    assert not look_again.by_day_alone
    assert things_statement(look_again, MONDAY) is not things_statement(look_again, MONDAY)


def test_an_address_is_shown_so_that_only_who_knows_it_can_tell():
    assert mask("someone@example.org") == "s•••@example.org"
    assert mask("") == ""
