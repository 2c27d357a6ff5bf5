"""What a mail says: everything owed that is still true, each thing once, worst first."""

from datetime import date, timedelta

import pytest

from notices import letters, reasons
from notices.letters import Letter, Said
from notices.models import Mail, Notice, Recipient
from notices.reasons import Line, Reason

# A letter names the council as it calls itself when the letter is written.
pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 2)

# A letter names the hub, which the database may know.
pytestmark = pytest.mark.django_db


class Owed(Reason):
    """Something owed."""

    name = "owed"


class Thanked(Reason):
    """Something done."""

    name = "thanked"
    owes = False


@pytest.fixture(autouse=True)
def two_reasons(monkeypatch):
    """One owes, the other thanks."""
    monkeypatch.setattr(reasons, "_registered", {"owed": Owed(), "thanked": Thanked()})


def said(title: str, late: int = 0, role: str = Recipient.OWNER, reason: str = "owed", **facts) -> Said:
    """One notice of a letter; things of the same title are the same thing."""
    line = Line(
        title=title,
        url=f"/{title}/",
        what=facts.get("what", f"{late} days late"),
        families="212 families are waiting.",
        button="Write",
        button_url=f"/desk/{title}/",
        due_on=MONDAY - timedelta(days=late),
        service="Short breaks",
        other_forms={"heard": ("Say what you heard", f"/desk/{title}/heard/")},
    )
    notice = Notice(reason=reason, step=facts.get("step", "x"), role=role)
    return Said(notice, line, facts.get("asks", "Publish it."))


def letter(*those: Said) -> Letter:
    """A letter that says these."""
    return Letter(Mail(address="owner@example.org"), MONDAY, list(those))


def test_several_reasons_about_one_thing_are_one_point():
    written = letter(
        said("a", late=3, what="The note's date has passed", asks="Say a new date."),
        said("b", late=9),
        said("a", late=12, what="Answer is 12 days late"),
    )

    assert [(point.title, point.whats) for point in written.points] == [
        ("a", ["Answer is 12 days late", "The note's date has passed"]),
        ("b", ["9 days late"]),
    ]
    assert written.points[0].asks == ["Say a new date.", "Publish it."]
    assert written.message.body.count("/desk/a/") == 1


def test_a_step_may_open_another_form():
    (point,) = letter(said("a", step="heard")).points

    assert point.button == "Say what you heard"
    assert point.url.endswith("/desk/a/heard/")


def test_what_others_owe_comes_after_ones_own_and_in_short():
    written = letter(said("theirs", late=90, role=Recipient.LEAD), said("mine", late=1))
    text = written.message.body

    assert text.index("mine") < text.index("What others owe families") < text.index("theirs")
    assert "Publish it." not in text.partition("What others owe families")[2]
    assert "Short breaks. 212 families are waiting." in text


def test_a_letter_about_others_only_says_so_and_names_the_worst_twenty():
    many = [said(f"thing-{number:02}", late=number, role=Recipient.FIS) for number in range(25)]
    written = letter(*many)
    html = written.message.alternatives[0].content

    for text in (written.message.body, html):
        assert "What services owe families" in text
        assert "What others owe families" not in text
        assert ("thing-24" in text, "thing-05" in text, "thing-04" in text) == (True, True, False)
        assert "And 5 more. The desk lists them all." in text
        assert text.count("You get this because you look after the hub.") == 1


def test_a_thank_you_is_not_counted_as_owed():
    thanks = said("done", reason="thanked", what="Families have their answer")

    assert letter(thanks).subject == "Families have their answer: done"
    assert letter(thanks).heading == "Thank you"
    assert "Reminders stop" not in letter(thanks).message.body
    assert letter(thanks, said("a", late=2)).subject == "2 days late: a"
    assert letter(thanks, said("done too", reason="thanked")).subject == "Thank you: families have their answers"
    assert letter(thanks, said("a", late=2), said("b")).subject == "2 things are owed to families, 1 is late"
    assert letter(said("a", late=2), said("b", late=1)).subject == "2 things are owed to families, all late"


def test_the_text_and_the_page_say_the_same_things():
    written = letter(
        said("mine", late=3), said("theirs", role=Recipient.SPONSOR), said("done", reason="thanked", what="Answered")
    )
    html = written.message.alternatives[0].content

    for words in ("mine", "3 days late", "theirs", "Answered", "Publish it.", "See everything", "/desk/mine/"):
        assert words in html
    for words in ("mine", "3 days late", "theirs", "Answered", "Publish it.", "Everything you owe", "/desk/mine/"):
        assert words in written.message.body


def test_the_newest_wording_of_a_step_is_said(db):
    from notices.models import Step

    for text in ("Old words.", "New words."):
        Step.objects.filter(key="x").update(retired_on=MONDAY)
        Step.objects.create(
            reason="owed", key="x", anchor="a", offset_days=0, recipients=["owner"], text=text,
            valid_from=MONDAY if text.startswith("New") else None,
        )  # fmt: skip

    assert letters.texts_of_steps(MONDAY - timedelta(days=1)) == {("owed", "x"): "Old words."}
    assert letters.texts_of_steps(MONDAY) == {("owed", "x"): "New words."}
