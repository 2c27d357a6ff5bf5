"""Whether families can tell us something today: somebody has to read it (DESIGN rule 13)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, QuerySet, TextChoices, Value
from django.utils.translation import gettext_lazy as _

from core import standing
from core.dates import working_days_after
from core.facts import facts
from core.timeline import Begins, Timeline
from feedback.comments.models import Checker, Reading

# So many working days without anybody who reads, and the form closes.
UNREAD_FOR = 3
# Whoever tells us something hears that it is read by then.
READ_WITHIN = 3


class FormStage(TextChoices):
    """Whether the form takes what families want to say."""

    OFF = "off", _("Not switched on")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed: nobody has read what came in")


TIMELINE = Timeline(
    before=FormStage.OFF,
    begins=(
        Begins(FormStage.CLOSED, "read_by", timedelta(days=1)),
        Begins(FormStage.OPEN, "open_from"),
    ),
)


@dataclass(frozen=True)
class Attention:
    """Who reads what families tell us: since when somebody has promised to, and when somebody last did."""

    promised_on: date | None  # the latest day on which somebody who is still here promised to read
    read_on: date | None
    phone: str  # whom to ring about a child who may not be safe
    day: date

    @property
    def last_read_on(self) -> date | None:
        """When somebody last read, or promised to begin."""
        return max((each for each in (self.promised_on, self.read_on) if each), default=None)

    @property
    def open_from(self) -> date | None:
        """Since when the form can be open; never without a reader and without the phone of children's services."""
        return self.promised_on if self.phone else None

    @property
    def read_by(self) -> date | None:
        """The last day on which somebody has to read before the form closes."""
        return working_days_after(self.last_read_on, UNREAD_FOR) if self.open_from and self.last_read_on else None

    @property
    def shuts_on(self) -> date | None:
        """The day on which it closes, or closed."""
        return self.read_by and self.read_by + timedelta(days=1)

    @property
    def stage(self) -> FormStage:
        """Whether the form is open on the day."""
        return FormStage(TIMELINE.of(self, self.day))

    @property
    def is_open(self) -> bool:
        """Whether it takes what families say."""
        return self.stage == FormStage.OPEN

    @property
    def is_off(self) -> bool:
        """Whether it was never switched on, or its last reader has left."""
        return self.stage == FormStage.OFF


def attention(day: date) -> Attention:
    """Who reads, on a day. One query for each content version, shared with all else that a page has to know."""
    rows = {row["what"]: row["latest"] for row in standing.standing("feedback.comments")}
    latest = {what: date.fromisoformat(found) if isinstance(found, str) else found for what, found in rows.items()}
    return Attention(latest.get("promised"), latest.get("read"), facts().children_services_phone, day)


def _latest() -> QuerySet:
    promised = Checker.objects.active().order_by().values(what=Value("promised")).annotate(latest=Max("since"))
    read = Reading.objects.order_by().values(what=Value("read")).annotate(latest=Max("day"))
    return promised.union(read, all=True)


standing.register("feedback.comments", _latest)
