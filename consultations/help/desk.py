"""Staff pages of help to take part: who waits for what, worst first, and one page with one press for each."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from django.views.generic import TemplateView

from accounts.rules import is_fis
from consultations.help import actions
from consultations.help.forms import MetOnForm, WhyNotForm
from consultations.help.models import HelpRequest
from consultations.help.queues import seen_by
from consultations.help.retention import kept_until
from consultations.help.stages import OPEN, TIMELINE, HelpStage
from consultations.queues import owner_words
from core.acting import ActingView
from core.dates import day_words, short_day_words, today
from core.permissions import Permission

PER_PAGE = 20
# Worst first: what is late, what waits, then what went wrong, then what went well.
WORST_FIRST = (HelpStage.LATE, HelpStage.ASKED, HelpStage.COULD_NOT, HelpStage.MET_LATE, HelpStage.MET)
COLOURS = {
    HelpStage.LATE: "late",
    HelpStage.ASKED: "awaiting",
    HelpStage.COULD_NOT: "withdrawn",
    HelpStage.MET_LATE: "closed",
    HelpStage.MET: "responded",
}


# --- The list


@dataclass(frozen=True)
class Asked:
    """What the address of the list asks for; what it does not know is left out."""

    stage: HelpStage | None
    words: str
    everyone: bool

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """What this address asks for."""
        stage = request.GET.get("stage", "")
        words = " ".join((request.GET.get("q") or "").replace("\x00", "").split())[:100]
        everyone = is_fis(request.user) and request.GET.get("show") != "mine"
        return cls(HelpStage(stage) if stage in HelpStage else None, words, everyone)


def requests_asked(user, asked: Asked, day: date) -> QuerySet[HelpRequest]:
    """The requests of a list, worst first: the longest late, then what is due soonest; of the settled the newest."""
    found = seen_by(HelpRequest.objects.with_whether_off(day), user, everyone=asked.everyone)
    if asked.stage:
        found = found.in_stage(asked.stage, on=day)
        if asked.stage in OPEN:
            found = found.filter(takes_place=True)
    if asked.words:
        found = found.filter(
            Q(consultation__title__icontains=asked.words)
            | Q(event__title__icontains=asked.words)
            | Q(consultation__organisation__name__icontains=asked.words)
            | Q(event__organisation__name__icontains=asked.words)
        )
    rank = Case(
        *(When(TIMELINE.within(stage, day), then=Value(place)) for place, stage in enumerate(WORST_FIRST)),
        default=Value(len(WORST_FIRST)),
    )
    off_last = Case(When(takes_place=False, met_on=None, could_not_on=None, then=Value(1)), default=Value(0))
    newest = Coalesce("met_on", "could_not_on").desc(nulls_first=True)
    return found.with_record().order_by(off_last, rank, newest, "due_on", "pk")


@dataclass(frozen=True)
class Row:
    """One request, as the pages show it."""

    request: HelpRequest
    colour: str
    words: str
    owner: str

    @classmethod
    def of(cls, request: HelpRequest, day: date) -> "Row":
        """How it stands: "3 days late", "by 4 December", "Met on 2 December"."""
        stage = HelpStage(TIMELINE.of(request, day))
        owner = owner_words(request.record.owner)
        if stage in OPEN and not request.takes_place:
            return cls(request, "closed", _("Called off: nothing to do"), owner)
        return cls(request, COLOURS[stage], stage_words(request, stage, day), owner)


def stage_words(request: HelpRequest, stage: HelpStage, day: date) -> str:
    """How far a request has got, with its day."""
    if stage == HelpStage.LATE:
        late = (day - request.due_on).days
        return ngettext("%(days)d day late", "%(days)d days late", late) % {"days": late}
    if stage == HelpStage.ASKED:
        if request.due_on == day:
            return _("due today")
        return _("by %(day)s") % {"day": short_day_words(request.due_on, day)}
    settled = short_day_words(request.met_on or request.could_not_on, day)
    return _("%(stage)s on %(day)s") % {"stage": stage.label, "day": settled}


class HelpRequests(TemplateView):
    """What families need to take part, worst first: of one's own services; of all, for who looks after the hub."""

    permission = Permission.USE_DESK
    template_name = "help/desk/list.html"

    def get_context_data(self, **kwargs):
        """A page of them, and how many there are of each stage."""
        user, day, asked = self.request.user, today(), Asked.of(self.request)
        page = Paginator(requests_asked(user, asked, day), PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            rows=[Row.of(each, day) for each in page],
            stages=[(stage.value, stage.label) for stage in WORST_FIRST],
            asked=asked,
            words=asked.words,
            everyone=asked.everyone,
            may_see_all=is_fis(user),
            **kwargs,
        )


# --- One request


class AboutRequest:
    """A staff page about one request: only for those who may see who asked."""

    permission = Permission.SETTLE_HELP
    request: HttpRequest
    kwargs: dict

    @cached_property
    def asked(self) -> HelpRequest:
        """The request for help."""
        rows = HelpRequest.objects.with_whether_off().with_record().select_related("asker")
        found = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not self.request.user.has_perm(self.permission, found):
            raise PermissionDenied
        return found

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not see it."""
        self.asked  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def go_back(self, words: str):
        """Say what was done, on the page of the request."""
        messages.success(self.request, words)
        return redirect(self.asked)


class OneRequest(AboutRequest, TemplateView):
    """What a family needs, how to reach them, and the buttons that settle it."""

    template_name = "help/desk/request.html"

    def get_context_data(self, **kwargs):
        """The request in words, and who asked, as long as the hub keeps that."""
        day, asked = today(), self.asked
        return super().get_context_data(
            asked=asked,
            row=Row.of(asked, day),
            asker=getattr(asked, "asker", None),
            settled_today=day in (asked.met_on, asked.could_not_on),
            kept_until=day_words(kept_until(asked), day),
            **kwargs,
        )


class Met(AboutRequest, View):
    """Say that the help is there: one press."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        """Say so today."""
        try:
            actions.mark_met(self.asked, by=request.user, on=today())
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
            return redirect(self.asked)
        return self.go_back(_("Marked as met. Thank you. Did you press it by mistake? “Undo” is below."))


class ActOnRequest(AboutRequest, ActingView):
    """A page with a form that settles a request."""

    template_name = "help/desk/settle.html"
    heading: str | Promise
    button: str | Promise

    def get_context_data(self, **kwargs):
        """What is settled."""
        return super().get_context_data(asked=self.asked, heading=self.heading, button=self.button, **kwargs)


class MetEarlier(ActOnRequest):
    """Say on which day the help was there."""

    form_class = MetOnForm
    heading = gettext_lazy("It was met on another day")
    button = gettext_lazy("It was met on this day")

    def act(self, said):
        """Say so."""
        actions.mark_met(self.asked, by=self.request.user, on=said["met_on"])
        return self.go_back(_("Marked as met. Thank you."))


class CouldNot(ActOnRequest):
    """Say why the help could not be given."""

    form_class = WhyNotForm
    heading = gettext_lazy("It could not be met")
    button = gettext_lazy("It could not be met")

    def act(self, said):
        """Say so."""
        actions.say_why_not(self.asked, by=self.request.user, on=today(), **said)
        return self.go_back(_("Noted, with the reason. The reports count it."))


class PutBack(AboutRequest, View):
    """Take back what was said of a request: one press."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        """It waits again."""
        actions.put_back(self.asked, by=request.user)
        return self.go_back(_("It waits again."))


class ForgetAsker(AboutRequest, View):
    """Delete who asked, because they want that or it is not needed any more. The request stays in the counts."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        """Delete it."""
        actions.forget_asker(self.asked, by=request.user)
        return self.go_back(_("Deleted. The hub does not know any more who asked."))


desk_urlpatterns = [
    path("desk/help/", HelpRequests.as_view(), name="help-requests"),
    path("desk/help/<int:pk>/", OneRequest.as_view(), name="help-request"),
    path("desk/help/<int:pk>/met/", Met.as_view(), name="help-met"),
    path("desk/help/<int:pk>/met-earlier/", MetEarlier.as_view(), name="help-met-earlier"),
    path("desk/help/<int:pk>/could-not/", CouldNot.as_view(), name="help-could-not"),
    path("desk/help/<int:pk>/put-back/", PutBack.as_view(), name="help-put-back"),
    path("desk/help/<int:pk>/forget/", ForgetAsker.as_view(), name="help-forget"),
]
