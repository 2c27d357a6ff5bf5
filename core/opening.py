"""Whether the hub is open to the public. A new one is not, until somebody who looks after it has opened it.

It is open unless the newest closure says otherwise, so a hub that was there
before this rule, the demo and the tests are open without a row.
"""

from dataclasses import dataclass
from datetime import date

from core import standing
from core.models import Closure


@dataclass(frozen=True)
class Opening:
    """Whether families may come in, since when, and why not."""

    closed_on: date | None = None
    opened_on: date | None = None
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether families may read anything."""
        return self.closed_on is None or self.opened_on is not None

    @property
    def was_open(self) -> bool:
        """Whether it is shut again, and not for the first time yet."""
        return not self.is_open and bool(self.reason)


def opening() -> Opening:
    """How it is now."""
    rows = standing.standing("core.closure")
    if not rows:
        return Opening()
    days = {name: date.fromisoformat(rows[0][name]) if rows[0][name] else None for name in ("closed_on", "opened_on")}
    return Opening(reason=rows[0]["reason"], **days)


# Part of any statement that may not do something while the hub is shut.
IS_OPEN_SQL = f"NOT EXISTS (SELECT FROM {Closure._meta.db_table} WHERE opened_on IS NULL)"

standing.register(
    "core.closure", lambda: Closure.objects.order_by("-pk").values("closed_on", "opened_on", "reason")[:1]
)
