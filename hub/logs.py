"""What the log may hold: what was asked for and how it went, and nothing about who asked."""

import re

from django_structlog.middlewares import RequestMiddleware

# Whoever holds such an address can see a draft.
_SECRET = re.compile(r"^/preview/[^/]+")


class RequestLog(RequestMiddleware):
    """Logs the address without what was typed into it: a query string may hold what a family searched for."""

    @staticmethod
    def format_request(request) -> str:
        """The method and the path, without what opens a draft."""
        return f"{request.method} {_SECRET.sub('/preview/•••', request.path)}"


def without_values(logger, method, event: dict) -> dict:
    """Leave out what a database says about a refused row: `Key (email)=(...) already exists`."""
    for each in event.get("exception") or ():
        each["exc_value"] = each["exc_value"].partition("\nDETAIL:")[0]
    return event
