"""Makes .venv and installs the pinned requirements into it. Started by script/bootstrap; uses no package."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def fingerprint(lock: Path) -> str:
    """Changes when the lock does, or the Python it was installed for."""
    return f"{hashlib.sha256(lock.read_bytes()).hexdigest()} python {sys.version_info[0]}.{sys.version_info[1]}"


def stamp(lock: Path) -> Path:
    """The file in .venv that says which lock is installed."""
    return VENV / f".{lock.stem}"


def installed(lock: Path) -> bool:
    """Whether exactly this lock is in .venv already."""
    return stamp(lock).exists() and stamp(lock).read_text() == fingerprint(lock)


def make_venv() -> None:
    """A new .venv, unless there is one that runs on this Python."""
    asked = [PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    runs_on = subprocess.run(asked, capture_output=True, text=True).stdout.strip() if PYTHON.exists() else ""
    if runs_on == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return
    shutil.rmtree(VENV, ignore_errors=True)
    say(f"Making .venv with Python {sys.version.split()[0]}")
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        if "ensurepip" in made.stdout + made.stderr:
            sys.exit(
                "This Python cannot make virtual environments: its venv part is missing. "
                "On Debian and Ubuntu, install it with: apt-get install python3-venv"
            )
        sys.exit(f"Could not make .venv:\n{made.stdout}{made.stderr}")


def install(lock: Path) -> None:
    """Install one lock into .venv, saying how far it has got."""
    stamp(lock).unlink(missing_ok=True)
    total = len(re.findall(r"^[A-Za-z0-9].*==", lock.read_text(), flags=re.MULTILINE))
    say(f"Installing {lock.name} ({total} packages; the first time takes about half a minute)")
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    # What is imported is compiled then; compiling everything now takes longer than the download.
    command += ["--no-compile", "--require-hashes", "--requirement", lock]
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines, fetched = [], 0
    for line in pip.stdout:
        lines.append(line)
        if line.startswith(("Collecting ", "Processing ")):
            fetched += 1
            name = line.split()[1].split("==")[0]
            if sys.stderr.isatty():
                print(f"\r\033[K  {fetched} of {total}: {name}", end="", file=sys.stderr, flush=True)
            elif fetched % 10 == 0:
                say(f"  {fetched} of {total}: {name}")
        elif line.startswith("Installing collected packages"):
            if sys.stderr.isatty():
                print("\r\033[K", end="", file=sys.stderr)
            say("  all fetched; unpacking")
    if pip.wait():
        say("".join(lines[-25:]))
        sys.exit(f"Could not install {lock.name}: pip's last lines above say why. Mend that, then start again.")
    stamp(lock).write_text(fingerprint(lock))


def main() -> None:
    locks = [ROOT / "requirements.txt"] + [ROOT / "requirements-dev.txt"] * ("--dev" in sys.argv[1:])
    if PYTHON.exists() and all(installed(lock) for lock in locks):
        return
    if not os.access(ROOT, os.W_OK):
        sys.exit(f"You may not write to {ROOT}, where .venv would go. Start this in a clone of your own.")
    with open(ROOT / "requirements.txt") as lock:
        # Two scripts started at once would both install.
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_venv()
        for each in locks:
            if not installed(each):
                install(each)


if __name__ == "__main__":
    os.umask(0o022)
    main()
