"""What was kept long enough goes, in batches, and only its number stays."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pghistory.models import Context

from core import history, retention
from core.models import Forgotten, ListChange, PreviewLink, Topic
from core.retention import Keeping, days_words

DAY = timedelta(days=1)


@pytest.fixture
def kept(monkeypatch, settings):
    """A kind of thing of our own, of which 12 are over, let go of three at a time."""
    left = [12]

    def forget(before, limit):
        gone = min(left[0], limit)
        left[0] -= gone
        return gone

    settings.KEEP_DAYS = settings.KEEP_DAYS | {"things": 10}
    monkeypatch.setitem(retention._registered, "things", Keeping("things", "Things", "after they came", forget))
    monkeypatch.setattr(retention, "BATCH", 3)
    return left


def links(*ages: int) -> None:
    """Links that ran out so many days ago."""
    now = timezone.now()
    for number, age in enumerate(ages):
        over = now - age * DAY
        PreviewLink.objects.create(
            kind="consultation", record=1, nonce=f"nonce-{number}", made_at=over - DAY, runs_out_at=over
        )


@pytest.mark.django_db
def test_all_batches_go_and_the_day_says_how_many_that_were(kept):
    now = timezone.now()

    assert retention.let_go(now, only=["things"]) == {"things": 12}

    assert kept == [0]
    assert Forgotten.objects.values_list("day", "what", "rows").get() == (timezone.localdate(now), "things", 12)


@pytest.mark.django_db
def test_what_goes_later_that_day_is_added_and_nothing_is_written_of_nothing(kept):
    now = timezone.now()
    retention.let_go(now, only=["things"])
    retention.let_go(now, only=["things"])
    kept[0] = 2
    retention.let_go(now, only=["things"])

    assert [row.rows for row in Forgotten.objects.all()] == [14]


@pytest.mark.django_db(transaction=True)
def test_a_night_that_breaks_off_keeps_what_was_done_and_the_next_one_goes_on(monkeypatch):
    links(40, 41, 42, 43)
    monkeypatch.setattr(retention, "BATCH", 1)
    real, calls = retention.note, []

    def breaks_off(*args, **kwargs):
        real(*args, **kwargs)
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(retention, "note", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        retention.let_go(timezone.now(), only=["preview-links"])
    # The third one was taken back with its count.
    assert (PreviewLink.objects.count(), Forgotten.objects.get().rows) == (2, 2)

    monkeypatch.setattr(retention, "note", real)
    retention.let_go(timezone.now(), only=["preview-links"])
    assert (PreviewLink.objects.count(), Forgotten.objects.get().rows) == (0, 4)


@pytest.mark.django_db
def test_what_does_not_go_away_ends_the_night_all_the_same(kept, monkeypatch):
    monkeypatch.setattr(retention, "MOST_BATCHES", 2)

    assert retention.let_go(timezone.now(), only=["things"]) == {"things": 6}


@pytest.mark.django_db
def test_two_workers_do_not_let_go_at_the_same_time(kept, monkeypatch):
    monkeypatch.setattr(retention, "_is_our_turn", lambda: False)

    assert retention.let_go(timezone.now(), only=["things"]) == {"things": 0}
    assert kept == [12]


@pytest.mark.django_db
def test_a_link_to_a_draft_is_kept_as_long_as_is_said_and_no_longer(settings):
    links(5, settings.KEEP_DAYS["preview-links"] - 1, settings.KEEP_DAYS["preview-links"] + 1)

    assert retention.let_go(timezone.now(), only=["preview-links"]) == {"preview-links": 1}
    assert PreviewLink.objects.count() == 2


@pytest.mark.django_db
def test_who_changed_what_goes_with_its_reason_and_the_record_stays(settings):
    with history.label(by=None, did="added a topic"):
        topic = Topic.objects.create(key="sand-pits", label="Sand pits")
    models = [model for model in retention.apps.get_models() if issubclass(model, retention.Event)]
    old = timezone.now() - timedelta(days=settings.KEEP_DAYS["history"] + 1)
    for model in models:
        model.objects.update(pgh_created_at=old)
    Context.objects.update(created_at=old)
    ListChange.objects.create(of="core_topic", record_id=topic.pk, name="words", added=True, item=1, at=old)

    retention.let_go(timezone.now(), only=["history"])

    assert not any(model.objects.exists() for model in models)
    assert not Context.objects.exists()
    assert not ListChange.objects.exists()
    assert Topic.objects.get(pk=topic.pk).label == "Sand pits"


def test_each_time_that_is_set_belongs_to_something_and_each_thing_has_one(settings):
    assert {each.name for each in retention.keepings()} == set(settings.KEEP_DAYS)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "not at all"), (1, "1 day"), (7, "7 days"), (30, "30 days"), (61, "2 months"), (183, "6 months"),
        (365, "1 year"), (730, "2 years"), (6 * 365, "6 years"),
    ],
)  # fmt: skip
def test_a_time_is_said_as_people_say_it(days, words):
    assert days_words(days) == words
