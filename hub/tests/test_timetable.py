"""The timetable asks only for what there is, and never lets a queue fill up with turns that were missed."""

import pytest

from hub.celery import app
from hub.timetable import TIMETABLE


@pytest.mark.parametrize("name", TIMETABLE)
def test_what_the_timetable_asks_for_exists_and_lapses_before_its_next_turn(name):
    app.loader.import_default_modules()
    entry = TIMETABLE[name]

    assert entry["task"] in app.tasks
    seconds = entry["schedule"] if isinstance(entry["schedule"], float) else None
    assert entry["options"]["expires"] < (seconds or 60 * 60)
