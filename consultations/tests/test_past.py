"""What was done to a consultation, in sentences; and putting it back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from accounts.tests.people import People
from consultations.actions import put_back
from consultations.models import Consultation, ParticipationLevel
from consultations.tests.factories import ConsultationFactory, days, worked_out
from consultations.writing.values import plain_way, put_rows
from core import history
from core.dates import today
from core.models import Area, Method, Topic
from core.pasts import Past
from core.publishing import Conflict

pytestmark = pytest.mark.django_db


def change(consultation, by=None, did="changed it", **facts):
    """Somebody changes it; gives back the number of the change."""
    for name, value in facts.items():
        setattr(consultation, name, value)
    with history.label(by=by, did=did):
        consultation.save()
    return Consultation.pgh_event_model.objects.filter(pgh_obj_id=consultation.pk).latest("pgh_id").pgh_id


def page(client, consultation):
    """The page of its history, as text."""
    return client.get(reverse("consultations:history", args=[consultation.slug])).content.decode()


@pytest.fixture
def fis(client):
    """A browser in which somebody from the Family Information Service has signed in."""
    member = MembershipFactory(role=Role.FIS_EDITOR, user__name="Fay Information")
    client.force_login(member.user)
    client.user = member.user
    return client


def test_the_history_names_the_person_the_field_and_both_values(fis):
    consultation = ConsultationFactory(draft=True, summary="We close two centres.")
    change(
        consultation,
        by=consultation.owner.user,
        did="changed the words",
        summary="We close <b>one</b> centre.",
        level=ParticipationLevel.CO_PRODUCTION,
        deputy=MembershipFactory(user__name="Dee Puty", organisation=consultation.organisation),
    )

    text = page(fis, consultation)

    assert f"<strong>{consultation.owner.user}</strong> changed the words" in text
    assert "How much say families have: from We ask before we decide to We decide together" in text
    assert f"Deputy: now Dee Puty, Service manager ({consultation.organisation})" in text
    assert "&lt;b&gt;one&lt;/b&gt; centre." in text
    assert "<b>one" not in text
    assert "two centres." in text


@pytest.mark.parametrize("count", [1, 19])
def test_the_history_takes_the_same_queries_however_long(fis, django_assert_num_queries, count):
    consultation = ConsultationFactory(draft=True)
    people = [MembershipFactory(organisation=consultation.organisation) for _each in range(count)]
    for person in people:
        change(consultation, by=person.user, title=f"Asked by {person.pk}", owner=person)

    # the person, their roles; the consultation; how many, the changes, of lists; who made them, whom they name; upkeep
    with django_assert_num_queries(9):
        text = page(fis, consultation)
    assert text.count("Title: from") == count


def test_one_field_is_shown_first_and_then_put_back(fis):
    consultation = ConsultationFactory(title="The first title", decided_by="Cabinet")
    number = change(consultation, title="Another title", decided_by="The mayor")
    address = reverse("consultations:put-back", args=[consultation.slug, number]) + "?field=title"

    shown = fis.get(address).content.decode()
    done = fis.post(address, {"version": consultation.version}, follow=True).content.decode()

    assert "Title: from Another title to The first title" in shown
    assert "The mayor" not in shown
    consultation.refresh_from_db()
    assert (consultation.title, consultation.decided_by, consultation.version) == ("The first title", "The mayor", 2)
    assert "<strong>Fay Information</strong> put back title" in done


def test_everything_is_put_back_but_what_others_depend_on(fis):
    consultation = ConsultationFactory(late=True, title="The first title")
    number = change(consultation, title="Another title", responded_on=today())

    address = reverse("consultations:put-back", args=[consultation.slug, number])
    shown = fis.get(address).content.decode()
    fis.post(address, {"version": 1})

    assert "This stays as it is now, because other things depend on it: Responded on." in shown
    consultation.refresh_from_db()
    assert (consultation.title, consultation.responded_on) == ("The first title", today())


@pytest.mark.parametrize("field", ["published_at", "responded_on", "slug", "pgh_obj", "nonsense"])
def test_what_others_depend_on_cannot_be_asked_for(fis, field):
    consultation = ConsultationFactory(draft=True)
    number = change(consultation, title="Another")

    address = reverse("consultations:put-back", args=[consultation.slug, number])

    assert fis.get(f"{address}?field={field}").status_code == 404
    assert fis.post(f"{address}?field={field}", {"version": 1}).status_code == 404


def test_a_change_of_another_record_is_not_found(fis):
    one, other = ConsultationFactory(draft=True), ConsultationFactory(draft=True)
    number = change(other, title="Another")

    assert fis.get(reverse("consultations:put-back", args=[one.slug, number])).status_code == 404


def test_what_somebody_changed_meanwhile_is_not_overwritten(fis):
    consultation = ConsultationFactory(title="The first title")
    number = change(consultation, title="Another title")
    Consultation.objects.update(version=7, title="Theirs")

    answer = fis.post(reverse("consultations:put-back", args=[consultation.slug, number]), {"version": 1})

    assert answer.status_code == 400
    assert "Somebody else changed it while you looked" in answer.content.decode()
    assert Consultation.objects.get().title == "Theirs"


def test_an_answer_that_came_meanwhile_stays(fis):
    consultation = ConsultationFactory(late=True, title="The first title")
    change(consultation, title="Another title")
    Consultation.objects.update(responded_on=today())

    put_back(consultation, by=fis.user, on=today(), facts={"title": "The first title"}, version=1)

    assert Consultation.objects.get().responded_on == today()


def test_an_open_one_gets_a_later_closing_date_back_with_a_public_reason(fis):
    consultation = ConsultationFactory(open=True, closes_on=days(30))
    number = change(consultation, closes_on=days(20), answer_owed_from=days(21))
    address = reverse("consultations:put-back", args=[consultation.slug, number]) + "?field=closes_on"

    assert "Enter why the date moves" in fis.post(address, {"version": 1}).content.decode()
    fis.post(address, {"version": 1, "reason": "The post was late."})

    consultation.refresh_from_db()
    assert (consultation.closes_on, consultation.answer_owed_from) == (days(30), days(31))
    assert consultation.date_changes.get(which="closes_on").reason == "The post was late."


@pytest.mark.parametrize(
    ("stage", "facts", "words"),
    [
        ("open", {"closes_on": lambda: days(5)}, "can only move later"),
        ("open", {"closes_on": None}, "Name another closing day"),
        ("open", {"opens_on": lambda: days(3)}, "opening day cannot move"),
        ("open", {"level": "information"}, "stays as it was promised"),
        ("open", {"summary": ""}, "needs a summary"),
        ("open", {"owner_id": None}, "who owns the answer"),
        ("late", {"closes_on": lambda: days(90)}, "It has closed"),
        ("forthcoming", {"opens_on": lambda: days(-3)}, "cannot move into the past"),
        ("forthcoming", {"opens_on": lambda: days(61)}, "on or after the opening date"),
        ("open", {"took_part": 3}, "from 1 to 4"),
        ("open", {"earlier_round_id": 999_999}, "not in the hub any more"),
    ],
)
def test_a_rule_that_says_no_is_said_in_words_and_nothing_is_written(stage, facts, words):
    consultation = ConsultationFactory(**{stage: True})

    with pytest.raises(ValidationError, match=words):
        put_back(consultation, by=None, on=today(), facts=worked_out(facts), version=1, reason="Because.")
    assert Consultation.objects.get().version == 1


def test_an_owner_who_left_does_not_come_back():
    consultation = ConsultationFactory(draft=True)
    gone = MembershipFactory(organisation=consultation.organisation, ended_on=today() - timedelta(days=1))

    with pytest.raises(ValidationError, match="They have left"):
        put_back(consultation, by=None, on=today(), facts={"owner_id": gone.pk}, version=1)


def test_a_version_that_is_not_the_one_looked_at_is_a_conflict():
    with pytest.raises(Conflict):
        put_back(ConsultationFactory(), by=None, on=today(), facts={"title": "x"}, version=2)


@pytest.mark.parametrize(
    ("who", "draft", "may_see", "may_put_back"),
    [
        ("contributor", True, 200, 200),
        ("contributor", False, 200, 403),
        ("lead", False, 200, 200),
        ("FIS editor", False, 200, 200),
        ("contributor elsewhere", True, 403, 403),
        ("board viewer", False, 403, 403),
    ],
)
def test_who_may_read_the_history_and_who_may_put_back(client, who, draft, may_see, may_put_back):
    people = People()
    consultation = ConsultationFactory(organisation=people.service, owner=people.owner, draft=draft)
    number = change(consultation, title="Another")
    client.force_login(people.who(who))

    seen = client.get(reverse("consultations:history", args=[consultation.slug]))

    assert seen.status_code == may_see
    assert (b"Put back" in seen.content) is (may_put_back == 200)
    assert client.get(reverse("consultations:put-back", args=[consultation.slug, number])).status_code == may_put_back


def test_a_change_around_the_record_is_told_of(fis):
    consultation = ConsultationFactory(draft=True)
    change(consultation, did="chose other topics", version=2)

    assert "Only what stands around it changed" in page(fis, consultation)


def test_the_past_reads_the_title_that_stood_then():
    consultation = ConsultationFactory(draft=True, title="The first title")
    number = change(consultation, title="Another title")

    then = Past(consultation, today()).before(number)

    assert then.title == "The first title"


# --- Lists around it. Each change is a transaction of its own, as it is at work.


def term(kind, label="", **facts):
    """A topic, an area or a method that is new."""
    number = kind.objects.count()
    return kind.objects.create(key=f"{kind.__name__.lower()}-{number}", label=label or f"Term {number}", **facts)


def write(consultation, by=None, did="changed it", **values):
    """Somebody changes lists around it as the pages do; gives back the number of the change."""
    with transaction.atomic(), history.label(by=by, did=did):
        number = change(consultation, by=by, did=did, version=consultation.version + 1)
        put_rows(consultation, values)
    return number


@pytest.fixture
def draft():
    """A draft about one topic, with two ways to take part."""
    consultation = ConsultationFactory(draft=True)
    topic, method = term(Topic, label="Short breaks"), term(Method, label="On paper")
    paper = plain_way(method.pk, "Ask for the form", "", None)
    phone = plain_way(term(Method, label="By phone").pk, "Ring us", "", days(5))
    write(consultation, topics=[topic.pk], ways=[paper, phone])
    consultation.paper, consultation.phone, consultation.topic = paper, phone, topic
    return consultation


@pytest.mark.django_db(transaction=True)
def test_the_history_says_what_was_put_into_a_list_and_what_was_taken_out(fis, draft):
    other = term(Topic, label="Transport")
    write(draft, by=draft.owner.user, did="chose other topics", topics=[other.pk], ways=[draft.phone, draft.paper])
    write(draft, ways=[draft.paper])

    text = page(fis, draft)

    assert f"<strong>{draft.owner.user}</strong> chose other topics" in text
    assert "Topics: added Transport; taken out Short breaks" in text
    assert "Ways to take part: taken out By phone, Ring us, " in text
    # The other change only wrote the ways in another order.
    assert text.count("Ways to take part: ") == 2
    assert "Ways to take part: added On paper, Ask for the form; By phone, Ring us" in text


@pytest.mark.django_db(transaction=True)
def test_a_list_is_put_back_to_how_it_stood(fis, draft):
    other = term(Topic, label="Transport")
    number = write(draft, topics=[other.pk], ways=[])
    write(draft, topics=[other.pk, term(Topic).pk])
    address = reverse("consultations:put-back", args=[draft.slug, number])

    shown = fis.get(f"{address}?field=ways").content.decode()
    done = fis.post(f"{address}?field=ways", {"version": draft.version}, follow=True).content.decode()

    assert "Ways to take part: added On paper, Ask for the form; By phone, Ring us" in shown
    assert [way.description for way in draft.ways.all()] == ["Ask for the form", "Ring us"]
    assert draft.ways.last().post_by == days(5)
    assert "put back ways to take part" in done
    assert draft.topics.count() == 2

    draft.refresh_from_db()
    fis.post(address, {"version": draft.version})
    assert list(draft.topics.all()) == [draft.topic]


@pytest.mark.django_db(transaction=True)
def test_what_is_gone_from_the_hub_is_left_out_of_a_list_that_is_put_back(fis, draft):
    number = write(draft, topics=[term(Topic).pk], ways=[draft.paper])
    Topic.objects.filter(pk=draft.topic.pk).delete()
    Method.objects.filter(pk=draft.phone["method"]).delete()
    address = reverse("consultations:put-back", args=[draft.slug, number])

    assert "one that is gone" in fis.get(address).content.decode()
    fis.post(address, {"version": draft.version})

    assert not draft.topics.exists()
    assert [way.description for way in draft.ways.all()] == ["Ask for the form"]


@pytest.mark.django_db(transaction=True)
def test_a_list_that_was_written_alone_is_told_without_a_way_back(fis, draft):
    with history.label(by=fis.user, did="moved it on the map"):
        draft.areas.add(term(Area, label="Oakham"))

    first, second = Past(draft, today()).page(1)[:2]

    assert (first.number, str(first.who), first.did) == (0, str(fis.user), "moved it on the map")
    assert [each.sentence for each in first.fields] == ["Areas: added Oakham"]
    assert second.number
    text = page(fis, draft)
    assert f"/{0}/" not in text
    assert "Areas: added Oakham" in text


@pytest.mark.django_db(transaction=True)
def test_each_page_of_the_history_tells_of_the_lists_of_its_own_time(draft):
    for number in range(25):
        write(draft, topics=[term(Topic, label=f"Topic {number}").pk])

    told = [[each.sentence for change in Past(draft, today()).page(page) for each in change.fields] for page in (1, 2)]

    assert [len(each) for each in told] == [20, 7]
    assert told[0][0] == "Topics: added Topic 24; taken out Topic 23"
    assert told[0][-1] == "Topics: added Topic 5; taken out Topic 4"
    assert told[1][0] == "Topics: added Topic 4; taken out Topic 3"


@pytest.mark.django_db(transaction=True)
def test_what_is_published_stays_whole_when_a_list_is_put_back(fis):
    consultation = ConsultationFactory(draft=True)
    way = plain_way(term(Method, offline=True).pk, "Ask for the form", "", None)
    number = write(consultation, ways=[way])
    Consultation.objects.filter(pk=consultation.pk).update(published_at=timezone.now())
    address = reverse("consultations:put-back", args=[consultation.slug, number]) + "?field=ways"

    answer = fis.post(address, {"version": consultation.version})

    assert "Give at least two ways to take part" in answer.content.decode()
    assert [each.description for each in consultation.ways.all()] == ["Ask for the form"]
