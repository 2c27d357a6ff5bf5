"""Reminders that nobody looks after the hub: to the sponsor and the service, until somebody signs in."""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Organisation, Role, User
from accounts.tests.factories import MembershipFactory, last_looked_after_on, signs_in
from notices import ledger, post
from notices.actions import change_timing, stop_step
from notices.defaults import load_steps
from notices.models import Fault, Mail, Notice, Step
from notices.reasons import registered

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SEEN = date(2026, 5, 4)  # a Monday, so that each 7th day after it is one
BOTH = ["keeper", "sponsor"]


@pytest.fixture(autouse=True)
def shipped_steps(db):
    """The timings that ship with the hub."""
    load_steps()


@pytest.fixture
def manager():
    """The one manager, last seen on SEEN."""
    return last_looked_after_on(SEEN)


def at(day: date, hour: int = 9) -> datetime:
    """A moment in the UK."""
    return timezone.make_aware(datetime.combine(day, time(hour)))


def told(day: date) -> tuple:
    """The step of a day, how often it has come again, and who is told; nothing when nobody is."""
    found = ledger.due(registered()["hub-unattended"], day)
    if not found:
        return ()
    ((step, repeat),) = {(each.step, each.repeat) for each in found}
    return step, repeat, sorted(each.address.partition("@")[0] for each in found)


def run(day: date, hour: int = 9):
    """What the scheduler does."""
    ledger.owe(day, at(day, hour))
    return post.send(day, at(day, hour))


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (34, ()),
        (35, ("unseen_35", 0, BOTH)),
        (41, ("unseen_35", 0, BOTH)),
        (42, ("unseen_35", 1, BOTH)),
        (56, ("unseen_35", 3, BOTH)),
        (59, ("unseen_35", 3, BOTH)),
        (60, ("unattended_60", 0, BOTH)),
        (66, ("unattended_60", 0, BOTH)),
        (67, ("unattended_60", 1, BOTH)),
        (60 + 700, ("unattended_60", 100, BOTH)),
    ],
)
def test_the_sponsor_and_the_service_are_told_from_day_35_and_each_week(manager, days, found):
    assert told(SEEN + days * DAY) == found


def test_the_sponsor_gets_one_mail_a_week(manager, mailoutbox):
    for days in range(60):
        run(SEEN + days * DAY)

    sent = [message for message in mailoutbox if message.to == ["sponsor@example.org"]]
    days = [(each.owed_on - SEEN).days for each in Notice.objects.sent().filter(role="sponsor").order_by("owed_on")]
    assert days == [35, 42, 49, 56]
    assert len(sent) == 4


def test_nobody_is_told_after_a_sign_in(manager, mailoutbox):
    day = SEEN + 35 * DAY
    ledger.owe(day, at(day))
    signs_in(manager.user, at(day, 10))
    post.send(day, at(day, 11))
    run(day + DAY)

    assert mailoutbox == []
    assert set(Notice.objects.values_list("dropped_why", flat=True)) == {"Nothing is owed any more."}
    assert told(day + 34 * DAY) == ()
    assert told(day + 35 * DAY) == ("unseen_35", 0, BOTH)


def test_an_absence_after_a_sign_in_is_told_of_anew(manager, mailoutbox):
    run(SEEN + 35 * DAY)
    signs_in(manager.user, at(SEEN + 36 * DAY))
    run(SEEN + 71 * DAY)

    assert len(mailoutbox) == 4
    assert set(Notice.objects.values_list("about_on", flat=True)) == {SEEN, SEEN + 36 * DAY}


def test_it_waits_for_a_working_day_after_eight_like_all_chasing(manager, mailoutbox):
    saturday = date(2026, 5, 2)
    signs_in(manager.user, at(saturday - 35 * DAY))
    for day, hour in ((saturday, 9), (saturday + DAY, 9), (saturday + 2 * DAY, 9), (saturday + 3 * DAY, 7)):
        run(day, hour)
    assert mailoutbox == []  # Saturday, Sunday, a bank holiday, and too early on Tuesday

    run(saturday + 3 * DAY, 8)
    assert len(mailoutbox) == 2


def test_it_goes_out_apart_from_what_is_owed(manager, mailoutbox):
    run(SEEN + 35 * DAY)

    assert set(Mail.objects.values_list("urgent", flat=True)) == {True}


def letter(mailoutbox, name: str) -> str:
    """The text of somebody's mail."""
    return next(message.body for message in mailoutbox if message.to == [f"{name}@example.org"])


def test_the_mail_says_since_when_what_follows_and_where_to_look(manager, mailoutbox, settings):
    settings.HUB_NAME = "Our hub"
    run(SEEN + 35 * DAY)

    assert {message.subject for message in mailoutbox} == {
        "Nobody from the Family Information Service has signed in since Monday 4 May: Our hub"
    }
    to_sponsor = letter(mailoutbox, "sponsor")
    assert to_sponsor.startswith("Somebody has to look after the hub")
    assert re.search(rf"See who looks after the hub:\n{settings.HUB_BASE_URL}/go/[\w-]+/desk/keepers/\n", to_sponsor)
    assert "After 60 days without anybody, families read that nobody looks after this hub." in to_sponsor
    assert "This reminder stops by itself when somebody from the service signs in." in to_sponsor
    assert "owe" not in to_sponsor
    assert re.search(rf"Open the desk:\n{settings.HUB_BASE_URL}/go/[\w-]+/desk/\n", letter(mailoutbox, "keeper"))
    html = next(body for body, kind in mailoutbox[0].alternatives if kind == "text/html")
    assert "Somebody has to look after the hub" in html
    assert "Reminders stop by themselves when families" not in html


def test_from_day_60_it_says_what_families_read(manager, mailoutbox):
    run(SEEN + 60 * DAY)

    assert "Families now read on every page that nobody looks after this hub." in letter(mailoutbox, "sponsor")


def test_when_the_last_one_has_left_the_sponsor_is_told_and_it_is_a_fault(manager, mailoutbox):
    Membership.objects.filter(pk=manager.pk).update(ended_on=SEEN + DAY)
    run(SEEN + 35 * DAY)

    assert told(SEEN + 35 * DAY) == ("unseen_35", 0, ["sponsor"])
    assert [message.to for message in mailoutbox] == [["sponsor@example.org"]]
    assert Fault.objects.open().get(reason="hub-unattended").kind == Fault.Kind.OWNERLESS


def test_without_a_sponsor_the_service_is_told_and_nothing_is_amiss(manager):
    Membership.objects.filter(role=Role.LEAD).update(ended_on=SEEN)
    Organisation.objects.update(mailbox="")

    assert told(SEEN + 35 * DAY) == ("unseen_35", 0, ["keeper"])
    run(SEEN + 35 * DAY)
    assert not Fault.objects.open().exists()


def test_with_nobody_left_the_councils_mailbox_is_told(manager):
    Membership.objects.update(ended_on=SEEN)
    Organisation.objects.filter(is_keeper=True).update(mailbox="council@example.org")

    assert told(SEEN + 35 * DAY) == ("unseen_35", 0, ["council"])


def test_with_nobody_at_all_the_ledger_and_the_log_say_so(manager, caplog):
    User.objects.update(is_active=False)
    Organisation.objects.update(mailbox="")
    day = SEEN + 35 * DAY

    ledger.owe(day, at(day))

    assert told(day) == ()
    assert Fault.objects.open().get(reason="hub-unattended").kind == Fault.Kind.NOBODY
    assert "nobody_receives_what_is_owed" in caplog.text

    newcomer = MembershipFactory(role=Role.FIS_MANAGER)
    signs_in(newcomer.user, at(day + DAY))
    ledger.owe(day + DAY, at(day + DAY))
    assert not Fault.objects.open().exists()


def test_a_hub_without_a_council_or_anybody_owes_nothing():
    assert told(date(2036, 1, 1)) == ()


def test_the_ledger_says_when_somebody_came_back(manager):
    council = Organisation.objects.get(is_keeper=True)
    line = registered()["hub-unattended"].lines([council.pk], SEEN + 34 * DAY)[council.pk]

    assert line.what == "The Family Information Service last signed in on Monday 4 May"


# Not for those it watches


def test_its_mail_names_the_council_and_not_the_service_that_is_away(manager, mailoutbox, settings):
    settings.HUB_COUNCIL_PHONE = "01632 960 999"
    run(SEEN + 35 * DAY)

    body = mailoutbox[0].body
    assert f"Tell us: {settings.HUB_COUNCIL_NAME}, 01632 960 999" in body
    assert settings.HUB_FIS_PHONE not in body


def test_those_it_watches_neither_move_it_nor_stop_it_nor_add_to_it(manager, client):
    keeper = MembershipFactory(role=Role.FIS_MANAGER).user
    client.force_login(keeper)
    step = Step.objects.get(key="unseen_35")
    for name, of in (("timing", step.pk), ("timing-stop", step.pk), ("timing-add", "hub-unattended")):
        address = reverse(f"notices:{name}", args=[of])
        assert client.get(address).status_code == client.post(address).status_code == 403
        assert address not in client.get(reverse("notices:timings")).content.decode()

    for act in (
        lambda: stop_step(step, by=keeper, on=SEEN),
        lambda: change_timing(step, by=keeper, on=SEEN, valid_from=SEEN + DAY, anchor=step.anchor, offset_days=999),
    ):
        with pytest.raises(ValidationError, match="Nobody changes this here"):
            act()
