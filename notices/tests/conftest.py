"""A reason for tests that knows no floor above: terms of a list that must be looked at by a day."""

from datetime import date, datetime, time

import pytest
from django.db.models import F, Value
from django.utils import timezone

from core.models import Topic
from notices import ledger, post, reasons
from notices.models import Step
from notices.reasons import Line, Reason

MONDAY = date(2026, 3, 2)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A moment in the UK."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


class LookAgain(Reason):
    """A topic to look at again. Its help text holds the owner's address, its short label the deputy's."""

    name = "look-again"
    label = "A topic must be looked at"
    anchors = {"retired_on": "its day"}

    def things(self, day):
        """Topics with a day."""
        return Topic.objects.filter(retired_on__isnull=False).annotate(
            to_owner=F("help"),
            to_deputy=F("short_label"),
            to_team=Value(""),
            owner_left=Value(False),
            organisation_id=F("pk"),
            volunteers=Value(False),
        )

    def roster(self, day):
        """Nobody else."""
        return "SELECT '', 0, '' WHERE false", []

    def lines(self, ids, day):
        """Their labels."""
        return {
            each.pk: Line(
                title=each.label,
                url=f"/topics/{each.key}/",
                what=f"Look by {each.retired_on}",
                families="",
                button="Look",
                button_url=f"/desk/topics/{each.key}/",
                due_on=each.retired_on,
            )
            for each in Topic.objects.filter(pk__in=ids)
        }


@pytest.fixture
def look_again(monkeypatch, db):
    """The ledger knows this one reason, with one step on the day itself and one each week after."""
    monkeypatch.setattr(reasons, "_registered", {LookAgain.name: LookAgain()})
    Step.objects.create(
        reason="look-again", key="day", anchor="retired_on", offset_days=0, recipients=["owner"], text="Look."
    )
    Step.objects.create(
        reason="look-again",
        key="week",
        anchor="retired_on",
        offset_days=7,
        repeat_every_days=7,
        recipients=["owner", "deputy"],
        text="Look now.",
    )
    return registered_reason()


def registered_reason() -> Reason:
    """The reason of these tests."""
    return reasons.registered()["look-again"]


def topic(key: str, owner: str, *, on: date = MONDAY, deputy: str = "") -> Topic:
    """A topic that somebody must look at."""
    return Topic.objects.create(key=key, label=f"Topic {key}", help=owner, short_label=deputy, retired_on=on)


def run(day: date = MONDAY, hour: int = 9):
    """What the scheduler does on a day: owe, then send."""
    ledger.owe(day, at(day, hour))
    return post.send(day, at(day, hour))
