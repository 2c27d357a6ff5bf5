"""One story told by a real browser, through the whole hub: from what a parent said to what others learn from it.

The library holds the real examples and links that were brought in (tests/data), beside those of the invented county.
"""

import re
import time
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.urls import reverse

from core.dates import next_working_day, today
from core.models import AccessSupport, Area, Audience, Method, Topic
from core.tests.files import REAL_FILES
from feedback.comments.models import Comment
from feedback.models import FeedbackEntry
from notices import ledger
from practice.models import MUST_SAY, PracticeExample
from practice.stories.models import ParentStory
from practice.stories.tests.factories import story
from tests.test_telling import county_user, links_in, the_post_goes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAID = "Oliver Quackwort cannot reach the changing bench at the Larchford pool. Please lower it."
PUBLIC = "Children who use a wheelchair cannot reach the changing bench at the Larchford pool."
DID = "We put in a bench that goes up and down."
TITLE = "A bench that goes up and down"


def in_three_months():
    """The clock of the hub stands at ten in the morning of a working day, a little more than three months on."""
    day = next_working_day(today() + timedelta(days=95))
    return time_machine.travel(ledger.opens_at(day) + timedelta(hours=1), tick=True)


def test_what_a_parent_says_leads_to_a_change_that_others_learn_from(visitor, county, mailoutbox):
    page = visitor.page
    for kind in ("practice", "resources"):
        call_command("import_csv", kind, REAL_FILES[kind], read_on="2026-11-22", stdout=StringIO())

    # A parent says it, on a phone, without an account.
    visitor.goes_to("/tell-us/")
    visitor.presses("Tell us now")
    page.get_by_label("A parent or carer").check()
    page.get_by_label("A service or organisation", exact=True).check()
    page.get_by_label("Something needs to be better").check()
    page.get_by_label("Tell us", exact=True).fill(SAID)
    page.get_by_label("Your e-mail address").fill("parent@example.com")
    page.get_by_label("E-mail me when it is answered").check()
    time.sleep(2)  # nobody types that fast
    visitor.presses("Send it")
    the_post_goes()
    confirm = next(url for url in links_in("Press to get e-mails") if "/alerts/confirm/" in url)
    visitor.goes_to(confirm.removeprefix(visitor.base_url))
    visitor.presses("Yes, send me e-mails")

    # The Family Information Service takes the name out and passes it on; the service has done it.
    visitor.is_now(county_user(county, "fis-editor"))
    visitor.goes_to(reverse("feedback:comment", args=[Comment.objects.get(text=SAID).pk]))
    page.get_by_label("What families may read").fill(PUBLIC)
    page.get_by_label("The point in a few words").fill("The bench at the pool")
    page.get_by_label("Who answers").select_option(label="Disabled Children’s Service")
    page.get_by_label("Short breaks and respite").check()
    visitor.presses("Publish these words and pass it on")
    entry = FeedbackEntry.objects.get(you_said=PUBLIC)
    lead = county_user(county, "short-breaks-lead")
    visitor.is_now(lead)
    visitor.goes_to(f"/desk/entries/{entry.pk}/")
    page.get_by_label("Done", exact=True).check()
    page.get_by_label("What we did, or will do, or why we cannot").fill(DID)
    visitor.enters_day("done_on", today())
    page.get_by_label("What is different now").fill("Children can change there.")
    visitor.presses("Publish the answer")

    # The parent is told.
    the_post_goes()
    told = [each for each in mail.outbox if "parent@example.com" in each.to]
    assert any("Done" in each.body for each in told)
    assert not any("Quackwort" in f"{each.subject}{each.body}{each.alternatives}" for each in mail.outbox)

    with in_three_months():
        # A forum looks, and confirms it.
        visitor.is_now(county_user(county, "fis-editor"))
        visitor.goes_to("/desk/")
        visitor.is_now(county_user(county, "forum-reviewer"))
        visitor.goes_to(reverse("feedback:parent-check", args=[entry.pk]))
        page.get_by_label("Yes, it happened").check()
        page.get_by_label("How many parents did you ask?").fill("14")
        page.get_by_label("How many of them say that it happened?").fill("14")
        visitor.presses("Publish what parents say")
        page.context.clear_cookies()
        visitor.goes_to("/you-said-we-did/")
        assert visitor.reads("Parents say: it happened")
        visitor.goes_to(entry.get_absolute_url())
        assert visitor.reads("3 months on")
        assert visitor.reads("All of them say that it happened.")

        # The service writes it up for others, tied to the change, beside the real examples of other places.
        visitor.is_now(lead)
        visitor.goes_to("/desk/practice/")
        page.get_by_role("link", name=re.compile("Write it up.*The bench at the pool")).click()
        visitor.looks()
        page.get_by_label("Title").fill(TITLE)
        visitor.presses("Save and go on")
        example = PracticeExample.objects.get(title=TITLE)
        assert example.entry == entry
        finish(example)
        visitor.goes_to(f"/desk/practice/{example.slug}/")
        visitor.follows("Send it to be checked")
        visitor.presses("Send it")
        visitor.is_now(county_user(county, "fis-editor"))
        visitor.goes_to("/desk/checks/")
        visitor.follows(TITLE)
        visitor.presses("Approve")
        page.context.clear_cookies()
        visitor.goes_to("/practice/?q=bench")
        visitor.follows(TITLE)
        visitor.follows("The bench at the pool")
        assert visitor.reads("What others can learn from it")
        visitor.goes_to("/practice/?q=transforming+care+accelerator")
        assert visitor.reads("Transforming care accelerator")
        visitor.goes_to("/resources/?q=participation")

        # The parent's story of it comes, and goes from everywhere when the parent takes it back.
        told = told_story(lead)
        places = ["/practice/stories/", "/search/?q=zebrafinch", "/practice/stories/feed.atom"]
        places += ["/practice/stories.csv", "/sitemap-stories.xml", told.get_absolute_url()]
        words = ("zebrafinch", told.slug)
        for place in places:
            text = page.request.get(visitor.base_url + place).text().lower()
            assert any(word in text for word in words), place
        visitor.is_now(lead)
        visitor.goes_to(reverse("practice:desk-story", args=[told.slug]))
        visitor.follows("The parent takes the permission back: remove it everywhere")
        visitor.presses("Remove the story")
        page.context.clear_cookies()
        for place in places[:-1]:
            text = page.request.get(visitor.base_url + place).text().lower()
            found = text.replace("q=zebrafinch", "").replace('value="zebrafinch"', "")
            assert told.slug not in found, place
            assert "zebrafinch summer" not in found, place
        assert visitor.goes_to(told.get_absolute_url()).status == 410
        assert "zebrafinch" not in page.content().lower()


def finish(example: PracticeExample) -> None:
    """Fill in what the steps ask for. They have a journey of their own (test_practice.py)."""
    for name in MUST_SAY:
        setattr(example, name, getattr(example, name) or "We asked 14 parents.")
    example.level, example.contact_name, example.year = "co_production", "Short breaks team", today().year
    example.save()
    for name, kind in (
        ("topics", Topic), ("audiences", Audience), ("areas", Area), ("methods", Method), ("supports", AccessSupport),
    ):  # fmt: skip
        getattr(example, name).add(kind.objects.first())


def told_story(lead) -> ParentStory:
    """A parent's story that families read, with a permission in date. How it comes to that has a journey of its own."""
    member = lead.memberships.first()
    text = "We swim each week, and see the zebrafinch."
    return story(
        organisation=member.organisation, owner=member, slug="xqzt-4471", title="The zebrafinch summer", text=text
    )
