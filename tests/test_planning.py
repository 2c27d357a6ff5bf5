"""A story told by a real browser: a service plans to ask, is warned in time, and joins another instead."""

import re
from datetime import timedelta

import pytest

from accounts.models import User
from consultations.models import Consultation
from consultations.plan.models import Intention
from core.dates import today

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MEANT = "Which evenings suit families with a new baby?"
OPEN = "Baby clinics in village halls"


def test_a_planner_is_warned_of_a_clash_joins_and_both_owners_see_it(visitor, county):
    page = visitor.page
    other = Consultation.objects.get(title=OPEN)
    planner = User.objects.get(email="early-years-lead@demo.example")
    visitor.is_now(planner)
    visitor.goes_to("/desk/plan/")
    visitor.follows("Plan to ask something")

    # The service and the person are there already. Families have to be named, for nobody could be warned otherwise.
    visitor.presses("Save")
    assert visitor.reads("Choose at least one group that it is for")
    page.get_by_label("What you mean to ask").fill(MEANT)
    visitor.enters_day("starts_on", today() + timedelta(days=3))
    visitor.enters_day("ends_on", today() + timedelta(days=20))
    page.get_by_role("group", name="Who it is for").get_by_label("Parents and carers of children under 5").check()
    for area in other.areas.all():
        page.get_by_label(str(area), exact=True).check()
    visitor.presses("Save")

    # At once it is said who else asks them, whom to speak with and how much the two share.
    assert visitor.reads("Who else asks these families in these weeks?")
    assert visitor.reads(OPEN)
    page.get_by_role("link", name=re.compile(f"Choose what to do.*{OPEN}")).click()
    visitor.looks()
    visitor.presses("Decide")
    assert visitor.reads("There is a problem")
    page.get_by_label("Ask together").check()
    page.get_by_label("Why").fill("One evening in each hall can do both.")
    visitor.presses("Decide")
    assert visitor.reads("Decided.")
    assert Intention.objects.get(title=MEANT).joins == other

    # Both owners read what was decided, and why.
    for owner in (planner, other.owner.user):
        visitor.is_now(owner)
        visitor.goes_to("/desk/plan/clashes/")
        assert visitor.reads(MEANT)
        assert visitor.reads("One evening in each hall can do both.")
