"""What every import promises, whatever its rows mean. Shown with the areas of a county."""

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import imports
from core.imports import FileRefused, Held, Importer, Rejected, guarded, unguarded
from core.models import Area, HeldFor, ImportedRow
from core.tests.files import bring_in, table

pytestmark = pytest.mark.django_db


class AreaImporter(Importer):
    """Areas: a key, a label and a line of help. An area without a label needs a person."""

    kind = "areas"
    columns = ("key", "label", "help")

    def reference(self, cells):
        if not cells["key"]:
            raise Rejected("key", "the row has no key")
        return cells["key"]

    def look_up(self, rows):
        self.here = {area.key: area for area in Area.objects.filter(key__in=list(rows))}

    def facts(self, cells):
        if "wrong" in cells["label"]:
            raise Rejected("label", "the label is wrong")
        return {"label": cells["label"], "help": cells["help"]}

    def why_held(self, cells, facts):
        return None if facts["label"] else Held(HeldFor.NEEDS_DATES, "label", "no label is printed")

    def held_facts(self, reference):
        area = self.here.get(reference)
        return area and {"label": area.label, "help": area.help}

    def create(self, changes):
        Area.objects.bulk_create(Area(key=change.reference, **change.facts) for change in changes)

    def update(self, changes):
        for change in changes:
            Area.objects.filter(key=change.reference).update(**{name: change.facts[name] for name in change.changed})


def area(key="north", label="North", help="All of the north"):
    return {"key": key, "label": label, "help": help}


def take(*rows, **options):
    return bring_in(AreaImporter, list(rows), **options)


def everything():
    """Each stored row, to see whether anything moved."""
    return list(Area.objects.order_by("pk").values()) + list(ImportedRow.objects.order_by("pk").values())


# --- Every row counts once


def test_each_row_is_counted_exactly_once():
    take(area("old"), area("same"))

    changed, blank, bad = area("old", label="Older"), area("blank", label=""), area("bad", label="wrong")
    brought = take(changed, area("same"), area("new"), blank, bad)

    assert brought.counts == {"created": 1, "updated": 1, "unchanged": 1, "held": 1, "rejected": 1}


def test_the_same_file_again_moves_nothing():
    rows = [area("north"), area("blank", label=""), area("bad", label="wrong")]
    first = take(*rows)
    before = everything()

    again = take(*rows)

    assert first.created == 1
    assert (again.unchanged, again.held, again.rejected) == (1, 1, 1)
    assert everything() == before


def test_a_dry_run_gives_the_same_numbers_and_writes_nothing():
    rows = [area("north"), area("blank", label=""), area("bad", label="wrong")]

    tried = take(*rows, dry_run=True)

    assert everything() == []
    assert tried == take(*rows)


def test_a_reference_that_comes_twice_is_rejected_with_the_line_of_the_first():
    brought = take(area("north"), area("south"), area("north", label="Another north"))

    assert brought.counts == {"created": 2, "updated": 0, "unchanged": 0, "held": 0, "rejected": 1}
    assert brought.lines == ["Line 4, key: rejected: line 2 has the same reference, “north”"]
    assert Area.objects.get(key="north").label == "North"


def test_blank_lines_are_no_rows():
    brought = bring_in(AreaImporter, b"key,label,help\r\n\r\nnorth,North,\r\n,,\r\n")

    assert sum(brought.counts.values()) == 1


def test_what_the_database_alone_refuses_is_rejected_and_the_other_rows_are_kept():
    brought = take(area("north"), area("x" * 100), area("south"))

    assert (brought.created, brought.rejected) == (2, 1)
    assert brought.lines[0].startswith("Line 3: rejected: value too long")
    assert not ImportedRow.objects.filter(reference="x" * 100).exists()


# --- Mended here, changed there


def test_a_field_mended_here_and_changed_in_the_source_holds_the_row_whole():
    take(area(label="Nroth"))
    Area.objects.update(label="North")

    brought = take(area(label="The North", help="Changed too"))

    assert brought.lines == [
        "Line 2, label: held, mended here, and changed in the source: mended here and changed in the source: label"
    ]
    assert Area.objects.values_list("label", "help").get() == ("North", "All of the north")
    held = ImportedRow.objects.held().get()
    assert (held.held_for, held.row["label"]) == (HeldFor.CONFLICT, "The North")


def test_a_field_mended_here_stays_when_the_source_changes_another():
    take(area(label="Nroth"))
    Area.objects.update(label="North")

    brought = take(area(label="Nroth", help="Changed"))

    assert brought.updated == 1
    assert Area.objects.values_list("label", "help").get() == ("North", "Changed")


def test_a_conflict_stays_held_until_both_say_the_same():
    take(area(label="Nroth"))
    Area.objects.update(label="North")
    take(area(label="The North"))

    assert take(area(label="The North")).held == 1

    Area.objects.update(label="The North")
    assert take(area(label="The North")).unchanged == 1
    assert not ImportedRow.objects.held().exists()


def test_when_the_source_comes_round_to_what_was_mended_here_nothing_is_in_conflict():
    take(area(label="Nroth"))
    Area.objects.update(label="North")

    assert take(area(label="North")).unchanged == 1


def test_something_entered_here_by_hand_is_not_taken_over_by_a_row_that_says_otherwise():
    Area.objects.create(key="north", label="Our north")

    assert take(area()).held == 1
    assert Area.objects.get().label == "Our north"


def test_a_row_that_was_taken_in_and_now_must_be_held_leaves_what_it_made():
    take(area())

    assert take(area(label="")).held == 1
    assert Area.objects.get().label == "North"
    assert take(area()).unchanged == 1
    assert not ImportedRow.objects.held().exists()


# --- Files


def test_a_byte_order_mark_is_no_part_of_the_first_column():
    assert bring_in(AreaImporter, b"\xef\xbb\xbf" + table([area()])).created == 1


def test_a_file_that_is_not_utf8_is_refused_with_the_line():
    content = table([area(), area("south", label="Süd")]).decode().encode("latin-1")

    with pytest.raises(FileRefused, match="Line 3 is not UTF-8"):
        bring_in(AreaImporter, content)
    assert everything() == []


def test_a_file_of_another_encoding_is_refused_at_once():
    with pytest.raises(FileRefused, match="Line 1 is not UTF-8"):
        bring_in(AreaImporter, table([area()]).decode().encode("utf-16"))


def test_an_empty_file_is_refused():
    with pytest.raises(FileRefused, match="The file is empty"):
        bring_in(AreaImporter, b"")


def test_a_file_with_only_its_columns_brings_nothing():
    assert sum(bring_in(AreaImporter, b"key,label,help\r\n").counts.values()) == 0


def test_missing_and_unknown_columns_are_named():
    with pytest.raises(FileRefused, match=r"lacks the columns: label, help\. It has columns that are not known: name"):
        bring_in(AreaImporter, b"key,name\r\nnorth,North\r\n")


def test_an_unknown_column_beside_the_known_ones_is_told_and_left_out():
    header, _rows = imports.read_rows(BytesIO(b"key,label,help,colour\r\n"), AreaImporter)

    assert header.unknown == ("colour",)


def test_a_column_that_comes_twice_is_refused():
    with pytest.raises(FileRefused, match="two columns with the same name: label"):
        bring_in(AreaImporter, b"key,label,help,label\r\n")


def test_old_line_ends_are_refused_in_words():
    with pytest.raises(FileRefused, match="not a list of columns"):
        bring_in(AreaImporter, b"key,label,help\rnorth,North,\r")


# --- Rows and cells


def test_line_ends_inside_quotation_marks_belong_to_the_cell_and_lines_are_still_counted():
    content = b'key,label,help\r\nnorth,North,"one\r\ntwo\r\nthree"\r\nbad,wrong,\r\n'

    brought = bring_in(AreaImporter, content)

    assert Area.objects.get().help == "one\ntwo\nthree"
    assert brought.lines == ["Line 5, label: rejected: the label is wrong"]


def test_a_row_with_too_few_or_too_many_cells_is_rejected_and_reading_goes_on():
    brought = bring_in(AreaImporter, b"key,label,help\r\nnorth\r\nsouth,South,,,\r\neast,East,\r\n")

    assert (brought.created, brought.rejected) == (1, 2)
    assert brought.lines[0] == "Line 2: rejected: the first line names 3 columns, and this row has 1"


def test_a_cell_of_ten_megabytes_is_rejected_with_its_column_and_the_rest_is_taken():
    brought = take(area("north", help="x" * 10_000_000), area("south"))

    assert (brought.created, brought.rejected) == (1, 1)
    assert brought.lines == ["Line 2, help: rejected: the cell is 10000000 characters long; 20000 is the most"]
    assert len(brought.sent_back) > 10_000_000


@pytest.mark.parametrize("unwanted", ["\x00", "\x07", "\x1b", "\x85"])
def test_control_characters_are_rejected_with_their_column(unwanted):
    brought = take(area(label=f"No{unwanted}rth"))

    assert brought.lines == [
        f"Line 2, label: rejected: the cell holds a control character (number {ord(unwanted)}), which is no text"
    ]


def test_a_quotation_mark_that_is_never_closed_is_rejected_and_nothing_is_lost():
    brought = bring_in(AreaImporter, b'key,label,help\r\nnorth,North,\r\nsouth,"South,\r\neast,East,\r\n')

    assert (brought.created, brought.rejected) == (1, 1)
    assert "never closed" in brought.lines[0]
    assert b"east,East" in brought.sent_back


def test_quotation_marks_that_do_not_fit_reject_only_their_row():
    brought = bring_in(AreaImporter, b'key,label,help\r\nsouth,"Sou"th,\r\neast,East,\r\n')

    assert (brought.created, brought.rejected) == (1, 1)


def test_a_cell_that_never_ends_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(imports, "LONGEST_LINE", 1000)

    with pytest.raises(FileRefused, match="Line 3 is too long"):
        take(area(), area("south", help="x" * 2000))
    with pytest.raises(FileRefused, match="starts on line 3 never ends"):
        take(area(), area("south", help="x\n" * 2000))


@pytest.mark.parametrize("text", ["Київ: дитячі садки", "مراكز الأسرة", "‏עברית‏", "Ysgol Gynradd"])
def test_any_script_is_kept_as_it_is(text):
    take(area(label=text))

    assert Area.objects.get().label == text


# --- Rejected rows


@pytest.mark.parametrize("formula", ["=1+1", "+44 1632", "-5", "@SUM(A1)", "\t=1", "'=1", "''+1"])
def test_a_formula_is_text_here_and_cannot_run_in_a_spreadsheet(formula):
    assert unguarded(guarded(formula)) == formula
    assert guarded(formula).startswith("'")


@pytest.mark.parametrize("text", ["North", "'Repairing Trust'", "", "2 = 2", "’tis"])
def test_other_text_needs_no_guard(text):
    assert guarded(text) == unguarded(text) == text


def test_a_formula_cell_is_kept_as_text():
    take(area(label="=HYPERLINK(1)"))

    assert Area.objects.get().label == "=HYPERLINK(1)"


def test_rejected_rows_come_back_with_a_reason_and_can_be_mended_and_brought_in():
    brought = take(area("north", label="wrong", help="=1+1"), area("south", label="wrong too", help="two\nlines"))

    lines = brought.sent_back.decode("utf-8-sig").splitlines()
    assert lines[0] == "key,label,help,reason"
    assert lines[1] == "north,wrong,'=1+1,label: the label is wrong"

    mended = brought.sent_back.replace(b"wrong too", b"South").replace(b"north,wrong", b"north,North")
    assert bring_in(AreaImporter, mended).created == 2
    assert Area.objects.get(key="north").help == "=1+1"
    assert Area.objects.get(key="south").help == "two\nlines"


def test_a_mended_file_gives_rows_the_same_memory_as_the_source():
    brought = take(area("north", label="wrong"))
    bring_in(AreaImporter, brought.sent_back.replace(b"north,wrong", b"north,North"))

    assert take(area("north")).unchanged == 1


# --- Many rows


def test_ten_times_the_rows_cost_no_more_queries_in_a_batch():
    with CaptureQueriesContext(connection) as few:
        take(*[area(f"few-{n}") for n in range(20)])
    with CaptureQueriesContext(connection) as many:
        take(*[area(f"many-{n}") for n in range(200)])

    assert len(many) == len(few)


def test_long_files_are_taken_in_batches_of_few_rows_and_few_characters(monkeypatch):
    monkeypatch.setattr(imports, "BATCH_ROWS", 3)
    monkeypatch.setattr(imports, "BATCH_CHARACTERS", 100)
    rows = [imports.Row(n, {"key": "x" * (90 if n == 1 else 10)}) for n in range(1, 9)]

    assert [[row.line for row in batch] for batch in imports._batches(rows)] == [[1, 2], [3, 4, 5], [6, 7, 8]]
    assert take(*[area(f"key-{n}") for n in range(10)]).created == 10
