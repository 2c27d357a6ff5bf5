"""What was done to an entry of the log, in sentences."""

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from core import history
from feedback.tests.factories import FeedbackEntryFactory

pytestmark = pytest.mark.django_db


def test_the_history_of_an_entry_keeps_the_answer_and_not_a_familys_own_words(client):
    entry = FeedbackEntryFactory(quote="Only we know", we_did="We moved the bus stop.")
    with history.label(by=None, did="said it better"):
        entry.we_did, entry.quote = "We moved the bus stop nearer.", "Only we know this"
        entry.save()
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)

    text = client.get(reverse("feedback:entry-history", args=[entry.pk])).content.decode()

    assert "The hub itself</strong> said it better" in text
    assert "nearer." in text
    assert "Only we know" not in text
    assert "Put back" not in text


def test_others_do_not_read_it(client):
    entry = FeedbackEntryFactory()
    client.force_login(MembershipFactory(role=Role.LEAD).user)

    assert client.get(reverse("feedback:entry-history", args=[entry.pk])).status_code == 403
