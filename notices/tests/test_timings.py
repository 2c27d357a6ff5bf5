"""When reminders go out: in words, changed by whoever manages the hub, with a preview of whose mail would change."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from notices import actions, ledger, post, timings
from notices.models import Notice, Step
from notices.tests.conftest import MONDAY, at, run, topic

pytestmark = pytest.mark.usefixtures("look_again")
DAY = timedelta(days=1)
TUESDAY = MONDAY + DAY


def step(key: str) -> Step:
    """The newest timing of a step."""
    return Step.objects.filter(key=key).order_by("pk").last()


def timing(**facts) -> dict:
    """The fields of a timing: a week before the day, for the owner."""
    return {"anchor": "retired_on", "offset_days": -7, "recipients": ["owner"], "text": "Look."} | facts


def change(key: str, *, on: date = MONDAY, valid_from: date = TUESDAY, **facts) -> Step:
    """Change a step."""
    return actions.change_timing(step(key), by=None, on=on, valid_from=valid_from, **timing(**facts))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"offset_days": 0}, "On its day"),
        ({"offset_days": -1}, "1 day before its day"),
        ({"offset_days": -28}, "28 days before its day"),
        ({"offset_days": 15, "repeat_every_days": 14}, "15 days after its day, then every 14 days"),
        ({"offset_days": 1, "anchor": "somewhere"}, "1 day after somewhere"),
    ],
)
def test_a_timing_is_said_in_words(facts, words):
    assert timings.when_words(Step(reason="look-again", **timing(**facts))) == words


def test_a_change_counts_from_its_day_on_and_keeps_the_key():
    topic("a", "owner@example.org", on=MONDAY + 10 * DAY)
    changed = change("day", offset_days=-9)

    assert changed.key == "day"
    assert ledger.owe(MONDAY, at(MONDAY)) == 0
    assert ledger.owe(TUESDAY, at(TUESDAY)) == 1


def test_what_was_said_today_cannot_be_changed():
    with pytest.raises(ValidationError, match="still to come"):
        change("day", valid_from=MONDAY)


def test_a_change_that_has_not_begun_is_replaced_by_another_one():
    change("day", offset_days=-9, valid_from=MONDAY + 20 * DAY)
    change("day", offset_days=-3, valid_from=TUESDAY)

    of_the_day = Step.objects.filter(key="day").order_by("pk").values_list("offset_days", "valid_from", "retired_on")
    assert list(of_the_day) == [(0, None, TUESDAY), (-3, TUESDAY, None)]


def test_a_stopped_step_counts_today_and_can_be_started_again(mailoutbox):
    topic("a", "owner@example.org", on=TUESDAY)
    actions.stop_step(step("day"), by=None, on=MONDAY)
    run(TUESDAY)
    assert mailoutbox == []

    change("day", on=TUESDAY, valid_from=TUESDAY + DAY, offset_days=0)
    run(TUESDAY + DAY)

    assert len(mailoutbox) == 1


def test_stopping_takes_a_change_back_that_has_not_begun():
    change("day", offset_days=-9, valid_from=MONDAY + 20 * DAY)

    actions.stop_step(step("day"), by=None, on=MONDAY)

    assert Step.objects.get(key="day").retired_on == TUESDAY


def test_the_last_reminder_of_what_is_late_cannot_stop():
    with pytest.raises(ValidationError, match="Chasing never stops"):
        actions.stop_step(step("week"), by=None, on=MONDAY)

    actions.add_step(
        by=None, on=MONDAY, reason="look-again", key="added_3", valid_from=TUESDAY, **timing(offset_days=30)
    )
    actions.stop_step(step("week"), by=None, on=MONDAY)

    assert step("week").retired_on == TUESDAY


def test_a_key_is_used_once():
    with pytest.raises(ValidationError, match="Change that one"):
        actions.add_step(by=None, on=MONDAY, reason="look-again", key="day", valid_from=TUESDAY, **timing())


def test_what_was_changed_is_in_the_history():
    change("day", offset_days=-9)

    history = apps.get_model("notices", "StepHistory").objects.filter(key="day").order_by("pk")
    assert history.last().pgh_context.metadata["did"] == "changed when a reminder goes out"


# --- Whose mail would change


def preview(key: str = "day", *, on: date = MONDAY, valid_from: date = TUESDAY, **facts) -> dict:
    """What would change, by person and thing: the days before and after, counted from MONDAY."""
    reason, same = "look-again", timing(valid_from=valid_from, **facts)
    found = timings.preview(Step(reason=reason, key=key, **same), on=on)
    return {
        (row.masked_address, row.title): [[(day - MONDAY).days for day in days] for days in (row.before, row.after)]
        for row in found.rows
    }


def test_the_preview_shows_whose_mail_moves_and_to_which_day():
    topic("a", "owner@example.org", on=MONDAY + 10 * DAY)
    topic("b", "other@example.org", on=MONDAY + 5 * DAY, deputy="deputy@example.org")
    topic("far", "owner@example.org", on=MONDAY + 90 * DAY)

    assert preview(offset_days=-3) == {
        ("o•••@example.org", "Topic a"): [[10, 17, 24], [7, 17, 24]],
        ("o•••@example.org", "Topic b"): [[5, 12, 19, 26], [2, 12, 19, 26]],
    }
    assert Step.objects.count() == 2
    assert not Notice.objects.exists()


def test_the_preview_shows_who_would_be_told_and_who_no_more():
    topic("b", "other@example.org", on=MONDAY + 5 * DAY, deputy="deputy@example.org")

    assert preview(offset_days=0, recipients=["deputy"]) == {
        ("d•••@example.org", "Topic b"): [[12, 19, 26], [5, 12, 19, 26]],
        ("o•••@example.org", "Topic b"): [[5, 12, 19, 26], [12, 19, 26]],
    }


def test_what_went_out_already_is_in_no_preview():
    topic("a", "owner@example.org", on=MONDAY)
    run(MONDAY)

    assert preview(offset_days=2) == {}


def test_a_change_of_words_only_changes_nobodys_days():
    topic("a", "owner@example.org", on=MONDAY + 10 * DAY)

    assert preview(offset_days=0, text="Please look.") == {}


@pytest.mark.parametrize("offset", [-12, -3, 0, 2, 9])
def test_the_preview_says_what_then_happens(offset, mailoutbox):
    for number in range(6):
        topic(f"t{number}", f"owner{number}@example.org", on=MONDAY + (4 * number - 6) * DAY)
    run(MONDAY)
    mailoutbox.clear()
    expected = preview(offset_days=offset)
    unchanged = preview(offset_days=0)
    change("day", offset_days=offset)

    went_out = {}
    for number in range(1, timings.AHEAD + 1):
        day = MONDAY + number * DAY
        before = len(mailoutbox)
        ledger.owe(day, at(day))
        post.send(day, at(day), at_once=True)
        for mail in mailoutbox[before:]:
            went_out.setdefault(mail.subject.rpartition(": ")[2], []).append(number)

    assert unchanged == {}
    for (_who, title), (_before, after) in expected.items():
        assert went_out.get(title, []) == after, title


@pytest.mark.parametrize("count", [1, 20])
def test_a_preview_takes_as_many_queries_for_one_thing_and_for_twenty(django_assert_num_queries, count):
    for number in range(count):
        topic(f"t{number}", f"owner{number}@example.org", on=MONDAY + 10 * DAY)

    with django_assert_num_queries(3 + 1 + 2 * timings.AHEAD):  # steps, ledger, titles; a day before; each day twice
        assert preview(offset_days=-3)
