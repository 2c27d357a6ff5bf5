"""Staff pages of what families told us: the list to read, each comment and what is decided about it, who reads."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.generic import TemplateView

from accounts.models import Membership
from core.acting import ActingView
from core.dates import today
from core.forms import once
from core.permissions import Permission
from feedback.comments import actions
from feedback.comments.forms import (
    CheckersForm,
    HeardForm,
    HelpForm,
    LeaveOutForm,
    MergeForm,
    PassOnForm,
    ReferForm,
    RouteForm,
)
from feedback.comments.models import Checker, Comment, HelpRoute
from feedback.comments.stages import attention
from feedback.models import FeedbackEntry
from feedback.stages import pair_of

PER_PAGE = 20
# So many points of the log stand on the page that asks which of them says the same.
POINTS_SHOWN = 20


class Queue(TemplateView):
    """What waits to be read, the oldest first; folded up below it, what looks as if no person had sent it."""

    permission = Permission.CHECK_COMMENTS
    template_name = "comments/desk/queue.html"

    def get_context_data(self, **kwargs):
        """A page of what is shown, and how much there is of the rest. Opening it is reading it."""
        day = today()
        actions.note_reading(by=self.request.user, on=day)
        show = self.request.GET.get("show")
        lists = {"folded": Comment.objects.folded(), "done": _done()}
        show = show if show in lists else "waiting"
        rows = lists.get(show, Comment.objects.to_read()).select_related("organisation", "entry__organisation")
        page = Paginator(rows.defer("entry__search"), PER_PAGE).get_page(self.request.GET.get("page"))
        counts = Comment.objects.aggregate(
            waiting=Count("pk", filter=Q(outcome="", suspicion="")),
            folded=Count("pk", filter=Q(outcome="") & ~Q(suspicion="")),
        )
        checkers = Checker.objects.active().select_related("membership__user").order_by("since", "pk")
        return super().get_context_data(
            show=show, page=page, counts=counts, attention=attention(day), checkers=checkers, **kwargs
        )


def _done():
    return Comment.objects.exclude(outcome="").order_by("-decided_on", "-pk")


class CloseFolded(View):
    """Say of a page of what is folded up that no person sent it."""

    permission = Permission.CHECK_COMMENTS
    http_method_names = ["post"]

    def post(self, request):
        """Close those that were on the page."""
        ids = [pk for pk in request.POST.getlist("which") if pk.isdecimal() and len(pk) < 19]
        count = actions.close_folded(ids, by=request.user, on=today())
        words = ngettext("%(count)d is closed.", "%(count)d are closed.", count)
        messages.success(request, words % {"count": count})
        return redirect(f"{reverse('feedback:comments')}?show=folded")


class AboutComment:
    """A page about one comment that waits. Nobody but the Family Information Service comes here."""

    permission = Permission.CHECK_COMMENTS

    @cached_property
    def comment(self) -> Comment:
        """The comment that the address names."""
        beside = ("consultation", "event", "entry", "of_entry")
        rows = Comment.objects.select_related("organisation", "entered_by", *beside)
        return get_object_or_404(rows.defer(*(f"{each}__search" for each in beside)), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs):
        """The comment itself."""
        return super().get_context_data(comment=self.comment, **kwargs)


class Decide(AboutComment, ActingView):
    """One decision about a comment that waits: on to the list, and to what is next."""

    def dispatch(self, request, *args, **kwargs):
        """One that was decided already has nothing to decide."""
        if self.comment.outcome and request.method != "POST":
            return redirect("feedback:comment", self.comment.pk)
        return super().dispatch(request, *args, **kwargs)

    def decide(self, said: dict) -> str:
        """Do it, and say so. Raises ValidationError when it is refused."""
        raise NotImplementedError

    def act(self, said):
        """Do it, unless somebody else decided first."""
        try:
            words = self.decide(said)
        except actions.AlreadyDecided:
            messages.error(self.request, _("Somebody else decided about it since you opened the page."))
            return redirect("feedback:comment", self.comment.pk)
        messages.success(self.request, words)
        return redirect("feedback:comments")


class CheckComment(AboutComment, ActingView):
    """One comment as it came, beside the words that families will read; or what became of it."""

    form_class = PassOnForm

    def get_template_names(self):
        """One that was decided shows what became of it."""
        return [f"comments/desk/{'decided' if self.comment.outcome else 'comment'}.html"]

    def get(self, request, *args, **kwargs):
        """Opening it is reading it."""
        actions.note_reading(by=request.user, on=today())
        return super().get(request, *args, **kwargs)

    def get_initial(self):
        """What the comment says by itself."""
        return PassOnForm.first_values(self.comment)

    def act(self, said):
        """Pass it on to its service."""
        try:
            entry = actions.pass_on(self.comment, by=self.request.user, on=today(), **said)
        except actions.AlreadyDecided:
            messages.error(self.request, _("Somebody else decided about it since you opened the page."))
            return redirect("feedback:comment", self.comment.pk)
        words = _("Families can read it now. %(body)s is told that it owes an answer.")
        messages.success(self.request, words % {"body": entry.organisation.name})
        return redirect("feedback:comments")

    def get_context_data(self, **kwargs):
        """With what became of it."""
        entry = self.comment.entry
        return super().get_context_data(pair=pair_of(entry, today()) if entry else None, **kwargs)


class Merge(Decide):
    """Add it to a point that others made before."""

    template_name = "comments/desk/merge.html"
    form_class = MergeForm

    @property
    def words(self) -> str:
        """What the points are to be about."""
        return self.request.GET.get("q", "").replace("\x00", "")[:100].strip()

    def points(self):
        """Points with these words; else the newest of its service, or of all."""
        rows = FeedbackEntry.objects.published().filter(origin="hub").select_related("organisation").defer("search")
        for word in self.words.split():
            rows = rows.filter(Q(theme__icontains=word) | Q(you_said__icontains=word))
        if not self.words and self.comment.organisation_id:
            rows = rows.filter(organisation=self.comment.organisation_id)
        return rows.order_by("-published_at", "pk")

    def get_form_kwargs(self):
        """The points that the page shows; whatever is sent must be in the log."""
        points = self.points() if self.request.method == "POST" else self.points()[:POINTS_SHOWN]
        return super().get_form_kwargs() | {"points": points}

    def get_context_data(self, **kwargs):
        """With the words that were asked for."""
        return super().get_context_data(words=self.words, shown=POINTS_SHOWN, **kwargs)

    def decide(self, said):
        """Add it."""
        actions.merge(self.comment, by=self.request.user, on=today(), **said)
        return _("It is added to the point. How many said it adds up.")


class Refer(Decide):
    """Record that somebody may not be safe, and erase what was written."""

    template_name = "comments/desk/refer.html"
    form_class = ReferForm

    def decide(self, said):
        """Keep that, when and to whom."""
        actions.refer(
            self.comment, by=self.request.user, on=today(), now=timezone.now(), referred_to=said["referred_to"]
        )
        return _("It is recorded that you referred it. Its words are erased.")


class PointHelp(Decide):
    """Say who can help with the support of one person."""

    template_name = "comments/desk/help.html"
    form_class = HelpForm

    def decide(self, said):
        """Close it; a mail says who can help, if there is an address."""
        actions.point_to_help(self.comment, by=self.request.user, on=today(), routes=list(said["routes"]))
        if self.comment.email:
            return _("It is closed. They get an e-mail that says who can help.")
        return _("It is closed. They gave no address, so nobody can be written to.")


class LeaveOut(Decide):
    """Close what is not published, with the reason that is counted."""

    template_name = "comments/desk/leave_out.html"
    form_class = LeaveOutForm

    def decide(self, said):
        """Close it."""
        actions.leave_out(self.comment, by=self.request.user, on=today(), **said)
        return _("It is closed. Its reason is counted.")


class Press(AboutComment, View):
    """One press about a comment."""

    http_method_names = ["post"]

    def post(self, request, pk):
        """Do it, or say why not."""
        try:
            messages.success(request, self.act())
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        return redirect("feedback:comment", self.comment.pk)

    def act(self) -> str:
        """Do it, and say so."""
        raise NotImplementedError


class Unfold(Press):
    """A person sent it after all."""

    def act(self):
        """Into plain sight."""
        actions.unfold(self.comment, by=self.request.user)
        return _("It waits with the others now.")


class Reopen(Press):
    """Take back that it was closed."""

    def act(self):
        """It waits again."""
        actions.reopen(self.comment, by=self.request.user)
        return _("It waits to be decided again.")


class EnterHeard(ActingView):
    """Enter what families said at an event, in a call, at a forum or in a complaint."""

    permission = Permission.ADD_COMMENT
    template_name = "comments/desk/heard.html"
    form_class = HeardForm

    def act(self, said):
        """Keep it for a person of the Family Information Service to check."""
        with once(said["once"]) as is_first:
            if is_first:
                actions.enter_heard(by=self.request.user, now=timezone.now(), **self.form.facts())
        messages.success(self.request, _("Thank you. The Family Information Service reads it before families do."))
        return redirect("feedback:comments" if self.request.user.has_perm(Permission.CHECK_COMMENTS) else "desk")

    def form_valid(self, form):
        """Keep the form, which knows its facts."""
        self.form = form
        return super().form_valid(form)

    def get_initial(self):
        """The page of an event or a consultation that somebody came from."""
        return super().get_initial() | {"page": self.request.GET.get("page", "").replace("\x00", "")[:400]}


# --- Who reads, and who helps


class NameCheckers(ActingView):
    """Say who reads what families tell us."""

    permission = Permission.NAME_CHECKERS
    template_name = "comments/desk/checkers.html"
    form_class = CheckersForm

    def get_form_kwargs(self):
        """Everybody who looks after the hub."""
        members = Membership.objects.active().of_fis().select_related("user", "organisation")
        return super().get_form_kwargs() | {"members": members.order_by("user__name", "pk")}

    def get_initial(self):
        """Who does now."""
        return {"checkers": list(Checker.objects.values_list("membership", flat=True))}

    def get_context_data(self, **kwargs):
        """Whether the form is open."""
        return super().get_context_data(attention=attention(today()), **kwargs)

    def act(self, said):
        """Name them."""
        actions.name_checkers(by=self.request.user, on=today(), memberships=list(said["checkers"]))
        words = _("Saved. The form is open while they read.") if said["checkers"] else _("Saved. The form is off.")
        messages.success(self.request, words)
        return redirect("feedback:comments")


class Routes(TemplateView):
    """Who can help with one child, as families read it first of all; and those that were taken off."""

    permission = Permission.CHECK_COMMENTS
    template_name = "comments/desk/routes.html"

    def get_context_data(self, **kwargs):
        """A page of them."""
        rows = HelpRoute.objects.order_by("retired_on", "position", "name", "pk")
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, **kwargs)


class EditRoute(ActingView):
    """One of those who help, new or changed."""

    permission = Permission.CHECK_COMMENTS
    template_name = "comments/desk/route.html"
    form_class = RouteForm

    @cached_property
    def route(self) -> HelpRoute | None:
        """The one that is changed; None for a new one."""
        return get_object_or_404(HelpRoute, pk=self.kwargs["pk"]) if "pk" in self.kwargs else None

    def get_form_kwargs(self):
        """The route as it is."""
        return super().get_form_kwargs() | {"instance": self.route}

    def form_valid(self, form):
        """Keep the form, whose row the action needs."""
        self.form = form
        return super().form_valid(form)

    def act(self, said):
        """Write it down."""
        actions.save_route(self.form.instance, by=self.request.user)
        messages.success(self.request, _("Saved. Families can read it now."))
        return redirect("feedback:help-routes")

    def get_context_data(self, **kwargs):
        """Which one it is."""
        return super().get_context_data(route=self.route, **kwargs)


class SwitchRoute(View):
    """Take one off the list of those who help, or put it back."""

    permission = Permission.CHECK_COMMENTS
    http_method_names = ["post"]

    def post(self, request, pk):
        """The other of the two."""
        route = get_object_or_404(HelpRoute, pk=pk)
        if route.retired_on is None:
            actions.retire_route(route, by=request.user, on=today())
            messages.success(request, _("Families do not see it any more. You can put it back."))
        else:
            actions.bring_back_route(route, by=request.user)
            messages.success(request, _("Families can read it again."))
        return redirect("feedback:help-routes")


desk_urlpatterns = [
    path("desk/tell-us/", Queue.as_view(), name="comments"),
    path("desk/tell-us/folded/close/", CloseFolded.as_view(), name="comments-close"),
    path("desk/tell-us/heard/", EnterHeard.as_view(), name="comment-heard"),
    path("desk/tell-us/readers/", NameCheckers.as_view(), name="checkers"),
    path("desk/tell-us/help/", Routes.as_view(), name="help-routes"),
    path("desk/tell-us/help/new/", EditRoute.as_view(), name="help-route-add"),
    path("desk/tell-us/help/<int:pk>/", EditRoute.as_view(), name="help-route"),
    path("desk/tell-us/help/<int:pk>/switch/", SwitchRoute.as_view(), name="help-route-switch"),
    path("desk/tell-us/<int:pk>/", CheckComment.as_view(), name="comment"),
    path("desk/tell-us/<int:pk>/merge/", Merge.as_view(), name="comment-merge"),
    path("desk/tell-us/<int:pk>/refer/", Refer.as_view(), name="comment-refer"),
    path("desk/tell-us/<int:pk>/point-to-help/", PointHelp.as_view(), name="comment-help"),
    path("desk/tell-us/<int:pk>/leave-out/", LeaveOut.as_view(), name="comment-leave-out"),
    path("desk/tell-us/<int:pk>/unfold/", Unfold.as_view(), name="comment-unfold"),
    path("desk/tell-us/<int:pk>/reopen/", Reopen.as_view(), name="comment-reopen"),
]
