"""The hub as it is, but without its page cache: what a request costs that no kept page answers."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")

application = get_wsgi_application()
gc.collect()
gc.freeze()
