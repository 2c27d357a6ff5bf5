"""What happens to a listing before families see it: the rows around its editorial dates."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.checking import Decision, Sent
from core.constraints import needs, not_blank
from core.history import tracked


class CheckQuerySet(models.QuerySet):
    """Reads of checks."""

    def open(self):
        """Those that nobody has decided yet; what was thrown away meanwhile waits no more."""
        return self.filter(decision="", consultation__deleted_at__isnull=True, event__deleted_at__isnull=True)

    def sent(self):
        """Those that somebody waits for: sent, and not decided."""
        return self.open().filter(sent_at__isnull=False)

    def clean(self):
        """Those that were approved just as they were sent."""
        return self.filter(decision=Decision.APPROVED)


class Check(Sent):
    """One consultation or event sent to be checked: a whole new one, or changes to one that families see already."""

    consultation = models.ForeignKey(
        "consultations.Consultation", null=True, blank=True, on_delete=models.CASCADE, related_name="checks"
    )
    event = models.ForeignKey(
        "consultations.Event", null=True, blank=True, on_delete=models.CASCADE, related_name="checks"
    )

    objects = CheckQuerySet.as_manager()

    class Meta(Sent.Meta):
        indexes = [models.Index("sent_at", name="check_waiting", condition=Q(decision=""))]
        constraints = [
            *Sent.Meta.constraints,
            models.UniqueConstraint("consultation", condition=Q(decision=""), name="check_one_open_for_each"),
            models.UniqueConstraint("event", condition=Q(decision=""), name="check_one_open_for_each_event"),
            needs(
                Q(),
                Q(consultation__isnull=False, event__isnull=True) | Q(consultation__isnull=True, event__isnull=False),
                name="check_of_one_thing",
                message=_("A check is of one consultation or of one event"),
            ),
        ]

    @property
    def record(self):
        """The consultation or the event that was sent."""
        return self.event if self.consultation_id is None else self.consultation


class Said(models.TextChoices):
    """An answer to a question of "Ready to ask?"."""

    YES = "yes", _("Yes")
    NO = "no", _("No, because")
    NOT_RELEVANT = "not_relevant", _("Does not apply, because")


@tracked(name="ReadyAnswerHistory")
class ReadyAnswer(models.Model):
    """One question of "Ready to ask?", answered for one consultation."""

    consultation = models.ForeignKey("consultations.Consultation", on_delete=models.CASCADE, related_name="ready")
    key = models.SlugField(max_length=40)
    said = models.CharField(max_length=20, choices=Said)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("consultation", "key", name="ready_answer_once"),
            needs(
                ~Q(said=Said.YES),
                not_blank("reason"),
                name="ready_answer_no_has_a_reason",
                message=_("Give the reason"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.get_said_display()}"


@tracked(name="CorrectionHistory")
class Correction(models.Model):
    """What was changed in the text of a consultation while it was open, in one sentence for families."""

    consultation = models.ForeignKey("consultations.Consultation", on_delete=models.CASCADE, related_name="corrections")
    text = models.CharField(_("what changed"), max_length=300)
    changed_on = models.DateField()

    class Meta:
        ordering = ["changed_on", "pk"]
        constraints = [
            needs(Q(), not_blank("text"), name="correction_says_what", message=_("Say what changed")),
        ]

    def __str__(self) -> str:
        return self.text
