"""Events in the site search: a hit says when it takes place next."""

from collections.abc import Sequence
from datetime import date

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consultations.events.listing import attendance_words, repeat_words
from consultations.events.models import Event
from consultations.events.recurrence import Terms, upcoming
from core import searching
from core.dates import day_words
from core.models import SchoolTerm
from core.searching import Hit


def hits(ids: Sequence[int], day: date) -> dict[int, Hit]:
    """These events as the site search shows them. Three queries."""
    rows = Event.objects.published().filter(pk__in=ids).select_related("organisation").prefetch_related("dates")
    terms = Terms(SchoolTerm.objects.all())
    return {row.pk: _hit(row, terms, day) for row in rows.defer("search")}


def _hit(event: Event, terms: Terms, day: date) -> Hit:
    to_come = upcoming(event, list(event.dates.all()), terms, day, 1, cancelled=False)
    if event.cancelled_on:
        colour, words = "withdrawn", _("Cancelled")
    elif to_come:
        colour, words = "open", _("Next: %(day)s") % {"day": day_words(to_come[0].on, day)}
    else:
        colour, words = "closed", _("No date is known")
    return Hit(
        title=event.title,
        url=event.get_absolute_url(),
        text=event.summary,
        facts=[fact for fact in (attendance_words(event), repeat_words(event), event.organisation.name) if fact],
        tag=f"stage-{colour}",
        tag_text=words,
    )


def register_search() -> None:
    """Called when the app is ready."""
    searching.register(
        searching.Kind(
            name="event",
            title=gettext_lazy("Events"),
            public=lambda: Event.objects.published(),
            hits=hits,
            newest=(F("published_at").desc(), "pk"),
        )
    )
