"""What the database refuses of good practice, each rule broken once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.checking import Decision
from practice.models import ExampleCheck, ParentsSay
from practice.tests.factories import PracticeExampleFactory, TipFactory, TriedFactory

pytestmark = pytest.mark.django_db

BROKEN = {
    "example_has_a_title": {"title": " "},
    "example_year_is_a_year": {"year": 25},
    "example_when_has_a_year": {"year": None, "when_words": "March", "published_at": None},
    **{
        f"example_says_{name}": {name: "  "}
        for name in (
            *("issue", "who", "parents_said", "we_did", "changed_families", "impact_evidence", "cost", "hard"),
            "contact_name",
        )
    },
    "example_says_how_much_say": {"level": ""},
    "example_says_when": {"year": None},
    "example_parents_asked_said_something": {"parents_asked": ParentsSay.ASKED},
    "example_parents_not_asked_said_nothing": {"parent_view": "It is true."},
    "example_is_checked_again": {"review_by": None},
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_example_keeps_each_rule(name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        PracticeExampleFactory(**BROKEN[name])


def test_an_example_is_not_checked_again_before_it_was_checked():
    example = PracticeExampleFactory()
    with pytest.raises(IntegrityError, match="example_checked_before_again"), transaction.atomic():
        PracticeExampleFactory(review_by=example.checked_on - timedelta(days=1))


def test_a_reference_of_a_source_stands_for_one_example():
    PracticeExampleFactory(found=True, reference="a")
    with pytest.raises(IntegrityError, match="example_reference_once"), transaction.atomic():
        PracticeExampleFactory(found=True, reference="a")


def test_a_draft_and_one_found_elsewhere_may_leave_things_out():
    assert PracticeExampleFactory(draft=True, issue="", level="", year=None).pk
    assert PracticeExampleFactory(found=True, year=None).pk


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("tip_says_something", {"text": " "}),
        ("tip_helps_with_something", {"place": "when"}),
        ("tip_helps_with_something", {"place": "step:"}),
    ],
)
def test_a_tip_keeps_each_rule(name, facts):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        TipFactory(**facts)


def test_two_tips_do_not_stand_in_one_place():
    tip = TipFactory(position=0)
    with pytest.raises(IntegrityError, match="tip_has_its_own_place"), transaction.atomic():
        TipFactory(example=tip.example, position=0)


def test_who_tried_it_says_what_happened():
    with pytest.raises(IntegrityError, match="tried_says_what_happened"), transaction.atomic():
        TriedFactory(words=" ")


def test_a_service_records_a_day_once_unless_it_took_it_away():
    tried = TriedFactory(removed_at=timezone.now())
    same = {"example": tried.example, "organisation": tried.organisation}
    TriedFactory(**same)
    with pytest.raises(IntegrityError, match="tried_once_a_day"), transaction.atomic():
        TriedFactory(**same)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("examplecheck_returned_with_a_reason", {"decision": Decision.RETURNED, "decided_at": timezone.now()}),
        ("examplecheck_decided_at_a_moment", {"decision": Decision.APPROVED}),
    ],
)
def test_a_check_keeps_each_rule(name, facts):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ExampleCheck.objects.create(example=PracticeExampleFactory(), **facts)


def test_an_example_waits_for_one_check_at_a_time():
    example = PracticeExampleFactory(draft=True)
    ExampleCheck.objects.create(example=example)
    with pytest.raises(IntegrityError, match="examplecheck_one_open_for_each"), transaction.atomic():
        ExampleCheck.objects.create(example=example)
