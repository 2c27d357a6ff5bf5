"""What is said of parent checks: to a forum that chose one, to a parent who is asked. Never in anybody's words."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership, Role
from accounts.notices import Chased
from feedback.parents.actions import LINK_LASTS, quarter_of
from feedback.parents.links import link_of
from feedback.parents.models import ParentCheck, Suggestion
from notices.reasons import ForFamilies, Line, register


@register
class ParentCheckChosen(Chased):
    """What a forum chose to look at, as the day comes by which it meant to. Nobody else is told."""

    name = "parent-check-chosen"
    label = gettext_lazy("A forum means to look at a promise")
    heading = gettext_lazy("Your forum meant to ask parents about this")
    ends = gettext_lazy("This reminder stops by itself when you say what parents say, or drop it.")
    anchors = {"look_by": gettext_lazy("the day by which the forum means to look")}

    def things(self, day: date) -> QuerySet:
        """What was chosen and is not told of."""
        return ParentCheck.objects.chosen().annotate(
            to_owner=Coalesce(F("chosen_by__user__email"), Value("")),
            owner_left=Value(False),
            to_deputy=Value(""),
            to_team=F("forum__mailbox"),
            organisation_id=F("forum_id"),
            volunteers=Value(True),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Which promise it is, and the page to say it on."""
        rows = ParentCheck.objects.chosen().filter(pk__in=ids).select_related("entry__organisation")
        return {
            check.pk: Line(
                title=check.title,
                url=check.entry.get_absolute_url(),
                what=_("%(service)s says that it is done") % {"service": check.entry.organisation.name},
                families="",
                button=_("Say what parents say"),
                button_url=reverse("feedback:parent-check", args=[check.entry_id]),
                due_on=check.look_by,
            )
            for check in rows.defer("entry__search")
        }


@register
class ParentChecksSuggested(Chased):
    """Once a quarter: what a forum may want to look at. It chooses, and nothing happens if it does not."""

    name = "parent-checks-suggested"
    label = gettext_lazy("What a forum may want to look at this quarter")
    heading = gettext_lazy("Did these things happen?")
    ends = gettext_lazy("We suggest at most five things a quarter. You choose; you need not look at any.")
    anchors = {"quarter": gettext_lazy("the first day of the quarter")}

    def things(self, day: date) -> QuerySet:
        """The reviewers of forums to which something was suggested in this quarter."""
        quarter = quarter_of(day)
        offered = Suggestion.objects.filter(forum=OuterRef("organisation"), quarter=quarter)
        reviewers = Membership.objects.active().filter(Exists(offered), role=Role.PARENT_REVIEWER)
        return reviewers.annotate(
            quarter=Value(quarter),
            to_owner=F("user__email"),
            owner_left=Value(False),
            to_deputy=Value(""),
            to_team=Value(""),
            volunteers=Value(True),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Where they stand."""
        page = reverse("feedback:parent-checks")
        return {
            membership.pk: Line(
                title=_("What services say they have done"),
                url=page,
                what=_("Choose what your forum wants to ask parents about"),
                families="",
                button=_("See what is suggested"),
                button_url=page,
                due_on=None,
            )
            for membership in Membership.objects.filter(pk__in=ids)
        }


@register
class ParentInvited(ForFamilies):
    """One parent is asked whether a promise was kept. Once, to the address that somebody gave."""

    name = "parent-invited"
    label = gettext_lazy("A parent is asked whether something happened")
    heading = gettext_lazy("Did this happen?")
    why = gettext_lazy(
        "You get this because somebody thought that you can tell. We do not write to you about it again."
    )
    ends = gettext_lazy("You need not answer.")
    anchors = {"asked_on": gettext_lazy("the day somebody asked")}
    replies = True
    LASTS = timedelta(days=7)

    def things(self, day: date) -> QuerySet:
        """Those who were asked in this week and have not answered."""
        asked = ParentCheck.objects.invited().filter(chosen_on__gt=day - self.LASTS, chosen_on__lte=day)
        return self.without_staff(asked.exclude(email="")).annotate(asked_on=F("chosen_on"), address=Lower("email"))

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Which promise it is, and the link that works once."""
        rows = ParentCheck.objects.invited().filter(Q(chosen_on__gt=day - LINK_LASTS), pk__in=ids)
        rows = rows.select_related("entry__organisation").defer("entry__search")
        return {
            check.pk: Line(
                title=check.title,
                url=check.entry.get_absolute_url(),
                what=_("%(service)s says that it is done") % {"service": check.entry.organisation.name},
                families="",
                button=_("Say whether it happened"),
                button_url=link_of(check),
                due_on=None,
                service=check.entry.organisation.name,
            )
            for check in rows
        }
