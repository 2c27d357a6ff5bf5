"""A mail server, by SMTP, that tells whether a message was begun when the line breaks.

Many servers hang up after so many messages, or when nothing was said for a
while. Django's own backend cannot tell that from a line that broke in the
middle of a message, which the server may or may not have taken.
"""

import smtplib

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend as DjangosBackend
from django.core.mail.message import sanitize_address


class NotTaken(OSError):
    """The line broke before the message itself was sent: the server surely has not taken it."""


class _NotesTheBeginning:
    """A connection that remembers whether the text of a message was begun."""

    begun = False

    def data(self, msg):
        self.begun = True
        return super().data(msg)


class _Plain(_NotesTheBeginning, smtplib.SMTP):
    pass


class _OverTls(_NotesTheBeginning, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangosBackend):
    """Django's SMTP backend; raises NotTaken where it is sure of that."""

    @property
    def connection_class(self):
        """The connection that remembers."""
        return _OverTls if self.use_ssl else _Plain

    def _send(self, email_message):
        self.connection.begun = False
        try:
            return self._send_put_together(email_message) or super()._send(email_message)
        except (smtplib.SMTPServerDisconnected, OSError) as problem:
            broke = isinstance(problem, smtplib.SMTPServerDisconnected) or not isinstance(
                problem, smtplib.SMTPException
            )
            if broke and not self.connection.begun:
                raise NotTaken(type(problem).__name__) from problem
            raise

    def _send_put_together(self, message) -> bool:
        """Send what was made ready before (notices/letters.py). False when nothing was."""
        ready = getattr(message, "over_the_line", None)
        if ready is None:
            return False
        encoding = message.encoding or settings.DEFAULT_CHARSET
        to = [sanitize_address(address, encoding) for address in message.recipients()]
        self.connection.sendmail(sanitize_address(message.from_email, encoding), to, ready)
        return True
