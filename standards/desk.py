"""Staff pages of the standard: who has adopted it, the pledge, and the check, one statement a page."""

from functools import cached_property

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView

from accounts.rules import reach
from core.acting import ActingView, Words
from core.dates import today
from core.permissions import Permission
from core.publishing import Conflict
from standards import actions
from standards.evidence import offers
from standards.figures import READINGS, Figure, figures
from standards.forms import AdoptForm, FirstStepsForm, JudgeForm, PledgeForm, PublishForm, Question, WhyForm
from standards.listing import Profile
from standards.models import Adoption, Indicator, Judgement, Level, SelfCheck, Standard
from standards.stages import COLOURS

PER_PAGE = 20
WAIT_CONFLICT = gettext_lazy("Somebody else changed it while you typed. Copy what you need, and open this page again.")


class DeskAdoptions(TemplateView):
    """Who has adopted the standard, of the bodies that one writes for."""

    permission = Permission.USE_DESK
    template_name = "standards/desk/list.html"

    def get_context_data(self, **kwargs):
        """A page of them."""
        rows = Adoption.objects.filter(reach(self.request.user)).for_register()
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            rows=[{"adoption": each, "colour": COLOURS[each.stage]} for each in page],
            may_answer=self.request.user.has_perm(Permission.ANSWER_CLAIMS),
            may_adopt=self.request.user.has_perm(Permission.ADOPT_STANDARD),
            **kwargs,
        )


class Adopt(ActingView):
    """Pledge in public to work towards the standard."""

    permission = Permission.ADOPT_STANDARD
    template_name = "standards/desk/adopt.html"
    form_class = AdoptForm

    def get_form_kwargs(self):
        """Who adopts it: the bodies that one writes for."""
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self):
        """From today on."""
        return {"adopted_on": today()}

    def form_valid(self, form):
        """Keep the form, which knows its facts."""
        self.form = form
        return super().form_valid(form)

    def act(self, said):
        """Adopt it. One must lead the body that adopts."""
        if not self.request.user.has_perm(Permission.EDIT_ADOPTION, Adoption(organisation=said["organisation"])):
            raise ValidationError({"organisation": [_("Only who leads it can adopt the standard for it")]})
        adoption = actions.adopt(by=self.request.user, facts=self.form.facts())
        messages.success(self.request, _("You have adopted the standard. The register shows it."))
        return redirect("standards:desk-adoption", adoption.pk)

    def get_context_data(self, **kwargs):
        """What one promises."""
        return super().get_context_data(standard=Standard.objects.newest(), **kwargs)


class AboutAdoption:
    """A staff page about one adoption: only for those who work on its checks."""

    permission = Permission.WRITE_CHECK
    request: object
    kwargs: dict

    @cached_property
    def adoption(self) -> Adoption:
        """The one that the address names."""
        rows = Adoption.objects.select_related("organisation", "owner__user", "owner__organisation")
        adoption = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not self.request.user.has_perm(self.permission, adoption):
            raise PermissionDenied
        return adoption

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not do this."""
        self.adoption  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def get_context_data(self, **kwargs):
        """Which one it is, and what this person may do with it."""
        return super().get_context_data(  # type: ignore[misc]
            adoption=self.adoption,
            may_change=self.request.user.has_perm(Permission.EDIT_ADOPTION, self.adoption),
            **kwargs,
        )


class DeskAdoption(AboutAdoption, TemplateView):
    """One adoption: its pledge, and its checks."""

    template_name = "standards/desk/adoption.html"

    def get_context_data(self, **kwargs):
        """Its checks, the newest first."""
        checks = list(self.adoption.checks.all()[:PER_PAGE])
        return super().get_context_data(
            colour=COLOURS[self.adoption.stage],
            snippet=self._snippet(),
            checks=checks,
            going_on=next((each for each in checks if each.published_on is None), None),
            **kwargs,
        )

    def _snippet(self) -> str:
        """What an organisation copies into its own page: the badge, which leads to the register."""
        page = settings.HUB_BASE_URL.rstrip("/") + self.adoption.get_absolute_url()
        words = _("Parent and carer involvement standard")
        return f'<a href="{page}"><img src="{page}badge.svg" width="320" height="92" alt="{words}"></a>'


class ChangePledge(AboutAdoption, ActingView):
    """Put the words of a pledge right."""

    permission = Permission.EDIT_ADOPTION
    template_name = "standards/desk/adopt.html"
    form_class = PledgeForm

    def get_form_kwargs(self):
        """Who can be reminded."""
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self):
        """As it stands."""
        return PledgeForm.first_values(self.adoption)

    def form_valid(self, form):
        """Keep the form, which knows its facts."""
        self.form = form
        return super().form_valid(form)

    def act(self, said):
        """Change it."""
        try:
            actions.change_pledge(
                self.adoption, by=self.request.user, facts=self.form.facts(), version=said["version"] or 0
            )
        except Conflict:
            raise ValidationError(WAIT_CONFLICT) from None
        messages.success(self.request, _("Saved."))
        return redirect("standards:desk-adoption", self.adoption.pk)


class EndAdoption(AboutAdoption, ActingView):
    """End a pledge, for a reason that families read."""

    permission = Permission.EDIT_ADOPTION
    template_name = "standards/desk/act.html"
    form_class = WhyForm
    extra_context = {
        "words": Words(
            gettext_lazy("End the pledge"),
            gettext_lazy("The register goes on to show it, with the reason. Its checks stay to be read."),
            gettext_lazy("End the pledge"),
            warns=True,
        )
    }

    def act(self, said):
        """End it."""
        actions.end_adoption(self.adoption, by=self.request.user, on=today(), reason=said["reason"])
        messages.success(self.request, _("The pledge has ended."))
        return redirect("standards:desk-adoption", self.adoption.pk)


class BeginCheck(AboutAdoption, View):
    """Begin a check, or go on with the one that was begun."""

    def post(self, request, *args, **kwargs):
        """To the check."""
        first = request.POST.get("all") != "1"
        try:
            check = actions.begin_check(self.adoption, on=today(), first_steps_only=first)
            if not first and check.first_steps_only:
                actions.go_on_to_all(check)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect("standards:desk-adoption", self.adoption.pk)
        return redirect("standards:check", check.pk)


class AboutCheck:
    """A staff page about one check."""

    permission = Permission.WRITE_CHECK
    request: object
    kwargs: dict

    @cached_property
    def check(self) -> SelfCheck:
        """The one that the address names."""
        rows = SelfCheck.objects.select_related("adoption__organisation")
        check = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not self.request.user.has_perm(self.permission, check.adoption):
            raise PermissionDenied
        return check

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not do this."""
        self.check  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class DeskCheck(AboutCheck, TemplateView):
    """A check on one page: each statement, what was said, and how far the strands have got."""

    template_name = "standards/desk/check.html"

    def get_context_data(self, **kwargs):
        """The profile as it stands today."""
        profile = Profile(self.check, today())
        return super().get_context_data(
            check=self.check,
            adoption=self.check.adoption,
            profile=profile,
            may_publish=self.request.user.has_perm(Permission.EDIT_ADOPTION, self.check.adoption),
            next_key=profile.left[0].key if profile.left else "",
            **kwargs,
        )


class Judge(AboutCheck, ActingView):
    """One statement of a check: what good looks like, what the records say, and what the service says."""

    template_name = "standards/desk/judge.html"
    form_class = JudgeForm

    def dispatch(self, request, *args, **kwargs):
        """What is finished is only read."""
        if self.check.published_on:
            return redirect("standards:check", self.check.pk)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def statements(self) -> list[Indicator]:
        """Those of the check, in order."""
        return actions.asked_in(self.check)

    @cached_property
    def indicator(self) -> Indicator:
        """The one that the address names."""
        found = next((each for each in self.statements if each.key == self.kwargs["key"]), None)
        if found is None:
            raise Http404
        return found

    @cached_property
    def judgement(self) -> Judgement | None:
        """What was said of it before."""
        return self.check.judgements.filter(indicator=self.indicator).prefetch_related("evidence").first()

    @cached_property
    def figure(self) -> Figure | None:
        """What the hub's own records say, where they can."""
        if self.indicator.key not in READINGS:
            return None
        body = self.check.adoption.organisation_id
        return figures([body], today(), only=[self.indicator.key])[body][self.indicator.key]

    def get_form_kwargs(self):
        """The records that can show it."""
        offered = offers(self.check.adoption.organisation, self.indicator.evidence_kinds, today())
        differs = self.figure is not None and self.figure.has_records and not self.figure.is_met
        return super().get_form_kwargs() | {"offers": offered, "may_differ": differs}

    def get_initial(self):
        """What was said before."""
        return JudgeForm.first_values(self.judgement)

    def form_valid(self, form):
        """Keep the form, which knows what was said."""
        self.form = form
        return super().form_valid(form)

    def act(self, said):
        """Keep it, and go on to the next statement."""
        try:
            actions.judge(
                self.check, self.indicator, by=self.request.user, on=today(), figure=self.figure, **self.form.said()
            )
        except Conflict:
            raise ValidationError(WAIT_CONFLICT) from None
        place = self.statements.index(self.indicator) + 1
        if "back" in self.request.POST or place == len(self.statements):
            return redirect("standards:check", self.check.pk)
        return redirect("standards:judge", self.check.pk, self.statements[place].key)

    def get_context_data(self, **kwargs):
        """Which statement of how many."""
        return super().get_context_data(
            check=self.check,
            adoption=self.check.adoption,
            statement=self.indicator,
            level=Level(self.indicator.level),
            figure=self.figure,
            number=self.statements.index(self.indicator) + 1,
            count=len(self.statements),
            back_url=reverse("standards:check", args=[self.check.pk]),
            **kwargs,
        )


class FirstSteps(AboutCheck, ActingView):
    """The eight statements of the first level on one page."""

    template_name = "standards/desk/first_steps.html"
    form_class = FirstStepsForm

    def dispatch(self, request, *args, **kwargs):
        """What is finished is only read."""
        if self.check.published_on:
            return redirect("standards:check", self.check.pk)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def questions(self) -> list[Question]:
        """Each statement with what the records say, what can show it, and what was said before."""
        body, day = self.check.adoption.organisation, today()
        statements = [each for each in actions.asked_in(self.check) if each.level == Level.EMERGING]
        said = {each.indicator_id: each for each in self.check.judgements.prefetch_related("evidence")}
        read = figures([body.pk], day, only=[each.key for each in statements])[body.pk]
        kinds = sorted({kind for each in statements for kind in each.evidence_kinds})
        offered = offers(body, kinds, day)
        return [
            Question(
                each,
                read.get(each.key),
                [offer for offer in offered if offer.kind in each.evidence_kinds],
                said.get(each.pk),
            )
            for each in statements
        ]

    def get_form_kwargs(self):
        """All of them."""
        return super().get_form_kwargs() | {"questions": self.questions}

    def form_valid(self, form):
        """Keep the form, which knows what was said."""
        self.form = form
        return super().form_valid(form)

    def act(self, said):
        """Keep all of it."""
        day = today()
        typed = {each.indicator: self.form.said(each, day) | {"figure": each.figure} for each in self.questions}
        typed = {indicator: facts for indicator, facts in typed.items() if "rating" in facts}
        try:
            actions.judge_several(self.check, typed, by=self.request.user, on=day)
        except Conflict:
            raise ValidationError(WAIT_CONFLICT) from None
        messages.success(self.request, _("Saved."))
        return redirect("standards:check", self.check.pk)

    def get_context_data(self, **kwargs):
        """Whose check it is."""
        return super().get_context_data(check=self.check, adoption=self.check.adoption, **kwargs)


class PublishCheck(AboutCheck, ActingView):
    """Finish a check and show it in the register."""

    template_name = "standards/desk/act.html"
    form_class = PublishForm

    def dispatch(self, request, *args, **kwargs):
        """Only who leads the organisation publishes what it says of itself."""
        if not request.user.has_perm(Permission.EDIT_ADOPTION, self.check.adoption):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        """Only a first check may stay private."""
        return super().get_form_kwargs() | {"may_be_private": self.check.adoption.checked_on is None}

    def act(self, said):
        """Publish it."""
        actions.publish_check(self.check, by=self.request.user, on=today(), is_private=said.get("is_private", False))
        messages.success(self.request, _("The check is finished."))
        return redirect("standards:check", self.check.pk)

    def get_context_data(self, **kwargs):
        """The words of the page."""
        words = Words(
            _("Publish the check"),
            _("The register shows it for a year, all seven strands with what shows them. It cannot be changed then."),
            _("Publish the check"),
        )
        return super().get_context_data(words=words, adoption=self.check.adoption, check=self.check, **kwargs)


desk_urlpatterns = [
    path("desk/standard/", DeskAdoptions.as_view(), name="desk-adoptions"),
    path("desk/standard/adopt/", Adopt.as_view(), name="adopt"),
    path("desk/standard/<int:pk>/", DeskAdoption.as_view(), name="desk-adoption"),
    path("desk/standard/<int:pk>/change/", ChangePledge.as_view(), name="change-pledge"),
    path("desk/standard/<int:pk>/end/", EndAdoption.as_view(), name="end-adoption"),
    path("desk/standard/<int:pk>/begin/", BeginCheck.as_view(), name="begin-check"),
    path("desk/standard/checks/<int:pk>/", DeskCheck.as_view(), name="check"),
    path("desk/standard/checks/<int:pk>/first-steps/", FirstSteps.as_view(), name="first-steps"),
    path("desk/standard/checks/<int:pk>/publish/", PublishCheck.as_view(), name="publish-check"),
    path("desk/standard/checks/<int:pk>/<slug:key>/", Judge.as_view(), name="judge"),
]
