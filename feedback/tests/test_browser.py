"""What the page of the answer does in a browser that runs its script: it saves, and it brings back."""

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from consultations.tests.factories import ConsultationFactory
from feedback.models import Draft

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def consultation(db):
    return ConsultationFactory(late=True)


@pytest.fixture
def sign_in(client, page, live_server, consultation):
    """Signs the owner of the answer in, in this browser, and opens the page of the answer."""

    def sign_in_and_open():
        client.force_login(consultation.owner.user)
        name = django_settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page.goto(live_server.url + reverse("feedback:answer", args=[consultation.slug]))

    return sign_in_and_open


def said(page, words: str) -> None:
    """Wait until the page says this about saving."""
    page.wait_for_function("words => document.querySelector('[data-saved]').textContent.includes(words)", arg=words)


def test_what_is_typed_is_saved_without_pressing_anything(sign_in, page):
    sign_in()
    page.get_by_label("Who they were").fill("Parent carers.")

    said(page, "Saved at")

    assert Draft.objects.get().typed["facts"]["who"] == "Parent carers."


def test_a_session_that_ran_out_loses_nothing(sign_in, page):
    sign_in()
    page.context.clear_cookies(name=django_settings.SESSION_COOKIE_NAME)
    page.get_by_label("Who they were").fill("Parent carers.")
    said(page, "you have been signed out")
    assert not Draft.objects.exists()

    sign_in()

    said(page, "We brought back what you typed before.")
    assert page.get_by_label("Who they were").input_value() == "Parent carers."


def test_only_what_belongs_to_the_chosen_answer_is_asked(sign_in, page):
    sign_in()
    page.get_by_label("Promised", exact=True).check()

    assert page.get_by_label("Who is responsible").is_visible()
    assert not page.get_by_label("What is different now").is_visible()

    page.get_by_label("Done", exact=True).check()

    assert page.get_by_label("What is different now").is_visible()
    assert not page.get_by_label("Who is responsible").is_visible()
