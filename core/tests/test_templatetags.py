"""How pages write dates, addresses and pages of results, and that their colours can be read."""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory

from core.templatetags.hub import page_numbers


def written(template, **context):
    return Template("{% load hub %}" + template).render(Context(context))


@pytest.fixture(autouse=True)
def _in_april_2026(time_machine):
    time_machine.move_to("2026-04-01 12:00+01:00")


def test_a_day_has_its_year_only_when_it_is_not_this_year():
    assert written("{{ day|day }}", day=date(2026, 4, 8)) == "Wednesday 8 April"
    assert written("{{ day|day }}", day=date(2027, 4, 8)) == "Thursday 8 April 2027"
    assert written("{{ day|short_day }}", day=date(2026, 4, 8)) == "8 April"


def test_no_day_is_written_as_nothing():
    assert written("{{ day|day }}{{ day|short_day }}{{ at|time_of_day }}", day=None, at=None) == ""


def test_a_moment_just_after_midnight_in_summer_is_on_the_new_day():
    assert written("{{ at|day }}", at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "Thursday 2 July"


def test_midnight_is_written_as_a_time():
    assert written("{{ at|time_of_day }}", at=time(0, 0)) == "11:59pm"


def test_markdown_is_shown_safely():
    assert written("{{ text|markdown }}", text="**Yes** <script>no</script>").startswith("<p><strong>Yes</strong>")
    assert "<script>" not in written("{{ text|markdown }}", text="<script>alert(1)</script>")


@pytest.mark.parametrize(
    ("tag", "query"),
    [
        ("{% query page=2 %}", "?q=short+breaks&amp;topic=send&amp;topic=health&amp;page=2"),
        ("{% query sort='newest' %}", "?q=short+breaks&amp;topic=send&amp;topic=health&amp;sort=newest"),
        ("{% query topic=None %}", "?q=short+breaks"),
        ("{% query topic=None q='' %}", "?"),
        ("{% query_without 'topic' 'send' %}", "?q=short+breaks&amp;topic=health"),
        ("{% query_without 'topic' 'other' %}", "?q=short+breaks&amp;topic=send&amp;topic=health"),
    ],
)
def test_a_link_changes_one_thing_and_keeps_the_rest(tag, query):
    request = RequestFactory().get("/", {"q": "short breaks", "topic": ["send", "health"], "page": "7"})

    assert written(tag, request=request) == query


@pytest.mark.parametrize(
    ("number", "of", "shown"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (4, 12, [1, 2, 3, 4, 5, None, 12]),
        (6, 12, [1, None, 5, 6, 7, None, 12]),
        (12, 12, [1, None, 11, 12]),
    ],
)
def test_pages_worth_a_link(number, of, shown):
    assert page_numbers(SimpleNamespace(number=number, num_pages=of)) == shown


# Colours

THEME = (Path(settings.BASE_DIR) / "assets" / "scss" / "_theme.scss").read_text()
COLOURS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", THEME))
STAGES = ("forthcoming", "open", "closing", "awaiting", "late", "responded", "closed")


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted([luminance(COLOURS[one]), luminance(COLOURS[other])])
    return (light + 0.05) / (dark + 0.05)


ON_PAGES = [(text, ground) for text in ("ink", "quiet", "brand", "visited") for ground in ("paper", "card", "sand")]
ON_STAGES = [(stage, ground) for stage in STAGES for ground in (f"{stage}-bg", "card")]
ON_TINTS = [(text, f"{stage}-bg") for text in ("ink", "quiet", "brand-deep", "brand") for stage in STAGES]
ON_DARK = [(ground, "card") for ground in ("brand", "brand-deep")]
ON_BRIGHT = [("ink", ground) for ground in ("sun", "focus")]


@pytest.mark.parametrize(("text", "ground"), [*ON_PAGES, *ON_STAGES, *ON_TINTS, *ON_DARK, *ON_BRIGHT])
def test_text_keeps_seven_to_one_on_its_ground(text, ground):
    assert contrast(text, ground) >= 7
