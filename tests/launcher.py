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
from celery.signals import task_prerun
from django.core.signals import request_started

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


class Follower:
    """This process's wall clock, and that of every process that it forks: it goes by the shared one."""

    def __init__(self, clock: Clock):
        self.clock = clock
        self.shown = clock.offset
        self.traveller = time_machine.travel(time.time() + self.shown / 1e9).start()
        time.time()  # it ticks from the first question on
        # A thread does not come along into a forked process.
        os.register_at_fork(after_in_child=self.begin)

    def begin(self) -> None:
        """Look at the clock again and again."""
        self.one_at_a_time = threading.Lock()
        threading.Thread(target=self.look_for_ever, daemon=True).start()

    def look(self, **kwargs) -> None:
        """Go by what the clock says now."""
        with self.one_at_a_time:
            wanted = self.clock.offset
            if wanted != self.shown:
                self.traveller.shift((wanted - self.shown) / 1e9)
                self.shown = wanted

    def look_for_ever(self) -> None:
        """As a thread does."""
        while True:
            self.look()
            time.sleep(LOOKS_AT_THE_CLOCK_EVERY)


def main() -> None:
    """Set the clock, shorten the waits, and become the program."""
    path, module, *words = sys.argv[1:]
    follower = Follower(Clock(Path(path)))
    follower.begin()
    # However busy the machine is, nothing begins by a clock that was turned before it was asked for.
    task_prerun.connect(follower.look, weak=False)
    request_started.connect(follower.look, weak=False)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
    from django.conf import settings

    settings.EMAIL_TIMEOUT = PATIENCE_WITH_A_MAIL_SERVER
    settings.CELERY_WORKER_LOST_WAIT = PATIENCE_WITH_A_LOST_CHILD
    settings.CELERY_BEAT_MAX_LOOP_INTERVAL = THE_SCHEDULER_SLEEPS
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
