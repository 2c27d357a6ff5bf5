"""The log tells what happened and never who asked or what they typed."""

import io
import json
import logging

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import RequestFactory
from django.urls import reverse

from hub.logs import RequestLog


@pytest.fixture
def lines():
    """What is logged during the test, as the log file would have it."""
    screen = io.StringIO()
    stderr = next(each for each in logging.getLogger().handlers if each.get_name() == "stderr")
    before = stderr.setStream(screen)
    yield lambda: [json.loads(line) for line in screen.getvalue().splitlines()]
    stderr.setStream(before)


def test_a_request_leaves_one_line_without_what_was_typed(client, lines):
    client.get(reverse("health-live"), {"q": "autism sleep"}, headers={"User-Agent": "A phone"})

    (line,) = lines()
    assert (line["event"], line["request"], line["code"]) == ("request_finished", "GET /health/live", 200)
    assert line["request_id"]
    assert not {"ip", "user_id", "user_agent"} & set(line)
    assert "autism" not in json.dumps(line)


@pytest.mark.django_db
def test_a_refused_row_leaves_no_values_in_the_log(lines):
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE people (email text UNIQUE) ON COMMIT DROP")
            cursor.execute("INSERT INTO people VALUES ('alice@example.org'), ('alice@example.org')")
    except DatabaseError:
        logging.getLogger("hub").exception("refused")

    (line,) = lines()
    assert "duplicate key value" in json.dumps(line)
    assert "alice" not in json.dumps(line)


@pytest.mark.django_db
def test_what_a_command_logs_has_an_id_in_common(lines):
    call_command("notices", "send", stdout=io.StringIO())

    laid_down, sent = (each for each in lines() if each["event"].startswith("notices_"))
    assert laid_down["command_id"] == sent["command_id"]


def test_the_log_does_not_keep_what_opens_a_draft():
    request = RequestFactory().get("/preview/secret:1abc:signature/documents/3/")

    assert RequestLog.format_request(request) == "GET /preview/•••/documents/3/"
