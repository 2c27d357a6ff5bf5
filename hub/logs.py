"""One log line for each request: what was asked for and how it went, and nothing about who asked."""

from django_structlog.middlewares import RequestMiddleware


class RequestLog(RequestMiddleware):
    """Logs the address without what was typed into it: a query string may hold what a family searched for."""

    @staticmethod
    def format_request(request) -> str:
        """The method and the path."""
        return f"{request.method} {request.path}"
