"""Passing a listing on: a poster, words for a newsletter, a text message; made from the listing, and short."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consultations.tests.around import complete, way
from consultations.tests.factories import ConsultationFactory
from core.sharing import NEWSLETTER_WORDS, TEXT_CHARACTERS, Pack

pytestmark = pytest.mark.django_db
WORDS = st.text(alphabet="abc ,.!?’“é–", min_size=1, max_size=250).filter(str.strip)


def pack(**facts):
    """A pack of something."""
    usual = {
        "title": "Short breaks",
        "path": "/consultations/short-breaks/",
        "opening": "Have your say:",
        "when": "Open until 11:59pm, Friday 8 April",
        "summary": "We have less money. Tell us what helps.",
        "phone": "01632 960 114",
    }
    return Pack(**usual | facts)


def test_a_newsletter_says_what_until_when_and_how():
    assert pack().newsletter == (
        "Have your say: Short breaks. We have less money. Tell us what helps. Open until 11:59pm, Friday 8 April. "
        "Find out more: http://localhost:8000/consultations/short-breaks/ or ring 01632 960 114."
    )


def test_a_long_summary_is_cut_after_a_whole_sentence():
    words = pack(summary="This is the first sentence. " + "word " * 40 + "end.").newsletter

    assert "This is the first sentence. Open until" in words
    assert "word" not in words


@settings(max_examples=200, deadline=None)
@given(title=WORDS, summary=WORDS)
def test_no_newsletter_is_longer_than_fifty_words_unless_its_title_is(title, summary):
    words = pack(title=title, summary=summary).newsletter
    without_summary = pack(title=title, summary="").newsletter

    assert len(words.split()) <= max(NEWSLETTER_WORDS, len(without_summary.split()))


@settings(max_examples=200, deadline=None)
@given(title=WORDS)
def test_no_text_message_is_longer_than_one(title):
    message = pack(title=title).text_message

    assert len(message) <= TEXT_CHARACTERS
    assert message.endswith("http://localhost:8000/consultations/short-breaks/")
    assert not set(message) & set("’“–")


def test_a_long_title_is_cut_between_words():
    message = pack(title="How we spend the money for short breaks and respite next year and after").text_message

    assert re.match(r"Have your say: How we spend the money [\w ]+\.\.\. Open until", message), message


def test_the_pack_is_made_from_the_listing(client):
    consultation = complete(ConsultationFactory(title="Short breaks & “respite”"))

    html = client.get(f"{consultation.get_absolute_url()}share/").content.decode()

    assert "Short breaks &amp; “respite”" in html
    assert consultation.summary.split(".")[0] in html
    mail = unquote(re.search(r'href="(mailto:[^"]*)"', html)[1])
    assert mail.startswith("mailto:?subject=Short breaks & “respite”&")
    assert "/consultations/" in mail


def test_the_poster_has_the_code_and_ways_without_the_internet(client):
    consultation = complete(ConsultationFactory())
    way(consultation, "phone-call", offline=True, description="Ring us on a Monday")

    html = client.get(f"{consultation.get_absolute_url()}poster/").content.decode()

    assert f'src="{consultation.get_absolute_url()}code.svg"' in html
    assert "Ring us on a Monday" in html
    assert consultation.contact_phone in html


def test_the_code_is_a_picture_that_stands_alone(client):
    consultation = ConsultationFactory()

    response = client.get(f"{consultation.get_absolute_url()}code.svg")

    assert response["Content-Type"] == "image/svg+xml"
    assert response.content.startswith(b'<svg xmlns="http://www.w3.org/2000/svg"')
    assert b"style" not in response.content
    assert b"<script" not in response.content


def test_a_closed_one_asks_nobody_to_take_part(client):
    late = ConsultationFactory(late=True)
    answered = ConsultationFactory(responded=True)

    closed = client.get(f"{late.get_absolute_url()}share/").content.decode()
    assert "Have your say:" not in closed
    assert "Answer is " in closed
    assert "You asked, and they answered:" in client.get(f"{answered.get_absolute_url()}share/").content.decode()


@pytest.mark.parametrize("page", ["share/", "poster/", "code.svg"])
def test_a_draft_is_passed_on_to_nobody(client, page):
    draft = ConsultationFactory(draft=True)

    assert client.get(f"{draft.get_absolute_url()}{page}").status_code == 404
