"""The key facts in a family's own language: every one has every word, and a card says the dates and whom to ring."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from consultations.languages import languages
from consultations.models import SupportState
from consultations.stages import Stage
from consultations.tests.around import support
from consultations.tests.factories import ConsultationFactory, days

CODES = sorted(languages())


def keys_of(words):
    """The keys at every depth."""
    return {
        (name, *inner) for name, word in words.items() for inner in (keys_of(word) if isinstance(word, dict) else [()])
    }


def test_gujarati_and_urdu_are_there():
    assert {"gu", "ur"} <= set(CODES)
    assert languages()["ur"].direction == "rtl"


@pytest.mark.parametrize("code", CODES)
def test_every_language_has_every_word(code):
    language = languages()[code]

    assert keys_of(language.words) == keys_of(languages()["gu"].words)
    assert (len(language.words["weekdays"]), len(language.words["months"])) == (7, 12)
    assert {*language.words["stages"]} == {*Stage.values, "cancelled"}


def test_a_day_is_said_in_the_language():
    assert languages()["gu"].day(date(2026, 4, 8)) == "બુધવાર, 8 એપ્રિલ 2026"
    assert languages()["ur"].day(date(2026, 4, 8)) == "بدھ، 8 اپریل 2026"


@pytest.mark.django_db
def test_the_card_says_the_facts_and_whom_to_ring(client):
    consultation = ConsultationFactory(title="Short breaks", opens_on=date(2026, 3, 2), closes_on=date(2026, 4, 8))

    with time_machine.travel(datetime(2026, 3, 20, 9, tzinfo=ZoneInfo("Europe/London"))):
        html = client.get(f"/gu{consultation.get_absolute_url()}").content.decode()

    assert 'lang="gu"' in html
    assert "બુધવાર, 8 એપ્રિલ 2026" in html
    assert 'href="tel:01632960114"' in html
    assert "ગુજરાતીમાં મદદ જોઈએ છે? આ નંબર પર ફોન કરો: 01632 960 114" in html
    assert languages()["gu"].stage(Stage.OPEN) in html
    assert f'href="/ur{consultation.get_absolute_url()}"' in html


@pytest.mark.django_db
def test_the_card_says_until_when_an_interpreter_can_be_asked_for(client):
    consultation = ConsultationFactory()
    support(consultation, "spoken_interpreter", SupportState.ON_REQUEST, days(3))

    html = client.get(f"/ur{consultation.get_absolute_url()}").content.decode()

    assert languages()["ur"].day(days(3)) in html


@pytest.mark.django_db
def test_there_is_no_card_in_a_language_we_have_no_words_for(client):
    consultation = ConsultationFactory()

    assert client.get(f"/xx{consultation.get_absolute_url()}").status_code == 404
    assert client.get(f"/gu{ConsultationFactory(draft=True).get_absolute_url()}").status_code == 404


@pytest.mark.django_db
def test_the_page_leads_to_its_cards(client):
    consultation = ConsultationFactory()

    html = client.get(consultation.get_absolute_url()).content.decode()

    for code in CODES:
        assert f'href="/{code}{consultation.get_absolute_url()}"' in html
