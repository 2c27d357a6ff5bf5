"""Letters as mail servers write them, about a mail of ours to somebody."""

from pathlib import Path
from uuid import UUID


def letter(name: str, mail: UUID, to: str) -> bytes:
    """The letter of this name, about this mail to this address, as it travels."""
    text = Path(__file__).with_name(f"{name}.eml").read_text()
    return text.replace("MAIL@", f"{mail}@").replace("OWNER", to).replace("\n", "\r\n").encode()
