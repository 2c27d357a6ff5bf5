"""How far an adoption has got, worked out from its dates (content.yaml, level_rules: a result lasts 12 months)."""

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.timeline import Begins, Timeline


class AdoptionStage(TextChoices):
    """What the register says of a body that adopted the standard."""

    ADOPTED = "adopted", _("Adopted: first check not yet published")
    CURRENT = "current", _("Checked in the last 12 months")
    DUE = "due", _("Due for review")
    LAPSED = "lapsed", _("Lapsed")
    ENDED = "ended", _("Ended")


ADOPTIONS = Timeline(
    before=AdoptionStage.ADOPTED,
    begins=(
        Begins(AdoptionStage.ENDED, "ended_on"),
        Begins(AdoptionStage.LAPSED, "lapses_on", timedelta(days=1)),
        Begins(AdoptionStage.DUE, "renew_by", timedelta(days=1)),
        Begins(AdoptionStage.CURRENT, "checked_on"),
    ),
)
# The colour of a state: those of stages that mean as much (assets/scss).
COLOURS = {
    AdoptionStage.ADOPTED: "awaiting",
    AdoptionStage.CURRENT: "open",
    AdoptionStage.DUE: "closing",
    AdoptionStage.LAPSED: "late",
    AdoptionStage.ENDED: "closed",
}
