""" "You said, we did": what families find, filter and follow."""

import feedparser
import pytest
from django.urls import reverse

from accounts.tests.factories import OrganisationFactory
from consultations.tests.factories import ConsultationFactory, days
from core.models import Topic
from feedback.models import AnswerState, FeedbackEntry, Origin
from feedback.tests.factories import FeedbackEntryFactory

pytestmark = pytest.mark.django_db
LOG = "/you-said-we-did/"


def page(client, **asked):
    answer = client.get(LOG, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_address_is_stable(client):
    assert reverse("feedback:log") == LOG
    assert reverse("feedback:log-feed") == f"{LOG}feed.atom"


def test_an_empty_log_speaks(client):
    assert "No answer has been published yet" in page(client)


def test_a_published_entry_shows_what_was_said_and_the_answer(client):
    FeedbackEntryFactory()

    html = page(client)

    assert "Nobody tells us how long the wait is." in html
    assert "Your place in the queue is in each letter." in html
    assert "Done" in html


def test_an_unpublished_entry_is_nowhere(client):
    entry = FeedbackEntryFactory(published_at=None)

    assert entry.theme not in page(client)
    assert entry.theme not in client.get(f"{LOG}feed.atom").content.decode()
    assert client.get(f"{LOG}{entry.pk}/").status_code == 404


def test_the_log_sets_no_cookie(client):
    entry = FeedbackEntryFactory()
    for address in (LOG, f"{LOG}feed.atom", entry.get_absolute_url()):
        assert not client.get(address).cookies


# Filters


@pytest.fixture
def mixed():
    """A refusal of one service about travel in 2024, and a promise of another about money now."""
    travel, money = (
        Topic.objects.create(key="travel", label="Travel to school"),
        Topic.objects.create(key="money", label="Money"),
    )
    refused = FeedbackEntryFactory(
        theme="Buses",
        refused=True,
        done_on=None,
        what_changed="",
        heard_on="2024-05-01",
        organisation=OrganisationFactory(name="Travel team", slug="travel-team"),
    )
    promised = FeedbackEntryFactory(
        theme="Grants", promised=True, organisation=OrganisationFactory(name="Money team", slug="money-team")
    )
    refused.topics.set([travel])
    promised.topics.set([money])
    return refused, promised


@pytest.mark.parametrize(
    "asked", [{"topic": "travel"}, {"organisation": "travel-team"}, {"answer": "cannot"}, {"year": "2024"}]
)
def test_each_filter_narrows_the_log_and_says_so(client, mixed, asked):
    html = page(client, **asked)

    assert "Buses" in html
    assert "Grants" not in html
    assert "1 thing that families said." in html
    assert "Remove" in html


def test_filters_of_different_kinds_narrow_and_of_one_kind_widen(client, mixed):
    assert "Nothing matches all of that" in page(client, topic="travel", answer="will_do")
    html = page(client, topic=["travel", "money"])
    assert "Buses" in html
    assert "Grants" in html


def test_a_body_stands_for_all_below_it(client):
    above = OrganisationFactory(slug="above")
    FeedbackEntryFactory(theme="From below", organisation=OrganisationFactory(parent=above))

    assert "From below" in page(client, organisation="above")


def test_each_box_tells_how_many_it_would_show(client, mixed):
    context = client.get(LOG, {"answer": "cannot"}).context
    answers = next(facet for facet in context["log"].facets if facet.name == "answer")

    assert {choice.value: choice.count for choice in answers.choices} == {"cannot": 1, "will_do": 1}


@pytest.mark.parametrize(
    "asked",
    [
        {"topic": "no-such-topic"},
        {"organisation": "<script>"},
        {"answer": "maybe"},
        {"year": "20x4"},
        {"year": "٢٠٢٤"},
        {"year": "99999"},
        {"page": "-1"},
        {"page": "zwei"},
        {"answer": "don\x00e"},
    ],
)
def test_what_the_log_does_not_know_is_left_out_and_said(client, mixed, asked):
    html = page(client, **asked)

    assert "so we left it out" in html
    assert "Buses" in html
    assert "Grants" in html
    assert "<script>" not in html.replace("<script type", "")


def test_a_page_too_far_is_the_last_one(client, mixed):
    assert "There is only one page." in page(client, page="99999")


def test_the_log_comes_in_pages_of_twenty(client):
    FeedbackEntryFactory.create_batch(21, organisation=OrganisationFactory())

    assert client.get(LOG).content.decode().count("hub-pair__said") == 20
    assert client.get(LOG, {"page": 2}).content.decode().count("hub-pair__said") == 1


# What an entry says


def test_an_entry_found_elsewhere_says_so(client):
    entry = FeedbackEntryFactory(
        origin=Origin.FOUND,
        answer=AnswerState.NONE,
        source_url="https://www.example.org/said",
        done_on=None,
        what_changed="",
    )

    assert "As found on example.org, not checked" in page(client)
    assert "As found on example.org, not checked" in client.get(entry.get_absolute_url()).content.decode()


def test_a_promise_past_its_date_says_by_how_many_days(client):
    entry = FeedbackEntryFactory(overdue=True)

    assert "9 days past its date" in page(client)
    html = client.get(entry.get_absolute_url()).content.decode()
    assert "This is 9 days past its date." in html
    assert "Therapies manager" in html


def test_a_promise_still_to_come_shows_who_and_by_when(client):
    FeedbackEntryFactory(promised=True)

    html = page(client)

    assert "Promised by" in html
    assert "Therapies manager" in html
    assert "past its date" not in html


def test_words_in_any_script_and_markup_are_shown_as_words(client):
    entry = FeedbackEntryFactory(theme="<b>Чекання</b>", you_said="کتنا انتظار؟ <img src=x>")

    html = client.get(entry.get_absolute_url()).content.decode()

    assert "&lt;b&gt;Чекання" in html
    assert "<img" not in html


# The feed


def test_the_feed_is_valid_atom_with_lasting_ids_and_the_same_filters(client, mixed):
    refused, _promised = mixed
    answer = client.get(f"{LOG}feed.atom", {"topic": "travel"})

    feed = feedparser.parse(answer.content)

    assert answer["Content-Type"].startswith("application/atom+xml")
    assert not feed.bozo
    assert [entry.id for entry in feed.entries] == [f"tag:participation-hub,2026:entry-{refused.pk}"]
    assert feed.entries[0].link.endswith(refused.get_absolute_url())
    assert feed.entries[0].updated_parsed
    assert "No, and here is why" in feed.entries[0].title


def test_a_promise_that_is_kept_is_news_in_the_feed(client):
    old, newer = FeedbackEntryFactory(theme="Old"), FeedbackEntryFactory(theme="Newer")
    FeedbackEntry.objects.get(pk=old.pk).save()

    titles = [entry.title for entry in feedparser.parse(client.get(f"{LOG}feed.atom").content).entries]

    assert titles[0].startswith(old.theme)
    assert titles[1].startswith(newer.theme)


# As many queries for twenty as for one


@pytest.mark.parametrize("address", [LOG, f"{LOG}feed.atom"])
@pytest.mark.parametrize("entries", [1, 20])
def test_the_log_takes_the_same_queries_however_long(client, django_assert_max_num_queries, address, entries):
    for _number in range(entries):
        consultation = ConsultationFactory(responded=True)
        entry = FeedbackEntryFactory(
            consultation=consultation, organisation=consultation.organisation, owner=consultation.owner
        )
        entry.topics.add(Topic.objects.create(key=f"topic-{entry.pk}", label=f"Topic {entry.pk}"))

    # The page asks once more, for what parents say of what is done.
    with django_assert_max_num_queries(10 if address == LOG else 9):
        assert client.get(address).status_code == 200


def test_an_entry_takes_few_queries(client, django_assert_max_num_queries):
    entry = FeedbackEntryFactory(consultation=ConsultationFactory(responded=True), heard_on=days(-3))

    with django_assert_max_num_queries(7):  # what parents say, their stories and the examples among them
        client.get(entry.get_absolute_url())
