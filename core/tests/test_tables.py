"""Tables for people to download."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tables import csv_lines, csv_response, safe_cell


@pytest.mark.parametrize(
    "typed",
    ["=1+1", "+44 1632", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://example.org")', "\uff1d1+1"],
)
def test_a_cell_that_a_spreadsheet_would_run_is_shown_as_text(typed):
    assert safe_cell(typed) == f"'{typed}"


@pytest.mark.parametrize(("value", "text"), [(None, ""), (0, "0"), (12, "12"), ("O'Neill", "O'Neill"), ("a=b", "a=b")])
def test_plain_values_stay_as_they_are(value, text):
    assert safe_cell(value) == text


@given(st.lists(st.lists(st.text(max_size=30), min_size=2, max_size=2), max_size=5))
def test_every_cell_can_be_read_back(rows):
    text = "".join(csv_lines(["one", "two"], rows))

    assert text.startswith("\ufeff")
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert read == [["one", "two"], *[[safe_cell(cell) for cell in row] for row in rows]]


def test_the_file_has_a_name_and_says_its_encoding():
    response = csv_response("consultations.csv", ["title"], [["Ł"]])

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="consultations.csv"'
    assert b"".join(response.streaming_content).decode("utf-8-sig") == "title\r\nŁ\r\n"
