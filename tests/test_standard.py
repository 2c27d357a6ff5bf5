"""A story told by a real browser: a service adopts the standard and checks itself, parents look, time passes."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from core.dates import today
from notices import ledger
from standards.models import Adoption, Rating, SelfCheck
from standards.tests.factories import said_of_all
from tests.test_telling import county_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def days_on(count: int):
    """The clock of the hub stands at ten in the morning, so many days on."""
    return time_machine.travel(ledger.opens_at(today() + timedelta(days=count)) + timedelta(hours=1), tick=True)


def test_a_service_adopts_the_standard_checks_itself_and_parents_agree_or_do_not(visitor, county):
    page, lead = visitor.page, county_user(county, "therapies-manager")
    Adoption.objects.filter(organisation__name="Children’s Therapies").delete()

    # The pledge, with one thing forgotten.
    visitor.is_now(lead)
    visitor.goes_to("/desk/standard/")
    visitor.follows("Adopt the standard")
    page.get_by_label("What does it cover?").fill("All therapies for children")
    page.get_by_label("Which senior person has agreed to it?").fill("Head of therapies")
    visitor.presses("Adopt the standard")
    assert visitor.reads("Enter who leads on it")
    page.get_by_label("Who leads on involving families?").fill("Therapies team")
    visitor.presses("Adopt the standard")
    assert visitor.reads("You have adopted the standard.")
    adoption = Adoption.objects.get(organisation__name="Children’s Therapies")
    badge = f"{visitor.base_url}{adoption.get_absolute_url()}badge.svg"
    assert "Adopted: first check not yet published" in page.request.get(badge).text()

    # The first steps, one statement a page, with records that the hub offers and one note.
    visitor.presses("Begin with the first steps")
    visitor.follows("Go on with the next statement")
    for number in range(1, 9):
        assert visitor.reads(f"statement {number} of 8")
        if number == 1:
            page.get_by_label("We do this").check()
            visitor.presses("Save and go on")
            assert visitor.reads("needs something that shows it")
        if number == 2:
            page.get_by_label("Started").check()
        else:
            page.get_by_label("We do this").check()
            shows_it(page)
        visitor.presses("Save and go on")
    assert visitor.reads("7 of 8 first steps in place")
    visitor.follows("Publish the check")
    visitor.presses("Publish the check")
    page.context.clear_cookies()
    visitor.goes_to("/standard/register/?state=current")
    visitor.follows("Children’s Therapies")
    assert visitor.reads("7 of 8 first steps in place")

    # Parents agree to one claim and dispute another.
    visitor.is_now(county_user(county, "forum-reviewer"))
    visitor.goes_to("/desk/standard/")
    visitor.follows("Do parents agree?")
    visitor.follows("Children’s Therapies")
    groups = page.locator("fieldset").filter(has=page.locator("legend", has_text="We have a short written promise"))
    groups.first.get_by_label("Yes, we agree").check()
    other = page.locator("fieldset").filter(has=page.locator("legend", has_text="Every time we ask"))
    other.first.get_by_label("No, we do not agree").check()
    other.first.get_by_label("In their words").fill("Kieran never got a letter.")
    visitor.presses("Publish what parents say")
    page.context.clear_cookies()
    visitor.goes_to(adoption.get_absolute_url())
    assert visitor.reads("We do this and parents agree")
    assert visitor.reads("We say yes, parents say no")
    assert visitor.reads("6 of 8 first steps in place")
    assert "Kieran" not in page.content()
    visitor.is_now(county_user(county, "fis-editor"))
    visitor.goes_to("/desk/checks/")
    visitor.follows("Every time we ask, we publish an answer: what we heard, what we will do, and what we cannot do.")
    page.get_by_label("What families may read").fill("No letter came.")
    visitor.presses("Publish these words")
    visitor.goes_to(adoption.get_absolute_url())
    assert visitor.reads("No letter came.")

    # A year passes: due, then lapsed, on the register and on the badge.
    for later, words in ((370, "Due for review"), (470, "Lapsed")):
        with days_on(later):
            visitor.is_now(county_user(county, "fis-editor"))
            visitor.goes_to("/desk/standard/")
            page.context.clear_cookies()
            visitor.goes_to(adoption.get_absolute_url())
            assert visitor.reads(words)
            assert words in page.request.get(badge).text()

    # Checked again, all 24 this time, it is current, and what it said before stands below.
    with days_on(480):
        visitor.is_now(lead)
        visitor.goes_to(reverse("standards:desk-adoption", args=[adoption.pk]))
        visitor.presses("Begin with all 24")
        check = SelfCheck.objects.going_on().get(adoption=adoption)
        said_of_all_but_one(check)
        visitor.goes_to(reverse("standards:check", args=[check.pk]))
        assert visitor.reads("1 statement is left")
        visitor.follows("Go on with the next statement")
        page.get_by_label("Not yet").check()
        visitor.presses("Save and come back later")
        visitor.follows("Publish the check")
        visitor.presses("Publish the check")
        page.context.clear_cookies()
        visitor.goes_to(adoption.get_absolute_url())
        assert visitor.reads("Checked in the last 12 months")
        assert visitor.reads("Earlier checks")


def shows_it(page) -> None:
    """Choose the first record that the hub offers, or write a note where it has none; say why where records differ."""
    offered = page.locator("[name=marks]")
    if offered.count():
        offered.first.check()
    else:
        page.get_by_label("Something that is not on this hub").fill("Minutes of our board")
        for part in ("day", "month", "year"):
            page.locator(f"[name=note_on_{part}]").fill(str(getattr(today(), part)))
    why = page.get_by_label("Why do the records say something else?")
    if why.count():
        why.fill("We wrote to each family.")


def said_of_all_but_one(check: SelfCheck) -> None:
    """What was said of the statements is how it is put there in other tests; one is left for the browser."""
    said_of_all(check, Rating.STARTED)
    check.judgements.order_by("pk").last().delete()
