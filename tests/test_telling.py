"""A story told by a real browser: a parent tells the hub something, and hears what came of it."""

import re
import time

import pytest
from django.core import mail
from django.utils import timezone

from core.dates import today
from feedback.comments.models import Comment
from feedback.models import FeedbackEntry
from notices import ledger, post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAID = "There is no club for Tom Archer after school in Stanbeck. He is 9 and uses a wheelchair."
PUBLIC = "There is no club after school in Stanbeck for children who use a wheelchair."


def the_post_goes() -> None:
    """What is owed goes out now, whatever the hour."""
    ledger.owe(today(), timezone.now())
    post.send(today(), timezone.now(), at_once=True)


def links_in(subject: str) -> list[str]:
    """The links of the newest mail to the parent with these words in its subject."""
    sent = [each for each in mail.outbox if "parent@example.com" in each.to and subject in each.subject]
    return re.findall(r"https?://\S+", sent[-1].body)


def test_a_parent_tells_the_hub_something_and_is_told_what_came_of_it(visitor, county, mailoutbox):
    page = visitor.page
    visitor.goes_to("/tell-us/")
    assert page.locator("main h2").first.inner_text() == "We cannot sort out one child’s support here. These people can"
    page.get_by_role("button", name="Tell us now").click()
    visitor.looks()
    visitor.presses("Send it")
    assert visitor.reads("Write what you want to tell us")

    page.get_by_label("A parent or carer").check()
    page.get_by_label("The local offer: what help there is").check()
    page.get_by_label("What is in it: how good it is, and what is missing").check()
    page.get_by_label("Something is missing").check()
    page.get_by_label("Tell us", exact=True).fill(SAID)
    page.get_by_label("Your e-mail address").fill("parent@example.com")
    page.get_by_label("E-mail me when it is answered").check()
    time.sleep(2)  # nobody types that fast
    visitor.presses("Send it")
    comment = Comment.objects.get(text=SAID)
    assert visitor.reads(comment.reference)
    assert visitor.reads("Look into your mailbox")
    assert not page.context.cookies()
    visitor.goes_to("/tell-us/on-paper/")

    the_post_goes()
    confirm = next(url for url in links_in("Press to get e-mails") if "/alerts/confirm/" in url)
    visitor.goes_to(confirm.removeprefix(visitor.base_url))
    visitor.presses("Yes, send me e-mails")

    # The Family Information Service takes the name out and passes it on.
    visitor.is_now(county_user(county, "fis-editor"))
    visitor.goes_to("/desk/tell-us/")
    page.get_by_role("link", name="There is no club for Tom Archer").click()
    visitor.looks()
    page.get_by_label("What families may read").fill(PUBLIC)
    page.get_by_label("The point in a few words").fill("A club after school in Stanbeck")
    page.get_by_label("Who answers").select_option(label="Disabled Children’s Service")
    page.get_by_label("Short breaks and respite").check()
    visitor.presses("Publish these words and pass it on")
    entry = FeedbackEntry.objects.get(you_said=PUBLIC)
    for each in ("merge", "refer", "point-to-help", "leave-out"):
        visitor.goes_to(f"/desk/tell-us/{Comment.objects.to_read().first().pk}/{each}/")
    visitor.goes_to("/desk/tell-us/?show=folded")
    visitor.goes_to("/desk/tell-us/help/")
    visitor.goes_to("/desk/tell-us/heard/")

    # The service answers.
    visitor.is_now(county_user(county, "short-breaks-lead"))
    visitor.goes_to("/desk/")
    visitor.goes_to(f"/desk/entries/{entry.pk}/")
    page.get_by_label("No, and here is why").check()
    page.get_by_label("What we did, or will do, or why we cannot").fill("The hall has no lift. It gets one in spring.")
    visitor.presses("Publish the answer")

    # The parent is told, in a mail without their words, and the gap stands there with its answer.
    page.context.clear_cookies()
    the_post_goes()
    told = [each for each in mail.outbox if "parent@example.com" in each.to]
    assert not any("Archer" in f"{each.subject}{each.body}{each.alternatives}" for each in mail.outbox)
    assert any("No, and here is why" in each.body for each in told)
    answer = next(url for url in links_in("No, and here is why") if "/you-said-we-did/" in url)
    visitor.goes_to(answer.removeprefix(visitor.base_url))
    assert visitor.reads("The hall has no lift")
    visitor.goes_to("/tell-us/gaps/")
    assert visitor.reads("A club after school in Stanbeck")
    assert visitor.reads("It gets one in spring")
    assert "Archer" not in page.content()


def county_user(county, key: str):
    """Somebody of the demo who can sign in."""
    from accounts.models import User

    return User.objects.get(email=county[key].address)
