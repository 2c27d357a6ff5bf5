"""Consultations brought in from other pages: each rule on rows that councils really published."""

from datetime import date, time, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Organisation, OrganisationKind
from accounts.tests.factories import OrganisationFactory
from consultations.imports import ConsultationImporter, closing_time
from consultations.models import Consultation, Outcome, RecordKind
from consultations.stages import Stage
from consultations.tests.factories import ConsultationFactory
from core.imports import FileRefused, importers, take_again
from core.models import HeldFor, ImportedRow, TermAlias, Topic
from core.tests.files import READ_ON, bring_in, real_row

pytestmark = pytest.mark.django_db

SEND_TRAVEL = "leicester-home-to-school-transport-policy-send"
LIBRARY = "lcc-ibstock-community-managed-library"
COUNTY_HALF = "lcc-have-your-say-on-how-we-support-children-and-young-people-to-be"
RUTLAND_HALF = "rutland-changes-to-rutlands-healthy-child-programme"


def real(*references, **changes):
    """Real rows by reference, the same cells changed in each."""
    return [real_row("consultations", reference) | changes for reference in references]


def bring(*rows, **options):
    """Bring rows of consultations in."""
    return bring_in("consultations", list(rows), **options)


def brought(reference, **changes):
    """The consultation that a real row becomes."""
    result = bring(*real(reference, **changes))
    assert result.created == 1, result.lines
    return Consultation.objects.get()


def held(reference, **changes):
    """The reason for which a real row is held."""
    result = bring(*real(reference, **changes))
    assert result.held == 1
    assert not Consultation.objects.exists()
    return ImportedRow.objects.held().get()


def rejected(reference, /, **changes):
    """What is said of a real row, spoilt."""
    result = bring(*real(reference, **changes))
    assert result.counts["rejected"] == 1
    assert not ImportedRow.objects.exists()
    return result.lines[0]


# --- Past records


def test_a_row_with_an_exact_closing_day_becomes_a_published_past_record():
    record = brought("lcc-draft-leicestershire-send-and-inclusion-strategy")

    assert (record.record, record.is_published, record.stage) == (RecordKind.PAST, True, Stage.CLOSED)
    assert (record.opens_on, record.closes_on) == (date(2025, 2, 12), date(2025, 4, 8))
    assert record.organisation.name == "Leicestershire County Council"
    assert record.service_area == "Children and Family Services"
    assert record.source_dates == "12 February to 8 April 2025"
    assert record.source_notes.startswith("individual page gives weekdays")
    assert record.source_url == "https://www.leicestershire.gov.uk/have-your-say/you-said-we-did"
    assert "current-engagement" in record.source_page_url
    assert record.source_read_on == READ_ON


def test_what_it_wrote_is_labelled_as_an_import_in_the_history():
    record = brought(LIBRARY)

    history = Consultation.pgh_event_model.objects.get(pgh_obj_id=record.pk)
    assert history.pgh_context.metadata == {"by": None, "did": "imported"}


def test_an_unknown_opening_day_is_left_unknown():
    record = brought("charnwood-draft-corporate-plan")

    assert (record.opens_on, record.closes_on) == (None, date(2019, 12, 18))


@pytest.mark.parametrize(
    ("reference", "closes"),
    [
        ("lcc-substance-misuse-services", date(2015, 8, 16)),  # July 13 to August 16 2015
        ("lcc-proposed-changes-to-school-transport-policy", date(2014, 3, 12)),  # Monday 27th January - 12th March 2014
        ("lcc-sen-mainstream-home-to-school-transport-policies", date(2017, 12, 21)),  # Deadline 21st Dec 2017
        ("charnwood-allocations-policy-consultation", date(2017, 9, 22)),  # closed on Friday September 22, 2017
        (COUNTY_HALF, date(2021, 9, 17)),  # 22 July – 17 September 2021
        ("lcc-new-send-provision-enhanced-resource-bases-and-special-schools", date(2019, 3, 31)),
    ],
)
def test_printed_dates_of_any_form_are_kept_beside_the_exact_day(reference, closes):
    record = brought(reference)

    assert record.closes_on == closes
    assert record.source_dates == real(reference)[0]["raw_dates"]


@pytest.mark.parametrize(
    "reference",
    [
        "north-development-strategy-options-and-policy-options-regulation-18",  # extended
        "leicester-draft-leicester-local-plan-2020",  # postponed
        "leicester-hackney-carriage-and-private-hire-vehicle-licensing",  # extended because of Covid-19
        "leicester-slater-and-fosse-primary-schools-revocation-statutory-notice",  # revokes an earlier decision
        "leicester-post-16-education-transport-for-young-people-with-send",  # run again after complaints
        "melton-repairing-trust-call-for-evidence",  # another body's call, listed by the council
    ],
)
def test_extended_postponed_revoked_and_rerun_ones_are_records_of_their_own_with_their_note(reference):
    record = brought(reference)

    assert record.source_notes == real(reference)[0]["notes"] != "" or "revocation" in reference


def test_a_row_without_a_page_of_its_own_still_has_its_source():
    record = brought("lcc-budget-proposals-2023-27")

    assert record.source_page_url == ""
    assert record.source_url.startswith("https://www.meltontimes.co.uk/")


# --- Titles and addresses


@pytest.mark.parametrize(
    "reference",
    [
        "lcc-leicester-leicestershire-and-rutland-llr-draft-joint-carers-strategy",  # brackets, a spaced hyphen
        "leicester-proposed-changes-to-the-disabled-persons-support-service",  # a curly apostrophe
        "leicester-art-gallery-displays-at-leicester-museum-art-gallery",  # an ampersand
        "leicester-leicester-local-plan-main-modifications-representations",  # an en dash
        "melton-repairing-trust-call-for-evidence",  # quotation marks
        "oadby-draft-damp-mould-and-condensation-policy",  # commas
        "leicester-54-westcotes-drive",  # nothing but a street address
        "leicester-fosse-and-slater-primary-schools-revocation-notice-14-april-2021",  # a date
        "leicester-king-richard-iii-school-area-proposed-20mph-zone",  # roman numerals
        "leicester-0-19-healthy-child-programme",  # starts with a digit
        "leicester-hop-city-centre-circular-free-bus",  # an exclamation mark
    ],
)
def test_any_title_is_kept_as_printed_and_the_address_is_plain(reference):
    record = brought(reference)

    assert record.title == real(reference)[0]["title"]
    assert record.slug == reference


@pytest.mark.parametrize(
    "title",
    [
        'Draft Eligibility Criteria for the new "Leicestershire Welfare Provision"',
        "Fosse / Slater Primary Schools",
        "Київська рада: дитячі садки",
        "استشارة الأسر",
        "=SUM(A1:A9)",
    ],
)
def test_quotes_slashes_formulas_and_other_scripts_are_text(title):
    assert brought(LIBRARY, title=title).title == title


def test_one_title_in_two_years_is_two_records_with_two_addresses():
    title = "Joint health and wellbeing strategy"
    bring(*real("lcc-joint-health-and-wellbeing-strategy", LIBRARY, title=title))

    assert Consultation.objects.filter(title=title).count() == 2
    assert Consultation.objects.values("slug").distinct().count() == 2


def test_references_that_make_the_same_address_are_told_apart_and_stay_so():
    references = ("O'Brien's house", "O Briens house", "Київ", "x" * 200)
    rows = [real_row("consultations", LIBRARY, reference=reference) for reference in references]
    bring(*rows)
    before = dict(Consultation.objects.values_list("reference", "slug"))

    assert before["O'Brien's house"] == "obriens-house"
    assert before["O Briens house"] == "o-briens-house"
    assert before["Київ"].isalnum()
    assert before["Київ"].isascii()
    assert len(set(before.values())) == 4

    bring(*[row | {"summary": "Changed"} for row in rows])
    assert dict(Consultation.objects.values_list("reference", "slug")) == before


def test_an_address_that_is_taken_here_is_not_taken_again():
    ConsultationFactory(slug=LIBRARY)

    bring(*real(LIBRARY))

    assert Consultation.objects.get(reference=LIBRARY).slug.startswith(f"{LIBRARY}-")


# --- Closing times


@pytest.mark.parametrize(
    ("reference", "at"),
    [
        ("oadby-draft-local-plan-to-2041", time(12)),  # open until 12pm on Wednesday 15 May
        ("charnwood-charnwood-local-plan-2021-37-pre-submission-draft-consultation", time(17)),  # ..., 2021 at 5pm
        ("charnwood-draft-charnwood-local-plan-2019-36", time(17)),  # noted: closes at 5pm
        ("lcc-budget-proposals-2022-26", None),  # until midnight on Sunday: the whole of the closing day
        (LIBRARY, None),
    ],
)
def test_a_printed_closing_time_is_kept(reference, at):
    assert brought(reference).closes_at == at


@pytest.mark.parametrize(
    ("printed", "at"),
    [
        ("closes at noon on 3 May", time(12)),
        ("until 12 noon on 3 May", time(12)),
        ("Closes 3 May, 5.30pm", time(17, 30)),
        ("deadline 3 May 17:00", time(17)),
        ("1 May to 3 May at 9 a.m.", time(9)),
        ("until 11:59pm on 3 May", None),
        ("until 12am on 4 May", None),
        ("opens at 9am on 1 May, closes 3 May", None),
        ("drop-in 2pm, 3 May", None),
        ("until 13pm on 3 May", None),
        ("until 3 May 2021", None),
        ("", None),
    ],
)
def test_only_a_time_that_goes_with_the_end_is_a_closing_time(printed, at):
    assert closing_time(printed) == at


# --- What is known of the answer


def test_an_answer_with_its_day_is_answered_on_that_day_however_late():
    record = brought(SEND_TRAVEL)  # 15 months after it closed

    assert (record.outcome, record.responded_on, record.responded_exactly) == (Outcome.FOUND, date(2018, 6, 4), True)
    assert record.stage == Stage.RESPONDED


@pytest.mark.parametrize(
    "reference",
    [
        "lcc-joint-health-and-wellbeing-strategy",  # 2022-02
        "lcc-new-send-provision-enhanced-resource-bases-and-special-schools",  # 2019-05
        "lcc-budget-proposals-2021-25",  # no date at all
    ],
)
def test_an_answer_with_a_month_or_no_date_is_answered_by_the_day_the_page_was_read(reference):
    record = brought(reference)

    assert (record.outcome, record.responded_on, record.responded_exactly) == (Outcome.FOUND, READ_ON, False)


def test_the_day_the_page_was_read_may_stand_in_the_file_or_be_told():
    bring(*real("lcc-budget-proposals-2021-25"), read_on=date(2022, 1, 5))
    row = real_row("consultations", LIBRARY) | {"read_on": "2024-03-01"}
    bring(row, read_on=date(2022, 1, 5))

    assert Consultation.objects.get(reference="lcc-budget-proposals-2021-25").responded_on == date(2022, 1, 5)
    assert Consultation.objects.get(reference=LIBRARY).outcome_looked_on == date(2024, 3, 1)


def test_an_answer_first_seen_early_is_not_made_later_by_reading_again():
    row = real_row("consultations", "lcc-budget-proposals-2021-25")
    bring(row, read_on=date(2022, 1, 5))

    assert bring(row | {"notes": "Read again"}, read_on=date(2026, 1, 5)).updated == 1
    assert Consultation.objects.get().responded_on == date(2022, 1, 5)


def test_an_answer_looked_for_and_not_found_says_when():
    record = brought(LIBRARY)

    assert (record.outcome, record.outcome_looked_on, record.responded_on) == (Outcome.NOT_FOUND, READ_ON, None)


def test_a_page_read_before_closing_cannot_show_that_there_is_no_answer():
    bring(*real(LIBRARY), read_on=date(2023, 12, 1))  # it closed on 20 December 2023

    assert Consultation.objects.get().outcome == Outcome.NOT_LOOKED


def test_a_page_that_says_both_under_review_and_adopted_leaves_the_answer_not_looked_for():
    record = brought("lcc-trans-and-non-binary-service-user-policy-and-guidance")

    assert (record.outcome, record.outcome_looked_on) == (Outcome.NOT_LOOKED, None)
    assert "adopted" in record.source_notes


def test_feedback_dated_before_the_results_document_is_kept_as_printed():
    record = brought("leicester-changing-neighbourhood-services-in-your-area-north-west")

    assert record.responded_on == date(2015, 2, 24)
    assert "before the results document" in record.source_notes


def test_an_answer_dated_before_the_closing_day_is_kept_as_printed():
    assert brought(SEND_TRAVEL, response_published_on="2017-03-01").responded_on == date(2017, 3, 1)


def test_a_past_record_is_never_late_even_of_a_body_that_promised():
    OrganisationFactory(name="Leicestershire County Council", promising=True)

    record = brought(LIBRARY)

    assert (record.answer_owed_from, record.response_due_on) == (None, None)
    assert record.stage == Stage.CLOSED


# --- How many took part


@pytest.mark.parametrize(
    ("printed", "number", "few"),
    [
        ("3", None, True),
        ("4", None, True),
        ("fewer than 5", None, True),
        ("5", 5, False),
        ("0", 0, False),
        ("3,000", 3000, False),
        ("", None, False),
    ],
)
def test_one_to_four_replies_are_only_ever_fewer_than_five(printed, number, few):
    record = brought(SEND_TRAVEL, responses_received=printed)

    assert (record.took_part, record.took_part_is_few) == (number, few)


# --- Held rows


@pytest.mark.parametrize(
    ("reference", "note"),
    [
        ("lcc-delivering-wellbeing-and-opportunity-in-leicestershire", "16 December 2019 - July 2020"),
        ("oadby-tenants-perception-survey", "opened on 9 May 2023 and ran until March 2024"),
        ("lcc-travel-arrangements-for-pupils-with-special-educational-needs", "between September and December 2011"),
        ("charnwood-anstey-car-park-consultation", "in August, 2018"),
        ("charnwood-new-charnwood-local-plan-regulation-18-consultation", "July/August 2016"),
        ("charnwood-residents-survey-2017", "in September and October last year"),
        ("leicester-knighton-fields-area-proposed-20mph-zone", "Closed 5 days ago"),
        ("leicester-leicester-north-west-transport-project", "Opened 1 week ago"),
        ("melton-melton-core-strategy", "until Wednesday 11 April"),
        ("leicester-groby-road-bus-lane", "Opened 2 September 2019"),
        ("lcc-strategic-growth-plan-for-leicester-and-leicestershire", "from 11 January 2018"),
        ("charnwood-licence-conditions-for-additional-licensing-consultation", "unti"),
    ],
)
def test_without_an_exact_closing_day_a_row_is_held_and_never_open_or_standing(reference, note):
    row = held(reference)

    assert row.held_for == HeldFor.NEEDS_DATES
    assert note in row.held_note
    assert row.row["title"] == real(reference)[0]["title"]


@pytest.mark.parametrize(
    "reference",
    ["lcc-sexual-health-strategy", "leicester-changing-neighbourhood-services-in-the-east-and-central-areas-tns"],
)
def test_without_any_dates_a_row_is_held_even_when_its_answer_has_one(reference):
    assert held(reference).held_note == "no dates are printed"


@pytest.mark.parametrize(
    "reference",
    [
        "leicester-covid-19-vaccination-form-personal-assistants-and-agencies",  # a form
        "leicester-self-build-and-custom-build-register",  # a register that closes later each year
        "leicester-planning-policy-call-for-sites",
        "lcc-proposal-to-establish-a-new-primary-school-to-serve-ashby-de-la-zouch",  # a call for proposers
        "melton-leicestershire-county-council-open-consultations",  # a signpost that closes in 2028
    ],
)
def test_forms_registers_signposts_and_calls_for_proposers_are_held(reference):
    assert held(reference).held_for == HeldFor.NOT_A_CONSULTATION


@pytest.mark.parametrize("kind", ["signpost", "Petition", "  Standing  Register "])
def test_a_kind_that_asks_families_nothing_is_held_whatever_it_is(kind):
    assert held(LIBRARY, record_kind=kind).held_for == HeldFor.NOT_A_CONSULTATION


@pytest.mark.parametrize("kind", ["Consultation", "survey", "statutory notice", "call for evidence"])
def test_a_kind_that_asks_families_is_taken(kind):
    assert brought(LIBRARY, record_kind=kind).is_published


@pytest.mark.parametrize(
    ("reference", "twin"),
    [
        (
            "lcc-adult-social-care-proposals-in-hinckley-and-coalville",
            "lcc-reconfiguration-of-in-house-learning-disability-residential",
        ),
        ("leicester-youth-service-remodelling-consultation", "leicester-youth-service-remodelling-consultation-closed"),
        ("leicester-bringing-together-fosse-and-slater-primary-schools", "leicester-fosse-slater-primary-schools"),
    ],
)
def test_a_possible_duplicate_is_held_beside_its_twin(reference, twin):
    row = held(reference)

    assert (row.held_for, row.twin) == (HeldFor.POSSIBLE_DUPLICATE, twin)


@pytest.mark.parametrize("days", [0, 1, 400])
def test_one_that_is_still_open_is_held_because_its_service_must_list_it(days):
    row = held(LIBRARY, closes=(READ_ON + timedelta(days)).isoformat())

    assert row.held_for == HeldFor.NEEDS_DATES
    assert "it is open until" in row.held_note


def test_what_was_still_open_is_taken_when_it_has_closed():
    row = real_row("consultations", LIBRARY, closes="2026-11-22")
    assert bring(row).held == 1

    assert bring(row, today=date(2026, 11, 23)).created == 1
    assert not ImportedRow.objects.held().exists()


# --- Joint exercises


def test_the_two_halves_of_a_joint_exercise_are_two_records_and_related():
    bring(*real(COUNTY_HALF, RUTLAND_HALF))

    county, rutland = (Consultation.objects.get(reference=each) for each in (COUNTY_HALF, RUTLAND_HALF))
    assert (county.closes_on, rutland.closes_on) == (date(2021, 9, 17), date(2021, 9, 16))
    assert list(county.related.all()) == [rutland]
    assert list(rutland.related.all()) == [county]


def test_the_half_that_comes_later_is_related_when_it_comes():
    bring(*real(RUTLAND_HALF))
    bring(*real(COUNTY_HALF))

    assert Consultation.objects.get(reference=RUTLAND_HALF).related.count() == 1


def test_a_file_can_say_itself_what_is_related():
    bring(real_row("consultations", LIBRARY) | {"related_to": f"{SEND_TRAVEL}; not-there"}, *[
        row | {"related_to": ""} for row in real(SEND_TRAVEL)
    ])  # fmt: skip

    assert Consultation.objects.get(reference=SEND_TRAVEL).related.get().reference == LIBRARY


def test_a_relation_that_people_took_away_does_not_come_back():
    bring(*real(COUNTY_HALF, RUTLAND_HALF))
    Consultation.related.through.objects.all().delete()

    bring(*real(COUNTY_HALF, RUTLAND_HALF))

    assert not Consultation.related.through.objects.exists()


# --- Organisations


def test_an_organisation_is_found_whatever_the_case_and_spaces():
    here = OrganisationFactory(name="Leicestershire  County council")

    assert brought(LIBRARY).organisation == here


def test_of_two_organisations_with_one_name_the_one_at_the_top_is_meant():
    above = [OrganisationFactory() for _number in range(12)][-1]
    OrganisationFactory(name="Leicestershire County Council", parent=above)
    top = OrganisationFactory(name="Leicestershire County Council")
    OrganisationFactory(name="Leicestershire County Council", parent=top)

    assert brought(LIBRARY).organisation == top


def test_an_organisation_that_is_not_there_is_added_once_as_a_council_that_has_promised_nothing():
    bring(*real(LIBRARY, SEND_TRAVEL, "lcc-school-admissions-policy"))

    added = Organisation.objects.order_by("name")
    assert [each.name for each in added] == ["Leicester City Council", "Leicestershire County Council"]
    assert {each.kind for each in added} == {OrganisationKind.COUNCIL}
    assert not any(each.parent or each.promise_accepted_on for each in added)


def test_a_held_row_adds_no_organisation():
    held("lcc-sexual-health-strategy")

    assert not Organisation.objects.exists()


# --- Terms of our lists


@pytest.fixture
def lists():
    """The lists that a new hub starts with."""
    call_command("load_content", verbosity=0, stdout=StringIO())


def test_printed_terms_become_ours_and_unknown_ones_are_queued_without_rejecting_the_row(lists):
    record = brought("lcc-one-council-for-leicestershire-proposal")  # Residents; partners; businesses

    assert [topic.key for topic in record.topics.all()] == ["budget_strategy"]
    assert [audience.key for audience in record.audiences.all()] == ["everyone"]
    queued = TermAlias.objects.filter(vocabulary="audiences", key="").values_list("printed", "seen")
    assert sorted(queued) == [("businesses", 1), ("partners", 1)]


def test_carers_of_adults_are_not_taken_for_parents(lists):
    record = brought("leicester-living-well-with-dementia-strategy-2024-2028")  # People with dementia; carers

    assert not record.audiences.exists()


def test_an_alias_that_staff_gave_comes_before_the_file(lists):
    TermAlias.objects.create(vocabulary="topics", printed="libraries", key="young_people", seen=1)

    assert [topic.key for topic in brought(LIBRARY).topics.all()] == ["young_people"]


def test_a_label_of_ours_needs_no_alias(lists):
    Topic.objects.filter(key="libraries").update(label="Books and reading")

    assert [topic.key for topic in brought(LIBRARY, topics="books AND reading").topics.all()] == ["libraries"]


def test_a_term_is_counted_once_for_each_row_and_not_again_when_the_row_comes_again(lists):
    rows = real(LIBRARY, SEND_TRAVEL, topics="Street art; street art")
    bring(*rows)
    bring(*rows)
    bring(*[row | {"summary": "Changed"} for row in rows])

    assert TermAlias.objects.get(printed="street art").seen == 2


# --- Rows that are wrong


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("reference", "", "the row has no reference"),
        ("reference", "x" * 201, "the reference is longer than 200 characters"),
        ("title", "", "the cell is empty"),
        ("title", "x" * 251, "the cell is longer than 250 characters"),
        ("organisation", " ", "the cell is empty"),
        ("closes", "31/12/2023", "“31/12/2023” is not a day like 2021-03-31"),
        ("closes", "2023-02-30", "“2023-02-30” is not a day like 2021-03-31"),
        ("closes", "0023-12-20", "“0023-12-20” is not in this or the last century"),
        ("closes", "2023-11-06", "the closing day is before the opening day"),
        ("source_url", "", "the cell is empty"),
        ("source_url", "javascript:alert(1)", "this is not the address of a web page"),
        ("source_url", "ftp://example.org/", "this is not the address of a web page"),
        ("url", "see above", "this is not the address of a web page"),
        ("responses_received", "many", "“many” is not a number of people"),
        ("responses_received", "-3", "“-3” is not a number of people"),
        ("response_published", "perhaps", "“perhaps” is not a word for it that we know"),
    ],
)
def test_a_row_that_is_wrong_is_rejected_with_its_line_column_and_reason(column, value, words):
    assert rejected(LIBRARY, **{column: value}) == f"Line 2, {column}: rejected: {words}"


def test_an_answer_with_a_day_cannot_be_missing():
    words = rejected(LIBRARY, response_published_on="2024-01-01")

    assert words == ("Line 2, response_published: rejected: an answer with a date is printed, so this must be “yes”")


def test_everything_wrong_with_a_row_is_said_at_once():
    words = rejected(LIBRARY, title="", closes="soon")

    assert words == "Line 2, title: rejected: the cell is empty; closes: “soon” is not a day like 2021-03-31"


def test_days_to_come_cannot_have_been_read_or_answered():
    assert "on a day to come" in rejected(SEND_TRAVEL, response_published_on="2026-11-23")
    row = real_row("consultations", LIBRARY) | {"read_on": "2026-11-23"}
    assert "has not come yet" in bring(row).lines[0]
    with pytest.raises(FileRefused, match="has not come yet"):
        bring(*real(LIBRARY), read_on=date(2026, 11, 23))


def test_a_file_without_one_of_the_columns_is_refused():
    row = real_row("consultations", LIBRARY)
    del row["closes"], row["notes"]

    with pytest.raises(FileRefused, match="lacks the columns: closes, notes"):
        bring(row)


# --- The source changes


def test_a_changed_row_updates_its_record_and_keeps_its_address_and_the_day_it_was_published(lists):
    first = brought(LIBRARY)

    changes = {"title": "Ibstock library", "topics": "libraries; budget", "organisation": "Rutland County Council"}
    result = bring(*real(LIBRARY, **changes))

    again = Consultation.objects.get()
    assert result.updated == 1
    assert (again.title, again.organisation.name) == ("Ibstock library", "Rutland County Council")
    assert sorted(topic.key for topic in again.topics.all()) == ["budget_strategy", "libraries"]
    assert (again.slug, again.published_at, again.version) == (first.slug, first.published_at, first.version + 1)


def test_an_answer_found_later_is_recorded():
    brought(LIBRARY)

    bring(*real(LIBRARY, response_published="yes", response_published_on="2024-05-01"))

    assert Consultation.objects.get().stage == Stage.RESPONDED


def test_an_answer_published_here_is_not_overwritten_by_one_found_there():
    record = brought(LIBRARY)
    record.responded_on = date(2026, 11, 1)
    record.save()

    result = bring(*real(LIBRARY, response_published="yes", response_published_on="2024-05-01"))

    assert result.held == 1
    assert "mended here and changed in the source: response_published_on" in result.lines[0]
    assert Consultation.objects.get().responded_on == date(2026, 11, 1)


def test_topics_mended_here_are_not_overwritten(lists):
    record = brought(LIBRARY)
    record.topics.set(Topic.objects.filter(key="young_people"))

    assert bring(*real(LIBRARY, topics="budget")).held == 1
    assert [topic.key for topic in record.topics.all()] == ["young_people"]


def test_a_live_listing_with_the_same_reference_is_left_alone():
    ConsultationFactory(reference=LIBRARY, title="Ours")

    result = bring(*real(LIBRARY))

    assert "a live consultation of its own" in result.lines[0]
    assert Consultation.objects.get().title == "Ours"


def test_a_record_thrown_away_here_does_not_come_back():
    record = brought(LIBRARY)
    Consultation.objects.update(deleted_at=record.published_at)

    assert bring(*real(LIBRARY)).unchanged == 1
    assert "it was thrown away here" in bring(*real(LIBRARY, title="Back again")).lines[0]


# --- A person gives the missing day


def test_a_held_row_is_taken_in_when_a_person_gives_its_closing_day():
    row = held("lcc-delivering-wellbeing-and-opportunity-in-leicestershire")

    assert take_again(row, by=None, today=READ_ON, closes="2020-07-31") == []

    record = Consultation.objects.get()
    assert (record.closes_on, record.source_dates) == (date(2020, 7, 31), "16 December 2019 - July 2020")
    assert not ImportedRow.objects.held().exists()


def test_the_day_that_a_person_gave_outlives_the_next_file():
    row = held("lcc-delivering-wellbeing-and-opportunity-in-leicestershire")
    take_again(row, by=None, today=READ_ON, closes="2020-07-31")

    same = real("lcc-delivering-wellbeing-and-opportunity-in-leicestershire")
    changed = real("lcc-delivering-wellbeing-and-opportunity-in-leicestershire", title="Wellbeing")

    assert bring(*same).unchanged == 1
    assert bring(*changed).updated == 1
    assert Consultation.objects.values_list("title", "closes_on").get() == ("Wellbeing", date(2020, 7, 31))


def test_a_day_that_cannot_be_leaves_the_row_held_and_says_why():
    row = held("lcc-delivering-wellbeing-and-opportunity-in-leicestershire")

    reasons = take_again(row, by=None, today=READ_ON, closes="2019-01-01")

    assert reasons == ["rejected: the closing day is before the opening day"]
    row.refresh_from_db()
    assert row.held_for == HeldFor.NEEDS_DATES
    assert "_typed" not in row.row
    assert not Consultation.objects.exists()


# --- Found by the command


def test_importers_are_found_in_the_apps():
    assert importers()["consultations"] is ConsultationImporter
