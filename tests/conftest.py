"""Who the journeys are about: somebody with a browser, and the county they visit."""

import os
from io import StringIO

import pytest
from django.core.management import call_command

from conftest import copied_database, drop_database
from core.dates import today
from hub.demo.load import load
from tests.browsing import Visitor


@pytest.fixture(params=[390, 1280], ids=["phone", "desktop"])
def visitor(request, page, live_server, settings):
    """Somebody with a phone, and somebody at a desk."""
    settings.HUB_BASE_URL = live_server.url
    page.set_viewport_size({"width": request.param, "height": 900})
    return Visitor(page, live_server.url)


@pytest.fixture(scope="session")
def invented_county(django_db_setup, django_db_blocker):
    """Gives the database of the invented county as it is on a day, and who can sign in. It is loaded once."""
    loaded = {}

    def on(day):
        if day not in loaded:
            name = f"hub_test_{os.getpid()}_{day:%Y%m%d}"
            with copied_database(name):
                call_command("load_content", verbosity=0, stdout=StringIO())
                loaded[day] = (name, load(on=day))
        return loaded[day]

    yield on
    with django_db_blocker.unblock():
        for name, _sign_ins in loaded.values():
            drop_database(name)


@pytest.fixture
def county(db, invented_county):
    """A copy of the invented county of this journey's own, and who can sign in to it."""
    template, sign_ins = invented_county(today())
    name = f"{template}_visited"
    with copied_database(name, template):
        yield {each.address.split("@")[0]: each for each in sign_ins}
    drop_database(name)
