"""A story told by a real browser: what a service manager has to fill in before an answer is out."""

import re
from datetime import timedelta

import pytest

from accounts.models import User
from consultations.models import Consultation
from core.dates import today

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LATE = "Respite beds at Larch House"
MOST_FOR_TWO_POINTS, MOST_FOR_A_SHORT_ANSWER = 16, 6


class Typing:
    """Fills boxes, and counts those that were empty: what the page has filled in already costs nobody anything."""

    def __init__(self, page):
        self.page, self.filled = page, []

    def fills(self, label: str, words: str, within=None) -> None:
        """Write into a box, unless the page has."""
        box = (within or self.page).get_by_label(label)
        if not box.input_value():
            box.fill(words)
            self.filled.append(label)

    def chooses(self, label: str, within) -> None:
        """Choose an answer."""
        within.get_by_label(label).check()
        self.filled.append(label)

    def enters_day(self, visitor, name: str, day) -> None:
        """Enter a day, which counts as one."""
        visitor.enters_day(name, day)
        self.filled.append(name)


def publishes(visitor) -> None:
    """Look at what families will see, and let it out."""
    visitor.presses("Save and preview")
    for box in visitor.page.get_by_role("checkbox").all():
        box.check()
    visitor.page.get_by_role("button", name=re.compile("Publish")).click()
    visitor.looks()
    assert Consultation.objects.get(title=LATE).responded_on == today()


@pytest.fixture
def writing(visitor, county):
    """The page of an answer that is owed, open before its owner. Nobody has said how many took part."""
    record = Consultation.objects.get(title=LATE)
    record.documents.all().delete()
    Consultation.objects.filter(pk=record.pk).update(took_part=None)
    visitor.is_now(User.objects.get(email="short-breaks-lead@demo.example"))
    visitor.goes_to(f"/desk/answers/{record.slug}/")
    return Typing(visitor.page)


def test_an_answer_to_two_points_is_one_page_with_few_boxes(visitor, writing, capsys):
    page = visitor.page
    visitor.presses("Add another point")
    writing.fills("In short", "You asked for nights that suit school. You can now choose them.")
    writing.fills("How many people or families took part", "212")
    writing.fills("Who they were", "Parent carers from three towns.")
    writing.fills("Who we did not hear from, and what we will do about it", "Few dads. We will ring.")
    first, second = (page.get_by_role("group", name=f"Point {number}") for number in (1, 2))
    for point, name, words, answer, did in (
        (first, "Choosing nights", "Let us choose.", "Promised", "You book online."),
        (second, "Weekends", "Weekends are full.", "No, and here is why", "The beds are full until May."),
    ):
        writing.fills("The point in a few words", name, point)
        writing.fills("What people said, including where they did not agree", words, point)
        writing.chooses(answer, point)
        writing.fills("What we did, or will do, or why we cannot", did, point)
    writing.fills("Who is responsible", "Short breaks lead", first)
    writing.enters_day(visitor, "themes-0-due_on", today() + timedelta(days=60))
    writing.fills("Who made the decision", "Cabinet")
    writing.fills("What is different because of what people said", "Families choose their nights.")
    writing.fills("What happens next", "Booking opens in January.")
    for label, words in (
        ("Role or team to ask", "Short breaks"),
        ("Phone", "01632 960 114"),
        ("E-mail", "a@b.example"),
    ):
        writing.fills(label, words)
    writing.fills("Other formats", "Ask us for easy read.")
    publishes(visitor)

    with capsys.disabled():
        print(f"\nAn answer to two points: {len(writing.filled)} boxes: {', '.join(writing.filled)}")
    assert len(writing.filled) <= MOST_FOR_TWO_POINTS


def test_a_short_answer_has_fewer_boxes_still(visitor, writing, capsys):
    visitor.presses("Make it a short answer")
    point = visitor.page.get_by_role("group", name="Point 1")
    writing.fills("In short", "You asked for nights that suit school. You can now choose them.")
    writing.fills("The point in a few words", "Weekends", point)
    writing.fills("What people said, including where they did not agree", "Weekends are full.", point)
    writing.chooses("No, and here is why", point)
    writing.fills("What we did, or will do, or why we cannot", "The beds are full until May.", point)
    writing.fills("Who made the decision", "Cabinet")
    publishes(visitor)

    with capsys.disabled():
        print(f"\nA short answer: {len(writing.filled)} boxes: {', '.join(writing.filled)}")
    assert len(writing.filled) <= MOST_FOR_A_SHORT_ANSWER
