"""Staff pages about messages: what waits, what went out, to whom and why, and when reminders go out."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import TextChoices
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import DetailView, ListView, TemplateView

from core.dates import today
from core.permissions import Permission
from notices import actions, timings
from notices.forms import TimingForm
from notices.models import Fault, Mail, Notice, Step, usual_chain
from notices.reasons import Line, Reason, lines_about, registered

# Numbered pages end at 50: nobody reads further back, and counting all of a long ledger is slow.
PER_PAGE = 20
LONGEST_LIST = 50 * PER_PAGE
FAULTS_SHOWN = 20


class Show(TextChoices):
    """Which messages the page lists."""

    ALL = "", gettext_lazy("All")
    WAITING = "waiting", gettext_lazy("Waiting")
    SENT = "sent", gettext_lazy("Sent")
    DROPPED = "dropped", gettext_lazy("Not sent")


@dataclass(frozen=True)
class Row:
    """A notice or a fault beside what it is about, if that is still there."""

    of: Notice | Fault
    line: Line | None

    @property
    def why(self):
        """The reason, in words."""
        reason = registered().get(self.of.reason)
        return reason.label if reason else self.of.reason

    @property
    def gone(self):
        """What to call it when the record is gone, or is no record but an address."""
        if self.of.about_id is None:
            return self.of.masked_address
        return _("Record %(number)d, which is no longer here") % {"number": self.of.about_id}


class Messages(ListView):
    """The ledger in plain words, newest first, below whatever a person has to mend."""

    permission = Permission.SEE_MESSAGES
    template_name = "notices/messages.html"
    paginate_by = PER_PAGE

    def get_queryset(self):
        """The notices that the page was asked for. An unknown value shows them all."""
        asked = self.request.GET.get("show", "")
        self.show = Show(asked) if asked in Show.values else Show.ALL
        notices = Notice.objects.all()
        if self.show:
            notices = getattr(notices, self.show.value)()
        return notices.select_related("mail").defer("mail__text")[:LONGEST_LIST]

    def get_context_data(self, **kwargs):
        """Rows with their titles: one question for each reason, however many rows."""
        context = super().get_context_data(**kwargs)
        notices = list(context["page_obj"])
        faults = list(Fault.objects.open()[:FAULTS_SHOWN])
        lines = lines_about([*notices, *faults], today())
        return context | {
            "rows": [Row(each, lines.get((each.reason, each.about_id))) for each in notices],
            "faults": [Row(each, lines.get((each.reason, each.about_id))) for each in faults],
            "show": self.show,
            "shows": [(each.value, each.label) for each in Show],
        }


class OneMail(DetailView):
    """One mail as its reader saw it, and what it was about."""

    permission = Permission.SEE_MESSAGES
    template_name = "notices/mail_copy.html"
    model = Mail
    context_object_name = "mail"

    def get_context_data(self, **kwargs):
        """Its notices, each with its title."""
        notices = list(self.object.notices.order_by("pk"))
        lines = lines_about(notices, today())
        return super().get_context_data(
            rows=[Row(each, lines.get((each.reason, each.about_id))) for each in notices],
            **kwargs,
        )


# When reminders go out


class Timings(TemplateView):
    """Every reminder: when it goes out, to whom, who stands in, and what it asks for."""

    permission = Permission.SEE_MESSAGES
    template_name = "notices/timings.html"

    def get_context_data(self, **kwargs):
        """By reason; who manages the hub may change them."""
        return super().get_context_data(
            groups=timings.groups(today()),
            usual_chain=timings.roles_words(usual_chain(), _(", else ")),
            may_edit=self.request.user.has_perm(Permission.EDIT_TIMINGS),
            **kwargs,
        )


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
        reason = registered().get(step.reason)
        if reason is None:
            raise Http404
        return later or step, reason

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
        return redirect("notices:timings")

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
        if reason not in registered():
            raise Http404
        number = Step.objects.filter(reason=reason).values("key").distinct().count() + 1
        step = Step(reason=reason, key=f"added_{number}", offset_days=1, recipients=["owner"])
        step.anchor = next(iter(registered()[reason].anchors))
        return step, registered()[reason]

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
        return redirect("notices:timings")

    def _show_stop(self, *, problem="", status=200):
        context = self._context(timing=timings.Timing(self.step), problem=problem, has_errors=bool(problem))
        return render(self.request, "notices/timing_stop.html", context, status=status)
