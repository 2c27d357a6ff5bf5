"""What families read is checked from time to time: who is asked, what families read meanwhile, and the one press."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from accounts import actions as accounts_actions
from accounts.models import Organisation, Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from accounts.tests.people import People
from consultations import actions, numbers
from consultations.events import actions as event_actions
from consultations.events.tests.factories import EventFactory
from consultations.freshness import out_of_date
from consultations.models import Consultation
from consultations.tests.around import complete
from consultations.tests.factories import ConsultationFactory, days
from core.actions import say_still_right
from core.dates import today
from core.numbers import Asking, Urgency
from notices import ledger
from notices.defaults import load_steps
from notices.links import link_from
from notices.models import Mail
from notices.reasons import registered

pytestmark = pytest.mark.django_db
STALE = {"checked_on": date(2026, 1, 8), "review_by": date(2026, 4, 9)}
NOON = "2026-04-10 12:00 +0100"


def stale(of=ConsultationFactory, **facts):
    return of(**STALE | facts)


# When it is to be checked again


def test_a_listing_is_to_be_checked_again_a_quarter_after_it_was_published():
    consultation = complete(ConsultationFactory(draft=True))

    actions.publish(consultation, by=None, on=date(2026, 3, 2))

    consultation.refresh_from_db()
    assert (consultation.checked_on, consultation.review_by) == (date(2026, 3, 2), date(2026, 6, 1))


def test_a_past_record_is_never_checked_again():
    consultation = ConsultationFactory(past=True, draft=True)

    actions.publish(consultation, by=None, on=date(2026, 3, 2))

    assert consultation.review_by is None


def test_whoever_changes_an_event_has_looked_at_it():
    event = stale(EventFactory)

    event_actions.change_event(event, by=None, on=date(2026, 4, 12), venue="Oak Hall")

    event.refresh_from_db()
    assert (event.checked_on, event.review_by) == (date(2026, 4, 12), date(2026, 7, 12))


def test_how_to_reach_a_body_is_checked_from_the_day_somebody_acts_for_it():
    body = OrganisationFactory()

    accounts_actions.add_membership(by=None, user=UserFactory(), organisation=body, role=Role.LEAD, on=date(2026, 3, 2))

    assert body.review_by == date(2027, 3, 2)


# What families read


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"open": True}, True),
        ({"forthcoming": True}, True),
        ({"standing": True}, True),
        ({"open": True, "review_by": date(2026, 4, 10)}, False),  # the day itself counts in full
        ({"open": True, "review_by": None}, False),
        ({"awaiting": True}, False),
        ({"responded": True}, False),
        ({"past": True}, False),
    ],
)
@time_machine.travel(NOON)
def test_families_read_since_when_nobody_has_checked_what_they_can_still_act_on(client, facts, said):
    consultation = stale(**facts)

    html = client.get(consultation.get_absolute_url()).content.decode()

    assert ("Not checked since Thursday 8 January. Ask before you rely on it." in html) is said


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, True),
        ({"until": date(2026, 4, 7)}, False),
        ({"found": True}, False),
        ({"cancelled_on": date(2026, 4, 1), "cancelled_reason": "The hall is closed."}, False),
    ],
)
@time_machine.travel(NOON)
def test_the_same_of_an_event_that_is_still_to_come(client, facts, said):
    event = stale(EventFactory, **facts)

    assert ("Not checked since" in client.get(event.get_absolute_url()).content.decode()) is said


@time_machine.travel(NOON)
def test_the_same_of_how_to_reach_a_body(client):
    body = stale(OrganisationFactory)

    assert "Not checked since" in client.get(body.get_absolute_url()).content.decode()


# The number and its list


def three_stale():
    """One of each kind of one service, which it gives, and others that need no check."""
    body = stale(OrganisationFactory)
    stale(organisation=body, title="Respite beds")
    stale(EventFactory, organisation=body)
    stale(responded=True)
    stale(EventFactory, until=date(2026, 4, 7))
    ConsultationFactory()
    return body


@time_machine.travel(NOON)
def test_the_number_counts_the_rows_of_its_list_for_each_person(client):
    contributor = MembershipFactory(organisation=three_stale()).user
    fis = MembershipFactory(role=Role.FIS_MANAGER).user
    for user, everyone, figure in (
        (contributor, False, "3"),
        (fis, True, "3"),
        (fis, False, "0"),
        (MembershipFactory().user, False, "0"),
    ):
        number = numbers.out_of_date_content(Asking(user, today(), everyone, ()))
        client.force_login(user)

        assert number.figure == figure
        assert number.urgency == (Urgency.SOON if figure == "3" else Urgency.CALM)
        assert str(client.get(number.url).context["page"].paginator.count) == figure


@time_machine.travel(NOON)
def test_the_list_is_narrowed_and_takes_as_many_queries_for_many(client, django_assert_max_num_queries):
    body = three_stale()
    client.force_login(MembershipFactory(role=Role.FIS_MANAGER).user)
    facts = {"organisation": body, "owner": None, "level": "information", **STALE}
    Consultation.objects.bulk_create(ConsultationFactory.build_batch(20, **facts))

    with django_assert_max_num_queries(10):
        page = client.get(reverse("consultations:out-of-date"))

    assert len(page.context["rows"]) == 20
    narrowed = client.get(reverse("consultations:out-of-date"), {"q": "respite"})
    assert [row["called"] for row in narrowed.context["rows"]] == ["Respite beds"]
    assert list(out_of_date(MembershipFactory(role=Role.BOARD_VIEWER).user, today(), everyone=False)) == []


# The reminder


def told(reason: str, day: date) -> set[tuple]:
    return {(each.address, each.step) for each in ledger.due(registered()[reason], day)}


@pytest.fixture
def people():
    """A service with an owner, a deputy and a lead."""
    load_steps()
    body = OrganisationFactory()
    make = {
        name: MembershipFactory(organisation=body, user=UserFactory(email=f"{name}@example.org"), role=role)
        for name, role in (("owner", Role.CONTRIBUTOR), ("deputy", Role.CONTRIBUTOR), ("lead", Role.LEAD))
    }
    return {"organisation": body, "owner": make["owner"], "deputy": make["deputy"]}


@pytest.mark.parametrize(
    ("reason", "of", "step"),
    [("check-listing", ConsultationFactory, "listing"), ("check-event", EventFactory, "event")],
)
def test_the_owner_is_asked_before_the_day_then_the_deputy_then_the_lead(people, reason, of, step):
    facts = {"standing": True} if of is ConsultationFactory else {}
    of(**people, **facts, **STALE)
    day = STALE["review_by"]

    assert told(reason, day - timedelta(days=8)) == set()
    assert told(reason, day - timedelta(days=7)) == {("owner@example.org", f"{step}_7")}
    late = {("owner@example.org", f"{step}_1"), ("deputy@example.org", f"{step}_1")}
    assert told(reason, day + timedelta(days=1)) == late
    assert {who for who, _step in told(reason, day + timedelta(days=60))} == {
        *("owner@example.org", "deputy@example.org", "lead@example.org")
    }


@time_machine.travel(NOON)
def test_what_is_answered_closed_or_found_elsewhere_is_not_asked_about(people):
    stale(**people, responded=True)
    stale(EventFactory, **people, until=date(2026, 4, 1))
    stale(EventFactory, found=True, organisation=people["organisation"])

    assert told("check-listing", date(2026, 4, 10)) == set()
    assert told("check-event", date(2026, 4, 10)) == set()


def test_the_lead_is_asked_how_families_reach_the_body(people):
    Organisation.objects.filter(pk=people["organisation"].pk).update(**STALE)

    assert told("check-contact", STALE["review_by"]) == {("lead@example.org", "contact_due")}


# One press


def link(address: str, record, kind: str) -> str:
    """The path of the link in a reminder to somebody."""
    mail = Mail.objects.create(recipient_hash=uuid4().hex, address=address, day=today())
    return "/" + link_from(mail.pk, reverse("accounts:still-right", args=[kind, record.pk])).split("/", 3)[3]


@pytest.mark.parametrize("kind", ["consultation", "event"])
def test_one_press_from_the_mail_says_that_it_is_still_right(client, kind):
    record = stale({"consultation": ConsultationFactory, "event": EventFactory}[kind])
    address = link(record.owner.user.email, record, kind)

    page = client.get(address)
    record.refresh_from_db()
    assert record.checked_on == STALE["checked_on"], "following a link does nothing"
    assert "It is still right" in page.content.decode()
    assert "no-store" in page["Cache-Control"]

    done = client.post(address)
    record.refresh_from_db()
    assert (record.checked_on, record.review_by) == (today(), days(91))
    assert "Thank you" in done.content.decode()


def test_the_history_says_who_said_so():
    record = stale()

    say_still_right(record, kind="consultation", by=record.owner.user, on=today())

    kept = apps.get_model("consultations", "ConsultationHistory").objects.latest("pgh_id")
    assert kept.pgh_context.metadata == {"by": record.owner.user.pk, "did": "said that it is still right"}


@pytest.mark.parametrize("reader", ["contributor elsewhere", "owner who left", "parent reviewer"])
def test_a_link_to_somebody_who_may_not_change_it_leads_to_signing_in(client, reader):
    people = People()
    record = stale(organisation=people.service, owner=people.owner, deputy=people.deputy)
    address = link(people.who(reader).email, record, "consultation")

    assert client.post(address).url.startswith("/accounts/login/")
    record.refresh_from_db()
    assert record.checked_on == STALE["checked_on"]


def test_a_link_that_is_made_up_or_old_or_of_another_record_does_nothing(client):
    record, other = stale(), stale()
    good = link(record.owner.user.email, record, "consultation")
    made_up = good.replace("/go/", "/go/x")
    of_another = good.replace(f"/{record.pk}/", f"/{other.pk}/")
    old = link(other.owner.user.email, other, "consultation")
    Mail.objects.filter(address=other.owner.user.email).update(
        made_at=timezone.make_aware(datetime.combine(days(-91), time()))
    )

    for address in (made_up, of_another, old):
        assert client.post(address).url.startswith("/accounts/login/")
    assert set(Consultation.objects.values_list("checked_on", flat=True)) == {STALE["checked_on"]}


def test_on_the_desk_only_who_may_change_it_says_so(client):
    people = People()
    record = stale(organisation=people.service, owner=people.owner, deputy=people.deputy)
    page = reverse("accounts:still-right", args=["consultation", record.pk])

    for who, answer in (
        ("contributor elsewhere", 403),
        ("board viewer", 403),
        ("contributor", 200),
        ("FIS editor", 200),
    ):
        client.force_login(people.who(who), backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(page).status_code == client.post(page).status_code == answer
    record.refresh_from_db()
    assert record.checked_on == today()


def test_what_nobody_has_to_check_is_not_found(client):
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)

    assert client.get(reverse("accounts:still-right", args=["entry", 1])).status_code == 404
    assert client.get(reverse("accounts:still-right", args=["event", 1])).status_code == 404
