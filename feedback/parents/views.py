"""Pages for families: did this happen? For anybody on the page of a promise, and for one parent who was asked."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from accounts.gate import OpenWhileAttended
from core.dates import today
from core.forms import once
from core.public_forms import FromHere
from feedback.comments import actions as comments
from feedback.comments import limits as comment_limits
from feedback.comments.models import About, Kind
from feedback.comments.stages import attention
from feedback.models import FeedbackEntry
from feedback.parents import actions, limits
from feedback.parents.actions import LINK_LASTS
from feedback.parents.forms import SAID, AnswerForm, HappenedForm
from feedback.parents.links import number_in
from feedback.parents.models import ParentCheck
from feedback.parents.stages import can_be_checked
from feedback.stages import pair_of


class _TooMuch(Exception):
    """More came in this hour than anybody can read."""


class AboutPromise:
    """A page about one promise that its service calls done."""

    @cached_property
    def entry(self) -> FeedbackEntry:
        """The promise."""
        return get_object_or_404(can_be_checked().for_log(), pk=self.kwargs["pk"])


class DidThisHappen(FromHere, OpenWhileAttended, AboutPromise, FormView):
    """Yes, no or not sure, and a few words for a person to read. It sets no cookie, and does not keep who answers."""

    template_name = "parents/happened.html"
    form_class = HappenedForm
    closed_title = gettext_lazy("Nobody can read what you send now")

    def dispatch(self, request, *args, **kwargs):
        """The page, unless the body is too long to be an answer: it is refused before anybody reads it."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > comment_limits.MOST_BYTES:
            return self._refused(_("What you sent is too long"), 413)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        """The answer that was pressed on the page of the promise."""
        said = self.request.GET.get("said", "")
        return {"said": said} if said in dict(SAID) else {}

    def get_form_kwargs(self):
        """Words are taken only while somebody reads them."""
        return super().get_form_kwargs() | {"takes_words": attention(today()).is_open}

    def get_context_data(self, **kwargs):
        """The promise and what its service says."""
        return super().get_context_data(entry=self.entry, pair=pair_of(self.entry, today()), **kwargs)

    def form_valid(self, form):
        """Count it, and keep the words for a person to read."""
        now, day = timezone.now(), today()
        weighed = limits.weigh(self.request, entry=self.entry.pk, on=day, now=now)
        if weighed == limits.Answer.TOO_OFTEN:
            return self._refused(_("Too much comes in at this moment"), 429)
        try:
            with once(form.cleaned_data["once"]) as is_first:
                if is_first:
                    self._take(form, day, now, counts=weighed == limits.Answer.COUNTS)
        except _TooMuch:
            # The mark stays unused: the same page can be sent again in an hour.
            return self._refused(_("Too much comes in at this moment"), 429)
        return redirect("feedback:happened-thanks", self.entry.pk)

    def _take(self, form, day, now, *, counts: bool) -> None:
        """Keep the words, if there are any; the answer is counted unless a program gave it."""
        said, text = form.cleaned_data["said"], form.cleaned_data.get("text", "")
        suspicion = form.looks_like()
        if text:
            taken, why = comment_limits.ask(self.request, text=text, suspicion=suspicion, now=now)
            if taken == comment_limits.Answer.TOO_MANY:
                raise _TooMuch
            comments.tell(
                on=day,
                now=now,
                suspicion=why,
                about=About.SERVICE,
                kind=Kind.WELL if said == "yes" else Kind.BETTER,
                organisation=self.entry.organisation,
                of_entry=self.entry,
                text=text,
            )
        if counts and not suspicion:
            actions.count_answer(self.entry, said=said)

    def form_invalid(self, form):
        """Show it again."""
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def _refused(self, title: str, status: int):
        said = {"title": title, "attention": attention(today()), "too_long": status == 413}
        return render(self.request, "comments/not_taken.html", said | {"written": self._words()}, status=status)

    def _words(self) -> list[tuple[str, str]]:
        """What somebody typed, to copy it; nothing of what was too long to be read."""
        length = self.request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > comment_limits.MOST_BYTES:
            return []
        text = self.request.POST.get("text", "").strip()
        return [(str(_("Your words")), text)] if text else []


class HappenedThanks(AboutPromise, TemplateView):
    """Thank you, and the way back."""

    template_name = "parents/thanks.html"

    def get_context_data(self, **kwargs):
        """The promise."""
        return super().get_context_data(entry=self.entry, back=self.entry.get_absolute_url(), **kwargs)


class ParentAnswers(FromHere, OpenWhileAttended, FormView):
    """The page of one parent who was asked. Its link works once, and for so many days."""

    template_name = "parents/answer.html"
    form_class = AnswerForm
    closed_title = gettext_lazy("Nobody can read what you send now")

    @cached_property
    def check(self) -> ParentCheck:
        """The check that the link names."""
        number = number_in(self.kwargs["token"])
        rows = ParentCheck.objects.filter(forum=None).select_related("entry__organisation", "entry__owner__user")
        check = number and rows.defer("entry__search").filter(pk=number).first()
        if not check or not can_be_checked().filter(pk=check.entry_id).exists():
            raise Http404
        return check

    def dispatch(self, request, *args, **kwargs):
        """Over is over."""
        if self.check.verdict or today() > self.check.chosen_on + LINK_LASTS:
            return render(request, "parents/over.html", {"check": self.check}, status=410)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """The promise and what its service says."""
        entry = self.check.entry
        return super().get_context_data(entry=entry, pair=pair_of(entry, today()), check=self.check, **kwargs)

    def form_valid(self, form):
        """Keep it, once."""
        said = form.cleaned_data
        actions.answer(self.check, on=today(), now=timezone.now(), verdict=said["verdict"], words=said["words"])
        return redirect(reverse("feedback:parent-thanks"))

    def form_invalid(self, form):
        """Show it again."""
        return self.render_to_response(self.get_context_data(form=form), status=400)


class ParentThanks(TemplateView):
    """Thank you to a parent who was asked."""

    template_name = "parents/thanks.html"

    def get_context_data(self, **kwargs):
        """Where to go on."""
        return super().get_context_data(back=reverse("feedback:log"), **kwargs)
