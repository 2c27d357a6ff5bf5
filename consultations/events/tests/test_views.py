"""The pages about events that families read."""

from datetime import date, time

import pytest
import time_machine
from django.urls import reverse

from accounts.tests.factories import OrganisationFactory
from consultations.events import actions
from consultations.events.tests.factories import EventFactory, school_year_2026
from consultations.tests.around import term
from consultations.tests.factories import ConsultationFactory
from core.models import AccessSupport, Area, Audience
from core.versions import move

pytestmark = pytest.mark.django_db

ON = date(2026, 1, 10)


@pytest.fixture(autouse=True)
def tenth_of_january():
    with time_machine.travel("2026-01-10T09:00:00+00:00", tick=False):
        yield


def page(client, name="events:find", *args, **asked) -> str:
    response = client.get(reverse(name, args=args), asked)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_dates_stand_under_their_day_soonest_first(client):
    EventFactory(title="Tuesday group")
    EventFactory(title="Monday forum", once=True, first_day=date(2026, 1, 12))
    EventFactory(title="A draft", draft=True)
    EventFactory(title="Gone by", once=True, first_day=date(2026, 1, 8))

    text = page(client)

    # Twelve more Tuesdays and one Monday within 13 weeks of 10 January.
    assert "14 dates up to Saturday 11 April, the soonest first." in text
    assert text.index("Monday 12 January") < text.index("Monday forum") < text.index("Tuesday 13 January")
    assert "A draft" not in text
    assert "Gone by" not in text


def test_dates_that_have_been_are_one_press_away_latest_first(client):
    EventFactory(title="Gone by", once=True, first_day=date(2026, 1, 8))
    EventFactory(title="Long gone", once=True, first_day=date(2025, 12, 8))

    text = page(client, past="1")

    assert text.index("Thursday 8 January") < text.index("Gone by") < text.index("Long gone")


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ({"area": "larchford"}, {"Drop-in"}),
        ({"audience": "dads"}, {"Dads"}),
        ({"access": "a-creche"}, {"Drop-in"}),
        ({"join": "online"}, {"Online"}),
        ({"join": "in_person"}, {"Drop-in", "Dads"}),
        ({"cost": "free"}, {"Drop-in", "Online"}),
        ({"when": "evening"}, {"Online"}),
        ({"when": "weekend"}, {"Dads"}),
        ({"when": "weekday"}, {"Drop-in"}),
        ({"when": ["weekend", "evening"]}, {"Dads", "Online"}),
        ({"kind": "drop_in"}, {"Drop-in", "Dads", "Online"}),
        ({"until": "2026-01-14"}, {"Drop-in"}),
        ({"from": "2026-01-15", "until": "2026-01-16"}, {"Online"}),
        ({"area": "larchford", "cost": "free", "when": "weekday"}, {"Drop-in"}),
        ({"organisation": "the-hub"}, {"Dads"}),
    ],
)
def test_each_filter_narrows_the_list(client, asked, there):
    drop_in = EventFactory(title="Drop-in X")
    drop_in.areas.add(term(Area, "larchford"))
    drop_in.supports.create(kind=term(AccessSupport, "a-creche"), state="there")
    drop_in.supports.create(kind=term(AccessSupport, "a-loop"), state="not_available")
    dads = EventFactory(
        title="Dads X", first_day=date(2026, 1, 17), repeats="fortnightly", cost="£2", organisation__slug="the-hub"
    )
    dads.audiences.add(term(Audience, "dads"))
    EventFactory(
        title="Online X", online=True, once=True, first_day=date(2026, 1, 15), starts_at=time(19), ends_at=time(20)
    )
    move()

    text = page(client, **asked)

    assert {name for name in ("Drop-in", "Dads", "Online") if f"{name} X</a>" in text} == there


def test_help_that_is_not_available_is_no_filter(client):
    EventFactory().supports.create(kind=term(AccessSupport, "a-loop"), state="not_available")

    assert "No date matches all of that" in page(client, access="a-loop")


def test_the_counts_foretell_what_ticking_another_box_shows(client):
    EventFactory(once=True, first_day=date(2026, 1, 12)).areas.add(term(Area, "larchford"))
    EventFactory(once=True, first_day=date(2026, 1, 17), cost="£2").areas.add(term(Area, "stanbeck"))
    move()

    response = client.get(reverse("events:find"), {"area": "larchford"})

    facets = {
        facet.name: {choice.value: choice.count for choice in facet.choices}
        for facet in response.context["finder"].facets
    }
    assert facets["area"] == {"larchford": 1, "stanbeck": 1}
    assert facets.get("when", {}).get("weekend", 0) == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"area": "nowhere"}, {"from": "yesterday"}, {"until": "0001-01-01"}, {"from": "9999-12-31"}, {"page": "77"},
        {"past": "maybe"}, {"from": "2026-02-01", "until": "2026-01-01"}, {"until": "2029-01-01"}, {"kind": "\x00"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_left_out_and_said(client, asked):
    EventFactory()

    response = client.get(reverse("events:find"), asked)

    assert response.status_code == 200
    assert response.context["finder"].notes


def test_later_dates_are_one_press_away(client):
    EventFactory()

    assert "?from=2026-04-12" in page(client)


def test_an_empty_list_says_what_it_will_show(client):
    assert "No event is coming up" in page(client)
    assert "Nothing has been in the last year" in page(client, past="1")


def test_a_moved_date_says_where_from_and_a_cancelled_one_why(client):
    event = EventFactory(title="Tuesday group")
    actions.move_date(event, by=None, day=date(2026, 1, 13), new_day=date(2026, 1, 15), reason="Snow.", on=ON)
    actions.cancel_date(event, by=None, day=date(2026, 1, 20), reason="The hall is flooded.", on=ON)

    for text in (page(client), page(client, "events:detail", event.slug)):
        assert "Moved from Tuesday 13 January" in text
        assert "Snow." in text
        assert "Cancelled" in text
        assert "The hall is flooded." in text


def test_the_box_of_a_single_date_that_moved_says_where_and_when_it_is_now(client):
    event = EventFactory(once=True, first_day=date(2026, 1, 13))
    actions.move_date(
        event, by=None, day=date(2026, 1, 13), new_day=date(2026, 1, 15), new_starts_at=time(14),
        new_venue="The library", reason="Snow.", on=ON,
    )  # fmt: skip

    text = page(client, "events:detail", event.slug)

    box = text[text.index("hub-box") : text.index("</dl>")]
    assert "Thursday 15 January, 2pm" in box
    assert "The library" in box
    assert "Tuesday 13 January" not in box
    assert "Larch Hall" not in box


def test_the_month_is_a_table_with_every_day_in_words(client):
    event = EventFactory(title="Tuesday group")
    actions.cancel_date(event, by=None, day=date(2026, 1, 20), reason="The hall is flooded.", on=ON)

    text = page(client, "events:month", 2026, 1)

    assert "4 dates in this month." in text
    assert '<th role="columnheader" scope="col">Monday</th>' in text
    assert "Tuesday 13 January" in text
    assert "Cancelled" in text
    assert reverse("events:month", args=[2025, 12]) in text
    assert reverse("events:month", args=[2026, 2]) in text


def test_a_full_day_leads_to_its_list(client):
    for _number in range(8):
        EventFactory()

    text = page(client, "events:month", 2026, 1)

    assert "2 more" in text
    assert "?from=2026-01-13&amp;until=2026-01-13" in text


@pytest.mark.parametrize(("year", "month"), [(2026, 13), (2026, 0), (1999, 1), (2099, 1)])
def test_the_calendar_ends_somewhere(client, year, month):
    assert client.get(f"/events/calendar/{year}/{month}/").status_code == 404


def test_the_calendar_without_a_month_is_this_month(client):
    assert "Events in January 2026" in page(client, "events:calendar")


def test_the_page_answers_every_question_a_family_has(client):
    school_year_2026()
    event = EventFactory(
        second_friday=True, title="Parent forum", term_time_only=True, directions="Past the green gate.",
        staff_there="The head of the SEND team", booking="phone", booking_phone="01632 960 200", places=12,
    )  # fmt: skip
    event.audiences.add(term(Audience, "parent-carers"))
    event.areas.add(term(Area, "larchford"))
    event.supports.create(kind=term(AccessSupport, "an-interpreter"), state="on_request", ask_days_before=14)
    event.supports.create(kind=term(AccessSupport, "a-creche"), state="there")

    text = page(client, "events:detail", event.slug)

    for words in (
        "Second Friday of every month, in term time, 10am to 11:30am",
        "Next: Friday 13 February, 10am to 11:30am",
        "Mill Lane, Larchford", "WM1 1AA", "Past the green gate.",
        "Book by phone", "01632 960 200", "There is room for 12 people.", "Free",
        "Parent carers", "The head of the SEND team", "Family hubs team", "hubs@example.org",
        "Ask by Friday 30 January for 13 February", "There on the day",
    ):  # fmt: skip
        assert words in text, words


def test_when_it_is_too_late_to_ask_for_the_next_date_the_one_after_is_named(client):
    event = EventFactory()
    event.supports.create(kind=term(AccessSupport, "an-interpreter"), state="on_request", ask_days_before=5)

    assert "Ask by Thursday 15 January for 20 January. It is too late for 13 January." in page(
        client, "events:detail", event.slug
    )


def test_where_terms_are_not_set_the_page_says_so(client):
    event = EventFactory(term_time_only=True)

    text = page(client, "events:detail", event.slug)

    assert "School terms from Tuesday 13 January on are not set yet" in text
    assert "Next date not known yet" in text
    assert "1 term-time group may have more dates" in page(client)


def test_a_link_that_is_sent_after_booking_is_on_no_page(client):
    shown = EventFactory(online=True)
    sent = EventFactory(
        online=True, online_url="https://meet.example.org/secret", link_after_booking=True, booking="email",
        booking_email="book@example.org",
    )  # fmt: skip

    assert "https://meet.example.org/a" in page(client, "events:detail", shown.slug)
    text = page(client, "events:detail", sent.slug)
    assert "You get the link after you book." in text
    assert "secret" not in text


def test_a_cancelled_series_says_why(client):
    event = EventFactory()
    actions.cancel_event(event, by=None, reason="The worker has left.", on=ON)

    text = page(client, "events:detail", event.slug)

    assert "Cancelled on Saturday 10 January. There are no more dates." in text
    assert "The worker has left." in text


def test_what_happened_is_told_and_few_people_are_not_counted(client):
    event = EventFactory()
    actions.record_what_happened(event, by=None, day=date(2026, 1, 6), text="We made *soup*.", came=3, on=ON)

    text = page(client, "events:detail", event.slug)

    assert "We made <em>soup</em>." in text
    assert "Fewer than 5 people came." in text


def test_an_event_found_elsewhere_says_so_and_claims_nothing(client):
    event = EventFactory(
        found=True, starts_at=None, ends_at=None, booking="unknown", cost_is_known=False, source_repeats="every Tuesday"
    )

    text = page(client, "events:detail", event.slug)

    assert "We found this on another page." in text
    assert "Time not known: ask before you go" in text
    assert "every Tuesday" in text
    assert "Free" not in text


def test_a_draft_is_not_there_for_families(client):
    assert client.get(EventFactory(draft=True).get_absolute_url()).status_code == 404


def test_a_consultation_and_its_events_are_linked_both_ways(client):
    consultation = ConsultationFactory(open=True, title="Short breaks")
    event = EventFactory(title="Tuesday group")
    event.consultations.add(consultation)
    event.consultations.add(ConsultationFactory(draft=True, title="A secret plan"))

    text = page(client, "events:detail", event.slug)

    assert "Short breaks" in text
    assert "A secret plan" not in text
    actions.cancel_date(event, by=None, day=date(2026, 1, 20), reason="The hall is flooded.", on=ON)
    text = page(client, "consultations:detail", consultation.slug)
    timeline = text[text.index('id="timeline"') :]
    order = ["It opened", "Tuesday 6 January", "Tuesday 13 January", "Tuesday 20 January", "Last day to take part"]
    assert sorted(order, key=timeline.index) == order
    assert "Tuesday group</a>" in timeline
    assert "The hall is flooded." in timeline


def test_a_consultation_without_events_has_no_timeline(client):
    assert 'id="timeline"' not in page(client, "consultations:detail", ConsultationFactory(open=True).slug)


@pytest.mark.parametrize("count", [1, 20])
def test_lists_take_the_same_queries_for_one_event_as_for_twenty(client, count, django_assert_num_queries):
    for number in range(count):
        event = EventFactory(title=f"Group {number}")
        event.areas.add(term(Area, "larchford"))
        event.supports.create(kind=term(AccessSupport, "a-creche"), state="there")
    for address, queries in (
        (reverse("events:find"), 10),
        (reverse("events:month", args=[2026, 1]), 9),
        (event.get_absolute_url(), 7),
    ):
        move()
        with django_assert_num_queries(queries):
            client.get(address)


def test_the_page_of_an_organisation_shows_the_next_dates_of_all_its_services(client, django_assert_max_num_queries):
    council = OrganisationFactory(name="Wealdmere Council")
    service = OrganisationFactory(name="Short breaks", parent=council)
    EventFactory(title="Tuesday group", organisation=service)
    EventFactory(title="Somebody else's")
    EventFactory(title="A draft", organisation=service, draft=True)

    text = page(client, "accounts:organisation", council.slug)

    assert text.count("Tuesday group") == 5
    assert "Tuesday 13 January" in text
    assert f"/events/?organisation={council.slug}" in text
    assert "Somebody else's" not in text
    assert "A draft" not in text

    for number in range(20):
        EventFactory(organisation=service, title=f"Group {number}")
    move()
    with django_assert_max_num_queries(16):
        page(client, "accounts:organisation", council.slug)


def test_an_organisation_without_events_has_no_such_list(client):
    assert "Next events" not in page(client, "accounts:organisation", OrganisationFactory().slug)
