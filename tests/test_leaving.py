"""A story told by a real browser: a manager leaves, and everything that waited for them goes to somebody else."""

import re

import pytest

from accounts.models import Membership, Watch
from consultations.events.models import Event
from consultations.models import Consultation
from consultations.plan.models import Intention, Umbrella
from consultations.stages import Stage
from core.dates import today
from feedback.models import FeedbackEntry
from tests.browsing import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def give(leaver: Membership) -> dict[str, list]:
    """Name them in one thing of each sort. Gives what is theirs then, besides what was: the column, and the things."""
    day = today()
    standing = Consultation.objects.standing(day).first()
    deputised = (
        Consultation.objects.published()
        .in_stage(Stage.OPEN, on=day)
        .filter(closes_on__gte=day)
        .exclude(owner=leaver)
        .first()
    )
    named = {
        "owner": [
            standing,
            Event.objects.published().filter(until=None).first(),
            FeedbackEntry.objects.open_promises().first(),
            Intention.objects.kept().filter(ends_on__gte=day).first(),
            Umbrella.objects.kept().filter(archived_at=None).first(),
        ],
        "deputy": [deputised],
    }
    for column, things in named.items():
        for each in things:
            type(each).objects.filter(pk=each.pk).update(**{column: leaver})
    Watch.objects.create(user=leaver.user, kind="consultation", record_id=deputised.pk)
    return named


def test_a_manager_leaves_and_hands_over(visitor, county, browser):
    page, manager = visitor.page, county["fis-manager"]
    leaver = Membership.objects.get(user__email=county["short-breaks-lead"].address)
    named = give(leaver)
    theirs = Visitor(browser.new_context(viewport=page.viewport_size).new_page(), visitor.base_url)
    theirs.goes_to("/desk/")
    theirs.signs_in(county["short-breaks-lead"].address, county["short-breaks-lead"].password)
    theirs.goes_to("/desk/watching/")
    assert theirs.reads(str(named["deputy"][0]))

    # Everything that names them stands on one page.
    visitor.goes_to("/desk/people/")
    visitor.signs_in(manager.address, manager.password)
    page.get_by_role("main").get_by_role("searchbox").fill(leaver.user.email)
    page.get_by_role("main").get_by_role("button", name="Search").click()
    visitor.looks()
    page.get_by_role("link", name=re.compile("Hand over or leave")).first.click()
    visitor.looks()
    for each in (*named["owner"], *named["deputy"]):
        assert visitor.reads(str(each)), each
    assert visitor.reads("They also watch 1 record.")

    # They leave, and somebody else answers for all of it.
    page.get_by_label("It ends today").check()
    page.get_by_label("Who takes over?").select_option(index=1)
    visitor.presses("Hand over")
    assert visitor.reads("The role has ended.")
    takers = set()
    for column, things in named.items():
        for each in things:
            takers.add(getattr(type(each).objects.get(pk=each.pk), column))
    (taker,) = takers - {None}
    assert taker != leaver
    assert Watch.objects.get(record_id=named["deputy"][0].pk, kind="consultation").user == taker.user

    # Their own browser is signed out, and what they type there is not lost.
    theirs.goes_to("/desk/")
    assert theirs.page.url.startswith(f"{visitor.base_url}/accounts/login/?next=/desk/")
    theirs.signs_in(county["short-breaks-lead"].address, county["short-breaks-lead"].password)
    assert not theirs.reads("What you owe")
    theirs.page.context.close()


def test_what_was_typed_is_shown_when_the_sign_in_has_ended(visitor, county):
    page, manager = visitor.page, county["fis-manager"]
    visitor.goes_to("/desk/people/new/")
    visitor.signs_in(manager.address, manager.password)
    page.get_by_label("Name", exact=True).fill("Sam Reed, who starts in May")
    page.context.clear_cookies(name="sessionid")

    page.get_by_role("main").locator("form button[type=submit]").first.click()
    visitor.looks()

    assert visitor.reads("You are signed out")
    assert visitor.reads("Sam Reed, who starts in May")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Sign in again in a new window").click()
    again = Visitor(opened.value, visitor.base_url)
    again.looks()
    again.signs_in(manager.address, manager.password)
    assert again.page.url == f"{visitor.base_url}/desk/people/new/"
