"""What an uploaded file must be, whatever it calls itself; and how a kept one is guarded."""

import io
import stat
import sys
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from core import uploads

PDF = b"%PDF-1.7\n1 0 obj"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
JPG = b"\xff\xd8\xff\xe0" + b"\x00" * 20
ODT = b"application/vnd.oasis.opendocument.text"


def packed(**parts: bytes) -> bytes:
    """A packed document with these parts; two underscores in a name stand for a slash."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name.replace("__", "/"), text)
    return content.getvalue()


def docx(**more: bytes) -> bytes:
    """A small Word document."""
    return packed(**{"[Content_Types].xml": b"<a/>", "word__document.xml": b"<a/>", **more})


def kind(name: str, content: bytes, most: int = 1) -> str:
    """What the file is taken for."""
    return uploads.kind_of(SimpleUploadedFile(name, content), most_megabytes=most).ending


@pytest.mark.parametrize(
    ("name", "content", "ending"),
    [
        ("a.pdf", PDF, "pdf"),
        ("A Paper.PDF", PDF, "pdf"),
        ("a.png", PNG, "png"),
        ("a.jpeg", JPG, "jpg"),
        ("a.docx", docx(), "docx"),
        ("a.odt", packed(mimetype=ODT, **{"content.xml": b"<a/>"}), "odt"),
        ("a.txt", "Plain words – with a dash, 3 < 4".encode(), "txt"),
        ("a.txt", "Windows’ own".encode("cp1252"), "txt"),
        ("a.csv", b"\xef\xbb\xbfa,b\r\n1,2", "csv"),
    ],
)
def test_what_may_be_kept(name, content, ending):
    assert kind(name, content) == ending


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ\x90\x00"),
        ("a.pdf.exe", PDF),
        ("a.svg", b"<svg onload='alert(1)'/>"),
        ("a.html", b"<html>"),
        ("pdf", PDF),
        ("a.docm", docx()),
        ("a.pdf", b"<html><script>alert(1)</script>"),
        ("a.pdf", b"\n\n%PDF-1.7"),
        ("a.png", JPG),
        ("a.jpg", b"GIF89a"),
        ("a.txt", b"<!DOCTYPE html><p>Hello"),
        ("a.txt", b"  <script>alert(1)</script>"),
        ("a.txt", b"MZ\x90\x00\x03"),
        ("a.txt", b"#!/bin/sh\nrm"),
        ("a.csv", PNG),
        ("a.csv", "a,b".encode("utf-16")),
        ("a.docx", packed(mimetype=ODT, **{"content.xml": b""})),
        ("a.docx", docx(**{"word__vbaProject.bin": b"macro"})),
        ("a.odt", docx()),
        ("a.odt", packed(mimetype=ODT, **{"content.xml": b"", "Basic__Module1.xml": b"macro"})),
        ("a.docx", b"PK\x03\x04 nothing that can be unpacked"),
        ("a.docx", docx()[:-30]),
        ("a.txt", b""),
    ],
)
def test_what_is_not_what_it_calls_itself_is_refused(name, content):
    with pytest.raises(ValidationError):
        kind(name, content)


def test_a_packed_file_that_would_grow_very_large_is_refused_without_unpacking_it(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 10_000)

    with pytest.raises(ValidationError):
        kind("a.docx", docx(**{"word__media.bin": b"\x00" * 20_000}))


def test_a_file_that_is_too_large_says_how_large_it_may_be():
    with pytest.raises(ValidationError, match="The most is 1 MB"):
        kind("a.pdf", PDF + b" " * 1024 * 1024)


def test_a_kept_file_has_a_random_name_and_is_the_hubs_own():
    name = uploads.keep(ContentFile(PDF, "../../private names.pdf"), "documents")

    path = uploads.path_of("documents", name)
    assert path.read_bytes() == PDF
    assert path.is_relative_to(Path(settings.HUB_DATA_DIR) / "documents")
    assert not path.is_relative_to(settings.STATIC_ROOT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "private" not in str(path)
    uploads.forget("documents", name)
    uploads.forget("documents", name)
    assert not path.exists()


@pytest.mark.parametrize("name", ["", "../../secret-key", "a" * 39, "A" * 40, "a" * 40 + "/..", "a" * 40 + "\n"])
def test_no_other_file_is_reached_by_a_name(name):
    with pytest.raises(ValueError, match=r".*"):
        uploads.path_of("documents", name)


# --- The virus scanner


def kept() -> list[Path]:
    """Every file in the folder of this test."""
    return [path for path in (Path(settings.HUB_DATA_DIR) / "scanned").rglob("*") if path.is_file()]


def is_clean(path: Path) -> bool:
    """A scanner in Python."""
    return b"virus" not in path.read_bytes()


def is_broken(path: Path) -> bool:
    """A scanner that fails."""
    raise RuntimeError


def by_command(*lines: str) -> str:
    """A scanner that is a command."""
    return f"{sys.executable} -c '{'; '.join(lines)}'"


COMMAND = by_command("import sys, pathlib", 'sys.exit(b"virus" in pathlib.Path(sys.argv[1]).read_bytes())')


@pytest.mark.parametrize("scanner", ["core.tests.test_uploads:is_clean", COMMAND])
def test_a_scanner_lets_clean_files_pass_and_keeps_no_other(settings, scanner):
    settings.HUB_VIRUS_SCAN = scanner

    uploads.forget("scanned", uploads.keep(ContentFile(b"clean"), "scanned"))
    with pytest.raises(ValidationError, match="found something"):
        uploads.keep(ContentFile(b"a virus"), "scanned")
    assert not kept()


@pytest.mark.parametrize(
    "scanner", ["core.tests.test_uploads:is_broken", "no.such:scanner", "/no/such/scanner", by_command("exit(2)")]
)
def test_a_scanner_that_fails_lets_nothing_pass(settings, scanner):
    settings.HUB_VIRUS_SCAN = scanner

    with pytest.raises(ValidationError, match="could not be checked"):
        uploads.keep(ContentFile(b"clean"), "scanned")
    assert not kept()
