"""Starts one of the hub's own programs as it is, on a clock that a test can turn.

    python -m tests.launcher CLOCK MODULE WORDS...

runs `python -m MODULE WORDS...`. Two things differ from real life, and nothing
else does. The wall clock is the machine's own plus so many nanoseconds, which
stand in the file CLOCK and may change at any moment, as when somebody sets the
clock of a machine; what counts how long something takes is left alone. And a
silent mail server or a lost child is waited for less long than in real life,
and the scheduler looks at the clock more often.
Leases, waits and the timetable are the hub's own: tests turn the clock instead.
"""

import mmap
import os
import runpy
import struct
import sys
import threading
import time
from pathlib import Path

import time_machine

# Seconds. In real life 30, and Celery's own 10.
PATIENCE_WITH_A_MAIL_SERVER = 2
PATIENCE_WITH_A_LOST_CHILD = 0.3
# In real life as long as nothing is to be done, a minute at most.
THE_SCHEDULER_SLEEPS = 0.1
LOOKS_AT_THE_CLOCK_EVERY = 0.01
OFFSET = struct.Struct("<q")


class Clock:
    """How far off the wall clock is, in a file that several processes share."""

    def __init__(self, path: Path):
        if not path.exists():
            path.write_bytes(OFFSET.pack(0))
        with open(path, "r+b") as file:
            self._shared = mmap.mmap(file.fileno(), OFFSET.size)

    @property
    def offset(self) -> int:
        """Nanoseconds that the clock is ahead of the machine's own."""
        return OFFSET.unpack(self._shared[:])[0]

    @offset.setter
    def offset(self, nanoseconds: int) -> None:
        self._shared[:] = OFFSET.pack(nanoseconds)


def follow(clock: Clock) -> None:
    """From now on this process, and every process that it forks, goes by the clock."""
    shown = clock.offset
    traveller = time_machine.travel(time.time() + shown / 1e9).start()
    time.time()  # it ticks from the first question on

    def look() -> None:
        nonlocal shown
        while True:
            wanted = clock.offset
            if wanted != shown:
                traveller.shift((wanted - shown) / 1e9)
                shown = wanted
            time.sleep(LOOKS_AT_THE_CLOCK_EVERY)

    def begin() -> None:
        threading.Thread(target=look, daemon=True).start()

    begin()
    # A thread does not come along into a forked process.
    os.register_at_fork(after_in_child=begin)


def main() -> None:
    """Set the clock, shorten the waits, and become the program."""
    path, module, *words = sys.argv[1:]
    follow(Clock(Path(path)))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
    from django.conf import settings

    settings.EMAIL_TIMEOUT = PATIENCE_WITH_A_MAIL_SERVER
    settings.CELERY_WORKER_LOST_WAIT = PATIENCE_WITH_A_LOST_CHILD
    settings.CELERY_BEAT_MAX_LOOP_INTERVAL = THE_SCHEDULER_SLEEPS
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
