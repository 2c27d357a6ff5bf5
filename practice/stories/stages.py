"""Whether a parent's permission stands on a day."""

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.timeline import Begins, Timeline


class ConsentStage(TextChoices):
    """How far a permission has got."""

    AHEAD = "ahead", _("Not yet")
    IN_DATE = "in_date", _("Stands")
    OVER = "over", _("Has run out")
    WITHDRAWN = "withdrawn", _("Taken back")


# The day on which it ends still counts; the day on which it is taken back does not.
CONSENTS = Timeline(
    before=ConsentStage.AHEAD,
    begins=(
        Begins(ConsentStage.WITHDRAWN, "withdrawn_on"),
        Begins(ConsentStage.OVER, "expires_on", timedelta(days=1)),
        Begins(ConsentStage.IN_DATE, "consent_on"),
    ),
)
