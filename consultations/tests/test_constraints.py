"""What the database refuses of consultations, however it is written."""

from datetime import date, time

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, UniqueConstraint

from consultations.models import Consultation, Outcome, ParticipationLevel, RecordKind, Support, SupportState
from consultations.tests.around import support
from consultations.tests.factories import ConsultationFactory

DAY = date(2027, 4, 8)
# Each constraint, a trait of a record that satisfies it, and the facts that break it and nothing else.
BROKEN = {
    "consultation_reference_once": [("open", {"reference": "taken"})],
    "consultation_has_a_title": [("open", {"title": ""}), ("draft", {"title": " \n"})],
    "consultation_opens_before_it_closes": [("draft", {"opens_on": date(2090, 1, 1)})],
    "consultation_closing_time_has_a_day": [("standing", {"closes_at": time(12)})],
    "consultation_live_is_complete": [
        ("closed", {"summary": " "}),
        ("closed", {"decided_by": ""}),
        ("closed", {"contact_name": ""}),
        ("closed", {"level": ""}),
        ("standing", {"opens_on": None}),
    ],
    "consultation_ask_has_an_owner": [
        ("open", {"owner": None}),
        ("open", {"can_change": ""}),
        ("open", {"cannot_change": " "}),
        ("closed", {"level": ParticipationLevel.CO_PRODUCTION, "owner": None}),
    ],
    "consultation_past_has_a_source": [
        ("past", {"closes_on": None}),
        ("past", {"source_url": ""}),
        ("past", {"outcome": ""}),
    ],
    "consultation_live_has_no_outcome": [("open", {"outcome": Outcome.FOUND}), ("open", {"taken_on_on": DAY})],
    "consultation_past_owes_when_taken_on": [("past", {"answer_owed_from": DAY})],
    "consultation_due_is_owed": [
        ("standing", {"response_due_on": DAY}),
        ("late", {"first_due_on": None}),
    ],
    "consultation_due_after_it_is_owed": [("late", {"response_due_on": date(2001, 1, 1)})],
    "consultation_owes_after_closing": [
        ("closed", {"answer_owed_from": date(2001, 1, 1)}),
        ("standing", {"answer_owed_from": DAY}),
    ],
    "consultation_reports_when_standing": [
        ("open", {"next_report_on": DAY}),
        ("past", {"next_report_on": DAY}),
        ("standing", {"level": ParticipationLevel.INFORMATION}),
        ("standing", {"closes_on": date(2090, 1, 1)}),
    ],
    "consultation_few_has_no_number": [
        *(("open", {"took_part": number}) for number in (1, 2, 3, 4)),
        ("open", {"took_part": 12, "took_part_is_few": True}),
        ("open", {"took_part": 0, "took_part_is_few": True}),
    ],
    "consultation_stopping_is_explained": [
        ("open", {"withdrawn_on": DAY}),
        ("withdrawn", {"withdrawn_reason": ""}),
        ("withdrawn", {"withdrawn_views": " "}),
    ],
}
CASES = [(name, trait, facts) for name, cases in BROKEN.items() for trait, facts in cases]
IDS = [f"{name}: {trait} with {facts}" for name, trait, facts in CASES]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "trait", "facts"), CASES, ids=IDS)
def test_the_database_refuses(name, trait, facts):
    ConsultationFactory(reference="taken")
    record = ConsultationFactory(**{trait: True})

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Consultation.objects.filter(pk=record.pk).update(**facts)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("trait", "facts"),
    [
        ("draft", {"summary": "", "level": "", "decided_by": "", "contact_name": "", "owner": None, "can_change": ""}),
        ("closed", {"owner": None, "can_change": "", "cannot_change": ""}),
        ("past", {"summary": "", "opens_on": None, "decided_by": "", "contact_name": "", "level": ""}),
        ("past", {"taken_on_on": DAY, "answer_owed_from": DAY}),
        ("open", {"took_part": 5}),
        ("open", {"took_part": 0}),
        ("open", {"took_part_is_few": True}),
        ("open", {"reference": ""}),
    ],
)
def test_the_database_takes(trait, facts):
    ConsultationFactory(reference="")

    assert Consultation.objects.filter(pk=ConsultationFactory(**{trait: True}).pk).update(**facts) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("support_says_ask_by_when", {"state": SupportState.ON_REQUEST}),
        ("support_ask_by_only_on_request", {"state": SupportState.THERE, "ask_by": DAY}),
        ("support_ask_by_only_on_request", {"state": SupportState.NOT_AVAILABLE, "ask_by": DAY}),
    ],
)
def test_help_that_must_be_asked_for_says_by_when_and_no_other_does(name, facts):
    row = support(ConsultationFactory(), "an-interpreter")

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Support.objects.filter(pk=row.pk).update(**facts)


@pytest.mark.django_db
def test_a_kind_of_help_stands_once():
    consultation = ConsultationFactory()
    support(consultation, "an-interpreter")

    with pytest.raises(IntegrityError, match="support_once"), transaction.atomic():
        support(consultation, "an-interpreter")


def test_every_constraint_is_broken_here_once():
    named = {
        constraint.name
        for model in apps.get_app_config("consultations").get_models()
        for constraint in model._meta.constraints
        # Those of the folders within this one are broken in the tests there.
        if isinstance(constraint, (CheckConstraint, UniqueConstraint)) and model.__module__ == Consultation.__module__
    }

    assert named == {
        *BROKEN,
        *("support_once", "support_says_ask_by_when", "support_ask_by_only_on_request"),
        "document_is_here_or_elsewhere",  # broken beside the documents
    }


@pytest.mark.parametrize("model", list(apps.get_app_config("consultations").get_models()))
def test_every_refusal_is_said_in_words(model):
    for constraint in model._meta.constraints:
        if isinstance(constraint, CheckConstraint):
            assert str(constraint.violation_error_message) != CheckConstraint.default_violation_error_message


@pytest.mark.django_db
def test_what_the_database_refuses_reaches_the_form_in_words():
    record = ConsultationFactory(record=RecordKind.LIVE)
    record.took_part = 3

    with pytest.raises(Exception, match="Do not keep a number from 1 to 4"):
        record.full_clean()
