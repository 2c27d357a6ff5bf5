"""Links that do not work: what pages show is known, and whoever can mend one sees it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.people import People
from consultations.events.tests.factories import EventFactory
from consultations.models import Document, WayToTakePart
from consultations.tests.factories import ConsultationFactory
from core import tasks
from core.dates import today
from core.links import note_what_is_shown
from core.models import Format, Link, LinkUse, Method
from core.queues import owed_by
from core.tests.serving import serving
from feedback.tests.factories import ResponseFactory

pytestmark = pytest.mark.django_db


def broken(url: str, record, kind="consultation") -> Link:
    link, _new = Link.objects.get_or_create(
        url=url,
        defaults={
            "code": 404,
            "bad_days": 3,
            "last_bad_on": today(),
            "broken_since": today() - timedelta(days=1),
            "checked_at": timezone.now() - timedelta(hours=9),
        },
    )
    LinkUse.objects.create(link=link, kind=kind, record_id=record.pk)
    return link


@pytest.fixture
def people():
    return People()


@pytest.fixture
def fis(client, people):
    person = people.who("FIS manager")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return person


def shown() -> set[tuple[str, str]]:
    return set(LinkUse.objects.values_list("link__url", "kind"))


def test_every_link_on_a_published_page_is_known():
    consultation = ConsultationFactory(source_page_url="https://a.example.org/page")
    WayToTakePart.objects.create(
        consultation=consultation, url="https://a.example.org/survey", method_id=_method(), description="Online"
    )
    Document.objects.create(
        consultation=consultation, title="Paper", format_id=_format(), url="https://a.example.org/paper.pdf"
    )
    EventFactory(booking_url="https://a.example.org/book")
    ResponseFactory(record_url="https://a.example.org/record")
    ResponseFactory(record_url="https://a.example.org/page")
    ConsultationFactory(draft=True, source_page_url="https://a.example.org/draft")

    note_what_is_shown()
    note_what_is_shown()

    assert shown() >= {
        ("https://a.example.org/page", "consultation"),
        ("https://a.example.org/page", "answer"),
        ("https://a.example.org/survey", "consultation"),
        ("https://a.example.org/paper.pdf", "consultation"),
        ("https://a.example.org/book", "event"),
        ("https://a.example.org/record", "answer"),
    }
    assert not Link.objects.filter(url__endswith="/draft").exists()
    assert Link.objects.filter(url="https://a.example.org/page").count() == 1


def _method() -> int:
    return Method.objects.get_or_create(key="online", defaults={"label": "Online"})[0].pk


def _format() -> int:
    return Format.objects.get_or_create(key="pdf", defaults={"label": "PDF"})[0].pk


def test_a_link_that_was_mended_is_forgotten():
    consultation = ConsultationFactory(source_page_url="https://a.example.org/old")
    note_what_is_shown()
    consultation.source_page_url = "https://a.example.org/new"
    consultation.save()

    note_what_is_shown()

    assert shown() == {("https://a.example.org/new", "consultation")}
    assert Link.objects.count() == 1


def test_the_page_says_what_happened_and_leads_to_the_form(client, fis, people):
    consultation = ConsultationFactory(organisation=people.service)
    broken("https://a.example.org/gone", consultation)

    page = client.get(reverse("broken-links")).content.decode()

    assert "The page is gone" in page
    assert "https://a.example.org/gone" in page
    assert reverse("consultations:desk-consultation", args=[consultation.slug]) in page


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("FIS editor", True),
        ("contributor", True),
        ("owner", True),
        ("lead elsewhere", False),
        ("board viewer", False),
    ],
)
def test_whoever_can_mend_a_link_owes_it_and_sees_it(client, people, who, sees):
    consultation = ConsultationFactory(organisation=people.service, owner=people.owner)
    broken("https://a.example.org/gone", consultation)
    person = people.who(who)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    rows = [row for row in owed_by(person, today(), everyone=who == "FIS editor") if row.kind == "links"]

    assert bool(rows) is sees
    assert ("a.example.org/gone" in client.get(reverse("broken-links")).content.decode()) is sees


def test_the_public_record_of_everybody_shows_no_chores_of_others(people):
    broken("https://a.example.org/gone", ConsultationFactory(organisation=people.service))

    assert [row for row in owed_by(people.who("board viewer"), today(), everyone=True) if row.kind == "links"] == []


def test_check_it_again_now_takes_a_mended_link_off_the_list(
    client, fis, people, settings, django_capture_on_commit_callbacks
):
    settings.HUB_FETCH_LOOPBACK = settings.CELERY_TASK_ALWAYS_EAGER = True
    with serving() as site:
        link = broken(site.page("/back"), ConsultationFactory(organisation=people.service))
        answer = client.post(reverse("check-link", args=[link.pk]))
        tasks.check_link(link.pk)

    assert answer.status_code == 302
    assert not Link.objects.broken().exists()


def test_a_site_is_not_asked_again_within_a_minute(client, fis, people):
    link = broken("https://a.example.org/gone", ConsultationFactory(organisation=people.service))
    Link.objects.update(checked_at=timezone.now())

    page = client.post(reverse("check-link", args=[link.pk]), follow=True).content.decode()

    assert "Wait a minute" in page
    assert "We are trying" not in page


def test_nobody_has_a_link_tried_that_is_not_theirs(client, people):
    link = broken("https://a.example.org/gone", ConsultationFactory(organisation=people.service))
    client.force_login(people.who("lead elsewhere"), backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(reverse("check-link", args=[link.pk])).status_code == 404


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_asks_as_much_for_twenty_links_as_for_one(client, fis, people, django_assert_max_num_queries, count):
    for number in range(count):
        broken(f"https://a.example.org/{number}", ConsultationFactory(organisation=people.service))
        broken(f"https://b.example.org/{number}", ResponseFactory(), kind="answer")

    # Session, person, roles, how the hub stands (2), the menu; the count, the page, who shows them, and two kinds.
    with django_assert_max_num_queries(13):
        assert len(client.get(reverse("broken-links")).context["rows"]) == min(2 * count, 20)


def test_further_links_are_on_a_second_page(client, fis, people):
    consultation = ConsultationFactory(organisation=people.service)
    for number in range(21):
        broken(f"https://a.example.org/{number}", consultation)

    assert len(client.get(reverse("broken-links"), {"page": 2}).context["rows"]) == 1
