"""Who is told of help that a family needs: at once, before the day, on it and after it; and never who asked."""

from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from consultations.events.tests.factories import EventFactory
from consultations.help.actions import mark_met, put_back
from consultations.help.models import HelpRequest
from consultations.help.tests.factories import AskerFactory, HelpRequestFactory
from consultations.tests.factories import ConsultationFactory
from notices import ledger, post
from notices.defaults import load_steps
from notices.models import Fault, Notice
from notices.reasons import registered

pytestmark = pytest.mark.django_db

ASKED, DUE = date(2026, 3, 2), date(2026, 3, 16)
OWNER, DEPUTY, LEAD, FIS = (f"{who}@example.org" for who in ("owner", "deputy", "lead", "fis"))


@pytest.fixture(autouse=True)
def shipped_steps(db):
    """The timings that ship with the hub, on the day it was asked."""
    load_steps()
    with time_machine.travel("2026-03-02 12:00", tick=False):
        yield


@pytest.fixture(params=["consultation", "event"])
def request_for_help(request) -> HelpRequest:
    """One due in two weeks, of a service with everybody there is."""
    body = OrganisationFactory(promising=True)
    people = {
        who: MembershipFactory(organisation=body, user=UserFactory(email=f"{who}@example.org"), role=role)
        for who, role in (("owner", Role.CONTRIBUTOR), ("deputy", Role.CONTRIBUTOR), ("lead", Role.LEAD))
    }
    MembershipFactory(user=UserFactory(email=FIS), role=Role.FIS_EDITOR)
    whose = {"organisation": body, "owner": people["owner"], "deputy": people["deputy"]}
    if request.param == "event":
        about = {"event": EventFactory(**whose), "day": date(2026, 3, 24), "last_day": date(2026, 3, 24)}
    else:
        about = {"consultation": ConsultationFactory(opens_on=ASKED, closes_on=date(2026, 4, 30), **whose)}
    asked = HelpRequestFactory(asked_on=ASKED, due_on=DUE, **about)
    AskerFactory(request=asked)
    return asked


def owed(day: date) -> set[tuple]:
    """Who would be told what on a day."""
    return {(each.address, each.step) for each in ledger.due(registered()["help-owed"], day)}


def test_it_is_chased_before_on_and_after_the_day(request_for_help):
    first = {(OWNER, "help_asked"), (DEPUTY, "help_asked")}

    assert owed(ASKED) == owed(DUE - timedelta(days=3)) == first
    assert owed(DUE - timedelta(days=2)) == {(OWNER, "help_2"), (DEPUTY, "help_2")}
    assert owed(DUE) == {(OWNER, "help_today"), (DEPUTY, "help_today")}
    assert owed(DUE + timedelta(days=1)) == {(who, "help_late_1") for who in (OWNER, DEPUTY, LEAD, FIS)}
    assert owed(DUE + timedelta(days=60)) == {(who, "help_late_8") for who in (OWNER, DEPUTY, LEAD, FIS)}


def test_settling_ends_it_and_putting_it_back_begins_it_again(request_for_help):
    mark_met(request_for_help, by=None, on=ASKED)
    assert owed(DUE) == set()

    put_back(request_for_help, by=None)
    assert owed(DUE)


def test_a_missed_night_is_made_up_and_a_second_run_says_nothing(request_for_help):
    now = timezone.make_aware(datetime.combine(DUE, time(9)))

    ledger.owe(DUE, now)
    ledger.owe(DUE, now)

    assert {(each.address, each.step) for each in Notice.objects.filter(reason="help-owed")} == {
        (OWNER, "help_today"), (DEPUTY, "help_today"),
    }  # fmt: skip


def test_without_an_owner_the_fault_is_seen(request_for_help):
    record = request_for_help.record
    type(record).objects.filter(pk=record.pk).update(deputy=None)
    record.owner.ended_on = ASKED
    record.owner.save()

    ledger.owe(ASKED, timezone.now())

    assert Fault.objects.filter(reason="help-owed", kind=Fault.Kind.OWNERLESS).exists()


def test_mails_say_what_kind_of_help_and_by_when_and_nothing_of_who_asked(request_for_help, mailoutbox):
    ledger.owe(ASKED, timezone.now())
    post.send(ASKED, timezone.now(), at_once=True)

    mails = [mail for mail in mailoutbox if mail.to == [OWNER]]
    assert mails
    for mail in mails:
        said = mail.subject + mail.body + "".join(body for body, _kind in mail.alternatives)
        for theirs in ("Amina", "amina", "Somali", "after school"):
            assert theirs not in said
    assert any("An interpreter, by Monday 16 March" in mail.body for mail in mails)


def test_once_it_is_late_its_line_says_for_how_long(request_for_help):
    (line,) = registered()["help-owed"].lines([request_for_help.pk], DUE + timedelta(days=3)).values()

    assert line.what == "An interpreter: 3 days late"
    assert line.button_url == request_for_help.get_absolute_url()
