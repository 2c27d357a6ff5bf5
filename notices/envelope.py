"""Where mail that cannot be delivered comes back to: a mailbox of its own, written on the envelope."""

from copy import copy

from django.conf import settings
from django.core.mail import EmailMessage

from notices import smtp


class EmailBackend(smtp.EmailBackend):
    """A mail server by SMTP, with BOUNCE_ADDRESS as the envelope's sender. Readers see the hub's address as ever."""

    def send_messages(self, email_messages) -> int:
        """Send them, reminders and codes to sign in with alike."""
        return super().send_messages([_returned_elsewhere(message) for message in email_messages])


def _returned_elsewhere(message: EmailMessage) -> EmailMessage:
    sent = copy(message)
    sent.extra_headers = {"From": message.from_email, **message.extra_headers}
    sent.from_email = settings.BOUNCE_ADDRESS
    return sent
