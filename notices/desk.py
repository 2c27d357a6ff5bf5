"""Staff pages about messages: what waits, what went out, to whom and why, and what keeps one from arriving."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import DetailView, ListView

from core.dates import today
from core.permissions import Permission
from notices.models import Fault, Mail, Notice
from notices.reasons import Line, lines_about, registered

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
