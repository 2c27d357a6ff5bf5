"""What is said of what families tell us: to those who read it, and to the families themselves. Never in their words."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import DateField, F, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Lower
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from accounts.notices import Chased
from core.dates import day_words
from feedback.comments.actions import FOLLOWED
from feedback.comments.models import Checker, Comment, Outcome
from feedback.comments.stages import Attention, attention
from feedback.models import AnswerState
from feedback.stages import answer_words, owed_words
from notices.reasons import ForFamilies, Line, register


@register
class CommentsUnread(Chased):
    """What families tell us, when nobody has read it: those who promised to read, then the service and its sponsor.

    It is about the council that keeps the hub, and counts from the day on which
    somebody last read. Reading ends it.
    """

    name = "comments-unread"
    label = gettext_lazy("Nobody reads what families tell us")
    heading = gettext_lazy("Somebody has to read what families tell us")
    ends = gettext_lazy("This reminder stops by itself when somebody opens the list.")
    anchors = {
        "last_read_on": gettext_lazy("the last day on which somebody read"),
        "shuts_on": gettext_lazy("the day on which the form closes"),
    }

    def things(self, day: date) -> QuerySet:
        """The council that keeps the hub, once somebody has promised to read."""
        now = attention(day)
        keeper = Organisation.objects.filter(is_keeper=True)
        readers = Checker.objects.active().order_by("since", "pk").values("membership__user__email")
        # Without a day there is no reminder.
        last_read_on = None if now.is_off else now.last_read_on
        return keeper.annotate(
            last_read_on=Cast(Value(last_read_on), DateField()),
            shuts_on=Cast(Value(now.shuts_on), DateField()),
            to_owner=Coalesce(Subquery(readers[:1]), Value("")),
            owner_left=Value(False),
            to_deputy=Coalesce(Subquery(readers[1:2]), Value("")),
            to_team=F("mailbox"),
            organisation_id=F("pk"),
            volunteers=Value(False),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Since when, and how much waits."""
        now = attention(day)
        if now.last_read_on is None:
            return {}
        waiting = Comment.objects.to_read().count()
        page = reverse("feedback:comments")
        return {
            pk: Line(
                title=_("What families tell us"),
                url=page,
                what=_unread_words(now, waiting),
                families="",
                button=_("Read it"),
                button_url=page,
                due_on=None,
                sponsor_button=_("See who reads it"),
            )
            for pk in Organisation.objects.filter(pk__in=ids).values_list("pk", flat=True)
        }


def _unread_words(now: Attention, waiting: int) -> str:
    since = day_words(now.last_read_on, now.day)
    if now.is_open:
        words = _("Nobody has read it since %(day)s. The form closes after %(last)s")
        return words % {"day": since, "last": day_words(now.read_by, now.day)}
    words = _("Nobody has read it since %(day)s. The form is closed. Waiting: %(count)s")
    return words % {"day": since, "count": f"{waiting:,}"}


class AboutWhatYouToldUs(ForFamilies):
    """Said to somebody who told us something, in words that anybody could read."""

    LASTS = timedelta(days=30)

    @staticmethod
    def line(comment: Comment, what: str, button: str, url: str, service: str = "") -> Line:
        """By its day and nothing else."""
        return Line(
            title=_("What you told us on %(day)s") % {"day": day_words(comment.heard_on)},
            # Its own, so that two comments are not taken for one.
            url=f"{reverse('tell-us')}#{comment.pk}",
            what=what,
            families="",
            button=button,
            button_url=url,
            due_on=None,
            service=service,
        )


@register
class ToldUsNews(AboutWhatYouToldUs):
    """News for somebody who asked for it: we have read it; the service has answered; the answer has moved on.

    Nothing is said of what was referred, nor of what was pointed to help, which has a mail of its own.
    """

    name = "told-us-news"
    label = gettext_lazy("News for a family: what became of what it told us")
    anchors = {
        "decided_on": gettext_lazy("the day we decided"),
        "moved_on": gettext_lazy("the day families were last told"),
    }
    by_day_alone = True
    follows = FOLLOWED
    SAID = (Outcome.PASSED_ON, Outcome.MERGED, Outcome.NOT_OURS, Outcome.LEFT_OUT)

    def things(self, day: date) -> QuerySet:
        """What was decided, or moved on, in this month."""
        since = day - self.LASTS
        rows = Comment.objects.filter(outcome__in=self.SAID, decided_on__lte=day).annotate(
            moved_on=F("entry__updated_on")
        )
        recent = rows.filter(Q(decided_on__gt=since) | Q(moved_on__gt=since, moved_on__lte=day))
        return self.without_staff(recent)

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """How far it has got, and its page."""
        rows = Comment.objects.filter(pk__in=ids, outcome__in=self.SAID)
        rows = rows.select_related("entry__organisation", "entry__owner__user").defer("text", "entry__search")
        return {row.pk: self._line(row, day) for row in rows}

    def _line(self, comment: Comment, day: date) -> Line:
        entry = comment.entry
        if entry is None or not entry.is_published:
            what = _("We have read it, and do not publish it")
            return self.line(comment, what, _("See what we publish, and who else can help"), reverse("tell-us"))
        if entry.answer == AnswerState.NONE:
            what = _("We passed it on. %(answer)s") % {"answer": owed_words(entry, day)}
            button = _("See what we passed on")
        else:
            what, button = answer_words(entry, day), _("Read the answer")
        return self.line(comment, what, button, entry.get_absolute_url(), entry.organisation.name)


@register
class PointToHelp(AboutWhatYouToldUs):
    """The reply to somebody who wrote about the support of one person: who can help. Once, to the address they gave."""

    name = "point-to-help"
    label = gettext_lazy("A family is told who can help")
    why = gettext_lazy("You get this because you gave us this address. We do not write to you about it again.")
    anchors = {"helped_on": gettext_lazy("the day we read it")}
    replies = True
    LASTS = timedelta(days=7)

    def things(self, day: date) -> QuerySet:
        """What was pointed to help in this week, where an address was given."""
        helped = Comment.objects.filter(outcome=Outcome.HELPED, decided_on__gt=day - self.LASTS, decided_on__lte=day)
        return self.without_staff(helped.exclude(email="")).annotate(helped_on=F("decided_on"), address=Lower("email"))

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Who can help, with how to reach them."""
        rows = Comment.objects.filter(pk__in=ids, outcome=Outcome.HELPED).prefetch_related("help_from").defer("text")
        return {
            row.pk: self.line(
                row,
                _("These people can help you with it"),
                _("See how to reach them"),
                f"{reverse('tell-us')}#help",
                "; ".join(_route_words(route) for route in row.help_from.all()),
            )
            for row in rows
        }


def _route_words(route) -> str:
    ways = [each for each in (route.phone, route.email, route.url) if each]
    return f"{route.name}: {', '.join(ways)}" if ways else f"{route.name}: {route.what_for}"
