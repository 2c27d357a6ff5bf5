"""Help to take part on the desk: the list worst first, one press to settle it, the number, what leavers hand over."""

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.events.tests.factories import EventFactory
from consultations.help.models import Asker, HelpRequest
from consultations.help.stages import HelpStage
from consultations.help.tests.factories import AskerFactory, HelpRequestFactory
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory, days
from core.duties import duties_of, hand_over
from core.numbers import Asking, numbers_for
from core.queues import owed_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return MembershipFactory(organisation=OrganisationFactory(promising=True))


@pytest.fixture
def desk(client, member):
    """A browser of the member."""
    client.force_login(member.user)
    return client


def ours(member, **facts) -> HelpRequest:
    """A request about something of the member's service."""
    asked = ConsultationFactory(
        open=True, organisation=member.organisation, owner=member, title=facts.pop("title", "A")
    )
    return HelpRequestFactory(consultation=asked, **facts)


def listed(desk, **asked) -> list:
    """The rows of the list."""
    return desk.get(reverse("consultations:help-requests"), asked).context["rows"]


def test_the_list_stands_worst_first(desk, member):
    requests = {
        "met": ours(member, met=True),
        "soon": ours(member, due_on=days(2)),
        "met late": ours(member, met_late=True),
        "late": ours(member, due_on=days(-2)),
        "today": ours(member, due_on=days(0)),
        "not": ours(member, could_not=True),
        "later": ours(member, late=True),
    }
    off = ours(member, late=True)
    Consultation.objects.filter(pk=off.consultation_id).update(
        withdrawn_on=days(-1), withdrawn_reason="x", withdrawn_views="y"
    )
    names = {request: name for name, request in requests.items()} | {off: "off"}
    HelpRequestFactory(late=True)  # of another service

    rows = listed(desk)

    assert [names[row.request] for row in rows] == [
        "later", "late", "today", "soon", "not", "met late", "met", "off",
    ]  # fmt: skip
    assert [row.words for row in rows[:4]] == ["3 days late", "2 days late", "due today", rows[3].words]
    assert rows[4].words.startswith("Could not be met on ")
    assert rows[7].words == "Called off: nothing to do"


@pytest.mark.parametrize("stage", HelpStage)
def test_it_can_be_narrowed_by_how_far_it_has_got_and_by_words(desk, member, stage):
    for trait in ({}, {"late": True}, {"met": True}, {"met_late": True}, {"could_not": True}):
        ours(member, title="Respite beds", **trait)
    ours(member, title="Buses")

    assert {row.request.stage for row in listed(desk, stage=stage.value)} == {stage}
    assert len(listed(desk, q="respite")) == 5
    assert listed(desk, q="zebra") == []
    assert len(listed(desk, stage="zebra")) == 6


def test_an_empty_list_says_what_will_show_here(desk):
    html = desk.get(reverse("consultations:help-requests")).content.decode()

    assert "Nobody has asked for help yet" in html


def test_its_page_says_what_is_needed_and_whom_to_reach_and_until_when_the_hub_knows_it(desk, member):
    request = ours(member)
    AskerFactory(request=request)

    html = desk.get(request.get_absolute_url()).content.decode()

    for words in ("An interpreter", "Somali", "I can come after school.", "Amina Yusuf", "amina@example.com"):
        assert words in html
    assert "The hub deletes this after" in html


def test_one_press_says_that_it_is_met_and_one_more_undoes_it(desk, member):
    request = ours(member)

    page = desk.post(reverse("consultations:help-met", args=[request.pk]), follow=True).content.decode()
    assert HelpRequest.objects.get().met_on == days(0)
    assert "Undo" in page

    again = desk.post(reverse("consultations:help-met", args=[request.pk]), follow=True).content.decode()
    assert "Somebody has settled it already" in again

    page = desk.post(reverse("consultations:help-put-back", args=[request.pk]), follow=True).content.decode()
    assert HelpRequest.objects.get().met_on is None
    assert "The help is there" in page


def test_it_can_have_been_there_on_an_earlier_day_but_not_before_it_was_asked_or_tomorrow(desk, member):
    request = ours(member, due_on=days(-2))
    url = reverse("consultations:help-met-earlier", args=[request.pk])

    def met_on(day):
        return desk.post(url, {"met_on_day": day.day, "met_on_month": day.month, "met_on_year": day.year})

    assert met_on(days(1)).status_code == 400
    assert met_on(days(-5)).status_code == 400
    assert met_on(days(-2)).status_code == 302
    assert HelpRequest.objects.get().stage == HelpStage.MET


def test_what_could_not_be_met_has_a_reason(desk, member):
    request = ours(member)
    url = reverse("consultations:help-could-not", args=[request.pk])

    refused = desk.post(url, {"note": "We rang five agencies."})
    assert refused.status_code == 400
    assert "We rang five agencies." in refused.content.decode()
    page = desk.post(url, {"why_not": "nobody", "note": "We rang five agencies."}, follow=True).content.decode()

    assert HelpRequest.objects.get().stage == HelpStage.COULD_NOT
    assert "Nobody could do it in time" in page
    assert "We rang five agencies." in page


def test_who_asked_can_be_deleted_at_once_and_the_request_stays(desk, member):
    request = ours(member)
    AskerFactory(request=request)

    page = desk.post(reverse("consultations:help-forget", args=[request.pk]), follow=True).content.decode()

    assert not Asker.objects.exists()
    assert "has deleted it" in page
    assert HelpRequest.objects.exists()


# What you owe, and the number


def test_it_waits_on_what_you_owe_of_the_service_and_of_who_looks_after_the_hub(member):
    ours(member, due_on=days(-3))
    ours(member, met=True)
    HelpRequestFactory()
    fis = MembershipFactory(role=Role.FIS_EDITOR).user
    board = MembershipFactory(role=Role.BOARD_VIEWER).user

    def waits(user, **asked):
        return [owed for owed in owed_by(user, days(0), **asked) if owed.kind == "help"]

    (owed,) = waits(member.user)
    assert owed.title == "An interpreter for “A”"
    assert owed.days_late(days(0)) == 3
    assert (len(waits(fis, everyone=True)), len(waits(fis)), len(waits(board, everyone=True))) == (2, 0, 0)


@pytest.mark.parametrize("whose", ["contributor", "mine", "everyone"])
def test_the_number_of_late_ones_leads_to_exactly_those(client, member, whose):
    for _number in range(2):
        ours(member, late=True)
    ours(member)
    ours(member, met_late=True)
    HelpRequestFactory(late=True)
    if whose != "contributor":
        MembershipFactory(user=member.user, role=Role.FIS_EDITOR)
    client.force_login(member.user)

    page = client.get(reverse("desk"), {"show": "mine"} if whose == "mine" else {})
    (tile,) = [each for each in page.context["tiles"] if each["text"] == "help to take part late"]

    assert tile["number"] == {"contributor": "2", "mine": "2", "everyone": "3"}[whose]
    assert tile["about"] == "longest: 3 days"
    assert str(client.get(tile["url"]).context["page"].paginator.count) == tile["number"]


def test_while_none_is_late_there_is_no_number(member):
    ours(member)

    asking = Asking(member.user, days(0), False, owed_by(member.user, days(0)))
    assert "help to take part late" not in [number.text for number in numbers_for(asking)]


# Leaving


def test_what_is_over_and_still_waits_is_handed_over_and_the_rest_goes_with_its_record(member):
    goes_along = ours(member, late=True)
    over = HelpRequestFactory(
        late=True, consultation=ConsultationFactory(responded=True, organisation=member.organisation, owner=member)
    )
    event = EventFactory(
        once=True, first_day=days(-100), organisation=member.organisation, owner=MembershipFactory(), deputy=member,
        published_at="2020-01-01T00:00Z",
    )  # fmt: skip
    HelpRequestFactory(late=True, event=event, day=days(-100), last_day=days(-100))
    other = MembershipFactory(organisation=member.organisation)

    assert sorted(duty.what for duty in duties_of(member.pk, days(0))) == [
        "Answers for a request for help", "Deputy", "Owner of the answer",
    ]  # fmt: skip
    assert hand_over(member.pk, other.pk, by=None, on=days(0)) == 3
    assert not duties_of(member.pk, days(0))
    for request in (goes_along, over):
        request.consultation.refresh_from_db()
        assert request.consultation.owner == other


@pytest.mark.parametrize("count", [1, 200])
def test_the_list_asks_as_much_for_two_hundred_as_for_one(client, django_assert_max_num_queries, count):
    first = HelpRequestFactory(late=True)
    facts = {"consultation": first.consultation, "asked_on": days(-4), "due_on": days(-3), "kind": "costs"}
    HelpRequest.objects.bulk_create(HelpRequest(**facts) for _number in range(count - 1))
    client.force_login(MembershipFactory(role=Role.FIS_MANAGER).user)

    with django_assert_max_num_queries(9):
        assert len(listed(client)) == min(count, 20)
    with django_assert_max_num_queries(12):
        client.get(first.get_absolute_url())
