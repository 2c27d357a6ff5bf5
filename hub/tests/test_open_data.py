"""Lists to download, and the page that says what their columns mean."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.events.tests.factories import EventFactory
from consultations.help.tests.factories import HelpRequestFactory
from consultations.plan.tests.factories import IntentionFactory
from consultations.tests.factories import ConsultationFactory, days
from consultations.writing.models import Check
from core.dates import today
from core.models import HeldFor, ImportedRow
from core.tables import CellKind, Column, public_tables, tables
from feedback.models import AnswerState
from feedback.tests.factories import FeedbackEntryFactory
from notices.models import Mail
from practice.resources.tests.factories import ResourceFactory
from practice.stories.tests.factories import story
from practice.tests.factories import PracticeExampleFactory, TriedFactory, with_lists
from standards.tests.factories import AdoptionFactory

pytestmark = pytest.mark.django_db
PUBLIC = [
    "columns",
    "consultations",
    "events",
    "help-to-take-part",
    "parent-stories",
    "pledges",
    "practice",
    "resources",
    "you-said-we-did",
]
DESK = [
    *("desk-columns", "forward-plan", "help-requests", "imported-rows", "messages-sent", "people", "waiting-checks"),
    *("what-you-owe", "your-consultations", "your-events", "your-practice", "your-resources"),
]


@pytest.fixture
def fis(client):
    """Signed in as who manages the hub."""
    member = MembershipFactory(role=Role.FIS_MANAGER, organisation=OrganisationFactory(promising=True))
    client.force_login(member.user)
    return member


def read(client, address, **asked) -> list[dict]:
    """A table, read back."""
    response = client.get(address, asked)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def header(client, address) -> list[str]:
    """The first line of a table."""
    text = b"".join(client.get(address).streaming_content).decode("utf-8-sig")
    return next(csv.reader(io.StringIO(text, newline="")))


def some_of_each(count: int) -> None:
    """So many of everything that a table lists."""
    one = ConsultationFactory()
    for number in range(count):
        ConsultationFactory(organisation=one.organisation, owner=one.owner)
        EventFactory(title=f"Event {number}", once=True, first_day=days(3))
        FeedbackEntryFactory(consultation=one)
        HelpRequestFactory(consultation=one)
        ResourceFactory()
        story()
        TriedFactory(example=with_lists(PracticeExampleFactory()))
        AdoptionFactory()


def test_the_tables_are_these():
    assert [table.name for table in public_tables()] == PUBLIC
    assert [table.name for table in tables() if table.permission] == DESK


@pytest.mark.parametrize("name", [*PUBLIC, *DESK])
def test_the_dictionary_names_exactly_the_columns_of_the_file(client, fis, name):
    (table,) = [table for table in tables() if table.name == name]
    dictionary = "/desk/data/columns.csv" if table.permission else "/open-data/columns.csv"

    told = [row["column"] for row in read(client, dictionary) if row["table"] == name]

    assert header(client, table.url) == told == table.header


def test_the_page_explains_every_column_and_leads_to_every_file(client):
    html = client.get("/open-data/").content.decode()

    for table in public_tables():
        assert f'href="{table.url}"' in html
        for column in table.columns:
            assert f"<code>{column.name}</code>" in html
            for value, _label in column.values:
                assert not value or f"<code>{value}</code>" in html


def test_every_cell_of_a_few_words_says_one_that_the_dictionary_has(client):
    some_of_each(2)
    FeedbackEntryFactory(promised=True)
    ConsultationFactory(late=True)

    for table in public_tables():
        rows = read(client, table.url)
        # Fewer than five who asked for help are in no table.
        assert rows or table.name == "help-to-take-part"
        for column in table.columns:
            if column.kind == CellKind.CHOICE:
                known = {value for value, _label in column.values}
                assert {row[column.name] for row in rows} <= known, (table.name, column.name)


@pytest.mark.parametrize("address", ["/events.csv", "/practice.csv", "/you-said-we-did.csv"])
def test_one_row_and_twenty_ask_the_same(client, address, django_assert_num_queries):
    some_of_each(1)
    with CaptureQueriesContext(connection) as first:
        read(client, address)
    some_of_each(19)

    with django_assert_num_queries(len(first)):
        assert len(read(client, address)) == 20


def test_what_is_not_published_is_in_no_table(client):
    EventFactory(draft=True)
    FeedbackEntryFactory(published_at=None)

    assert read(client, "/events.csv") == read(client, "/you-said-we-did.csv") == []


def test_an_entry_does_not_name_a_consultation_that_families_cannot_see(client):
    FeedbackEntryFactory(consultation=ConsultationFactory(draft=True, title="Not out yet"))

    assert [row["consultation"] for row in read(client, "/you-said-we-did.csv")] == [""]


def test_no_cell_runs_in_a_spreadsheet(client):
    service = OrganisationFactory(name="@service")
    EventFactory(title="=1+1", organisation=service, once=True, first_day=days(3))
    FeedbackEntryFactory(theme="+44", you_said="-1", organisation=service)

    (event,) = read(client, "/events.csv")
    (entry,) = read(client, "/you-said-we-did.csv")

    assert (event["title"], event["organisation"]) == ("'=1+1", "'@service")
    assert (entry["point"], entry["you_said"], entry["organisation"]) == ("'+44", "'-1", "'@service")


def test_a_table_is_narrowed_as_its_list_is(client):
    EventFactory(title="Soon", once=True, first_day=days(3))
    EventFactory(title="Gone", once=True, first_day=days(-3))
    FeedbackEntryFactory(theme="Done")
    FeedbackEntryFactory(theme="Promised", promised=True)

    assert [row["title"] for row in read(client, "/events.csv")] == ["Soon"]
    assert [row["title"] for row in read(client, "/events.csv", past="1")] == ["Gone"]
    assert [row["point"] for row in read(client, "/you-said-we-did.csv", answer=AnswerState.DONE)] == ["Done"]


def test_the_lists_lead_to_their_own_table(client):
    EventFactory(once=True, first_day=days(3))
    FeedbackEntryFactory()

    events = client.get(reverse("events:find"), {"from": days(1).isoformat()}).content.decode()
    log = client.get(reverse("feedback:log"), {"answer": "done"}).content.decode()

    assert f'href="/events.csv?from={days(1).isoformat()}"' in events
    assert 'href="/you-said-we-did.csv?answer=done"' in log


@pytest.mark.parametrize(("count", "cell"), [(0, 0), (1, "fewer than 5"), (4, "fewer than 5"), (5, 5), (None, None)])
def test_few_people_are_never_counted(count, cell):
    column = Column("people", CellKind.PEOPLE, "How many.", lambda row, day: row)

    assert column.of(count, today()) == cell


# For staff


def waiting_work(member, count: int) -> None:
    """So many of everything that a table of the desk lists."""
    for number in range(count):
        record = ConsultationFactory(late=True, organisation=member.organisation, owner=member, title=f"Ours {number}")
        Check.objects.create(
            consultation=ConsultationFactory(draft=True, organisation=member.organisation, owner=member),
            sent_at=timezone.now(),
        )
        EventFactory(organisation=member.organisation, owner=member)
        HelpRequestFactory(consultation=record)
        ResourceFactory(organisation=member.organisation)
        IntentionFactory(organisation=member.organisation, owner=member, ends_on=days(9), starts_on=days(2))
        ImportedRow.objects.create(
            kind="consultations", reference=f"row {record.pk}", source_hash="0", row={}, held_for=HeldFor.NEEDS_DATES
        )
        PracticeExampleFactory(draft=True, organisation=record.organisation)
        Mail.objects.create(
            recipient_hash=f"{record.pk}",
            address="owner@example.org",
            day=today(),
            sent_at=timezone.now(),
            subject="Late",
        )


@pytest.mark.parametrize("name", DESK)
def test_a_table_of_the_desk_asks_the_same_for_one_row_and_for_twenty(client, fis, name, django_assert_num_queries):
    (table,) = [table for table in tables() if table.name == name]
    waiting_work(fis, 1)
    read(client, table.url)
    with CaptureQueriesContext(connection) as first:
        one = read(client, table.url)
    waiting_work(fis, 19)

    with django_assert_num_queries(len(first)):
        assert len(read(client, table.url)) >= len(one) > 0


@pytest.mark.parametrize("name", [name for name in DESK if name != "people"])
def test_nobody_downloads_what_they_may_not_see(client, name):
    (table,) = [table for table in tables() if table.name == name]
    member = MembershipFactory(role=Role.CONTRIBUTOR)
    waiting_work(MembershipFactory(), 1)
    client.force_login(member.user)

    if member.user.has_perm(table.permission):
        titles = [row.get("title") for row in read(client, table.url)]
        assert name in ("forward-plan", "desk-columns") or not titles
    else:
        assert client.get(table.url).status_code == 403
        assert table.url not in client.get("/desk/data/").content.decode()


def test_a_lead_downloads_the_people_of_their_own_body_without_their_addresses(client):
    lead = MembershipFactory(role=Role.LEAD)
    MembershipFactory()
    client.force_login(lead.user)

    (row,) = read(client, "/desk/people.csv")

    assert row["organisation"] == lead.organisation.name
    assert lead.user.email not in row.values()


def test_a_list_of_the_desk_is_downloaded_as_it_was_narrowed(client, fis):
    waiting_work(fis, 2)

    page = client.get(reverse("consultations:desk-consultations"), {"q": "Ours 1"}).content.decode()

    assert 'href="/desk/consultations.csv?q=Ours+1"' in page
    assert [row["title"] for row in read(client, "/desk/consultations.csv", q="Ours 1")] == ["Ours 1"]
    assert {row["kind"] for row in read(client, "/desk/owed.csv", list="late")} == {"answer"}
    assert 'href="/desk/owed.csv?list=late&amp;"' in client.get("/desk/late/").content.decode()


def test_a_message_in_the_table_hides_its_reader(client, fis):
    waiting_work(fis, 1)

    (row,) = read(client, "/desk/messages.csv")

    assert "owner@example.org" not in row.values()
    assert row["reader"].endswith("@example.org")


def test_a_table_of_the_desk_has_the_persons_own_rows_only(client):
    member = MembershipFactory(role=Role.CONTRIBUTOR)
    ConsultationFactory(title="Ours", draft=True, organisation=member.organisation)
    ConsultationFactory(title="Theirs", draft=True)
    EventFactory(title="=Ours", draft=True, organisation=member.organisation)
    EventFactory(title="Theirs", draft=True)
    client.force_login(member.user)

    assert [row["title"] for row in read(client, "/desk/consultations.csv")] == ["Ours"]
    assert read(client, "/desk/consultations.csv", q="nothing") == []
    assert read(client, "/desk/consultations.csv", state="published") == []
    assert [row["title"] for row in read(client, "/desk/events.csv")] == ["'=Ours"]
    assert read(client, "/desk/events.csv", q="nothing") == []
