"""Stories told by a real browser: a service writes, the Family Information Service checks, and families read."""

import re
from datetime import timedelta

import pytest

from accounts.models import User
from consultations.models import Consultation
from core.dates import today

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLE = "Saturday clubs for disabled teenagers"
SUMMARY = "We want to open two Saturday clubs. Tell us where they should be and what should happen there."
OLDER = "Short breaks: what should we pay for first?"


def person(key: str) -> User:
    """Somebody of the invented county."""
    return User.objects.get(email=f"{key}@demo.example")


def says_yes_to_all(page) -> None:
    """Answer every question of “Ready to ask?” that a person has to answer."""
    for box in page.get_by_role("radio", name="Yes", exact=True).all():
        box.check()


def test_a_service_writes_mends_and_changes_what_the_family_information_service_checks(visitor, county):
    page, writer, editor = visitor.page, person("short-breaks-deputy"), person("fis-editor")

    # A contributor writes it in six steps, each saved on the way to the next.
    visitor.is_now(writer)
    visitor.goes_to("/desk/consultations/")
    visitor.follows("Add a consultation")
    visitor.presses("Save and go on")
    assert visitor.reads("Enter the title")
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Summary").fill(SUMMARY)
    page.get_by_label("Why it matters to families").fill("Teenagers told us that there is nothing for them to do.")
    visitor.presses("Save and go on")
    assert visitor.reads("Step 2 of 6")
    record = Consultation.objects.get(title=TITLE)
    page.get_by_label("We ask before we decide").check()
    page.get_by_label("What can change").fill("Where the clubs are, and what happens there.")
    page.get_by_label("What cannot change, and why").fill("The money. It is for two clubs.")
    page.get_by_label("Who decides").fill("The head of the service")
    page.get_by_label("Decision expected, in words").fill("in May")
    page.get_by_label("What happens next").fill("We read every answer, and tell you here in May.")
    page.get_by_label("Why there is no equality check").fill("Nobody loses anything.")
    visitor.presses("Save and go on")
    page.get_by_label("Parents and carers of secondary age children").check()
    page.get_by_label("Coldwick").check()
    page.get_by_label("Teenagers and youth services").check()
    visitor.presses("Save and go on")
    visitor.enters_day("opens_on", today() + timedelta(days=1))
    visitor.enters_day("closes_on", today() + timedelta(days=49))
    visitor.presses("Save and go on")
    for place, (kind, how) in enumerate(
        (("Drop-in session", "Come to the library."), ("Phone call", "Ring 01632 960 114."))
    ):
        page.locator(f"[name=way_{place}_method]").select_option(label=kind)
        page.locator(f"[name=way_{place}_description]").fill(how)
    visitor.presses("Save and go on")
    page.get_by_label("Who owns the answer").select_option(index=1)
    page.get_by_label("Who to ask: role or team").fill("Short breaks team")
    page.get_by_label("Phone").fill("01632 960 114")
    visitor.presses("Save and go on")

    # It is sent once every question is answered, and once it is said why it clashes with what another service asks.
    says_yes_to_all(page)
    visitor.presses("Send it to be checked")
    assert visitor.reads("There is a problem")
    assert visitor.reads("1 other asks the same families in these weeks.")
    visitor.follows("See who asks, and choose")
    page.get_by_role("link", name=re.compile("Choose what to do")).click()
    visitor.looks()
    page.get_by_label("Go ahead all the same").check()
    page.get_by_label("Why?").fill("Theirs is about school days, ours about Saturdays.")
    visitor.presses("Decide")
    assert visitor.reads("No clash is open")
    visitor.follows("Ready to ask?")
    visitor.presses("Send it to be checked")
    assert visitor.reads("Sent. The Family Information Service checks it")
    assert page.context.request.get(visitor.base_url + record.get_absolute_url()).status == 200  # its writer may look

    # An editor sends it back, and has to say why.
    visitor.is_now(editor)
    visitor.goes_to("/desk/")
    visitor.follows("Listings to check")
    visitor.follows(TITLE)
    assert visitor.reads("Come to the library.")
    visitor.presses("Send it back")
    assert visitor.reads("There is a problem")
    page.get_by_label("What should they change?").fill("Say which days. Saturday morning or afternoon?")
    visitor.presses("Send it back")
    assert visitor.reads("Sent back, with what to change.")

    # The contributor reads the reason, mends it and sends it again.
    visitor.is_now(writer)
    visitor.goes_to("/desk/consultations/")
    visitor.follows(TITLE)
    assert visitor.reads("Say which days. Saturday morning or afternoon?")
    page.get_by_role("link", name=re.compile("Change.*What it is")).click()
    visitor.looks()
    page.get_by_label("Summary").fill(f"{SUMMARY} They are on Saturday afternoons.")
    visitor.presses("Save and come back later")
    visitor.follows("Ready to ask?")
    visitor.presses("Send it to be checked")

    # It is approved, and from the day it opens families can take part.
    visitor.is_now(editor)
    visitor.goes_to("/desk/checks/")
    visitor.follows(TITLE)
    visitor.presses("Approve")
    page.context.clear_cookies()
    visitor.goes_to(record.get_absolute_url())
    assert visitor.reads("They are on Saturday afternoons.")
    assert not page.context.cookies()
    Consultation.objects.filter(pk=record.pk).update(opens_on=today())

    # A change to what families read waits; the editor sees old and new side by side.
    visitor.is_now(writer)
    visitor.goes_to(f"/desk/consultations/{record.slug}/write/what/")
    page.get_by_label("Summary").fill(f"{SUMMARY} They are on Saturday mornings.")
    visitor.presses("Save")
    visitor.follows("Send your changes")
    visitor.presses("Send them")
    visitor.goes_to(record.get_absolute_url())
    assert visitor.reads("They are on Saturday afternoons.")
    visitor.is_now(editor)
    visitor.goes_to("/desk/checks/")
    visitor.follows(TITLE)
    old, new = page.locator("td[role=cell]").all_inner_texts()
    assert "Saturday afternoons" in old
    assert "Saturday mornings" in new
    page.get_by_label("Tell families what changed, in one sentence").fill("The clubs are in the morning.")
    visitor.presses("Approve")
    assert visitor.reads("Give them more time")
    page.context.clear_cookies()
    visitor.goes_to(record.get_absolute_url())
    assert visitor.reads("They are on Saturday mornings.")
    assert visitor.reads("The clubs are in the morning.")


def test_asking_again_takes_three_pages_at_most(visitor, county, capsys):
    page, older = visitor.page, Consultation.objects.get(title=OLDER)
    visitor.is_now(person("short-breaks-deputy"))
    visitor.goes_to(f"/desk/consultations/{older.slug}/")
    visitor.seen.clear()

    visitor.follows("Ask again: a new round like this one")
    visitor.enters_day("opens_on", today() + timedelta(days=210))
    visitor.enters_day("closes_on", today() + timedelta(days=260))
    visitor.presses("Make the draft")
    says_yes_to_all(page)
    visitor.presses("Send it to be checked")

    assert visitor.reads("Sent. The Family Information Service checks it")
    pages = len(visitor.seen)
    with capsys.disabled():
        print(f"\nAsking again: {pages} pages, the last of them its own")
    assert pages <= 3
    assert Consultation.objects.get(earlier_round=older).submitted_at
