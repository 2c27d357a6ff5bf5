"""Nobody reads a story without permission, and it is gone from everywhere the day the permission is."""

import datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.tests.factories import days
from core import retention, rights
from core.dates import today
from core.duties import duties_of, hand_over
from core.models import Topic
from feedback.tests.factories import FeedbackEntryFactory
from notices import ledger
from notices.defaults import load_steps
from notices.models import Notice
from practice.stories import actions
from practice.stories.models import ParentStory, StoryConsent
from practice.stories.tests.factories import ParentStoryFactory, StoryConsentFactory, story

pytestmark = pytest.mark.django_db
LIST = "/practice/stories/"


def even(answer) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return " ".join(body.decode().split())


def everywhere(made) -> list[str]:
    """Every address at which a published story can be met."""
    entry = made.entry.get_absolute_url() if made.entry else LIST
    return [
        LIST,
        "/practice/stories/feed.atom",
        "/practice/stories.csv",
        "/search/?q=rang",
        "/sitemap-stories.xml",
        entry,
    ]


@pytest.fixture
def writer(client):
    """Somebody who writes for a service, signed in."""
    member = MembershipFactory(role=Role.LEAD)
    client.force_login(member.user)
    return member


@pytest.fixture
def fis(client):
    """Somebody of the Family Information Service, signed in."""
    member = MembershipFactory(role=Role.FIS_EDITOR)
    client.force_login(member.user)
    return member


# Permission


def test_a_story_with_permission_stands_in_every_place(client):
    made = story(title="They rang me back", slug="they-rang", entry=FeedbackEntryFactory())

    for address in everywhere(made):
        assert "they-rang" in even(client.get(address)), address
    page = even(client.get(made.get_absolute_url()))
    assert "Told by A dad" in page
    assert "would six do?" in page
    assert "Kieran" not in page


def spoil(name: str, made: ParentStory) -> None:
    """Take away one thing without which nobody may read it."""
    consents = StoryConsent.objects.filter(story=made)
    if name == "no consent":
        consents.delete()
    elif name == "ran out":
        consents.update(expires_on=days(-1))
    elif name == "not begun":
        consents.update(consent_on=days(1))
    elif name == "text not agreed":
        consents.update(final_text_seen=False)
    elif name == "another text":
        ParentStory.objects.filter(pk=made.pk).update(text="Other words")
    elif name == "another use":
        consents.update(uses=["training"])
    elif name == "withdrawn":
        actions.withdraw(made, by=None, on=today(), now=timezone.now())
    elif name == "taken off":
        actions.take_off(made, by=None, now=timezone.now())


@pytest.mark.parametrize(
    "what",
    [
        *("no consent", "ran out", "not begun", "text not agreed", "another text", "another use"),
        *("withdrawn", "taken off"),
    ],
)
def test_without_a_permission_for_this_text_it_is_nowhere_and_its_address_says_so(client, what):
    made = story(title="They rang me back", slug="they-rang", entry=FeedbackEntryFactory())
    client.get(LIST)

    spoil(what, made)

    for address in everywhere(made):
        assert "they-rang" not in even(client.get(address)), address
    gone = client.get(made.get_absolute_url())
    assert gone.status_code == 410
    assert "This story was removed" in even(gone)
    assert "six do" not in even(gone)


def test_a_story_that_was_never_out_is_not_found(client):
    assert client.get(ParentStoryFactory(published_at=None).get_absolute_url()).status_code == 404


def test_it_is_read_on_the_last_day_of_its_permission_and_not_on_the_next(client):
    made = story(until=days(3))
    midnight = timezone.make_aware(datetime.datetime.combine(days(4), datetime.time()))

    with time_machine.travel(midnight - datetime.timedelta(minutes=1), tick=False):
        assert client.get(made.get_absolute_url()).status_code == 200
    with time_machine.travel(midnight + datetime.timedelta(minutes=1), tick=False):
        assert client.get(made.get_absolute_url()).status_code == 410


def test_withdrawal_leaves_no_word_in_any_table(client):
    words = {"title": "Zyxwv rings", "text": "Zyxwv in the rain", "display_name": "Zyxwv", "what_changed": ""}
    member = MembershipFactory()
    facts = words | {"organisation": member.organisation, "owner": member}
    made, _ended = actions.save_story(ParentStory(), by=member.user, facts=facts, topics=[])
    StoryConsentFactory(story=made, storyteller_ref="Zyxwv")
    actions.withdraw(made, by=MembershipFactory().user, on=today(), now=timezone.now())

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [row[0] for row in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE row::text ILIKE %s', ["%zyxwv%"])
            assert cursor.fetchone()[0] == 0, table


def test_nothing_can_be_done_with_a_story_that_was_removed(client, fis):
    made = story()
    actions.withdraw(made, by=fis.user, on=today(), now=timezone.now())

    with pytest.raises(ValidationError, match="removed"):
        actions.publish_story(made, by=fis.user, on=today())
    assert "Its words were erased" in even(client.get(reverse("practice:desk-story", args=[made.slug])))
    assert client.get(reverse("practice:story-edit", args=[made.slug])).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"expires_on": -40}, "consent_in_order"),
        ({"includes_child": True}, "consent_asks_the_child"),
        ({"others_named": True}, "consent_asks_the_others"),
        ({"agreed_text": ""}, "consent_for_a_text"),
        ({"withdrawn_on": 0}, "consent_withdrawn_names_nobody"),
        ({"uses": []}, "consent_for_some_use"),
    ],
)
def test_the_database_keeps_what_a_permission_must_have(wrong, name):
    consent = StoryConsentFactory()
    wrong = {name: days(value) if name.endswith("_on") else value for name, value in wrong.items()}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        StoryConsent.objects.filter(pk=consent.pk).update(**wrong)


def test_the_database_keeps_what_a_story_must_have():
    made = story()
    for wrong, name in (({"text": ""}, "told"), ({"erased_at": timezone.now()}, "erased")):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ParentStory.objects.filter(pk=made.pk).update(**wrong)


# Staff


def consent_typed(**facts) -> dict:
    day = today()
    typed = {"storyteller_ref": "A dad of the group", "uses": ["this_hub"], "includes_child": "no"}
    typed |= {"others_named": "no", "final_text_seen": "on"}
    typed |= {"consent_on_day": day.day, "consent_on_month": day.month, "consent_on_year": day.year}
    typed |= {"expires_on_day": 1, "expires_on_month": 1, "expires_on_year": day.year + 2}
    return typed | facts


def test_from_the_first_word_to_the_public_page(client, writer):
    first = {"organisation": writer.organisation.pk, "title": "They rang", "display_name": "A dad"}
    client.post(reverse("practice:story-add"), first | {"text": "Would six do?"})
    made = ParentStory.objects.get()
    page = reverse("practice:desk-story", args=[made.slug])
    assert "Record the parent’s permission." in even(client.get(page))
    assert made.owner == writer

    client.post(reverse("practice:story-consent", args=[made.slug]), consent_typed())
    client.post(reverse("practice:story-send", args=[made.slug]))
    assert "It waits to be checked." in even(client.get(page))
    assert client.get(made.get_absolute_url()).status_code == 404
    assert client.post(reverse("practice:story-publish", args=[made.slug])).status_code == 403

    editor = MembershipFactory(role=Role.FIS_EDITOR)
    client.force_login(editor.user)
    assert "New parent’s story" in even(client.get(reverse("consultations:checks")))
    client.post(reverse("practice:story-publish", args=[made.slug]))

    client.logout()
    assert "Would six do?" in even(client.get(made.get_absolute_url()))


def test_a_changed_word_takes_it_off_until_the_parent_agrees_again(client, writer):
    made = story(organisation=writer.organisation)
    facts = {"organisation": writer.organisation.pk, "title": made.title, "display_name": "A dad", "text": "New words"}

    answer = client.post(
        reverse("practice:story-edit", args=[made.slug]), facts | {"version": made.version}, follow=True
    )

    assert "so ask them again" in even(answer)
    assert "The text was changed since the parent agreed to it." in even(answer)
    assert client.get(made.get_absolute_url()).status_code == 410
    client.post(reverse("practice:story-consent", args=[made.slug]), consent_typed())
    assert client.get(made.get_absolute_url()).status_code == 200


def test_two_people_do_not_write_over_each_other(client, writer):
    made = story(organisation=writer.organisation)
    facts = {"organisation": writer.organisation.pk, "title": "Other", "display_name": "A dad", "text": "My words"}

    answer = client.post(reverse("practice:story-edit", args=[made.slug]), facts | {"version": made.version - 1})

    assert answer.status_code == 400
    assert "Somebody else changed it" in even(answer)
    assert "My words" in even(answer)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"includes_child": "yes"}, "Say what the child thinks about it"),
        ({"others_named": "yes"}, "Say what they say about it"),
        ({"uses": []}, "Choose where it can be used"),
        ({"storyteller_ref": ""}, "Say who told it"),
        ({"expires_on_year": 2020}, "It must end after it was given"),
        ({"consent_on_year": 2099, "expires_on_year": 2101}, "They cannot have given it on a day still to come"),
    ],
)
def test_a_permission_that_lacks_something_is_not_recorded(client, writer, wrong, words):
    made = ParentStoryFactory(organisation=writer.organisation, published_at=None)

    answer = client.post(reverse("practice:story-consent", args=[made.slug]), consent_typed(**wrong))

    assert answer.status_code == 400
    assert words in even(answer)
    assert not StoryConsent.objects.exists()


def test_only_editors_and_whoever_looks_after_it_know_who_told_it(client):
    made = story()
    page = reverse("practice:desk-story", args=[made.slug])
    for member, knows in (
        (made.owner, True),
        (MembershipFactory(role=Role.FIS_EDITOR), True),
        (MembershipFactory(organisation=made.organisation, role=Role.LEAD), False),
    ):
        client.force_login(member.user)
        shown = even(client.get(page))
        assert ("Kieran’s dad" in shown) is knows
        assert "Ends on" in shown
        form = even(client.get(reverse("practice:story-consent", args=[made.slug])))
        assert ("Kieran’s dad" in form) is knows


def test_people_elsewhere_see_no_story_of_another_service(client, writer):
    made = story()

    assert client.get(reverse("practice:desk-story", args=[made.slug])).status_code == 404
    assert made.title not in even(client.get("/desk/stories/"))


def test_nobody_publishes_what_they_wrote_down_themselves_unless_the_team_is_small(client, fis):
    made = story(published_at=None, organisation=fis.organisation, owner=fis)
    publish = reverse("practice:story-publish", args=[made.slug])
    others = MembershipFactory.create_batch(2, role=Role.FIS_EDITOR)

    assert "Somebody else has to read it first." in even(client.post(publish))
    client.force_login(others[0].user)
    client.post(publish)
    assert client.get(made.get_absolute_url()).status_code == 200


def test_it_is_sent_back_with_the_reason(client, fis):
    made = story(published_at=None, submitted_at=timezone.now())

    client.post(reverse("practice:story-send-back", args=[made.slug]), {"reason": "The school is named"})

    client.force_login(made.owner.user)
    assert "The school is named" in even(client.get(reverse("practice:desk-story", args=[made.slug])))


def test_the_parent_takes_it_back_with_one_press(client, fis):
    made = story()
    address = reverse("practice:story-withdraw", args=[made.slug])
    assert "You cannot undo this." in even(client.get(address))

    client.post(address)

    assert client.get(made.get_absolute_url()).status_code == 410
    made.refresh_from_db()
    assert made.text == ""
    assert StoryConsent.objects.get().withdrawn_on == today()


@pytest.mark.parametrize("count", [1, 20])
def test_lists_take_as_many_questions_for_one_story_as_for_twenty(client, fis, django_assert_num_queries, count):
    for _each in range(count):
        story()
    client.get("/help/")
    with django_assert_num_queries(6):
        client.get("/desk/stories/")
    client.logout()
    client.get("/help/")
    with django_assert_num_queries(4):
        client.get(LIST)


def test_a_list_of_one_topic_and_empty_lists_speak(client, fis):
    assert "No story is here yet" in even(client.get(LIST))
    assert "No story is here yet" in even(client.get("/desk/stories/"))
    made = story(title="Rain")
    made.topics.add(Topic.objects.create(key="health", label="Health", position=1))
    assert "Rain" in even(client.get(LIST, {"topic": "health"}))
    assert "No story is about that" in even(client.get(LIST, {"topic": "nonsense"}))
    assert "No story has these words" in even(client.get("/desk/stories/", {"q": "snow"}))


# Time


@pytest.mark.parametrize(
    ("to_go", "step"), [(61, None), (60, "consent_60"), (30, "consent_30"), (7, "consent_7"), (-1, "consent_over")]
)
def test_a_permission_about_to_end_is_chased(to_go, step):
    load_steps()
    made = story(until=days(to_go))

    ledger.owe(today(), timezone.now())

    found = Notice.objects.filter(reason="story-consent-ending", address=made.owner.user.email)
    assert [notice.step for notice in found] == ([step] if step else [])


def test_a_new_permission_ends_the_chase():
    load_steps()
    made = story(until=days(6))
    consent = made.consents.get()
    facts = {
        **{name: getattr(consent, name) for name in ("storyteller_ref", "uses", "includes_child", "others_named")},
        **{"final_text_seen": True, "consent_on": today(), "expires_on": days(700)},
    }
    actions.record_consent(made, by=made.owner.user, facts=facts)

    ledger.owe(today(), timezone.now())

    assert not Notice.objects.filter(reason="story-consent-ending").exists()


def test_a_story_is_erased_some_time_after_its_permission_ran_out():
    old, young = story(), story()
    for made, day in ((old, -92), (young, -90)):
        made.consents.update(consent_on=days(-800), expires_on=days(day))

    assert retention.let_go(timezone.now(), only=["stories"]) == {"stories": 1}
    assert retention.let_go(timezone.now(), only=["stories"]) == {"stories": 0}

    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.text, bool(young.text)) == ("", True)
    assert old.consents.get().storyteller_ref == ""


def test_whoever_told_it_reads_what_is_held_and_has_it_erased(client):
    made = story()
    held = rights.held_about("DAD@example.org")
    assert held[0].facts["the story"] == made.text

    rights.erase("dad@example.org", by=MembershipFactory(role=Role.FIS_MANAGER).user, now=timezone.now())

    assert client.get(made.get_absolute_url()).status_code == 410
    assert rights.held_about("dad@example.org") == []


def test_a_story_is_handed_over_with_its_owner():
    made = story()
    other = MembershipFactory(organisation=made.organisation)
    assert [duty.title for duty in duties_of(made.owner_id, today())] == [made.title]

    hand_over(made.owner_id, other.pk, by=other.user, on=today())

    made.refresh_from_db()
    assert made.owner == other
