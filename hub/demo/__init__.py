"""The demo: Westmarch, an invented county whose dates move with the day it is loaded."""

from accounts.models import Organisation


def is_loaded() -> bool:
    """Whether this hub holds the demo county: one small query, so keep the answer rather than ask twice."""
    return Organisation.objects.filter(is_keeper=True, external_ids__demo=True).exists()
