"""What is done for the report of the local offer: sort a comment, and publish the report."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import history
from feedback.actions import issue_report
from feedback.local_offer.report import comments, count_of, gather, to_read, unanswered
from feedback.models import FeedbackEntry, IssuedReport, LocalOfferPart, ReportKind


@transaction.atomic
def sort_comment(entry: FeedbackEntry, *, by, part: str, left_out: str = "") -> None:
    """Say which part of the local offer a comment is about, if any, and whether the report leaves it out and why."""
    entry = FeedbackEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    entry.local_offer = part
    entry.left_out = "" if part in ("", LocalOfferPart.NOT) else left_out
    with history.label(by=by, did="sorted the comment for the local offer"):
        entry.clean_fields(exclude=[each.name for each in entry._meta.fields if each.name not in SORTED])
        entry.save(update_fields=[*SORTED, "changed_at"])


# What sorting writes; whatever else the entry lacks is no matter then.
SORTED = ("local_offer", "left_out")


@transaction.atomic
def publish_report(*, by, on: date, first: date, last: date, after: int) -> IssuedReport:
    """Publish the report about some days, and freeze it.

    Raises ValidationError while a comment in it lacks its answer, or one of these
    days is not read yet, or when it has none; Conflict when somebody else has published it meanwhile.
    """
    open_ones = unanswered(comments(first, last))
    if open_ones:
        words = ngettext(
            "%(count)d comment has no answer yet that families can see. Answer it first.",
            "%(count)d comments have no answer yet that families can see. Answer them first.",
            len(open_ones),
        )
        raise ValidationError(words % {"count": len(open_ones)})
    if waiting := to_read(first, last).count():
        words = ngettext(
            "%(count)d comment of these days is not read yet. Read it first.",
            "%(count)d comments of these days are not read yet. Read them first.",
            waiting,
        )
        raise ValidationError(words % {"count": waiting})
    content = gather(first, last, on)
    if not count_of(content) and not content["left_out"]:
        raise ValidationError(
            _("No comment of these days is about the local offer. Sort them first, or choose other days.")
        )
    return issue_report(
        by=by, on=on, kind=ReportKind.LOCAL_OFFER, starts_on=first, ends_on=last, content=content, after=after
    )
