"""Whether the public may see a record is worked out from its editorial dates, in one place."""

from itertools import product
from types import SimpleNamespace

import pytest
import time_machine
from django.db.models import DateTimeField, Value
from django.utils import timezone

from core.publishing import PUBLISHED, WAITING, EditorialState, Publishable, publish_now

MOMENT = timezone.now().replace(year=2027, month=4, day=8)
DATES = ("published_at", "archived_at", "deleted_at")


def record(**dates):
    """A record with these editorial dates and no others."""
    others = ("submitted_at", "returned_at", "approved_at", "publish_at")
    return SimpleNamespace(**{**dict.fromkeys((*DATES, *others)), **dates})


@pytest.mark.django_db
@pytest.mark.parametrize("known", list(product([None, MOMENT], repeat=3)))
def test_a_record_and_the_list_agree_on_what_is_public(known):
    dates = dict(zip(DATES, known, strict=True))

    listed = PUBLISHED.check({name: Value(at, output_field=DateTimeField()) for name, at in dates.items()})

    assert Publishable.is_published.fget(record(**dates)) is listed
    assert listed is (known == (MOMENT, None, None))


def test_publishing_sets_the_dates_of_this_moment():
    draft = record()

    with time_machine.travel(MOMENT, tick=False):
        publish_now(draft)

    assert draft.published_at == draft.approved_at == MOMENT


def test_publishing_again_keeps_the_first_date_and_brings_it_back():
    archived = record(published_at=MOMENT, approved_at=MOMENT, archived_at=MOMENT)

    publish_now(archived)

    assert archived.published_at == archived.approved_at == MOMENT
    assert archived.archived_at is None


@pytest.mark.parametrize(
    ("dates", "state"),
    [
        ("", EditorialState.DRAFT),
        ("submitted_at", EditorialState.SUBMITTED),
        ("submitted_at returned_at", EditorialState.RETURNED),
        ("submitted_at approved_at", EditorialState.APPROVED),
        ("submitted_at approved_at publish_at", EditorialState.SCHEDULED),
        ("publish_at", EditorialState.DRAFT),
        ("approved_at publish_at published_at", EditorialState.PUBLISHED),
        ("published_at archived_at", EditorialState.ARCHIVED),
        ("published_at archived_at deleted_at", EditorialState.DELETED),
    ],
)
def test_how_far_a_record_has_got_is_told_by_its_dates(dates, state):
    gone_by = record(**dict.fromkeys(dates.split(), MOMENT))
    assert Publishable.editorial_state.fget(gone_by) is state


@pytest.mark.django_db
@pytest.mark.parametrize("decided", [None, "returned_at", "approved_at", "published_at", "deleted_at"])
def test_only_what_was_sent_and_is_not_decided_waits_for_a_check(decided):
    names = ("submitted_at", "returned_at", "approved_at", "published_at", "deleted_at")
    known = {name: MOMENT if name in ("submitted_at", decided) else None for name in names}
    listed = WAITING.check({name: Value(at, output_field=DateTimeField()) for name, at in known.items()})
    assert listed is (decided is None)
