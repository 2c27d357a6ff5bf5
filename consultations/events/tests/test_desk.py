"""Staff pages about events."""

from datetime import date, time

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.events import actions
from consultations.events.models import Event, EventDate, OccurrenceNote
from consultations.events.tests.factories import EventFactory, school_year_2026
from consultations.tests.around import term
from core.models import AccessSupport, Area, Audience, SchoolTerm

pytestmark = pytest.mark.django_db

ON = date(2026, 1, 10)
TUESDAY = date(2026, 1, 13)


@pytest.fixture(autouse=True)
def tenth_of_january():
    with time_machine.travel("2026-01-10T09:00:00+00:00", tick=False):
        yield


@pytest.fixture
def lead(client):
    """Signed in as the lead of a service."""
    member = MembershipFactory(role=Role.LEAD)
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return member


@pytest.fixture
def fis(client):
    """Signed in as who manages the hub."""
    member = MembershipFactory(role=Role.FIS_MANAGER)
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return member


def text_of(response, status=200) -> str:
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def day_parts(name, day) -> dict:
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def typed(member, **changed) -> dict:
    """Everything that the plain form asks for."""
    return {
        "title": "Monthly forum", "organisation": member.organisation_id, "kind": "forum",
        "summary": "Tell us how it is.", **day_parts("first_day", date(2026, 2, 13)), "repeats": "monthly_weekday",
        "starts_at": "10am", "ends_at": "11:30am", "attendance": "in_person", "venue": "Larch Hall",
        "booking": "none", "contact_name": "The team", "owner": member.pk,
        "audiences": [term(Audience, "everyone").pk], "areas": [term(Area, "larchford").pk],
    } | changed  # fmt: skip


def test_an_event_is_added_published_and_found_by_families(client, lead):
    creche, loop = term(AccessSupport, "a-creche"), term(AccessSupport, "a-loop")
    said = typed(lead, there=[creche.pk], on_request=[loop.pk], ask_days_before="10")

    response = client.post(reverse("events:add"), said)

    event = Event.objects.get()
    assert response["Location"] == reverse("events:desk-event", args=[event.slug])
    assert (event.slug, event.week_of_month, event.starts_at) == ("monthly-forum", 2, time(10))
    assert {(each.kind.key, each.state, each.ask_days_before) for each in event.supports.all()} == {
        ("a-creche", "there", None), ("a-loop", "on_request", 10),
    }  # fmt: skip
    assert "Draft" in text_of(client.get(response["Location"]))

    client.post(reverse("events:publish", args=[event.slug]))
    client.logout()

    assert "Monthly forum" in text_of(client.get(reverse("events:find")))


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(client, lead):
    said = typed(
        lead, ends_at="9am", venue="A very special hall", booking="phone", **day_parts("first_day", date(2026, 2, 13))
    )

    text = text_of(client.post(reverse("events:add"), said), 400)

    assert "The time it ends must be after the time it starts" in text
    assert "Enter the phone number for booking" in text
    assert "A very special hall" in text
    assert not Event.objects.exists()


def test_a_second_event_of_the_same_name_has_an_address_of_its_own(client, lead):
    client.post(reverse("events:add"), typed(lead))
    client.post(reverse("events:add"), typed(lead))

    assert sorted(Event.objects.values_list("slug", flat=True)) == ["monthly-forum", "monthly-forum-2"]


def test_nobody_lists_an_event_for_another_body(client, lead):
    text_of(client.post(reverse("events:add"), typed(lead, organisation=OrganisationFactory().pk)), 400)

    assert not Event.objects.exists()


def test_the_form_shows_the_event_as_it_is_and_changes_it(client, lead):
    event = EventFactory(organisation=lead.organisation, owner=lead)
    text = text_of(client.get(reverse("events:edit", args=[event.slug])))
    assert 'value="11:30am"' in text

    said = typed(
        lead, title="Tuesdays", mark=f"{event.version}.0.0", repeats="weekly", **day_parts("first_day", event.first_day)
    )
    client.post(reverse("events:edit", args=[event.slug]), said)

    event.refresh_from_db()
    assert (event.title, event.repeats, event.version) == ("Tuesdays", "weekly", 2)


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(client, lead):
    event = EventFactory(organisation=lead.organisation, owner=lead)
    actions.change_event(event, by=None, on=ON, title="Changed by somebody else")

    text = text_of(client.post(reverse("events:edit", args=[event.slug]), typed(lead, mark="1.0.0")), 400)

    assert "Somebody else changed it while you typed" in text
    assert Event.objects.get().title == "Changed by somebody else"


@pytest.mark.parametrize(
    ("name", "said", "words"),
    [
        ("cancel-date", {"reason": "The hall is flooded."}, "Cancelled"),
        ("move-date", {**day_parts("new_day", date(2026, 1, 15)), "reason": "Snow."}, "Moved from Tuesday 13 January"),
        ("skip-date", {}, "Left out: Tuesday 13 January."),
    ],
)
def test_a_date_is_changed_and_put_back(client, lead, name, said, words):
    event = EventFactory(organisation=lead.organisation)
    page = reverse("events:desk-event", args=[event.slug])

    assert "Tuesday 13 January" in text_of(client.get(reverse(f"events:{name}", args=[event.slug, TUESDAY])))
    response = client.post(reverse(f"events:{name}", args=[event.slug, TUESDAY]), said)
    assert response["Location"] == page
    assert words in text_of(client.get(page))

    client.post(reverse("events:restore-date", args=[event.slug, TUESDAY]))
    assert not EventDate.objects.exists()
    assert words not in text_of(client.get(page))


def test_moving_without_a_reason_keeps_what_was_typed(client, lead):
    event = EventFactory(organisation=lead.organisation)

    text = text_of(
        client.post(reverse("events:move-date", args=[event.slug, TUESDAY]), {"new_venue": "The library"}), 400
    )

    assert "Answer the question “Why?”" in text
    assert 'value="The library"' in text


@pytest.mark.parametrize("day", ["2026-01-14", "2026-02-31", "1000-01-01"])
def test_a_day_without_a_meeting_is_not_found(client, lead, day):
    event = EventFactory(organisation=lead.organisation)

    assert client.get(f"/desk/events/{event.slug}/{day}/cancel/").status_code == 404


def test_the_whole_event_is_cancelled_and_taken_up_again(client, lead):
    event = EventFactory(organisation=lead.organisation)
    page = reverse("events:desk-event", args=[event.slug])

    client.post(reverse("events:cancel", args=[event.slug]), {"reason": "The worker has left."})
    assert "The worker has left." in text_of(client.get(page))
    client.post(reverse("events:again", args=[event.slug]))

    assert "Next: Tuesday 13 January" in text_of(client.get(page))


def test_an_event_is_taken_off_the_site_and_published_again(client, lead):
    event = EventFactory(organisation=lead.organisation)
    event.areas.add(term(Area, "larchford"))
    event.audiences.add(term(Audience, "everyone"))

    client.post(reverse("events:archive", args=[event.slug]))
    assert not Event.objects.published().exists()
    client.post(reverse("events:publish", args=[event.slug]))

    assert Event.objects.published().exists()


def test_what_happened_is_written_and_mended(client, lead):
    event = EventFactory(organisation=lead.organisation)
    address = reverse("events:what-happened", args=[event.slug, date(2026, 1, 6)])

    client.post(address, {"text": "We made soup.", "came": "3"})
    note = OccurrenceNote.objects.get()
    assert (note.text, note.came, note.came_is_few, note.written_by) == ("We made soup.", None, True, lead.user)
    assert "We made soup." in text_of(client.get(address))

    client.post(address, {"text": "We made soup and bread.", "came": "30"})
    assert OccurrenceNote.objects.get().came == 30


def test_an_added_date_stands_among_the_others(client, lead):
    event = EventFactory(organisation=lead.organisation)

    client.post(
        reverse("events:add-date", args=[event.slug]), {**day_parts("day", date(2026, 1, 17)), "starts_at": "2pm"}
    )

    assert "Saturday 17 January, 2pm" in text_of(client.get(reverse("events:desk-event", args=[event.slug])))


def test_the_list_has_the_events_of_ones_own_body_with_what_they_need(client, lead):
    EventFactory(organisation=lead.organisation, title="Tuesday group")
    EventFactory(organisation=lead.organisation, title="Ended group", until=date(2026, 1, 6))
    EventFactory(organisation=lead.organisation, title="Term group", term_time_only=True)
    EventFactory(title="Of somebody else")

    text = text_of(client.get(reverse("events:desk-events")))

    assert "Next: Tuesday 13 January" in text
    assert "No date to come" in text
    assert "School terms are not set" in text
    assert "Of somebody else" not in text
    assert "Ended group" not in text_of(client.get(reverse("events:desk-events"), {"q": "tuesday"}))


def test_terms_are_set_changed_and_taken_away(client, fis):
    EventFactory(term_time_only=True)
    assert "1 group that meets in term time shows no dates" in text_of(client.get(reverse("events:terms")))

    said = {"name": "Spring 1", **day_parts("starts_on", date(2026, 1, 5)), **day_parts("ends_on", date(2026, 2, 13))}
    client.post(reverse("events:add-term"), said)
    (spring,) = SchoolTerm.objects.all()
    again = said | {"name": "Spring 2", **day_parts("ends_on", date(2026, 3, 1))}
    assert "in another term" in text_of(client.post(reverse("events:add-term"), again), 400)
    client.post(reverse("events:term", args=[spring.pk]), said | {"name": "Spring, first half"})
    assert "Spring, first half" in text_of(client.get(reverse("events:terms")))
    assert Event.objects.get().calendar_sequence == 2

    client.post(reverse("events:remove-term", args=[spring.pk]))
    assert not SchoolTerm.objects.exists()


@pytest.mark.parametrize("count", [1, 20])
def test_staff_lists_take_the_same_queries_for_one_row_as_for_twenty(client, fis, count, django_assert_max_num_queries):
    school_year_2026()
    for _number in range(count):
        event = EventFactory(term_time_only=True)
        actions.cancel_date(event, by=None, day=TUESDAY, reason="Flood.", on=ON)

    for address, most in (
        (reverse("events:desk-events"), 12),
        (
            reverse("events:desk-event", args=[event.slug]),
            18,
        ),  # six are for what is still to do, and what the hub finds
        (reverse("events:terms"), 11),
    ):
        with django_assert_max_num_queries(most):
            text_of(client.get(address))


def test_a_contributors_change_waits_while_families_see_the_event_as_it_was(client, fis):
    """What they may change at once is whom to ask."""
    MembershipFactory(role=Role.FIS_EDITOR)
    contributor = MembershipFactory(role=Role.CONTRIBUTOR)
    event = EventFactory(organisation=contributor.organisation, owner=contributor, title="Tuesdays")
    event.areas.set([term(Area, "larchford")])
    event.audiences.set([term(Audience, "everyone")])
    said = typed(
        contributor, title="Wednesdays", contact_name="The new team", repeats="weekly", venue=event.venue,
        mark=f"{event.version}.0.0", **day_parts("first_day", event.first_day),
    )  # fmt: skip
    client.force_login(contributor.user)

    client.post(reverse("events:edit", args=[event.slug]), said)

    event.refresh_from_db()
    assert (event.title, event.contact_name) == ("Tuesdays", "The new team")
    assert "Families see the event as it was" in text_of(client.get(reverse("events:desk-event", args=[event.slug])))
    assert 'value="Wednesdays"' in text_of(client.get(reverse("events:edit", args=[event.slug])))

    client.force_login(fis.user)
    check = event.checks.get()
    page = text_of(client.get(reverse("consultations:check", args=[check.pk])))
    assert "Tuesdays" in page
    assert "Wednesdays" in page
    assert "The new team" not in page
    client.post(reverse("consultations:approve", args=[check.pk]))
    event.refresh_from_db()
    assert event.title == "Wednesdays"


def test_a_change_that_was_sent_back_is_mended_or_taken_back(client, fis):
    contributor = MembershipFactory(role=Role.CONTRIBUTOR)
    event = EventFactory(organisation=contributor.organisation, owner=contributor, title="Tuesdays")
    said = typed(contributor, title="WEDNESDAYS", mark=f"{event.version}.0.0")
    client.force_login(contributor.user)
    client.post(reverse("events:edit", args=[event.slug]), said)
    client.force_login(fis.user)
    client.post(reverse("consultations:send-back", args=[event.checks.get().pk]), {"back-reason": "Do not shout."})

    client.force_login(contributor.user)
    assert "Do not shout." in text_of(client.get(reverse("events:desk-event", args=[event.slug])))
    client.post(reverse("events:take-changes-back", args=[event.slug]))

    assert not event.checks.open().exists()
    text_of(client.post(reverse("events:take-changes-back", args=[event.slug])), 400)
    event.refresh_from_db()
    assert event.title == "Tuesdays"


def test_what_families_see_keeps_an_area_and_a_group(client, lead):
    event = EventFactory(organisation=lead.organisation, owner=lead)

    said = typed(lead, areas=[], audiences=[], mark=f"{event.version}.0.0")
    text = text_of(client.post(reverse("events:edit", args=[event.slug]), said), 400)

    assert "Choose at least one area" in text
    assert "Choose at least one group that it is for" in text
