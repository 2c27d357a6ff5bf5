""" "Ready to ask?": what the hub finds out itself, and what a person still has to answer."""

from datetime import date, timedelta

import pytest

from consultations.models import LegalType
from consultations.tests.around import complete, document
from consultations.tests.factories import ConsultationFactory
from consultations.writing.models import ReadyAnswer
from consultations.writing.ready import Around, around, checklist, reading_age, ready, unexplained
from core.models import PreElectionPeriod

pytestmark = pytest.mark.django_db

OPENS = date(2026, 3, 2)


def listing(days=60, **facts):
    facts = {"opens_on": OPENS, "closes_on": OPENS + timedelta(days=days - 1), **facts}
    return ConsultationFactory(draft=True, **facts)


def finding(record, key, school_days=lambda day: True, **known):
    return next(each for each in ready(record, Around(school_days, **known)).questions if each.key == key).finding


@pytest.mark.parametrize(
    ("facts", "key", "fine"),
    [
        ({}, "influence", True),
        ({"cannot_change": ""}, "influence", False),
        ({}, "decider", False),
        ({"decision_when": "in the autumn"}, "decider", True),
        ({}, "why_now", False),
        ({"why_it_matters": "Your breaks may change."}, "why_now", True),
        ({}, "impact", False),
        ({"equality_check_reason": "Nothing changes yet."}, "impact", True),
        ({}, "length", True),
        ({"days": 42}, "length", True),
        ({"days": 41}, "length", False),
        ({"closes_on": None}, "length", True),
        ({}, "response_owner", True),
        ({"what_next": "We read it all."}, "feedback_plan", True),
        ({"summary": "Tell the ICB what the EHCP team does."}, "plain", False),
        ({"summary": "Tell us what helps your family most."}, "plain", True),
        ({}, "formats_day_one", False),
    ],
)
def test_the_hub_checks_what_it_can(facts, key, fine):
    assert finding(listing(**facts), key).is_fine is fine


def test_easy_read_and_two_ways_are_found():
    record = complete(listing())
    assert not finding(listing(), "ways").is_fine
    assert finding(record, "ways").is_fine
    document(record, "easy_read")
    assert finding(record, "formats_day_one").is_fine


def test_the_least_that_a_law_asks_for_cannot_be_explained_away():
    record = listing(days=41, legal_type=LegalType.ADMISSIONS)
    ReadyAnswer.objects.create(consultation=record, key="length", said="no", reason="We are in a hurry.")
    question = next(each for each in ready(record, Around(lambda day: True)).questions if each.key == "length")
    assert question.finding.stops
    assert not question.is_settled


@pytest.mark.parametrize(("off", "fine"), [(15, True), (16, False)])
def test_more_than_a_quarter_in_school_holidays_wants_a_word(off, fine):
    closed = {OPENS + timedelta(days=step) for step in range(off)}
    assert finding(listing(), "holidays", lambda day: day not in closed).is_fine is fine


def test_where_terms_are_not_set_nothing_is_guessed():
    assert not finding(listing(), "holidays", lambda day: None).is_fine


def test_a_no_with_its_reason_settles_a_question_and_an_open_one_is_named():
    record = listing()
    before = len(ready(record, Around(lambda day: True)).open)
    ReadyAnswer.objects.create(consultation=record, key="reach", said="no", reason="We do not know yet.")
    after = ready(record, Around(lambda day: True))
    assert len(after.open) == before - 1
    assert "reach" not in [each.key for each in after.open]


def test_every_question_has_one_key_and_every_tip_its_step():
    keys = [question["key"] for group in checklist()["groups"] for question in group["questions"]]
    assert len(keys) == len(set(keys)) == 22
    assert all(checklist()["tips"].values())


def test_short_words_are_for_the_young_and_long_ones_are_not():
    assert reading_age("Tell us what helps your family most. We will read it all.") <= 9
    hard = "Stakeholder participation methodologies necessitate comprehensive multidisciplinary consideration."
    assert reading_age(hard) > 16


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Special educational needs and disabilities (SEND) in the UK", []),
        ("SEND (special needs) and SEND again", []),
        ("The ICB and the EHCPs", ["ICB", "EHCP"]),
        ("A plan for all", []),
    ],
)
def test_initials_that_nobody_explains_are_listed_once(text, found):
    assert unexplained(text) == found


def test_who_asks_the_same_families_at_the_same_time_has_to_choose_first():
    found = finding(listing(), "not_repeat", clashes=2)
    assert found.stops
    assert "2 others" in found.words
    assert finding(listing(), "not_repeat").is_fine


def test_a_clash_and_an_election_are_looked_up():
    record = complete(listing())
    assert around(record, OPENS)[1:] == (0, "")
    complete(ConsultationFactory(opens_on=OPENS, closes_on=OPENS + timedelta(days=50), title="The other"))
    PreElectionPeriod.objects.create(name="County, May", starts_on=OPENS, ends_on=OPENS)
    assert around(record, OPENS)[1:] == (1, "County, May")
    assert not finding(record, "elections", election="County, May").is_fine
