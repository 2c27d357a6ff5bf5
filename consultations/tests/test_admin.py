"""What a superuser may change in Django's admin, and what only actions move (DESIGN rule 2)."""

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def form_of(client):
    """The form of a consultation, for a superuser."""
    client.force_login(
        UserFactory(is_staff=True, is_superuser=True), backend="django.contrib.auth.backends.ModelBackend"
    )
    return lambda record: client.get(reverse("admin:consultations_consultation_change", args=[record.pk]))


@pytest.mark.parametrize(("published", "offered"), [(True, False), (False, True)])
def test_the_dates_that_families_have_seen_are_not_typed_over(form_of, published, offered):
    record = ConsultationFactory(open=True, **({} if published else {"draft": True}))

    fields = form_of(record).context["adminform"].form.fields

    for name in ("closes_on", "response_due_on", "level", "organisation"):
        assert (name in fields) == offered, name
    assert "title" in fields


def test_a_published_consultation_is_not_deleted_not_even_among_others(form_of, client):
    record = ConsultationFactory(open=True)

    form_of(record)
    client.post(
        reverse("admin:consultations_consultation_changelist"),
        {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"},
    )

    assert Consultation.objects.filter(pk=record.pk).exists()
