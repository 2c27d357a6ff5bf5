"""Log entries found on other pages: kept as found, linked to their consultation, never an answer."""

from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command

from consultations.models import Consultation
from consultations.stages import Stage
from core.models import HeldFor, ImportedRow
from core.tests.files import REAL_FILES, bring_in, real_row, real_rows
from feedback.models import AnswerState, FeedbackEntry, Origin

pytestmark = pytest.mark.django_db

STRATEGY = "lcc-joint-health-and-wellbeing-strategy"  # entries 6, 7 and 8


def consultation(reference=STRATEGY, **changes):
    """A real consultation, brought in."""
    assert bring_in("consultations", [real_row("consultations", reference, **changes)]).created == 1
    return Consultation.objects.get(reference=reference)


def entry(number="6", **changes):
    """A real row of the log."""
    return real_row("feedback", number, **changes)


def rejected(number="6", **changes):
    """What is said of a real row, spoilt."""
    result = bring_in("feedback", [entry(number, **changes)])
    assert result.rejected == 1
    return result.lines[0]


def test_an_entry_keeps_its_text_as_found_and_belongs_to_its_consultation():
    about = consultation()

    assert bring_in("feedback", [entry()]).created == 1

    found = FeedbackEntry.objects.get()
    assert (found.origin, found.is_published, found.consultation) == (Origin.FOUND, True, about)
    assert (found.you_said, found.we_did) == (entry()["you_said"], entry()["we_did"])
    assert found.organisation == about.organisation
    assert found.source_url == entry()["source_url"]
    assert list(found.topics.all()) == list(about.topics.all())


@pytest.mark.parametrize(
    ("number", "reference", "answer"),
    [
        ("6", STRATEGY, AnswerState.DONE),
        ("21", "lcc-new-send-provision-enhanced-resource-bases-and-special-schools", AnswerState.WILL_DO),
        ("10", "lcc-ibstock-community-managed-library", AnswerState.DECIDING),
        ("26", "leicester-send-strategy", AnswerState.NONE),
    ],
)
def test_the_words_of_the_page_become_our_answers_though_facts_are_missing(number, reference, answer):
    consultation(reference)
    bring_in("feedback", [entry(number)])

    assert FeedbackEntry.objects.get().answer == answer


def test_not_possible_is_a_no():
    consultation()
    bring_in("feedback", [entry(status="Not possible")])

    assert FeedbackEntry.objects.get().answer == AnswerState.CANNOT


def test_an_entry_never_sets_an_outcome_nor_is_it_chased():
    about = consultation("lcc-trans-and-non-binary-service-user-policy-and-guidance")
    bring_in("feedback", [entry("9")])  # "The policy was adopted", done

    about.refresh_from_db()
    assert (about.outcome, about.responded_on, about.stage) == ("not_looked", None, Stage.CLOSED)
    consultation("lcc-new-send-provision-enhanced-resource-bases-and-special-schools")
    bring_in("feedback", [entry("21")])  # planned
    assert not FeedbackEntry.objects.open_promises().exists()


def test_an_entry_waits_for_its_consultation_and_is_taken_when_it_arrives():
    assert bring_in("feedback", [entry()]).held == 1
    waiting = ImportedRow.objects.held().get()
    assert (waiting.held_for, waiting.twin) == (HeldFor.NO_CONSULTATION, STRATEGY)
    assert waiting.row["you_said"] == entry()["you_said"]

    consultation()

    assert bring_in("feedback", [entry()]).created == 1
    assert not ImportedRow.objects.held().exists()


def test_entries_of_one_consultation_are_told_apart_by_their_number():
    consultation()

    assert bring_in("feedback", [entry("6"), entry("7"), entry("8")]).created == 3
    assert bring_in("feedback", [entry("6"), entry("7"), entry("7")]).counts == {
        "created": 0, "updated": 0, "unchanged": 2, "held": 0, "rejected": 1,
    }  # fmt: skip


def test_a_changed_row_updates_its_entry():
    consultation()
    bring_in("feedback", [entry(), entry("7")])

    assert bring_in("feedback", [entry(we_did="More was done."), entry("7", status="planned")]).updated == 2
    assert FeedbackEntry.objects.get(reference=f"{STRATEGY}/6").we_did == "More was done."
    assert FeedbackEntry.objects.get(reference=f"{STRATEGY}/7").answer == AnswerState.WILL_DO


def test_an_entry_mended_here_is_not_overwritten():
    consultation()
    bring_in("feedback", [entry()])
    FeedbackEntry.objects.update(we_did="Mended here.")

    result = bring_in("feedback", [entry(we_did="Changed there.")])

    assert result.lines[0].endswith("mended here and changed in the source: we_did")
    assert FeedbackEntry.objects.get().we_did == "Mended here."


def test_an_entry_that_a_service_made_its_own_or_threw_away_is_left_alone():
    consultation()
    bring_in("feedback", [entry("6"), entry("7")])
    FeedbackEntry.objects.filter(reference=f"{STRATEGY}/6").update(origin=Origin.HUB, answer=AnswerState.CANNOT)
    FeedbackEntry.objects.filter(reference=f"{STRATEGY}/7").update(deleted_at="2026-11-22T12:00Z")

    result = bring_in("feedback", [entry("6", we_did="Changed"), entry("7", we_did="Changed")])

    assert result.held == 2
    assert "made the entry its own" in result.lines[0]
    assert "thrown away" in result.lines[1]


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("entry", "", "the row has no number"),
        ("consultation_reference", "", "the row names no consultation"),
        ("you_said", " ", "the cell is empty"),
        ("source_url", "", "the cell is empty"),
        ("status", "maybe", "“maybe” is not one of: done, planned, under review, none published, not possible"),
    ],
)
def test_a_row_that_is_wrong_is_rejected_with_its_line_column_and_reason(column, value, words):
    assert rejected(**{column: value}) == f"Line 2, {column}: rejected: {words}"


def stored():
    """Every entry, and all that is remembered of rows."""
    return [list(model.objects.order_by("pk").values()) for model in (FeedbackEntry, ImportedRow)]


def test_all_63_real_entries_are_accounted_for_and_the_same_file_again_moves_nothing():
    def by_command(kind):
        out = StringIO()
        call_command("import_csv", kind, REAL_FILES[kind], read_on="2026-11-22", stdout=out)
        return out.getvalue().splitlines()

    by_command("consultations")

    # 22 entries belong to the 20 consultations that are held because they have no exact closing day.
    assert by_command("feedback")[0] == "created 41, updated 0, unchanged 0, held 22, rejected 0"
    assert len({row.twin for row in ImportedRow.objects.filter(kind="feedback").held()}) == 20
    answers = Counter(FeedbackEntry.objects.published().values_list("answer", flat=True))
    printed = Counter(row["status"] for row in real_rows("feedback"))
    assert sum(answers.values()) == 41
    assert sum(printed.values()) == 63
    # 18 rows of the file have no answer text; none is made up for those that are taken.
    empty = [row["consultation_reference"] for row in real_rows("feedback") if not row["we_did"]]
    taken = set(Consultation.objects.values_list("reference", flat=True))
    assert len(empty) == 18
    assert FeedbackEntry.objects.filter(we_did="").count() == len([each for each in empty if each in taken])
    before = stored()

    assert by_command("feedback")[0] == "created 0, updated 0, unchanged 41, held 22, rejected 0"
    assert stored() == before
