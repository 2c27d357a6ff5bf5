"""Who may open, and who may send, each staff page about one record, in each state that a record can be in.

What is expected follows from a few rules that stand here in words of their
own, not from what the code says. A record has seven states and there are nine
kinds of people, so each page is asked, in each state, by two people who may
not and one who may; by turns it is everybody's turn.
"""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.people import People
from consultations.events.tests.factories import EventFactory
from consultations.plan.tests.factories import UmbrellaFactory
from consultations.tests.factories import ConsultationFactory
from core.permissions import Permission
from core.publishing import EditorialState
from feedback.tests.factories import FeedbackEntryFactory
from practice.tests.factories import PracticeExampleFactory
from tests.test_addresses import ours

pytestmark = pytest.mark.django_db

NOW = timezone.now()
SENT = {"submitted_at": NOW}
APPROVED = SENT | {"approved_at": NOW}
STATES = {
    EditorialState.DRAFT: {},
    EditorialState.SUBMITTED: SENT,
    EditorialState.RETURNED: SENT | {"returned_at": NOW},
    EditorialState.SCHEDULED: APPROVED | {"publish_at": NOW + timedelta(days=3)},
    EditorialState.PUBLISHED: APPROVED | {"published_at": NOW},
    EditorialState.ARCHIVED: APPROVED | {"published_at": NOW, "archived_at": NOW},
    EditorialState.DELETED: APPROVED | {"published_at": NOW, "archived_at": NOW, "deleted_at": NOW},
}
NO_STATE = dict.fromkeys(
    ("submitted_at", "returned_at", "approved_at", "publish_at", "published_at", "archived_at", "deleted_at")
)

# People, by what they are to the service whose record it is.
ELSEWHERE = ("contributor elsewhere", "lead elsewhere", "lead of a body below")
OTHERS = ("nobody", *ELSEWHERE, "board viewer", "parent reviewer")
LEADING = ("lead", "lead of the body above", "FIS editor")
WRITING = ("contributor", *LEADING)
PEOPLE = (*OTHERS, *WRITING, "owner")

# The rules: who writes for the service, or looks after the record, may change it; who leads the service may put it
# before families and take it away again; both, but not who only writes, may say who looks after it.
MAY = {
    Permission.EDIT_CONSULTATION: (*WRITING, "owner"),
    Permission.EDIT_EVENT: (*WRITING, "owner"),
    Permission.EDIT_UMBRELLA: (*WRITING, "owner"),
    Permission.WRITE_ANSWER: (*WRITING, "owner"),
    Permission.PUBLISH_ANSWER: (*WRITING, "owner"),
    Permission.WRITE_ENTRY: (*WRITING, "owner"),
    Permission.NAME_OWNER: (*LEADING, "owner"),
    Permission.NAME_PROMISE_OWNER: (*LEADING, "owner"),
    Permission.PUBLISH_CONSULTATION: LEADING,
    Permission.PUBLISH_EVENT: LEADING,
    Permission.PUBLISH_UMBRELLA: LEADING,
    Permission.EDIT_EXAMPLE: WRITING,
    Permission.PUBLISH_EXAMPLE: LEADING,
    # Whether another service tried it: anybody who writes for some body may say so.
    Permission.ADD_EXAMPLE: (*WRITING, *ELSEWHERE),
}
# What was thrown away is gone, but for its own page and the way back.
OF_THROWN_AWAY = (
    *("consultations:desk-consultation", "consultations:bring-back"),
    *("practice:desk-example", "practice:bring-back"),
)
# Families were promised something once it is published, and as long as it is.
OF_PUBLISHED = ("feedback:promise", "feedback:entry-owner", "practice:try")


def in_all_states(factory, people: People, **facts) -> dict:
    """A record of the service in each state."""
    found = {}
    for state, dates in STATES.items():
        owner = {"owner": people.owner} if hasattr(factory._meta.model, "owner") else {}
        record = factory(organisation=people.service, **owner, **facts)
        type(record).objects.filter(pk=record.pk).update(**NO_STATE | dates)
        record.refresh_from_db()
        assert record.editorial_state == state
        found[state] = record
    return found


def about(kind: str) -> list[tuple]:
    """The staff pages about one record of a kind: name, and what their address is made of besides the record."""
    found = []
    for name, address, pattern in ours():
        wanted = set(pattern.pattern.converters)
        if not address.startswith("desk/") or not wanted & {"slug", "pk"}:
            continue
        view = getattr(pattern.callback, "view_class", pattern.callback)
        its = {
            "event": name.startswith("events:") and "slug" in wanted,
            "umbrella": "umbrella" in name,
            "entry": name in ("feedback:promise", "feedback:entry-owner"),
            "example": name.startswith("practice:") and "slug" in wanted and "story" not in name,
            "consultation": "slug" in wanted
            and not name.startswith(("events:", "accounts:", "practice:", "resources:"))
            and "umbrella" not in name,
        }[kind]  # fmt: skip
        if its:
            found.append((name, view.permission, wanted))
    return found


def address_of(name: str, wanted: set, record) -> tuple[str, bool]:
    """A page about a record, and whether it is also about a part of it that these records have not."""
    parts = {
        **{"slug": getattr(record, "slug", ""), "step": "what", "day": getattr(record, "first_day", None)},
        **{"number": 1, "pk": record.pk, "window": 1, "token": "x" * 65, "language": "en", "key": "p1"},
    }
    # A part of it, such as a document of a consultation.
    is_part = "slug" in wanted and bool(wanted & {"pk", "number", "window", "token", "key"})
    return reverse(name, kwargs={each: parts[each] for each in wanted}), is_part


@pytest.fixture(scope="module")
def kinds():
    """How a record of each kind is made."""
    return {
        "consultation": (ConsultationFactory, {"draft": True}),
        "event": (EventFactory, {}),
        "umbrella": (UmbrellaFactory, {}),
        "entry": (FeedbackEntryFactory, {"promised": True}),
        "example": (PracticeExampleFactory, {}),
    }


def browsers(people: People) -> dict[str, Client]:
    """A browser of each, signed in."""
    found = {}
    for who in PEOPLE:
        found[who], person = Client(), people.who(who)
        if not isinstance(person, AnonymousUser):
            found[who].force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return found


def opens(browser: Client, method: str, url: str) -> str:
    """Whether a page opens, or takes a form: yes, no, gone. Whatever was done is undone."""
    undo = transaction.savepoint()
    answer = getattr(browser, method)(url)
    transaction.savepoint_rollback(undo)
    if answer.status_code == 404:
        return "gone"
    is_sent_away = answer.status_code == 302 and answer.url.startswith(reverse("account_login"))
    return "no" if answer.status_code == 403 or is_sent_away else "yes"


@pytest.mark.parametrize("kind", ["consultation", "event", "umbrella", "entry", "example"])
def test_who_may_open_and_send_each_staff_page_about_a_record_in_each_state(kinds, kind):
    people = People()
    factory, facts = kinds[kind]
    records, asks = in_all_states(factory, people, **facts), browsers(people)
    pages, wrong, turn = about(kind), [], 0
    assert pages

    for name, permission, wanted in pages:
        for state, record in records.items():
            url, is_part = address_of(name, wanted, record)
            may = MAY[permission]
            may_not = [who for who in PEOPLE if who not in may]
            turn += 1
            asked = [("get", may_not[turn % len(may_not)]), ("post", may_not[(turn + 1) % len(may_not)])]
            asked += [(("get", "post")[turn % 2], may[turn % len(may)])]
            is_gone = state == EditorialState.DELETED and name not in OF_THROWN_AWAY
            is_gone |= state != EditorialState.PUBLISHED and name in OF_PUBLISHED
            for method, who in asked:
                found = opens(asks[who], method, url)
                if who not in may:
                    expected = ("no", "gone")
                elif is_gone:
                    expected = ("gone",)
                else:
                    expected = ("yes", "gone") if is_part else ("yes",)
                if found not in expected:
                    wrong.append(f"{kind} {state:<10} {who:<24} {method:<5} {found:<5} {name}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("kind", "public"),
    [("consultation", "consultations:detail"), ("event", "events:detail"), ("example", "practice:detail")],
)
def test_families_read_what_is_published_and_those_it_concerns_what_is_not(kinds, kind, public):
    people = People()
    factory, facts = kinds[kind]
    asks = browsers(people)
    for state, record in in_all_states(factory, people, **facts).items():
        for who, browser in asks.items():
            theirs = WRITING if kind == "example" else (*WRITING, "owner")
            reads = state == EditorialState.PUBLISHED or (state != EditorialState.DELETED and who in theirs)
            answer = browser.get(reverse(public, args=[record.slug]))
            assert answer.status_code == (200 if reads else 404), (state, who)
            if not reads:
                assert record.title not in answer.content.decode()
