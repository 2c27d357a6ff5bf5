"""Stages are worked out from dates, by one table that is read three ways."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from core.models import Topic
from core.timeline import Begins, Timeline

TIMELINE = Timeline(
    before="asleep",
    begins=(
        Begins("over", "ends", timedelta(days=1)),
        Begins("awake", "starts"),
    ),
)
RETIRING = Timeline(
    before="in use",
    begins=(Begins("gone", "retired_on", timedelta(days=2)), Begins("going", "retired_on")),
)
DAY = date(2027, 4, 8)


@dataclass
class Record:
    """Something with dates."""

    starts: date | None = None
    ends: date | None = None


@pytest.mark.parametrize(
    ("on", "stage"),
    [
        (date(2027, 3, 31), "asleep"),
        (date(2027, 4, 1), "awake"),
        (date(2027, 4, 8), "awake"),
        (date(2027, 4, 9), "over"),
    ],
)
def test_a_stage_begins_on_its_day_and_lasts_through_its_last(on, stage):
    assert TIMELINE.of(Record(date(2027, 4, 1), date(2027, 4, 8)), on) == stage


def test_a_record_without_dates_has_not_begun():
    assert TIMELINE.of(Record(), DAY) == "asleep"


def test_a_later_stage_wins_even_when_an_earlier_one_never_began():
    assert TIMELINE.of(Record(ends=date(2027, 4, 1)), DAY) == "over"


def test_stages_are_told_earliest_first():
    assert list(TIMELINE.stages()) == ["asleep", "awake", "over"]


def test_a_stage_that_the_timeline_does_not_have_is_refused():
    with pytest.raises(KeyError):
        TIMELINE.within("dreaming", DAY)


@pytest.mark.django_db
@pytest.mark.parametrize("after", range(-1, 4))
def test_the_three_readings_agree_on_every_day_around_a_date(after):
    retired = Topic.objects.create(key="retired-topic", label="Retired", retired_on=DAY)
    never = Topic.objects.create(key="topic-in-use", label="In use")
    ours = Topic.objects.filter(pk__in=[retired.pk, never.pk])
    day = DAY + timedelta(days=after)

    by_case = dict(ours.annotate(then=RETIRING.case(day)).values_list("pk", "then"))

    assert by_case == {each.pk: RETIRING.of(each, day) for each in (retired, never)}
    for stage in RETIRING.stages():
        found = {each.pk for each in ours.filter(RETIRING.within(stage, day))}
        assert found == {pk for pk, then in by_case.items() if then == stage}


@pytest.mark.django_db
def test_a_stage_begins_at_midnight_by_the_uk_clock():
    """8 April 2027 begins an hour before Greenwich's midnight."""
    topic = Topic.objects.create(key="a", retired_on=date(2027, 4, 8))

    def since(day):
        return Topic.objects.annotate(since=RETIRING.since(day)).get(pk=topic.pk).since

    assert since(date(2027, 4, 7)) is None
    assert since(date(2027, 4, 8)) == datetime(2027, 4, 7, 23, tzinfo=UTC)
    assert since(date(2027, 4, 10)) == datetime(2027, 4, 9, 23, tzinfo=UTC)


@pytest.mark.django_db
def test_asking_for_no_stage_finds_nothing_and_for_all_finds_everything():
    Topic.objects.create(key="retired-topic", label="Retired", retired_on=DAY)

    assert not Topic.objects.filter(RETIRING.within_any([], DAY)).exists()
    assert Topic.objects.filter(RETIRING.within_any(list(RETIRING.stages()), DAY)).count() == Topic.objects.count()
