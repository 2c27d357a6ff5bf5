"""Each promise about the speed of chasing, and how it is measured."""

import contextlib
import logging
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.db import connection, transaction
from django.test.utils import override_settings
from django.utils import timezone

from accounts.models import Membership, User
from consultations.models import Consultation
from core.dates import today
from feedback.notices import AnswerNews, AnswerOwed
from hub.bench import county
from hub.bench.measures import Asked, Result, measure
from notices import ledger, post
from notices.letters import Letter, Said, texts_of_steps
from notices.models import Notice
from notices.reasons import lines_about

# So many closed ones, and one in so many of them owes its answer.
CLOSED = 1_000_000
ONE_IN = 100
FOLLOWERS = 50_000
MAILS = 500
TURNS = 7


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


# --- One pass


@measure("chase-pass")
def chase_pass(asked: Asked) -> list[Result]:
    """The whole hourly pass of every reason, against the statement that only selects what owes an answer."""
    logging.getLogger("notices").setLevel(logging.WARNING)
    _hold_closed(CLOSED)
    day = today()
    owing, params = AnswerOwed().things(day).order_by().values_list(*_TOLD_OF).query.sql_with_params()

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(owing, params)
            assert len(cursor.fetchall()) == CLOSED // ONE_IN

    def ours() -> None:
        ledger.owe(day, timezone.now())

    first = _seconds(ours)
    laid_down = Notice.objects.count()
    assert laid_down >= CLOSED // ONE_IN, laid_down
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE notices_notice")
    turns = [(_seconds(bare), _seconds(ours)) for _turn in range(TURNS)]
    theirs, mine = min(each[0] for each in turns), min(each[1] for each in turns)
    grown = _memory_grown_by(ours)
    assert Notice.objects.count() == laid_down
    with connection.cursor() as cursor:
        # The next measure would delete them one by one.
        cursor.execute("TRUNCATE consultations_consultation, notices_notice CASCADE")
    words = f"{mine / theirs:.2f} ({mine * 1000:.0f} ms beside {theirs * 1000:.0f} ms; the first one {first:.2f} s)"
    what = f"A pass over {CLOSED:,} closed consultations, {CLOSED // ONE_IN:,} owing, beside the bare SELECT of these"
    return [
        Result(what, "at most 3", words, mine / theirs <= 3),
        Result("Memory that such a pass takes, flat", "at most 1 MB", f"{grown / 1000:.1f} MB", grown <= 1000),
    ]


_TOLD_OF = ("pk", "answer_owed_from", "response_due_on", "to_owner", "to_deputy", "to_team", "owner_left", "volunteers")


def _memory_grown_by(do: Callable[[], object]) -> int:
    """How much the most memory this process ever had grows when something is done once more, in kB."""
    do()
    return _memory_grown(do)


def _memory_grown(do: Callable[[], object]) -> int:
    """The same of doing it once."""
    with open("/proc/self/clear_refs", "w") as forget:
        forget.write("5")
    before = _most_memory()
    do()
    return _most_memory() - before


def _most_memory() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def _hold_closed(count: int) -> None:
    """So many closed consultations over eleven years; one in a hundred has no answer, scattered over the last year."""
    county.hold(100)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE consultations_consultation, notices_notice, notices_mail, notices_fault CASCADE")
        # No history of invented rows.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_CLOSED, {"count": count, "one_in": ONE_IN})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE consultations_consultation")


_CLOSED = """
    INSERT INTO consultations_consultation (record, title, slug, reference, organisation_id, service_area, summary,
        why_it_matters, can_change, cannot_change, what_next, level, legal_type, equality_check_url,
        equality_check_reason, language, planned_for, opens_on, closes_on, decided_by, decision_when, owner_id,
        deputy_id, team_mailbox, contact_name, contact_phone, contact_email, answer_owed_from, response_due_on,
        first_due_on, promised_earlier, late_comment, responded_on, responded_exactly, withdrawn_reason,
        withdrawn_views, took_part, took_part_is_few, source_url, source_page_url, source_dates, source_notes,
        outcome, external_ids, published_at, version, created_at, changed_at)
    SELECT 'live', 'Short breaks round ' || number, 'round-' || number, '', bodies[1 + number %% many], '',
        'We have less money for short breaks and ask what helps your family most.', '', 'Which ones.', 'The total.',
        '', 'consultation', 'none', '', '', 'en-GB', '', closes - 60, closes, 'Cabinet', '',
        people[1 + number %% many], CASE WHEN number %% 2 = 0 THEN people[1 + (number + 1) %% many] END, '',
        'The team', '01632 960 114', 't@example.org', closes + 1, closes + 84, closes + 84, false, '',
        CASE WHEN number %% %(one_in)s <> 0 THEN closes + 50 END, true, '', '', 5 + number %% 500, false, '', '', '',
        '', '', '{}', now(), 1, now(), now()
    FROM generate_series(1, %(count)s) AS number
    CROSS JOIN LATERAL (SELECT CASE WHEN number %% %(one_in)s = 0
        THEN current_date - 1 - (number::bigint * 7919 %% 400)::integer
        ELSE current_date - 100 - (number::bigint * 7919 %% 4000)::integer END AS closes) AS day
    CROSS JOIN (SELECT array_agg(id ORDER BY id) AS people, array_agg(organisation_id ORDER BY id) AS bodies,
        count(*) AS many FROM accounts_membership) AS members
"""


# --- News for followers


@measure("followers")
def followers(asked: Asked) -> list[Result]:
    """News of one answer for many followers, against the statement that copies them into the ledger and no more."""
    county.hold(100)
    day, now = today(), timezone.now()
    answered = Consultation.objects.published().filter(responded_on__isnull=False).first()
    Consultation.objects.filter(pk=answered.pk).update(responded_on=day)
    reason = AnswerNews()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE notices_notice, notices_mail, notices_fault, notices_subscription CASCADE")
        cursor.execute(
            "INSERT INTO notices_subscription (follows, about_id, filter, cadence, address, recipient_hash, made_at,"
            " confirmed_at) SELECT 'consultation', %s, '', 'at_once', 'parent' || number || '@example.org',"
            " encode(sha256(number::text::bytea), 'hex'), %s, %s FROM generate_series(1, %s) AS number",
            [answered.pk, now, now, FOLLOWERS],
        )
        cursor.execute("VACUUM ANALYZE notices_subscription")

    def emptied() -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE notices_notice, notices_mail CASCADE")

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_COPY, [day, day, now, now, answered.pk])

    def ours() -> None:
        assert ledger._lay_down(reason, day, now) == FOLLOWERS

    def again() -> None:
        assert ledger._lay_down(reason, day, now) == 0

    turns: list[tuple[float, float, float]] = []
    for _turn in range(TURNS):
        emptied()
        theirs = _seconds(bare)
        assert Notice.objects.count() == FOLLOWERS
        emptied()
        turns.append((theirs, _seconds(ours), _seconds(again)))
    theirs, mine, once_more = (min(times) for times in zip(*turns, strict=True))
    what = f"News for {FOLLOWERS:,} followers laid down, beside the bare INSERT ... SELECT"
    return [
        Result(what, "at most 5", f"{mine / theirs:.2f} ({mine:.2f} s beside {theirs:.2f} s)", mine / theirs <= 5),
        Result(
            "The next pass, which finds them all told", "at most 1", f"{once_more / theirs:.2f}", once_more <= theirs
        ),
    ]


_COPY = """
    INSERT INTO notices_notice (reason, step, repeat, about_id, about_on, owed_on, recipient_hash, address, role,
        urgent, laid_down_at, send_from, dropped_why)
    SELECT 'answer-news', 'answer_out', 0, about_id, %s, %s, recipient_hash, address, 'follower', true, %s, %s, ''
    FROM notices_subscription WHERE follows = 'consultation' AND about_id = %s
"""


# --- Sending


@measure("send")
def send(asked: Asked) -> list[Result]:
    """The sender, which checks, sends and marks each mail, against a loop that builds and sends the same messages."""
    logging.getLogger("notices").setLevel(logging.WARNING)
    _hold_owners(MAILS)
    day, now = today(), timezone.now()
    ledger.owe(day, now)
    with _a_mail_server() as port, override_settings(**_by_smtp(port)):
        turns = [(_bare_loop(day, now), _sender(day, now)) for _turn in range(TURNS)]
    theirs, mine = max(each[0] for each in turns), max(each[1] for each in turns)
    share = mine / theirs
    median = statistics.median(each[1] / each[0] for each in turns)
    words = f"{share:.2f} ({mine:,.0f} of {theirs:,.0f} mails a second; median of {TURNS} turns {median:.2f})"
    what = f"{MAILS:,} mails sent through one connection, beside a bare loop that builds the same messages"
    return [Result(what, "at least 0.80", words, share >= 0.8)]


def _sender(day, now) -> float:
    """Mails a second of the hub's own sender."""
    _unsend()
    began = time.perf_counter()
    tally = post.send(day, now, at_once=True)
    assert tally.sent == MAILS, tally
    return MAILS / (time.perf_counter() - began)


def _bare_loop(day, now) -> float:
    """Mails a second of a loop that is told who is owed what: it puts each message together, sends it, and no more.

    No claim, no look whether it is still true, no mark that it was sent, and no copy of it.
    """
    _unsend()
    post._gather(day, now, resting=[], at_once=True)
    notices = list(Notice.objects.waiting().select_related("mail").order_by("pk"))
    began = time.perf_counter()
    lines, texts = lines_about(notices, day), texts_of_steps(day)
    server = get_connection()
    server.open()
    for notice in notices:
        letter = Letter(notice.mail, day)
        line = lines[notice.reason, notice.about_id]
        letter.said.append(Said(notice, line, texts[notice.reason, notice.step]))
        server.send_messages([letter.message])
    server.close()
    assert len(notices) == MAILS
    return MAILS / (time.perf_counter() - began)


def _unsend() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notices_notice SET sent_at = NULL, mail_id = NULL")
        cursor.execute("DELETE FROM notices_mail")
        cursor.execute("VACUUM notices_notice, notices_mail")


def _hold_owners(count: int) -> None:
    """So many people, each with one answer that is due in four weeks."""
    county.hold(0)
    county.hold(count)
    day = today()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE notices_notice, notices_mail, notices_fault CASCADE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        service = Membership.objects.order_by("pk").first().organisation_id
        people = User.objects.bulk_create(User(email=f"owner{number}@example.org") for number in range(count))
        members = Membership.objects.bulk_create(
            Membership(user=each, organisation_id=service, role="contributor", started_on=day) for each in people
        )
        for consultation, member in zip(Consultation.objects.order_by("pk"), members, strict=True):
            closes_on = day - timedelta(days=30)
            Consultation.objects.filter(pk=consultation.pk).update(
                owner=member, deputy=None, organisation=service, level="consultation", withdrawn_on=None,
                responded_on=None, opens_on=closes_on - timedelta(days=60), closes_on=closes_on,
                answer_owed_from=closes_on + timedelta(days=1), response_due_on=day + timedelta(days=28),
                first_due_on=day + timedelta(days=28), promised_earlier=False,
            )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _by_smtp(port: int) -> dict:
    return {
        "EMAIL_BACKEND": "notices.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": port,
        "EMAIL_USE_TLS": False,
        "EMAIL_USE_SSL": False,
        "EMAIL_HOST_USER": "",
        "EMAIL_HOST_PASSWORD": "",
    }


@contextlib.contextmanager
def _a_mail_server() -> Iterator[int]:
    """A mail server in a process of its own that takes everything and keeps nothing. Yields its port."""
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        port = plug.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "hub.bench.mail_server", str(port)], cwd=settings.BASE_DIR)
    try:
        ends = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(10)
