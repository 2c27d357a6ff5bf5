"""A story told by a real browser: a spreadsheet comes in, row by row as it was shown; what waits is mended."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.models import Consultation
from core import tasks
from core.models import HeldFor, ImportedRow, ImportRun

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REAL = Path(__file__).parent / "data" / "leicestershire" / "consultations.csv"


@pytest.fixture(autouse=True)
def _work_at_once(monkeypatch):
    """The queue's work is done at once, where a worker would do it."""
    monkeypatch.setattr(tasks.check_import, "delay", tasks.check_import)
    monkeypatch.setattr(tasks.apply_import, "delay", tasks.apply_import)


def with_wrong_rows(folder: Path) -> Path:
    """The real file with two more rows that no hub could take."""
    with REAL.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = [rows[0] | {"reference": "wrong-day", "closes": "31/02/2020"}, rows[1] | {"reference": "", "title": ""}]
    path = folder / "consultations.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys())
        table.writeheader()
        table.writerows(rows + wrong)
    return path


def test_a_spreadsheet_comes_in_as_it_was_shown_and_what_waits_is_mended(visitor, db, tmp_path):
    page = visitor.page
    call_command("load_content", verbosity=0)
    visitor.is_now(MembershipFactory(role=Role.FIS_EDITOR).user)

    # The way there is on the list of consultations. What the hub cannot read is refused with a reason.
    visitor.goes_to("/desk/consultations/")
    visitor.follows("Bring in a file")
    visitor.presses("Check the file")
    assert visitor.reads("Choose a CSV file")
    page.get_by_label("Consultations that have closed").check()
    page.get_by_label("CSV file").set_input_files(with_wrong_rows(tmp_path))
    visitor.presses("Check the file")

    # What would become of every row is shown; nothing has happened yet.
    assert visitor.reads("What would become of every row")
    assert visitor.reads("all (230)")
    assert visitor.reads("New (134)")
    assert visitor.reads("Waits for somebody (94)")
    assert visitor.reads("Wrong, left out (2)")
    assert not Consultation.objects.exists()
    visitor.follows("Wrong, left out (2)")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download the wrong rows").click()
    with open(coming.value.path(), encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 2

    # It is taken in exactly so.
    shown = dict(ImportRun.objects.get().rows.values_list("line", "verdict"))
    visitor.presses("Bring in exactly this")
    assert visitor.reads("The file is brought in")
    assert Consultation.objects.published().count() == list(shown.values()).count("created") == 134
    assert ImportedRow.objects.held().count() == list(shown.values()).count("held") == 94

    # What waits is on the desk. Two rows get the day that was missing, and families find them.
    visitor.goes_to("/desk/")
    visitor.follows("Imported rows")
    waited = ImportedRow.objects.held().filter(held_for=HeldFor.NEEDS_DATES).count()
    visitor.follows(f"needs dates ({waited})")
    for _each in range(2):
        first = page.locator(".hub-card__title a").first
        title = first.inner_text()
        opened = ImportedRow.objects.get(pk=first.get_attribute("href").strip("/").rpartition("/")[2]).row["opens"]
        first.click()
        visitor.looks()
        visitor.presses("Bring it in as a past record")
        assert visitor.reads("Enter the closing day")
        visitor.enters_day("closes", date.fromisoformat(opened or "2020-07-01") + timedelta(weeks=6))
        visitor.presses("Bring it in as a past record")
        assert visitor.reads(f"The record is in the hub: {title}")
        visitor.goes_to(f"/desk/imports/?reason={HeldFor.NEEDS_DATES}")
    assert visitor.reads(f"needs dates ({waited - 2})")
    page.context.clear_cookies()
    visitor.goes_to(Consultation.objects.get(title=title).get_absolute_url())
    assert visitor.reads(title)
    assert not page.context.cookies()
