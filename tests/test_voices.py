"""Stories told by a real browser: parents say whether it happened, a parent’s story comes and goes, somebody joins."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from core.dates import today
from feedback.parents.models import ParentCheck
from feedback.parents.stages import can_be_checked
from notices import ledger, post
from practice.network.models import NetworkPerson
from practice.stories.models import ParentStory
from tests.test_telling import county_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_parents_say_whether_it_happened_and_the_service_reads_a_no(visitor, county, mailoutbox):
    page = visitor.page
    told = ParentCheck.objects.values("entry")
    entry = can_be_checked().filter(organisation__name="Disabled Children’s Service").exclude(pk__in=told).first()
    public = entry.get_absolute_url()
    visitor.goes_to(public)
    assert visitor.reads("Nobody has asked parents yet.")

    # Anybody, on the page itself.
    visitor.follows("No, it did not")
    assert page.get_by_label("No", exact=True).is_checked()
    page.get_by_label("Do you want to say more?").fill("We still wait for the bus.")
    visitor.presses("Send it")
    assert visitor.reads("We have your answer.")
    assert not page.context.cookies()

    # A forum chooses what it looks at, and says what parents say.
    visitor.is_now(county_user(county, "forum-reviewer"))
    visitor.goes_to("/desk/parent-checks/")
    visitor.goes_to("/desk/parent-checks/?show=chosen")
    visitor.goes_to("/desk/parent-checks/?show=all")
    visitor.goes_to(reverse("feedback:parent-check", args=[entry.pk]))
    visitor.presses("Publish what parents say")
    assert visitor.reads("Choose what parents say")
    page.get_by_label("No, it did not happen").check()
    page.get_by_label("How many parents did you ask?").fill("9")
    page.get_by_label("How many of them say that it happened?").fill("0")
    page.get_by_label("In their words").fill("Kieran still waits.")
    visitor.presses("Publish what parents say")
    visitor.goes_to(public)
    assert visitor.reads("It did not happen")
    assert visitor.reads("None of them say that it happened.")
    assert "Kieran" not in page.content()

    # Their words are read first.
    visitor.is_now(county_user(county, "fis-editor"))
    visitor.goes_to("/desk/checks/")
    check = ParentCheck.objects.get(entry=entry)
    visitor.goes_to(reverse("feedback:parent-words", args=[check.pk]))
    page.get_by_label("What families may read").fill("They still wait.")
    visitor.presses("Publish these words")
    visitor.goes_to(public)
    assert visitor.reads("They still wait.")

    # The service sees it among what it owes, and asks a parent itself: families read that it chose whom.
    visitor.is_now(county_user(county, "short-breaks-lead"))
    visitor.goes_to("/desk/")
    assert visitor.reads("Parents say that it did not happen")
    visitor.goes_to(reverse("feedback:parent-invite", args=[entry.pk]))
    page.get_by_label("The parent’s e-mail address").fill("asked@example.com")
    visitor.presses("Ask them")
    ledger.owe(today(), timezone.now())
    post.send(today(), timezone.now(), at_once=True)
    page.context.clear_cookies()
    asked = next(each for each in mail.outbox if "asked@example.com" in each.to)
    link = re.search(r"/did-this-happen/asked/\S+/", asked.body)[0]
    visitor.goes_to(link)
    page.get_by_label("Some of it happened").check()
    visitor.presses("Send it")
    visitor.goes_to(link)
    assert visitor.reads("You have answered already")
    visitor.goes_to(public)
    assert visitor.reads("A parent who was asked")
    assert visitor.reads("The service itself chose some of the parents")


def test_a_story_is_told_published_and_taken_back(visitor, county):
    page = visitor.page
    lead, editor = county_user(county, "short-breaks-lead"), county_user(county, "fis-editor")
    visitor.is_now(lead)
    visitor.goes_to("/desk/stories/")
    visitor.follows("Write a story down")
    page.get_by_label("Which service writes it down?").select_option(label="Disabled Children’s Service")
    page.get_by_label("Title").fill("The quackwort summer")
    page.get_by_label("Name to show").fill("A mum")
    page.get_by_label("The story").fill("It was the quackwort that did it.")
    visitor.presses("Save")
    assert visitor.reads("Record the parent’s permission.")
    story = ParentStory.objects.get(display_name="A mum")

    visitor.follows("Record the permission")
    visitor.presses("Record it")
    assert visitor.reads("Say who told it. Families never see it")
    page.get_by_label("Who told it?").fill("Known to the service")
    page.get_by_label("On this site").check()
    page.get_by_role("group", name="Does it mention a child?").get_by_label("No").check()
    page.get_by_role("group", name="Does it name or point to anyone else?").get_by_label("No").check()
    page.get_by_label("They have read and agreed the final version").check()
    visitor.presses("Record it")
    visitor.follows("Send it to be checked")
    visitor.presses("Send it")

    visitor.is_now(editor)
    visitor.goes_to("/desk/checks/")
    visitor.follows("The quackwort summer")
    visitor.follows("Publish it")
    visitor.presses("Publish it")
    page.context.clear_cookies()
    places = ["/practice/stories/", "/search/?q=quackwort", "/practice/stories/feed.atom", "/practice/stories.csv"]
    places += ["/sitemap-stories.xml"]
    texts = {place: page.request.get(visitor.base_url + place).text() for place in places}
    assert [place for place, text in texts.items() if story.slug not in text] == []
    for place in places[:2]:
        visitor.goes_to(place)
    visitor.follows("The quackwort summer")
    assert visitor.reads("It was the quackwort that did it.")

    # The parent takes it back.
    visitor.is_now(lead)
    visitor.goes_to(reverse("practice:desk-story", args=[story.slug]))
    visitor.follows("The parent takes the permission back: remove it everywhere")
    visitor.presses("Remove the story")
    page.context.clear_cookies()
    for place in places:
        assert story.slug not in page.request.get(visitor.base_url + place).text(), place
    gone = visitor.goes_to(story.get_absolute_url())
    assert gone.status == 410
    assert visitor.reads("This story was removed")


def test_somebody_joins_the_network_and_is_found_by_what_they_have_done(visitor, county):
    page = visitor.page
    visitor.goes_to("/practice/network/")
    visitor.follows("Join the network")
    page.get_by_label("Name", exact=True).fill("Kai of the Thursday group")
    page.get_by_label("Peer: a parent or carer who helps others").check()
    page.get_by_label("Drop-in session").check()
    page.get_by_label("What can you help others with?").fill("How to get dads through the door")
    page.get_by_label("E-mail address").fill("kai@example.com")
    visitor.presses("Ask to join")
    assert visitor.reads("Tick that we may show you, or do not join")
    page.get_by_label("You may show me in the network for two years").check()
    visitor.presses("Ask to join")
    assert visitor.reads("A person looks at it.")

    visitor.is_now(county_user(county, "fis-editor"))
    visitor.goes_to("/desk/network/?show=waiting")
    person = NetworkPerson.objects.get(email="kai@example.com")
    visitor.goes_to(reverse("practice:desk-network-person", args=[person.pk]))
    visitor.presses("Show them")
    page.context.clear_cookies()
    visitor.goes_to("/practice/network/?method=drop_in&role=peer")
    assert visitor.reads("Kai of the Thursday group")
    assert "kai@example.com" not in page.content()
