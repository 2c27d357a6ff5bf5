"""The pages about consultations, as families get them."""

import re
from datetime import date
from urllib.parse import urlencode

import pytest
import time_machine
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from accounts.tests.people import EVERYBODY, People
from consultations.models import Consultation, DateChange, Outcome, SupportState
from consultations.tests.around import complete, document, support, term
from consultations.tests.factories import ConsultationFactory, days
from core.models import Area, Audience, Topic
from core.permissions import Permission

pytestmark = pytest.mark.django_db

FIND = "/consultations/"
OPENS, CLOSES, DUE = date(2022, 3, 1), date(2022, 4, 8), date(2022, 7, 1)


def page(client, address, status=200) -> str:
    """A page's HTML with its white space made even."""
    response = client.get(address)
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


def shown(client, on: str, **facts) -> str:
    """The page of a consultation from 1 March to 8 April 2022, at nine on a day."""
    service = OrganisationFactory(name="Short breaks service", promising=True)
    with time_machine.travel(f"{on}T09:00:00Z", tick=False):
        record = ConsultationFactory(**{"opens_on": OPENS, "closes_on": CLOSES, "organisation": service, **facts})
        return page(client, record.get_absolute_url())


# Midnight (rule 1)


@pytest.mark.parametrize(
    ("closes", "last", "first"),
    [
        # UK time of the last minute and of the next, as moments
        (date(2022, 4, 8), "2022-04-08T22:59:30Z", "2022-04-08T23:00:00Z"),
        (date(2022, 1, 7), "2022-01-07T23:59:30Z", "2022-01-08T00:00:00Z"),
        (date(2022, 3, 26), "2022-03-26T23:59:30Z", "2022-03-27T00:00:00Z"),  # the night before the clocks go on
        (date(2022, 3, 27), "2022-03-27T22:59:30Z", "2022-03-27T23:00:00Z"),  # the day they go on
        (date(2022, 10, 29), "2022-10-29T22:59:30Z", "2022-10-29T23:00:00Z"),  # the night before they go back
        (date(2022, 10, 30), "2022-10-30T23:59:30Z", "2022-10-31T00:00:00Z"),  # the day they go back
    ],
)
def test_the_closing_day_counts_in_full_on_page_list_and_feed(client, closes, last, first):
    record = ConsultationFactory(opens_on=date(2021, 12, 1), closes_on=closes)

    for moment, words, is_open in ((last, "Closes today, 11:59pm", True), (first, "Closed. Answer due by", False)):
        with time_machine.travel(moment, tick=False):
            assert words in page(client, record.get_absolute_url())
            assert words in page(client, FIND)
            assert words in page(client, f"{FIND}feed.atom")
            assert (record.title in page(client, f"{FIND}?stage=open")) is is_open


def test_it_opens_at_midnight(client):
    record = ConsultationFactory(opens_on=date(2022, 4, 8), closes_on=date(2022, 5, 9))

    with time_machine.travel("2022-04-07T22:59:59Z", tick=False):
        assert "Opens 8 April" in page(client, record.get_absolute_url())
    with time_machine.travel("2022-04-07T23:00:00Z", tick=False):
        assert "Open until 11:59pm, Monday 9 May" in page(client, record.get_absolute_url())


def test_it_is_late_from_the_midnight_after_its_due_day(client):
    record = ConsultationFactory(opens_on=OPENS, closes_on=CLOSES)

    with time_machine.travel("2022-07-01T22:59:59Z", tick=False):
        assert "Closed. Answer due by 1 July" in page(client, record.get_absolute_url())
    with time_machine.travel("2022-07-01T23:00:00Z", tick=False):
        assert "The answer is 1 day late." in page(client, record.get_absolute_url())
        assert "Answer is 1 day late (was due 1 July)" in page(client, FIND)


# What each stage says


@pytest.mark.parametrize(
    ("on", "facts", "words"),
    [
        ("2022-02-01", {}, ["Opens 1 March"]),
        ("2022-03-15", {}, ["Open until 11:59pm, Friday 8 April"]),
        ("2022-05-01", {}, ["Closed. Answer due by 1 July", "The service is reading what families said."]),
        (
            "2022-05-01",
            {"response_due_on": None, "first_due_on": None},
            ["Closed. No answer yet", "Short breaks service has not promised a date for its answer."],
        ),
        ("2022-08-01", {"responded_on": date(2022, 7, 13)}, ["Answered: see what changed", "Answered on 13 July"]),
        ("2022-08-01", {"level": "information"}, ["Finished"]),
        (
            "2022-08-01",
            {
                "withdrawn_on": date(2022, 4, 1),
                "withdrawn_reason": "The money is no longer there.",
                "withdrawn_views": "We passed them on.",
            },
            ["Stopped: see why", "Stopped on Friday 1 April", "The money is no longer there.", "We passed them on."],
        ),
        ("2022-08-01", {"closes_on": None}, ["Always open", "has not promised a day for its reports."]),
        (
            "2022-08-01",
            {"opens_on": None, "closes_on": None, "planned_for": "spring 2023"},
            ["Planned for spring 2023"],
        ),
        (
            "2022-08-01",
            {
                "past": True,
                "opens_on": None,
                "closes_on": CLOSES,
                "outcome": Outcome.NOT_FOUND,
                "outcome_looked_on": date(2022, 7, 2),
                "source_dates": "Closes early April",
            },
            [
                "It closed before it was listed here.",
                "We looked for an answer on 2 July and did not find one.",
                "We do not know which day it opened.",
                "Closes early April",
                "https://example.org/have-your-say",
            ],
        ),
    ],
)
def test_the_page_says_its_stage_in_plain_words(client, on, facts, words):
    html = shown(client, on, **facts)

    for each in words:
        assert each in html


def test_a_page_whose_report_is_late_says_days_service_and_whom_to_ask(client):
    html = shown(client, "2022-03-26", closes_on=None, next_report_on=date(2022, 3, 14))

    for words in (
        "The report is 12 days late.",
        "promised it by 14 March.",
        "Short breaks lead",
        "01632 960 114",
        "There is no report yet.",
        "Always open",
    ):
        assert words in html
    assert html.index("The report is 12 days late.") < html.index("There is no report yet.") < html.index("Who decides")
    assert "Next report to families" not in html


def test_a_page_whose_report_is_to_come_raises_no_alarm(client):
    html = shown(client, "2022-03-14", closes_on=None, next_report_on=date(2022, 3, 14))

    assert "hub-alarm" not in html
    assert "Next report to families by Monday 14 March" in html


def test_a_late_page_says_days_service_comment_and_whom_to_ask_and_names_nobody(client):
    owner = MembershipFactory(user=UserFactory(name="Robin Exampleperson"), role=Role.LEAD)
    html = shown(client, "2022-07-13", owner=owner, deputy=owner, late_comment="The meeting moved.", took_part=212)

    for words in (
        "The answer is 12 days late.",
        "Short breaks service promised it by 1 July.",
        "212 families are waiting.",
        "The meeting moved.",
        "Short breaks lead",
        "01632 960 114",
        "mailto:short.breaks@example.org",
        "This is wrong? Tell us",
    ):
        assert words in html
    assert "Exampleperson" not in html


def test_a_past_record_that_was_taken_on_says_so_and_can_be_late(client):
    html = shown(
        client,
        "2022-07-13",
        past=True,
        opens_on=None,
        closes_on=date(2020, 4, 8),
        level="consultation",
        taken_on_on=date(2022, 3, 1),
        answer_owed_from=date(2022, 3, 1),
        response_due_on=date(2022, 7, 1),
        first_due_on=date(2022, 7, 1),
        owner=MembershipFactory(),
        contact_name="",
        contact_phone="",
        contact_email="",
    )

    assert "Short breaks service took it on, on Tuesday 1 March, and owes families an answer." in html
    assert "The answer is 12 days late." in html
    assert 'Ask: <bdi>Service manager</bdi>, <span class="hub-nowrap">01632 960 100</span>.' in html


def test_a_past_record_never_says_that_it_is_late(client):
    html = shown(client, "2032-07-13", past=True, opens_on=None, closes_on=CLOSES)

    assert " late" not in re.sub(r'class="[^"]*"', "", html.split("<main")[1].split("</main>")[0])


def test_a_date_that_moved_is_shown_old_and_new_with_the_reason(client):
    record = ConsultationFactory(opens_on=OPENS, closes_on=date(2022, 4, 22), first_due_on=DUE)
    DateChange.objects.create(
        consultation=record,
        which="closes_on",
        was=CLOSES,
        now=date(2022, 4, 22),
        reason="More schools asked.",
        changed_on=date(2022, 3, 20),
    )

    with time_machine.travel("2022-03-21T09:00Z", tick=False):
        html = page(client, record.get_absolute_url())

    assert "<del>Friday 8 April</del> <ins>Friday 22 April</ins>" in html
    assert "More schools asked." in html


def test_papers_and_help_are_listed_with_what_they_are(client):
    record = complete(ConsultationFactory())
    support(record, "interpreter", SupportState.NOT_AVAILABLE)
    document(record, "easy-read", file_type="pdf", size_kb=240, pages=6)

    html = page(client, record.get_absolute_url())

    assert "Easy read, PDF, 240 kB, 6 pages" in html
    assert "Not available" in html


# Nobody sees a draft


PUBLIC = ["/", FIND, f"{FIND}?q=breaks", f"{FIND}feed.atom", f"{FIND}planned/", "/consultations.csv"]


@pytest.mark.parametrize("trait", ["draft", "archived", "deleted"])
def test_what_is_not_published_stands_nowhere(client, trait):
    hidden = {"draft": {"draft": True}, "archived": {"archived_at": "2027-01-01T00:00Z"}}.get(
        trait, {"deleted_at": "2027-01-01T00:00Z"}
    )
    record = ConsultationFactory(title="Hidden short breaks", forthcoming=True, **hidden)

    page(client, record.get_absolute_url(), status=404)
    for address in [*PUBLIC, record.organisation.get_absolute_url()]:
        response = client.get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert b"Hidden" not in content, address


@pytest.mark.parametrize("name", EVERYBODY)
def test_a_draft_is_shown_to_whoever_may_see_it_and_says_that_it_is_one(client, name):
    people = People()
    draft = ConsultationFactory(draft=True, organisation=people.service, owner=people.owner, deputy=people.deputy)
    person = people.who(name)
    if name != "nobody":
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    response = client.get(draft.get_absolute_url())

    assert response.status_code == (200 if person.has_perm(Permission.SEE_CONSULTATION, draft) else 404)
    assert (b"Draft. Only staff" in response.content) is (response.status_code == 200)


# Odd addresses


@pytest.mark.parametrize(
    "slug",
    [
        "no-such",
        "o'neill",
        "o%27neill",
        "%00",
        "a%00b",
        "<script>",
        "..%2f..%2fetc",
        "a b",
        "короткі",
        "وقفے",
        "%ff",
        "x" * 2000,
        "-",
        "%E2%80%AE",
        "a;b",
        'a"b',
        "null",
        "0",
    ],
)
def test_an_address_of_nothing_is_not_found_and_never_an_error(client, slug):
    for address in (f"/consultations/{slug}/", f"/organisations/{slug}/"):
        assert client.get(address).status_code == 404


def test_long_and_foreign_texts_are_shown_whole_in_their_own_direction(client):
    title = "Короткі відпустки " * 13
    record = ConsultationFactory(
        title=title.strip(),
        summary="خاندانوں کے لیے مختصر وقفے",
        organisation=OrganisationFactory(name="Short breaks"),
    )

    for address in (FIND, record.get_absolute_url(), "/"):
        html = page(client, address)
        assert title.strip() in html
        assert "خاندانوں کے لیے مختصر وقفے" in html
    html = page(client, record.get_absolute_url())
    assert f'<h1 dir="auto">{title.strip()}</h1>' in html
    assert re.search(r'<(p|dd|li|div|span) dir="auto"[^>]*>\s*خاندانوں', html)
    listed = page(client, FIND)
    assert re.search(r'<h3[^>]*dir="auto"[^>]*>\s*<a[^>]*>Короткі', listed)
    assert re.search(r'<p dir="auto">\s*خاندانوں', listed)


def test_markup_in_texts_is_shown_and_not_run(client):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
    record = complete(
        ConsultationFactory(
            late=True,
            organisation=OrganisationFactory(name=f"Org {evil}", promising=True),
            **dict.fromkeys(
                ("title", "summary", "why_it_matters", "can_change", "cannot_change", "what_next", "late_comment"), evil
            ),
            decided_by=evil,
            contact_name=evil,
        )
    )
    term(Topic, "evil").__class__.objects.filter(key="evil").update(label=evil)
    record.topics.set([term(Topic, "evil")])
    ConsultationFactory()

    for address in (FIND, record.get_absolute_url(), "/", record.organisation.get_absolute_url(), f"{FIND}?q={evil}"):
        html = page(client, address)
        assert "<script>alert" not in html
        assert "<img" not in html


# Parameters of any kind

NAMES = [
    "q",
    "stage",
    "topic",
    "audience",
    "area",
    "level",
    "organisation",
    "access",
    "format",
    "quick",
    "sort",
    "page",
]
EVIL = [
    "'",
    '"',
    "\\",
    "%",
    "%00",
    "\x00",
    "a\x00b",
    "' OR 1=1 --",
    "'; DROP TABLE consultations_consultation; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "../../etc/passwd",
    "-1",
    "0",
    "99999999999999999999",
    "1e309",
    "NaN",
    "٣",
    "½",
    "💩",
    "\ud7ff",
    "\u202e",
    "\ufeff",
    "x" * 5000,
    "open,late",
    "[]",
    "null",
    "None",
    "true",
    " ",
]


def is_answered(client, address, *parameters) -> None:
    """Assert that an address answers whatever it is asked, and says nothing back as markup."""
    response = client.get(f"{address}?{urlencode(parameters)}")
    assert response.status_code == 200, (address, parameters)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert b"<script>alert" not in content


@pytest.mark.parametrize("name", NAMES)
def test_no_value_of_any_parameter_is_an_error(client, name):
    ConsultationFactory(title="Short breaks")

    for value in EVIL:
        is_answered(client, FIND, (name, value))
    assert Consultation.objects.exists()


@pytest.mark.parametrize("address", [f"{FIND}feed.atom", "/consultations.csv", f"{FIND}planned/"])
def test_what_takes_the_same_parameters_answers_as_well(client, address):
    """They are read by the same finder: here half of them have the value, and then the other half."""
    ConsultationFactory(title="Short breaks")

    for value in EVIL:
        for half in (NAMES[::2], NAMES[1::2]):
            is_answered(client, address, *((name, value) for name in half))


@pytest.mark.parametrize(
    "query",
    [
        "stage[]=open",
        "stage%5B0%5D=open",
        "q[a][b]=1",
        "&&&",
        "=",
        "?",
        "q",
        "q=%ff%fe",
        "q=%",
        "q=%zz",
        "stage=%c0%af",
        "&".join(f"topic=t{n}" for n in range(900)),
        "page=1&page=2",
        "q=a&q=b",
        "sort=newest&sort=relevant",
        "%00=%00",
        "q=" + "%20" * 500,
        "stage=open;stage=late",
    ],
)
def test_no_shape_of_an_address_is_an_error(client, query):
    ConsultationFactory()

    assert client.get(f"{FIND}?{query}").status_code == 200


def test_more_parameters_than_anybody_types_are_refused_and_not_an_error(client):
    assert client.get(f"{FIND}?" + "&".join(f"a{n}=1" for n in range(1500))).status_code == 400


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    asked=st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            st.text(max_size=30)
            | st.sampled_from(["open", "late", "newest", "relevant", "1", "2", "travel", *EVIL[:9]]),
        ),
        max_size=6,
    )
)
def test_any_mixture_of_parameters_is_a_page(client, asked):
    if not Consultation.objects.exists():
        ConsultationFactory().topics.add(term(Topic, "travel"))

    response = client.get(f"{FIND}?{urlencode(asked, errors='replace')}")

    assert response.status_code == 200


def test_what_was_left_out_is_said_on_the_page(client):
    ConsultationFactory()

    html = page(client, f"{FIND}?stage=opne&page=zwei&topic=%3Cb%3E")

    assert "We do not know “opne” for “Where it has got to”, so we left it out." in html
    assert "We do not know “zwei” for “Page”, so we left it out." in html
    assert "“&lt;b&gt;”" in html


# Empty pages speak


def test_an_empty_finder_says_so(client):
    assert "No consultation is listed here yet" in page(client, FIND)


def test_a_search_without_a_match_offers_ways_on(client):
    ConsultationFactory()

    html = page(client, f"{FIND}?q=xylophone&stage=late")

    assert "Nothing matches all of that" in html
    assert "see every consultation" in html


def test_an_empty_plan_says_so(client):
    assert "Nothing is planned right now" in page(client, f"{FIND}planned/")


def test_what_is_planned_comes_soonest_first_and_seasons_last(client):
    ConsultationFactory(title="Season", opens_on=None, closes_on=None, planned_for="spring 2030")
    ConsultationFactory(title="Later", opens_on=days(30), closes_on=days(60))
    ConsultationFactory(title="Sooner", opens_on=days(3), closes_on=days(60))
    ConsultationFactory(title="Open now")

    html = page(client, f"{FIND}planned/")

    assert html.index("Sooner") < html.index("Later") < html.index("Season")
    assert "Planned for spring 2030" in html
    assert "Open now" not in html


# How many questions a page asks of the database


def crowd(rows: int) -> Consultation:
    """So many consultations in every stage, with everything around them."""
    traits = ["open", "late", "responded", "forthcoming", "awaiting", "withdrawn", "closed", "standing"]
    records = []
    for number in range(rows):
        record = complete(ConsultationFactory(**{traits[number % len(traits)]: True}))
        document(record, "easy_read")
        support(record, "interpreter")
        records.append(record)
    return records[0]


ADDRESSES = {
    "home": (lambda record: "/", 12),
    "finder": (lambda record: FIND, 12),
    "finder, narrowed": (lambda record: f"{FIND}?stage=open&stage=late&topic=a-topic&sort=newest", 12),
    "finder, searched": (lambda record: f"{FIND}?q=breaks&topic=a-topic", 12),
    "finder, guessed": (lambda record: f"{FIND}?q=shrot+braeks", 12),
    "consultation": (lambda record: record.get_absolute_url(), 11),
    "planned": (lambda record: f"{FIND}planned/", 12),
    "organisation": (lambda record: record.organisation.get_absolute_url(), 17),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_asks_as_many_questions_for_twenty_rows_as_for_one(client, name, django_assert_max_num_queries):
    address, most = ADDRESSES[name]
    counts = []
    organisation = OrganisationFactory(promising=True)
    for rows in (8, 20):
        record = crowd(rows)
        if name == "organisation":
            Consultation.objects.update(organisation=organisation)
            record.refresh_from_db()
        client.get(address(record))
        with django_assert_max_num_queries(most) as asked:
            client.get(address(record))
        counts.append(len(asked))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["finder", "home", "organisation", "planned"])
def test_a_page_of_one_row_asks_no_more_than_a_full_one(client, name, django_assert_max_num_queries):
    address, most = ADDRESSES[name]
    record = crowd(1)

    with django_assert_max_num_queries(most):
        client.get(address(record))


@pytest.mark.parametrize("trait", ["open", "late", "awaiting", "responded", "withdrawn", "past", "standing"])
def test_a_consultation_page_keeps_within_eleven_questions_in_every_stage(client, trait, django_assert_max_num_queries):
    record = complete(ConsultationFactory(**{trait: True}))
    for number in range(12):
        document(record, f"format-{number}")
        support(record, f"support-{number}")

    with django_assert_max_num_queries(11):
        client.get(record.get_absolute_url())


def test_every_list_that_narrows_is_offered_when_it_splits(client):
    one, other = complete(ConsultationFactory(minutes_needed=5)), ConsultationFactory(late=True)
    document(one, "easy-read")
    support(one, "interpreter")
    for model, name in ((Topic, "topics"), (Audience, "audiences"), (Area, "areas")):
        getattr(other, name).add(term(model, f"other-{name}"))

    html = page(client, FIND)

    for name in ("stage", "topic", "audience", "area", "quick", "organisation", "access", "format"):
        assert f'name="{name}"' in html, name


def test_the_menu_of_the_list_has_real_addresses(client):
    ConsultationFactory()
    html = page(client, FIND)

    assert f'href="{reverse("consultations:planned")}"' in html
    assert f'href="{reverse("consultations:feed")}"' in html
