"""Work while the database writes: a commit waits for the disk, and the processor need not."""

import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psycopg2 import extensions

_mine = threading.local()


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Do `work`, once, while the first statement inside is on its way to the database and back.

    It is done in this thread, between sending the statement and reading the
    reply, by psycopg2's own hook for that. The statement takes as long as it
    takes; the work costs no time beside it. `work` must not use the database,
    and what goes wrong in it is for it to keep: raised here it would break the
    connection. Where no statement is sent, nothing is done.
    """
    # Once it is there it stays: taken away, it would be missing for another thread that is waiting just then.
    if extensions.get_wait_callback() is not _wait:
        extensions.set_wait_callback(_wait)
    _mine.work = work
    try:
        yield
    finally:
        _mine.work = None


def _wait(connection) -> None:
    while True:
        state = connection.poll()
        if state == extensions.POLL_OK:
            return
        if state == extensions.POLL_WRITE:
            select.select([], [connection.fileno()], [])
            continue
        work, _mine.work = getattr(_mine, "work", None), None
        if work is not None:
            work()
        else:
            select.select([connection.fileno()], [], [])
