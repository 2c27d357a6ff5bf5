"""Everything between an answering database and an open door: tables, default content, demo county, style sheets."""

import contextlib
import hashlib
import io
import multiprocessing
import os
import sys
from pathlib import Path

import django


def say(text: str) -> None:
    """One line of progress."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Bring the hub up to date with the code. Safe to run at each start: what is done stays done."""
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
    django.setup()
    # On the other core, while the database is being filled.
    collecting = multiprocessing.get_context("fork").Process(target=static_files)
    collecting.start()
    tables()
    content()
    collecting.join()
    if collecting.exitcode:
        sys.exit(collecting.exitcode)


def tables() -> None:
    """The database's tables as the migrations want them."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        say(f"Bringing the database up to date ({len(waiting)} steps)")
        call_command("migrate", interactive=False, verbosity=0)


def content() -> None:
    """The default content, and the demo county when this hub shows one and is empty."""
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command

    empty = not any(
        apps.get_model(model).objects.exists() for model in ("consultations.Consultation", "accounts.Organisation")
    )
    if empty:
        say("Loading the default content")
    with contextlib.redirect_stdout(io.StringIO()):
        call_command("load_content")
    if not empty:
        return
    if not settings.SHOW_DEMO:
        keep_shut()
        say("This hub is empty. Make its first keeper with: .venv/bin/python manage.py first_keeper ADDRESS")
        return
    say("Loading the demo county of Westmarch")
    signins = io.StringIO()
    with contextlib.redirect_stdout(signins):
        call_command("load_demo")
    keep_signins(settings.HUB_DATA_DIR, signins.getvalue())


def keep_shut() -> None:
    """Families see nothing of a new hub before somebody who looks after it has opened it on the desk."""
    from core.actions import shut_new_hub
    from core.dates import today

    shut_new_hub(on=today())


def keep_signins(data: Path, text: str) -> None:
    """The demo's passwords were made at that moment: kept where only this user may read them."""
    kept = data / "demo-signins"
    kept.unlink(missing_ok=True)
    with open(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
        new.write(text)


def static_files() -> None:
    """Style sheets, scripts and typefaces, compressed and named by what is in them; only when one has changed."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    seen = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for finder in get_finders():
        for path, storage in finder.list([]):
            written = os.stat(storage.path(path))
            seen.update(f"{path} {written.st_size} {written.st_mtime_ns}\n".encode())
    stamp = settings.STATIC_ROOT / ".collected"
    if stamp.exists() and stamp.read_text() == seen.hexdigest():
        return
    say("Collecting style sheets, scripts and typefaces")
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(seen.hexdigest())


if __name__ == "__main__":
    main()
