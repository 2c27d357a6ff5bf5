"""The map for search engines: every public page, none other, with the day it changed."""

from datetime import datetime, time
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from accounts.tests.factories import OrganisationFactory
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory, days
from feedback.tests.factories import FeedbackEntryFactory

pytestmark = pytest.mark.django_db
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def parts(client):
    """The addresses of the parts, and when each changed."""
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    return {each.findtext("s:loc", "", NAMES): each.findtext("s:lastmod", "", NAMES) for each in root}


def pages(client, settings):
    """Every page on the map, and when it changed."""
    found = {}
    for part in parts(client):
        assert part.startswith(settings.HUB_BASE_URL)
        for each in ElementTree.fromstring(client.get(part.removeprefix(settings.HUB_BASE_URL)).content):
            found[each.findtext("s:loc", "", NAMES)] = each.findtext("s:lastmod", "", NAMES)
    return {address.removeprefix(settings.HUB_BASE_URL): day for address, day in found.items()}


def test_the_map_has_every_public_page_and_no_draft(client, settings):
    consultation, draft = ConsultationFactory(), ConsultationFactory(draft=True)
    entry, organisation = FeedbackEntryFactory(), OrganisationFactory()

    mapped = pages(client, settings)

    assert {each.get_absolute_url() for each in (consultation, entry, organisation)} <= set(mapped)
    assert draft.get_absolute_url() not in mapped
    assert {"/", "/consultations/", "/you-said-we-did/", "/help/"} <= set(mapped)
    assert not [address for address in mapped if address.startswith(("/desk", "/alerts", "/my-list"))]


def test_every_page_on_the_map_is_there(client, settings):
    ConsultationFactory(late=True)
    FeedbackEntryFactory()

    for address in pages(client, settings):
        assert client.get(address).status_code == 200, address


def test_a_page_changed_when_its_stage_did(client, settings):
    late = ConsultationFactory(late=True, response_due_on=days(-3), first_due_on=days(-3))
    long_ago = datetime.combine(days(-200), time(9), tzinfo=ZoneInfo("Europe/London"))
    Consultation.objects.update(published_at=long_ago, changed_at=long_ago)

    assert pages(client, settings)[late.get_absolute_url()] == days(-2).isoformat()
    assert any(changed.startswith(days(-2).isoformat()) for changed in parts(client).values())


def test_search_engines_are_told_where_the_map_is(client, settings):
    assert f"Sitemap: {settings.HUB_BASE_URL}/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_an_empty_hub_has_a_map(client, settings):
    assert "/" in pages(client, settings)
