"""Staff pages of the forward plan: its picture, intentions, clashes, load, umbrella plans, weeks before elections."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from accounts.rules import is_fis, paths_of, reach, roles_of
from consultations.models import Consultation
from consultations.plan import actions
from consultations.plan.asked_before import asked_before, earlier
from consultations.plan.clashes import Names, clashes_of, count_open, kind_of, window_of
from consultations.plan.forms import (
    DecisionForm,
    IntentionForm,
    PlainForm,
    PreElectionForm,
    RelatedForm,
    UmbrellaForm,
)
from consultations.plan.load import Load
from consultations.plan.models import UNDO_WITHIN, ClashDecision, Intention, Umbrella, Window
from consultations.plan.timeline import Stretch, Timeline, holidays, line_of, months_from
from core.acting import ActingView
from core.dates import today
from core.finding import Term
from core.models import PreElectionPeriod, SchoolTerm
from core.permissions import Permission
from core.publishing import Conflict

PER_PAGE = 20
# So many asks stand in one picture, and in the table below it.
IN_PICTURE = 60
# How many months a picture may show, the usual number first.
SPANS = (12, 6, 3, 1, 24)
# So many clashes and decisions stand on the plan's own page; all are on theirs.
FIRST_FEW = 3
# Open clashes are looked for among so many of a person's own asks, the soonest.
LOOKED_AT = 100


# --- The plan


class Chosen:
    """What somebody asked the plan for in its address; what it does not know is left out."""

    def __init__(self, asked, day: date):
        self.by = "area" if asked.get("by") == "area" else "audience"
        self.names = Names()
        self.audience: Term | None = self.names.terms("audience").get(asked.get("audience", ""))
        self.area: Term | None = self.names.terms("area").get(asked.get("area", ""))
        self.first = max(_month(asked.get("from", "")) or day, day).replace(day=1)
        months = asked.get("months", "")
        self.months = next((span for span in SPANS if str(span) == months), SPANS[0])
        self.last = months_from(self.first, self.months)

    def narrow(self, windows):
        """The windows of these families."""
        if self.audience:
            windows = windows.filter(audiences__overlap=list(self.audience.ids))
        if self.area:
            windows = windows.filter(areas__overlap=list(self.area.ids))
        return windows

    def terms(self, facet: str) -> list[tuple[str, str, bool]]:
        """Each term of a list to choose, and whether it is chosen."""
        chosen = getattr(self, facet)
        return [(key, term.text, term == chosen) for key, term in self.names.terms(facet).items()]

    def starts(self, day: date) -> list[tuple[str, str, bool]]:
        """The months that a picture can start with."""
        numbers = range(day.year * 12 + day.month - 1, day.year * 12 + day.month + 17)
        firsts = {date(number // 12, number % 12 + 1, 1) for number in numbers} | {self.first}
        return [(f"{each:%Y-%m}", date_format(each, "F Y"), each == self.first) for each in sorted(firsts)]

    def spans(self) -> list[tuple[int, str, bool]]:
        """How many months a picture can show."""
        words = "%(count)d month", "%(count)d months"
        return [(each, ngettext(*words, each) % {"count": each}, each == self.months) for each in sorted(SPANS)]


def _month(words: str) -> date | None:
    """The first of a month such as 2027-03, within what a calendar can hold."""
    year, _dash, month = words.partition("-")
    if len(words) != 7 or not words.isascii() or not (year + month).isdecimal():
        return None
    return date(int(year), int(month), 1) if 2000 <= int(year) <= 2100 and 1 <= int(month) <= 12 else None


class Plan(TemplateView):
    """The shared plan of all agencies: a picture of the coming months, and the same as a table."""

    permission = Permission.USE_DESK
    template_name = "plan/desk/plan.html"

    def get_context_data(self, **kwargs):
        """The asks of the page, in words, in the picture, with what is open about the person's own."""
        user, day = self.request.user, today()
        chosen = Chosen(self.request.GET, day)
        # Of the month that has begun, what is over helps nobody to plan.
        ahead = Window.objects.between(max(chosen.first, day), chosen.last)
        rows = chosen.narrow(ahead).for_plan().order_by("weeks", "pk")
        page = Paginator(rows, IN_PICTURE).get_page(self.request.GET.get("page"))
        lines = [line_of(window, day, chosen.names) for window in page]
        only = getattr(chosen, chosen.by)
        groups = [only] if only else list(chosen.names.terms(chosen.by).values())
        picture = Timeline(lines, groups, by=chosen.by, first=chosen.first, last=chosen.last, today=day)
        stretches = stretches_between(chosen.first, chosen.last)
        open_of = count_open([each.window.pk for each in lines], day)
        mine = clashes_of_mine(user, day)
        decisions = ClashDecision.objects.concerning(user).for_list()[: FIRST_FEW + 1]
        return super().get_context_data(
            chosen=chosen,
            page=page,
            rows=[
                {
                    "line": line,
                    "open": open_of.get(line.window.pk, 0),
                    "url": own_url(user, line.window),
                    "clashes_url": clashes_url(line.window.ask) if own_url(user, line.window) else "",
                }
                for line in lines
            ],
            picture=picture,
            shaded=picture.shaded(stretches),
            stretches=stretches,
            starts=chosen.starts(day),
            audiences=chosen.terms("audience"),
            areas=chosen.terms("area"),
            mine=mine,
            decisions=list(decisions)[:FIRST_FEW],
            more_decisions=len(decisions) > FIRST_FEW,
            may_add=user.has_perm(Permission.ADD_INTENTION),
            may_edit_terms=user.has_perm(Permission.EDIT_TERMS),
            **kwargs,
        )


def stretches_between(first: date, last: date) -> list[Stretch]:
    """School holidays and the weeks before elections between two days, in order. Two queries."""
    elections = [
        Stretch(each.name, "election", each.starts_on, each.ends_on)
        for each in PreElectionPeriod.objects.filter(starts_on__lte=last, ends_on__gte=first)
    ]
    found = [*holidays(SchoolTerm.objects.all(), first, last), *elections]
    return sorted(found, key=lambda each: (each.starts_on, each.name))


def may_change(user, ask) -> bool:
    """Whether the person writes for the body of an ask, or owns it; without a query for each row of a list."""
    if is_fis(user) or any(ask.organisation.path.startswith(path) for path in paths_of(user)):
        return True
    held = [membership.pk for membership in roles_of(user)]
    return ask.owner_id in held or getattr(ask, "deputy_id", None) in held


def own_url(user, window: Window) -> str:
    """Where the person changes an ask of their own; empty for those of others."""
    ask = window.ask
    if not may_change(user, ask):
        return ""
    if window.consultation:
        return reverse("consultations:desk-consultation", args=[ask.slug])
    return reverse("plan:intention", args=[ask.pk])


def clashes_url(ask) -> str:
    """Where the clashes of an ask are decided."""
    return (
        reverse("plan:clashes", args=[ask.slug])
        if isinstance(ask, Consultation)
        else reverse("plan:intention-clashes", args=[ask.pk])
    )


def clashes_of_mine(user, day: date) -> list[dict]:
    """The person's own asks that have open clashes, those with the most first. Four queries."""
    asks = {
        "intention": Intention.objects.kept().changeable_by(user),
        "consultation": Consultation.objects.visible_to(user).filter(_theirs(user)),
    }
    if is_fis(user):  # who looks after the hub looks after all of it: they see what nobody has decided
        own = Window.objects.all()
    else:
        own = Window.objects.filter(intention__in=asks["intention"]) | Window.objects.filter(
            consultation__in=asks["consultation"]
        )
    soonest = own.filter(weeks__overlap=(day, None)).order_by("weeks", "pk").values_list("pk", flat=True)[:LOOKED_AT]
    counted = count_open(list(soonest), day)
    windows = Window.objects.for_plan().in_bulk(counted)
    found = [
        {"ask": windows[pk].ask, "count": count, "url": clashes_url(windows[pk].ask)} for pk, count in counted.items()
    ]
    return sorted(found, key=lambda each: (-each["count"], each["ask"].title))


def _theirs(user):
    held = [membership.pk for membership in roles_of(user)]
    return reach(user) | Q(owner__in=held) | Q(deputy__in=held)


# --- Intentions


def intentions_of(chosen: Chosen, day: date):
    """What every agency means to ask among the families that were chosen, soonest first, until it is over."""
    rows = Intention.objects.kept().filter(ends_on__gte=day)
    if chosen.audience:
        rows = rows.filter(pk__in=_having(Intention.audiences, "audience", chosen.audience))
    if chosen.area:
        rows = rows.filter(pk__in=_having(Intention.areas, "area", chosen.area))
    rows = rows.select_related("organisation", "owner__user", "consultation", "joins")
    return rows.defer("consultation__search", "joins__search").prefetch_related("audiences", "areas")


class Intentions(TemplateView):
    """What every agency means to ask, soonest first, and what the person removed lately."""

    permission = Permission.USE_DESK
    template_name = "plan/desk/intentions.html"

    def get_context_data(self, **kwargs):
        """A page of intentions, and those that can still be put back."""
        user, day = self.request.user, today()
        chosen = Chosen(self.request.GET, day)
        page = Paginator(intentions_of(chosen, day), PER_PAGE).get_page(self.request.GET.get("page"))
        removed = Intention.objects.changeable_by(user).removed_since(timezone.now() - UNDO_WITHIN)
        return super().get_context_data(
            page=page,
            rows=[(each, may_change(user, each)) for each in page],
            chosen=chosen,
            audiences=chosen.terms("audience"),
            areas=chosen.terms("area"),
            removed=removed.select_related("organisation").order_by("-removed_at")[:PER_PAGE],
            may_add=user.has_perm(Permission.ADD_INTENTION),
            **kwargs,
        )


def _having(field, name: str, term: Term):
    """The intentions with a term in one of their lists."""
    return field.through.objects.filter(**{f"{name}_id__in": term.ids}).values("intention_id")


class AboutIntention:
    """A staff page about one intention: only for those who may change it."""

    permission = Permission.EDIT_INTENTION
    request: Any
    kwargs: dict

    @cached_property
    def ask(self) -> Intention:
        """The intention, which may have been removed only where it is put back."""
        rows = Intention.objects.select_related("organisation", "owner__user", "joins", "consultation")
        intention = get_object_or_404(rows.defer("joins__search", "consultation__search"), pk=self.kwargs["pk"])
        if not self.request.user.has_perm(self.permission, intention):
            raise PermissionDenied
        if intention.removed_at and not getattr(self, "also_removed", False):
            raise Http404
        return intention

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not change it."""
        self.ask  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def get_context_data(self, **kwargs):
        """Which one it is."""
        return super().get_context_data(ask=self.ask, **kwargs)  # type: ignore[misc]


class EditIntention(ActingView):
    """One plain form for an intention."""

    template_name = "plan/desk/intention.html"
    form_class = IntentionForm
    ask: Intention | None = None

    def get_form_kwargs(self):
        """The intention as it is, and who changes it."""
        return super().get_form_kwargs() | {"instance": self.ask, "user": self.request.user}

    def act(self, said):
        """Write it down, and warn at once of what it falls together with."""
        form = self._form
        try:
            intention = actions.save_intention(
                form.instance, by=self.request.user, lists=form.lists(), version=said.get("version")
            )
        except Conflict:
            raise ValidationError(
                _("Somebody else changed it while you typed. Copy what you need, and open this page again.")
            ) from None
        return after_saving(self.request, intention)

    def form_valid(self, form):
        """Keep the form, whose row the action needs."""
        self._form = form
        return super().form_valid(form)

    def get_context_data(self, **kwargs):
        """What was asked before about the same things."""
        before = []
        if self.ask and self.ask.pk:
            topics = list(self.ask.topics.values_list("pk", flat=True))
            areas = list(self.ask.areas.values_list("pk", flat=True))
            before = earlier(topics, areas, today())
        return super().get_context_data(**{"ask": self.ask, "asked_before": before} | kwargs)


def after_saving(request, ask) -> HttpResponse:
    """To its clashes when it has open ones, else back to the plan."""
    found = clashes_of(ask, today())
    if found.open:
        messages.warning(
            request,
            ngettext(
                "Saved. %(count)d other ask falls on the same families in these weeks. Choose what to do.",
                "Saved. %(count)d other asks fall on the same families in these weeks. Choose what to do.",
                len(found.open),
            )
            % {"count": len(found.open)},
        )
        return redirect(clashes_url(ask))
    messages.success(request, _("Saved. Every service can see it in the plan."))
    return redirect("plan:timeline")


class AddIntention(EditIntention):
    """A new intention."""

    permission = Permission.ADD_INTENTION

    def get_form_kwargs(self):
        """Nothing is there yet."""
        return super().get_form_kwargs() | {"instance": Intention()}


class ChangeIntention(AboutIntention, EditIntention):
    """The intention as it is, to be changed."""


@dataclass(frozen=True)
class Words:
    """What a page that does one thing says: its heading, what will happen, and its button."""

    heading: str
    text: str
    button: str
    warns: bool = False


class OneThing(ActingView):
    """A page with one button that does one thing."""

    template_name = "plan/desk/act.html"
    form_class: type[forms.Form] = PlainForm
    words: Words
    done: Any
    ask: Any

    def do(self) -> None:
        """Do it. Raises ValidationError when it is refused."""
        raise NotImplementedError

    @property
    def back(self) -> str:
        """Where to go afterwards."""
        return reverse("plan:intentions")

    def act(self, said) -> HttpResponse:
        """Do it, say so, and go back."""
        self.do()
        messages.success(self.request, self.done)
        return redirect(self.back)

    def get_context_data(self, **kwargs):
        """The words of the page."""
        return super().get_context_data(words=self.words, back=self.back, **kwargs)


class RemoveIntention(AboutIntention, OneThing):
    """Take an intention off the plan."""

    words = Words(
        gettext_lazy("Take it off the plan?"),
        gettext_lazy("No service sees it any more. You can put it back for 30 days."),
        gettext_lazy("Take it off"),
        warns=True,
    )
    done = gettext_lazy("It is off the plan. You can put it back below for 30 days.")

    def do(self):
        """Take it off."""
        actions.remove_intention(self.ask, by=self.request.user, at=timezone.now())


class PutBackIntention(AboutIntention, OneThing):
    """Put a removed intention back."""

    also_removed = True
    words = Words(
        gettext_lazy("Put it back on the plan?"),
        gettext_lazy("Every service sees it again."),
        gettext_lazy("Put it back"),
    )
    done = gettext_lazy("It is on the plan again.")

    def do(self):
        """Put it back."""
        actions.put_back_intention(self.ask, by=self.request.user, at=timezone.now())


class AskAlone(AboutIntention, OneThing):
    """The intention no longer joins another's consultation."""

    words = Words(
        gettext_lazy("Ask alone after all?"),
        gettext_lazy("It has weeks of its own in the plan again."),
        gettext_lazy("Ask alone"),
    )
    done = gettext_lazy("It stands in the plan by itself again.")

    def do(self):
        """Let it go."""
        actions.ask_alone_again(self.ask, by=self.request.user)


# --- Clashes


class AboutConsultation:
    """A staff page about one consultation and the plan: only for those who may change it."""

    permission = Permission.EDIT_CONSULTATION
    request: Any
    kwargs: dict

    @cached_property
    def ask(self) -> Consultation:
        """The consultation."""
        rows = Consultation.objects.kept().select_related("organisation", "owner__user").defer("search")
        consultation = get_object_or_404(rows, slug=self.kwargs["slug"])
        if not self.request.user.has_perm(self.permission, consultation):
            raise PermissionDenied
        return consultation

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not change it."""
        self.ask  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def get_context_data(self, **kwargs):
        """Which one it is."""
        return super().get_context_data(ask=self.ask, **kwargs)  # type: ignore[misc]


class ClashesOfOne(TemplateView):
    """What one ask falls together with, the worst first: what is open, and what was decided."""

    template_name = "plan/desk/clashes.html"
    ask: Any

    def get_context_data(self, **kwargs):
        """Each clash with its button."""
        day = today()
        found = clashes_of(self.ask, day)
        return super().get_context_data(
            found=found,
            window=window_of(self.ask),
            listing=self.ask if isinstance(self.ask, Consultation) else None,
            open=[self._row(each, day) for each in found.open],
            settled=[self._row(each, day) for each in found.settled],
            **kwargs,
        )

    def _row(self, clash, day: date) -> dict:
        about = self.ask.slug if isinstance(self.ask, Consultation) else self.ask.pk
        name = "plan:clash" if isinstance(self.ask, Consultation) else "plan:intention-clash"
        return {
            "clash": clash,
            "line": line_of(clash.window, day, clash.names),
            "url": reverse(name, args=[about, clash.window.pk]),
        }


class IntentionClashes(AboutIntention, ClashesOfOne):
    """The clashes of an intention."""


class ConsultationClashes(AboutConsultation, ClashesOfOne):
    """The clashes of a consultation."""


class Decide(ActingView):
    """Choose what to do about one clash: ask together, move, or go ahead with a reason."""

    template_name = "plan/desk/decide.html"
    form_class = DecisionForm
    ask: Any

    @cached_property
    def clash(self):
        """The clash with this window."""
        found = clashes_of(self.ask, today(), most=1000).named
        clash = next((each for each in found if each.window.pk == self.kwargs["window"]), None)
        if clash is None:
            raise Http404
        return clash

    def get_initial(self):
        """What was decided before."""
        made = self.clash.decision
        if made is None or (made.consultation_id, made.intention_id) != self._own:
            return {}
        return {"choice": made.choice, "reason": made.reason}

    @property
    def _own(self) -> tuple:
        return (self.ask.pk, None) if kind_of(self.ask) == "consultation" else (None, self.ask.pk)

    def act(self, said):
        """Decide it, and go on to what is still open."""
        other = self.clash.ask
        actions.decide_clash(self.ask, by=self.request.user, other=other, on=today(), **said)
        messages.success(self.request, _("Decided. %(service)s can read it.") % {"service": other.organisation.name})
        return redirect(clashes_url(self.ask) if window_of(self.ask) else reverse("plan:timeline"))

    def get_context_data(self, **kwargs):
        """Both of them in words."""
        return super().get_context_data(
            clash=self.clash,
            line=line_of(self.clash.window, today(), self.clash.names),
            back=clashes_url(self.ask),
            **kwargs,
        )


class DecideOfIntention(AboutIntention, Decide):
    """One clash of an intention."""


class DecideOfConsultation(AboutConsultation, Decide):
    """One clash of a consultation."""


class Decisions(TemplateView):
    """Every clash of the person's asks: what is still open, and what either side decided."""

    permission = Permission.USE_DESK
    template_name = "plan/desk/decisions.html"

    def get_context_data(self, **kwargs):
        """The open ones, and a page of decisions, the newest first."""
        user = self.request.user
        made = ClashDecision.objects.concerning(user).for_list()
        page = Paginator(made, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(mine=clashes_of_mine(user, today()), page=page, **kwargs)


# --- Load


class StaffLoad(TemplateView):
    """How much the same families are asked, month by month: all that is planned or listed."""

    permission = Permission.USE_DESK
    template_name = "plan/desk/load.html"

    def get_context_data(self, **kwargs):
        """The table, and the busiest in sentences."""
        return super().get_context_data(**load_of(self.request.GET, public=False), **kwargs)


def load_of(asked, *, public: bool) -> dict:
    """What a page about load shows, of what its address asks for."""
    other = "audience" if asked.get("by") == "area" else "area"
    load = Load(today(), by=asked.get("by", ""), among=asked.get(other, ""), public=public)
    return {
        "by": load.by,
        "other": other,
        "among": load.among,
        "choices": [(key, term.text, term == load.among) for key, term in load.names.terms(other).items()],
        "months": load.month_names,
        "rows": load.rows(),
        "busiest": load.busiest(),
    }


# --- Umbrella plans


class Umbrellas(TemplateView):
    """The umbrella plans of all agencies."""

    permission = Permission.USE_DESK
    template_name = "plan/desk/umbrellas.html"

    def get_context_data(self, **kwargs):
        """A page of plans, each with how much belongs to it."""
        user = self.request.user
        counted = Umbrella.objects.kept().annotate(
            asked=Count("consultations", distinct=True), meant=Count("intentions", distinct=True)
        )
        counted = counted.select_related("organisation").order_by("title", "pk")
        page = Paginator(counted, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            rows=[(each, self._url(each), "open" if each.is_published else "forthcoming") for each in page],
            may_add=user.has_perm(Permission.ADD_INTENTION),
            **kwargs,
        )

    def _url(self, umbrella: Umbrella) -> str:
        """Where the person changes a plan of their own, or reads one that is published."""
        if may_change(self.request.user, umbrella):
            return reverse("plan:edit-umbrella", args=[umbrella.slug])
        return umbrella.get_absolute_url() if umbrella.is_published else ""


class AboutUmbrella:
    """A staff page about one umbrella plan: only for those who may do this with it."""

    permission = Permission.EDIT_UMBRELLA
    request: Any
    kwargs: dict

    @cached_property
    def ask(self) -> Umbrella:
        """The plan."""
        rows = Umbrella.objects.kept().select_related("organisation", "owner__user")
        umbrella = get_object_or_404(rows, slug=self.kwargs["slug"])
        if not self.request.user.has_perm(self.permission, umbrella):
            raise PermissionDenied
        return umbrella

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not."""
        self.ask  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def get_context_data(self, **kwargs):
        """Which plan, and whether the person may publish it."""
        may_publish = self.request.user.has_perm(Permission.PUBLISH_UMBRELLA, self.ask)
        return super().get_context_data(ask=self.ask, may_publish=may_publish, **kwargs)  # type: ignore[misc]


class EditUmbrella(ActingView):
    """One plain form for a plan and what belongs to it."""

    template_name = "plan/desk/umbrella.html"
    form_class = UmbrellaForm
    ask: Umbrella | None = None

    def get_form_kwargs(self):
        """The plan as it is, and who changes it."""
        return super().get_form_kwargs() | {"instance": self.ask, "user": self.request.user}

    def act(self, said):
        """Write it down."""
        form = self._form
        try:
            umbrella = actions.save_umbrella(
                form.instance,
                by=self.request.user,
                consultations=form.chosen(),
                intentions=list(said["intentions"]),
                related=said["related"],
                version=said.get("version"),
            )
        except Conflict:
            raise ValidationError(
                _("Somebody else changed it while you typed. Copy what you need, and open this page again.")
            ) from None
        messages.success(self.request, _("Saved."))
        return redirect("plan:edit-umbrella", umbrella.slug)

    def form_valid(self, form):
        """Keep the form, whose row the action needs."""
        self._form = form
        return super().form_valid(form)


class AddUmbrella(EditUmbrella):
    """A new plan. Families see it once it is published."""

    permission = Permission.ADD_INTENTION

    def get_form_kwargs(self):
        """Nothing is there yet."""
        return super().get_form_kwargs() | {"instance": Umbrella()}


class ChangeUmbrella(AboutUmbrella, EditUmbrella):
    """The plan as it is, to be changed."""


class PublishUmbrella(AboutUmbrella, OneThing):
    """Show a plan to families."""

    permission = Permission.PUBLISH_UMBRELLA
    words = Words(
        gettext_lazy("Publish this plan"),
        gettext_lazy("It gets a page of its own, and the pages of its consultations name it."),
        gettext_lazy("Publish"),
    )
    done = gettext_lazy("It is published.")

    @property
    def back(self):
        """To the plan."""
        return reverse("plan:edit-umbrella", args=[self.ask.slug])

    def do(self):
        """Publish it."""
        actions.publish_umbrella(self.ask, by=self.request.user)


class ArchiveUmbrella(PublishUmbrella):
    """Take a plan off the site."""

    words = Words(
        gettext_lazy("Take this plan off the site?"),
        gettext_lazy("Its page is not found any more. Its consultations stay as they are."),
        gettext_lazy("Take it off the site"),
        warns=True,
    )
    done = gettext_lazy("It is off the site.")

    def do(self):
        """Take it off."""
        actions.archive_umbrella(self.ask, by=self.request.user, at=timezone.now())


class Related(AboutConsultation, ActingView):
    """Which consultations belong with one."""

    template_name = "plan/desk/related.html"
    form_class = RelatedForm

    def get_form_kwargs(self):
        """Which consultation it is about, and who asks."""
        return super().get_form_kwargs() | {"user": self.request.user, "consultation": self.ask}

    def act(self, said):
        """Set them."""
        actions.set_related(self.ask, by=self.request.user, related=self._form.chosen())
        messages.success(self.request, _("Saved. Each page names the others."))
        return redirect(self.ask.get_absolute_url())

    def form_valid(self, form):
        """Keep the form, which knows what was named."""
        self._form = form
        return super().form_valid(form)


class AskedBefore(AboutConsultation, TemplateView):
    """What families were asked before about the same things, what they said, and what was done."""

    template_name = "plan/desk/asked_before.html"

    def get_context_data(self, **kwargs):
        """The earlier ones."""
        before = asked_before(self.ask.pk, today(), most=PER_PAGE)
        return super().get_context_data(asked_before=before, **kwargs)


# --- Weeks before elections


class PreElection(TemplateView):
    """The weeks before elections, in which councils take care what they ask and publish."""

    permission = Permission.EDIT_TERMS
    template_name = "plan/desk/elections.html"

    def get_context_data(self, **kwargs):
        """The newest first."""
        rows = PreElectionPeriod.objects.order_by("-starts_on", "-pk")
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, **kwargs)


class EditPreElection(ActingView):
    """One of these periods, new or changed."""

    permission = Permission.EDIT_TERMS
    template_name = "plan/desk/election.html"
    form_class = PreElectionForm

    @cached_property
    def period(self) -> PreElectionPeriod | None:
        """The one that is changed; None for a new one."""
        return get_object_or_404(PreElectionPeriod, pk=self.kwargs["pk"]) if "pk" in self.kwargs else None

    def get_form_kwargs(self):
        """The period as it is."""
        return super().get_form_kwargs() | {"instance": self.period}

    def act(self, said):
        """Write it down."""
        actions.save_pre_election(self._form.instance, by=self.request.user)
        messages.success(self.request, _("Saved. The plan shows it."))
        return redirect("plan:elections")

    def form_valid(self, form):
        """Keep the form, whose row the action needs."""
        self._form = form
        return super().form_valid(form)

    def get_context_data(self, **kwargs):
        """Which one it is."""
        return super().get_context_data(period=self.period, **kwargs)


class RemovePreElection(OneThing):
    """Take one of these periods away, after asking."""

    permission = Permission.EDIT_TERMS
    words = Words(
        gettext_lazy("Take this period away?"),
        gettext_lazy("The plan does not show it any more."),
        gettext_lazy("Take it away"),
        warns=True,
    )
    done = gettext_lazy("It is taken away.")

    def dispatch(self, request, *args, **kwargs):
        """Which one it is."""
        self.ask = get_object_or_404(PreElectionPeriod, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def back(self):
        """To the list."""
        return reverse("plan:elections")

    def do(self):
        """Take it away."""
        actions.remove_pre_election(self.ask, by=self.request.user)

    def get_context_data(self, **kwargs):
        """Which one it is."""
        return super().get_context_data(ask=self.ask, **kwargs)


desk_urlpatterns = [
    path("desk/plan/", Plan.as_view(), name="timeline"),
    path("desk/plan/load/", StaffLoad.as_view(), name="load"),
    path("desk/plan/intentions/", Intentions.as_view(), name="intentions"),
    path("desk/plan/new/", AddIntention.as_view(), name="add"),
    path("desk/plan/<int:pk>/", ChangeIntention.as_view(), name="intention"),
    path("desk/plan/<int:pk>/remove/", RemoveIntention.as_view(), name="remove"),
    path("desk/plan/<int:pk>/put-back/", PutBackIntention.as_view(), name="put-back"),
    path("desk/plan/<int:pk>/ask-alone/", AskAlone.as_view(), name="ask-alone"),
    path("desk/plan/<int:pk>/clashes/", IntentionClashes.as_view(), name="intention-clashes"),
    path("desk/plan/<int:pk>/clashes/<int:window>/", DecideOfIntention.as_view(), name="intention-clash"),
    path("desk/plan/clashes/", Decisions.as_view(), name="decisions"),
    path("desk/plan/clashes/<slug:slug>/", ConsultationClashes.as_view(), name="clashes"),
    path("desk/plan/clashes/<slug:slug>/<int:window>/", DecideOfConsultation.as_view(), name="clash"),
    path("desk/plan/related/<slug:slug>/", Related.as_view(), name="related"),
    path("desk/plan/asked-before/<slug:slug>/", AskedBefore.as_view(), name="asked-before"),
    path("desk/plan/plans/", Umbrellas.as_view(), name="umbrellas"),
    path("desk/plan/plans/new/", AddUmbrella.as_view(), name="add-umbrella"),
    path("desk/plan/plans/<slug:slug>/", ChangeUmbrella.as_view(), name="edit-umbrella"),
    path("desk/plan/plans/<slug:slug>/publish/", PublishUmbrella.as_view(), name="publish-umbrella"),
    path("desk/plan/plans/<slug:slug>/archive/", ArchiveUmbrella.as_view(), name="archive-umbrella"),
    path("desk/plan/elections/", PreElection.as_view(), name="elections"),
    path("desk/plan/elections/new/", EditPreElection.as_view(), name="add-election"),
    path("desk/plan/elections/<int:pk>/", EditPreElection.as_view(), name="election"),
    path("desk/plan/elections/<int:pk>/remove/", RemovePreElection.as_view(), name="remove-election"),
]
