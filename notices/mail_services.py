"""What is the same for every mail service of django-anymail: what it is told of a mail, and what it tells later."""

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, pre_send, tracking
from django.dispatch import receiver
from django.utils import timezone

from notices.bounces import Bounce, Fate, code_in, mail_in, record

# Where a service keeps which mail it is: it may put a Message-ID of its own in place of ours.
NAMED = "hub_mail"


@receiver(pre_send)
def name_the_mail(sender, message, **kwargs) -> None:
    """Give the service the mail's number, and header lines that every service can carry."""
    headers = message.extra_headers
    mail = mail_in(headers.get("Message-ID", ""))
    if mail:
        message.metadata = {NAMED: str(mail)}
    list_id = headers.get("List-Id", "")
    if not list_id.isascii():
        # Some services cannot encode the hub's name; what is in angle brackets is what mail programs go by.
        headers["List-Id"] = list_id.rpartition(" ")[2]


@receiver(tracking)
def hear(sender, event: AnymailTrackingEvent, esp_name: str, **kwargs) -> None:
    """Write down what a service tells of a mail that came back; whatever else it tells is not kept."""
    bounce = bounce_in(event)
    if bounce:
        record(bounce, source=esp_name, now=timezone.now())


# The service remembers why it will not even try this address.
NEVER_AGAIN = {RejectReason.INVALID, RejectReason.BOUNCED, RejectReason.SPAM, RejectReason.UNSUBSCRIBED}


def bounce_in(event: AnymailTrackingEvent) -> Bounce | None:
    """The bad news in what a service tells, if there is any and it is about a mail of the ledger."""
    metadata = event.metadata if isinstance(event.metadata, dict) else {}
    mail = mail_in(str(metadata.get(NAMED) or "")) or mail_in(event.message_id or "")
    code = code_in(str(event.mta_response or event.description or ""))
    fate = _fate_of(event, code)
    if mail is None or fate is None:
        return None
    return Bounce(mail, fate, code or event.reject_reason or "", (event.recipient,) if event.recipient else ())


def _fate_of(event: AnymailTrackingEvent, code: str) -> Fate | None:
    """What a service says, in the ledger's words.

    Services call a full mailbox and a wrong address the same, so without the
    mail server's own code only this mail is lost.
    """
    if event.event_type == EventType.DEFERRED:
        return Fate.DELAYED
    if event.event_type == EventType.BOUNCED:
        dead = code.startswith("5") or event.reject_reason == RejectReason.INVALID
        return Fate.DEAD if dead else Fate.LOST
    if event.event_type == EventType.REJECTED:
        return Fate.DEAD if event.reject_reason in NEVER_AGAIN else Fate.LOST
    if event.event_type == EventType.FAILED:
        return Fate.LOST
    return None
