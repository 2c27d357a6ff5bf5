"""Celery beat that goes on when the machine's clock is set back. What it asks for, and when, is in hub/timetable.py."""

from celery.beat import PersistentScheduler
from celery.utils.log import get_logger

log = get_logger(__name__)


class Scheduler(PersistentScheduler):
    """Asks for what is timed, from the next turn on.

    Celery's own waits until the clock has come round to where it was when it
    last asked. A machine that began with a clock some years ahead, and was put
    right, would chase nobody for those years.
    """

    def tick(self, *args, **kwargs) -> float:
        """One look at what is due. Returns for how many seconds nothing is to be done."""
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at > now]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            log.warning("clock_set_back")
            # The order in which they come next is worked out anew.
            self._heap = None
        return super().tick(*args, **kwargs)
