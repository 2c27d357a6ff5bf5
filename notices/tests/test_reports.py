"""What mail servers write when a mail does not arrive, each in its own way."""

from email import message_from_bytes
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.bounces import Bounce, Fate
from notices.reports import bounces_in
from notices.tests.letters import letter

MAIL = UUID("f13cb4a2-ff9b-446b-a465-b46148cb796b")
JO = "jo@example.org"


def read(name: str, **changes: str) -> list[Bounce]:
    """What we make of a letter, with some of its words changed."""
    raw = letter(name, MAIL, JO)
    for old, new in changes.items():
        assert old.encode() in raw
        raw = raw.replace(old.encode(), new.encode())
    return bounces_in(message_from_bytes(raw))


@pytest.mark.parametrize(
    ("name", "fate", "code"),
    [
        ("postfix", Fate.DEAD, "5.1.1"),
        ("exim", Fate.DEAD, "5.1.1"),
        ("exchange", Fate.DEAD, "5.1.10"),
        ("gmail", Fate.DEAD, "5.1.1"),
        ("postfix-delayed", Fate.DELAYED, "4.4.1"),
        ("postfix-expired", Fate.LOST, "4.4.1"),
    ],
)
def test_reports_of_the_usual_mail_servers_are_read(name, fate, code):
    (bounce,) = read(name)

    assert (bounce.mail, bounce.fate, bounce.code) == (MAIL, fate, code)
    assert set(bounce.addresses) == {JO}


def test_a_letter_in_plain_words_is_believed_only_so_far():
    (bounce,) = read("qmail")

    assert (bounce.mail, bounce.fate, bounce.code) == (MAIL, Fate.LOST, "5.1.1")
    assert JO in bounce.addresses


def test_a_letter_in_plain_words_that_speaks_of_later_is_only_a_delay():
    (bounce,) = read("qmail", **{"550 sorry": "451 sorry", "(#5.1.1)": ""})

    assert bounce.fate == Fate.DELAYED


@pytest.mark.parametrize("name", ["away", "reply", "delivered", "of-a-bounce"])
def test_whoever_is_away_answers_or_got_it_is_not_gone(name):
    assert read(name) == []


def test_a_machine_that_is_away_is_not_gone_either():
    assert (
        read("away", **{f"From: Jo Owner <{JO}>": "From: postmaster@example.org", "auto-generated": "auto-replied"})
        == []
    )


def test_a_report_about_a_mail_that_is_not_ours_is_left_to_a_person():
    assert read("postfix", **{f"<{MAIL}@hub.example.org>": "<CAF123@mail.example.org>"}) == []
    assert read("qmail", **{f"<{MAIL}@hub.example.org>": "<CAF123@mail.example.org>"}) == []


def test_a_report_without_the_returned_mail_is_known_by_what_it_answers():
    (bounce,) = read("gmail", **{"Content-Type: message/rfc822": "Content-Type: application/octet-stream"})

    assert bounce.mail == MAIL


def test_a_report_about_several_addresses_says_what_became_of_each():
    (raw,) = [letter("postfix", MAIL, JO)]
    other = b"\r\nFinal-Recipient: rfc822; other@example.org\r\nAction: delayed\r\nStatus: 4.2.2\r\n"
    raw = raw.replace(b"    rejected: User unknown in virtual mailbox table\r\n", b"    rejected\r\n" + other)

    first, second = bounces_in(message_from_bytes(raw))

    assert (set(first.addresses), first.fate) == ({JO}, Fate.DEAD)
    assert (second.addresses, second.fate, second.code) == (("other@example.org",), Fate.DELAYED, "4.2.2")


@pytest.mark.parametrize(
    "changes",
    [
        {"Action: failed": "Action: exploded"},
        {"Action: failed": "X: y"},
        {f"Final-Recipient: rfc822; {JO}": "X: y", f"Original-Recipient: rfc822;{JO}": "X: y"},
        {"Content-Type: message/delivery-status": "Content-Type: application/octet-stream", "MAILER-DAEMON": "jo"},
    ],
)
def test_a_report_that_lacks_what_it_must_say_is_left_to_a_person(changes):
    assert read("postfix", **changes) == []


def test_a_code_in_odd_places_is_not_taken_from_the_mail_that_came_back():
    (bounce,) = read("postfix", **{"Status: 5.1.1": "Status: none of your business", "smtp; 550 5.1.1": "smtp;"})

    assert (bounce.fate, bounce.code) == (Fate.LOST, "")


@given(
    st.binary(max_size=400), st.integers(min_value=0, max_value=3000), st.sampled_from(["postfix", "qmail", "exchange"])
)
def test_no_letter_makes_the_reader_stumble(noise, where, name):
    raw = letter(name, MAIL, JO)

    for bounce in bounces_in(message_from_bytes(raw[:where] + noise + raw[where:])):
        assert bounce.mail == MAIL
        assert bounce.addresses
