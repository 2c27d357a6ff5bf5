"""Where the web server enters."""

import os

from django.core.wsgi import get_wsgi_application

from hub.pages import PageCache

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")

# Outside every middleware: a page that is kept costs none of them.
application = PageCache(get_wsgi_application())
