"""What accounts hold about one e-mail address: who it is, their roles, and how it reaches a service."""

from collections.abc import Iterator
from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import erase_account
from accounts.models import Membership, Organisation, User
from core.dates import day_words
from core.rights import Held, register


class InAccounts:
    """Staff accounts, and the mailboxes of services."""

    def held(self, address: str) -> Iterator[Held]:
        """The account, each role it has or had, and each service that has the address as its mailbox."""
        for user in User.objects.filter(email__iexact=address):
            yield Held(_("Staff account"), user.date_joined, {_("name"): user.name})
            for each in user.memberships.select_related("organisation").order_by("started_on"):
                began = timezone.make_aware(datetime.combine(each.started_on, time.min))
                facts = {
                    _("as"): each.job_title or str(each.get_role_display()),
                    _("for"): each.organisation.name,
                    _("until"): day_words(each.ended_on) if each.ended_on else _("today"),
                }
                yield Held(_("Role"), began, facts)
        for body in Organisation.objects.filter(mailbox__iexact=address):
            yield Held(
                _("Mailbox of a service"), body.changed_at, {_("service"): body.name}, url=body.get_absolute_url()
            )

    def why_not(self, address: str) -> str:
        """Somebody who still has a role owes answers under that name: the role ends first."""
        if Membership.objects.active().filter(user__email__iexact=address).exists():
            return _("This person still has a role. End it first, on “People”, so that somebody takes over.")
        if User.objects.filter(email__iexact=address, is_superuser=True).exists():
            return _("This person runs the server. Another one must close the account first.")
        return ""

    def erase(self, address: str, *, by, now: datetime) -> int:
        """The account loses its name and address. What it did stays, as done by somebody who has left."""
        users = list(User.objects.filter(email__iexact=address))
        for user in users:
            erase_account(user, by=by, now=now)
        return len(users)


register("accounts", InAccounts())
