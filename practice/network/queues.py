"""Who asks to join the network, in the queue of those who check; whose agreement has run out, in what they owe."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, F, Min, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import checking, standing
from core.permissions import Permission
from core.queues import Owed, register
from practice.network.models import NetworkPerson


def waiting() -> QuerySet:
    """Those who asked: each waits as themselves."""
    rows = NetworkPerson.objects.waiting().annotate(sent_at=F("asked_at"), sent_by=Value(""))
    return rows.select_related("organisation")


def run_out(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """One row for all whose agreement to be shown has run out."""
    if not (everyone and user.has_perm(Permission.KEEP_NETWORK)):
        return
    found = next(iter(standing.standing("network-run-out")), {"count": 0})
    if not found["count"]:
        return
    page = f"{reverse('practice:desk-network')}?show=over"
    yield Owed(
        kind="network",
        title=_("People in the network to ask again"),
        url=page,
        organisation=_("Nobody is shown longer than they agreed to."),
        due_on=date.fromisoformat(found["since"]),
        families="",
        button=_("Ask them"),
        button_url=page,
        words=ngettext("%(count)d person", "%(count)d people", found["count"]) % {"count": found["count"]},
        is_chore=True,
    )


def _run_out() -> QuerySet:
    rows = NetworkPerson.objects.run_out().order_by().values(one=Value(1))
    return rows.annotate(count=Count("pk"), since=Min("agreed_until")).values("count", "since")


def register_queues() -> None:
    """Called when the app is ready."""
    standing.register("network-run-out", _run_out)
    register("network", run_out)
    checking.register(
        checking.Kind(
            name="network",
            waiting=waiting,
            what=lambda person: _("Asks to join the network"),
            page=lambda person: reverse("practice:desk-network-person", args=[person.pk]),
            record=lambda person: person,
        )
    )
