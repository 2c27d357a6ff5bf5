"""Which asks fall on the same families in the same weeks."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consultations.plan.clashes import clashes_of, count_open, open_clashes, window_of
from consultations.plan.models import Choice, ClashDecision, Intention, Window
from consultations.plan.tests.factories import IntentionFactory, reach
from consultations.tests.factories import ConsultationFactory
from core.models import Audience

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 10)
HERE = ("dads", "melbridge")


def march(first: int, last: int, **facts):
    """An intention for some days of March."""
    return IntentionFactory(starts_on=date(2026, 3, first), ends_on=date(2026, 3, last), **{"among": HERE} | facts)


def titles(ask, day=DAY):
    return [each.ask.title for each in clashes_of(ask, day).named]


def test_the_last_day_counts_and_the_next_one_does_not():
    ours = march(1, 10)
    touches = march(10, 20, title="Touches")
    march(11, 20, title="A day later")

    (clash,) = clashes_of(ours, DAY).named

    assert (clash.ask, clash.days) == (touches, 1)


def test_the_same_families_clash_by_area_or_by_topic_and_others_do_not():
    ours = march(1, 10, among=("dads teens", "melbridge", "parks"))
    march(1, 10, title="Area", among=("dads", "melbridge", ""))
    march(1, 10, title="Topic", among=("teens", "elsewhere", "parks"))
    march(1, 10, title="Other families", among=("carers", "melbridge", "parks"))
    march(1, 10, title="Nothing but the families", among=("dads", "elsewhere", "roads"))

    assert sorted(titles(ours)) == ["Area", "Topic"]
    assert clashes_of(ours, DAY).named[0].words.startswith("10 days in common; for Dads")


def test_the_worst_comes_first_by_days_and_by_what_is_shared():
    ours = march(1, 20, among=("dads", "melbridge otter", "parks"))
    march(1, 12, title="Twelve days, one area")
    march(11, 20, title="Ten days, all of it", among=("dads", "melbridge otter", "parks"))
    march(20, 30, title="One day")

    assert titles(ours) == ["Ten days, all of it", "Twelve days, one area", "One day"]


def test_drafts_scheduled_and_published_consultations_count_and_what_is_off_does_not():
    ours = march(1, 31)
    days = {"opens_on": date(2026, 3, 1), "closes_on": date(2026, 3, 20)}
    for title, facts in (
        ("Draft", {"draft": True}),
        ("Scheduled", {"draft": True, "approved_at": "2026-01-01T00:00Z", "publish_at": "2026-02-01T00:00Z"}),
        ("Published", {}),
        ("Taken off", {"archived_at": "2026-01-01T00:00Z"}),
        ("Thrown away", {"deleted_at": "2026-01-01T00:00Z"}),
        ("Stopped", {"withdrawn": True} | days),
        ("Always open", {"standing": True, "closes_on": None}),
    ):
        reach(ConsultationFactory(title=title, **days | facts))

    assert sorted(titles(ours)) == ["Draft", "Published", "Scheduled"]


def test_what_is_over_clashes_with_nothing():
    ours = march(1, 31)
    march(1, 10, title="Early")
    march(5, 20, title="Later")

    assert titles(ours, date(2026, 3, 11)) == ["Later"]
    assert clashes_of(ours, date(2026, 3, 11)).named[0].days == 10
    assert titles(ours, date(2026, 4, 1)) == []


def test_the_window_follows_every_change_of_the_ask_bulk_changes_too():
    intention = march(1, 10)
    consultation = ConsultationFactory(draft=True, opens_on=None, closes_on=None)
    assert window_of(consultation) is None

    type(consultation).objects.update(opens_on=date(2026, 3, 1), closes_on=date(2026, 3, 9))
    reach(consultation, "dads", "melbridge otter", "parks")
    Intention.objects.update(ends_on=date(2026, 3, 12))
    Audience.objects.filter(key="dads").delete()

    ours, theirs = window_of(intention), window_of(consultation)
    assert (ours.ends_on, ours.audiences, len(ours.areas)) == (date(2026, 3, 12), [], 1)
    assert (theirs.ends_on, len(theirs.areas), len(theirs.topics)) == (date(2026, 3, 9), 2, 1)
    assert not theirs.is_public

    Intention.objects.update(consultation=consultation)
    assert Window.objects.get() == theirs
    consultation.delete()
    assert Window.objects.get().intention == intention


@pytest.mark.parametrize(
    ("choice", "grows", "settled"),
    [
        (Choice.GO_AHEAD, False, True),
        (Choice.GO_AHEAD, True, False),
        (Choice.JOIN, True, True),
        (Choice.MOVE, False, False),
    ],
)
def test_a_decision_of_either_settles_the_pair_until_the_overlap_grows(choice, grows, settled):
    ours, theirs = march(1, 10), march(6, 20)
    ClashDecision.objects.create(
        intention=theirs, other_intention=ours, choice=Choice.GO_AHEAD, reason="An older one", days=1, decided_on=DAY
    )
    ClashDecision.objects.create(
        intention=theirs, other_intention=ours, choice=choice, reason="Both are short", days=5, decided_on=DAY,
        now_starts_on=DAY, now_ends_on=DAY,
    )  # fmt: skip
    if grows:
        Intention.objects.filter(pk=ours.pk).update(ends_on=date(2026, 3, 11))

    for one in (ours, theirs):
        assert [each.is_settled for each in clashes_of(one, DAY).named] == [settled]
        assert count_open([window_of(one).pk], DAY) == ({} if settled else {window_of(one).pk: 1})


def test_a_consultation_is_asked_for_what_is_open():
    consultation = ConsultationFactory(draft=True, opens_on=date(2026, 3, 1), closes_on=date(2026, 3, 20))
    reach(consultation)
    theirs = march(1, 9)

    assert [each.ask for each in open_clashes(consultation, DAY)] == [theirs]


days = st.integers(0, 25)
some = st.sets(st.integers(0, 3), max_size=3)
ask = st.tuples(days, st.integers(0, 12), some, some, some)


@given(asks=st.lists(ask, min_size=2, max_size=7), since=days)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_pairs_are_those_that_an_honest_comparison_finds(asks, since):
    Window.objects.all().delete()
    Intention.objects.all().delete()
    first = IntentionFactory.build(organisation=None, owner=None)
    member = _member()
    start = date(2026, 3, 1)
    rows = Intention.objects.bulk_create(
        Intention(
            title=first.title, organisation=member.organisation, owner=member,
            starts_on=start + timedelta(days=begins), ends_on=start + timedelta(days=begins + lasts),
        )
        for begins, lasts, *_lists in asks
    )  # fmt: skip
    for row, (_begins, _lasts, *lists) in zip(rows, asks, strict=True):
        names = dict(zip(("audiences", "areas", "topics"), map(sorted, lists), strict=True))
        Window.objects.filter(intention=row).update(**names)
    day = start + timedelta(days=since)

    (ours, *others) = zip(rows, asks, strict=True)
    expected = {}
    for row, theirs in others:
        from_day = max(ours[1][0], theirs[0], since)
        to_day = min(ours[1][0] + ours[1][1], theirs[0] + theirs[1])
        audiences, areas, topics = (ours[1][place] & theirs[place] for place in (2, 3, 4))
        if from_day <= to_day and audiences and (areas or topics):
            expected[row.pk] = (to_day - from_day + 1) * (len(audiences) + len(areas) + len(topics))

    found = clashes_of(ours[0], day)
    assert {each.ask.pk: each.weight for each in found.named} == expected
    assert [each.weight for each in found.named] == sorted(expected.values(), reverse=True)
    assert found.total == sum(count_open([window_of(ours[0]).pk], day).values()) == len(expected)


def _member():
    from accounts.models import Membership
    from accounts.tests.factories import MembershipFactory

    return Membership.objects.first() or MembershipFactory()
