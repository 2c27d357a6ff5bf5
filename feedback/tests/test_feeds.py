"""The feed of answers: any list of the finder, newest answer first, read as a feed reader reads it."""

from datetime import datetime, timedelta

import feedparser
import pytest
from django.utils import timezone

from consultations.tests.around import term
from consultations.tests.factories import ConsultationFactory, days
from core.models import Topic
from feedback.models import Response
from feedback.tests.factories import ResponseFactory

pytestmark = pytest.mark.django_db
ADDRESS = "/consultations/answers/feed.atom"


def read(client, query=""):
    """The feed as a feed reader takes it."""
    response = client.get(ADDRESS + query)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(response.content)
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def test_an_answer_stands_in_the_feed_with_what_it_says_in_short(client, settings):
    answer = ResponseFactory(in_short="One number. It opens <next> month.")
    ConsultationFactory(late=True)

    (entry,) = read(client).entries

    assert entry.title == f"Answered: {answer.consultation.title}"
    assert entry.link == settings.HUB_BASE_URL + answer.consultation.get_absolute_url()
    assert entry.summary == "One number. It opens &lt;next&gt; month."
    assert entry.author == answer.consultation.organisation.name


def test_the_newest_answer_comes_first_and_takes_the_finders_filters(client):
    old = ConsultationFactory(title="Old", responded=True, responded_on=days(-60))
    new = ConsultationFactory(title="New", responded=True, responded_on=days(-2))
    old.topics.add(term(Topic, "send"))

    assert [entry.title for entry in read(client).entries] == ["Answered: New", "Answered: Old"]
    assert [entry.title for entry in read(client, "?topic=send").entries] == ["Answered: Old"]
    assert read(client, "?topic=send").feed.title == "Answers to families: Send"
    assert new.responded_on


def test_an_answer_known_only_by_the_day_its_page_was_read_is_no_news(client):
    ConsultationFactory(responded=True, responded_exactly=False)

    assert read(client).entries == []


def test_an_answer_found_elsewhere_says_where_to_read_it(client):
    ConsultationFactory(responded=True)

    (entry,) = read(client).entries

    assert entry.summary == "The answer is on its page."


def test_an_answer_that_was_put_right_is_newer(client):
    answer = ResponseFactory()
    later = timezone.now() + timedelta(hours=3)
    Response.objects.filter(pk=answer.pk).update(changed_at=later)

    (entry,) = read(client).entries

    assert datetime.fromisoformat(entry.updated) == later


@pytest.mark.parametrize("count", [1, 20])
def test_the_feed_takes_the_same_queries_for_one_and_for_twenty(client, django_assert_max_num_queries, count):
    ResponseFactory.create_batch(count)

    with django_assert_max_num_queries(5):
        assert len(read(client).entries) == count
