"""A mail server in a process of its own, which takes every mail, writes down what it took, and misbehaves when told.

    python -m tests.mail_sink FOLDER PORT

Each mail is a line of FOLDER/taken.jsonl. How it behaves is in FOLDER/manners.json:

- `refuses`: addresses that it does not know (550)
- `drops`: it takes the whole mail and then drops the line without a word
- `silent`: it takes every call and says nothing
- `holds_at`: having taken so many mails in all, it keeps its answer to itself until told otherwise
"""

import asyncio
import email
import json
import sys
from email.policy import SMTP as RULES
from pathlib import Path

from aiosmtpd.smtp import SMTP


class Sink:
    """What it does with each mail."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.file = open(folder / "taken.jsonl", "a", buffering=1)  # noqa: SIM115 - as long as the process
        self.count = (folder / "taken.jsonl").read_bytes().count(b"\n")

    @property
    def manners(self) -> dict:
        """How it was told to behave."""
        return json.loads((self.folder / "manners.json").read_text())

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        """Know the address, or not."""
        if address in self.manners.get("refuses", ()):
            return f"550 5.1.1 <{address}>: nobody here by that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        """Take a mail and write it down before anything is said."""
        manners = self.manners
        message = email.message_from_bytes(envelope.content, policy=RULES)
        self.count += 1
        taken = {
            "id": message["Message-ID"],
            "to": envelope.rcpt_tos[0],
            "subject": message["Subject"],
            "text": message.get_body(("plain",)).get_content(),
        }
        self.file.write(json.dumps(taken) + "\n")
        if manners.get("drops"):
            server.transport.abort()
        while self.count == self.manners.get("holds_at"):
            await asyncio.sleep(0.01)
        return "250 OK"


async def serve(folder: Path, port: int) -> None:
    """Listen until the end."""
    sink = Sink(folder)
    loop = asyncio.get_running_loop()

    def answers():
        if sink.manners.get("silent"):
            return asyncio.Protocol()
        return SMTP(sink, hostname="sink", enable_SMTPUTF8=True)

    server = await loop.create_server(answers, "127.0.0.1", port)
    (folder / "ready").touch()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
