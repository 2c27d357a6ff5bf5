"""What an answer adds to the page of its consultation, and to its card."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consultations.tests.factories import ConsultationFactory, days
from core.dates import today
from core.panels import gather
from feedback.models import AnswerState, HoldingNote, Kind, Origin
from feedback.panels import answers, heard, holding_notes, points
from feedback.tests.factories import FeedbackEntryFactory, HoldingNoteFactory, ResponseFactory

pytestmark = pytest.mark.django_db


def answered(*states, **facts):
    response = ResponseFactory(total=318, **facts)
    for place, state in enumerate(states):
        FeedbackEntryFactory(
            response=response,
            consultation=response.consultation,
            organisation=response.consultation.organisation,
            position=place,
            answer=state,
            due_on=days(30),
            owner=response.consultation.owner,
            next_update_on=days(60),
        )
    return response


def shown(client, consultation):
    return client.get(consultation.get_absolute_url()).content.decode()


def test_the_answer_comes_first_on_the_page_of_its_consultation(client):
    response = answered(AnswerState.DONE, AnswerState.WILL_DO, AnswerState.CANNOT, AnswerState.DECIDING)

    html = shown(client, response.consultation)

    assert "Answered: 3 of 4 points" in html
    assert "70 days after it closed" in html
    assert "318 people or families took part" in html
    assert html.index("In short:") < html.index("What you said, and what happened") < html.index("Who decides")
    for section in (response.link_to_views, response.what_next, response.who, response.missing, response.formats):
        assert section in html


def test_not_decided_is_not_answered():
    response = answered(AnswerState.DONE, AnswerState.DECIDING, AnswerState.CANNOT)

    assert points([response.consultation_id], today()) == {response.consultation_id: "Answered: 2 of 3 points"}


def test_an_answer_that_is_not_out_adds_nothing(client):
    response = answered(AnswerState.DONE, published_at=None)
    response.themes.update(published_at=None)

    assert "In short:" not in shown(client, response.consultation)
    assert gather("consultation-card", [response.consultation_id], today())[response.consultation_id] == {}


def test_small_numbers_are_never_shown(client):
    response = ResponseFactory(
        total=203,
        by_method=[
            {"method": "Online", "count": 200, "few": False},
            {"method": "By phone", "count": None, "few": True},
        ],
    )

    html = shown(client, response.consultation)

    assert "fewer than 5" in html
    assert "not shown, so that nobody can be picked out" in html
    assert ">200<" not in html


def test_an_answer_elsewhere_is_a_link_with_its_day(client):
    response = ResponseFactory(kind=Kind.ELSEWHERE, elsewhere_url="https://example.org/a", elsewhere_on=days(-50))

    html = shown(client, response.consultation)

    assert 'href="https://example.org/a"' in html
    assert response.in_short in html


def test_what_was_found_elsewhere_is_shown_as_found_and_answers_nothing(client):
    consultation = ConsultationFactory(past=True)
    entry = FeedbackEntryFactory(
        consultation=consultation,
        organisation=consultation.organisation,
        origin=Origin.FOUND,
        source_url="https://example.org/said",
    )

    html = shown(client, consultation)

    assert entry.you_said in html
    assert "As found on example.org, not checked" in html
    assert "Answered" not in html
    assert points([consultation.pk], today()) == {}


def test_the_late_box_shows_the_latest_holding_note(client):
    consultation = ConsultationFactory(late=True)
    HoldingNoteFactory(
        consultation=consultation, reason="The first reason.", published_at=timezone.now() - timedelta(days=9)
    )
    HoldingNoteFactory(consultation=consultation, reason="The second reason.", heard_so_far="You want **nights**.")

    html = shown(client, consultation)

    assert "The second reason." in html
    assert "The first reason." not in html
    assert "<strong>nights</strong>" in html
    assert "The answer is" in html


def test_a_new_date_that_has_gone_by_is_not_shown_as_one_still_to_come(client):
    consultation = ConsultationFactory(late=True)
    HoldingNoteFactory(consultation=consultation, new_date=today())
    assert "They now say" in shown(client, consultation)

    HoldingNote.objects.update(new_date=today() - timedelta(days=1))

    html = shown(client, consultation)
    assert "and that day has passed too" in html
    assert "They now say" not in html


def test_a_holding_note_goes_when_the_answer_is_out():
    note = HoldingNoteFactory(consultation=ConsultationFactory(responded=True))

    assert HoldingNote.objects.published().exists()
    assert holding_notes([note.consultation_id], today()) == {}


@pytest.mark.parametrize("count", [1, 20])
def test_panels_take_the_same_queries_for_one_as_for_twenty(django_assert_num_queries, count):
    ids = [answered(AnswerState.DONE, AnswerState.WILL_DO).consultation_id for _number in range(count)]

    # the answers, their points, and what parents say of those
    with django_assert_num_queries(3):
        found = answers(ids, today())
        assert all(len(answer.pairs) == 2 for answer in found.values())
    with django_assert_num_queries(1):
        assert len(points(ids, today())) == count
    with django_assert_num_queries(1):
        holding_notes(ids, today())


def test_who_drafts_a_question_reads_what_families_said_before():
    response = ResponseFactory(in_short="We keep the pool open on Sundays.")
    for number in range(5):
        FeedbackEntryFactory(
            response=response, consultation=response.consultation, you_said=f"Point {number}", position=number
        )

    before = heard([response.consultation_id], today())[response.consultation_id]

    assert before.in_short == "We keep the pool open on Sundays."
    assert [pair.said for pair in before.pairs] == ["Point 0", "Point 1", "Point 2"]
    assert before.more == 2
