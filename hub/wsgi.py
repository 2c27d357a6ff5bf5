"""Where the web server enters."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from hub.pages import PageCache

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")

# Outside every middleware: a page that is kept costs none of them.
application = PageCache(get_wsgi_application())

# What is loaded by now stays for good: Python need not walk through it each time that it looks for what can go.
# It does so in one of three requests that make many small things, such as a month of events: see docs/benchmarks.md.
gc.collect()
gc.freeze()
