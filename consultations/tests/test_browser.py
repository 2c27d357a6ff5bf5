"""What a family's own device keeps, in a browser that runs the script; and in one that does not."""

import pytest

from consultations.tests.around import complete, term
from consultations.tests.factories import ConsultationFactory
from core.models import Audience

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def under_5(db):
    """One that fits families with small children, and one for everybody."""
    ConsultationFactory(title="For everybody")
    fitting = complete(ConsultationFactory(title="Play groups"))
    fitting.audiences.add(term(Audience, "under_5", label="Children under 5"))
    return fitting


def test_what_fits_a_family_comes_first_at_home_and_is_cleared_in_one_press(under_5, page, live_server):
    page.goto(f"{live_server.url}/")
    assert not page.locator("[data-fit-first]").is_visible()

    page.goto(f"{live_server.url}/families-like-mine/")
    page.get_by_label("under 5").check()
    page.get_by_role("button", name="Show what fits").click()
    page.wait_for_url("**/families-like-mine/?age=under_5")
    page.goto(f"{live_server.url}/")
    first = page.locator("[data-fit-first] .hub-card")
    first.first.wait_for()
    assert first.all_inner_texts()[0].count("Play groups") == 1
    page.goto(f"{live_server.url}/consultations/")
    first.first.wait_for()

    page.get_by_role("link", name="All that fits, or change it").click()
    page.wait_for_url("**/families-like-mine/?age=under_5")
    page.get_by_role("button", name="Clear it, and my list").click()
    assert page.get_by_text("Cleared. Nothing about your family is kept").is_visible()
    assert page.evaluate("localStorage.length") == 0
    assert not page.context.cookies()
    page.goto(f"{live_server.url}/")
    assert not page.locator("[data-fit-first]").is_visible()


def test_a_listing_is_kept_in_a_list_taken_out_and_the_list_is_cleared(under_5, page, live_server):
    page.goto(live_server.url + under_5.get_absolute_url())
    button = page.get_by_role("button", name="Keep it in my list")
    button.press("Enter")
    assert page.get_by_role("button", name="In my list. Take it out").is_visible()
    page.reload()
    page.get_by_role("button", name="In my list. Take it out").press("Space")
    assert button.is_visible()
    button.click()

    page.goto(f"{live_server.url}/my-list/")
    page.wait_for_url(f"**/my-list/?c={under_5.slug}")
    assert page.get_by_role("link", name="Play groups").is_visible()
    assert page.get_by_role("link", name="Send it to myself").get_attribute("href").startswith("mailto:?")
    page.get_by_role("button", name="Clear my list").click()
    page.wait_for_url("**/my-list/")
    assert page.get_by_text("Your list is empty").is_visible()
    assert page.evaluate("localStorage.length") == 0


def test_without_a_script_the_same_pages_work_by_their_addresses(under_5, browser, live_server):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(live_server.url + under_5.get_absolute_url())
    page.get_by_role("link", name="Keep it in my list").click()
    page.wait_for_url(f"**/my-list/?c={under_5.slug}")
    assert page.get_by_role("link", name="Play groups").is_visible()
    assert not page.get_by_role("button", name="Clear my list").is_visible()
    page.goto(f"{live_server.url}/families-like-mine/")
    page.get_by_label("under 5").check()
    page.get_by_role("button", name="Show what fits").click()
    page.wait_for_url("**/families-like-mine/?age=under_5")
    assert "For a family like yours" in page.inner_text("main")
    page.goto(f"{live_server.url}{under_5.get_absolute_url()}share/")
    assert not page.get_by_role("button", name="Copy these words").first.is_visible()
    assert "Find out more:" in page.inner_text("main")
