"""The evidence pack: answers and the log for chosen days and topics, as pages and tables in one zip file.

It holds what families can read on the hub and no more. Names of owners,
contacts and short quotes are left out: an inspector needs none of them.
"""

import zipfile
from collections.abc import Iterable
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from core.dates import long_day_words
from core.facts import facts
from core.models import Topic
from core.tables import csv_lines
from feedback.counts import Count
from feedback.models import FeedbackEntry, Origin, Response
from feedback.parents.panels import in_short
from feedback.stages import answer_words
from standards.exports import check_columns, check_rows
from standards.listing import Profile
from standards.models import SelfCheck

# So many fit into memory and into one page. A wider choice is refused, and says so.
MOST = 5_000
# So many checks against the standard, the newest first: each is up to 24 rows.
MOST_CHECKS = 100
IN_MEMORY = 5_000_000


def pack(first: date, last: date, topics: list[Topic], today: date) -> IO[bytes]:
    """The zip file, ready to be read. Raises ValidationError when too much was asked for."""
    answers, log = answers_of(first, last, topics), log_of(first, last, topics)
    if max(answers.count(), log.count()) > MOST:
        raise ValidationError(
            _("That is more than %(most)s answers or points. Choose fewer months, or some topics")
            % {"most": f"{MOST:,}"}
        )
    points = list(log)
    parents = in_short([entry.pk for entry in points], today)
    points_cells = [
        _log_cells(entry, today, parents[entry.pk].words if entry.pk in parents else "") for entry in points
    ]
    tables = {
        "answers": (_("Answers to consultations"), _answer_columns(), [_answer_cells(each) for each in answers]),
        "log": (_("You said, we did"), _log_columns(), points_cells),
    }
    checked = SelfCheck.objects.published().filter(published_on__range=(first, last))
    checked = checked.select_related("adoption__organisation")[:MOST_CHECKS]
    profiles = [Profile(check, check.published_on) for check in checked]
    tables["standard"] = (
        _("Checks against the standard"),
        check_columns(),
        [row for each in profiles for row in check_rows(each)],
    )
    about = {
        "council": facts().council_name,
        "period": _("%(first)s to %(last)s") % {"first": long_day_words(first), "last": long_day_words(last)},
        "topics": ", ".join(topic.label for topic in topics) or _("All topics"),
        "made_on": long_day_words(today),
    }
    file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the response closes it)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        pages = [(name, title, len(rows)) for name, (title, _names, rows) in tables.items()]
        archive.writestr("index.html", render_to_string("evidence_pack/index.html", about | {"pages": pages}))
        archive.writestr("style.css", render_to_string("evidence_pack/style.css"))
        for name, (title, columns, rows) in tables.items():
            shown = [(row[0], list(zip(columns[1:], map(_to_read, row[1:]), strict=True))) for row in rows]
            page = render_to_string("evidence_pack/page.html", about | {"title": title, "rows": shown})
            archive.writestr(f"{name}.html", page)
            archive.writestr(f"{name}.csv", "".join(csv_lines(columns, rows)))
    file.seek(0)
    return file


def answers_of(first: date, last: date, topics: Iterable[Topic]):
    """The published answers of these days, the oldest first."""
    found = Response.objects.published().filter(consultation__responded_on__range=(first, last))
    if topics:
        found = found.filter(consultation__topics__in=topics).distinct()
    found = found.select_related("consultation__organisation").defer("search", "consultation__search")
    return found.order_by("consultation__responded_on", "pk")


def log_of(first: date, last: date, topics: Iterable[Topic]):
    """What stands in the log since these days, the oldest first."""
    found = FeedbackEntry.objects.published().filter(published_at__date__range=(first, last))
    if topics:
        found = found.filter(topics__in=topics).distinct()
    return found.for_log().order_by("published_at", "pk")


def _address(thing) -> str:
    return f"{settings.HUB_BASE_URL.rstrip('/')}{thing.get_absolute_url()}"


def _to_read(cell: str | date) -> str:
    """A cell of a table as a page says it: a day in words."""
    return long_day_words(cell) if isinstance(cell, date) else cell


def _answer_columns() -> list[str]:
    return [
        *(_("Consultation"), _("Service or organisation"), _("Answered on"), _("First due on"), _("Was it on time?")),
        *(_("How many took part"), _("In short"), _("Who took part"), _("Who we did not hear from")),
        *(_("Who decided"), _("What is different because of what people said"), _("What happens next")),
        *(_("Decision record"), _("Answered elsewhere at"), _("Page")),
    ]


def _answer_cells(answer: Response) -> list[str | date]:
    asked = answer.consultation
    on_time = ""
    if asked.first_due_on and asked.responded_exactly:
        on_time = _("Yes") if asked.responded_on <= asked.first_due_on else _("No")
    return [
        *(asked.title, asked.organisation.name, asked.responded_on or "", asked.first_due_on or "", on_time),
        *(str(Count(answer.total, answer.total_is_few)), answer.in_short, answer.who, answer.missing),
        *(answer.decided_by, answer.link_to_views, answer.what_next),
        *(answer.record_url, answer.elsewhere_url, _address(asked)),
    ]


def _log_columns() -> list[str]:
    return [
        *(_("Point"), _("Service or organisation"), _("Consultation"), _("Published on"), _("What people said")),
        *(_("About how many said this"), _("The answer"), _("What was done, or why not"), _("What is different now")),
        *(_("Promised by"), _("Done on"), _("What parents say of it"), _("Where it comes from"), _("Page")),
    ]


def _log_cells(entry: FeedbackEntry, today: date, parents: str) -> list[str | date]:
    found = entry.origin == Origin.FOUND
    return [
        *(str(entry), entry.organisation.name, entry.consultation.title if entry.consultation else ""),
        *(timezone.localdate(entry.published_at), entry.you_said, entry.how_many, answer_words(entry, today)),
        *(entry.we_did, entry.what_changed, entry.due_on or "", entry.done_on or "", parents),
        *(_("Found elsewhere, not checked") if found else _("Written here"), _address(entry)),
    ]
