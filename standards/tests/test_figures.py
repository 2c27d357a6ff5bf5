"""What the hub's own records say of a statement, with what it is out of."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import OrganisationFactory
from consultations.tests.factories import ConsultationFactory, days
from consultations.writing.models import ReadyAnswer
from consultations.writing.ready import checklist
from core.dates import today
from feedback.parents.tests.factories import ParentCheckFactory
from feedback.tests.factories import FeedbackEntryFactory, ResponseFactory
from practice.network.tests.factories import NetworkPersonFactory
from practice.stories.tests.factories import ParentStoryFactory, story
from practice.tests.factories import PracticeExampleFactory
from standards.figures import READINGS, figures
from standards.models import Indicator
from standards.tests.factories import AdoptionFactory, the_standard

pytestmark = pytest.mark.django_db


def figure(body, key):
    """What the records say of one statement today."""
    return figures([body.pk], today(), only=[key])[body.pk][key]


@pytest.fixture
def body():
    """An organisation of which nothing is known."""
    return OrganisationFactory(name="The service")


def test_every_statement_that_promises_a_figure_has_one_and_no_other():
    the_standard()

    assert set(READINGS) == set(Indicator.objects.exclude(signal="").values_list("key", flat=True))


@pytest.mark.parametrize("key", READINGS)
def test_without_records_it_says_so_and_nothing_is_met(body, key):
    found = figure(body, key)

    assert not found.is_met
    assert not found.has_records
    assert "no records yet" in found.words or ": none" in found.words


def test_answers_on_time_are_counted_out_of_those_that_were_due(body):
    for late in (False, False, True):
        due = days(-30)
        ConsultationFactory(
            organisation=body, responded=True, first_due_on=due, responded_on=due + timedelta(days=5 if late else -5)
        )

    found = figure(body, "systems-established-1")

    assert found.words == "Answers on time in the last 12 months: 2 of 3"
    assert (found.is_met, found.has_records) == (False, True)


def test_those_of_another_body_are_not_counted(body):
    ResponseFactory(who="Dads", missing="Carers")
    ResponseFactory(consultation__organisation=body, who="Dads", missing="")

    assert figure(body, "strategy-established-1").words.endswith("0 of 1")


def test_one_example_of_several_is_enough_where_one_shows_it(body):
    PracticeExampleFactory(organisation=body, hard="Supply teachers change each day.")
    PracticeExampleFactory(organisation=body, hard="Too few rooms.", published_at=timezone.now() - timedelta(days=800))

    found = figure(body, "skills-advanced-1")

    assert found.words.endswith("1 of 1")
    assert found.is_met


def test_a_checklist_with_a_question_left_open_is_a_gap(body):
    asked = ConsultationFactory(organisation=body, open=True)
    assert figure(body, "skills-emerging-1").words.endswith("0 of 1")
    keys = [
        each["key"]
        for group in checklist()["groups"]
        for each in group["questions"]
        if not each.get("automatic") and not each.get("optional")
    ]
    for key in keys[1:]:
        ReadyAnswer.objects.create(consultation=asked, key=key, said="no", reason="We ran out of time.")
    assert not figure(body, "skills-emerging-1").is_met

    ReadyAnswer.objects.create(consultation=asked, key=keys[0], said="yes")

    assert figure(body, "skills-emerging-1").is_met


def test_promises_that_parents_have_looked_at(body):
    entry = FeedbackEntryFactory(organisation=body, done_on=days(-100))
    FeedbackEntryFactory(organisation=body, done_on=days(-100))
    ParentCheckFactory(entry=entry)

    found = figure(body, "systems-advanced-1")

    assert found.words.endswith("1 of 2")
    assert found.is_met


def test_a_story_whose_permission_is_over_is_seen(body):
    story(organisation=body)
    ParentStoryFactory(organisation=body)

    assert figure(body, "systems-emerging-2").words.endswith("1 of 2")


def test_a_lead_and_a_partner_and_a_champion(body):
    NetworkPersonFactory(organisation=body, role="lead")
    AdoptionFactory(organisation=OrganisationFactory(parent=body))
    promised = OrganisationFactory(promising=True, promise_accepted_on=days(-100))

    assert figure(body, "people-emerging-1").is_met
    assert figure(body, "values-advanced-1").words.endswith("1 of 1")
    assert figure(promised, "leadership-emerging-1").is_met
    assert figure(promised, "values-emerging-1").is_met


@pytest.mark.parametrize("count", [1, 20])
def test_many_organisations_take_no_more_questions_than_one(django_assert_num_queries, count):
    ids = [ResponseFactory().consultation.organisation_id for _number in range(count)]

    with django_assert_num_queries(1):
        figures(ids, today())
