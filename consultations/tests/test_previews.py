"""Drafts shown without an account: who may share one, what the link shows, and when it ends."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.tests.people import People
from consultations.actions import answer_due, end_preview, publish, share_preview
from consultations.events.tests.factories import EventFactory
from consultations.models import Consultation
from consultations.tests.around import complete
from consultations.tests.factories import ConsultationFactory
from core.dates import short_day_words, today
from core.models import PreviewLink
from core.previews import LASTS, SALT, address_of

pytestmark = pytest.mark.django_db


def share(record):
    """The path of a new link to a draft."""
    return path_of(share_preview(record, by=None, now=timezone.now()))


def path_of(link):
    """The link without its host."""
    return "/preview/" + address_of(link).partition("/preview/")[2]


@pytest.fixture
def draft():
    """A complete draft."""
    return complete(ConsultationFactory(draft=True, answer_owed_from=None))


def test_whoever_holds_the_link_sees_the_page_of_families_and_that_it_is_not_public(client, draft):
    shown = client.get(share(draft))

    text = shown.content.decode()
    assert shown.status_code == 200
    assert "This is a preview, not public" in text
    assert "Only staff of this service" not in text
    assert draft.summary in text
    # The date that publishing it would promise.
    assert short_day_words(answer_due(draft.closes_on)) in text
    assert Consultation.objects.get().response_due_on is None


def test_a_preview_is_kept_and_listed_and_passed_on_by_nobody(client, draft):
    shown = client.get(share(draft))

    assert shown["Cache-Control"] == "no-store, private"
    assert shown["X-Robots-Tag"] == "noindex, nofollow"
    assert b'<meta name="robots" content="noindex, nofollow">' in shown.content
    assert shown["Referrer-Policy"] == "no-referrer"
    assert not shown.cookies
    assert b"application/ld+json" not in shown.content


def test_apart_from_its_banner_the_preview_is_the_page_that_comes(client, draft):
    def main(response):
        text = response.content.decode().partition('<section class="hub-box"')[2]
        box = " ".join(text.partition("</dl>")[0].split())
        # Nobody can ask for help with a draft.
        return re.sub(r"<div> <dt>Need help to take part\?</dt>.*?</div> ", "", box)

    before = main(client.get(share(draft)))
    publish(draft, by=None, on=today())

    assert main(client.get(draft.get_absolute_url())) == before != ""


def test_an_event_has_a_preview_too(client):
    event = EventFactory(draft=True)

    text = client.get(share(event)).content.decode()

    assert "This is a preview, not public" in text
    assert event.venue in text


def test_after_14_days_or_when_it_was_ended_a_friendly_page_says_so(client, draft):
    address, link = share(draft), PreviewLink.objects.get()

    with time_machine.travel(timezone.now() + LASTS + timedelta(seconds=2)):
        late = client.get(address)
    end_preview(link, by=None, now=timezone.now())
    ended = client.get(address)

    assert (late.status_code, ended.status_code) == (410, 410)
    assert "Ask the person who sent it" in late.content.decode()
    assert draft.summary not in late.content.decode() + ended.content.decode()


@pytest.mark.parametrize("broken", ["x", "a:b:c", "../../etc", "%00", "x" * 300])
def test_a_link_that_was_never_ours_opens_nothing(client, draft, broken):
    share(draft)

    assert client.get(f"/preview/{broken}/").status_code == 404


def test_a_link_signed_with_another_purpose_or_changed_by_a_letter_opens_nothing(client, draft):
    share(draft)
    link = PreviewLink.objects.get()
    other = signing.TimestampSigner(salt="another").sign(link.nonce)
    changed = path_of(link).replace(link.nonce[:1], "_", 1)

    assert client.get(f"/preview/{other}/").status_code == 404
    assert client.get(changed).status_code == 404


def test_a_signed_link_whose_row_is_gone_opens_nothing(client, draft):
    token = signing.TimestampSigner(salt=SALT).sign("never-made")

    assert client.get(f"/preview/{token}/").status_code == 410


def test_once_it_is_published_the_link_leads_to_the_public_page_and_then_nowhere(client, draft):
    address = share(draft)

    Consultation.objects.update(published_at=timezone.now())
    assert client.get(address).url == draft.get_absolute_url()
    Consultation.objects.update(archived_at=timezone.now())
    assert client.get(address).status_code == 410
    Consultation.objects.update(published_at=None, archived_at=None, deleted_at=timezone.now())
    assert client.get(address).status_code == 410


def test_only_a_draft_is_shared_and_not_with_more_links_than_one_can_keep_count_of(draft):
    with pytest.raises(ValidationError, match="Only a draft"):
        share_preview(ConsultationFactory(), by=None, now=timezone.now())
    for _each in range(5):
        share(draft)
    with pytest.raises(ValidationError, match="End one"):
        share(draft)


@pytest.mark.parametrize(
    ("who", "status"),
    [("contributor", 200), ("FIS editor", 200), ("contributor elsewhere", 403), ("board viewer", 403)],
)
@pytest.mark.parametrize("kind", ["consultations", "events"])
def test_who_may_share_and_end(client, kind, who, status):
    people = People()
    make = ConsultationFactory if kind == "consultations" else EventFactory
    record = make(organisation=people.service, owner=people.owner, draft=True)
    client.force_login(people.who(who))
    address = reverse(f"{kind}:previews", args=[record.slug])

    made = client.post(address)
    text = client.get(address).content.decode()

    assert made.status_code == (302 if status == 200 else 403)
    links = PreviewLink.objects.about(record).working(timezone.now())
    assert links.count() == (status == 200)
    if status == 200:
        assert address_of(links[0]) in text
        client.post(address, {"end": links[0].pk})
        assert not links.exists()


def test_the_link_of_another_draft_cannot_be_ended_here(client):
    people = People()
    ours, other = ConsultationFactory(organisation=people.service, draft=True), ConsultationFactory(draft=True)
    link = share_preview(other, by=None, now=timezone.now())
    client.force_login(people.who("lead"))
    address = reverse("consultations:previews", args=[ours.slug])

    for asked in (link.pk, "x", "9" * 30):
        assert client.post(address, {"end": asked}).status_code == 404
    assert PreviewLink.objects.get().ended_at is None
