"""Whether somebody in the network has agreed, on a day, to be shown."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.timeline import Begins, Timeline

# An agreement to be shown lasts so long; then somebody asks again.
LASTS = relativedelta(years=2)


class AgreementStage(TextChoices):
    """How far an agreement to be shown has got."""

    ASKED = "asked", _("Asked to join")
    SHOWN = "shown", _("Shown")
    OVER = "over", _("Agreement has run out")
    LEFT = "left", _("Not in it any more")


AGREEMENTS = Timeline(
    before=AgreementStage.ASKED,
    begins=(
        Begins(AgreementStage.LEFT, "left_on"),
        Begins(AgreementStage.OVER, "agreed_until", timedelta(days=1)),
        Begins(AgreementStage.SHOWN, "shown_from"),
    ),
)
