"""Reads the environment. Whatever is missing or wrong is said in plain sentences that tell how to mend it."""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from hub.mail_services import SERVICES, WrongService, settings_of

SMTP = "notices.smtp.EmailBackend"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class WrongEnvironment(SystemExit):
    """The hub cannot start. Its text goes to the screen as it is, without a traceback."""


def luminance(colour: str) -> float:
    """How light a colour is, from 0 (black) to 1 (white), as WCAG reckons it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_with_white(colour: str) -> float:
    """WCAG's contrast between a colour and white, from 1 (none) to 21 (black)."""
    return 1.05 / (luminance(colour) + 0.05)


class Environment:
    """One reading of the environment. Problems are gathered, so that all can be mended at once."""

    def __init__(self, given: Mapping[str, str] = os.environ):
        self.given = given
        self.problems: list[str] = []

    def check(self) -> None:
        """Stop the start when anything read so far was missing or wrong."""
        if self.problems:
            raise WrongEnvironment("\n".join(["The hub cannot start:", *(f"- {each}" for each in self.problems)]))

    def wrong(self, problem: str) -> None:
        """Note one thing to mend."""
        self.problems.append(problem)

    def text(self, name: str, default: str = "") -> str:
        """A value as given; an empty one counts as not given."""
        return self.given.get(name, "").strip() or default

    def flag(self, name: str, default: bool | None = False) -> bool | None:
        """1 or 0. None by default means that nobody has said."""
        value = self.text(name)
        if value not in ("", "0", "1"):
            self.wrong(f'{name} is "{value}". Set it to 1 for yes or 0 for no.')
        return default if value == "" else value == "1"

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number between two bounds."""
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdecimal() or not least <= int(value) <= most:
            self.wrong(f'{name} is "{value}". Set it to a number from {least} to {most}, for example {name}={default}.')
            return default
        return int(value)

    def days(self, name: str, usual: dict[str, int]) -> dict[str, int]:
        """Numbers of days by name: the usual ones, with those that somebody wrote as "name=days" and commas between."""
        days = dict(usual)
        for part in filter(None, (each.strip() for each in self.text(name, "").split(","))):
            what, _sign, number = (each.strip() for each in part.partition("="))
            if what not in usual or not (number.isascii() and number.isdecimal() and 0 <= int(number) <= 36_500):
                known = ", ".join(usual)
                self.wrong(f'{name} has "{part}". Write NAME=DAYS, such as accounts=365. The names are {known}.')
            else:
                days[what] = int(number)
        return days

    def weekday(self, name: str, default: str) -> int:
        """A day of the week by its English name; 0 is Monday."""
        days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        value = self.text(name, default).lower()
        if value not in days:
            self.wrong(f'{name} is "{value}". Set it to a day of the week, for example {name}={default}.')
            value = default
        return days.index(value)

    def port(self) -> int:
        """The port that the website listens on."""
        value = self.text("PORT", "8000")
        if not value.isdecimal() or not 0 < int(value) < 65536:
            self.wrong(f'PORT is "{value}". Set it to a number from 1 to 65535, for example PORT=8000.')
            return 8000
        return int(value)

    def base_url(self, port: int) -> str:
        """The address that families type, without a slash at its end."""
        value = self.text("HUB_BASE_URL", f"http://localhost:{port}").rstrip("/")
        parts = _split(value)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            self.wrong(
                f'HUB_BASE_URL is "{value}". Set it to the address that families type, '
                "for example HUB_BASE_URL=https://have-your-say.example.org"
            )
            return f"http://localhost:{port}"
        return value

    def data_folder(self, root: Path) -> Path:
        """Where the hub keeps what it makes; made here when it is missing."""
        folder = Path(self.text("HUB_DATA_DIR", str(root / ".data"))).expanduser().absolute()
        try:
            # Started by root, the servers' own account passes through; what is secret is closed file by file.
            folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        except OSError as problem:
            self.wrong(
                f"The data folder {folder} cannot be made ({problem.strerror}). "
                "Set HUB_DATA_DIR to a folder that this user may write to."
            )
        return folder

    def database(self, url: str) -> dict:
        """A DATABASE_URL as Django wants it."""
        parts = _split(url)
        if parts is None or parts.scheme not in ("postgres", "postgresql") or len(parts.path) < 2:
            self.wrong(
                "DATABASE_URL cannot be read. It looks like postgresql://USER:PASSWORD@HOST:5432/NAME "
                "(PostgreSQL 15 or newer); leave it out to use the embedded database."
            )
            return {"ENGINE": "django.db.backends.postgresql"}
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        # Compiling a query takes PostgreSQL seconds, and none of ours runs long enough to win them back.
        options.setdefault("options", "-c jit=off")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            # The case of a host name does not matter, that of a socket's folder does: urlsplit loses it.
            "HOST": unquote(options.pop("host", "") or _host_as_written(parts.netloc)),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }

    def redis(self, url: str) -> tuple[str, str]:
        """A REDIS_URL as Celery wants it for its queue, and as Django wants it for its cache.

        The queue takes the database that the address names, the cache the next one.
        """
        parts = _split(url)
        if parts is None or parts.scheme not in ("redis", "rediss", "unix") or not (parts.hostname or parts.path):
            self.wrong(
                "REDIS_URL cannot be read. It looks like redis://:PASSWORD@HOST:6379/0 or "
                "unix:///path/to/redis.sock; leave it out to use the embedded server."
            )
            return "", ""
        options = parse_qs(parts.query)
        if parts.scheme == "unix":
            number = _number(options.get("db", ["0"])[0])
            # Celery and Django name the same socket in two ways.
            queue = f"redis+socket://{parts.path}?virtual_host={number}"
            return queue, f"unix://{parts.path}?db={number + 1}"
        number = _number(options.get("db", [parts.path.strip("/") or "0"])[0])
        query = f"?{parts.query}" if parts.query else ""
        if parts.scheme == "rediss" and "ssl_cert_reqs" not in options:
            query += ("&" if query else "?") + "ssl_cert_reqs=required"
        server = f"{parts.scheme}://{parts.netloc}"
        return f"{server}/{number}{query}", f"{server}/{number + 1}{query}"

    def email(self, outbox: Path) -> dict:
        """EMAIL_URL as Django's mail settings; without one, mail is put into a folder.

        MAIL_SERVICE is which of hub/mail_services.py it is, empty for none.
        """
        url = self.text("EMAIL_URL")
        none = {"MAIL_SERVICE": "", "ANYMAIL": {}}
        if not url:
            return none | {"EMAIL_BACKEND": "notices.outbox.EmailBackend", "EMAIL_FILE_PATH": str(outbox)}
        parts = _split(url)
        if parts is not None and parts.scheme in SERVICES:
            try:
                return settings_of(url)
            except WrongService as problem:
                self.wrong(str(problem))
                return none
        if parts is None or parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
            self.wrong(
                "EMAIL_URL cannot be read. It looks like smtp://USER:PASSWORD@HOST:587 or "
                "smtps://USER:PASSWORD@HOST:465; leave it out to keep mail in the data folder. "
                f"For a mail service it begins with one of {', '.join(SERVICES)}."
            )
            return none
        safe = parts.scheme == "smtps"
        # A password never travels in the clear; a mail server on the same machine may do without either.
        starts_tls = not safe and bool(parts.username)
        return none | {
            "EMAIL_BACKEND": SMTP,
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": parts.port or (465 if safe else 587 if starts_tls else 25),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": safe,
            "EMAIL_USE_TLS": starts_tls,
            "EMAIL_TIMEOUT": 30,
        }

    def bounces(self, mail: Mapping) -> dict:
        """What of hearing that mail came back depends on the settings by which `mail` leaves."""
        service, anymail = mail["MAIL_SERVICE"], dict(mail["ANYMAIL"])
        password = self.secret("ANYMAIL_WEBHOOK_SECRET")
        token = self.secret("NOTIFY_CALLBACK_TOKEN")
        if password:
            anymail["WEBHOOK_SECRET"] = password
            if not service or service == "notify":
                self.wrong("ANYMAIL_WEBHOOK_SECRET is set, but EMAIL_URL names no mail service that would use it.")
            if not all(password.partition(":")):
                self.wrong(
                    "ANYMAIL_WEBHOOK_SECRET must be a name and a password with a colon between, as in hub:PASSWORD."
                )
            if service == "mailgun" and "MAILGUN_WEBHOOK_SIGNING_KEY" not in anymail:
                self.wrong("Mailgun signs what it tells. Add signing_key= with its webhook signing key to EMAIL_URL.")
        if token and service != "notify":
            self.wrong("NOTIFY_CALLBACK_TOKEN is set, but mail does not leave by GOV.UK Notify.")
        returns_to = self.text("BOUNCE_ADDRESS")
        if returns_to and not re.fullmatch(r"[^\s<>@]+@[^\s<>@]+", returns_to):
            self.wrong(f'BOUNCE_ADDRESS is "{returns_to}". Set it to an e-mail address, as in bounces@example.org.')
        if returns_to and service:
            self.wrong("BOUNCE_ADDRESS is set, but mail leaves by a service, which says itself what came back.")
        by_smtp = mail.get("EMAIL_BACKEND") == SMTP
        return {
            **({"EMAIL_BACKEND": "notices.envelope.EmailBackend"} if returns_to and by_smtp else {}),
            "ANYMAIL": anymail,
            "BOUNCE_ADDRESS": returns_to,
            "NOTIFY_CALLBACK_TOKEN": token,
        }

    def mailbox(self, name: str) -> dict:
        """A mailbox to read by IMAP; empty when there is none. Its password never travels in the clear."""
        url = self.text(name)
        if not url:
            return {}
        parts = _split(url)
        wrong = parts is None or parts.scheme not in ("imaps", "imap") or not parts.hostname
        if wrong or not parts.username or not parts.password or parts.query or parts.fragment:
            self.wrong(
                f"{name} cannot be read. It looks like imaps://USER:PASSWORD@HOST:993/INBOX, or imap:// where the mail "
                "server begins in the clear and then changes to TLS. In the name and password write %40 for @, "
                "%3A for :, %2F for / and %23 for #."
            )
            return {}
        return {
            "host": parts.hostname,
            "port": parts.port or (993 if parts.scheme == "imaps" else 143),
            "user": unquote(parts.username),
            "password": unquote(parts.password),
            "folder": unquote(parts.path.strip("/")) or "INBOX",
            "starttls": parts.scheme == "imap",
        }

    def secret(self, name: str) -> str:
        """Something that another program proves itself by, or nothing."""
        value = self.text(name)
        if value and (len(value) < 24 or not value.isascii()):
            self.wrong(f"{name} is too short to be safe, or has odd characters in it. {_MAKE_A_KEY}")
        return value

    def council_sign_in(self) -> dict | None:
        """The council's own identity provider (OpenID Connect), as allauth wants it; None when there is none."""
        given = {name: self.text(f"HUB_OIDC_{name}") for name in ("URL", "CLIENT_ID", "SECRET", "DOMAINS")}
        if not any(given.values()):
            return None
        for name, value in given.items():
            if not value:
                self.wrong(
                    f"HUB_OIDC_{name} is missing. Set all of HUB_OIDC_URL, _CLIENT_ID, _SECRET and _DOMAINS, or none."
                )
        parts = _split(given["URL"])
        safe = parts is not None and (parts.scheme == "https" or is_loopback(given["URL"]))
        if given["URL"] and not (safe and parts.hostname):
            self.wrong(
                "HUB_OIDC_URL is not the address of an identity provider. Set it to its issuer, beginning with https://"
            )
        domains = [each.strip().lower() for each in given["DOMAINS"].split(",") if each.strip()]
        for domain in domains:
            if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain):
                self.wrong(
                    f'HUB_OIDC_DOMAINS names "{domain}". Set it to mail domains, for example council.example.org'
                )
        return {
            "provider_id": "council",
            "name": self.text("HUB_OIDC_NAME", "your council account"),
            "client_id": given["CLIENT_ID"],
            "secret": given["SECRET"],
            "settings": {
                "server_url": given["URL"],
                # What it says of these addresses is believed; of others only when it says that it has checked them.
                "verified_email": domains,
                "oauth_pkce_enabled": True,
            },
        }

    def secret_key(self, data: Path, *, must_be_given: bool) -> str:
        """What signs links and sessions: as given, else made once and kept in the data folder."""
        value = self.text("SECRET_KEY")
        if value:
            if len(value) < 40:
                self.wrong(f"SECRET_KEY is too short to be safe. {_MAKE_A_KEY}")
            return value
        if must_be_given:
            self.wrong(f"SECRET_KEY is missing. {_MAKE_A_KEY}")
            return "missing"
        kept = data / "secret-key"
        try:
            with open(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
                new.write(secrets.token_urlsafe(50))
        except OSError:
            pass  # it is there, or cannot be made: reading it tells
        try:
            return kept.read_text()
        except OSError as problem:
            self.wrong(
                f"{kept} cannot be read ({problem.strerror}). Start the hub as the user who made it, "
                "or set HUB_DATA_DIR to a folder of your own."
            )
            return "missing"

    def colour(self, name: str, default: str) -> str:
        """A colour that can be read on white by everybody: #RRGGBB, with a contrast of 7 to 1 or more."""
        value = self.text(name, default).lower()
        if not re.fullmatch(r"#[0-9a-f]{6}", value):
            self.wrong(f'{name} is "{value}". Set it to a colour such as {default}.')
            return default
        contrast = contrast_with_white(value)
        if contrast < 7:
            self.wrong(
                f"{name} is {value}, which has a contrast of only {contrast:.1f} to 1 against white. "
                "Choose a darker one, with 7 to 1 or more, so that everybody can read it."
            )
        return value

    def address(self, name: str, default: str) -> str:
        """An e-mail address, perhaps with a name before it."""
        value = self.text(name, default)
        if not re.fullmatch(r"([^<>@\n]+ )?<?[^\s<>@]+@[^\s<>@]+>?", value):
            self.wrong(f'{name} is "{value}". Set it to an e-mail address, for example {default}.')
        return value

    def link(self, name: str, default: str = "") -> str:
        """The address of a web page, or nothing."""
        value = self.text(name, default)
        parts = _split(value)
        if value and (parts is None or parts.scheme not in ("http", "https") or not parts.hostname):
            self.wrong(f'{name} is "{value}". Set it to the whole address of a page, beginning with https://')
        return value

    def needed_in_earnest(self, what_it_is: dict[str, str]) -> None:
        """Values that a hub which families reach must be given, since those of the demo would mislead them."""
        for name, meaning in what_it_is.items():
            if not self.text(name):
                self.wrong(f"{name} is missing. Set it to {meaning}.")


_MAKE_A_KEY = (
    "Set it to a long random text that stays the same, made for example with: "
    "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
)


def _split(url: str):
    """The parts of an address, or None when it is no address at all."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _host_as_written(netloc: str) -> str:
    host = netloc.rpartition("@")[2]
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def is_loopback(url: str) -> bool:
    """Whether an address can only be reached from the machine itself."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return host in LOOPBACK or host.endswith(".localhost") or host.startswith("127.")
