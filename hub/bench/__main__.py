"""`python -m hub.bench` measures everything; names after it, only those."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> None:
    """Measure on a throw-away database, print a table, and fail when a target was missed."""
    if os.environ.get("HUB_BENCH_RUNS_IN") != os.environ.get("HUB_DATA_DIR", "nowhere"):
        sys.exit(_again_with_servers_of_its_own())
    os.environ["DJANGO_SETTINGS_MODULE"] = "hub.settings"
    import django

    django.setup()
    # Their measures are found by their names.
    for part in (
        "chasing",
        "digests",
        "events",
        "finding",
        "importing",
        "planning",
        "retention",
        "searching",
        "standard",
        "tellus",
    ):
        import_module(f"hub.bench.{part}")
    from hub.bench.measures import MEASURES, Asked, Result

    parser = argparse.ArgumentParser(prog="script/bench", description="Measures what was promised about speed.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which to measure: {', '.join(MEASURES)}")
    parser.add_argument("--rows", type=int, default=20_000, help="how many consultations there are")
    parser.add_argument("--seconds", type=float, default=15, help="how long each speed is measured")
    parser.add_argument("--skip-start", action="store_true", help="leave out the start from a clean clone")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(MEASURES)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    names = asked.names or [name for name in MEASURES if not (asked.skip_start and name == "start")]

    _prepare()
    results = []
    for name in names:
        print(f"Measuring {name}", file=sys.stderr, flush=True)
        try:
            results += MEASURES[name](Asked(asked.seconds, asked.rows))
        except Exception as problem:  # one measure that breaks must not hide the others
            traceback.print_exc()
            results.append(Result(name, "to be measured", str(problem).strip().splitlines()[-1], passed=False))
    _print_table(results)
    sys.exit(not all(result.passed for result in results))


def _again_with_servers_of_its_own() -> int:
    """Start over in a folder of its own, whatever the environment says: a real hub's data are never touched."""
    folder = tempfile.mkdtemp(prefix="hub-bench-")
    os.chmod(folder, 0o711)
    ours = ("HUB_", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "BOUNCE_", "ANYMAIL_", "NOTIFY_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {
        "HUB_DATA_DIR": folder,
        "HUB_BENCH_RUNS_IN": folder,
        "SECRET_KEY": "only for measuring: " + "0123456789" * 4,
        # Warnings of a measured server do not belong in the table.
        "PYTHONWARNINGS": "ignore",
    }
    python = [sys.executable, "-m"]
    command = [*python, "hub.embedded", folder, "--", *python, "hub.bench", *sys.argv[1:]]
    try:
        return subprocess.run(command, cwd=ROOT, env=environment).returncode
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare() -> None:
    """Tables and style sheets, as script/server makes them."""
    import logging

    from django.conf import settings

    from hub import embedded, prepare

    logging.getLogger("django_structlog").setLevel(logging.WARNING)
    embedded.make_database(embedded.home(settings.HUB_DATA_DIR))
    prepare.tables()
    prepare.static_files()


def _print_table(results) -> None:
    lines = [("", "Target", "Measured", "")]
    lines += [(each.what, each.target, each.measured, "PASS" if each.passed else "FAIL") for each in results]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    for line in lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
