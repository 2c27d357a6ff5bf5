"""Rows of events: what their words say is understood, what they do not say is held, and nothing is guessed."""

from collections import Counter
from datetime import date, time
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Organisation
from consultations.events.models import Event
from consultations.events.printed import read_rule
from core.models import ImportedRow
from core.tests.files import REAL_FILES, bring_in, real_rows

pytestmark = pytest.mark.django_db


def row(**cells) -> dict[str, str]:
    """A row that comes in as it is, with some cells changed."""
    return {
        "title": "SEND drop-in", "organiser": "Westmarch County Council", "place": "Larch Hall, Mill Lane LE18 2DT",
        "starts": "2026-09-29T10:00", "ends": "2026-09-29T11:30", "recurrence_text": "", "online": "no",
        "url": "https://example.org/a", "source_url": "https://example.org/b", "notes": "",
    } | cells  # fmt: skip


# --- Rules in words


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("every third Tuesday of the month", ("monthly_weekday", 1, 3, False, None, None)),
        (
            "second Friday of every month, during term time, 10am to 11.30am",
            ("monthly_weekday", 4, 2, True, time(10), time(11, 30)),
        ),
        ("last Tuesday of each month", ("monthly_weekday", 1, -1, False, None, None)),
        ("every Friday morning 9:45 to 11:45", ("weekly", 4, None, False, time(9, 45), time(11, 45))),
        ("every Thursday", ("weekly", 3, None, False, None, None)),
        ("every Monday morning", ("weekly", 0, None, False, None, None)),
        ("Every Wednesday, 6.30 to 8pm, term time only", ("weekly", 2, None, True, time(18, 30), time(20))),
        ("every Wednesday 11 to 1pm", ("weekly", 2, None, False, time(11), time(13))),
        ("every Sunday from noon", ("weekly", 6, None, False, time(12), None)),
        ("fortnightly on Fridays", ("fortnightly", 4, None, False, None, None)),
        ("every other Monday", ("fortnightly", 0, None, False, None, None)),
        ("weekly", ("weekly", None, None, False, None, None)),
    ],
)
def test_these_words_say_a_rule(words, rule):
    found = read_rule(words)

    assert (
        found.repeats, found.weekday, found.week_of_month, found.term_time_only, found.starts_at, found.ends_at
    ) == rule  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "monthly", "monthly to begin with", "once a month", "once a term", "every term", "every year",
        "twice a term (once every half term)", "weekly from February 2021", "every Friday except in August",
        "hoped to be monthly, first meeting on a Friday in January 2024", "every Thursday 7pm to 6pm",
        "second and fourth Friday of every month", "every Friday 25:00", "",
    ],
)  # fmt: skip
def test_these_words_say_no_rule(words):
    assert read_rule(words) is None


# --- Rows


def test_a_dated_row_becomes_an_event_that_says_where_it_comes_from():
    assert bring_in("events", [row()]).created == 1

    event = Event.objects.published().get()
    assert (event.first_day, event.starts_at, event.ends_at) == (date(2026, 9, 29), time(10), time(11, 30))
    assert (event.repeats, event.until) == ("once", date(2026, 9, 29))
    assert (event.venue, event.address, event.postcode) == ("Larch Hall", "Mill Lane", "LE18 2DT")
    assert (event.kind, event.attendance, event.booking, event.cost_is_known) == (
        "drop_in",
        "in_person",
        "unknown",
        False,
    )
    assert event.source_read_on == date(2026, 11, 22)


def test_a_day_without_a_time_is_kept_without_one():
    bring_in("events", [row(starts="2026-09-29", ends="")])

    assert Event.objects.get().starts_at is None


def test_a_rule_without_a_first_date_begins_when_the_page_was_read_and_stays_so():
    rows = [row(starts="", ends="", recurrence_text="every Thursday, 2pm to 3pm")]
    bring_in("events", rows)

    event = Event.objects.get()
    assert (event.first_day, event.until, event.starts_at) == (date(2026, 11, 26), None, time(14))
    changed = [rows[0] | {"notes": "Bring a friend"}]
    assert bring_in("events", changed, today=date(2027, 3, 1)).updated == 1
    event.refresh_from_db()
    assert (event.first_day, event.source_notes) == (date(2026, 11, 26), "Bring a friend")


@pytest.mark.parametrize(
    ("cells", "why", "note"),
    [
        ({"starts": "", "ends": ""}, "needs_dates", "no date is printed"),
        ({"starts": "", "ends": "", "recurrence_text": "monthly"}, "needs_dates", "only “monthly”"),
        ({"starts": "", "ends": "", "recurrence_text": "fortnightly on Fridays"}, "needs_dates", "needs a first date"),
        ({"starts": "", "ends": "", "recurrence_text": "weekly"}, "needs_dates", "needs a first date"),
        ({"recurrence_text": "once a term"}, "needs_rule", "does not say on which days"),
        ({"recurrence_text": "every Friday"}, "needs_rule", "is not one of “every Friday”"),
        ({"ends": "2026-09-30T11:30"}, "needs_dates", "more than one day"),
    ],
)
def test_what_the_words_do_not_say_waits_for_a_person(cells, why, note):
    brought = bring_in("events", [row(**cells)])

    assert brought.held == 1
    assert not Event.objects.exists()
    held = ImportedRow.objects.get()
    assert held.held_for == why
    assert note in held.held_note


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"starts": "29/09/2026"}, "is not a day like 2019-02-26"),
        ({"starts": "2026-09-29T25:00"}, "is not a day like 2019-02-26"),
        ({"ends": "2026-09-29T09:00"}, "it ends before it starts"),
        ({"online": "perhaps"}, "is not a word for it that we know"),
        ({"organiser": ""}, "the cell is empty"),
        ({"source_url": "javascript:alert(1)"}, "is not the address of a web page"),
        ({"title": " "}, "the row has no title"),
    ],
)
def test_a_row_that_is_wrong_is_sent_back_with_the_reason(cells, reason):
    brought = bring_in("events", [row(**cells)])

    assert brought.rejected == 1
    assert reason in brought.lines[0]


def test_a_time_that_changed_in_the_source_changes_here_and_raises_the_sequence():
    bring_in("events", [row()])

    assert bring_in("events", [row(starts="2026-09-29T09:00")]).updated == 1

    event = Event.objects.get()
    assert (event.starts_at, event.calendar_sequence) == (time(9), 1)


def test_a_time_mended_here_is_not_overwritten():
    bring_in("events", [row()])
    Event.objects.update(starts_at=time(9, 30))

    brought = bring_in("events", [row(starts="2026-09-29T09:00")])

    assert brought.held == 1
    assert Event.objects.get().starts_at == time(9, 30)


# --- The real file


def import_real_file() -> list[str]:
    """What the command prints for the real file."""
    out = StringIO()
    call_command("import_csv", "events", REAL_FILES["events"], read_on="2026-11-22", stdout=out)
    return out.getvalue().splitlines()


def test_every_real_row_is_where_the_rules_put_it():
    printed = import_real_file()

    # 49 rows have a day; 7 of them repeat in words that do not say on which days. Of the 14 without a day, 3 say
    # a rule that needs none: every Friday morning, every Monday morning, the second Friday of every month.
    assert printed[0] == "created 45, updated 0, unchanged 0, held 18, rejected 0"
    held = {each.row["title"] + each.row["starts"][:10]: each.held_for for each in ImportedRow.objects.held()}
    assert Counter(held.values()) == {"needs_dates": 11, "needs_rule": 7}
    assert {title for title, why in held.items() if why == "needs_rule"} == {
        "Parents' Forum2024-03-22", "Parents' Forum2024-05-03", "Parents' Forum2024-06-14", "Parents' Forum2024-07-19",
        "SEND engagement event on housing2023-10-18", "Shine A Light on Autism2022-01-31",
        "Parent Carer Participation Conference2016-11-01",
    }  # fmt: skip
    references = set(Event.objects.published().values_list("reference", flat=True))
    assert len(references) == 45
    assert len(references | set(ImportedRow.objects.held().values_list("reference", flat=True))) == 63

    regular = {each.title: each for each in Event.objects.exclude(repeats="once")}
    assert {title: (each.repeats, each.first_day) for title, each in regular.items()} == {
        "Melton Mowbray Spectrum Support Group": ("monthly_weekday", date(2020, 1, 21)),
        "Marvels and Meltdowns male carers' night": ("weekly", date(2016, 4, 28)),
        "Cafe Eden": ("monthly_weekday", date(2026, 12, 11)),
        "Friday Coffee Club": ("weekly", date(2026, 11, 27)),
        "A Reason to Like Mondays virtual coffee morning": ("weekly", date(2026, 11, 23)),
    }
    assert regular["Cafe Eden"].term_time_only
    assert Event.objects.filter(starts_at=None).count() == 10
    assert Event.objects.filter(starts_at__isnull=False, ends_at=None).count() == 5
    assert Event.objects.filter(attendance="online").count() == 7
    kinds = dict(Organisation.objects.values_list("name", "kind"))
    assert kinds["Leicestershire County Council"] == "council"
    assert kinds["Action4SEN"] == "charity"


def test_the_same_file_again_changes_nothing():
    import_real_file()
    before = list(Event.objects.order_by("pk").values()), list(ImportedRow.objects.order_by("pk").values())

    printed = import_real_file()

    assert printed[0] == "created 0, updated 0, unchanged 45, held 18, rejected 0"
    assert (list(Event.objects.order_by("pk").values()), list(ImportedRow.objects.order_by("pk").values())) == before


@pytest.mark.parametrize("number", range(63))
def test_each_real_row_is_accounted_for_once_by_itself(number):
    brought = bring_in("events", [real_rows("events")[number]])

    assert sum(brought.counts.values()) == 1
    assert brought.rejected == 0
