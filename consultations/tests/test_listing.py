"""A consultation in the words of its card and its page."""

from datetime import date, time

import pytest

from accounts.tests.factories import OrganisationFactory
from consultations.listing import Listing, cards, document_facts
from consultations.models import Consultation, Outcome, ParticipationLevel, SupportState
from consultations.tests.around import document, support, term, way
from consultations.tests.factories import ConsultationFactory
from core.models import Area, Audience

pytestmark = pytest.mark.django_db

OPENS, CLOSES, DUE = date(2022, 3, 1), date(2022, 4, 8), date(2022, 7, 1)
DURING, WAITING, LATE = date(2022, 3, 15), date(2022, 5, 1), date(2022, 7, 13)


def listed(on=DURING, **facts) -> Listing:
    """A consultation from 1 March to 8 April 2022, as its page shows it on a day."""
    service = facts.pop("organisation", None) or OrganisationFactory(name="Short breaks", promising=True)
    record = ConsultationFactory(**{"opens_on": OPENS, "closes_on": CLOSES, "organisation": service, **facts})
    return Listing(Consultation.objects.for_page().get(pk=record.pk), on)


def box(listing: Listing) -> dict[str, str]:
    """The box as questions and answers."""
    facts = [*listing.facts_before_ways, *listing.facts_after_ways]
    return {str(fact.question): " / ".join(str(line) for line in fact.lines) for fact in facts}


def card(on=DURING, **facts):
    """The card of a consultation on a day."""
    record = ConsultationFactory(**{"opens_on": OPENS, "closes_on": CLOSES, **facts})
    return cards(Consultation.objects.filter(pk=record.pk).for_cards(), on)[0]


# The box


def test_the_box_answers_every_question_a_parent_has():
    record = ConsultationFactory(
        organisation=OrganisationFactory(name="Short breaks", promising=True),
        opens_on=OPENS,
        closes_on=CLOSES,
        minutes_needed=8,
        what_next="We write to every school.",
        decision_on=date(2022, 6, 10),
    )
    record.audiences.add(term(Audience, "parent-carers"))
    record.areas.add(term(Area, "whole-county"))
    way(record, "online-survey", description="Fill in the form.", url="https://example.org/form")

    listing = Listing(Consultation.objects.for_page().get(pk=record.pk), DURING)

    assert box(listing) == {
        "What": record.summary,
        "Who for": "Parent carers",
        "Where": "Whole county",
        "How long it takes": "About 8 minutes",
        "Open": "Tuesday 1 March to 11:59pm, Friday 8 April",
        "How much say you have": "We ask before we decide",
        "Who decides": "Cabinet, on Friday 10 June",
        "What happens next": "We write to every school.",
        "When you will hear": "Short breaks promised an answer by Friday 1 July",
        "Who to ask": "Short breaks lead / 01632 960 114",
    }
    assert [each.description for each in listing.ways] == ["Fill in the form."]


@pytest.mark.parametrize(
    ("facts", "on", "question", "words"),
    [
        ({}, DURING, "Open", "Tuesday 1 March to 11:59pm, Friday 8 April"),
        ({"closes_at": time(12)}, DURING, "Open", "Tuesday 1 March to noon, Friday 8 April"),
        ({}, WAITING, "It was open", "Tuesday 1 March to Friday 8 April"),
        ({"closes_at": time(17)}, WAITING, "It was open", "Tuesday 1 March to 5pm, Friday 8 April"),
        ({}, date(2023, 5, 1), "It was open", "Tuesday 1 March 2022 to Friday 8 April 2022"),
        ({"closes_on": None}, DURING, "When", "Since Tuesday 1 March. No closing date."),
        (
            {"opens_on": None, "closes_on": None, "planned_for": "spring 2023"},
            DURING,
            "When",
            "Planned for spring 2023",
        ),
        (
            {"past": True, "opens_on": None, "closes_on": CLOSES},
            LATE,
            "It was open",
            "Until Friday 8 April / We do not know which day it opened.",
        ),
    ],
)
def test_the_box_says_from_when_to_when(facts, on, question, words):
    assert box(listed(on, **facts))[question] == words


@pytest.mark.parametrize(
    ("facts", "on", "words"),
    [
        ({}, DURING, "Short breaks promised an answer by Friday 1 July"),
        (
            {"response_due_on": None, "first_due_on": None},
            WAITING,
            "Short breaks has not promised a date for its answer.",
        ),
        ({"responded_on": date(2022, 6, 1)}, LATE, "Answered on 1 June"),
        (
            {"responded_on": date(2022, 6, 30), "responded_exactly": False},
            LATE,
            "Answered by 30 June. We do not know the exact day.",
        ),
        (
            {"level": ParticipationLevel.INFORMATION},
            DURING,
            "This tells you what will happen. It does not ask for views, so no answer is owed.",
        ),
        ({"closes_on": None, "next_report_on": date(2022, 8, 1)}, DURING, "Next report to families by Monday 1 August"),
        (
            {"closes_on": None, "next_report_on": date(2022, 3, 14)},
            DURING,
            "Short breaks promised a report by Monday 14 March",
        ),
        ({"closes_on": None}, DURING, "Short breaks has not promised a day for its reports."),
        (
            {"closes_on": None, "draft": True},
            DURING,
            "The day of the first report is set when families can see this.",
        ),
        (
            {"closes_on": None, "level": ParticipationLevel.INFORMATION},
            DURING,
            "This tells you what will happen. It does not ask for views, so no answer is owed.",
        ),
        (
            {"opens_on": None, "closes_on": None, "planned_for": "spring"},
            DURING,
            "The date is set when the dates of the consultation are.",
        ),
        ({"past": True, "closes_on": CLOSES}, LATE, "We have not looked for an answer yet."),
        (
            {"past": True, "closes_on": CLOSES, "outcome": Outcome.NOT_FOUND, "outcome_looked_on": date(2022, 7, 2)},
            LATE,
            "We looked for an answer on 2 July and did not find one.",
        ),
        ({"past": True, "closes_on": CLOSES, "outcome": Outcome.FOUND}, LATE, "An answer was published elsewhere."),
    ],
)
def test_the_box_always_says_when_families_will_hear(facts, on, words):
    assert box(listed(on, **facts))["When you will hear"] == words


def test_a_stopped_consultation_promises_no_answer():
    stopped = listed(WAITING, withdrawn_on=DURING, withdrawn_reason="No money.", withdrawn_views="Kept.")

    assert "promised" not in box(stopped).get("When you will hear", "")


@pytest.mark.parametrize("level", ParticipationLevel)
def test_the_level_is_said_plainly_beside_the_fields_own_word(level):
    listing = listed(level=level)

    assert listing.level_words == level.label
    assert listing.level_name == level.value.replace("_", "-")


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"decision_on": date(2022, 6, 10)}, "Cabinet, on Friday 10 June"),
        ({"decision_when": "in the summer"}, "Cabinet, in the summer"),
        ({}, "Cabinet"),
    ],
)
def test_the_box_says_who_decides_and_when(when, words):
    assert box(listed(**when))["Who decides"] == words


@pytest.mark.parametrize(("on", "ways"), [(date(2022, 2, 1), 1), (DURING, 1), (CLOSES, 1), (WAITING, 0), (LATE, 0)])
def test_ways_to_take_part_are_shown_until_it_closes(on, ways):
    record = ConsultationFactory(opens_on=OPENS, closes_on=CLOSES)
    way(record, "online-survey", url="https://example.org/form")

    listing = Listing(record, on)

    assert len(listing.ways) == ways
    assert (listing.first_link is not None) is (OPENS <= on <= CLOSES)


# Late and waiting


@pytest.mark.parametrize(
    ("on", "title"),
    [(date(2022, 7, 2), "The answer is 1 day late."), (LATE, "The answer is 12 days late.")],
)
def test_a_late_one_says_how_many_days_and_who_promised(on, title):
    listing = listed(on)

    assert listing.late_title == title
    assert listing.late_promise == "Short breaks promised it by 1 July."
    assert listing.was_due_first == ""


def test_a_date_that_moved_is_shown_beside_the_first_one():
    listing = listed(LATE, response_due_on=date(2022, 7, 8), first_due_on=DUE)

    assert listing.was_due_first == "The first date published was Friday 1 July."


@pytest.mark.parametrize(
    ("facts", "on", "words"),
    [
        ({"took_part": 1212}, WAITING, "1,212 families are waiting."),
        ({"took_part": 5}, LATE, "5 families are waiting."),
        ({"took_part": 0}, LATE, ""),
        ({"took_part_is_few": True}, LATE, ""),
        ({}, LATE, ""),
        ({"took_part": 212}, DURING, ""),
        ({"took_part": 212, "responded_on": DUE}, LATE, ""),
    ],
)
def test_the_families_who_wait_are_counted_from_five_on(facts, on, words):
    assert listed(on, **facts).families_waiting == words


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"took_part": 212, "past": True}, "212 families took part."),
        ({"took_part_is_few": True, "past": True}, "Fewer than 5 families took part."),
        ({"took_part": 212}, ""),
        ({"past": True}, ""),
    ],
)
def test_how_many_took_part_is_said_where_no_answer_says_it_and_never_a_number_below_five(facts, words):
    assert listed(**facts).took_part_words == words


# Around it


def test_help_is_there_or_asked_for_by_a_day_or_not_available():
    record = ConsultationFactory(opens_on=OPENS, closes_on=CLOSES)
    support(record, "interpreter", SupportState.ON_REQUEST, date(2022, 3, 20))
    support(record, "childcare", SupportState.THERE)
    support(record, "travel-costs", SupportState.NOT_AVAILABLE)

    said = {each["kind"]: each["words"] for each in Listing(record, DURING).supports}

    assert said == {
        "Interpreter": "Ask by Sunday 20 March",
        "Childcare": "There on the day",
        "Travel costs": "Not available",
    }


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "Easy read"),
        ({"file_type": "pdf", "size_kb": 240, "pages": 6}, "Easy read, PDF, 240 kB, 6 pages"),
        ({"file_type": "pdf", "size_kb": 2560, "pages": 1}, "Easy read, PDF, 2.5 MB, 1 page"),
        ({"language": "Urdu"}, "Easy read, Urdu"),
    ],
)
def test_a_paper_says_what_a_press_will_bring(facts, words):
    assert document_facts(document(ConsultationFactory(), "easy-read", **facts)) == words


# Cards


def test_an_open_card_says_who_how_long_and_which_formats():
    record = ConsultationFactory(
        opens_on=OPENS, closes_on=CLOSES, minutes_needed=8, organisation=OrganisationFactory(name="Short breaks")
    )
    document(record, "easy_read")
    document(record, "large-print")

    (shown,) = cards(Consultation.objects.for_cards(), DURING)

    assert shown.words == "Open until 11:59pm, Friday 8 April"
    assert shown.facts == ["Short breaks", "8 minutes", "Easy_read ready"]


def test_a_closed_card_says_when_it_closed():
    assert "Closed 8 April" in card(WAITING, minutes_needed=8).facts
    assert "8 minutes" not in card(WAITING, minutes_needed=8).facts


@pytest.mark.parametrize(
    ("on", "colour"),
    [
        (date(2022, 2, 1), "forthcoming"),
        (date(2022, 3, 31), "open"),
        (date(2022, 4, 1), "closing"),
        (CLOSES, "closing"),
        (WAITING, "awaiting"),
        (LATE, "late"),
    ],
)
def test_the_colour_is_that_of_the_stage_and_the_last_week_has_its_own(on, colour):
    assert card(on).colour == colour


# Reports of what stays open

REPORT_DUE = date(2022, 3, 14)


def test_a_late_report_says_days_service_and_families():
    listing = listed(date(2022, 3, 26), closes_on=None, next_report_on=REPORT_DUE, took_part=212)

    assert listing.report_is_late
    assert listing.late_report_title == "The report is 12 days late."
    assert listing.late_report_promise == "Short breaks promised it by 14 March. 212 families are waiting."
    assert listing.no_report_words == "There is no report yet."


@pytest.mark.parametrize("took_part", [None, 0])
def test_a_late_report_says_no_number_that_is_not_known(took_part):
    listing = listed(DURING, closes_on=None, next_report_on=REPORT_DUE, took_part=took_part)

    assert listing.late_report_title == "The report is 1 day late."
    assert listing.late_report_promise == "Short breaks promised it by 14 March."


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"closes_on": None, "next_report_on": date(2022, 8, 1)},
            "There is no report yet. The first one comes by Monday 1 August.",
        ),
        (
            {"closes_on": None, "next_report_on": DURING},
            "There is no report yet. The first one comes by Tuesday 15 March.",
        ),
        ({"closes_on": None}, "There is no report yet."),
        ({"closes_on": None, "level": ParticipationLevel.INFORMATION}, ""),
        ({}, ""),
        (
            {
                "closes_on": None,
                "next_report_on": REPORT_DUE,
                "withdrawn_on": DURING,
                "withdrawn_reason": "No money.",
                "withdrawn_views": "Kept.",
            },
            "",
        ),
        ({"opens_on": date(2022, 4, 1), "closes_on": None, "next_report_on": date(2022, 8, 1)}, ""),
    ],
)
def test_that_nothing_was_reported_yet_is_said_only_where_families_expect_a_report(facts, words):
    listing = listed(DURING, **facts)

    assert listing.no_report_words == words
    assert not listing.report_is_late


def test_the_card_of_what_stays_open_says_when_its_report_is_late_and_else_nothing_of_it():
    facts = {"closes_on": None, "next_report_on": REPORT_DUE}

    late = card(date(2022, 3, 26), **facts)
    assert late.words == "Always open"
    assert late.facts[-1] == late.report == "Report is 12 days late (was due 14 March)"
    assert card(REPORT_DUE, **facts).report == ""
    assert not [fact for fact in card(REPORT_DUE, **facts).facts if "eport" in fact]


def test_a_page_of_cards_asks_upper_floors_once(django_assert_num_queries):
    for _number in range(3):
        ConsultationFactory(opens_on=OPENS, closes_on=CLOSES)
    rows = list(Consultation.objects.for_cards())
    with django_assert_num_queries(0):
        assert [row.organisation.name for row in rows]
    assert len(cards(rows, DURING)) == 3
