"""Text that people write is shown with its shape and without anything unsafe."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markdown import render


def test_paragraphs_lists_and_links_keep_their_shape():
    html = render("First line\nsecond line\n\n- one\n- two\n\n[Read it](https://example.org/a)")

    assert "<p>First line<br>\nsecond line</p>" in html
    assert "<li>one</li>" in html
    assert 'href="https://example.org/a"' in html


def test_headings_stand_below_those_of_the_page():
    html = render("# One\n\n## Two\n\n### Three")

    assert "<h1" not in html
    assert "<h2" not in html
    assert html.count("<h3>") == 3


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<b onclick=alert(1)>x</b>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "![x](https://example.org/spy.gif)",
        "<style>*{display:none}</style>",
        '<a href="https://example.org" style="position:fixed">x</a>',
        "<iframe src=https://example.org></iframe>",
        "<svg/onload=alert(1)>",
        "[x](<javascript:alert(1)>)",
        "<javascript:alert(1)>",
    ],
)
def test_nothing_that_runs_or_loads_comes_through(text):
    html = render(text).lower()

    assert not re.search(r"<(script|img|style|iframe|svg|b)\b", html)
    assert not re.search(r"<[^>]*\b(on\w+|style|src)\s*=", html)
    assert not re.search(r"href=.(javascript|data|vbscript)", html)


@given(st.text(max_size=300))
def test_any_text_can_be_shown_and_opens_only_plain_tags(text):
    html = render(text)

    opened = {part.split(">")[0].split()[0].strip("/") for part in html.split("<")[1:] if part.split(">")[0].split()}
    assert opened <= {
        *("p", "br", "em", "strong", "ul", "ol", "li", "a", "blockquote"),
        *("h3", "h4", "table", "thead", "tbody", "tr", "th", "td", "code", "hr"),
    }


def test_no_text_is_no_html():
    assert render("") == ""
