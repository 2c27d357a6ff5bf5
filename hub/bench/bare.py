"""What the hub is measured against: Django with no middleware and no cache, under the same web server.

`/` is the barest view there is. `/rows/` is a view that somebody would write
first: one query for the twenty rows that the finder shows, and a plain
template that shows them.
"""

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import path

from core.dates import today

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")


def barest(request):
    """Two letters."""
    return HttpResponse("ok")


def rows(request):
    """Twenty rows from one query."""
    from consultations.models import Consultation

    soonest = Consultation.objects.published().filter(closes_on__gte=today()).order_by("closes_on", "title", "pk")
    listed = soonest.select_related("organisation").defer("search")[:20]
    return HttpResponse(render_to_string("bench/rows.html", {"consultations": listed}))


urlpatterns = [
    path("", barest),
    path("rows/", rows),
    path("consultations/<slug:slug>/", barest, name="detail"),
]


django.setup()
# The same project, without what the hub puts around its pages.
settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = []
settings.TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "templates"]
application = WSGIHandler()
