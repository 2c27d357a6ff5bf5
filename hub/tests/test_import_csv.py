"""The command that brings files in, as somebody types it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from consultations.models import Consultation
from core.models import ImportedRow, Topic
from core.tests.files import real_row, table

pytestmark = pytest.mark.django_db

GOOD = "lcc-ibstock-community-managed-library"
HELD = "lcc-sexual-health-strategy"


@pytest.fixture
def file(tmp_path):
    """Writes a file of real rows, or of any bytes."""

    def write(*rows, content=None):
        path = tmp_path / "consultations.csv"
        path.write_bytes(content if content is not None else table(list(rows)))
        return path

    return write


def import_csv(*arguments):
    """What the command prints, its warnings, and how it ends."""
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command("import_csv", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as end:
        code = end.code
    return out.getvalue(), err.getvalue(), code


def row(real=GOOD, **changes):
    """A real row of consultations."""
    return real_row("consultations", real) | changes


def test_it_prints_the_counts_then_a_line_for_each_row_that_needs_somebody(file):
    printed, warned, code = import_csv("consultations", file(row(), row(HELD)))

    assert printed == (
        "created 1, updated 0, unchanged 0, held 1, rejected 0\n"
        "Line 3, closes: held, needs dates: no dates are printed\n"
    )
    assert (warned, code) == ("", 0)


def test_rejected_rows_are_put_beside_the_file_and_it_ends_with_one(file):
    path = file(row(), row(reference="bad", title="=cmd()", closes="soon"))

    printed, warned, code = import_csv("consultations", path)

    assert printed.splitlines()[0] == "created 1, updated 0, unchanged 0, held 0, rejected 1"
    assert code == 1
    beside = path.with_name("consultations.rejected.csv")
    assert str(beside) in warned
    text = beside.read_text("utf-8-sig")
    assert text.splitlines()[0].endswith(",notes,reason")
    assert "'=cmd()" in text
    assert "closes: “soon” is not a day" in text

    beside.write_text(text.replace(",soon,", ",2023-12-20,"), "utf-8")
    assert import_csv("consultations", beside)[0].startswith("created 1, ")
    assert Consultation.objects.get(reference="bad").title == "=cmd()"


def test_a_dry_run_prints_the_same_and_leaves_no_trace(file):
    path = file(row(), row(HELD), row(reference="bad", closes="soon"))

    tried = import_csv("consultations", path, "--dry-run")

    assert not Consultation.objects.exists()
    assert not ImportedRow.objects.exists()
    assert not Topic.objects.exists()
    assert [each.name for each in path.parent.iterdir()] == ["consultations.csv"]
    in_earnest = import_csv("consultations", path)
    assert (tried[0], tried[2]) == (in_earnest[0], in_earnest[2])


def test_an_empty_hub_gets_its_lists_first_so_that_topics_are_found(file):
    import_csv("consultations", file(row()))

    assert [topic.key for topic in Consultation.objects.get().topics.all()] == ["libraries"]


def test_columns_that_are_not_known_are_named(file):
    _printed, warned, _code = import_csv("consultations", file(row(mood="good")))

    assert warned == "These columns are not known and were left out: mood.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("minutes", "FILE"),
            "There is no import called “minutes”. Choose one of: consultations, events, feedback, practice, resources.",
        ),
        (("consultations", "gone.csv"), "The file gone.csv cannot be read or written: No such file or directory."),
        (("consultations", "FILE", "--read-on", "yesterday"), "“yesterday” is not a day like 2026-11-22."),
        (("feedback", "FILE"), "The file lacks the columns: entry, consultation_reference"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_a_sentence(file, arguments, words):
    path = str(file(row()))

    with pytest.raises(CommandError) as refused:
        import_csv(*[path if each == "FILE" else each for each in arguments])

    assert str(refused.value).startswith(words)


def test_a_file_that_breaks_off_leaves_nothing_behind(file):
    content = table([row()]) + "Ibstock, très\r\n".encode("latin-1")

    with pytest.raises(CommandError, match="Line 3 is not UTF-8 text"):
        import_csv("consultations", file(content=content))

    assert not Consultation.objects.exists()


class SeenEnough(StringIO):
    """A reader that goes away after the first line, like `| head -1`."""

    def write(self, text):
        """Take nothing."""
        raise BrokenPipeError


def test_what_was_brought_in_stays_when_nobody_reads_to_the_end(file):
    call_command("import_csv", "consultations", str(file(row())), stdout=SeenEnough())

    assert Consultation.objects.get().reference == GOOD
