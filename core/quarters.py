"""The three months that a report is about."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Quarter:
    """Three months of a year."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The one that a day is in."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def starts_on(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def ends_on(self) -> date:
        """Its last day."""
        return (self.starts_on + 92 * DAY).replace(day=1) - DAY

    @property
    def before(self) -> "Quarter":
        """The three months before it."""
        return Quarter.of(self.starts_on - DAY)

    @property
    def words(self) -> str:
        """ "January to March 2026"."""
        months = (
            *(_("January to March %(year)d"), _("April to June %(year)d")),
            *(_("July to September %(year)d"), _("October to December %(year)d")),
        )
        return months[self.number - 1] % {"year": self.year}
