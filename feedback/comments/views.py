"""Pages for families: who can help with one child, telling us something, and what is missing."""

import re

from django.conf import settings
from django.core.cache import cache
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView

from accounts.gate import OpenWhileAttended
from accounts.models import Organisation
from core.dates import today, working_days_after
from core.forms import once
from core.public_forms import HOUR, FromHere
from feedback.comments import actions, limits
from feedback.comments.forms import TellForm
from feedback.comments.models import HelpRoute
from feedback.comments.stages import READ_WITHIN, Attention, attention
from feedback.models import FeedbackEntry
from feedback.stages import pair_of
from notices import actions as notices
from notices import limits as mail_limits
from notices.followables import Key
from notices.ledger import hash_of
from notices.models import Cadence

PER_PAGE = 20


class TellUs(OpenWhileAttended, TemplateView):
    """Who can help with one child; then the way to tell us something, and what happens with it."""

    template_name = "comments/tell_us.html"
    closed_title = gettext_lazy("Nobody can put things right here now")

    def get_context_data(self, **kwargs):
        """Those who help, and whether anybody reads the form."""
        routes = HelpRoute.objects.in_use()
        return super().get_context_data(routes=routes, attention=attention(today()), **kwargs)


class _TooMany(Exception):
    """More came in this hour than anybody can read."""


class Tell(FromHere, OpenWhileAttended, FormView):
    """The one short form. It is open while somebody reads what comes in, and for so long only (DESIGN rule 13)."""

    template_name = "comments/tell.html"
    form_class = TellForm
    closed_title = gettext_lazy("Nobody can read what you send now")

    def dispatch(self, request, *args, **kwargs):
        """The page, unless the body is too long to be a comment: it is refused before anybody reads it."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > limits.MOST_BYTES:
            return self._refused(_("What you sent is too long"), too_long=True, status=413)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def attention(self) -> Attention:
        """Who reads."""
        return attention(today())

    def get(self, request, *args, **kwargs):
        """The form, while it is open."""
        return super().get(request, *args, **kwargs) if self.attention.is_open else self._closed(status=200)

    def post(self, request, *args, **kwargs):
        """Take it, while it is open."""
        if not self.attention.is_open:
            return self._closed(status=503)
        return super().post(request, *args, **kwargs)

    def get_initial(self):
        """The page of a service brings its name along."""
        service = self.request.GET.get("service", "").replace("\x00", "")
        body = Organisation.objects.filter(closed_on=None, slug=service).first() if service else None
        return {"organisation": body.pk, "about": "service"} if body else {}

    def get_context_data(self, **kwargs):
        """When it is read."""
        return super().get_context_data(
            attention=self.attention, read_by=working_days_after(today(), READ_WITHIN), **kwargs
        )

    def form_valid(self, form):
        """Keep it for a person to read; or say that too much comes in, with everything typed still there."""
        mark = form.cleaned_data["once"]
        try:
            with once(mark) as is_first:
                if is_first:
                    cache.set(f"comments:told:{mark}", self._take(form), timeout=HOUR)
        except _TooMany:
            # The mark stays unused: the same page can be sent again in an hour.
            title = _("Too much comes in at this moment")
            return self._refused(title, written=self._written(), status=429)
        query = cache.get(f"comments:told:{mark}", "")
        return redirect(f"{reverse('feedback:told')}{query}")

    def _take(self, form) -> str:
        """Keep it. What the page that says thank you has to know, as its address says it."""
        now, day = timezone.now(), today()
        answer, suspicion = limits.ask(
            self.request, text=form.cleaned_data["text"], suspicion=form.looks_like(), now=now
        )
        if answer == limits.Answer.TOO_MANY:
            raise _TooMany
        comment = actions.tell(on=day, now=now, suspicion=suspicion, **form.facts())
        # Nobody is written to by what looks as if a program had sent it.
        asked = form.cleaned_data["wants_news"] and not suspicion and self._ask(comment, day, now)
        return f"?{urlencode({'reference': comment.reference} | ({'mail': '1'} if asked else {}))}"

    def form_invalid(self, form):
        """Show it again."""
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def _ask(self, comment, day, now) -> bool:
        """Ask the mailbox whether it wants to be told, unless too many were asked."""
        known = hash_of(comment.email)
        if mail_limits.ask(self.request, address_hash=known, on=day, now=now) != mail_limits.Answer.YES:
            return False
        key = Key(actions.FOLLOWED, comment.pk)
        notices.ask_to_follow(address=comment.email, keys=[key], cadence=Cadence.AT_ONCE, on=day, now=now)
        return True

    def _written(self) -> list[tuple[str, str]]:
        """What somebody typed, to copy it."""
        form = self.get_form()
        typed = [(form[name].label, form[name].data or "") for name in ("text", "name", "email")]
        return [(label, words) for label, words in typed if words.strip()]

    def _closed(self, *, status: int):
        written = self._written() if status == 503 else []
        return self._refused(str(self.closed_title), written=written, is_closed=True, status=status)

    def _refused(self, title: str, *, status: int, **said):
        page = render(
            self.request,
            "comments/not_taken.html",
            {"title": title, "attention": self.attention, **said},
            status=status,
        )
        add_never_cache_headers(page)
        return page


_REFERENCE = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}")


@method_decorator(never_cache, name="dispatch")
class Told(TemplateView):
    """Thank you, with a reference that says nothing, and what happens next. Nothing is looked up for it."""

    template_name = "comments/told.html"

    def get_context_data(self, **kwargs):
        """The reference as it stands in the address, if it can be one."""
        reference = self.request.GET.get("reference", "")
        return super().get_context_data(
            reference=reference if _REFERENCE.fullmatch(reference) else "",
            was_asked=self.request.GET.get("mail") == "1",
            read_by=working_days_after(today(), READ_WITHIN),
            **kwargs,
        )


class OnPaper(TemplateView):
    """The same questions to print, and where to hand them in."""

    template_name = "comments/paper.html"

    def get_context_data(self, **kwargs):
        """The questions of the form."""
        return super().get_context_data(form=TellForm(), address=settings.HUB_BASE_URL, **kwargs)


class Gaps(TemplateView):
    """What families say is missing, each with its answer, the newest first."""

    template_name = "comments/gaps.html"

    def get_context_data(self, **kwargs):
        """A page of pairs."""
        day = today()
        rows = FeedbackEntry.objects.published().filter(is_gap=True).for_log().order_by("-published_at", "pk")
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, rows=[(entry, pair_of(entry, day)) for entry in page], **kwargs)
