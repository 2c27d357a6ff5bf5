"""Work while the database writes: a commit waits for the disk, and the processor need not."""

import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psycopg2 import extensions


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Do `work`, once, while the first statement inside is on its way to the database and back.

    It is done in this thread, between sending the statement and reading the
    reply, by psycopg2's own hook for that. The statement takes as long as it
    takes; the work costs no time beside it. `work` must not use the database,
    and what goes wrong in it is for it to keep: raised here it would break the
    connection. Where no statement is sent, nothing is done.
    """
    me = threading.get_ident()
    to_do = [work]

    def wait(connection) -> None:
        while True:
            state = connection.poll()
            if state == extensions.POLL_OK:
                return
            if state == extensions.POLL_WRITE:
                select.select([], [connection.fileno()], [])
            elif to_do and threading.get_ident() == me:
                to_do.pop()()
            else:
                select.select([connection.fileno()], [], [])

    before = extensions.get_wait_callback()
    extensions.set_wait_callback(wait)
    try:
        yield
    finally:
        extensions.set_wait_callback(before)
