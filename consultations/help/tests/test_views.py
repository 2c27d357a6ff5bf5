"""Asking for help to take part: short forms without a cookie, what they keep, and what they refuse."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from accounts.tests.factories import last_looked_after_on
from consultations.events.actions import cancel_date, move_date
from consultations.events.models import EventSupport
from consultations.events.tests.factories import EventFactory
from consultations.help import views
from consultations.help.forms import HelpForm
from consultations.help.models import Asker, HelpKind, HelpRequest
from consultations.models import Support
from consultations.tests.around import term
from consultations.tests.factories import ConsultationFactory, days
from core.models import AccessSupport, Format

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 2)
SAID = {"language": "Somali", "reached_at": "amina@example.com", "name": "Amina", "words": "After school, please."}


@pytest.fixture(autouse=True)
def nobody_asked_yet():
    """Counts of an earlier test do not count here."""
    cache.clear()


@pytest.fixture
def ask(client):
    """Sends a form about a consultation or an event, as a browser would."""

    def _ask(record, kind="interpreter", **said):
        address = reverse(f"{'events' if hasattr(record, 'repeats') else 'consultations'}:help", args=[record.slug])
        mark = HelpForm(kind=HelpKind.OTHER, dates=[], is_event=False)["once"].initial
        return client.post(f"{address}?kind={kind}", SAID | {"once": mark} | said, headers=said.pop("headers", None))

    return _ask


def page(client, record, **asked):
    """The page of a record's help, as words."""
    name = "events:help" if hasattr(record, "repeats") else "consultations:help"
    answer = client.get(reverse(name, args=[record.slug]), asked)
    assert answer.status_code == 200
    return answer.content.decode()


# What it says


@pytest.mark.parametrize("trait", ["open", "forthcoming", "standing"])
def test_the_page_of_what_is_open_or_to_come_says_that_help_can_be_asked_for(client, trait):
    consultation = ConsultationFactory(**{trait: True})

    html = client.get(consultation.get_absolute_url()).content.decode()

    assert f'href="{reverse("consultations:help", args=[consultation.slug])}"' in html
    assert "Ask for help to take part" in html


@pytest.mark.parametrize("trait", ["awaiting", "late", "responded", "closed", "withdrawn", "past"])
def test_what_is_over_does_not_offer_it_and_says_whom_to_ask(client, trait):
    consultation = ConsultationFactory(**{trait: True})

    assert "Ask for help to take part" not in client.get(consultation.get_absolute_url()).content.decode()
    html = page(client, consultation)
    assert "You cannot ask for help here any more" in html
    assert "Ask: Short breaks lead" in html
    assert "<form" not in html.split("<main")[1]


@time_machine.travel("2026-03-02 12:00")
@pytest.mark.parametrize(
    ("facts", "offered"),
    [
        ({}, True),
        ({"found": True}, False),
        ({"until": date(2026, 2, 24)}, False),
        ({"cancelled_on": date(2026, 3, 1), "cancelled_reason": "Flood."}, False),
    ],
)
def test_an_event_offers_it_while_a_date_of_ours_is_to_come(client, facts, offered):
    event = EventFactory(**facts)

    assert ("Ask for help to take part" in client.get(event.get_absolute_url()).content.decode()) is offered
    assert ("You cannot ask for help here any more" in page(client, event)) is not offered


def test_drafts_have_no_such_page(client):
    assert client.get(reverse("consultations:help", args=[ConsultationFactory(draft=True).slug])).status_code == 404
    assert client.get(reverse("events:help", args=[EventFactory(draft=True).slug])).status_code == 404


def test_it_asks_first_what_kind_and_says_what_is_there_already(client):
    consultation = ConsultationFactory(open=True)
    bsl = term(AccessSupport, "bsl", label="British Sign Language interpreter")
    Support.objects.create(consultation=consultation, kind=bsl, state="there")

    html = page(client, consultation)

    assert [f"?kind={kind.value}" in html for kind in HelpKind] == [True] * 5
    assert "British Sign Language interpreter: There on the day" in html
    assert page(client, consultation, kind="zebra").count("?kind=") == 5


def test_the_safeguarding_notice_stands_above_the_box_for_words(client):
    html = page(client, ConsultationFactory(open=True), kind="other")

    assert html.index("could identify a child or adult") < html.index('id="id_words"')
    assert "If a child is in danger now, call 999" in html


def test_no_page_of_it_sets_a_cookie_and_browsers_say_where_its_form_comes_from(client, ask):
    consultation = ConsultationFactory(open=True)
    for answer in (
        client.get(reverse("consultations:help", args=[consultation.slug]), {"kind": "costs"}),
        ask(consultation),
    ):
        assert not answer.cookies
        assert answer["Referrer-Policy"] == "same-origin"


# What it keeps


@time_machine.travel("2026-03-02 12:00")
def test_a_request_is_kept_apart_from_who_asked_and_due_before_closing(client, ask):
    consultation = ConsultationFactory(open=True, opens_on=MONDAY, closes_on=date(2026, 3, 13))

    answer = ask(consultation)

    asked = HelpRequest.objects.get()
    assert (asked.kind, asked.asked_on, asked.due_on, asked.last_day) == (
        "interpreter", MONDAY, date(2026, 3, 6), date(2026, 3, 13),
    )  # fmt: skip
    asker = Asker.objects.get()
    assert (asker.request, asker.language, asker.reached_at) == (asked, "Somali", "amina@example.com")
    html = client.get(answer.url).content.decode()
    assert "They get in touch with you by Friday 6 March." in html
    assert "amina" not in answer.url.lower()


@time_machine.travel("2026-03-02 12:00")
def test_of_a_series_one_chooses_the_date_and_cancelled_ones_are_not_offered(client, ask):
    event = EventFactory()
    cancel_date(event, by=None, day=date(2026, 3, 10), reason="Flood.", on=MONDAY)

    html = page(client, event, kind="childcare")
    assert "2026-03-17" in html
    assert "2026-03-10" not in html
    assert ask(event, "childcare", day="2026-03-10").status_code == 400
    ask(event, "childcare", day="2026-03-17", words="Two, 3 and 5")

    asked = HelpRequest.objects.get()
    assert (asked.day, asked.last_day, asked.due_on) == (date(2026, 3, 17), date(2026, 3, 17), date(2026, 3, 10))


@time_machine.travel("2026-03-02 12:00")
def test_an_interpreter_is_due_by_the_day_the_event_says_to_book_one(client, ask):
    event = EventFactory(once=True, first_day=date(2026, 3, 31))
    spoken = term(AccessSupport, "spoken_interpreter", label="Interpreter for another language")
    EventSupport.objects.create(event=event, kind=spoken, state="on_request", ask_days_before=14)

    ask(event)
    ask(event, "childcare")

    assert list(HelpRequest.objects.order_by("pk").values_list("due_on", flat=True)) == [
        date(2026, 3, 17), date(2026, 3, 24),
    ]  # fmt: skip


@time_machine.travel("2026-03-02 12:00")
def test_a_request_moves_with_its_date(ask):
    event = EventFactory()
    ask(event, day="2026-03-17")
    moved = {"by": None, "day": date(2026, 3, 17), "reason": "Flood.", "on": MONDAY}

    move_date(event, new_day=date(2026, 3, 12), **moved)

    asked = HelpRequest.objects.get()
    assert (asked.day, asked.last_day, asked.due_on) == (date(2026, 3, 17), date(2026, 3, 12), date(2026, 3, 5))


def test_somebody_who_only_wants_the_help_to_be_there_leaves_no_trace(client, ask):
    event = EventFactory(once=True, first_day=days(20))

    answer = ask(event, "other", reached_at="", name="", language="", words="A quiet room")
    assert answer.status_code == 302
    assert "You gave no way to reach you" in client.get(answer.url).content.decode()

    Asker.objects.all().delete()
    ask(event, "interpreter", reached_at="", name="", language="Urdu", words="")
    assert Asker.objects.get().language == "Urdu"


def test_another_format_is_one_of_the_list_and_another_language_is_named(ask):
    consultation = ConsultationFactory(open=True)
    easy = term(Format, "easy_read", label="Easy read")
    term(Format, "translation", label="Another language")

    assert ask(consultation, "format", language="", format="papyrus").status_code == 400
    assert ask(consultation, "format", language="", format="translation").status_code == 400
    assert ask(consultation, "format", language="", format="easy_read").status_code == 302
    assert HelpRequest.objects.get().format == easy


# What it refuses


@pytest.mark.parametrize(
    ("kind", "said", "words"),
    [
        ("interpreter", {"language": ""}, "Answer the question “Which language do you need?”"),
        ("interpreter", {"reached_at": ""}, "Enter an e-mail address or a phone number"),
        ("interpreter", {"reached_at": "Amina"}, "or a phone number in figures"),
        ("interpreter", {"reached_at": "1234"}, "or a phone number in figures"),
        ("costs", {"words": ""}, "What would cost you money?"),
        ("other", {"words": "x" * 1001}, "1000 letters or shorter"),
        ("interpreter", {"once": "forged"}, "open for a long time"),
    ],
)
def test_an_error_says_what_to_do_and_keeps_what_was_typed(ask, kind, said, words):
    answer = ask(ConsultationFactory(open=True), kind, **said)

    html = answer.content.decode()
    assert answer.status_code == 400
    assert words in html
    assert 'value="Amina"' in html
    assert not HelpRequest.objects.exists()


@pytest.mark.parametrize("number", ["01632 960 114", "+44 (0)1632 960114", "07700-900-123"])
def test_a_phone_number_may_be_written_as_people_write_it(ask, number):
    assert ask(ConsultationFactory(open=True), reached_at=number).status_code == 302


def test_what_another_site_sends_is_refused(ask):
    consultation = ConsultationFactory(open=True)

    assert ask(consultation, headers={"Origin": "https://evil.example"}).status_code == 403
    assert ask(consultation, headers={"Origin": "null"}).status_code == 403
    assert ask(consultation, headers={"Origin": "http://testserver"}).status_code == 302
    assert HelpRequest.objects.count() == 1


def test_the_same_form_sent_twice_is_one_request(ask):
    consultation = ConsultationFactory(open=True)
    mark = HelpForm(kind=HelpKind.OTHER, dates=[], is_event=False)["once"].initial

    assert [ask(consultation, once=mark).status_code for _time in range(2)] == [302, 302]
    assert HelpRequest.objects.count() == 1


def test_a_program_that_fills_in_every_box_leaves_nothing(ask):
    assert ask(ConsultationFactory(open=True), website="https://spam.example").status_code == 302
    assert not HelpRequest.objects.exists()


@time_machine.travel("2026-03-02 12:00", tick=False)
def test_one_place_can_ask_so_often_in_an_hour_and_what_was_typed_is_kept(ask):
    consultation = ConsultationFactory(open=True)

    statuses = [ask(consultation).status_code for _time in range(views.AN_HOUR_FROM_ONE_PLACE + 2)]
    refused = ask(consultation)

    assert statuses.count(302) == views.AN_HOUR_FROM_ONE_PLACE
    assert set(statuses[views.AN_HOUR_FROM_ONE_PLACE :]) == {429}
    assert 'value="Amina"' in refused.content.decode()


def test_all_together_can_ask_so_often_in_an_hour(ask, monkeypatch):
    monkeypatch.setattr(views, "AN_HOUR_IN_ALL", 2)
    consultation = ConsultationFactory(open=True)

    assert [ask(consultation).status_code for _time in range(3)] == [302, 302, 429]


def test_what_is_sent_too_late_is_shown_once_more_and_kept_nowhere(ask):
    answer = ask(ConsultationFactory(awaiting=True), "other")

    assert answer.status_code == 409
    assert "What you sent did not arrive" in answer.content.decode()
    assert "After school, please." in answer.content.decode()
    assert not HelpRequest.objects.exists()


def test_while_nobody_looks_after_the_hub_it_is_closed(client, ask):
    consultation = ConsultationFactory(open=True)
    last_looked_after_on(days(0) - timedelta(days=60))

    assert ask(consultation, "other").status_code == 503
    assert "This form is closed" in page(client, consultation)
    assert not HelpRequest.objects.exists()


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "'; DROP TABLE x; --", "\u202eabc\u200b", "{{ 1 }}"])
def test_what_was_typed_is_only_ever_text(ask, words):
    html = ask(ConsultationFactory(open=True), "other", words=words, reached_at="").content.decode()

    assert "<script>alert" not in html
    assert not HelpRequest.objects.exists()


@pytest.mark.parametrize("count", [1, 20])
def test_the_form_asks_the_database_little_however_many_dates_and_kinds_of_help(
    client, django_assert_max_num_queries, count
):
    event = EventFactory()
    for number in range(count):
        kind = term(AccessSupport, f"kind-{number}", label=f"Kind {number}")
        EventSupport.objects.create(event=event, kind=kind, state="there")
    for asked in ({}, {"kind": "interpreter"}):
        with django_assert_max_num_queries(9):
            client.get(reverse("events:help", args=[event.slug]), asked)
