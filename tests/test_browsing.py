"""Journeys look for barriers on every page; here each kind of barrier is put in their way."""

import pytest

from tests import browsing
from tests.browsing import Visitor

pytestmark = pytest.mark.browser

PAGE = """<!DOCTYPE html><html lang="en"><head><title>A page</title></head>
<body><main><h1>A page</h1><p>Words that can be read.</p>{barrier}</main></body></html>"""


@pytest.fixture
def looks(page, monkeypatch):
    """Looks at a page with something in it, and gives what is wrong."""
    monkeypatch.setattr(browsing, "_measured", {})
    page.set_viewport_size({"width": 390, "height": 900})

    def at(barrier: str) -> str:
        page.set_content(PAGE.format(barrier=barrier))
        try:
            Visitor(page, "").looks()
        except AssertionError as problem:
            return str(problem)
        return ""

    return at


def test_what_keeps_somebody_from_reading_is_found_behind_pages_that_have_nothing_wrong(looks):
    pale = "color: #bbb; background: #fff"

    assert looks("") == ""
    assert looks("<p>More words.</p>") == ""
    assert "color-contrast" in looks(f"<p style='{pale}'>Pale</p>")
    assert "color-contrast" in looks(f"<div style='{pale}'><p>Pale by what is around them</p></div>")
    # What was wrong once is wrong again, and what is hidden does not stand for what is seen.
    assert "color-contrast" in looks(f"<p style='{pale}'>Pale</p>")
    assert looks(f"<details><summary>More</summary><p style='{pale}'><b>Pale</b></p></details>") == ""
    assert "color-contrast" in looks(
        f"<details open><summary>More</summary><p style='{pale}'><b>Pale</b></p></details>"
    )
    assert "label" in looks("<input type='text'>")
    assert "pixels wider" in looks("<p style='width: 900px'>Wide</p>")
