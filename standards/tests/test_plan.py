"""What a service plans about its gaps: on the desk, in the register, chased, and ended in words."""

from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.tests.factories import days
from core.dates import today
from core.duties import duties_of, hand_over
from core.publishing import Conflict
from notices import ledger
from notices.defaults import load_steps
from notices.models import Notice
from standards.models import PlannedAction
from standards.plan import actions
from standards.tests.factories import AdoptionFactory, PlannedActionFactory, begun, said_of_all

pytestmark = pytest.mark.django_db
GAP = "people-emerging-1"


def even(answer) -> str:
    """What a page says, with its white space made even."""
    return " ".join(unescape(answer.content.decode()).split())


@pytest.fixture
def lead(client):
    """A browser in which the lead of a service has signed in."""
    member = MembershipFactory(role=Role.LEAD)
    client.force_login(member.user)
    return member


def typed(member, **changes):
    """What somebody types who plans something."""
    day = days(60)
    said = {"gap": "Nobody leads on it", "action": "We name somebody.", "owner": member.pk, "priority": "high"}
    said |= {"due_on_day": day.day, "due_on_month": day.month, "due_on_year": day.year}
    return said | {"parent_role": "Two parents choose with us."} | changes


def test_a_gap_of_the_check_becomes_a_plan_that_families_read(client, lead):
    adoption = AdoptionFactory(organisation=lead.organisation, owner=lead)
    said_of_all(begun(adoption), people_emerging_1="not_yet")
    page = even(client.get(reverse("standards:plan", args=[adoption.pk])))
    assert "A named person leads on parent and carer involvement" in page
    address = reverse("standards:plan-add", args=[adoption.pk, GAP])
    assert "A named person leads" in even(client.get(address))

    assert "Say how parents and carers are part of it" in even(client.post(address, typed(lead, parent_role="")))
    client.post(address, typed(lead))

    page = even(client.get(reverse("standards:plan", args=[adoption.pk])))
    assert "Nobody leads on it" in page
    assert "Gaps that nothing is planned about" not in page
    public = even(client.get(adoption.get_absolute_url()))
    assert "Two parents choose with us." in public
    assert str(lead.user) not in public


def test_it_is_changed_and_ended_in_words(client, lead):
    adoption = AdoptionFactory(organisation=lead.organisation, owner=lead)
    planned = PlannedActionFactory(adoption=adoption)
    client.post(reverse("standards:planned", args=[planned.pk]), typed(lead, gap="Another gap", version=1))
    assert PlannedAction.objects.get().gap == "Another gap"
    answer = client.post(reverse("standards:planned", args=[planned.pk]), typed(lead, version=1))
    assert "Somebody else changed it while you typed" in even(answer)

    end = reverse("standards:planned-end", args=[planned.pk])
    assert "Say what came of it" in even(client.post(end, {"ended": "done", "outcome": ""}))
    client.post(end, {"ended": "done", "outcome": "It hangs in each hub."})

    assert PlannedAction.objects.get().done_on == today()
    assert "It hangs in each hub." in even(client.get(adoption.get_absolute_url()))
    assert client.get(end).status_code == 302


@pytest.mark.parametrize(
    ("facts", "words"), [({"due_on": -1}, "still to come"), ({"gap": " "}, "what needs to get better")]
)
def test_what_does_not_fit_is_refused(facts, words):
    planned = PlannedActionFactory()
    facts = {name: days(value) if name == "due_on" else value for name, value in facts.items()}

    with pytest.raises(ValidationError, match=words):
        actions.change(planned, by=None, on=today(), facts=facts, version=1)
    with pytest.raises(Conflict):
        actions.change(planned, by=None, on=today(), facts={}, version=9)


def test_it_ends_once():
    planned = PlannedActionFactory()
    actions.finish(planned, by=None, on=today(), outcome="We had no money.", is_done=False)

    with pytest.raises(ValidationError, match="ended already"):
        actions.finish(planned, by=None, on=today(), outcome="Done after all.", is_done=True)
    assert not PlannedAction.objects.open().exists()


@pytest.mark.parametrize(("due_in", "step"), [(15, None), (14, "plan_14"), (-1, "plan_over")])
def test_its_day_is_chased(due_in, step):
    load_steps()
    planned = PlannedActionFactory(due_on=days(due_in))

    ledger.owe(today(), timezone.now())

    found = Notice.objects.filter(reason="standard-plan-due", address=planned.owner.user.email)
    assert [notice.step for notice in found] == ([step] if step else [])


def test_who_leaves_hands_it_over():
    planned = PlannedActionFactory()
    heir = MembershipFactory(organisation=planned.adoption.organisation)
    assert planned.gap in [duty.title for duty in duties_of(planned.owner_id, today())]

    hand_over(planned.owner_id, heir.pk, by=None, on=today())

    assert PlannedAction.objects.get().owner == heir


def test_others_see_no_plan(client):
    planned = PlannedActionFactory()
    client.force_login(MembershipFactory(role=Role.LEAD).user)

    for address in (
        reverse("standards:plan", args=[planned.adoption_id]),
        reverse("standards:planned", args=[planned.pk]),
        reverse("standards:planned-end", args=[planned.pk]),
    ):
        assert client.get(address).status_code == 403, address


@pytest.mark.parametrize("count", [1, 20])
def test_the_plan_takes_the_same_queries_however_long(client, lead, django_assert_max_num_queries, count):
    adoption = AdoptionFactory(organisation=lead.organisation, owner=lead)
    PlannedActionFactory.create_batch(count, adoption=adoption)

    with django_assert_max_num_queries(9):
        client.get(reverse("standards:plan", args=[adoption.pk]))
