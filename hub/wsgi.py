"""Where the web server enters."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from hub.pages import PageCache

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")

# Outside every middleware: a page that is kept costs none of them.
application = PageCache(get_wsgi_application())

# Django reads the addresses, and with them every view, at the first request: nobody has to wait for that.
get_resolver()._populate()
# What stands at the start stands for good. Left out of every later search for garbage, such a search no longer holds a
# page up for a tenth of a second: a month of thousands of events makes enough small objects to set one off.
gc.collect()
gc.freeze()
