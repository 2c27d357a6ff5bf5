"""What it means that a mail did not go, whichever way it was to leave: by SMTP, a mail service, or into a folder."""

import smtplib
from enum import Enum, auto

from notices.outbox import OutboxNotWritable
from notices.smtp import NotTaken


class ServerAway(Exception):
    """No line to the mail server; its cause says why."""


class Outcome(Enum):
    """What became of a mail that was not simply taken, when all there is is an exception."""

    AWAY = auto()  # nothing is taken now, whoever it is for: no fault of the mail's, and no try
    NOT_TAKEN = auto()  # the line broke before the mail was sent
    UNSURE = auto()  # it may or may not have been taken
    NO_SUCH_ADDRESS = auto()  # the address was refused for good
    REFUSED = auto()  # the mail was surely not taken: for now, or for what it says


# What a web service answers when it takes nothing from us now: our key or account is not right, the address of the
# service is not, we asked too often, or it is resting.
AWAY_STATUSES = frozenset({401, 402, 403, 404, 405, 407, 421, 425, 429, 503})
TOO_SLOW = 408


def outcome_of(problem: Exception) -> Outcome:
    """What an exception says about the mail that was being sent."""
    if isinstance(problem, NotTaken):
        return Outcome.NOT_TAKEN
    if isinstance(problem, (ServerAway, smtplib.SMTPSenderRefused, OutboxNotWritable)) or code_of(problem) == 421:
        return Outcome.AWAY
    if hasattr(problem, "status_code"):  # of a web service, through django-anymail
        return of_a_service(problem)
    if isinstance(problem, smtplib.SMTPRecipientsRefused) and 500 <= code_of(problem) < 600:
        return Outcome.NO_SUCH_ADDRESS
    line_broke = isinstance(problem, OSError) and not isinstance(problem, smtplib.SMTPException)
    if line_broke or isinstance(problem, smtplib.SMTPServerDisconnected):
        return Outcome.UNSURE
    return Outcome.REFUSED


def of_a_service(problem) -> Outcome:
    """What an exception of django-anymail says: one with a `status_code`, which may be None.

    A web service that fails (500, 502, 504) may have taken the mail all the
    same, as they do; only 503 says that it took nothing.
    """
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


# --- In few words


def code_of(problem: BaseException) -> int:
    """The number that the mail server or service answered; 0 when it said none."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused) and problem.recipients:
        return next(iter(problem.recipients.values()))[0]
    return getattr(problem, "smtp_code", None) or getattr(problem, "status_code", None) or 0


def kind_of(problem: BaseException) -> str:
    """What went wrong, without the words of the mail server: they name people."""
    if isinstance(problem, ServerAway) and problem.__cause__:
        return kind_of(problem.__cause__)
    code = code_of(problem)
    return f"{type(problem).__name__} {code}" if code else type(problem).__name__
