"""Imported rows of events that wait: a date is all that some lack, and an event can be made of each of them."""

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.events.models import Event
from consultations.events.tests.test_desk import typed
from consultations.events.tests.test_imports import row as a_row
from core.models import HeldFor, ImportedRow
from core.tests.files import bring_in, real_rows

pytestmark = pytest.mark.django_db

JULY = {"starts_day": "31", "starts_month": "7", "starts_year": "2026"}


@pytest.fixture
def fis(client):
    """Signed in as somebody of the Family Information Service."""
    member = MembershipFactory(role=Role.FIS_EDITOR)
    client.force_login(member.user)
    return member


def wait(**cells) -> ImportedRow:
    """A row of an event that waits."""
    bring_in("events", [a_row(**cells)])
    return ImportedRow.objects.held().get()


def page(row) -> str:
    """Where somebody looks at a row."""
    return reverse("consultations:held-row", args=[row.pk])


def make(row) -> str:
    """Where somebody makes an event of it."""
    return f"{reverse('events:add')}?row={row.pk}"


def test_with_its_first_date_a_row_becomes_an_event_found_elsewhere(client, fis):
    row = wait(starts="", ends="", recurrence_text="fortnightly on Fridays")
    assert "First date" in client.get(page(row)).content.decode()

    client.post(page(row), JULY)

    event = Event.objects.published().get()
    assert (str(event.first_day), event.repeats, event.is_ours) == ("2026-07-31", "fortnightly", False)
    assert not ImportedRow.objects.held().exists()
    assert bring_in("events", [a_row(starts="", ends="", recurrence_text="fortnightly on Fridays")]).unchanged == 1


def test_a_date_on_the_wrong_weekday_is_refused_in_words_and_the_row_waits_on(client, fis):
    row = wait(starts="", ends="", recurrence_text="fortnightly on Fridays")

    answer = client.post(page(row), JULY | {"starts_day": "30"})

    assert answer.status_code == 200
    assert "is not one of “fortnightly on Fridays”" in answer.content.decode()
    assert not Event.objects.exists()
    assert ImportedRow.objects.held().count() == 1


def test_a_row_whose_words_say_no_rule_is_not_asked_for_a_date_alone(client, fis):
    row = wait(starts="", ends="", recurrence_text="once a term")

    html = client.get(page(row)).content.decode()

    assert 'name="starts_day"' not in html
    assert make(row) in html
    assert client.post(page(row), JULY).status_code == 403


def test_the_form_of_an_event_is_filled_in_from_the_row_and_shows_it_as_it_came(client, fis):
    body = OrganisationFactory(name="Westmarch County Council")
    row = wait(recurrence_text="once a term", notes="four dates listed")

    form = client.get(make(row)).context["form"]

    assert form.initial["title"] == "SEND drop-in"
    assert form.initial["organisation"] == body.pk
    assert (form.initial["venue"], form.initial["address"], form.initial["postcode"]) == (
        "Larch Hall", "Mill Lane", "LE18 2DT",
    )  # fmt: skip
    assert str(form.initial["first_day"]) == "2026-09-29"
    assert form.initial["repeats"] == ""  # nobody knows what "once a term" means
    html = client.get(make(row)).content.decode()
    assert "once a term" in html
    assert "four dates listed" in html


def test_an_event_made_of_a_row_is_a_draft_and_the_row_waits_no_more(client, fis):
    row = wait(recurrence_text="once a term")

    client.post(make(row), typed(fis, title="SEND drop-in"))

    event = Event.objects.get()
    assert not event.is_published
    assert event.is_ours  # somebody here looks after it from now on
    assert (event.reference, event.source_page_url) == (row.reference, "https://example.org/a")
    assert not ImportedRow.objects.held().exists()
    # The same file again neither asks again nor makes a second one.
    assert bring_in("events", [a_row(recurrence_text="once a term")]).unchanged == 1
    assert Event.objects.count() == 1


def test_two_people_make_one_event_of_a_row(client, fis):
    row = wait(recurrence_text="once a term")
    client.get(make(row))
    client.post(make(row), typed(fis))

    assert client.post(make(row), typed(fis)).status_code == 404
    assert Event.objects.count() == 1


def test_what_was_typed_is_kept_when_something_is_missing_and_the_row_waits_on(client, fis):
    row = wait(recurrence_text="once a term")

    answer = client.post(make(row), typed(fis, summary="", title="My own title"))

    assert answer.status_code == 400
    assert "My own title" in answer.content.decode()
    assert "once a term" in answer.content.decode()
    assert ImportedRow.objects.held().get() == row


def test_only_who_deals_with_rows_makes_an_event_of_one(client):
    row = wait(recurrence_text="once a term")
    lead = MembershipFactory(role=Role.LEAD)
    client.force_login(lead.user)

    assert client.get(make(row)).status_code == 403
    assert client.post(make(row), typed(lead)).status_code == 403
    assert client.get(f"{reverse('events:add')}?row=x").status_code == 403
    assert not Event.objects.exists()


@pytest.mark.parametrize("asked", ["x", "0", "9" * 30, "²", "\x00"])
def test_a_row_that_is_not_there_is_not_found(client, fis, asked):
    assert client.get(reverse("events:add"), {"row": asked}).status_code == 404


def test_for_each_real_row_that_waits_there_is_something_to_press(client, fis):
    bring_in("events", real_rows("events"))
    held = ImportedRow.objects.held().filter(held_for__in=[HeldFor.NEEDS_DATES, HeldFor.NEEDS_RULE])
    assert held.count() == 18

    for row in held:
        assert make(row) in client.get(page(row)).content.decode()
        form = client.get(make(row)).context["form"]
        assert form.initial["title"] == row.row["title"]
