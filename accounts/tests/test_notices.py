"""Faults are chased like what is owed: to those who look after the hub, and then to its sponsor."""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts import actions
from accounts.models import Role, User
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from notices import bounces, ledger, post
from notices.defaults import load_steps
from notices.models import Fault
from notices.reasons import registered

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def at(day: date) -> datetime:
    """Nine in the morning in the UK."""
    return timezone.make_aware(datetime.combine(day, time(9)))


@pytest.fixture(autouse=True)
def hub(db):
    """A council with its lead, who is the sponsor, and somebody of the Family Information Service."""
    load_steps()
    council = OrganisationFactory(name="Council", is_keeper=True)
    member(council, Role.LEAD, "sponsor")
    member(council, Role.FIS_EDITOR, "fis")
    return council


def member(organisation, role, name):
    """Somebody with a role, whose address is the name."""
    return MembershipFactory(organisation=organisation, role=role, user=UserFactory(email=f"{name}@example.org"))


def broken(address: str = "owner@example.org", kind: str = Fault.Kind.ADDRESS) -> Fault:
    """An address that takes no mail since MONDAY."""
    refused = (ledger.hash_of(address), address, "550")
    ledger.declare_unreachable([refused], kind=kind, now=at(MONDAY))
    return Fault.objects.get(address=address)


def told(day: date) -> set[tuple]:
    """Who is told of faults on a day, and in which step."""
    due = ledger.due(registered()["fault-found"], day)
    return {(each.step, each.repeat, each.address.partition("@")[0]) for each in due}


def test_the_family_information_service_is_told_at_once_and_the_sponsor_after_three_days_and_every_week():
    broken()

    assert told(MONDAY - DAY) == set()
    assert told(MONDAY) == {("fault_found", 0, "fis")}
    assert told(MONDAY + 3 * DAY) == {("fault_3", 0, "fis"), ("fault_3", 0, "sponsor")}
    assert told(MONDAY + 10 * DAY) == {("fault_3", 1, "fis"), ("fault_3", 1, "sponsor")}


def test_a_fault_that_was_mended_is_chased_no_more(mailoutbox):
    fault = broken()
    ledger.owe(MONDAY, at(MONDAY))
    ledger.reachable_again(fault.address, now=at(MONDAY))
    post.send(MONDAY, at(MONDAY))

    assert mailoutbox == []
    assert told(MONDAY + 10 * DAY) == set()


@pytest.mark.parametrize(("came_back", "mails"), [(False, []), (True, ["new@example.org"])])
def test_what_reached_somebody_is_not_said_again_at_another_address_of_theirs(came_back, mails, mailoutbox):
    broken()
    ledger.owe(MONDAY, at(MONDAY))
    post.send(MONDAY, at(MONDAY))
    (mail,) = mailoutbox
    if came_back:
        lost = bounces.Bounce(bounces.mail_in(mail.extra_headers["Message-ID"]), bounces.Fate.LOST)
        bounces.record(lost, source="test", now=at(MONDAY))
    mailoutbox.clear()

    actions.change_address(User.objects.get(email="fis@example.org"), by=None, email="new@example.org", now=at(MONDAY))
    ledger.owe(MONDAY + DAY, at(MONDAY + DAY))
    post.send(MONDAY + DAY, at(MONDAY + DAY))

    assert [each.to[0] for each in mailoutbox] == mails


def test_the_mail_names_whose_address_it_is_and_not_the_address(hub, mailoutbox):
    service = OrganisationFactory(name="Short breaks")
    MembershipFactory(organisation=service, job_title="Manager", user=UserFactory(email="owner@example.org"))
    fault = broken()
    ledger.owe(MONDAY, at(MONDAY))
    post.send(MONDAY, at(MONDAY))

    (mail,) = mailoutbox
    assert mail.subject == "This address does not take our mail: o•••@example.org"
    assert "Short breaks: Manager" in mail.body
    assert "owner@example.org" not in mail.body
    assert f"/desk/messages/faults/{fault.pk}/" in mail.body


def test_with_nobody_left_the_services_own_mailbox_is_told(hub, settings):
    hub.memberships.update(ended_on=MONDAY)
    broken()

    assert told(MONDAY) == {("fault_found", 0, settings.HUB_FIS_EMAIL.partition("@")[0])}


def test_each_fault_stands_in_the_mail_of_its_own(mailoutbox):
    broken()
    broken("deputy@example.org", Fault.Kind.STUCK)
    ledger.owe(MONDAY, at(MONDAY))
    post.send(MONDAY, at(MONDAY))

    (mail,) = mailoutbox
    assert mail.body.count("Put it right:") == 2


def test_a_fault_of_a_reason_that_is_gone_is_still_said():
    fault = Fault.objects.create(kind=Fault.Kind.NOBODY, reason="long-ago", about_id=7)

    line = registered()["fault-found"].lines([fault.pk], MONDAY)[fault.pk]
    assert line.title == "A record that is no longer here"


def test_faults_alone_are_named_in_the_subject_and_nothing_is_said_of_families(mailoutbox):
    broken()
    broken("deputy@example.org", Fault.Kind.STUCK)
    ledger.owe(MONDAY, at(MONDAY))
    post.send(MONDAY, at(MONDAY))

    (mail,) = mailoutbox
    assert mail.subject == "Something keeps messages from arriving: 2 things"
    assert mail.body.startswith("Something keeps messages from arriving\n")
    assert mail.body.count("Mend it today.") == 2
    assert "This reminder stops by itself when it is put right." in mail.body
    assert "Everything you owe" not in mail.body


def test_the_sponsor_gets_a_link_that_signs_in_to_where_the_fault_is_shown(mailoutbox):
    broken()
    late = MONDAY + 3 * DAY
    ledger.owe(late, at(late))
    post.send(late, at(late))

    (body,) = (mail.body for mail in mailoutbox if mail.to == ["sponsor@example.org"])
    assert re.search(r"See it on the desk:\n\S+/go/[\w-]+/desk/#fault-\d+\n", body)
