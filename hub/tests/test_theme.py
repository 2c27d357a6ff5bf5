"""A council's own colour reaches every part of a page that wears the hub's."""

from django.test import RequestFactory

from hub.theme import deep, theme


def test_the_council_s_colour_takes_the_place_of_the_hub_s(settings):
    settings.HUB_BRAND_COLOUR = "#5b1a6b"

    answer = theme(RequestFactory().get("/theme.css"))

    assert answer["Content-Type"].startswith("text/css")
    assert answer.content == b":root{--brand:#5b1a6b;--brand-deep:#40124b}\n"


def test_the_deep_shade_is_darker_in_every_part():
    assert deep("#ffffff") == "#b2b2b2"
    assert deep("#000000") == "#000000"
