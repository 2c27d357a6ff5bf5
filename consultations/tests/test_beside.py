"""What staff keep beside a record: who watches it, private notes, and labels."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.beside import watched_by
from accounts.models import Note, RecordLabel, Watch
from accounts.tests.factories import MembershipFactory
from accounts.tests.people import People
from consultations.events.tests.factories import EventFactory
from consultations.tests.factories import ConsultationFactory
from core import history

pytestmark = pytest.mark.django_db
WATCHING = reverse("accounts:watching")


@pytest.fixture
def people():
    return People()


@pytest.fixture
def consultation(people):
    """Of the service that the people are about."""
    return ConsultationFactory(organisation=people.service, owner=people.owner, deputy=people.deputy)


@pytest.fixture
def event(people):
    return EventFactory(organisation=people.service, owner=people.owner)


@pytest.fixture
def sign_in(client, people):
    def _sign_in(name):
        user = people.who(name)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return user

    return _sign_in


def about(record, kind="consultation") -> dict:
    return {"kind": kind, "record_id": record.pk}


def press(client, record, kind="consultation", **more):
    return client.post(WATCHING, {"kind": kind, "record": record.pk, **more})


# Watching


def test_any_staff_member_watches_what_they_may_see_and_stops(client, sign_in, consultation):
    user = sign_in("contributor elsewhere")

    press(client, consultation)
    press(client, consultation)
    assert Watch.objects.get().user == user
    assert consultation.title in client.get(WATCHING).content.decode()

    press(client, consultation, do="stop")
    assert not Watch.objects.exists()


def test_nobody_watches_a_draft_that_they_may_not_see(client, sign_in, people):
    draft = ConsultationFactory(organisation=people.service, draft=True)

    sign_in("contributor elsewhere")
    assert press(client, draft).status_code == 404
    sign_in("contributor")
    assert press(client, draft).status_code == 302


@pytest.mark.parametrize(
    "asked",
    [{"kind": "organisation", "record": 1}, {"kind": "zebra", "record": 1}, {"kind": "event", "record": "x"}],
)
def test_what_cannot_be_watched_is_not_found(client, sign_in, asked):
    sign_in("contributor")

    assert client.post(WATCHING, asked).status_code == 404


def test_the_button_leads_back_to_the_desk_only(client, sign_in, event):
    sign_in("contributor")
    page = reverse("events:desk-event", args=[event.slug])

    assert "Watch this" in client.get(page).content.decode()
    assert press(client, event, "event", next=page).url == page
    assert press(client, event, "event", next="https://example.org/desk/").url == WATCHING
    assert "Stop watching" in client.get(page).content.decode()


def test_the_newest_change_comes_first_with_who_did_what(client, sign_in, consultation, event):
    user = sign_in("contributor")
    for record, kind in ((consultation, "consultation"), (event, "event")):
        actions.watch(by=user, **about(record, kind))
    # One test is one transaction, in which it is always the same moment.
    apps.get_model("consultations", "EventHistory").objects.update(pgh_created_at="2026-01-01T00:00Z")
    with history.label(by=user, did="changed its title"):
        consultation.title = "Respite beds"
        consultation.save()

    first, second = client.get(WATCHING).context["rows"]

    assert (first.record, first.change.did, first.change.who) == (consultation, "changed its title", str(user))
    assert second.record == event


def test_what_one_may_not_see_any_more_says_nothing_of_it(client, sign_in, consultation):
    user = sign_in("contributor elsewhere")
    actions.watch(by=user, **about(consultation))
    consultation.archived_at = timezone.now()
    consultation.save()

    html = client.get(WATCHING).content.decode()

    assert consultation.title not in html
    assert "You may not see this any more" in html


def test_a_watch_stands_once_for_each_person(people, consultation):
    user = people.who("lead")
    Watch.objects.create(user=user, **about(consultation))

    with pytest.raises(IntegrityError), transaction.atomic():
        Watch.objects.create(user=user, **about(consultation))


@pytest.mark.parametrize("count", [1, 20])
def test_a_long_list_takes_as_many_queries(client, sign_in, people, count, django_assert_max_num_queries):
    user = sign_in("lead")
    for _number in range(count):
        actions.watch(by=user, **about(ConsultationFactory(organisation=people.service, owner=people.owner)))
        actions.watch(by=user, **about(EventFactory(organisation=people.service, owner=people.owner), "event"))

    with django_assert_max_num_queries(12):
        assert len(client.get(WATCHING).context["rows"]) == min(count * 2, 20)
    assert watched_by(people.who("lead")).count() == 0


# Notes and labels


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("contributor", 200),
        ("owner", 200),
        ("FIS editor", 200),
        ("contributor elsewhere", 403),
        ("board viewer", 403),
        ("parent reviewer", 403),
    ],
)
def test_notes_are_for_those_who_may_change_the_record(client, sign_in, consultation, name, answer):
    sign_in(name)
    page = reverse("accounts:notes", args=["consultation", consultation.pk])

    assert client.get(page).status_code == answer
    assert client.post(page, {"do": "note", "text": "Ask Jo."}).status_code == (302 if answer == 200 else answer)
    assert Note.objects.exists() is (answer == 200)


def test_an_events_page_shows_its_newest_notes_and_labels_and_families_see_none(client, sign_in, event):
    user = sign_in("contributor")
    for number in range(4):
        actions.write_note(by=user, text=f"Note {number}.", **about(event, "event"))
    actions.add_label(by=user, words="Seldom heard", **about(event, "event"))

    html = client.get(reverse("events:desk-event", args=[event.slug])).content.decode()

    assert [f"Note {number}." in html for number in range(4)] == [False, True, True, True]
    assert reverse("accounts:labelled", args=["seldom heard"]) in html
    assert "Note 3." not in client.get(event.get_absolute_url()).content.decode()


def test_an_empty_note_and_an_odd_label_are_refused_beside_their_field(client, sign_in, consultation):
    sign_in("contributor")
    page = reverse("accounts:notes", args=["consultation", consultation.pk])

    assert "Write the note" in client.post(page, {"do": "note", "text": " "}).content.decode()
    odd = client.post(page, {"do": "label", "words": "a/b"})
    assert odd.status_code == 400
    assert "Use letters, numbers, spaces and hyphens" in odd.content.decode()


def test_a_label_is_kept_once_in_small_letters_and_is_suggested_again(client, sign_in, consultation, event):
    sign_in("contributor")
    for words in ("Seldom  Heard", "seldom heard"):
        client.post(reverse("accounts:notes", args=["event", event.pk]), {"do": "label", "words": words})

    assert RecordLabel.objects.get().words == "seldom heard"
    other = reverse("accounts:notes", args=["consultation", consultation.pk])
    assert client.get(other).context["suggested"] == ["seldom heard"]
    client.post(reverse("accounts:notes", args=["event", event.pk]), {"do": "unlabel", "words": "seldom heard"})
    assert not RecordLabel.objects.exists()


def test_a_label_finds_what_one_may_change_and_nothing_else(client, sign_in, people, consultation, event):
    user = people.who("contributor")
    actions.add_label(by=user, words="send", **about(consultation))
    actions.add_label(by=user, words="send", **about(event, "event"))
    actions.add_label(by=user, words="send", **about(ConsultationFactory()))

    sign_in("contributor")
    found = client.get(reverse("accounts:labelled", args=["send"]))
    assert {record for _kind, record, _url in found.context["rows"]} == {consultation, event}
    assert "send (2)" in client.get(reverse("accounts:labels")).content.decode()
    sign_in("contributor elsewhere")
    assert client.get(reverse("accounts:labelled", args=["send"])).status_code == 404


def test_the_author_and_who_looks_after_the_hub_erase_a_note_and_others_do_not(client, sign_in, consultation):
    author = MembershipFactory(organisation=consultation.organisation).user
    for name, answer in (("lead", 403), ("FIS editor", 302)):
        note = actions.write_note(by=author, text="Ask Jo.", **about(consultation))
        page = reverse("accounts:note-erase", args=["consultation", consultation.pk, note.pk])
        sign_in(name)
        assert client.get(page).status_code == (403 if answer == 403 else 200)
        assert client.post(page).status_code == answer
        assert Note.objects.filter(pk=note.pk).exists() is (answer == 403)
    client.force_login(author)
    assert client.post(reverse("accounts:note-erase", args=["consultation", consultation.pk, Note.objects.get().pk]))
    assert not Note.objects.exists()


def test_an_erased_note_leaves_no_trace_in_any_table(people, consultation):
    user = people.who("contributor")
    note = actions.write_note(by=user, text="Zanzibar told us.", **about(consultation))
    actions.erase_note(note, by=user)

    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE row::text LIKE %s', ["%Zanzibar%"])
            assert cursor.fetchone() == (0,), table


def test_what_is_kept_beside_a_record_goes_with_it(people):
    event = EventFactory()
    user = people.who("FIS editor")
    actions.write_note(by=user, text="Ask Jo.", **about(event, "event"))
    actions.add_label(by=user, words="send", **about(event, "event"))
    actions.watch(by=user, **about(event, "event"))

    event.delete()

    assert [model.objects.count() for model in (Note, RecordLabel, Watch)] == [0, 0, 0]


@pytest.mark.parametrize("count", [1, 20])
def test_many_notes_and_labels_take_as_many_queries(client, sign_in, people, count, django_assert_max_num_queries):
    user = sign_in("FIS manager")
    record = ConsultationFactory(organisation=people.service)
    for number in range(count):
        actions.write_note(by=user, text=f"Note {number}.", **about(record))
        other = ConsultationFactory(organisation=people.service, owner=people.owner)
        actions.add_label(by=user, words="send", **about(other))
        actions.add_label(by=user, words=f"label {number}", **about(record))

    for page in (
        reverse("accounts:notes", args=["consultation", record.pk]),
        reverse("accounts:labels"),
        reverse("accounts:labelled", args=["send"]),
    ):
        with django_assert_max_num_queries(10):
            assert client.get(page).status_code == 200
