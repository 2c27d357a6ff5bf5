"""What it means that a mail did not go, whichever way it was to leave: by SMTP, a mail service, or into a folder."""

import smtplib
from enum import Enum, auto

from notices.outbox import OutboxNotWritable


class Outcome(Enum):
    """Whether a mail was taken, when all there is is an exception."""

    AWAY = auto()  # nothing is taken now, whoever it is for: no fault of the mail's, and no try
    REFUSED = auto()  # this mail was surely not taken
    UNSURE = auto()  # it may or may not have been taken


# What a web service answers when it takes nothing from us now: our key or account is not right, the address of the
# service is not, we asked too often, or it is resting.
AWAY_STATUSES = frozenset({401, 402, 403, 404, 405, 407, 421, 425, 429, 503})
TOO_SLOW = 408


def outcome_of(problem: Exception) -> Outcome:
    """What an exception says about the mail that was being sent.

    A web service that fails (500, 502, 504) may have taken the mail all the
    same, as they do; only 503 says that it took nothing.
    """
    if isinstance(problem, (smtplib.SMTPSenderRefused, OutboxNotWritable)):
        return Outcome.AWAY
    if hasattr(problem, "status_code"):  # of a web service, through django-anymail
        return of_a_service(problem)
    line_broke = isinstance(problem, OSError) and not isinstance(problem, smtplib.SMTPException)
    if line_broke or isinstance(problem, smtplib.SMTPServerDisconnected):
        return Outcome.UNSURE
    return Outcome.REFUSED


def of_a_service(problem) -> Outcome:
    """What an exception of django-anymail says: one with a `status_code`, which may be None."""
    status = _status_of(problem)
    if status in AWAY_STATUSES:
        return Outcome.AWAY
    if status is None:
        if problem.__cause__ is None or isinstance(problem, (ValueError, TypeError)):
            return Outcome.REFUSED  # the service was asked and refused the address, or the mail never got so far
        return Outcome.AWAY if _never_got_through(problem.__cause__) else Outcome.UNSURE
    refused = 400 <= status < 500 and status != TOO_SLOW
    return Outcome.REFUSED if refused else Outcome.UNSURE


def _status_of(problem) -> int | None:
    """The number of the service's answer; None when there was none. Amazon's own library keeps it in a place apart."""
    answer = getattr(problem.__cause__, "response", None)
    if problem.status_code is None and isinstance(answer, dict):
        return answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return problem.status_code


# Amazon's own library, by name: the hub does not bring it.
AMAZON_NEVER = {
    "EndpointConnectionError",
    "ConnectTimeoutError",
    "ProxyConnectionError",
    "SSLError",
    "NoCredentialsError",
}


def _never_got_through(cause: BaseException) -> bool:
    """Whether no connection came about, so that surely nothing was sent."""
    # Here, since loading it takes a tenth of a second, and only those who send through a web service need it.
    from urllib3 import exceptions

    never = (
        exceptions.NewConnectionError,
        exceptions.ConnectTimeoutError,
        exceptions.ProxyError,
        exceptions.SSLError,
    )
    inner = cause.args[0] if cause.args else None
    return isinstance(getattr(inner, "reason", None), never) or type(cause).__name__ in AMAZON_NEVER
