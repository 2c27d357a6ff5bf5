"""Good practice of other pages, brought in: the real rows, and each way in which a row waits or is wrong."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Organisation, OrganisationKind
from core.models import ImportedRow, Method, TermAlias
from core.tests.files import REAL_FILES, bring_in
from practice.models import PracticeExample

pytestmark = pytest.mark.django_db


def row(**cells) -> dict[str, str]:
    """A row that comes in as it is, with some cells changed."""
    return {
        "title": "Short breaks designed with families", "organisation": "Westmarch County Council",
        "place": "Larchford", "year": "2024", "method": "two focus groups and a survey",
        "participation_level": "co-production", "what_changed": "Families book by one call.",
        "source_url": "https://example.org/b", "notes": "",
    } | cells  # fmt: skip


def import_real_file() -> list[str]:
    """What the command prints for the real file."""
    out = StringIO()
    call_command("import_csv", "practice", REAL_FILES["practice"], read_on="2026-11-22", stdout=out)
    return out.getvalue().splitlines()


def every_stored_row():
    """All rows of all our tables that an import can write."""
    models = [
        each
        for each in apps.get_models(include_auto_created=True)
        if each._meta.app_label in ("core", "accounts", "practice")
    ]
    return {
        each._meta.label: [tuple(map(str, values)) for values in each._base_manager.order_by("pk").values_list()]
        for each in models
    }


def test_every_real_row_is_where_the_rules_put_it_and_a_rerun_changes_nothing(client):
    # One of the 42 does not say what came of it.
    printed = import_real_file()
    assert printed == [
        "created 41, updated 0, unchanged 0, held 1, rejected 0",
        "Line 13, what_changed: held, what changed is not said: the row does not say what changed for families",
    ]
    assert PracticeExample.objects.published().count() == 41
    assert not PracticeExample.objects.ours().exists()
    assert not PracticeExample.objects.filter(source_read_on=None).exists()

    before = every_stored_row()
    assert import_real_file()[0] == "created 0, updated 0, unchanged 41, held 1, rejected 0"
    assert every_stored_row() == before

    text = client.get(reverse("practice:find")).content.decode()
    assert "41 examples." in text
    assert text.count("Found elsewhere, not checked by us") == 20


def test_what_its_words_say_is_put_into_our_lists():
    call_command("load_content", stdout=StringIO())
    bring_in("practice", [row()])

    example = PracticeExample.objects.get()
    assert [term.key for term in example.topics.all()] == ["short_breaks"]
    assert [term.key for term in example.methods.all()] == ["focus_group"]
    assert example.level == "co_production"
    assert example.method_words == "two focus groups and a survey"


def test_a_method_that_no_list_knows_waits_for_a_person_and_their_word_counts():
    Method.objects.create(key="phone", label="Phone call")
    bring_in("practice", [row(method="carrier pigeons")])
    alias = TermAlias.objects.get(vocabulary="methods", printed="carrier pigeons")
    assert alias.key == ""

    alias.key = "phone"
    alias.save()
    bring_in("practice", [row(title="Another", method="Carrier pigeons, then tea")])
    assert [term.key for term in PracticeExample.objects.get(title="Another").methods.all()] == ["phone"]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"title": " "}, "title: rejected: the row has no title"),
        ({"year": "24"}, "year: rejected: “24” is not a year like 2024"),
        ({"participation_level": "none"}, "participation_level: rejected: “none” is not one of:"),
        ({"source_url": "javascript:alert(1)"}, "source_url: rejected:"),
        ({"source_url": ""}, "source_url: rejected: the cell is empty"),
        ({"organisation": ""}, "organisation: rejected: the cell is empty"),
    ],
)
def test_a_row_that_is_wrong_is_left_out_with_the_reason(cells, words):
    brought = bring_in("practice", [row(**cells)])
    assert brought.rejected == 1
    assert words in brought.lines[0]
    assert not PracticeExample.objects.exists()


def test_a_row_without_a_change_waits_and_comes_in_when_it_has_one():
    assert bring_in("practice", [row(what_changed="")]).held == 1
    assert ImportedRow.objects.held().get().held_for == "no_change"
    assert bring_in("practice", [row()]).created == 1
    assert not ImportedRow.objects.held().exists()


def test_what_was_mended_here_is_not_overwritten():
    bring_in("practice", [row()])
    PracticeExample.objects.update(changed_families="Mended here.")
    assert bring_in("practice", [row(what_changed="Changed there.")]).held == 1
    assert PracticeExample.objects.get().changed_families == "Mended here."


def test_a_change_at_the_source_comes_in():
    bring_in("practice", [row()])
    assert bring_in("practice", [row(what_changed="By one call or by text.", year="2025")]).updated == 1
    example = PracticeExample.objects.get()
    assert (example.changed_families, example.year, example.version) == ("By one call or by text.", 2025, 2)


@pytest.mark.parametrize("away", ["deleted_at", "archived_at"])
def test_one_that_was_taken_away_here_stays_away(away):
    bring_in("practice", [row()])
    PracticeExample.objects.update(**{away: "2026-11-20T00:00:00Z"})
    assert bring_in("practice", [row(what_changed="Other.")]).held == 1
    assert not PracticeExample.objects.published().exists()


def test_a_body_that_is_new_gets_its_kind_from_its_name():
    bring_in("practice", [row(organisation="Shropshire Council with PACC"), row(organisation="St Mary’s School")])
    kinds = dict(Organisation.objects.values_list("name", "kind"))
    assert kinds == {
        "Shropshire Council with PACC": OrganisationKind.PARTNERSHIP,
        "St Mary’s School": OrganisationKind.SCHOOL,
    }
