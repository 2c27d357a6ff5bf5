"""The stages of a record, worked out from its own dates and never stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, CharField, DateField, DateTimeField, F, Func, Q, Value, When
from django.db.models.functions import Coalesce, Least


@dataclass(frozen=True)
class Begins:
    """A stage begins on the day held in `field`, or `wait` days after it; before it, when `wait` is negative."""

    stage: str
    field: str
    wait: timedelta = timedelta(0)


@dataclass(frozen=True)
class Timeline:
    """Which of a record's dates begins which stage, latest stage first.

    A record is in the first stage listed that has begun, or in `before` when
    none has. The one table is read three ways, which tests prove equal on
    every boundary day: `of` one record, `case` for counting, `within` for
    filtering (plain date conditions, so that an index can serve them).
    """

    before: str
    begins: tuple[Begins, ...]

    def of(self, record, day: date) -> str:
        """The stage of one record on `day`."""
        for each in self.begins:
            starts = getattr(record, each.field)
            if starts is not None and starts <= day - each.wait:
                return each.stage
        return self.before

    def case(self, day: date) -> Case:
        """The stage on `day` as an SQL expression, for grouping and ordering."""
        begun = (When(**{f"{each.field}__lte": day - each.wait}, then=Value(each.stage)) for each in self.begins)
        return Case(*begun, default=Value(self.before), output_field=CharField())

    def since(self, day: date) -> Func:
        """The moment at which the stage of `day` began, midnight UK time, in SQL; empty for the first stage."""
        begun = (
            When(**{f"{each.field}__lte": day - each.wait}, then=F(each.field) + Value(each.wait.days))
            for each in self.begins
        )
        return Func(
            Case(*begun, output_field=DateField()),
            template="(%(expressions)s::timestamp AT TIME ZONE 'Europe/London')",
            output_field=DateTimeField(),
        )

    def within(self, stage: str, day: date) -> Q:
        """Plain date conditions true of exactly the records in `stage` on `day`.

        Raises KeyError for a stage that the timeline does not have.
        """
        conditions = Q()
        for each in self.begins:
            if each.stage == stage:
                return conditions & Q(**{f"{each.field}__lte": day - each.wait})
            conditions &= self._not_begun(each, day)
        if stage != self.before:
            raise KeyError(stage)
        return conditions

    def within_any(self, stages, day: date) -> Q:
        """Plain date conditions true of the records in any of `stages` on `day`; of none when there are none."""
        conditions = Q(pk__in=[])
        for position, stage in enumerate(stages):
            conditions = self.within(stage, day) if position == 0 else conditions | self.within(stage, day)
        return conditions

    def first_day_of(self, *stages: str) -> Coalesce:
        """The day on which the first of `stages` begins, as an SQL expression that an index can hold.

        The end of time when none of them has a date. For stages that begin on their own date, without a wait.
        """
        fields = [each.field for each in self.begins if each.stage in stages and not each.wait]
        if len(fields) != len(stages):
            raise KeyError(stages)
        first = Least(*fields) if len(fields) > 1 else fields[0]
        return Coalesce(first, Value(date.max), output_field=DateField())

    def stages(self) -> Iterator[str]:
        """Every stage, earliest first."""
        yield self.before
        yield from (each.stage for each in reversed(self.begins))

    @staticmethod
    def _not_begun(each: Begins, day: date) -> Q:
        return Q(**{f"{each.field}__isnull": True}) | Q(**{f"{each.field}__gt": day - each.wait})
