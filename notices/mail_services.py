"""What is the same for every mail service: how it names a mail when it speaks of it later, and what it says then."""

from anymail.signals import pre_send
from django.dispatch import receiver

from notices.bounces import mail_in

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
