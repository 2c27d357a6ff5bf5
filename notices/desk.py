"""Staff pages about messages: what waits, what went out, to whom and why, and when reminders go out."""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import TextChoices
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from django.views.generic import DetailView, TemplateView

from core.acting import ActingView
from core.dates import today
from core.permissions import Permission
from notices import actions, faults, forecast, ledger, timings
from notices.forms import HoldForm, TimingForm
from notices.models import Fault, Hold, Mail, Notice, Recipient, Step, mask, usual_chain
from notices.readers import Reader, name_readers
from notices.reasons import Line, Reason, for_staff, lines_about, registered

# Numbered pages end at 50: nobody reads further back, and counting all of a long ledger is slow.
PER_PAGE = 20
LONGEST_LIST = 50 * PER_PAGE
FAULTS_SHOWN = 20
RULE = re.compile(r"^-{20,}$", re.MULTILINE)
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class Show(TextChoices):
    """Which messages the page lists."""

    NEXT = "", gettext_lazy("What goes next")
    SENT = "sent", gettext_lazy("What went out")
    HELD = "held", gettext_lazy("Held back")
    DROPPED = "dropped", gettext_lazy("Not sent")


@dataclass(frozen=True)
class Row:
    """A notice or a hold beside what it is about, if that is still there."""

    of: Notice | Hold
    line: Line | None

    @property
    def why(self):
        """The reason, in words."""
        reason = registered().get(self.of.reason)
        return reason.label if reason else self.of.reason

    @property
    def gone(self):
        """What to call it when the record is gone."""
        return _("Record %(number)d, which is no longer here") % {"number": self.of.about_id}


def rows_of(those: Iterable, day: date) -> list[Row]:
    """Rows with their titles: one question for each reason, however many rows."""
    those = list(those)
    lines = lines_about(those, day)
    return [Row(each, lines.get((each.reason, each.about_id))) for each in those]


class Messages(TemplateView):
    """The ledger in plain words, below whatever a person has to mend."""

    permission = Permission.SEE_MESSAGES
    template_name = "notices/messages.html"

    def get_context_data(self, **kwargs):
        """The list that was asked for. An unknown value shows what goes next."""
        asked = self.request.GET.get("show", "")
        self.today = today()
        show = Show(asked) if asked in Show.values else Show.NEXT
        self.broken, more_faults = faults.open_faults(self.today, FAULTS_SHOWN)
        listed = {
            Show.NEXT: self._next,
            Show.SENT: self._sent,
            Show.HELD: self._held,
            Show.DROPPED: self._dropped,
        }[show]()
        return super().get_context_data(
            faults=self.broken,
            more_faults=more_faults,
            show=show,
            shows=[(each.value, each.label) for each in Show],
            today=self.today,
            may_steer=self.request.user.has_perm(Permission.STEER_MESSAGES),
            **listed,
            **kwargs,
        )

    def _page(self, those):
        return Paginator(those, PER_PAGE).get_page(self.request.GET.get("page"))

    def _next(self) -> dict:
        page = self._page(forecast.next_mails(self.today, timezone.now()))
        mails = forecast.with_lines(list(page), {(faults.REASON, row.fault.pk): row.line for row in self.broken})
        name_readers(mails)
        return {"page": page, "mails": mails}

    def _sent(self) -> dict:
        sent = Mail.objects.filter(sent_at__isnull=False).order_by("-sent_at", "pk").defer("text", "html")
        page = self._page(sent.prefetch_related("notices")[:LONGEST_LIST])
        mails = list(page)
        name_readers(mails)
        return {"page": page, "mails": mails}

    def _held(self) -> dict:
        page = self._page(Hold.objects.on(self.today))
        return {"page": page, "rows": rows_of(page, self.today)}

    def _dropped(self) -> dict:
        dropped = Notice.objects.dropped().order_by("-dropped_at", "-pk")
        page = self._page(dropped[:LONGEST_LIST])
        name_readers(page)
        return {"page": page, "rows": rows_of(page, self.today)}


class OneMail(DetailView):
    """One mail as its reader saw it, and what it was about."""

    permission = Permission.SEE_MESSAGES
    template_name = "notices/mail_copy.html"
    model = Mail
    context_object_name = "mail"

    def get_context_data(self, **kwargs):
        """Its notices, each with its title; its text without the rules of dashes, which no phone is wide enough for."""
        name_readers([self.object])
        rows = rows_of(self.object.notices.order_by("pk"), today())
        return super().get_context_data(rows=rows, parts=RULE.split(self.object.text), **kwargs)


class MailPage(View):
    """The page that a mail carried, under a policy of its own: its one style sheet, and nothing else at all."""

    permission = Permission.SEE_MESSAGES

    def get(self, request, pk):
        """The copy, whose links lead nowhere."""
        mail = get_object_or_404(Mail.objects.exclude(html=""), pk=pk)
        style = STYLE.search(mail.html)
        digest = base64.b64encode(hashlib.sha256(style[1].encode() if style else b"").digest()).decode()
        response = HttpResponse(mail.html)
        response["Content-Security-Policy"] = (
            f"default-src 'none'; style-src 'sha256-{digest}'; sandbox; frame-ancestors 'none'; form-action 'none';"
            " base-uri 'none'"
        )
        return response


class AboutOneThing:
    """A page about the messages of one reason about one thing."""

    permission = Permission.SEE_MESSAGES

    def dispatch(self, request, *args, **kwargs):
        """The reason, and what is said of the thing. What is gone has only its past."""
        self.today = today()
        self.reason = for_staff().get(kwargs["reason"])
        if self.reason is None:
            raise Http404
        self.about_id = kwargs["pk"]
        self.line = self.reason.lines([self.about_id], self.today).get(self.about_id)
        self.notices = Notice.objects.filter(reason=self.reason.name, about_id=self.about_id)
        if self.line is None and not self.notices.exists():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @property
    def thing(self) -> dict:
        """By what its actions know it."""
        return {"reason": self.reason.name, "about_id": self.about_id}

    @property
    def address(self) -> str:
        """Its page."""
        return reverse("notices:thing", args=[self.reason.name, self.about_id])

    def get_context_data(self, **kwargs):
        """What every page about it shows."""
        about = {"reason": self.reason, "about_id": self.about_id, "line": self.line}
        return super().get_context_data(**kwargs | about)


class Thing(AboutOneThing, TemplateView):
    """The messages about one thing: who is told now and why, what comes next, and all that went out."""

    template_name = "notices/thing.html"

    def get_context_data(self, **kwargs):
        """Now, next and so far."""
        texts = {(step.reason, step.key): step for step in Step.objects.order_by("pk")}
        now = _nearest_first(ledger.due(self.reason, self.today, [self.about_id]))
        told = [Told(each.role, each.address) for each in now]
        ahead = forecast.next_step(self.reason.name, self.about_id, self.today)
        page = Paginator(self.notices.select_related("mail").order_by("-laid_down_at", "-pk"), PER_PAGE)
        page = page.get_page(self.request.GET.get("page"))
        name_readers(told, page)
        history = [(each, texts.get((each.reason, each.step))) for each in page]
        held = Hold.objects.on(self.today).filter(**self.thing).first()
        return super().get_context_data(
            now=told,
            now_when=self._when(texts, now),
            next_on=ahead[0] if ahead else None,
            next_when=self._when(texts, ahead[1]) if ahead else "",
            next_told=(
                timings.roles_words(dict.fromkeys(each.role for each in _nearest_first(ahead[1]))) if ahead else ""
            ),
            history=[(each, timings.when_words(step) if step else each.step) for each, step in history],
            page=page,
            held=held,
            is_late=bool(self.line and self.line.days_late(self.today)),
            waits=not held and self.notices.waiting().exists(),
            may_steer=self.request.user.has_perm(Permission.STEER_MESSAGES),
            **kwargs,
        )

    def _when(self, texts, owed) -> str:
        step = texts.get((self.reason.name, owed[0].step)) if owed else None
        return timings.when_words(step) if step else ""


@dataclass
class Told:
    """Somebody who is told something now."""

    role: str
    address: str
    reader: Reader | None = None

    @property
    def role_words(self) -> str:
        """As what they are told."""
        return str(Recipient(self.role).label)

    @property
    def masked_address(self) -> str:
        """The address, shown so that only somebody who knows it can tell whose it is."""
        return mask(self.address)


def _nearest_first(owed: list[ledger.Owed]) -> list[ledger.Owed]:
    """The owner first, the sponsor last."""
    return sorted(owed, key=lambda each: Recipient.values.index(each.role))


class Steer(AboutOneThing, View):
    """A press on a button of the page: send what waits now, or let what is held go out again."""

    permission = Permission.STEER_MESSAGES
    http_method_names = ("post",)

    def post(self, request, *args, **kwargs):
        """Do it, and say what happened."""
        who, now = request.user, timezone.now()
        if request.POST.get("do") == "lift":
            actions.lift_hold(by=who, now=now, **self.thing)
            messages.success(request, _("Messages about this go out again."))
        elif request.POST.get("do") == "send":
            count = actions.send_now(by=who, on=self.today, now=now, **self.thing)
            words = ngettext("%(count)d message goes out now.", "%(count)d messages go out now.", count)
            messages.success(request, words % {"count": count} if count else _("Nothing waits to be sent."))
        return redirect(self.address)


class HoldBack(AboutOneThing, ActingView):
    """Hold messages about one thing back for a while, with the reason."""

    permission = Permission.STEER_MESSAGES
    template_name = "notices/hold.html"
    form_class = HoldForm

    def get_initial(self):
        """A week is often enough."""
        return {"until": self.today + timedelta(days=7)}

    def act(self, said):
        """Hold them back."""
        actions.hold(by=self.request.user, on=self.today, now=timezone.now(), **self.thing, **said)
        messages.success(self.request, _("Messages about this are held back. They go out again by themselves."))
        return redirect(self.address)


class FaultPage(DetailView):
    """What is wrong with one address or duty, whom it concerns, and how it is mended."""

    permission = Permission.SEE_FAULTS
    template_name = "notices/fault.html"
    model = Fault

    def get_context_data(self, **kwargs):
        """What is said of it, and the last messages to that address."""
        to_it = Notice.objects.filter(recipient_hash=self.object.recipient_hash).exclude(recipient_hash="")
        return super().get_context_data(
            row=next(iter(faults.rows_of([self.object], today())), None),
            rows=rows_of(to_it.select_related("mail").order_by("-laid_down_at", "-pk")[:PER_PAGE], today()),
            may_steer=self.request.user.has_perm(Permission.STEER_MESSAGES),
            may_change=self.request.user.has_perm(Permission.ADD_PEOPLE),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """It works again."""
        if not request.user.has_perm(Permission.STEER_MESSAGES):
            raise PermissionDenied
        actions.mend_address(self.get_object(), by=request.user, now=timezone.now())
        messages.success(request, _("Messages go to this address again, from the next one on."))
        return redirect("notices:messages")


# When reminders go out


class Timings(TemplateView):
    """Every reminder: when it goes out, to whom, who stands in, and what it asks for."""

    permission = Permission.SEE_MESSAGES
    template_name = "notices/timings.html"

    def get_context_data(self, **kwargs):
        """By reason; who manages the hub may change them."""
        return super().get_context_data(
            groups=timings.groups(today()),
            shown=self.request.GET.get("shown", ""),
            usual_chain=timings.roles_words(usual_chain(), _(", else ")),
            may_edit=self.request.user.has_perm(Permission.EDIT_TIMINGS),
            **kwargs,
        )


def _timings_of(reason: Reason) -> str:
    """The page of reminders, with those of one reason unfolded."""
    return f"{reverse('notices:timings')}?shown={reason.name}#{reason.name}"


class EditTiming(View):
    """Change when a reminder goes out: the form, whose mail would change, and only then the change itself."""

    permission = Permission.EDIT_TIMINGS

    def dispatch(self, request, *args, **kwargs):
        """The reminder, and the reason it belongs to."""
        self.today = today()
        self.step, self.reason = self.fetch(**kwargs)
        return super().dispatch(request, *args, **kwargs)

    def fetch(self, pk: int) -> tuple[Step, Reason]:
        """The step, as it will count: a change that is to come is what one changes."""
        step = get_object_or_404(Step, pk=pk)
        later = Step.objects.filter(reason=step.reason, key=step.key, pk__gt=step.pk).last()
        return later or step, self._reason(step.reason)

    @staticmethod
    def _reason(name: str) -> Reason:
        """The reason, if it is one that may be changed here."""
        reason = for_staff().get(name)
        if reason is None:
            raise Http404
        if reason.watches_keepers:
            raise PermissionDenied
        return reason

    def get(self, request, *args, **kwargs):
        """The form."""
        return self._show(TimingForm(initial=TimingForm.initial_of(self.step, self.today), reason=self.reason))

    def post(self, request, *args, **kwargs):
        """What it would do; or do it."""
        form = TimingForm(request.POST, reason=self.reason)
        if not form.is_valid():
            return self._show(form, status=400)
        timing = form.timing()
        if timing["valid_from"] <= self.today:
            form.add_error("valid_from", _("Choose a day still to come. Today's reminders have gone out."))
            return self._show(form, status=400)
        if request.POST.get("do") == "back":
            return self._show(form)
        if request.POST.get("do") == "save":
            return self._save(form, timing)
        changed = Step(reason=self.step.reason, key=self.step.key, **timing)
        preview = timings.preview(changed, on=self.today)
        page = Paginator(preview.rows, PER_PAGE).get_page(request.POST.get("page"))
        name_readers(page)
        context = {"preview": preview, "page": page, "changed": timings.Timing(changed), "form": form}
        return render(request, "notices/timing_preview.html", self._context(**context))

    def _save(self, form, timing):
        try:
            self.act(timing)
        except ValidationError as error:
            for words in error.messages:
                form.add_error(None, words)
            return self._show(form, status=400)
        messages.success(self.request, _("The change is kept. It begins on the day you chose."))
        return redirect(_timings_of(self.reason))

    def act(self, timing: dict) -> None:
        """Change it."""
        actions.change_timing(self.step, by=self.request.user, on=self.today, **timing)

    def _context(self, **more):
        is_new = self.step.pk is None
        return {"step": self.step, "reason": self.reason, "is_new": is_new, **more}

    def _show(self, form, *, status=200):
        return render(self.request, "notices/timing.html", self._context(form=form), status=status)


class AddTiming(EditTiming):
    """Add a reminder that a reason did not have."""

    def fetch(self, reason: str) -> tuple[Step, Reason]:
        """A new step of the reason."""
        its = self._reason(reason)
        number = Step.objects.filter(reason=reason).values("key").distinct().count() + 1
        step = Step(reason=reason, key=f"added_{number}", offset_days=1, recipients=["owner"])
        step.anchor = next(iter(its.anchors))
        return step, its

    def act(self, timing: dict) -> None:
        """Add it."""
        facts = {"reason": self.step.reason, "key": self.step.key}
        actions.add_step(by=self.request.user, on=self.today, **facts, **timing)


class StopTiming(EditTiming):
    """Stop a reminder: one page with one button."""

    def get(self, request, *args, **kwargs):
        """What would happen."""
        return self._show_stop()

    def post(self, request, *args, **kwargs):
        """Stop it, or say why it cannot be."""
        try:
            actions.stop_step(self.step, by=request.user, on=self.today)
        except ValidationError as error:
            return self._show_stop(problem=error.messages[0], status=400)
        messages.success(request, _("The reminder has stopped. You can start it again here."))
        return redirect(_timings_of(self.reason))

    def _show_stop(self, *, problem="", status=200):
        context = self._context(timing=timings.Timing(self.step), problem=problem, has_errors=bool(problem))
        return render(self.request, "notices/timing_stop.html", context, status=status)
