"""All 228 real rows, by the command: each is accounted for, and the same file again moves nothing."""

from collections import Counter
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command

from consultations.models import Consultation
from core.models import ImportedRow, TermAlias
from core.tests.files import REAL_FILES, real_rows

pytestmark = pytest.mark.django_db


def import_real_file():
    """What the command prints for the real file."""
    out = StringIO()
    call_command("import_csv", "consultations", REAL_FILES["consultations"], read_on="2026-11-22", stdout=out)
    return out.getvalue().splitlines()


def every_stored_row():
    """All rows of all our tables."""
    ours = ("core", "accounts", "consultations", "feedback")
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in ours]
    models.append(apps.get_model("pghistory", "Context"))
    return {
        model._meta.label: [tuple(map(str, row)) for row in model._base_manager.order_by("pk").values_list()]
        for model in models
    }


def test_every_real_row_is_where_the_rules_put_it():
    printed = import_real_file()

    # 141 rows have an exact closing day. 6 of those are forms, registers, a signpost or calls for
    # proposers, and 1 may repeat another row: 134 become records. Of the 87 without an exact
    # closing day, 3 more may repeat another row and 84 need dates.
    assert printed[0] == "created 134, updated 0, unchanged 0, held 94, rejected 0"
    assert len(printed) == 1 + 94
    held = Counter(ImportedRow.objects.held().values_list("held_for", flat=True))
    assert held == {"needs_dates": 84, "not_a_consultation": 6, "possible_duplicate": 4}

    records = set(Consultation.objects.published().values_list("reference", flat=True))
    waiting = set(ImportedRow.objects.held().values_list("reference", flat=True))
    assert not records & waiting
    assert records | waiting == {row["reference"] for row in real_rows("consultations")}

    # The file says yes 41 times, no 32 times and unknown 155 times; the held rows take 24, 4 and 66 of those.
    outcomes = Counter(Consultation.objects.values_list("outcome", flat=True))
    assert outcomes == {"found": 17, "not_found": 28, "not_looked": 89}
    # 17 answers were found, 8 of them with the day on which they were published.
    assert Consultation.objects.filter(responded_on__isnull=False, responded_exactly=True).count() == 8
    assert Consultation.objects.filter(closes_at__isnull=False).count() == 3
    assert Consultation.objects.filter(took_part_is_few=True).count() == 1
    assert Consultation.objects.filter(related__isnull=False).count() == 2
    councils = Counter(Consultation.objects.values_list("organisation__name", flat=True))
    assert councils["Rutland County Council"] == 1
    assert len(councils) == 7

    # A topic or an audience was found for nearly all; what no list has is queued for a person.
    assert Consultation.objects.filter(topics=None).count() == 9
    queued = TermAlias.objects.filter(key="")
    assert queued.filter(vocabulary="topics").count() == 6
    assert queued.filter(vocabulary="audiences").count() == 29


def test_the_same_file_again_changes_nothing_anywhere():
    import_real_file()
    before = every_stored_row()

    printed = import_real_file()

    assert printed[0] == "created 0, updated 0, unchanged 134, held 94, rejected 0"
    assert every_stored_row() == before
