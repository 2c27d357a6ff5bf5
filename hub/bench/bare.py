"""What the hub is measured against: Django with no middleware and no cache, under the same web server.

`/bare/` is the barest view there is. `/bare/rows/` is what somebody would
write first: one query for twenty rows, and a plain template that shows them in
the frame that every page of the hub has.
"""

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import include, path

from core.dates import today

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
ROWS = 20


def barest(request):
    """Two letters."""
    return HttpResponse("ok")


def rows(request):
    """Twenty rows from one query."""
    from consultations.models import Consultation

    soonest = Consultation.objects.published().filter(closes_on__gte=today()).order_by("closes_on", "title", "pk")
    return render(
        request, "bench/rows.html", {"consultations": soonest.select_related("organisation").defer("search")[:ROWS]}
    )


django.setup()
urlpatterns = [
    path("bare/", barest),
    path("bare/rows/", rows),
    # The frame links to the hub's own pages.
    path("", include("hub.urls")),
]

# The same project, without what the hub puts around its pages.
settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = []
settings.TEMPLATES[0]["DIRS"].append(Path(__file__).parent / "templates")
application = WSGIHandler()
