"""Settings, all in one file. What differs from one hub to the next comes from the environment."""

import logging
import sys
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from hub import embedded
from hub.environment import Environment, WrongEnvironment, is_loopback
from hub.logs import without_values
from hub.timetable import TIMETABLE

BASE_DIR = Path(__file__).resolve().parent.parent

environment = Environment()

# --- Where it is reached, and by whom

PORT = environment.port()
HUB_BASE_URL = environment.base_url(PORT)
HUB_DATA_DIR = environment.data_folder(BASE_DIR)
HUB_DEMO = environment.flag("HUB_DEMO", default=None)
DEBUG = environment.flag("HUB_DEBUG")

ON_THIS_MACHINE = is_loopback(HUB_BASE_URL)
# The demo county is for one's own machine, unless it is asked for.
SHOW_DEMO = ON_THIS_MACHINE if HUB_DEMO is None else HUB_DEMO

_base = urlsplit(HUB_BASE_URL)
HTTPS = _base.scheme == "https"
ALLOWED_HOSTS = [host.strip() for host in environment.text("HUB_ALLOWED_HOSTS").split(",") if host.strip()]
ALLOWED_HOSTS += [_base.hostname, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [HUB_BASE_URL]

# --- The council's own names and contacts; the demo's stand in on one's own machine

HUB_NAME = environment.text("HUB_NAME", "Westmarch families: have your say")
HUB_COUNCIL_NAME = environment.text("HUB_COUNCIL_NAME", "Westmarch County Council")
HUB_FIS_NAME = environment.text("HUB_FIS_NAME", "Family Information Service")
HUB_FIS_PHONE = environment.text("HUB_FIS_PHONE", "01632 960 001")
HUB_FIS_EMAIL = environment.address("HUB_FIS_EMAIL", "families@westmarch.example")
# Whom families reach while nobody looks after the hub: the council itself, if it says how.
HUB_COUNCIL_PHONE = environment.text("HUB_COUNCIL_PHONE", HUB_FIS_PHONE)
HUB_COUNCIL_EMAIL = HUB_FIS_EMAIL
if environment.text("HUB_COUNCIL_EMAIL"):
    HUB_COUNCIL_EMAIL = environment.address("HUB_COUNCIL_EMAIL", "council@westmarch.example")
HUB_CHILDREN_SERVICES_NAME = environment.text("HUB_CHILDREN_SERVICES_NAME", "Westmarch Children's Services")
HUB_CHILDREN_SERVICES_PHONE = environment.text("HUB_CHILDREN_SERVICES_PHONE", "01632 960 002")
HUB_COMPLAINTS_URL = environment.link("HUB_COMPLAINTS_URL")
HUB_BRAND_COLOUR = environment.colour("HUB_BRAND_COLOUR", "#0a5556")
HUB_FROM_EMAIL = environment.address("HUB_FROM_EMAIL", f"{HUB_FIS_NAME} <have-your-say@westmarch.example>")

# Whether people of the FIS may approve what they sent themselves; None: yes while fewer than two work there.
HUB_SMALL_TEAM = environment.flag("HUB_SMALL_TEAM", default=None)
# The weekday of the e-mails that families get once a week: 0 is Monday.
HUB_DIGEST_DAY = environment.weekday("HUB_DIGEST_DAY", "thursday")
# So many days after somebody looked at it, what families read has to be looked at again (core/freshness.py).
CHECK_AGAIN_AFTER_DAYS = {
    "consultation": 91,
    "event": 91,
    "example": 365,  # good practice: a year after it was published
    "organisation": 365,  # how to reach it
    "resource": 365,  # what it is; its link is tried every week
}
# So many days things about people are kept (core/retention.py); HUB_KEEP_DAYS changes some: "accounts=365,ledger=1095".
KEEP_DAYS = {
    "sessions": 0,  # after they ended
    "sign-ups": 7,  # as the mail that asks for the press promises
} | environment.days(
    "HUB_KEEP_DAYS",
    {
        "imports": 30,
        "preview-links": 30,
        "search-marks": 30,
        "help": 56,
        "search-words": 183,
        "comments": 365,  # those who check can still read their own words
        "invited-parents": 91,
        "network": 91,
        "stories": 91,  # time to ask the parent again
        "mails": 365,
        "accounts": 730,
        "ledger": 6 * 365,
        "history": 6 * 365,
    },
)

# Whether they are this council's for certain, and not those of the demo.
HUB_FACTS_ARE_OWN = not ON_THIS_MACHINE and not SHOW_DEMO
if HUB_FACTS_ARE_OWN:
    environment.needed_in_earnest(
        {
            "HUB_NAME": "the name of the site",
            "HUB_COUNCIL_NAME": "the council's name",
            "HUB_FIS_EMAIL": "the Family Information Service's e-mail address",
            "HUB_FIS_PHONE": "the Family Information Service's telephone number",
            "HUB_CHILDREN_SERVICES_NAME": "who to ring about a worry for a child",
            "HUB_CHILDREN_SERVICES_PHONE": "the number to ring when somebody is worried about a child",
            "HUB_FROM_EMAIL": "the address that the hub's mail comes from",
            "EMAIL_URL": "your mail server, for example smtp://USER:PASSWORD@HOST:587",
        }
    )

# Those who look after the hub show a second time that it is them; on one's own machine, with the demo, they need not.
HUB_SECOND_STEP = environment.flag("HUB_SECOND_STEP", default=HUB_FACTS_ARE_OWN)

# --- Database, queue and cache: servers that run already, or the embedded ones

_database_url = environment.text("DATABASE_URL")
_redis_url = environment.text("REDIS_URL")
SECRET_KEY = environment.secret_key(HUB_DATA_DIR, must_be_given=bool(_database_url) and not ON_THIS_MACHINE)
EMBEDDED_DATABASE = not _database_url
EMBEDDED_REDIS = not _redis_url

try:
    if EMBEDDED_DATABASE:
        _database_url = embedded.home(HUB_DATA_DIR).database_url()
    if EMBEDDED_REDIS:
        _redis_url = embedded.home(HUB_DATA_DIR).redis_url()
except embedded.CannotStart as problem:
    raise WrongEnvironment(str(problem)) from None

DATABASES = {"default": environment.database(_database_url)}
CELERY_BROKER_URL, _cache_url = environment.redis(_redis_url)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _cache_url,
        "KEY_PREFIX": "hub",
        "TIMEOUT": 24 * 60 * 60,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Mail

EMAIL_OUTBOX = HUB_DATA_DIR / "outbox"
_mail = environment.email(EMAIL_OUTBOX)
globals().update(_mail | environment.bounces(_mail))
BOUNCE_IMAP = environment.mailbox("BOUNCE_IMAP_URL")
BOUNCE_WEBHOOK_SECRET = environment.secret("BOUNCE_WEBHOOK_SECRET")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = HUB_FROM_EMAIL

# --- What people may send

# In megabytes.
HUB_DOCUMENT_MOST_MB = environment.number("HUB_DOCUMENT_MOST_MB", 10, least=1, most=200)
HUB_IMPORT_MOST_MB = environment.number("HUB_IMPORT_MOST_MB", 50, least=1, most=500)
# Whether the hub may ask this machine for pages, as it asks other sites (core/fetching.py). For tests only.
HUB_FETCH_LOOPBACK = False
# What looks for viruses in them; nothing does unless it is named (docs/documents.md).
HUB_VIRUS_SCAN = environment.text("HUB_VIRUS_SCAN")
# --- The council's own sign-in, where it has one

COUNCIL_SIGN_IN = environment.council_sign_in()

environment.check()

# --- What it is made of

INSTALLED_APPS = [
    # ours, the upper floors first: an upper floor may put its own template in front of a lower one's
    "hub",
    "standards",
    "practice",
    "feedback",
    "consultations",
    "notices",
    "accounts",
    "core",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "pgtrigger",
    "pghistory",
    "rules.apps.AutodiscoverRulesConfig",
    "csp",
    "django_structlog",
    "hub.apps.AdminForSuperusers",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
]

MIDDLEWARE = [
    # Safe headers on every answer, style sheets included.
    "django.middleware.security.SecurityMiddleware",
    # Style sheets, scripts and typefaces are answered here and go no further.
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hub.logs.RequestLog",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Who is asking. None of these reads or sets anything until a page asks for it: public pages set no cookie.
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.gate.ReferrerForForms",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.SessionEnds",
    "accounts.gate.PublicGate",
    "accounts.gate.SecondStep",
    "accounts.gate.DeskGate",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # Who changed what: on writes only.
    "pghistory.middleware.HistoryMiddleware",
]
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

ROOT_URLCONF = "hub.urls"
WSGI_APPLICATION = "hub.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hub.context.site",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "hub"

# --- People who sign in: the Family Information Service makes their accounts

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    # Superusers' own permissions in /admin/.
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "request_login_code": "accounts.forms.RequestLoginCodeForm",
    "confirm_login_code": "accounts.forms.ConfirmLoginCodeForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_UNIQUE_EMAIL = True
# The Family Information Service has written to the address before it makes the account.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
# The link came to their own mailbox, as a code would.
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
# Nobody can make the hub write to strangers.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Nobody has to type a password on a page that a mail's link opened.
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _base.scheme
# allauth limits how often each address and each person may try; these are tighter than its own.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "request_login_code": "20/m/ip,3/m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# The Family Information Service has written to the address before it made the account.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_FORMS = {"authenticate": "accounts.forms.SecondStepForm", "activate_totp": "accounts.forms.TurnOnAppForm"}
MFA_ADAPTER = "accounts.adapter.SecondStepAdapter"
# Whoever the council's own identity provider knows comes in only if the hub knows their address too. Nothing of what
# that provider says is kept.
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [COUNCIL_SIGN_IN] if COUNCIL_SIGN_IN else []}}
SOCIALACCOUNT_ADAPTER = "accounts.adapter.CouncilSignInAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_AUTO_SIGNUP = False
# The way there is a link: a form may lead to our own addresses only.
SOCIALACCOUNT_LOGIN_ON_GET = True
# Behind one proxy, which says where a request came from; on one's own machine there is none.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if HTTPS else 0

# --- Words and time

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# --- Safety

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
# How long somebody stays signed in, in seconds: at most; for those who look after the hub; and without use.
SESSION_COOKIE_AGE = 14 * 24 * 60 * 60
FIS_SESSION_AGE = 12 * 60 * 60
STAFF_IDLE_AGE = 8 * 60 * 60
CSRF_FAILURE_VIEW = "accounts.sessions.form_not_taken"
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# --- Files

STATIC_URL = "/static/"
STATIC_ROOT = HUB_DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Names carry a hash of what is in the file, so browsers may keep them for good; nothing else is served.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- Work outside requests

CELERY_BEAT_SCHEDULE = TIMETABLE
CELERY_BEAT_SCHEDULER = "hub.scheduler.Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(HUB_DATA_DIR / "beat-schedule")
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
# A task that was under way when its worker fell over is done again: every task may safely run twice.
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 60 * 60}
CELERY_TASK_TIME_LIMIT = 30 * 60
# Nobody steers the worker through the queue. Its ear for that would keep it from letting go of a queue that went away
# while a task was under way: it would end instead of connecting again (tests/test_faults.py).
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Started as root on one's own machine, the worker says nothing about it.
CELERY_WORKER_REDIRECT_STDOUTS = False

# --- Logs: one JSON line for each thing that happened, without names, addresses, search words or query strings

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = ""
# One line when a thing is done; what began and never ended shows as a missing line.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
_before_logging = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_before_logging,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _before_logging,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Without the values of variables: they hold what people typed, and their addresses.
                structlog.processors.ExceptionRenderer(
                    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
                ),
                without_values,
                structlog.processors.JSONRenderer(),
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Each request has its own line already.
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "markdown_it": {"level": "WARNING"},
    },
}
