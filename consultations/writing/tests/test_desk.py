"""The staff pages of writing and checking, as their people use them."""

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.models import Consultation
from consultations.tests.around import complete, term, way
from consultations.tests.factories import ConsultationFactory, days
from consultations.writing.models import Check
from consultations.writing.ready import Around, ready
from core.models import Area, Audience, Method, Topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    return OrganisationFactory(name="Short breaks", promising=True)


@pytest.fixture
def contributor(service):
    return MembershipFactory(organisation=service, role=Role.CONTRIBUTOR)


@pytest.fixture
def editor():
    MembershipFactory(role=Role.FIS_MANAGER)
    return MembershipFactory(role=Role.FIS_EDITOR)


@pytest.fixture
def desk(client):
    """Opens and sends staff pages as somebody."""

    class Desk:
        def as_(self, membership):
            client.force_login(membership.user)
            return self

        def get(self, name, *args, status=200, **asked):
            answer = client.get(reverse(f"consultations:{name}", args=args), asked)
            assert answer.status_code == status, answer.content.decode()[:3000]
            return " ".join(answer.content.decode().split())

        def post(self, name, *args, status=302, **typed):
            answer = client.post(reverse(f"consultations:{name}", args=args), typed)
            assert answer.status_code == status, answer.content.decode()
            return answer

    return Desk()


def day_boxes(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def yes_to_all(record):
    return {question.key: "yes" for question in ready(record, Around(lambda day: True)).questions}


def test_a_contributor_writes_sends_is_sent_back_and_then_families_see_it(desk, contributor, editor, service, client):
    desk.as_(contributor).get("add")
    desk.post("add", title="Short breaks next year", organisation=service.pk, summary="Tell us what helps.")
    record = Consultation.objects.get()
    slug = record.slug
    desk.post(
        "write", slug, "say", level="consultation", can_change="Which", cannot_change="The total", decided_by="Cabinet",
        decision_when="in May", what_next="We read it all.", legal_type="none",
    )  # fmt: skip
    lists = {
        "audiences": term(Audience, "dads").pk,
        "areas": term(Area, "larchford").pk,
        "topics": term(Topic, "breaks").pk,
    }
    desk.post("write", slug, "who", **lists)
    desk.post("write", slug, "when", **day_boxes("opens_on", days(3)), **day_boxes("closes_on", days(60)))
    ways = {
        "way_0_method": term(Method, "drop-in", offline=True).pk,
        "way_0_description": "Come to the library",
        "way_1_method": term(Method, "survey").pk,
        "way_1_description": "Fill in the form",
        "way_1_url": "https://example.org/form",
    }
    desk.post("write", slug, "part", minutes_needed=10, **ways)
    desk.post(
        "write", slug, "people", owner=contributor.pk, contact_name="Short breaks team", contact_phone="01632 960 1"
    )
    assert "6 of 6" in desk.get("write", slug, "people")

    refused = desk.post("ready", slug, status=400, send="1")
    assert "more question" in refused.content.decode()
    desk.post("ready", slug, send="1", **yes_to_all(record))
    check = Check.objects.get()

    assert "Short breaks next year" in desk.as_(editor).get("checks")
    text = desk.get("check", check.pk)
    assert "Come to the library" in text
    desk.post("send-back", check.pk, status=400, **{"back-reason": ""})
    desk.post("send-back", check.pk, **{"back-reason": "Say why it matters."})

    text = desk.as_(contributor).get("desk-consultation", slug)
    assert "Say why it matters." in text
    desk.post("write", slug, "what", title="Short breaks next year", organisation=service.pk,
              summary="Tell us what helps.", why_it_matters="Your breaks may change.")  # fmt: skip
    desk.post("ready", slug, send="1", **yes_to_all(record))

    desk.as_(editor).post("approve", Check.objects.open().get().pk)
    client.logout()
    assert "Your breaks may change." in client.get(record.get_absolute_url()).content.decode()


def test_the_checker_of_a_change_sees_only_what_changed_old_and_new(desk, contributor, editor, service):
    record = complete(ConsultationFactory(open=True, organisation=service, summary="The old words."))
    desk.as_(contributor).post("write", record.slug, "what", title=record.title, organisation=service.pk,
                               summary="The new words.", why_it_matters=record.why_it_matters)  # fmt: skip
    assert "families do not see yet" in desk.get("desk-consultation", record.slug)
    desk.post("send-changes", record.slug)

    text = desk.as_(editor).get("check", Check.objects.get().pk)

    assert "The old words." in text
    assert "The new words." in text
    assert record.can_change not in text
    desk.post("approve", Check.objects.get().pk, status=400, correction="")
    desk.post("approve", Check.objects.get().pk, correction="We use easier words.")
    record.refresh_from_db()
    assert record.summary == "The new words."
    assert "Give them more time" in desk.get("desk-consultation", record.slug)
    desk.post("move-closing", record.slug, reason="There are new words to read.", **day_boxes("closes_on", days(60)))
    assert "Give them more time" not in desk.get("desk-consultation", record.slug)


def test_changes_that_nobody_has_decided_are_taken_back(desk, contributor, service):
    record = complete(ConsultationFactory(open=True, organisation=service, summary="The old words."))
    desk.as_(contributor).post("write", record.slug, "what", title=record.title, organisation=service.pk,
                               summary="The new words.", why_it_matters=record.why_it_matters)  # fmt: skip

    desk.post("take-changes-back", record.slug)

    assert not record.checks.open().exists()
    desk.post("take-changes-back", record.slug, status=400)


def test_families_read_what_changed_while_it_was_open(client, desk, contributor, service, settings):
    settings.HUB_SMALL_TEAM = True
    fis = MembershipFactory(role=Role.FIS_MANAGER)
    record = complete(ConsultationFactory(open=True, organisation=service))
    typed = {"title": record.title, "organisation": service.pk, "summary": "Other words."}
    refused = desk.as_(fis).post("write", record.slug, "what", status=400, **typed)
    assert "Families will see it." in refused.content.decode()
    desk.post("write", record.slug, "what", correction="We wrote it more simply.", **typed)
    client.logout()
    assert "We wrote it more simply." in client.get(record.get_absolute_url()).content.decode()


def test_who_is_slower_keeps_their_words_and_sees_the_others(desk, contributor, service):
    record = complete(ConsultationFactory(draft=True, organisation=service, title="As it was"))
    desk.as_(contributor)
    typed = {"organisation": service.pk, "summary": "", "why_it_matters": ""}
    desk.post("write", record.slug, "what", title="The faster one", mark="1.0.0", **typed)

    slower = desk.post("write", record.slug, "what", status=409, title="The slower one", mark="1.0.0", **typed)

    text = slower.content.decode()
    assert "The slower one" in text
    assert "The faster one" in text
    desk.post("write", record.slug, "what", title="The slower one", mark=slower.context["mark"], **typed)
    record.refresh_from_db()
    assert record.title == "The slower one"


def test_a_new_round_takes_three_pages(desk, editor, service, settings):
    settings.HUB_SMALL_TEAM = True
    earlier = complete(ConsultationFactory(responded=True, organisation=service))
    pages = 0
    desk.as_(editor).get("ask-again", earlier.slug)
    pages += 1
    answer = desk.post(
        "ask-again", earlier.slug, title="Short breaks, once more",
        **day_boxes("opens_on", days(2)), **day_boxes("closes_on", days(60)),
    )  # fmt: skip
    copy = Consultation.objects.get(title="Short breaks, once more")
    assert answer.url == reverse("consultations:ready", args=[copy.slug])
    desk.get("ready", copy.slug)
    pages += 1
    desk.post("ready", copy.slug, send="1", **yes_to_all(copy))
    desk.get("desk-consultation", copy.slug)
    pages += 1
    assert copy in Consultation.objects.published()
    assert pages <= 3


@pytest.mark.parametrize("name", ["move-closing", "stop", "take-off", "ask-again", "desk-consultation", "ready"])
def test_people_of_another_service_open_none_of_it(desk, name):
    record = ConsultationFactory(open=True)
    desk.as_(MembershipFactory(role=Role.LEAD)).get(name, record.slug, status=403)


def test_a_contributor_checks_nothing(desk, contributor):
    desk.as_(contributor).get("checks", status=403)


def test_the_closing_date_moves_on_its_own_page_with_the_reason(desk, contributor, service):
    record = complete(ConsultationFactory(open=True, organisation=service))
    desk.as_(contributor)
    assert "Move the closing date" in desk.get("write", record.slug, "when")
    desk.post("move-closing", record.slug, **day_boxes("closes_on", days(40)), reason="More time over Christmas.")
    record.refresh_from_db()
    assert record.closes_on == days(40)


def test_what_was_thrown_away_is_found_and_brought_back(desk, contributor, service):
    record = complete(ConsultationFactory(draft=True, organisation=service, title="A thought"))
    desk.as_(contributor).post("throw-away", record.slug)
    assert "A thought" not in desk.get("desk-consultations")
    assert "A thought" in desk.get("desk-consultations", state="bin")
    desk.post("bring-back", record.slug)
    assert "A thought" in desk.get("desk-consultations")


@pytest.mark.parametrize("name", ["desk-consultations", "checks"])
def test_lists_ask_as_many_questions_for_twenty_rows_as_for_one(
    desk, editor, name, client, django_assert_max_num_queries
):
    counts = []
    for rows in (1, 20):
        for _each in range(rows):
            record = ConsultationFactory(draft=True)
            Check.objects.create(consultation=record, sent_by=editor.user, sent_at=record.created_at)
        desk.as_(editor).get(name)
        with django_assert_max_num_queries(20) as asked:
            desk.get(name)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["desk-consultation", "ready"])
def test_a_page_about_one_keeps_within_twenty_questions(desk, editor, name, django_assert_max_num_queries):
    record = complete(ConsultationFactory(draft=True))
    for number in range(10):
        way(record, f"way-{number}")
    desk.as_(editor).get(name, record.slug)
    with django_assert_max_num_queries(20):
        desk.get(name, record.slug)
