"""Where one hub keeps its own servers' data, and whose they are. Written down at the first start, in home.json."""

import contextlib
import hashlib
import json
import os
import pwd
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

LONGEST_SOCKET_FOLDER = 80
DATABASE = "hub"


class CannotStart(Exception):
    """Why the servers cannot run, in a sentence that says how to mend it."""


@dataclass
class Home:
    """Where one hub keeps its own servers' data, and whose they are. Written down at the first start.

    `state` is usually the data folder itself. When root starts the hub, the
    servers run as another account; where that account cannot enter the data
    folder, the state lies under /var/lib.
    """

    path: str
    made_by: str
    account: str
    state: str
    sockets: str

    @property
    def data(self) -> Path:
        """The hub's data folder."""
        return Path(self.path)

    @property
    def postgres(self) -> Path:
        """The database's own folder."""
        return Path(self.state) / "postgres"

    @property
    def valkey(self) -> Path:
        """The queue's and cache's own folder."""
        return Path(self.state) / "valkey"

    @property
    def log(self) -> Path:
        """What the servers say."""
        return self.data / "log"

    @property
    def valkey_socket(self) -> Path:
        """Where Valkey listens."""
        return Path(self.sockets) / "valkey.sock"

    @property
    def postgres_socket(self) -> Path:
        """Where PostgreSQL listens."""
        return Path(self.sockets) / ".s.PGSQL.5432"

    def database_url(self, name: str = DATABASE) -> str:
        """What DATABASE_URL would be for this server."""
        return f"postgresql://hub@{quote(self.sockets, safe='')}/{name}"

    def redis_url(self, number: int = 0) -> str:
        """What REDIS_URL would be for this server."""
        return f"unix://{self.valkey_socket}?db={number}"


def account_name(uid: int) -> str:
    """The name of an account, or its number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def home(data: Path) -> Home:
    """The home kept in `data`, or the one that would be made there."""
    data = data.absolute()
    written = data / "home.json"
    try:
        found = Home(**json.loads(written.read_text()))
    except FileNotFoundError:
        return planned(data)
    except PermissionError:
        owner = account_name(data.stat().st_uid)
        raise CannotStart(
            f"The data in {data} belong to {owner}, and you are {account_name(os.geteuid())}. "
            f"Start the hub as {owner}, or set HUB_DATA_DIR to a folder of your own."
        ) from None
    me = account_name(os.geteuid())
    if found.made_by != me:
        raise CannotStart(
            f"The data in {data} were made by {found.made_by}, and you are {me}. "
            f"Start the hub as {found.made_by}, or set HUB_DATA_DIR to a folder of your own."
        )
    return found if found.path == str(data) else _moved(found, data)


def _moved(found: Home, data: Path) -> Home:
    """The same home after its folder was moved, with its paths put right."""
    if found.state == found.path:
        state = str(data)
    elif (Path(found.path) / "home.json").exists():
        raise CannotStart(
            f"{data} is a copy of {found.path}: both would use the database in {found.state}. "
            f"Set HUB_DATA_DIR to a new folder to begin with an empty hub, or remove the one that is not needed."
        )
    else:
        state = found.state
    return Home(str(data), found.made_by, found.account, state, _socket_folder(Path(state)))


def planned(data: Path) -> Home:
    """A home for a data folder that has none yet."""
    me = account_name(os.geteuid())
    if os.geteuid() != 0:
        return Home(str(data), me, me, str(data), _socket_folder(data))
    account = _server_account()
    state = data if _can_enter(account, data) else Path("/var/lib") / f"hub-{short_hash(data)}"
    return Home(str(data), me, account, str(state), _socket_folder(state))


def _server_account() -> str:
    """PostgreSQL refuses to run as root: an account that is there already is used, none is made."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise CannotStart(
        "PostgreSQL does not run as root, and there is no account named postgres or nobody. "
        "Start the hub as an ordinary user, or set DATABASE_URL."
    )


def _can_enter(account: str, data: Path) -> bool:
    """Whether an account can reach the data folder and the programs, asked of the system by becoming it."""
    # The hub's own .data is opened just enough for passing through; any other folder is left as it is.
    outside = next((above.parent for above in (data, *data.parents) if above.name == ".data"), data)
    while not outside.exists():
        outside = outside.parent
    folders = [outside, Path(sys.prefix)]
    child = os.fork()
    if child == 0:  # pragma: no cover, in the child
        who = pwd.getpwnam(account)
        os.setgroups([])
        os.setgid(who.pw_gid)
        os.setuid(who.pw_uid)
        os._exit(0 if all(os.access(folder, os.X_OK) for folder in folders) else 1)
    return os.waitpid(child, 0)[1] == 0


def short_hash(path: Path) -> str:
    """A short name for a folder, always the same."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def _socket_folder(state: Path) -> str:
    """Beside the data, or in a short folder when the path is too long for a socket."""
    wished = state / "run"
    if len(os.fsencode(wished)) <= LONGEST_SOCKET_FOLDER:
        return str(wished)
    return str(Path(tempfile.gettempdir()) / f"hub-{short_hash(state)}")
