"""The library that families read, and one example."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import OrganisationKind
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.tests.factories import ConsultationFactory
from core.models import Topic
from core.versions import move
from feedback.tests.factories import FeedbackEntryFactory
from practice.models import PracticeExample
from practice.tests.factories import PracticeExampleFactory, TipFactory, TriedFactory, with_lists

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tenth_of_january():
    with time_machine.travel("2026-01-10T09:00:00+00:00", tick=False):
        yield


def page(client, name="practice:find", *args, **asked) -> str:
    response = client.get(reverse(name, args=args), asked)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_library_shows_what_is_published_and_ours_first(client):
    PracticeExampleFactory(title="From elsewhere", found=True)
    PracticeExampleFactory(title="Ours", place="Larchford")
    PracticeExampleFactory(title="A draft", draft=True)

    text = page(client)

    assert "2 examples." in text
    assert text.index("Ours") < text.index("From elsewhere")
    assert "Found elsewhere, not checked by us" in text
    assert "A draft" not in text


def test_an_empty_library_says_what_will_be_there(client):
    assert "No example is here yet" in page(client)


def test_nothing_found_says_what_to_do(client):
    PracticeExampleFactory()
    text = page(client, q="zebra")
    assert "Nothing matches all of that" in text
    assert "See every example" in text


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ({"topic": "short_breaks"}, True),
        ({"topic": "health"}, False),
        ({"level": "participation"}, True),
        ({"level": "information"}, False),
        ({"method": "panel_forum"}, True),
        ({"audience": "parent_carers_send"}, True),
        ({"area": "everywhere"}, True),
        ({"sector": "council_service"}, True),
        ({"sector": "school"}, False),
        ({"year": "2025"}, True),
        ({"year": "2024"}, False),
        ({"from": "here"}, True),
        ({"from": "elsewhere"}, False),
        ({"from": ["here", "elsewhere"]}, True),
        ({"q": "bookings"}, True),
        ({"q": "bookigns"}, True),
        ({"q": "youth parliament"}, False),
        ({"q": "Short breaks team"}, True),
    ],
)
def test_each_filter_keeps_what_fits(client, asked, there):
    body = OrganisationFactory(name="Short breaks team", kind=OrganisationKind.COUNCIL_SERVICE)
    example = with_lists(PracticeExampleFactory(title="The bookings example", organisation=body))
    with_lists(PracticeExampleFactory(title="Another of a health body", found=True, year=2020))
    Topic.objects.get_or_create(key="health", defaults={"label": "Health"})

    assert (example.title in page(client, **asked)) is there


def test_a_box_says_how_many_ticking_it_would_show(client):
    for year in (2024, 2024, 2025):
        with_lists(PracticeExampleFactory(year=year))
    text = page(client, year="2025")
    assert "1 example." in text
    assert "2024" in text


def test_what_the_library_does_not_know_is_left_out_and_said(client):
    PracticeExampleFactory()
    text = page(client, topic="cheese", year="abc", page="9")
    assert "We do not know “cheese” for “About”, so we left it out." in text
    assert "There is only one page." in text


@pytest.mark.parametrize("count", [1, 20])
def test_the_library_asks_as_much_for_one_as_for_twenty(client, count):
    for _each in range(count):
        TriedFactory(example=with_lists(PracticeExampleFactory()))
    move()
    with CaptureQueriesContext(connection) as asked:
        page(client)
    # Version, standing facts, two for the lists, nine counts and the page itself.
    assert len(asked) <= 17, [each["sql"][:150] for each in asked]


def test_an_example_tells_all_of_it(client):
    consultation = ConsultationFactory(title="How to book a short break")
    entry = FeedbackEntryFactory(theme="One booking form", consultation=consultation)
    example = with_lists(
        PracticeExampleFactory(consultation=consultation, entry=entry, when_words="March", changed_others="Schools too")
    )
    TipFactory(example=example)
    TriedFactory(example=example, organisation__name="Quillbrook School", tried_on=date(2025, 12, 1))

    text = page(client, "practice:detail", example.slug)

    for words in (
        "A booking takes one call.", "March 2025", "You work with us", "Panel forum", "Creche", "Ask us once.",
        "We made one form with six parents.", "Schools too", "Calls fell from five to one.",
        "We have not asked them yet", "About £2,000 and ten days of work.", "Two teams wanted to keep their form.",
        "Ask in the autumn.", "Quillbrook School", "It worked", "1 December 2025", "How to book a short break",
        "One booking form", "It is checked again by",
    ):  # fmt: skip
        assert words in text, words
    assert "Your service tried this" not in text  # only staff are asked


def test_one_found_elsewhere_says_so_and_where(client):
    example = PracticeExampleFactory(found=True, source_notes="year not printed", source_read_on=date(2026, 1, 2))
    text = page(client, "practice:detail", example.slug)
    assert "We found this on another page, read on Friday 2 January. Nobody here has checked it." in text
    assert 'href="https://example.org/a-page"' in text
    assert "year not printed" in text
    assert "We have not asked them yet" not in text


def test_one_that_nobody_has_checked_for_a_year_says_since_when(client):
    example = PracticeExampleFactory(checked_on=date(2025, 1, 3), review_by=date(2026, 1, 9))
    assert "Not checked since" in page(client, "practice:detail", example.slug)


def test_what_families_cannot_read_is_not_linked(client):
    hidden = ConsultationFactory(draft=True, title="A secret")
    assert "A secret" not in page(client, "practice:detail", PracticeExampleFactory(consultation=hidden).slug)


def test_a_draft_is_only_for_those_who_write_it(client):
    example = PracticeExampleFactory(draft=True)
    address = reverse("practice:detail", args=[example.slug])
    assert client.get(address).status_code == 404
    client.force_login(MembershipFactory(organisation=example.organisation).user)
    assert "Draft. Only staff of this service" in client.get(address).content.decode()


def test_an_example_asks_a_fixed_number_of_questions(client):
    def asked(example):
        move()
        with CaptureQueriesContext(connection) as found:
            page(client, "practice:detail", example.slug)
        return len(found)

    bare, full = PracticeExampleFactory(), with_lists(PracticeExampleFactory())
    for _each in range(20):
        TipFactory(example=full)
        TriedFactory(example=full)
    assert asked(full) == asked(bare) <= 6


def test_no_text_of_an_example_runs(client):
    nasty = "<script>alert(1)</script>"
    text = page(client, "practice:detail", PracticeExampleFactory(title=nasty, we_did=nasty, hard=nasty).slug)
    assert nasty not in text


def test_feed_and_table_take_the_same_filters(client):
    with_lists(PracticeExampleFactory(title="Asked for"))
    PracticeExampleFactory(title="Not asked for", found=True)

    feed = client.get(reverse("practice:feed"), {"topic": "short_breaks"})
    table = client.get(reverse("practice:csv"), {"topic": "short_breaks"})

    assert feed["Content-Type"].startswith("application/atom+xml")
    rows = b"".join(table.streaming_content).decode()
    for text in (feed.content.decode(), rows):
        assert "Asked for" in text
        assert "Not asked for" not in text
    assert "Found elsewhere, not checked by us." in client.get(reverse("practice:feed")).content.decode()


def test_the_table_tells_who_tried_it_in_as_many_questions_for_twenty(client, django_assert_max_num_queries):
    for number in range(20):
        TriedFactory(example=with_lists(PracticeExampleFactory()), organisation__name=f"=School {number}")
    with django_assert_max_num_queries(6):
        rows = b"".join(client.get(reverse("practice:csv")).streaming_content).decode()
    assert "=School 7: It worked" in rows
    assert "Short breaks" in rows


def test_it_is_passed_on_by_poster_newsletter_and_text(client):
    example = PracticeExampleFactory()
    assert "What worked: " in page(client, "practice:share", example.slug)
    assert "A booking takes one call." in page(client, "practice:poster", example.slug)
    assert client.get(reverse("practice:code", args=[example.slug]))["Content-Type"] == "image/svg+xml"


def test_it_is_seen_on_the_pages_it_came_from(client):
    consultation, entry = ConsultationFactory(), FeedbackEntryFactory()
    example = PracticeExampleFactory(title="Learnt", consultation=consultation, entry=entry)
    PracticeExampleFactory(title="A draft", draft=True, consultation=consultation, entry=entry)
    for address in (consultation, entry, example.organisation):
        text = client.get(address.get_absolute_url()).content.decode()
        assert "Learnt" in text
        assert "A draft" not in text


def test_it_is_in_the_search_the_menu_the_map_and_on_the_front_page(client):
    assert "/practice/" not in page(client, "home")
    example = with_lists(PracticeExampleFactory(title="Learnt about bookings"))
    move()
    text = page(client, "home")
    assert "Learnt about bookings" in text
    assert "Good practice" in text
    assert "Learnt about" in page(client, "search", q="bookings")
    assert example.slug in client.get("/sitemap-practice.xml").content.decode()


def test_off_the_site_it_is_nowhere(client):
    example = with_lists(PracticeExampleFactory(title="Gone away", consultation=ConsultationFactory()))
    PracticeExample.objects.update(archived_at="2026-01-09T00:00:00Z")
    move()
    for address in (
        reverse("practice:find"), reverse("practice:feed"), "/sitemap-practice.xml", "/", "/search/?q=away",
        example.consultation.get_absolute_url(), example.organisation.get_absolute_url(),
    ):  # fmt: skip
        assert "Gone away" not in client.get(address).content.decode()
    assert client.get(example.get_absolute_url()).status_code == 404
