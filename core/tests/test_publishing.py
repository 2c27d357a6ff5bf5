"""Whether the public may see a record is worked out from its editorial dates, in one place."""

from itertools import product
from types import SimpleNamespace

import pytest
import time_machine
from django.db.models import DateTimeField, Value
from django.utils import timezone

from core.publishing import PUBLISHED, Publishable, publish_now

MOMENT = timezone.now().replace(year=2027, month=4, day=8)
DATES = ("published_at", "archived_at", "deleted_at")


def record(**dates):
    """A record with these editorial dates and no others."""
    return SimpleNamespace(**{**dict.fromkeys((*DATES, "approved_at")), **dates})


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
