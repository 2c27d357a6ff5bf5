"""Database constraints that several apps state, with the words that reach the form."""

from typing import TYPE_CHECKING, TypeAlias

from django.db.models import CheckConstraint, F, Q

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Words that a form shows, perhaps translated only then.
Words: TypeAlias = "str | _StrPromise"


def needs(when: Q, then: Q, *, name: str, message: Words) -> CheckConstraint:
    """Whatever `when` holds of, `then` must hold of too."""
    return CheckConstraint(condition=~when | then, name=name, violation_error_message=message)


def in_order(earlier: str, later: str, *, name: str, message: Words) -> CheckConstraint:
    """`later` is on or after `earlier` wherever both are known."""
    return CheckConstraint(
        condition=Q(**{f"{earlier}__isnull": True})
        | Q(**{f"{later}__isnull": True})
        | Q(**{f"{later}__gte": F(earlier)}),
        name=name,
        violation_error_message=message,
    )


def not_blank(field: str) -> Q:
    """The text in `field` says something: it is more than white space."""
    return Q(**{f"{field}__regex": r"\S"})
