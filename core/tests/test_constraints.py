"""Constraints that several apps state."""

from django.db.models import Q, Value

from core.constraints import in_order, needs, not_blank
from core.models import Topic

MESSAGE = "Say it in words"


def holds(constraint, **facts) -> bool:
    """Whether facts about a topic satisfy the constraint, as the database would judge."""
    return constraint.condition.check(
        {field.name: Value(facts.get(field.name), output_field=field) for field in Topic._meta.fields}
    )


def test_what_a_fact_needs_is_asked_only_when_the_fact_holds(db):
    constraint = needs(Q(key="a"), not_blank("label"), name="needs", message=MESSAGE)

    assert holds(constraint, key="b", label="")
    assert holds(constraint, key="a", label="Something")
    assert not holds(constraint, key="a", label="")


def test_white_space_says_nothing(db):
    said = needs(Q(), not_blank("label"), name="said", message=MESSAGE)

    assert not holds(said, label=" \t\n")
    assert holds(said, label=" x ")


def test_two_numbers_are_in_order_wherever_both_are_known(db):
    constraint = in_order("id", "position", name="in_order", message=MESSAGE)

    assert holds(constraint, id=1, position=1)
    assert holds(constraint, id=1, position=None)
    assert holds(constraint, id=None, position=1)
    assert not holds(constraint, id=2, position=1)


def test_a_constraint_speaks_to_whoever_fills_in_the_form():
    for constraint in (
        needs(Q(a=1), Q(b=1), name="x", message=MESSAGE),
        in_order("a", "b", name="x", message=MESSAGE),
    ):
        assert constraint.violation_error_message == MESSAGE
