"""What is done about messages by somebody."""

import pytest
from django.core.exceptions import ValidationError
from pghistory.models import Context

from notices import ledger
from notices.actions import mend_address
from notices.models import Fault
from notices.tests.conftest import MONDAY, at

pytestmark = pytest.mark.django_db


class Keeper:
    """Somebody who looks after the hub, as far as this floor knows people."""

    pk = 7


@pytest.fixture
def dead() -> Fault:
    """An address that takes no mail."""
    ledger.declare_unreachable(
        [(ledger.hash_of("a@example.org"), "a@example.org", "5.1.1")], kind=Fault.Kind.ADDRESS, now=at(MONDAY)
    )
    return Fault.objects.get()


def test_somebody_says_that_an_address_works_again_and_the_history_says_who(dead):
    mend_address(dead, by=Keeper(), now=at(MONDAY, 10))

    dead.refresh_from_db()
    assert dead.mended_at == at(MONDAY, 10)
    _found, mended = Fault.pgh_event_model.objects.order_by("pgh_id")
    assert mended.mended_at == at(MONDAY, 10)
    said = Context.objects.get(pk=mended.pgh_context_id).metadata
    assert (said["by"], said["did"]) == (7, "said that an address works again")


def test_said_twice_the_first_time_stands(dead):
    mend_address(dead, by=Keeper(), now=at(MONDAY, 10))
    mend_address(dead, by=Keeper(), now=at(MONDAY, 11))

    dead.refresh_from_db()
    assert dead.mended_at == at(MONDAY, 10)


def test_an_address_that_fails_again_is_a_new_fault(dead):
    mend_address(dead, by=Keeper(), now=at(MONDAY, 10))

    ledger.declare_unreachable(
        [(dead.recipient_hash, dead.address, "5.1.1")], kind=Fault.Kind.ADDRESS, now=at(MONDAY, 11)
    )

    assert Fault.objects.open().get() != dead


def test_a_duty_without_anybody_is_not_mended_by_saying_so():
    nobody = Fault.objects.create(kind=Fault.Kind.NOBODY, reason="look-again", about_id=1)

    with pytest.raises(ValidationError, match="ends by itself"):
        mend_address(nobody, by=Keeper(), now=at(MONDAY))
    assert Fault.objects.open().exists()
