"""Files that people upload: what they are by their content, how large, whether a scanner lets them pass, where kept.

A file is kept in the data folder under a random name of ours, never below
static, and never run or read by the hub. docs/documents.md tells what is
checked and how a virus scanner is named.
"""

import os
import re
import secrets
import shlex
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

log = structlog.get_logger(__name__)

# How many files one person may send in an hour.
AN_HOUR = 60
# A scanner that takes longer than this has not said yes.
SCAN_SECONDS = 120
# A packed document with more parts, or that grows to more than this, was made to do harm.
MOST_PARTS = 5_000
MOST_UNPACKED = 500 * 1024 * 1024
# So much of a text is looked at to tell whether it is text.
TEXT_LOOKED_AT = 1024 * 1024

_NAME = re.compile(r"[0-9a-f]{40}")
_PYTHON = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
# How a text begins that is none for people: a web page or a program.
_NO_PLAIN_TEXT = re.compile(r"\s*(<(!doctype|html|script|svg|\?xml|\?php|iframe|body)|#!|%PDF-|MZ\x90)", re.IGNORECASE)
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True)
class Kind:
    """A kind of file that may be uploaded: the ending of its name, its type for browsers, and how it is known."""

    ending: str
    content_type: str
    is_one: Callable[[BinaryIO], bool]


def _begins(*marks: bytes) -> Callable[[BinaryIO], bool]:
    def is_one(file: BinaryIO) -> bool:
        return file.read(16).startswith(marks)

    return is_one


def _is_text(file: BinaryIO) -> bool:
    content = file.read(TEXT_LOOKED_AT)
    try:
        # A letter of several bytes may be cut where looking ends.
        text = content.decode("utf-8-sig", errors="strict" if len(content) < TEXT_LOOKED_AT else "ignore")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    return not _NO_TEXT.search(text) and not _NO_PLAIN_TEXT.match(text)


def _is_packed(file: BinaryIO, is_right: Callable[[zipfile.ZipFile, set[str]], bool]) -> bool:
    """Whether a packed document is what it says. Only its list of parts is read: nothing is unpacked."""
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(each.file_size for each in parts) > MOST_UNPACKED:
                return False
            return is_right(packed, {each.filename for each in parts})
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
        return False


def _is_docx(file: BinaryIO) -> bool:
    def is_right(_packed: zipfile.ZipFile, names: set[str]) -> bool:
        has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
        return {"[Content_Types].xml", "word/document.xml"} <= names and not has_macros

    return _is_packed(file, is_right)


def _is_odt(file: BinaryIO) -> bool:
    wanted = b"application/vnd.oasis.opendocument.text"

    def is_right(packed: zipfile.ZipFile, names: set[str]) -> bool:
        if not {"mimetype", "content.xml"} <= names or any(name.startswith(("Basic/", "Scripts/")) for name in names):
            return False
        with packed.open("mimetype") as said:
            return said.read(len(wanted) + 1).strip() == wanted

    return _is_packed(file, is_right)


KINDS = {
    each.ending: each
    for each in (
        Kind("pdf", "application/pdf", _begins(b"%PDF-")),
        Kind("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", _is_docx),
        Kind("odt", "application/vnd.oasis.opendocument.text", _is_odt),
        Kind("txt", "text/plain; charset=utf-8", _is_text),
        Kind("csv", "text/csv; charset=utf-8", _is_text),
        Kind("png", "image/png", _begins(b"\x89PNG\r\n\x1a\n")),
        Kind("jpg", "image/jpeg", _begins(b"\xff\xd8\xff")),
    )
}


def kind_of(file, *, most_megabytes: int, kinds: tuple[str, ...] = tuple(KINDS)) -> Kind:
    """What an uploaded file is. Raises ValidationError, in words, unless name, content and size all allow it."""
    ending = Path(file.name or "").suffix.lower().removeprefix(".")
    kind = KINDS.get("jpg" if ending == "jpeg" else ending)
    if kind is None or kind.ending not in kinds:
        raise ValidationError(_("Choose a file of one of these kinds: %(kinds)s") % {"kinds": ", ".join(kinds)})
    if not file.size:
        raise ValidationError(_("The file is empty"))
    if file.size > most_megabytes * 1024 * 1024:
        raise ValidationError(_("The file is too large. The most is %(most)s MB") % {"most": most_megabytes})
    file.seek(0)
    try:
        if not kind.is_one(file):
            raise ValidationError(
                _("The file is called “.%(ending)s”, but what is in it is something else") % {"ending": ending}
            )
    finally:
        file.seek(0)
    return kind


def is_too_often(user) -> bool:
    """Whether this person has sent very many files in this hour. Asking counts one."""
    key = f"uploads:{user.pk}:{int(timezone.now().timestamp()) // 3600}"
    cache.add(key, 0, timeout=2 * 3600)
    return cache.incr(key) > AN_HOUR


# --- Keeping


def path_of(folder: str, name: str) -> Path:
    """Where a file that was kept is."""
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    return Path(settings.HUB_DATA_DIR) / folder / name[:2] / name


def keep(file, folder: str) -> str:
    """Write a file into a folder of the data folder, and give back its random name.

    Raises ValidationError when the scanner finds something, or cannot say; nothing is kept then.
    """
    name, target = new_file(folder)
    try:
        with target:
            for chunk in file.chunks():
                target.write(chunk)
        scan(path_of(folder, name))
    except BaseException:
        forget(folder, name)
        raise
    return name


def new_file(folder: str) -> tuple[str, BinaryIO]:
    """A new file in a folder of the data folder, to be written: its random name, and itself."""
    name = secrets.token_hex(20)
    path = path_of(folder, name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return name, os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def forget(folder: str, name: str) -> None:
    """Take a kept file away. One that is gone already is no fault."""
    path_of(folder, name).unlink(missing_ok=True)


def scan(path: Path) -> None:
    """Let the virus scanner look at a file, where the hub has one (HUB_VIRUS_SCAN).

    It is a command, to which the file's path is added: it ends with 0 when the
    file is clean and with 1 when it is not. Or a Python function, named
    `module:function`, that is given the path and says whether it is clean.
    Whatever else happens, the file is refused: nobody has said that it is clean.
    """
    scanner = settings.HUB_VIRUS_SCAN
    if not scanner:
        return
    try:
        is_clean = _is_clean(scanner, path)
    except Exception as problem:  # a scanner that fails in any way must not let a file pass
        log.error("virus_scan_failed", fault=type(problem).__name__)
        raise ValidationError(_("The file could not be checked for viruses. Try again later")) from None
    if not is_clean:
        log.warning("virus_found")
        raise ValidationError(_("The virus check found something in this file. It was not kept"))


def _is_clean(scanner: str, path: Path) -> bool:
    if _PYTHON.fullmatch(scanner):
        return bool(import_string(scanner.replace(":", "."))(path))
    done = subprocess.run(
        [*shlex.split(scanner), str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=SCAN_SECONDS,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise OSError(done.returncode)
    return done.returncode == 0
