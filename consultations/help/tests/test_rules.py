"""Who sees who asked for help, and settles it: every person, about a consultation and about an event."""

import pytest
import rules
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from accounts.tests.people import EVERYBODY, People
from consultations.events.tests.factories import EventFactory
from consultations.help.models import HelpRequest
from consultations.help.tests.factories import AskerFactory, HelpRequestFactory
from consultations.tests.factories import ConsultationFactory, days
from core.permissions import Permission

pytestmark = pytest.mark.django_db

FIS = {"FIS editor", "FIS manager", "superuser"}
MAY = {"contributor", "lead", "lead of the body above", "owner", "deputy"} | FIS
PAGES = ("help-request", "help-met", "help-met-earlier", "help-could-not", "help-put-back", "help-forget")


def asked_of(people: People, kind: str) -> HelpRequest:
    """A request about something of the service."""
    whose = {"organisation": people.service, "owner": people.owner, "deputy": people.deputy}
    if kind == "event":
        facts = {"event": EventFactory(**whose), "day": days(14), "last_day": days(14)}
    else:
        facts = {"consultation": ConsultationFactory(open=True, **whose)}
    request = HelpRequestFactory(**facts)
    AskerFactory(request=request)
    return request


def test_the_permission_has_a_rule():
    assert rules.perm_exists(Permission.SETTLE_HELP)


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize("kind", ["consultation", "event"])
def test_only_the_service_its_owners_and_those_who_look_after_the_hub_may(kind, name):
    people = People()
    request = asked_of(people, kind)

    assert people.who(name).has_perm(Permission.SETTLE_HELP, request) is (name in MAY)


@pytest.mark.parametrize("kind", ["consultation", "event"])
def test_every_page_about_a_request_is_shut_to_all_others_and_the_list_shows_it_to_nobody_else(client, kind):
    people = People()
    request = asked_of(people, kind)
    for name in EVERYBODY:
        person = people.who(name)
        client.logout()
        if not isinstance(person, AnonymousUser):
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        for page in PAGES:
            for method in ("get", "post"):
                answer = getattr(client, method)(reverse(f"consultations:{page}", args=[request.pk]))
                opened = answer.status_code not in (403, 404) and "/login/" not in answer.headers.get("Location", "")
                assert opened is (name in MAY), (name, page, method, answer.status_code)
                if name not in MAY:
                    assert "Amina" not in answer.content.decode()
        if name in MAY:
            AskerFactory(request=request)
        listed = client.get(reverse("consultations:help-requests"))
        assert (listed.status_code == 200 and request in listed.context["page"].object_list) is (name in MAY), name
        table = client.get(reverse("consultations:help-requests-csv"))
        text = b"".join(table.streaming_content).decode() if table.streaming else ""
        assert (request.record.title in text) is (name in MAY), name
        assert "Amina" not in text
