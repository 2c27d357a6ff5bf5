"""Staff pages on which parents agree to what a service says of itself, or do not."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from accounts.models import Membership, Role
from accounts.rules import roles_of
from core.acting import ActingView
from core.dates import today
from core.permissions import Permission
from standards.models import ClaimAnswer, SelfCheck, WordsState
from standards.parents import actions
from standards.parents.forms import ClaimsForm, ReadWordsForm

PER_PAGE = 20


class ChecksToLookAt(TemplateView):
    """The published checks, for parent reviewers."""

    permission = Permission.ANSWER_CLAIMS
    template_name = "standards/parents/list.html"

    def get_context_data(self, **kwargs):
        """A page of them, the newest first."""
        rows = SelfCheck.objects.published().filter(adoption__ended_on=None).select_related("adoption__organisation")
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, **kwargs)


class SayOfClaims(ActingView):
    """Whether parents agree to each claim of a check."""

    permission = Permission.ANSWER_CLAIMS
    template_name = "standards/parents/claims.html"
    form_class = ClaimsForm

    @cached_property
    def reviewer(self) -> Membership:
        """As whom this person speaks for parents."""
        held = [each for each in roles_of(self.request.user) if each.role == Role.PARENT_REVIEWER]
        if not held:
            raise PermissionDenied
        return held[0]

    @cached_property
    def check(self) -> SelfCheck:
        """The check, as families can read it."""
        rows = SelfCheck.objects.published().select_related("adoption__organisation")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_form_kwargs(self):
        """The claims, and what the forum said of them before."""
        answers = ClaimAnswer.objects.filter(judgement__check_of=self.check, forum=self.reviewer.organisation)
        return super().get_form_kwargs() | {
            "claims": actions.claims(self.check),
            "answers": {each.judgement_id: each for each in answers},
        }

    def form_valid(self, form):
        """Keep the form, which knows what was said."""
        self.form = form
        return super().form_valid(form)

    def act(self, said):
        """Keep it."""
        count = actions.say(self.check, by=self.reviewer, on=today(), now=timezone.now(), said=self.form.said())
        words = ngettext(
            "Families read what you say of %(count)d statement. Words are read first.",
            "Families read what you say of %(count)d statements. Words are read first.",
            count,
        )
        messages.success(self.request, words % {"count": count})
        return redirect("standards:claims-to-look-at")

    def get_context_data(self, **kwargs):
        """Whose check it is."""
        return super().get_context_data(check=self.check, adoption=self.check.adoption, **kwargs)


class ReadClaimWords(ActingView):
    """The words of parents about a claim, beside what families will read."""

    permission = Permission.CHECK_COMMENTS
    template_name = "standards/parents/words.html"
    form_class = ReadWordsForm

    @cached_property
    def answer(self) -> ClaimAnswer:
        """The answer that the address names."""
        rows = ClaimAnswer.objects.select_related("forum", "judgement__indicator")
        return get_object_or_404(
            rows.select_related("judgement__check_of__adoption__organisation"), pk=self.kwargs["pk"]
        )

    def dispatch(self, request, *args, **kwargs):
        """Words that were read already have nothing to decide."""
        if self.answer.words_state != WordsState.WAITING:
            messages.info(request, _("Somebody has read these words already."))
            return redirect("consultations:checks")
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        """The words as they came."""
        return {"words": self.answer.words}

    def post(self, request, *args, **kwargs):
        """Leave the words out, or show them as they stand in the box."""
        if "leave_out" not in request.POST:
            return super().post(request, *args, **kwargs)
        return self._decided(lambda: actions.leave_words_out(self.answer, by=request.user))

    def act(self, said):
        """Show them."""
        return self._decided(lambda: actions.show_words(self.answer, by=self.request.user, words=said["words"]))

    def _decided(self, decide):
        try:
            decide()
            messages.success(self.request, _("Done. Whether parents agree was public already."))
        except actions.WordsAlreadyRead:
            messages.error(self.request, _("Somebody else has read these words since you opened the page."))
        return redirect("consultations:checks")

    def get_context_data(self, **kwargs):
        """Of which claim, and whose it is."""
        return super().get_context_data(answer=self.answer, **kwargs)


desk_urlpatterns = [
    path("desk/standard/parents/", ChecksToLookAt.as_view(), name="claims-to-look-at"),
    path("desk/standard/parents/<int:pk>/", SayOfClaims.as_view(), name="claims"),
    path("desk/standard/parents/words/<int:pk>/", ReadClaimWords.as_view(), name="claim-words"),
]
