"""The content version: one value in Redis that changes whenever something families can see has changed.

Whatever was built from the database at one version, on one UK day, may be
shown again for as long as neither has moved on; `cached` and hub/pages.py rest
on that. Django's own statements are watched, so a bulk update, the admin and
raw SQL move the version like any action does, once for each transaction and
only when it commits. docs/decisions/0002-page-cache.md tells why.
"""

import os
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import redis
from django.apps import apps
from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.signals import connection_created
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.dates import today

# A version that nobody moved runs out by itself: it bounds how long an old page can live after a change
# that the watch did not see (psql, a process killed between its commit and its message to Redis).
LIFETIME = 60
# Longer than Redis ever takes to answer, short enough that a page does not wait for one that is gone.
PATIENCE = 0.25
# How long to leave Redis alone after it did not answer.
REST = 1.0


class Stamp(NamedTuple):
    """What a page must have been built under to be shown again: the content version and the UK day."""

    version: bytes
    day: date


# --- Reading the version


def stamp() -> Stamp | None:
    """The stamp of this moment, to be taken before the first query. None while Redis is away: keep nothing."""
    version = current()
    return Stamp(version, today()) if version else None


def current() -> bytes | None:
    """The content version, or None while Redis is away or has not been told of a change made here."""
    if time.monotonic() < _redis.rests_until:
        return None
    try:
        if _redis.owed:
            _redis.settle()
        version = _redis.ask("GET")
        if version is None:
            # The first reader after it ran out makes the next one; whoever comes second takes that.
            _redis.ask("SET", _new_version(), "NX", "EX", LIFETIME)
            version = _redis.ask("GET")
    except redis.RedisError:
        _redis.rest()
        return None
    return version


# --- Moving it


def move() -> None:
    """Say that something on public pages has changed.

    Called by the watch below; call it yourself after a change that Django's
    statements do not show, such as psycopg2's `copy_expert`. It never fails:
    while Redis is away this process remembers that it owes the message, and
    uses no kept page before it has been delivered.
    """
    try:
        if time.monotonic() < _redis.rests_until:
            raise redis.ConnectionError
        _redis.ask("SET", _new_version(), "EX", LIFETIME)
    except redis.RedisError:
        _redis.owe()


def move_on_commit(using: str = "default") -> None:
    """Move the version when the transaction commits, or now when there is none. Once is enough for each."""
    database = connections[using]
    if _moves_on_commit(database):
        return
    if database.in_atomic_block or database.get_autocommit():
        transaction.on_commit(move, using=using)
    else:
        # Commits by hand cannot be followed.
        move()


def _moves_on_commit(database) -> bool:
    """Whether the transaction has changed something public that nobody else can see yet."""
    return database.in_atomic_block and any(hook is move for _savepoints, hook, _robust in database.run_on_commit)


def _new_version() -> str:
    # Random, so that a Redis that lost its memory can never count up to an old one.
    return secrets.token_hex(8)


class _Redis(threading.local):
    """This thread's connection. It sits on redis-py's plain connection, a quarter of its client's cost."""

    # Shared by all threads
    rests_until = 0.0
    owed = False
    lock = threading.Lock()

    @cached_property
    def key(self) -> str:
        return f"{settings.CACHES['default'].get('KEY_PREFIX', '')}:content-version"

    @cached_property
    def connection(self) -> redis.Connection:
        pool = redis.ConnectionPool.from_url(
            settings.CACHES["default"]["LOCATION"],
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        return pool.make_connection()

    @cached_property
    def get(self) -> list[bytes]:
        return self.connection.pack_command("GET", self.key)

    def ask(self, command: str, *words) -> Any:
        """One command about the version, and its reply."""
        packed = self.connection.pack_command(command, self.key, *words) if words else self.get
        try:
            return self._send(packed)
        except redis.ConnectionError:
            # Redis may have been started again since we last spoke.
            return self._send(packed)

    def _send(self, packed) -> Any:
        self.connection.send_packed_command(packed, check_health=False)
        return self.connection.read_response()

    def settle(self) -> None:
        """Deliver what this process owes."""
        with _Redis.lock:
            if _Redis.owed:
                self.ask("SET", _new_version(), "EX", LIFETIME)
                _Redis.owed = False

    def owe(self) -> None:
        """Remember that a change could not be told."""
        with _Redis.lock:
            _Redis.owed = True
        self.rest()

    def rest(self) -> None:
        """Leave Redis alone for a while."""
        _Redis.rests_until = time.monotonic() + REST


_redis = _Redis()


def _start_afresh() -> None:
    """Connect anew at the next question: a child process must not share its parent's connection."""
    global _redis
    _Redis.rests_until = 0.0
    _Redis.lock = threading.Lock()
    _redis = _Redis()


os.register_at_fork(after_in_child=_start_afresh)


# --- Watching what Django writes

_left_out: frozenset[str] = frozenset()

_VERBS = ("insert", "update", "delete", "truncate", "merge", "copy")
_WRITE = re.compile(
    r"""\b(?:
        (?: insert\s+into | update | delete\s+from | merge\s+into | copy ) \s+ (?:only\s+)?
            (?: "?\w+"? \s* \. \s* )? "?(?P<table>\w+)
      | truncate \s+ (?P<tables>[\w\s".,]+)
    )""",
    re.VERBOSE,
)
# Statements up to this length are remembered with what they write; they come again and again.
_LONG = 8_000


def watch(never_public: tuple[str, ...] = ()) -> None:
    """Move the version on every write to a table of ours that Django makes from now on.

    `never_public` names what is on no public page, an app ("notices") or a
    model ("feedback.Draft"): writing those moves nothing. History tables and
    other people's apps (sessions, the admin's log) never do.
    """
    global _left_out
    _left_out = frozenset(each.lower() for each in never_public)
    _public_tables.cache_clear()
    _reading.cache_clear()
    connection_created.connect(_watch_connection, dispatch_uid="content-version")
    for each in connections.all(initialized_only=True):
        _watch_connection(connection=each)


_unwatched: ContextVar[bool] = ContextVar("unwatched", default=False)


@contextmanager
def unwatched() -> Iterator[None]:
    """Writes inside move nothing: they go to a database that no page is made from, and that is thrown away.

    So nothing that was read is kept either, and nothing that was read from the hub's own database is used.
    """
    keeps_nothing = _unwatched.set(True)
    was_watched = connection_created.disconnect(dispatch_uid="content-version")
    for each in connections.all(initialized_only=True):
        with suppress(ValueError):
            each.execute_wrappers.remove(_after_each_statement)
    try:
        yield
    finally:
        _unwatched.reset(keeps_nothing)
        if was_watched:
            connection_created.connect(_watch_connection, dispatch_uid="content-version")
            for each in connections.all(initialized_only=True):
                _watch_connection(connection=each)


def _watch_connection(connection, **_kwargs) -> None:
    if _after_each_statement not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _after_each_statement)


def _after_each_statement(execute, sql, params, many, context):
    result = execute(sql, params, many, context)
    written = _reading(sql) if isinstance(sql, str) and len(sql) < _LONG else _read(sql)
    if written.public and not (written.counts_rows and not many and context["cursor"].rowcount == 0):
        move_on_commit(context["connection"].alias)
    return result


class _Written(NamedTuple):
    """What a statement writes: to a public table or not; and whether its row count tells that it changed nothing."""

    public: bool
    counts_rows: bool


def _read(sql) -> _Written:
    """What an SQL statement writes, from its text. What only looks like a write of a public table counts as one."""
    text = (sql.decode() if isinstance(sql, bytes) else str(sql)).strip().lower()
    writes = 0
    tables: set[str] = set()
    for verb in _VERBS:
        # A search for plain words, since one for the pattern takes half a millisecond in a long SELECT.
        at = text.find(verb)
        while at >= 0:
            found = _WRITE.match(text, at)
            if found and found["table"] != "set":  # ON CONFLICT DO UPDATE SET
                writes += 1
                tables.update(re.findall(r"\w+", found["table"] or found["tables"]))
            at = text.find(verb, at + 1)
    return _Written(
        public=not tables.isdisjoint(_public_tables()),
        counts_rows=writes == 1 and text.startswith(("insert", "update", "delete")),
    )


_reading = lru_cache(maxsize=500)(_read)


@cache
def _public_tables() -> frozenset[str]:
    """The tables of our own apps whose rows families may see."""
    return frozenset(
        model._meta.db_table.lower()
        for app in apps.get_app_configs()
        if Path(app.path).parent == Path(settings.BASE_DIR) and app.label not in _left_out
        for model in app.get_models(include_auto_created=True)
        if model._meta.label_lower not in _left_out and not hasattr(model, "pgh_tracked_model")
    )


# --- Keeping what was built


class Kept:
    """A bounded store of what was built under one stamp. A new stamp empties it; the least used go first."""

    def __init__(self, most: int):
        self.most = most
        self.weight = 0
        self._stamp: Stamp | None = None
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, stamp: Stamp, key: Hashable) -> Any:
        """What was kept under this key at this very stamp, or None."""
        with self._lock:
            if stamp != self._stamp:
                return None
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, stamp: Stamp, key: Hashable, value: Any, weight: int = 1) -> None:
        """Keep something built under this stamp. What was kept under another is dropped."""
        with self._lock:
            if stamp != self._stamp:
                self._entries.clear()
                self._stamp, self.weight = stamp, 0
            self.weight += weight - self._entries.pop(key, (None, 0))[1]
            self._entries[key] = (value, weight)
            while self.weight > self.most:
                self.weight -= self._entries.popitem(last=False)[1][1]


T = TypeVar("T")

_blocks = Kept(most=500)


def cached(name: str, params: Hashable, build: Callable[[], T]) -> T:
    """What `build` makes, made once for each content version and UK day in each process.

    For blocks that many pages share, such as the finder's counts. `params` is
    all that the result depends on besides the database and the day. The
    result is shared: treat it as read-only. It is made afresh while Redis is
    away, inside a transaction that has itself changed something public, and
    where nobody watches what is written.
    """
    now = None if _unwatched.get() or _moves_on_commit(connection) else stamp()
    if now is None:
        return build()
    key = (name, params)
    block = _blocks.get(now, key)
    if block is None:
        block = build()
        _blocks.put(now, key, block)
    return block
