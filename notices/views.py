"""The public pages on which families ask for e-mails, say yes to them, change them and stop them.

None sets a cookie. A form that anybody may send carries a signed, timed mark
and says where it was sent from. The others lie behind a link that only came
by mail: its token says who asks, so a forged form could do nothing.
"""

from datetime import timedelta
from functools import cached_property

from django.core import signing
from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import FormView, TemplateView

from core.acting import WithoutCookie
from core.dates import today
from core.finding import PER_PAGE
from core.forms import once
from core.models import Area, Audience, Topic
from notices import actions, followables, limits
from notices.forms import AddressForm, CadenceForm, FollowForm
from notices.ledger import hash_of
from notices.links import CONFIRM, LEAVE, MANAGE, mail_named_in, path_to
from notices.models import Mail, Recipient, Subscription
from notices.reasons import lines_about

# For so long a link in a mail shows what its reader follows. Stopping e-mails by it works for ever.
SHOWS_FOR = timedelta(days=90)
# For so long "Follow them again" can be pressed after stopping.
TAKES_BACK_FOR = timedelta(hours=1)


class Alerts(TemplateView):
    """What e-mails there are, and a choice of what they are to be about."""

    template_name = "notices/alerts.html"

    def get_context_data(self, **kwargs):
        """The lists to choose from."""
        lists = [
            {"name": "topic", "title": _("What it is about"), "terms": Topic.objects.in_use()},
            {"name": "audience", "title": _("Who it is for"), "terms": Audience.objects.in_use()},
            {"name": "area", "title": _("Where it is"), "terms": Area.objects.in_use()},
        ]
        return super().get_context_data(lists=lists, **kwargs)


# --- Asking for e-mails


class FromAnybody(WithoutCookie, FormView):
    """A form with an e-mail address that anybody may send. What it answers never tells who is known here."""

    success_url = reverse_lazy("notices:check")

    def form_valid(self, form):
        """Ask the mailbox, unless there were too many; then keep what was typed, and say when to try again."""
        now, day = timezone.now(), today()
        if form.is_from_a_program:
            return super().form_valid(form)
        with once(form.cleaned_data["once"]) as is_first:
            if is_first:
                address = form.cleaned_data["address"]
                answer = limits.ask(self.request, address_hash=hash_of(address), on=day, now=now)
                if answer == limits.Answer.YES:
                    self.act(form, address, day, now)
                elif answer == limits.Answer.TOO_OFTEN:
                    form.add_error(None, _("Too many people are signing up from here. Try again in an hour."))
                    return self.render_to_response(self.get_context_data(form=form), status=429)
        return super().form_valid(form)

    def act(self, form, address: str, day, now) -> None:
        """What is done with an address."""
        raise NotImplementedError


class Follow(FromAnybody):
    """Getting e-mails about one thing, or about whatever a filter shows: the page says what that is."""

    template_name = "notices/follow.html"
    form_class = FollowForm

    @cached_property
    def key(self) -> followables.Key:
        """What the address asks to follow."""
        key = followables.read(self.request.GET)
        if key is None:
            raise Http404
        return key

    @cached_property
    def words(self) -> followables.Words:
        """That, in words."""
        words = followables.words_of([self.key]).get(tuple(self.key))
        if words is None:
            raise Http404
        return words

    @cached_property
    def besides(self) -> followables.Key | None:
        """What may be followed besides."""
        return followables.beyond(self.key)

    def get_form_kwargs(self):
        """With what may be ticked."""
        words = followables.words_of([self.besides]).get(tuple(self.besides)) if self.besides else None
        return super().get_form_kwargs() | {"beyond": words.text if words else ""}

    def get_context_data(self, **kwargs):
        """What will be followed, and what whoever does is told."""
        tells = followables.registered()[self.key.follows].tells
        return super().get_context_data(words=self.words, tells=tells, **kwargs)

    def act(self, form, address, day, now) -> None:
        """Ask whoever reads there."""
        keys = [self.key, self.besides] if form.cleaned_data["besides"] and self.besides else [self.key]
        actions.ask_to_follow(
            address=address, keys=keys, cadence=form.cleaned_data["cadence"], on=day, now=now
        )  # fmt: skip


class AskForLink(FromAnybody):
    """Asking for the link to what an address follows. Whether it follows anything only its own mailbox learns."""

    template_name = "notices/ask_for_link.html"
    form_class = AddressForm

    def act(self, form, address, day, now) -> None:
        """Send the link, if there is anything to show."""
        actions.ask_for_link(address=address, on=day, now=now)


class Check(TemplateView):
    """Look into your mailbox: the same for everybody who sent one of these forms."""

    template_name = "notices/check.html"


# --- From a mail


# Mail programs press for their readers (RFC 8058), without a page before it. The token says who asks, so there is
# nothing that a forged form could do, and nothing to guess. How often is not limited: one provider presses for many.
@method_decorator([csrf_exempt, never_cache], name="dispatch")
class FromMail(TemplateView):
    """A page behind a link in a mail. Opening it changes nothing: mail scanners follow links."""

    page: str  # the part of the link that says which page it is for

    @cached_property
    def mail(self) -> Mail:
        """The mail that the link was in."""
        mail_id = mail_named_in(self.kwargs["token"], self.page)
        mail = Mail.objects.filter(pk=mail_id).first() if mail_id else None
        if mail is None:
            raise Http404
        return mail

    @property
    def manage_url(self) -> str:
        """Where the reader of the mail sees all that they follow."""
        return path_to(MANAGE, self.mail.pk)


class Confirm(FromMail):
    """One button that says yes to e-mails."""

    template_name = "notices/confirm.html"
    page = CONFIRM

    def get_context_data(self, **kwargs):
        """What it would be about; nothing once it is too old."""
        asked = kwargs.pop("asked", None)
        if asked is None:
            asked = actions.asked_in(self.mail)
        words = followables.words_of(asked)
        those = [words[each.key] for each in asked if each.key in words]
        return super().get_context_data(those=those, manage_url=self.manage_url, **kwargs)

    def post(self, request, *args, **kwargs):
        """Begin. Pressed twice it is the same."""
        asked = actions.confirm_following(self.mail, now=timezone.now())
        return self.render_to_response(self.get_context_data(asked=asked, is_done=bool(asked)))


class Leave(FromMail):
    """One button that stops news of what a mail was about."""

    template_name = "notices/leave.html"
    page = LEAVE

    def get_context_data(self, **kwargs):
        """What it was about."""
        news = list(self.mail.notices.filter(role=Recipient.FOLLOWER).order_by("pk"))
        lines = {line.url: line for line in lines_about(news, today()).values()}.values()
        still = Subscription.objects.active().filter(recipient_hash=self.mail.recipient_hash)
        return super().get_context_data(
            lines=sorted(lines, key=lambda line: line.title),
            manage_url=self.manage_url if still.exists() else "",
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """Stop them. Pressed twice it is the same."""
        actions.stop_news(self.mail, now=timezone.now())
        return self.render_to_response(self.get_context_data(has_left=True))


class Manage(FromMail):
    """All that an address follows: how often, stop one, stop all, and take that back."""

    template_name = "notices/manage.html"
    page = MANAGE

    @property
    def shows(self) -> bool:
        """Whether the link is not too old."""
        return timezone.now() - self.mail.made_at < SHOWS_FOR

    @property
    def mine(self):
        """What the reader of the mail follows."""
        followed = Subscription.objects.active().filter(recipient_hash=self.mail.recipient_hash)
        return followed.order_by("-confirmed_at", "-pk")

    def get_context_data(self, **kwargs):
        """A page of it, in words."""
        if not self.shows:
            return super().get_context_data(is_too_old=True, **kwargs)
        page = Paginator(self.mine, PER_PAGE).get_page(self.request.GET.get("page"))
        rows = list(page.object_list)
        words = followables.words_of(rows)
        followed = [{"pk": row.pk, "words": words.get(row.key)} for row in rows]
        form = CadenceForm(initial={"cadence": rows[0].cadence}) if rows else None
        return super().get_context_data(**{"form": form, "page": page, "followed": followed, **kwargs})

    def post(self, request, *args, **kwargs):
        """One of its buttons."""
        if not self.shows:
            return self.render_to_response(self.get_context_data())
        pressed = request.POST.get("do", "")
        done = {"cadence": self._change, "stop": self._stop, "stop-all": self._stop_all, "again": self._again}
        return self.render_to_response(self.get_context_data(**done.get(pressed, dict)()))

    def _change(self) -> dict:
        form = CadenceForm(self.request.POST)
        if form.is_valid():
            actions.change_cadence(self.mail.recipient_hash, cadence=form.cleaned_data["cadence"])
            return {"said": _("Saved. This is how often we write from now on.")}
        return {"form": form}

    def _stop(self) -> dict:
        return self._stopped([pk for pk in self.request.POST.getlist("which") if pk.isdecimal() and len(pk) < 19])

    def _stop_all(self) -> dict:
        return self._stopped(list(self.mine.values_list("pk", flat=True)))

    def _stopped(self, ids: list) -> dict:
        """Stop these. Their reader's own page holds what it takes to take it back: we have nothing of it any more."""
        going = list(self.mine.filter(pk__in=ids))
        if not going:
            return {}
        ids = [each.pk for each in going]
        taken_back_by = signing.dumps([ids, going[0].address], salt=MANAGE, compress=True)
        actions.stop_following(self.mail.recipient_hash, ids=ids, now=timezone.now())
        return {"said": _("Stopped. We send you no more e-mails about that."), "taken_back_by": taken_back_by}

    def _again(self) -> dict:
        try:
            ids, address = signing.loads(
                self.request.POST.get("mark", ""), salt=MANAGE, max_age=TAKES_BACK_FOR.total_seconds()
            )
        except signing.BadSignature:
            return {"said": _("That was too long ago. Sign up again instead.")}
        since = timezone.now() - TAKES_BACK_FOR
        if hash_of(address) == self.mail.recipient_hash:
            actions.follow_again(self.mail.recipient_hash, ids=ids, address=address, since=since)
        return {"said": _("You follow it again.")}
