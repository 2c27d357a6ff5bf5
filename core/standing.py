"""What every page and every mail has to know of the hub itself, asked of the database in one question.

Whether it is open to the public, what the council says of itself, who looks
after it, which sections hold anything: each floor registers what it wants to
know as a few rows. All of it is read together, once for each content version,
so that a page pays one query at most, however much of it is used.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import QuerySet

from core.versions import cached

# Rows as the database tells them in JSON: days are texts such as "2026-04-08".
Rows: TypeAlias = list[dict[str, Any]]

_questions: dict[str, Callable[[], QuerySet]] = {}
_held: ContextVar[dict[str, Rows] | None] = ContextVar("standing", default=None)


def register(name: str, question: Callable[[], QuerySet]) -> None:
    """Have these few rows read with all the others. `question` makes a queryset of `values`."""
    _questions[name] = question


def standing(name: str) -> Rows:
    """The rows registered under a name, as they were when this request or this run began."""
    held = _held.get()
    if held is None:
        return cached("core.standing", tuple(_questions), ask)[name]
    if name not in held:
        held.update(cached("core.standing", tuple(_questions), ask))
    return held[name]


@contextmanager
def asked_once() -> Iterator[None]:
    """Inside, the database is asked at most once, also where nothing can be kept from one request to the next."""
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def ask() -> dict[str, Rows]:
    """All that was registered, from the database. One query."""
    parts, params = [], []
    for question in _questions.values():
        sql, more = question().query.sql_with_params()
        parts.append(f"(SELECT coalesce(json_agg(part), '[]'::json) FROM ({sql}) AS part)")
        params += more
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        return dict(zip(_questions, cursor.fetchone(), strict=True))
