"""Links from a mail into the desk."""

import uuid

import pytest

from notices.links import link_from, mail_named_in, without_secrets

MAIL = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def token(link: str) -> str:
    """The secret part of a link."""
    return link.split("/go/")[1].split("/")[0]


def test_a_link_says_which_mail_it_was_in():
    link = link_from(MAIL, "/desk/answers/short-breaks/")

    assert link.endswith("/desk/answers/short-breaks/")
    assert mail_named_in(token(link), "/desk/answers/short-breaks/") == MAIL


@pytest.mark.parametrize(
    "forged",
    ["", "x", "a" * 65, str(MAIL), "é" * 65],
)
def test_a_link_that_we_did_not_write_says_nothing(forged):
    assert mail_named_in(forged, "/desk/") is None


def test_a_link_cannot_be_turned_to_another_page_or_mail():
    one = token(link_from(MAIL, "/desk/"))
    other = token(link_from(uuid.uuid4(), "/desk/"))

    assert mail_named_in(one, "/desk/log/") is None
    assert mail_named_in(one[:22] + other[22:], "/desk/") is None


def test_a_copy_shows_where_a_link_leads_but_not_its_secret():
    link = link_from(MAIL, "/desk/log/")

    copy = without_secrets(f"See {link} and {link_from(MAIL, '/desk/')}.")

    assert token(link) not in copy
    assert copy.count("/go/•••/desk/") == 2
