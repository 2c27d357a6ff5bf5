"""What the yearly report of the local offer says: every comment, by what it is about, with its answer.

The council must publish comments on its local offer, and its response with
what it will do, at least once a year and without naming anybody (Children and
Families Act 2014, section 30(6); SEND Regulations 2014, regulation 56). It need
not publish comments about the services of one person, nor those that only
mean to hurt; how many there were is said.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import standing
from core.dates import long_day_words
from core.tables import few_words
from feedback.comments.models import Comment
from feedback.models import AnswerState, FeedbackEntry, IssuedReport, LeftOut, LocalOfferPart, ReportKind
from feedback.stages import pair_of

# The law: at least annually.
WITHIN = timedelta(days=365)
PARTS = (LocalOfferPart.CONTENT, LocalOfferPart.ACCESS, LocalOfferPart.MADE)


def said_between(first: date, last: date) -> QuerySet:
    """What families said on these days: the day they said it, else that of their consultation, else of its writing."""
    said_on = Coalesce("heard_on", "consultation__closes_on", TruncDate("published_at"), TruncDate("created_at"))
    return FeedbackEntry.objects.kept().annotate(said_on=said_on).filter(said_on__range=(first, last))


def to_sort(first: date, last: date) -> QuerySet:
    """What nobody has looked at yet: whether it is about the local offer, and about which part. The newest first."""
    return said_between(first, last).filter(local_offer="").order_by("-said_on", "-pk")


def comments(first: date, last: date) -> QuerySet:
    """The comments on the local offer that the report has, the oldest first."""
    found = said_between(first, last).filter(local_offer__in=PARTS, left_out="")
    return found.select_related("organisation", "consultation", "owner__user").defer("search").order_by("said_on", "pk")


def unanswered(found: Iterable[FeedbackEntry]) -> list[FeedbackEntry]:
    """Those of the comments that lack their answer, or whose answer families cannot see."""
    return [each for each in found if each.answer == AnswerState.NONE or not each.is_published]


def left_out_between(first: date, last: date) -> Counter:
    """How many comments on the local offer are left out, for each reason: of the log, and of what never reached it.

    What was added to a point that others made is in the report with that point.
    """
    entries = said_between(first, last).exclude(left_out="").order_by().values_list("left_out", flat=True)
    told = Comment.objects.of_local_offer().filter(heard_on__range=(first, last)).exclude(left_out="")
    return Counter(entries) + Counter(told.order_by().values_list("left_out", flat=True))


def to_read(first: date, last: date) -> QuerySet:
    """What families told us about the local offer on these days, and nobody has read yet."""
    return Comment.objects.of_local_offer().to_read().filter(heard_on__range=(first, last))


def gather(first: date, last: date, today: date) -> dict:
    """The report as it stands: its groups of comments, and how many were left out and why."""
    by_part: dict[str, list[dict]] = {part: [] for part in PARTS}
    for entry in comments(first, last):
        pair = pair_of(entry, today)
        by_part[entry.local_offer].append(
            {
                "about": entry.theme,
                "said": entry.you_said,
                "how_many": entry.how_many,
                "answer": pair.kind_text,
                "kind": pair.kind,
                "did": pair.answer,
                "facts": pair.answer_meta,
                "who": entry.organisation.name,
            }
        )
    counts = left_out_between(first, last)
    return {
        "title": _("What families said about the local offer, and the answers"),
        "days": _("%(first)s to %(last)s") % {"first": long_day_words(first), "last": long_day_words(last)},
        "groups": [{"key": part.value, "title": str(part.label), "comments": by_part[part]} for part in PARTS],
        "left_out": [[str(why.label), _few(counts[why])] for why in LeftOut if counts[why]],
    }


def _few(number: int) -> str:
    return few_words() if number < 5 else str(number)


def count_of(content: dict) -> int:
    """How many comments a report has."""
    return sum(len(group["comments"]) for group in content["groups"])


def count_words(content: dict) -> str:
    """ "12 comments"."""
    number = count_of(content)
    return ngettext("%(count)d comment", "%(count)d comments", number) % {"count": number}


def table_of(content: dict) -> tuple[list[str], Iterator[list]]:
    """A report as one table, a line for each comment, and one for each reason to leave some out."""
    header = [_("What it is about"), _("Point"), _("What families said"), _("Answer"), _("What was done"), _("Service")]
    return header, _lines(content)


def _lines(content: dict) -> Iterator[list]:
    for group in content["groups"]:
        for each in group["comments"]:
            yield [group["title"], each["about"], each["said"], each["answer"], each["did"], each["who"]]
    for why, number in content["left_out"]:
        yield [_("Left out"), why, number, "", "", ""]


@dataclass(frozen=True)
class Due:
    """When the next report is due: a year after the last one was published; no day while there is none."""

    on: date | None

    def days_left(self, today: date) -> int:
        """How many days there are until then; below 0 once it is late."""
        return (self.on - today).days if self.on else 0


def next_due() -> Due:
    """When the council must publish the next report. One query for each content version, shared with other facts."""
    rows = standing.standing("feedback.local_offer")
    issued = rows[0]["issued_at"] if rows else None
    moment = datetime.fromisoformat(issued) if isinstance(issued, str) else issued
    return Due(timezone.localdate(moment) + WITHIN if moment else None)


standing.register(
    "feedback.local_offer",
    lambda: IssuedReport.objects.filter(kind=ReportKind.LOCAL_OFFER).order_by("-issued_at").values("issued_at")[:1],
)


def suggested_days(today: date) -> tuple[date, date]:
    """The days that the next report is about: from the end of the last one, else a year, up to yesterday."""
    yesterday = today - timedelta(days=1)
    last = IssuedReport.objects.filter(kind=ReportKind.LOCAL_OFFER).order_by("-ends_on").values_list("ends_on").first()
    first = last[0] + timedelta(days=1) if last else today - WITHIN
    return (first if first < yesterday else today - WITHIN), yesterday
