"""An example on its way to families and off again, and what other services say of trying it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.tests.factories import ConsultationFactory
from core.dates import today
from core.publishing import Conflict, EditorialState
from feedback.tests.factories import FeedbackEntryFactory
from practice import actions
from practice.models import ExampleCheck, PracticeExample, Tried
from practice.tests.factories import PracticeExampleFactory, TriedFactory, with_lists

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    return OrganisationFactory()


@pytest.fixture
def writer(service):
    return MembershipFactory(organisation=service).user


@pytest.fixture
def checkers():
    """Two people of the Family Information Service."""
    return [MembershipFactory(role=Role.FIS_EDITOR).user for _each in range(2)]


@pytest.fixture
def draft(service):
    return with_lists(PracticeExampleFactory(draft=True, organisation=service))


@pytest.fixture
def published(service):
    return with_lists(PracticeExampleFactory(organisation=service))


def now():
    return timezone.now()


def save(example, by, mark="", waits=False, **values):
    return actions.save_values(example, by=by, on=today(), values=values, mark=mark, waits=waits)


def test_a_draft_gets_an_address_that_no_other_has_and_no_page_of_its_own_name(writer, service):
    values = {"title": "Network", "organisation": service.pk}
    one, two = (actions.start(by=writer, values=values) for _each in range(2))

    assert [one.slug, two.slug] == ["network-2", "network-3"]
    assert one.editorial_state == EditorialState.DRAFT


def test_a_step_saves_lists_and_tips(draft, writer):
    tips = [{"text": "Ask early.", "place": "step:when"}]
    save(draft, writer, tips=tips, cost="Little", areas=[])

    draft.refresh_from_db()
    assert (draft.cost, draft.version) == ("Little", 2)
    assert [tip.text for tip in draft.tips.all()] == ["Ask early."]
    assert not draft.areas.exists()


def test_nobody_overwrites_what_somebody_else_saved(draft, writer):
    mark = actions.mark_of(draft, None)
    save(draft, writer, mark=mark, cost="One")

    with pytest.raises(Conflict):
        save(draft, writer, mark=mark, cost="Two")


def test_it_points_only_at_what_families_can_read(draft, writer):
    hidden = ConsultationFactory(draft=True, organisation=draft.organisation)

    with pytest.raises(ValidationError, match="Families cannot see that"):
        save(draft, writer, consultation=hidden.pk)
    save(draft, writer, entry=FeedbackEntryFactory().pk)


def test_what_is_missing_is_named_before_it_is_sent(draft, writer):
    PracticeExample.objects.filter(pk=draft.pk).update(hard="", level="")
    draft.supports.clear()

    with pytest.raises(ValidationError) as refused:
        actions.submit(draft, by=writer, now=now())
    assert set(refused.value.message_dict) == {"hard", "level", "supports"}


def test_without_help_to_take_part_it_says_why(draft, writer):
    draft.supports.clear()
    save(draft, writer, no_support_reason="It was by phone.")

    assert actions.submit(draft, by=writer, now=now()).sent_at


def test_sent_twice_it_waits_once(draft, writer):
    assert actions.submit(draft, by=writer, now=now()) == actions.submit(draft, by=writer, now=now())


def test_it_is_sent_back_with_a_reason_mended_and_approved(draft, writer, checkers):
    check = actions.submit(draft, by=writer, now=now())
    with pytest.raises(ValidationError, match="Say what to change"):
        actions.send_back(check, by=checkers[0], reason=" ", now=now())
    actions.send_back(check, by=checkers[0], reason="How many parents?", now=now())
    draft.refresh_from_db()
    assert draft.editorial_state == EditorialState.RETURNED

    again = actions.submit(draft, by=writer, now=now())
    actions.approve(again, by=checkers[0], on=today(), now=now())

    draft.refresh_from_db()
    assert draft.is_published
    assert draft.review_by == today() + timedelta(days=365)
    assert draft.checked_on == today()


def test_one_decision_is_enough(draft, writer, checkers):
    check = actions.submit(draft, by=writer, now=now())
    actions.approve(check, by=checkers[0], on=today(), now=now())

    for act in (
        lambda: actions.approve(check, by=checkers[1], on=today(), now=now()),
        lambda: actions.send_back(check, by=checkers[1], reason="No", now=now()),
    ):
        with pytest.raises(ValidationError, match="Somebody else has decided"):
            act()


def test_in_a_team_of_two_nobody_approves_their_own(draft, checkers):
    check = actions.submit(draft, by=checkers[0], now=now())

    with pytest.raises(ValidationError, match="Somebody else has to check it"):
        actions.approve(check, by=checkers[0], on=today(), now=now())
    actions.approve(check, by=checkers[1], on=today(), now=now())


def test_alone_the_family_information_service_may(draft):
    alone = MembershipFactory(role=Role.FIS_MANAGER).user
    actions.approve(actions.submit(draft, by=alone, now=now()), by=alone, on=today(), now=now())


def test_a_change_to_a_published_one_waits_but_for_whom_to_ask(published, writer, checkers):
    assert save(published, writer, waits=True, cost="Nothing", contact_phone="01632 960 199") is True
    published.refresh_from_db()
    assert (published.cost, published.contact_phone) == ("About £2,000 and ten days of work.", "01632 960 199")

    check = actions.submit(published, by=writer, now=now())
    actions.approve(check, by=checkers[0], on=today(), now=now())
    published.refresh_from_db()
    assert published.cost == "Nothing"


def test_a_change_that_is_sent_back_is_not_lost(published, writer, checkers):
    save(published, writer, waits=True, cost="Nothing")
    actions.send_back(actions.submit(published, by=writer, now=now()), by=checkers[0], reason="Really?", now=now())

    waiting = actions.waiting_change(published)
    assert waiting.values == {"cost": "Nothing"}
    assert waiting.sent_at is None
    actions.take_changes_back(waiting, by=writer)
    assert actions.waiting_change(published) is None


def test_what_the_checker_changed_is_noted(published, writer, checkers):
    save(published, writer, waits=True, cost="Nothing")
    check = actions.submit(published, by=writer, now=now())
    save(published, checkers[0], waits=True, cost="Nothing at all")
    actions.approve(check, by=checkers[1], on=today(), now=now())

    assert ExampleCheck.objects.get(pk=check.pk).decision == "changed"


def test_a_published_one_stays_findable_and_whole(published, writer):
    for values in ({"topics": []}, {"hard": ""}):
        with pytest.raises(ValidationError):
            save(published, writer, waits=True, **values)


def test_it_goes_off_the_site_and_comes_back(published, writer):
    actions.archive(published, by=writer, now=now())
    assert not PracticeExample.objects.published().exists()
    actions.bring_back(published, by=writer, on=today(), now=now())
    assert PracticeExample.objects.published().exists()


def test_a_draft_thrown_away_comes_back_for_thirty_days(draft, published, writer):
    actions.throw_away(draft, by=writer, now=now())
    with pytest.raises(ValidationError, match="more than 30 days"):
        actions.bring_back(draft, by=writer, on=today(), now=now() + timedelta(days=31))
    actions.bring_back(draft, by=writer, on=today(), now=now() + timedelta(days=29))
    draft.refresh_from_db()
    assert draft.deleted_at is None

    with pytest.raises(ValidationError, match="Families have seen it"):
        actions.throw_away(published, by=writer, now=now())


# Tried here


def tried_by(body, **facts):
    known = {"tried_on": today(), "how_it_went": "partly", "words": "It took longer."}
    return {"organisation": body} | known | facts


def test_another_service_says_how_it_went(published):
    other = MembershipFactory()
    tried = actions.record_try(published, by=other.user, on=today(), **tried_by(other.organisation))

    actions.change_try(tried, by=other.user, on=today(), version=1, how_it_went="worked")
    assert Tried.objects.shown().get().how_it_went == "worked"
    with pytest.raises(Conflict):
        actions.change_try(tried, by=other.user, on=today(), version=1, how_it_went="did_not")


def test_it_was_tried_by_another_service_of_theirs_and_not_on_a_day_to_come(published, writer, service):
    other = MembershipFactory()
    for by, facts, words in (
        (writer, tried_by(service), "own example"),
        (writer, tried_by(other.organisation), "that you write for"),
        (other.user, tried_by(other.organisation, tried_on=today() + timedelta(days=1)), "in the future"),
        (other.user, tried_by(other.organisation, words=" "), "what happened"),
    ):
        with pytest.raises(ValidationError, match=words):
            actions.record_try(published, by=by, on=today(), **facts)


def test_nobody_tries_what_families_cannot_read(draft):
    other = MembershipFactory()
    with pytest.raises(ValidationError, match="cannot see this example"):
        actions.record_try(draft, by=other.user, on=today(), **tried_by(other.organisation))


def test_what_was_said_of_trying_it_is_taken_away_and_brought_back(writer):
    tried = TriedFactory()
    actions.remove_try(tried, by=writer, now=now())
    assert not Tried.objects.shown().exists()
    with pytest.raises(ValidationError, match="more than 30 days"):
        actions.restore_try(tried, by=writer, now=now() + timedelta(days=31))
    actions.restore_try(tried, by=writer, now=now())
    assert Tried.objects.shown().exists()
