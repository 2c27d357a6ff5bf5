"""Facts for search engines: JSON that cannot end its element, without what says nothing."""

import json
import re
from datetime import UTC, date, datetime

from core.linked_data import element, said


def facts_in(html):
    """What a search engine reads."""
    return json.loads(re.fullmatch(r'<script type="application/ld\+json">(.*)</script>', html, re.DOTALL)[1])


def test_no_text_can_end_the_element_or_open_another():
    html = element({"name": "</script><script>alert(1)</script><!-- & \u2028"})

    assert html.count("<") == 2
    assert facts_in(html)["name"] == "</script><script>alert(1)</script><!-- & \u2028"


def test_days_and_moments_are_written_as_the_standard_says():
    html = element({"endDate": date(2026, 4, 8), "startDate": datetime(2026, 4, 1, 9, tzinfo=UTC)})

    assert facts_in(html)["endDate"] == "2026-04-08"
    assert facts_in(html)["startDate"] == "2026-04-01T09:00:00Z"


def test_what_says_nothing_is_left_out_and_no_is_said():
    assert said({"a": "", "b": None, "c": [], "free": False, "price": 0, "d": {"e": ""}}) == {
        "free": False,
        "price": 0,
        "d": {},
    }
