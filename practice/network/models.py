"""Who leads on involving families in each body, and the champions and peers who help others to do it."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.constraints import in_order, needs, not_blank
from core.dates import today
from core.history import tracked
from practice.network.stages import AGREEMENTS, AgreementStage


class NetworkRole(models.TextChoices):
    """What somebody in the network is."""

    LEAD = "lead", _("Leads on involving families")
    CHAMPION = "champion", _("Champion: helps colleagues to do it")
    PEER = "peer", _("Peer: a parent or carer who helps others")


class NetworkPersonQuerySet(models.QuerySet):
    """Reads of who is in the network."""

    def shown(self, on: date | None = None):
        """Those whom everybody may see on a day, today unless said: they agreed, and a person let them in."""
        return self.filter(AGREEMENTS.within(AgreementStage.SHOWN, on or today()))

    def waiting(self):
        """Those who asked to join, and nobody has decided."""
        return self.filter(shown_from=None, left_on=None)

    def run_out(self, on: date | None = None):
        """Those whose agreement has run out."""
        return self.filter(AGREEMENTS.within(AgreementStage.OVER, on or today()))

    def for_list(self):
        """With what a list shows, in a fixed number of queries."""
        return self.select_related("organisation").prefetch_related("areas", "methods")


# What somebody says of themselves goes when they go (DESIGN rule 15).
@tracked(name="NetworkPersonHistory", exclude=("name", "email", "phone", "helps_with"))
class NetworkPerson(models.Model):
    """One person in the network, shown only because they agreed to it, and for two years at most.

    Their address is shown only if they ticked that as well; otherwise whoever
    wants to reach them asks the Family Information Service.
    """

    name = models.CharField(_("name"), max_length=100)
    role = models.CharField(_("what they are"), max_length=10, choices=NetworkRole)
    organisation = models.ForeignKey(
        "accounts.Organisation",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("service or group"),
    )
    areas = models.ManyToManyField("core.Area", verbose_name=_("where"), blank=True, related_name="+")
    methods = models.ManyToManyField("core.Method", verbose_name=_("what they have done"), blank=True, related_name="+")
    helps_with = models.CharField(_("what they can help with"), max_length=300, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    shows_reach = models.BooleanField(_("agreed that their address is shown"), default=False)

    asked_at = models.DateTimeField()
    agreed_on = models.DateField(_("agreed to be shown on"))
    agreed_until = models.DateField(_("agreement ends"))
    shown_from = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = NetworkPersonQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "network people"
        indexes = [
            models.Index("asked_at", name="network_waiting", condition=Q(shown_from=None, left_on=None)),
            models.Index("left_on", name="network_left", condition=Q(left_on__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=Q(left_on=None), name="network_once"),
            in_order("agreed_on", "agreed_until", name="network_in_order", message=_("It must end after it was given")),
            needs(
                Q(shown_from__isnull=False, left_on=None),
                not_blank("name") & not_blank("email"),
                name="network_shown_has_a_name",
                message=_("Enter the name and the e-mail"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stage(self) -> AgreementStage:
        """Whether they are shown today."""
        return AgreementStage(AGREEMENTS.of(self, today()))

    @property
    def title(self) -> str:
        """Who it is, for the queue of those who check."""
        return self.name
