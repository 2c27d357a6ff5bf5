"""A change that families were told of becomes an example: sent, sent back, approved, and tried by another service."""

import re

import pytest
from django.utils import timezone

from accounts.models import User
from core.dates import today
from feedback.models import FeedbackEntry
from practice.models import PracticeExample

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHANGE = "Emergency cards that teachers know"
TITLE = "Teachers know what to do in a seizure"


def person(key: str) -> User:
    """Somebody of the invented county."""
    return User.objects.get(email=f"{key}@demo.example")


def test_a_service_shares_what_changed_and_another_one_tries_it(visitor, county):
    page, writer, editor, other = (
        visitor.page, person("therapies-manager"), person("fis-editor"), person("schools-trust-manager"),
    )  # fmt: skip
    service = writer.memberships.get().organisation
    change = FeedbackEntry.objects.create(
        organisation=service, heard_from="event", theme=CHANGE, you_said="Nobody at school knows what to do.",
        answer="done", we_did="We wrote a card with ten parents.", done_on=today(),
        what_changed="Each class has a card on the wall.", published_at=timezone.now(),
    )  # fmt: skip

    # The service writes up a change that it told families of. Most of the words are there already.
    visitor.is_now(writer)
    visitor.goes_to("/desk/practice/")
    page.get_by_role("link", name=re.compile(f"Write it up.*{CHANGE}")).click()
    visitor.looks()
    page.get_by_label("Title").fill(TITLE)
    visitor.presses("Save and go on")
    example = PracticeExample.objects.get(title=TITLE)
    assert example.entry == change
    page.get_by_label("Health and therapies").check()
    page.get_by_label("Parents and carers of primary age children").check()
    page.get_by_label("Coldwick").check()
    visitor.presses("Save and go on")
    page.get_by_label("You work with us").check()
    page.get_by_label("What was the problem, and who raised it?").fill("A boy fell ill in class. His mother told us.")
    page.get_by_label("Who was involved, and how many?").fill("Parents and teachers.")
    page.get_by_label("Co-design workshop").check()
    page.get_by_label("Help with childcare costs").check()
    visitor.presses("Save and go on")
    assert page.get_by_label("What changed for families?").input_value() == "Each class has a card on the wall."
    page.get_by_label("How do you know?").fill("We asked 30 teachers.")
    visitor.presses("Save and go on")
    page.get_by_label("We asked them, and they agree that it happened").check()
    page.get_by_label("What do parents say about the change?").fill("I sleep better on school nights.")
    visitor.presses("Save and go on")
    page.get_by_label("What did it cost in money and time?").fill("£40 for printing.")
    page.locator("[name=tip_0_text]").fill("Ask in the first week of term.")
    page.locator("[name=tip_0_place]").select_option(label="When")
    visitor.presses("Save and go on")
    page.get_by_label("Who to ask: role or team").fill("Therapies team")
    visitor.presses("Save and go on")

    # What is missing is named, and its step is one press away.
    assert visitor.reads("Still to do before you can send it")
    assert visitor.reads("Fill in: What was hard, or did not work")
    page.get_by_role("link", name=re.compile("Change.*For others who want to try it")).click()
    visitor.looks()
    page.get_by_label("What was hard, or did not work?").fill("Supply teachers change each day.")
    visitor.presses("Save and come back later")
    visitor.follows("Send it to be checked")
    visitor.presses("Send it")
    assert visitor.reads("Sent. The Family Information Service checks it")

    # It is sent back with a reason, mended, sent again and approved.
    visitor.is_now(editor)
    visitor.goes_to("/desk/checks/")
    visitor.follows(TITLE)
    assert visitor.reads("Supply teachers change each day.")
    page.get_by_label("What should they change?").fill("How many parents and teachers?")
    visitor.presses("Send it back")
    visitor.is_now(writer)
    visitor.goes_to(f"/desk/practice/{example.slug}/")
    assert visitor.reads("How many parents and teachers?")
    visitor.goes_to(f"/desk/practice/{example.slug}/write/listening/")
    page.get_by_label("Who was involved, and how many?").fill("Ten parents and 30 teachers.")
    visitor.presses("Save and come back later")
    visitor.follows("Send it to be checked")
    visitor.presses("Send it")
    visitor.is_now(editor)
    visitor.goes_to("/desk/checks/")
    visitor.follows(TITLE)
    visitor.presses("Approve")

    # Families find it in the library and beside the change; its tip stands beside the step that it helps.
    page.context.clear_cookies()
    visitor.goes_to("/practice/?q=seizure")
    visitor.follows(TITLE)
    assert visitor.reads("Ten parents and 30 teachers.")
    assert visitor.reads("They agree that it happened.")
    visitor.follows(CHANGE)
    assert visitor.reads("What others can learn from it")
    assert not page.context.cookies()

    # Another service tries it, and says that it did not work there and why.
    visitor.is_now(other)
    visitor.goes_to(f"/practice/{example.slug}/")
    visitor.follows("Your service tried this? Say how it went")
    visitor.presses("Save")
    assert visitor.reads("There is a problem")
    visitor.enters_day("tried_on", today())
    page.get_by_label("It partly worked").check()
    page.get_by_label("What happened, and why?").fill("It works in small schools.")
    visitor.presses("Save")
    page.context.clear_cookies()
    visitor.goes_to(f"/practice/{example.slug}/")
    assert visitor.reads("Quillbrook Schools Trust")
    assert visitor.reads("It works in small schools.")
    visitor.follows("Pass it on: poster, newsletter, text")
