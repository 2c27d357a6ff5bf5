"""What the ledger holds about one e-mail address: what it follows, and what was sent to it."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from core.dates import moment_words
from core.rights import Held, register
from notices import followables, ledger
from notices.ledger import hash_of
from notices.models import Fault, Mail, Notice, SignUp, Subscription


class InLedger:
    """Alerts, and messages."""

    def held(self, address: str) -> Iterator[Held]:
        """What the address follows or asked for, each message that went to it, and what mail servers said of it."""
        known = hash_of(address)
        followed = list(Subscription.objects.filter(recipient_hash=known, left_at__isnull=True).order_by("made_at"))
        words = followables.words_of(followed)
        for each in followed:
            said = words[each.key].text if each.key in words else _("something that is gone")
            facts = {_("follows"): said, _("how often"): str(each.get_cadence_display())}
            yield Held(_("E-mail alerts"), each.made_at, facts)
        for each in SignUp.objects.filter(recipient_hash=known).order_by("asked_at"):
            yield Held(_("Asked for e-mail alerts"), each.asked_at, {_("goes by itself"): _("within a week")})
        for mail in Mail.objects.filter(recipient_hash=known).exclude(address="").order_by("made_at"):
            yield Held(
                _("E-mail from the hub"),
                mail.made_at,
                {_("sent"): moment_words(mail.sent_at) if mail.sent_at else _("no"), _("subject"): mail.subject},
            )
        notices = Notice.objects.filter(recipient_hash=known, mail__isnull=True).exclude(address="")
        for notice in notices.order_by("laid_down_at"):
            yield Held(_("Message that waits or was dropped"), notice.laid_down_at)
        for fault in Fault.objects.filter(recipient_hash=known).exclude(address="").order_by("found_at"):
            yield Held(_("Trouble with its mailbox"), fault.found_at, {_("what the mail server said"): fault.detail})

    def why_not(self, address: str) -> str:
        """Nothing in the ledger stands in the way."""
        return ""

    def erase(self, address: str, *, by, now: datetime) -> int:
        """The address goes, with what its mails said. That something was owed and sent stays."""
        went = len(list(self.held(address)))
        ledger.forget(address, now)
        return went


register("ledger", InLedger())
