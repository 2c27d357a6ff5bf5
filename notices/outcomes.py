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
        return _of_a_service(problem)
    line_broke = isinstance(problem, OSError) and not isinstance(problem, smtplib.SMTPException)
    if line_broke or isinstance(problem, smtplib.SMTPServerDisconnected):
        return Outcome.UNSURE
    return Outcome.REFUSED


def _of_a_service(problem) -> Outcome:
    status = problem.status_code
    if status in AWAY_STATUSES:
        return Outcome.AWAY
    if status is None:
        if not isinstance(problem, OSError):
            return Outcome.REFUSED  # it was taken up, and its address refused; or it was never asked
        return Outcome.AWAY if _never_got_through(problem) else Outcome.UNSURE
    refused = 400 <= status < 500 and status != TOO_SLOW
    return Outcome.REFUSED if refused else Outcome.UNSURE


def _never_got_through(problem: OSError) -> bool:
    """Whether no connection came about, so that surely nothing was sent."""
    # Here, since loading it takes a tenth of a second, and only those who send through a web service need it.
    from urllib3 import exceptions

    never = (
        exceptions.NewConnectionError,
        exceptions.ConnectTimeoutError,
        exceptions.ProxyError,
        exceptions.SSLError,
    )
    cause = problem.__cause__
    inner = cause.args[0] if cause is not None and cause.args else None
    return isinstance(getattr(inner, "reason", None), never)
