"""News of events for feed readers: the events of any list of dates, newest change first."""

from django.contrib.syndication.views import Feed
from django.db.models import Prefetch
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.translation import gettext as _

from consultations.events.finder import DateFinder
from consultations.events.listing import attendance_words, change_line, schedule_words, time_range_words
from consultations.events.models import Event, EventChange
from consultations.feeds import ENTRIES, AtomFeed, whole
from core.dates import day_words, today


class Events(Feed):
    """Events as an Atom feed. An event that was moved or cancelled comes to the top and says so."""

    feed_type = AtomFeed

    def get_object(self, request, *args, **kwargs):
        """What was asked for, as in the list."""
        return DateFinder(request.GET, today())

    def title(self, finder) -> str:
        """What the feed is."""
        chosen = ", ".join(remove["text"] for remove in finder.removes)
        return _("Events: %(chosen)s") % {"chosen": chosen} if chosen else _("Events for families")

    def link(self, finder) -> str:
        """The same list as a page."""
        return whole(reverse("events:find") + finder.query)

    def feed_url(self, finder) -> str:
        """This very feed."""
        return whole(reverse("events:feed") + finder.query)

    def items(self, finder):
        """The events that changed last, among those with a date in the list."""
        ids = [row.pk for row in finder.found.series]
        changes = EventChange.objects.order_by("-changed_on", "-pk")
        listed = Event.objects.published().filter(pk__in=ids).select_related("organisation")
        newest = listed.annotate(news_at=Greatest("published_at", "changed_at")).order_by("-news_at", "pk")
        return newest.prefetch_related(Prefetch("changes", changes))[:ENTRIES]

    def item_title(self, event) -> str:
        """The title, and when it takes place or that it does not."""
        if event.cancelled_on:
            return _("%(title)s (Cancelled)") % {"title": event.title}
        return f"{event.title} ({schedule_words(event) or _once(event)})"

    def item_description(self, event) -> str:
        """What changed last, where, and what happens there."""
        change = next(iter(event.changes.all()), None)
        lines = [change and change_line(change), attendance_words(event), event.summary]
        return "\n\n".join(line for line in lines if line)

    def item_link(self, event) -> str:
        """Its own page."""
        return whole(event.get_absolute_url())

    def item_guid(self, event) -> str:
        """An id that stays when the title or the address changes."""
        return f"tag:participation-hub,2026:event-{event.pk}"

    def item_pubdate(self, event):
        """When it was published."""
        return event.published_at

    def item_updateddate(self, event):
        """When it changed last."""
        return event.news_at

    def item_author_name(self, event) -> str:
        """Who runs it."""
        return event.organisation.name


def _once(event) -> str:
    day = day_words(event.first_day, today())
    if event.starts_at is None:
        return day
    return _("%(day)s, %(times)s") % {"day": day, "times": time_range_words(event.starts_at, event.ends_at)}
