"""Stories told by a real browser: a broken link is seen and tried again, and a source is added, read and settled."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consultations.models import Consultation
from consultations.sources.models import Found, Source
from consultations.sources.tests.feeds import citizen_space
from consultations.tasks import read_sources
from core.dates import today
from core.models import Link, LinkUse
from core.tests.serving import serving

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def days(count: int) -> str:
    """A day as Citizen Space prints it."""
    return (today() + timedelta(days=count)).strftime("%Y/%m/%d")


def test_a_link_that_does_not_work_is_seen_by_whoever_can_mend_it(visitor, county):
    manager = county["fis-manager"]
    link = Link.objects.create(
        url=f"https://consult.example.org/{'a-very-long-address-' * 8}",
        code=404,
        bad_days=3,
        last_bad_on=today(),
        broken_since=today(),
        checked_at=timezone.now() - timedelta(hours=9),
    )
    consultation = Consultation.objects.published().first()
    LinkUse.objects.create(link=link, kind="consultation", record_id=consultation.pk)

    visitor.goes_to("/desk/links/")
    visitor.signs_in(manager.address, manager.password)

    assert visitor.reads("The page is gone")
    assert visitor.reads(consultation.title)
    visitor.page.get_by_role("button", name="a-very-long-address").click()
    visitor.looks()
    assert visitor.page.get_by_text("We are trying the link").count()
    Link.objects.all().delete()
    visitor.goes_to("/desk/links/")
    assert visitor.reads("All links work")


def test_a_source_is_added_read_and_its_changed_dates_are_taken(visitor, county, settings):
    page, manager = visitor.page, county["fis-manager"]
    settings.HUB_FETCH_LOOPBACK = True
    visitor.goes_to("/desk/imports/new/")
    visitor.signs_in(manager.address, manager.password)
    visitor.follows("Sources that we read every night")
    assert visitor.reads("Sources that we read")
    visitor.follows("Add a source")
    visitor.presses("Save")
    assert visitor.reads("Enter the address of the feed")

    with serving() as site:
        url = site.page("/api", citizen_space({"startdate": days(5), "enddate": days(40)}))
        page.get_by_label("Organisation").select_option(index=1)
        page.get_by_label("Kind of source").select_option("citizen_space")
        page.get_by_label("Address of the feed").fill("https://consult.example.org/api/2.4/json_search_results?st=open")
        visitor.presses("Save")
        assert visitor.reads("Nothing was found yet")
        Source.objects.filter(url__startswith="https://consult.example.org/").update(url=url)
        read_sources()
        site.page("/api", citizen_space({"startdate": days(5), "enddate": days(60)}))
        read_sources()

    visitor.goes_to("/desk/sources/")
    page.get_by_role("link", name=url).click()
    visitor.looks()
    assert visitor.reads("Respite care: what matters to you")
    visitor.goes_to("/desk/sources/changes/")
    assert visitor.reads("At the source:")
    page.get_by_role("button", name="Take the source’s dates : Respite care").click()
    visitor.looks()

    assert not visitor.reads("Respite care: what matters to you")
    assert Consultation.objects.get(
        pk=Found.objects.get(source__url=url).consultation_id
    ).closes_on == today() + timedelta(days=60)
