"""Staff pages of parent checks: what can be looked at, what parents say, whom to ask, and words to read."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView

from accounts.models import Membership, Role
from accounts.rules import reach, roles_of
from core.acting import ActingView
from core.dates import short_day_words, today
from core.permissions import Permission
from feedback.models import FeedbackEntry
from feedback.parents import actions
from feedback.parents.forms import InviteForm, LeaveWordsForm, ReadWordsForm, SayForm
from feedback.parents.models import ParentCheck, Suggestion, Verdict
from feedback.parents.stages import can_be_checked, months_on, said_by
from feedback.stages import pair_of

PER_PAGE = 20
LISTS = {
    "suggested": gettext_lazy("Suggested this quarter"),
    "chosen": gettext_lazy("Your forum means to look"),
    "all": gettext_lazy("All that services call done"),
    "unchecked": gettext_lazy("Not checked by parents yet"),
    "denied": gettext_lazy("Parents say no"),
}
OF_FORUMS = ("suggested", "chosen")


def forum_of(user) -> Membership | None:
    """As whom somebody speaks for parents: their role as a parent reviewer; None for everybody else."""
    return next((each for each in roles_of(user) if each.role == Role.PARENT_REVIEWER), None)


class ParentChecks(TemplateView):
    """What services say they have done, and what parents say of it. A forum sees first what was suggested to it."""

    permission = Permission.USE_DESK
    template_name = "parents/desk/list.html"

    def get_context_data(self, **kwargs):
        """A page of promises, each with what parents said."""
        user, day = self.request.user, today()
        forum = forum_of(user)
        lists = {name: text for name, text in LISTS.items() if forum or name not in OF_FORUMS}
        show = self.request.GET.get("show")
        show = show if show in lists else next(iter(lists))
        words = " ".join(self.request.GET.get("q", "").replace("\x00", "").split())[:100]
        rows = self._rows(show, forum, user, day)
        for word in words.split():
            rows = rows.filter(Q(theme__icontains=word) | Q(you_said__icontains=word))
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        entries = list(page)
        ours = forum.organisation_id if forum else None
        checks: dict[int, list[ParentCheck]] = {entry.pk: [] for entry in entries}
        for check in (
            ParentCheck.objects.filter(entry__in=entries).select_related("forum").order_by("-chosen_on", "-pk")
        ):
            checks[check.entry_id].append(check)
        return super().get_context_data(
            page=page,
            rows=[
                _row(entry, checks[entry.pk], ours, day) | {"may_ask": user.has_perm(Permission.INVITE_PARENT, entry)}
                for entry in entries
            ],
            lists=[(name, text, name == show) for name, text in lists.items()],
            show=show,
            words=words,
            forum=forum,
            **kwargs,
        )

    def _rows(self, show, forum, user, day):
        told = ParentCheck.objects.told().filter(entry=OuterRef("pk"))
        rows = can_be_checked().select_related("organisation", "owner__user").defer("search")
        if show == "suggested":
            offered = Suggestion.objects.filter(forum=forum.organisation_id, quarter=actions.quarter_of(day))
            looked = ParentCheck.objects.told().filter(
                entry=OuterRef("pk"), forum=forum.organisation_id, told_on__gte=actions.quarter_of(day)
            )
            rows = rows.filter(~Exists(looked), pk__in=offered.values("entry"))
        elif show == "chosen":
            rows = rows.filter(pk__in=ParentCheck.objects.chosen().filter(forum=forum.organisation_id).values("entry"))
        elif show == "unchecked":
            rows = rows.filter(~Exists(told))
        elif show == "denied":
            rows = rows.filter(Exists(told.filter(verdict=Verdict.NO)))
        # Services see their own; who looks after the hub, and forums, see all.
        if not (forum or user.has_perm(Permission.SEE_ALL_DESKS)):
            rows = rows.filter(reach(user))
        return rows.order_by("-done_on", "-pk")


def _row(entry: FeedbackEntry, checks: list[ParentCheck], ours: int | None, day) -> dict:
    """One promise, with what was said, who was asked, and whether this forum has chosen it."""
    told = [check for check in checks if check.verdict]
    return {
        "entry": entry,
        "done_on": short_day_words(entry.done_on, day),
        "said": said_by(told[0]) if told else None,
        "asked": sum(1 for check in checks if not check.verdict and not check.forum_id),
        "chosen": next((check for check in checks if ours and check.forum_id == ours and not check.verdict), None),
    }


class AboutEntry:
    """A staff page about one promise that is called done."""

    @cached_property
    def entry(self) -> FeedbackEntry:
        """The promise that the address names."""
        rows = can_be_checked().select_related("organisation", "owner__user", "owner__organisation").defer("search")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs):
        """The promise, and what was said of it so far."""
        checks = ParentCheck.objects.told().filter(entry=self.entry).select_related("forum").order_by("-told_on", "-pk")
        return super().get_context_data(
            entry=self.entry,
            pair=pair_of(self.entry, today()),
            said=[said_by(check) for check in checks],
            months=months_on(self.entry.done_on, today()),
            **kwargs,
        )


class SayWhatParentsSay(AboutEntry, ActingView):
    """A forum says what the parents say whom it asked; a second time in the same months puts the first right."""

    permission = Permission.CHECK_PROMISE
    template_name = "parents/desk/say.html"
    form_class = SayForm

    @cached_property
    def forum(self) -> Membership:
        """As whom somebody speaks."""
        forum = forum_of(self.request.user)
        if forum is None:
            raise PermissionDenied
        return forum

    @cached_property
    def ours(self) -> ParentCheck | None:
        """What the forum chose or said in these months."""
        months = months_on(self.entry.done_on, today())
        return ParentCheck.objects.filter(entry=self.entry, months=months, forum=self.forum.organisation).first()

    def get_initial(self):
        """What the forum said before, to put it right."""
        check = self.ours
        if check is None or not check.verdict:
            return {"told_on": today()}
        names = ("verdict", "asked", "agreed", "told_on", "words")
        return {name: getattr(check, name) for name in names} | {"chosen": "service" if check.by_service else ""}

    def get_context_data(self, **kwargs):
        """Whether the forum chose it."""
        return super().get_context_data(ours=self.ours, **kwargs)

    def form_valid(self, form):
        """Keep the form, which knows its facts."""
        self.form = form
        return super().form_valid(form)

    def act(self, said):
        """Say it."""
        check = actions.tell(self.entry, by=self.forum, on=today(), now=timezone.now(), **self.form.facts())
        words = _("Families can read it now.")
        if check.words_state == "waiting":
            words += " " + _("The Family Information Service reads the words first.")
        messages.success(self.request, words)
        return redirect("feedback:parent-checks")


class Choose(AboutEntry, View):
    """Say that the forum means to look at it, or that it does not after all."""

    permission = Permission.CHECK_PROMISE
    http_method_names = ["post"]

    def post(self, request, pk):
        """The other of the two."""
        forum = forum_of(request.user)
        if forum is None:
            raise PermissionDenied
        mine = ParentCheck.objects.chosen().filter(entry=self.entry, forum=forum.organisation).first()
        try:
            if mine is None:
                check = actions.choose(self.entry, by=forum, on=today())
                day = short_day_words(check.look_by, today()) if check.look_by else ""
                messages.success(request, _("Your forum means to look at it by %(day)s.") % {"day": day})
            else:
                actions.drop(mine, by=request.user)
                messages.success(request, _("Dropped. You can choose it again."))
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        return redirect("feedback:parent-checks")


class AskParent(AboutEntry, ActingView):
    """Ask one parent by a link that works once."""

    permission = Permission.INVITE_PARENT
    template_name = "parents/desk/invite.html"
    form_class = InviteForm

    @cached_property
    def membership(self) -> Membership:
        """As whom somebody asks: as a parent reviewer, else for the service, else for whoever keeps the hub."""
        user = self.request.user
        if not user.has_perm(Permission.INVITE_PARENT, self.entry) or not roles_of(user):
            raise PermissionDenied
        path_of_service = self.entry.organisation.path
        near = [each for each in roles_of(user) if path_of_service.startswith(each.organisation.path)]
        return forum_of(user) or (near or list(roles_of(user)))[0]

    def dispatch(self, request, *args, **kwargs):
        """Only for those who may."""
        _as_whom = self.membership
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """Whether families will read that the service chose whom to ask."""
        by_service = actions.chose_itself(self.entry, self.membership)
        return super().get_context_data(by_service=by_service, **kwargs)

    def act(self, said):
        """Ask."""
        actions.invite(self.entry, by=self.membership, on=today(), email=said["email"])
        messages.success(self.request, _("Asked. They get one e-mail with a link that works once."))
        return redirect("feedback:parent-checks")


class AboutWords:
    """A page about the words of a check that wait. Nobody but the Family Information Service comes here."""

    permission = Permission.CHECK_COMMENTS

    @cached_property
    def check(self) -> ParentCheck:
        """The check that the address names."""
        rows = ParentCheck.objects.told().select_related("entry__organisation", "entry__owner__user", "forum")
        return get_object_or_404(rows.defer("entry__search"), pk=self.kwargs["pk"])

    def dispatch(self, request, *args, **kwargs):
        """Words that were read already have nothing to decide."""
        if self.check.words_state != "waiting":
            messages.info(request, _("Somebody has read these words already."))
            return redirect("consultations:checks")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """The check, and the promise it is about."""
        entry = self.check.entry
        return super().get_context_data(
            check=self.check, said=said_by(self.check), pair=pair_of(entry, today()), entry=entry, **kwargs
        )

    def decide(self, said: dict) -> str:
        """Do it, and say so."""
        raise NotImplementedError

    def act(self, said):
        """Do it, unless somebody else was faster."""
        try:
            messages.success(self.request, self.decide(said))
        except actions.WordsAlreadyRead:
            messages.error(self.request, _("Somebody else has read these words since you opened the page."))
        return redirect("consultations:checks")


class ReadWords(AboutWords, ActingView):
    """The words beside what families will read."""

    template_name = "parents/desk/words.html"
    form_class = ReadWordsForm

    def get_initial(self):
        """The words as they came."""
        return {"words": self.check.words}

    def decide(self, said):
        """Show them."""
        actions.show_words(self.check, by=self.request.user, words=said["words"])
        return _("Families can read it now.")


class LeaveWordsOut(AboutWords, ActingView):
    """Families do not read the words; what parents say of the promise stays."""

    template_name = "parents/desk/leave_out.html"
    form_class = LeaveWordsForm

    def decide(self, said):
        """Leave them out."""
        actions.leave_words_out(self.check, by=self.request.user, why=said["why"])
        return _("Families do not read the words. Whether it happened stays.")


desk_urlpatterns = [
    path("desk/parent-checks/", ParentChecks.as_view(), name="parent-checks"),
    path("desk/parent-checks/<int:pk>/", SayWhatParentsSay.as_view(), name="parent-check"),
    path("desk/parent-checks/<int:pk>/choose/", Choose.as_view(), name="parent-check-choose"),
    path("desk/parent-checks/<int:pk>/ask/", AskParent.as_view(), name="parent-invite"),
    path("desk/parent-checks/words/<int:pk>/", ReadWords.as_view(), name="parent-words"),
    path("desk/parent-checks/words/<int:pk>/leave-out/", LeaveWordsOut.as_view(), name="parent-words-leave-out"),
]
