"""The staff pages about good practice."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.tests.factories import ConsultationFactory
from core.dates import today
from core.models import Topic
from feedback.tests.factories import FeedbackEntryFactory
from practice import actions
from practice.models import ExampleCheck, PracticeExample, Tried
from practice.tests.factories import PracticeExampleFactory, TipFactory, TriedFactory, with_lists

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    return OrganisationFactory(name="Short breaks team")


@pytest.fixture
def writer(client, service):
    user = MembershipFactory(organisation=service).user
    client.force_login(user)
    return user


@pytest.fixture
def checker():
    return MembershipFactory(role=Role.FIS_EDITOR).user


def read(client, name, *args, **asked) -> str:
    return " ".join(client.get(reverse(f"practice:{name}", args=args), asked).content.decode().split())


def send(client, name, *args, **typed):
    return client.post(reverse(f"practice:{name}", args=args), typed, follow=True)


def test_a_change_that_families_were_told_of_is_offered_and_half_written(client, writer, service):
    topic, _made = Topic.objects.get_or_create(key="short_breaks", defaults={"label": "Short breaks"})
    entry = FeedbackEntryFactory(organisation=service, theme="One booking form", what_changed="One form for all.")
    entry.topics.add(topic)
    FeedbackEntryFactory(theme="Of another service")

    text = read(client, "desk-examples")
    assert "One booking form" in text
    assert "Of another service" not in text

    address = f"{reverse('practice:add')}?entry={entry.pk}"
    assert 'value="One booking form"' in client.get(address).content.decode()
    client.post(address, {"title": "One form books any break", "organisation": service.pk, "year": "2025"})

    example = PracticeExample.objects.get()
    assert example.entry == entry
    assert example.changed_families == "One form for all."
    assert list(example.topics.all()) == [topic]
    assert "One booking form" not in read(client, "desk-examples")


@pytest.mark.parametrize("asked", ["0", "x", "99999999999999999999", ""])
def test_an_entry_that_is_not_there_is_no_fault(client, writer, asked):
    assert client.get(reverse("practice:add"), {"entry": asked}).status_code == 200


def test_each_step_is_saved_on_the_way_to_the_next(client, writer, service):
    example = PracticeExampleFactory(draft=True, organisation=service)
    answer = send(
        client, "write", example.slug, "others", cost="Little", hard="Much",
        tip_0_text="Ask early.", tip_0_place="step:when", tip_2_text="Pay for travel.", tip_2_place="ready:costs",
    )  # fmt: skip
    assert "Where it comes from" in answer.content.decode()
    assert [tip.place for tip in example.tips.all()] == ["step:when", "ready:costs"]


def test_a_tip_without_what_it_helps_with_is_sent_back_as_typed(client, writer, service):
    example = PracticeExampleFactory(draft=True, organisation=service)
    answer = send(client, "write", example.slug, "others", cost="a", hard="b", tip_0_text="Ask early.")
    assert answer.status_code == 400
    assert "Choose what this tip helps with" in answer.content.decode()
    assert 'value="Ask early."' in answer.content.decode()


def test_two_who_type_at_once_keep_their_words(client, writer, service):
    example = PracticeExampleFactory(draft=True, organisation=service)
    mark = actions.mark_of(example, None)
    actions.save_values(example, by=writer, on=today(), values={"we_did": "Theirs"})

    answer = send(
        client, "write", example.slug, "change", mark=mark, we_did="Mine", changed_families="c", impact_evidence="d"
    )
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Theirs" in text
    assert "Mine" in text


def test_the_page_that_sends_it_says_what_is_missing(client, writer, service):
    example = PracticeExampleFactory(draft=True, organisation=service, hard="")
    text = read(client, "send", example.slug)
    assert "Fill in: What was hard, or did not work" in text
    assert send(client, "send", example.slug).status_code == 400

    with_lists(example)
    PracticeExample.objects.filter(pk=example.pk).update(hard="Much")
    assert "Sent. The Family Information Service" in send(client, "send", example.slug).content.decode()


def test_it_stands_in_the_one_queue_and_is_sent_back_and_approved(client, writer, service, checker):
    example = with_lists(PracticeExampleFactory(draft=True, organisation=service, title="Calls fell"))
    TipFactory(example=example)
    check = actions.submit(example, by=writer, now=timezone.now())
    client.force_login(checker)

    queue = client.get(reverse("consultations:checks")).content.decode()
    assert "Calls fell" in queue
    assert "New good practice example" in queue
    assert "1 waits" in client.get(reverse("desk")).content.decode()
    text = read(client, "check", check.pk)
    assert "Two teams wanted to keep their form." in text
    assert "Ask in the autumn. (When)" in text

    assert send(client, "send-back", check.pk).status_code == 400
    assert "Sent back" in send(client, "send-back", check.pk, **{"back-reason": "How many?"}).content.decode()
    client.force_login(writer)
    assert "How many?" in read(client, "desk-example", example.slug)
    again = actions.submit(example, by=writer, now=timezone.now())
    client.force_login(checker)
    assert "Approved." in send(client, "approve", again.pk).content.decode()
    assert PracticeExample.objects.published().get() == example
    assert (
        "does not wait any more" in client.get(reverse("practice:check", args=[again.pk]), follow=True).content.decode()
    )


def test_a_change_is_checked_with_old_and_new_side_by_side(client, writer, service, checker):
    example = with_lists(PracticeExampleFactory(organisation=service))
    typed = {"we_did": "Much more.", "changed_families": "A booking takes one call.", "impact_evidence": "Calls fell."}
    answer = send(client, "write", example.slug, "change", **typed)
    assert "Families see it once it is checked" in answer.content.decode()
    assert "We made one form" in client.get(example.get_absolute_url()).content.decode()
    send(client, "send", example.slug)

    client.force_login(checker)
    text = read(client, "check", ExampleCheck.objects.sent().get().pk)
    assert "We made one form with six parents." in text
    assert "Much more." in text


@pytest.mark.parametrize(
    ("name", "facts", "words"),
    [
        ("throw-away", {"draft": True}, "Thrown away."),
        ("take-changes-back", {}, "No change waits any more."),
        ("bring-back", {"draft": True, "deleted_at": timezone.now()}, "It is back."),
    ],
)
def test_it_goes_and_comes_back_by_one_press(client, writer, service, name, facts, words):
    example = PracticeExampleFactory(organisation=service, **facts)
    assert words in read(client, name, example.slug) + send(client, name, example.slug).content.decode()


def test_only_a_lead_takes_it_off_the_site(client, writer, service):
    example = PracticeExampleFactory(organisation=service)
    assert send(client, "take-off", example.slug).status_code == 403
    client.force_login(MembershipFactory(organisation=service, role=Role.LEAD).user)
    assert "It is off the site." in send(client, "take-off", example.slug).content.decode()
    client.force_login(writer)
    assert send(client, "bring-back", example.slug).status_code == 400


def test_its_history_is_told_in_sentences_without_what_parents_said(client, writer, service):
    example = PracticeExampleFactory(draft=True, organisation=service)
    values = {"cost": "Little", "parents_said": "A private word"}
    actions.save_values(example, by=writer, on=today(), values=values)
    text = read(client, "history", example.slug)
    assert "changed the example" in text
    assert "Little" in text
    assert "A private word" not in text


def test_another_service_says_how_it_went_changes_it_and_takes_it_away(client, writer, service):
    example = PracticeExampleFactory()
    assert "Say how it went" in client.get(example.get_absolute_url()).content.decode()
    typed = {
        "organisation": service.pk, "tried_on_day": "1", "tried_on_month": "3", "tried_on_year": "2025",
        "how_it_went": "did_not", "words": "Nobody came, since it was in term time.",
    }  # fmt: skip
    text = send(client, "try", example.slug, **typed).content.decode()
    assert "It did not work" in text
    assert "Short breaks team" in text

    tried = Tried.objects.get()
    assert "Nobody came" in read(client, "tried", tried.pk)
    send(client, "tried", tried.pk, **typed | {"how_it_went": "partly", "version": "1"})
    assert send(client, "tried", tried.pk, **typed | {"version": "1"}).status_code == 400
    assert "It partly worked" in client.get(example.get_absolute_url()).content.decode()
    send(client, "tried-remove", tried.pk)
    assert "It partly worked" not in client.get(example.get_absolute_url()).content.decode()
    send(client, "tried-restore", tried.pk)
    assert "It partly worked" in client.get(example.get_absolute_url()).content.decode()


def test_nobody_changes_what_another_service_said(client, writer):
    tried = TriedFactory()
    for name in ("tried", "tried-remove"):
        assert client.get(reverse(f"practice:{name}", args=[tried.pk])).status_code == 403


def test_tips_of_published_examples_stand_beside_the_step_they_help(client, writer, service):
    listing = ConsultationFactory(draft=True, organisation=service)
    step = reverse("consultations:write", args=[listing.slug, "when"])
    assert "Six weeks is the least for most things." in client.get(step).content.decode()

    TipFactory(text="Not during exams.", example__organisation__name="Quillbrook School")
    TipFactory(text="Of a draft", example__draft=True)
    TipFactory(text="Give three weeks more.", place="ready:holidays")

    text = client.get(step).content.decode()
    assert "Not during exams." in text
    assert "From: Quillbrook School" in text
    assert "Of a draft" not in text
    assert "Six weeks is the least" not in text
    ready = client.get(reverse("consultations:ready", args=[listing.slug])).content.decode()
    assert "Give three weeks more." in ready


def test_lists_narrow_by_state_and_words_and_can_be_downloaded(client, writer, service):
    PracticeExampleFactory(draft=True, organisation=service, title="Still a draft")
    PracticeExampleFactory(organisation=service, title="On the site")
    PracticeExampleFactory(title="Of others")

    assert "Still a draft" in read(client, "desk-examples", state="drafts")
    assert "On the site" not in read(client, "desk-examples", state="drafts")
    assert "None of yours is like this" in read(client, "desk-examples", q="zebra")
    rows = b"".join(client.get(reverse("practice:desk-csv")).streaming_content).decode()
    assert "Still a draft" in rows
    assert "Of others" not in rows


def test_what_nobody_checked_for_a_year_is_among_what_is_out_of_date(client, writer, service):
    PracticeExampleFactory(organisation=service, title="Long ago", checked_on="2024-01-01", review_by="2025-01-01")
    PracticeExampleFactory(title="Of others", checked_on="2024-01-01", review_by="2025-01-01")
    text = client.get(reverse("consultations:out-of-date")).content.decode()
    assert "Long ago" in text
    assert "Of others" not in text
