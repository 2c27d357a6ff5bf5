"""Where mail goes when no mail server is set: a folder, one file for each message."""

import os
import re
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend


class OutboxNotWritable(OSError):
    """The outbox took nothing: its disk is full, or the folder belongs to somebody else."""


class EmailBackend(BaseEmailBackend):
    """Puts each message into EMAIL_FILE_PATH as one .eml file that mail programs open.

    The file appears whole or not at all, and only its owner may read it. It
    is named by the `Message-ID`, so a message sent twice is still one file.
    """

    def __init__(self, *args, file_path: str | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.folder = Path(file_path or getattr(settings, "EMAIL_FILE_PATH", "outbox"))

    def send_messages(self, email_messages) -> int:
        """Write the messages; raises OutboxNotWritable at the first that cannot be."""
        for message in email_messages:
            try:
                self._write(message.message())
            except OSError as problem:
                raise OutboxNotWritable(problem.errno, problem.strerror) from None
        return len(email_messages)

    def _write(self, message) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = re.sub(r"[^A-Za-z0-9.@-]", "", message["Message-ID"])
        half = self.folder / f".{name}.{os.getpid()}.half"
        try:
            with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(message.as_bytes())
                file.flush()
                os.fsync(file.fileno())
            half.replace(self.folder / f"{name}.eml")
        finally:
            half.unlink(missing_ok=True)
