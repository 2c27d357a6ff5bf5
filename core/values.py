"""The words and choices of a record as plain values: what a step of writing saves, what waits, and what differs.

One shape for all of it, so that a change can wait in a row of JSON, be shown
beside what families see now, and be put into the record later by the same code.
"""

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from core.dates import day_words, time_words


def plain(value: Any) -> Any:
    """What a form or a column holds, as JSON has it."""
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, (list, tuple, models.QuerySet)):
        return sorted(each.pk if isinstance(each, models.Model) else each for each in value)
    return value


def value_of(record: models.Model, name: str) -> Any:
    """One field of a record as a plain value: a column, or a list of terms as their sorted ids."""
    field = record._meta.get_field(name)
    if field.many_to_many:
        rows = getattr(record, name).all() if record.pk else ()
        return sorted(row.pk for row in rows)
    return plain(getattr(record, field.attname))


def put(record: models.Model, values: dict[str, Any]) -> None:
    """Set the columns that are among some values. The caller saves, and writes the lists and rows around them."""
    for name, value in values.items():
        field = record._meta.get_field(name)
        if field.concrete and not field.many_to_many:
            setattr(record, field.attname, field.to_python(value) if value is not None else None)


def put_lists(record: models.Model, values: dict[str, Any]) -> None:
    """Write the lists of terms that are among some values."""
    for name, value in values.items():
        field = record._meta.get_field(name)
        if field.concrete and field.many_to_many:
            getattr(record, name).set(value)


def put_rows(record: models.Model, name: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write a list of rows anew, such as ways to take part. Each row is its plain values, by field or column."""
    relation = record._meta.get_field(name)
    made = []
    for place, values in enumerate(rows):
        row = relation.related_model(**{relation.field.name: record})
        put(row, values)
        if hasattr(row, "position"):
            row.position = place
        made.append(row)
    getattr(record, name).all().delete()
    relation.related_model.objects.bulk_create(made)


def put_list_back(record: models.Model, name: str, items: list) -> None:
    """Write a list as it once was: ids of terms, or rows as plain values. What the hub has no more is left out."""
    field = record._meta.get_field(name)
    if field.many_to_many:
        getattr(record, name).set(field.related_model.objects.filter(pk__in=items))
        return
    pointing = [column for column in field.related_model._meta.fields if column.many_to_one and column != field.field]
    for column in pointing:
        wanted = [item[column.attname] for item in items]
        there = set(column.related_model.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        items = [item for item in items if item[column.attname] in there]
    put_rows(record, name, items)


# --- In words


def title_of(name: str, kind: type[models.Model]) -> str:
    """What a field of a record is called on pages."""
    label = str(kind._meta.get_field(name).verbose_name)
    return label[:1].upper() + label[1:]


def words_of(name: str, value: Any, today: date, kind: type[models.Model]) -> str:
    """A plain value as people read it. One query where it names rows of a list, none otherwise."""
    if value in (None, "", []):
        return _("Nothing")
    field = kind._meta.get_field(name)
    if field.many_to_many:
        return ", ".join(str(row) for row in field.related_model.objects.filter(pk__in=value))
    if field.many_to_one:
        return str(field.related_model.objects.filter(pk=value).first() or _("Nothing"))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.BooleanField):
        return _("Yes") if value else _("No")
    if isinstance(field, models.DateField):
        return day_words(date.fromisoformat(value), today)
    if isinstance(field, models.TimeField):
        return time_words(time.fromisoformat(value))
    return str(value)
