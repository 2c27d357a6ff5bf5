"""What is done with a file that comes in through the browser: shown first, taken in exactly as shown, forgotten."""

import hashlib
import json
import tempfile
from datetime import date, datetime
from functools import partial
from itertools import islice

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from core import uploads
from core.imports import FileRefused, Told, importers, take_in
from core.models import ImportRun, ImportRunRow

# The folder, in the data folder, of files that were brought in.
IMPORTS = "imports"
BATCH = 1_000


class _WentAnotherWay(Exception):
    """Something changed since the file was shown."""


def begin_import(*, by, file, kind: str, read_on: date, now: datetime) -> ImportRun:
    """Keep a file that somebody brought. It is judged next; nothing is taken in yet.

    Raises ValidationError when the virus scanner refuses it.
    """
    sha256 = hashlib.sha256()
    for chunk in file.chunks():
        sha256.update(chunk)
    return ImportRun.objects.create(
        kind=kind,
        file_name=get_valid_filename(file.name)[:120],
        stored=uploads.keep(file, IMPORTS),
        sha256=sha256.hexdigest(),
        read_on=read_on,
        made_by=getattr(by, "pk", None),
        made_at=now,
    )


def check_import(run: ImportRun, *, on: date, now: datetime) -> None:
    """Judge every row of a file and keep what would become of it. The hub stays as it is. Twice does no harm."""
    if run.applied_at or run.asked_at:
        return
    with _Shown(run) as shown:
        try:
            account = _judged(run, shown, on=on, dry_run=True)
        except FileRefused as problem:
            _fail(run, str(problem), now)
            return
        _keep_what_was_shown(run, shown, now=now, **account)


@transaction.atomic
def ask_for_import(run: ImportRun, *, by, digest: str, now: datetime) -> None:
    """Somebody says that the file is to be taken in as it was shown.

    Raises ValidationError when it was judged again since they looked, or is under way already.
    """
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if not run.can_be_applied or run.digest != digest:
        raise ValidationError(_("This file was checked again, or is brought in already. Look at it once more."))
    run.asked_by, run.asked_at, run.went_another_way = getattr(by, "pk", None), now, 0
    run.save(update_fields=["asked_by", "asked_at", "went_another_way"])


def apply_import(run: ImportRun, *, on: date, now: datetime) -> None:
    """Take a file in, all of it or nothing, exactly as it was shown. Twice does no harm.

    When any row would do something else by now, nothing is taken in: the file
    is judged again, and shown again.
    """
    try:
        with transaction.atomic(), _Shown(run) as shown:
            run = ImportRun.objects.select_for_update().get(pk=run.pk)
            if run.applied_at or not run.asked_at:
                return
            _judged(run, shown, on=on, dry_run=False)
            if shown.digest != run.digest:
                raise _WentAnotherWay
            run.applied_at = now
            run.save(update_fields=["applied_at"])
    except _WentAnotherWay:
        # Only now, for what it had written was taken back with it.
        ImportRun.objects.filter(pk=run.pk).update(asked_at=None, asked_by=None)
        check_import(ImportRun.objects.get(pk=run.pk), on=on, now=now)
    except FileRefused as problem:
        ImportRun.objects.filter(pk=run.pk).update(asked_at=None, asked_by=None)
        _fail(run, str(problem), now)


def give_up_import(run: ImportRun, *, now: datetime) -> None:
    """Something went wrong that nobody foresaw. Nothing was taken in; whoever brought the file is told."""
    run = ImportRun.objects.get(pk=run.pk)
    if not run.applied_at:
        ImportRun.objects.filter(pk=run.pk).update(asked_at=None, asked_by=None)
        _fail(run, _("Something went wrong while the file was read. Nothing was imported. Try again later."), now)


def forget_imports(before: datetime, limit: int) -> int:
    """Forget up to so many files that were brought before a moment, and what became of their rows. How many went."""
    old = list(ImportRun.objects.filter(made_at__lt=before).order_by("made_at")[:limit])
    for run in old:
        run.delete()
        for name in filter(None, (run.stored, run.rejected)):
            transaction.on_commit(partial(uploads.forget, IMPORTS, name))
    return len(old)


def rows_so_far(run: ImportRun) -> int:
    """How many rows have been looked at, while the hub is at work."""
    return cache.get(_key(run), 0)


# --- What they share


def _judged(run: ImportRun, shown: "_Shown", *, on: date, dry_run: bool) -> dict:
    """Bring the file in, or see what that would do. Gives back what is kept of it."""
    kind = importers().get(run.kind)
    if kind is None:
        raise FileRefused(_("The hub does not know this kind of file any more."))
    path = uploads.path_of(IMPORTS, run.stored)
    try:
        with path.open("rb") as source:
            if hashlib.file_digest(source, "sha256").hexdigest() != run.sha256:
                raise FileRefused(_("The file is not the one that was shown. Send it again."))
            source.seek(0)
            options = {"read_on": run.read_on, "dry_run": dry_run, "follow": shown.see}
            by = get_user_model()._base_manager.filter(pk=run.asked_by or run.made_by).first()
            with take_in(source, kind, by=by, today=on, **options) as account:
                counts = {str(verdict): number for verdict, number in account.counts.items()}
                rejected = _kept_rejected(account) if dry_run and counts["rejected"] else ""
                return {"counts": counts, "unknown": list(account.header.unknown), "rejected": rejected}
    except OSError:
        raise FileRefused(_("The file is not here any more. Send it again.")) from None


def _kept_rejected(account) -> str:
    name, target = uploads.new_file(IMPORTS)
    with target:
        account.write_rejected(target)
    return name


class _Shown:
    """What becomes of each row, one after the other: kept on disk until it is written, so that memory stays flat."""

    def __init__(self, run: ImportRun):
        self.run, self._sum, self._seen = run, hashlib.sha256(), 0
        self._lines = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115

    def __enter__(self) -> "_Shown":
        return self

    def __exit__(self, *_problem) -> None:
        self._lines.close()
        cache.delete(_key(self.run))

    @property
    def digest(self) -> str:
        """Stands for what becomes of every row."""
        return self._sum.hexdigest()

    def see(self, told: Told) -> None:
        """One row more."""
        self._sum.update(told.fingerprint.encode())
        row = [told.line, told.verdict, told.title, told.column, told.words, told.fingerprint]
        self._lines.write(json.dumps(row) + "\n")
        self._seen += 1
        if self._seen % BATCH == 0:
            # Past the transaction, which others cannot look into.
            cache.set(_key(self.run), self._seen, timeout=60 * 60)

    def rows(self, run: ImportRun):
        """The rows to be kept, from the first."""
        self._lines.seek(0)
        for line in self._lines:
            number, verdict, title, column, words, fingerprint = json.loads(line)
            yield ImportRunRow(
                run=run, line=number, verdict=verdict, title=title, column=column, words=words, fingerprint=fingerprint
            )


def _key(run: ImportRun) -> str:
    return f"import:{run.pk}"


@transaction.atomic
def _keep_what_was_shown(
    run: ImportRun, shown: _Shown, *, now: datetime, counts: dict, unknown: list[str], rejected: str
) -> None:
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    old = run.rejected
    another_way = 0
    if run.checked_at:
        before = dict(run.rows.values_list("line", "fingerprint"))
        another_way = sum(before.get(row.line) != row.fingerprint for row in shown.rows(run))
        run.rows.all().delete()
    rows = shown.rows(run)
    while batch := list(islice(rows, BATCH)):
        ImportRunRow.objects.bulk_create(batch)
    run.counts, run.unknown_columns, run.rejected = counts, unknown, rejected
    run.digest, run.checked_at, run.went_another_way = shown.digest, now, another_way
    run.save()
    if old:
        transaction.on_commit(lambda: uploads.forget(IMPORTS, old))


def _fail(run: ImportRun, problem: str, now: datetime) -> None:
    ImportRun.objects.filter(pk=run.pk).update(failed_at=now, problem=problem)
