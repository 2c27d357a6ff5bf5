"""Toolkits and links brought in from lists of others: the sixty real ones, and rows that are wrong."""

import pytest
from django.utils import timezone

from consultations.tests.around import term
from core.models import HeldFor, ImportedRow, TermAlias, Topic
from core.tests.files import READ_ON, bring_in, real_rows
from practice.resources.actions import load_starters, save_resource, throw_away
from practice.resources.models import Resource
from practice.resources.tests.factories import HelpsWithFactory, ResourceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def terms():
    """The lists of a new hub, as far as these rows and starters use them."""
    for key in ("start", "forum", "ask", "together", "children", "answer", "law", "promise", "measure", "train"):
        HelpsWithFactory(key=key)
    for key in ("send", "early_years", "schools", "health", "adult_care"):
        term(Topic, key)


def bring(*rows, **options):
    """Bring rows of toolkits in."""
    return bring_in("resources", list(rows), read_on=READ_ON, **options)


def row(**changes):
    """A real row, some cells changed."""
    return real_rows("resources")[0] | changes


def test_all_sixty_real_ones_are_taken_in_and_a_second_run_changes_nothing():
    rows = real_rows("resources")

    first = bring(*rows)
    before = list(Resource.objects.order_by("pk").values("pk", "version", "changed_at"))
    second = bring(*rows)

    assert first.counts == {"created": 60, "updated": 0, "unchanged": 0, "held": 0, "rejected": 0}
    assert second.counts == {"created": 0, "updated": 0, "unchanged": 60, "held": 0, "rejected": 0}
    assert list(Resource.objects.order_by("pk").values("pk", "version", "changed_at")) == before
    assert Resource.objects.published().count() == 60


def test_each_says_where_it_was_found_and_what_it_helps_with():
    bring(row(topics="parent carer forums; SEND; Leicester"))

    resource = Resource.objects.get()
    assert resource.source_url == row()["source_url"]
    assert resource.source_read_on == READ_ON
    assert [each.key for each in resource.helps_with.all()] == ["forum"]
    assert [each.key for each in resource.topics.all()] == ["send"]
    assert resource.audiences == ["parents"]
    assert resource.source_topics == "parent carer forums; SEND; Leicester"
    assert [*TermAlias.objects.values_list("printed", flat=True)] == ["leicester"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"title": ""}, "title: rejected: the cell is empty"),
        ({"url": ""}, "url: rejected: the row has no address"),
        ({"url": "javascript:alert(1)"}, "url: rejected"),
        ({"kind": "poem"}, "kind: rejected: “poem” is not a kind that we know"),
        ({"source_url": "nowhere"}, "source_url: rejected"),
    ],
)
def test_a_wrong_row_is_rejected_with_its_column_and_the_reason(changes, line):
    brought = bring(row(**changes))

    assert brought.rejected == 1
    assert line in brought.lines[0]
    assert not Resource.objects.exists()


def test_what_a_file_says_of_whom_it_is_for_goes_before_our_own_guess():
    bring(row(audience="practitioners; young people"))

    assert Resource.objects.get().audiences == ["practitioners", "young_people"]


def test_a_changed_source_changes_it_and_never_what_was_mended_here():
    bring(row())
    assert bring(row(description="Other words.")).updated == 1
    resource = Resource.objects.get()
    assert (resource.summary, resource.version) == ("Other words.", 2)

    save_resource(resource, by=None, on=READ_ON, facts={"summary": "Ours."})
    brought = bring(row(description="Theirs."))

    assert brought.held == 1
    assert ImportedRow.objects.held().get().held_for == HeldFor.CONFLICT
    assert Resource.objects.get().summary == "Ours."


def test_what_is_listed_in_our_own_words_holds_the_row_beside_it():
    ResourceFactory(title="Ours", url=row()["url"])

    brought = bring(row())

    assert brought.held == 1
    assert "is listed here already" in brought.lines[0]


def test_the_same_title_at_another_address_is_held_as_a_possible_duplicate():
    bring(row())

    brought = bring(row(url="https://mirror.example.org/copy"))

    assert brought.held == 1
    assert ImportedRow.objects.held().get().held_for == HeldFor.POSSIBLE_DUPLICATE


def test_what_was_thrown_away_here_stays_away():
    bring(row())
    throw_away(Resource.objects.get(), by=None, now=timezone.now())

    assert bring(row(description="Other words.")).held == 1
    assert not Resource.objects.kept().exists()


def test_two_rows_of_one_title_get_two_addresses():
    bring(row(publisher="One"), row(publisher="Two", url="https://other.example.org/"))

    assert len({*Resource.objects.values_list("slug", flat=True)}) == 2


def test_every_hub_starts_with_some_and_keeps_what_staff_made_of_them():
    added = load_starters(on=READ_ON)
    first = Resource.objects.order_by("pk").first()
    save_resource(first, by=None, on=READ_ON, facts={"title": "Our own title"})
    throw_away(Resource.objects.order_by("pk").last(), by=None, now=timezone.now())

    assert added == 12
    assert Resource.objects.filter(helps_with__isnull=True).count() == 0
    assert load_starters(on=READ_ON) == 0
    assert Resource.objects.get(pk=first.pk).title == "Our own title"
