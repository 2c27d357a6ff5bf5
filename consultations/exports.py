"""Consultations as a table to download: any list of the finder."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.views import View

from accounts.stages import upkeep
from consultations.finder import Finder
from consultations.stages import TIMELINE
from core.dates import today
from core.tables import csv_response

HEADER = [
    "title",
    "organisation",
    "stage",
    "level",
    "opens",
    "closes",
    "answer_due",
    "answered",
    "families_who_took_part",
    "address",
    # Filled in on every row, and only then: what the table says may not be true any more.
    "not_looked_after_since",
]


class Csv(View):
    """The finder's list as CSV, with every match and not only a page."""

    def get(self, request):
        """Stream the table."""
        day = today()
        return csv_response("consultations.csv", HEADER, self._rows(Finder(request.GET, day), day))

    def _rows(self, finder: Finder, day):
        rows = finder.matching.select_related("organisation").order_by("-published_at", "pk")
        rows = rows.only(
            "title", "slug", "level", "opens_on", "closes_on", "response_due_on", "responded_on", "responded_exactly",
            "withdrawn_on", "answer_owed_from", "took_part", "took_part_is_few", "organisation__name",
        )  # fmt: skip
        hub = upkeep(day)
        not_looked_after_since = hub.looked_after_on if hub.is_unattended else None
        for row in rows.iterator(chunk_size=1000):
            answered = row.responded_on if row.responded_exactly else f"by {row.responded_on}"
            yield [
                row.title,
                row.organisation.name,
                TIMELINE.of(row, day),
                row.level,
                row.opens_on,
                row.closes_on,
                row.response_due_on,
                answered,
                _("fewer than 5") if row.took_part_is_few else row.took_part,
                settings.HUB_BASE_URL + row.get_absolute_url(),
                not_looked_after_since,
            ]
