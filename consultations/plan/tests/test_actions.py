"""What is done with the plan: removing and putting back, deciding clashes, umbrella plans, handing over."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from accounts.tests.factories import MembershipFactory
from consultations.plan import actions
from consultations.plan.clashes import clashes_of, open_clashes
from consultations.plan.models import Choice, ClashDecision, Intention, Umbrella, Window
from consultations.plan.tests.factories import IntentionFactory, UmbrellaFactory, reach
from consultations.tests.factories import ConsultationFactory
from core.duties import duties_of, hand_over
from core.publishing import Conflict

pytestmark = pytest.mark.django_db

ON = date(2026, 1, 10)
NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
HERE = ("dads", "melbridge")


@pytest.fixture
def pair():
    """An intention, and a published consultation of somebody else in the same weeks."""
    theirs = ConsultationFactory(opens_on=date(2026, 3, 1), closes_on=date(2026, 3, 20))
    reach(theirs)
    return IntentionFactory(among=HERE), theirs


def decide(ours, theirs, choice, **said):
    return actions.decide_clash(ours, by=None, other=theirs, choice=choice, on=ON, **said)


def test_what_is_removed_can_be_put_back_for_thirty_days():
    intention = IntentionFactory(among=HERE)
    actions.remove_intention(intention, by=None, at=NOW)
    assert not Window.objects.exists()

    actions.put_back_intention(intention, by=None, at=NOW + timedelta(days=30))
    assert Window.objects.get().intention == intention

    actions.remove_intention(intention, by=None, at=NOW)
    with pytest.raises(ValidationError):
        actions.put_back_intention(intention, by=None, at=NOW + timedelta(days=31))


def test_nobody_overwrites_what_somebody_else_just_changed():
    intention = IntentionFactory()
    actions.save_intention(Intention.objects.get(), by=None, version=1)

    with pytest.raises(Conflict):
        actions.save_intention(intention, by=None, version=1)


def test_an_intention_becomes_a_consultation_that_has_dates():
    intention = IntentionFactory(among=HERE)
    with pytest.raises(ValidationError):
        actions.link_consultation(
            intention, by=None, consultation=ConsultationFactory(draft=True, opens_on=None, closes_on=None)
        )
    consultation = ConsultationFactory()

    actions.link_consultation(intention, by=None, consultation=consultation)

    assert Window.objects.get(consultation=consultation)
    assert not Window.objects.filter(intention=intention).exists()


def test_joining_makes_an_intention_part_of_the_others_consultation(pair):
    ours, theirs = pair

    decide(ours, theirs, Choice.JOIN)

    assert Intention.objects.get().joins == theirs
    assert open_clashes(theirs, ON) == []
    actions.ask_alone_again(ours, by=None)
    assert [each.is_settled for each in clashes_of(theirs, ON).named] == [True]


def test_two_consultations_that_join_stand_beside_each_other(pair):
    _ours, theirs = pair
    mine = ConsultationFactory(draft=True, opens_on=date(2026, 3, 5), closes_on=date(2026, 3, 25))
    reach(mine)

    decide(mine, theirs, Choice.JOIN)

    assert theirs.related.get() == mine


def test_going_ahead_needs_a_reason_that_is_kept(pair):
    ours, theirs = pair
    with pytest.raises(ValidationError):
        decide(ours, theirs, Choice.GO_AHEAD, reason="  ")

    made = decide(ours, theirs, Choice.GO_AHEAD, reason="The grant ends in April.")

    assert (made.days, made.ask, made.other) == (19, ours, theirs)
    assert open_clashes(theirs, ON) == []


def test_moving_sets_the_new_weeks_and_refuses_those_that_clash_again(pair):
    ours, theirs = pair
    with pytest.raises(ValidationError) as refused:
        decide(ours, theirs, Choice.MOVE, starts_on=date(2026, 3, 20), ends_on=date(2026, 4, 20))
    assert "ends_on" in refused.value.message_dict
    assert not ClashDecision.objects.exists()
    ours.refresh_from_db()

    made = decide(ours, theirs, Choice.MOVE, starts_on=date(2026, 3, 21), ends_on=date(2026, 4, 20))

    ours.refresh_from_db()
    assert (ours.starts_on, made.was_starts_on) == (date(2026, 3, 21), date(2026, 3, 2))
    assert clashes_of(ours, ON).named == []


def test_what_families_have_seen_does_not_move_from_here(pair):
    ours, theirs = pair

    with pytest.raises(ValidationError, match="Families have seen its dates"):
        decide(theirs, ours, Choice.MOVE, starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 20))


def test_only_a_clash_can_be_decided(pair):
    ours, _theirs = pair

    with pytest.raises(ValidationError):
        decide(ours, ConsultationFactory(), Choice.JOIN)


def test_a_plan_is_published_once_families_can_read_something_of_it():
    draft = ConsultationFactory(draft=True)
    umbrella = actions.save_umbrella(
        UmbrellaFactory.build(slug="", published_at=None, **_whose()), by=None, consultations=[draft]
    )
    with pytest.raises(ValidationError):
        actions.publish_umbrella(umbrella, by=None)

    one, two = ConsultationFactory(), ConsultationFactory()
    actions.save_umbrella(umbrella, by=None, consultations=[one, two], related=True)
    actions.publish_umbrella(umbrella, by=None)

    assert Umbrella.objects.published().get() == umbrella
    assert one.related.get() == two


def _whose() -> dict:
    member = MembershipFactory()
    return {"organisation": member.organisation, "owner": member}


def test_a_leaver_hands_over_what_is_planned():
    intention = IntentionFactory(starts_on=ON, ends_on=ON)
    umbrella = UmbrellaFactory(organisation=intention.organisation, owner=intention.owner)
    IntentionFactory(owner=intention.owner, starts_on=ON - timedelta(days=9), ends_on=ON - timedelta(days=1))
    to = MembershipFactory(organisation=intention.organisation)

    assert [each.title for each in duties_of(intention.owner_id, ON)] == [intention.title, umbrella.title]
    assert hand_over(intention.owner_id, to.pk, by=None, on=ON) == 2
    assert duties_of(intention.owner_id, ON) == []
