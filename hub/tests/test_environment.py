"""A wrong or missing value stops the start with a sentence that says how to mend it."""

import os
import subprocess
import sys

import pytest

from hub.environment import Environment, WrongEnvironment, contrast_with_white, is_loopback


def problems(read, **given) -> str:
    """What the hub says about an environment, or nothing."""
    environment = Environment(given)
    read(environment)
    return "\n".join(environment.problems)


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1", "80 80"])
def test_a_port_that_is_no_port_is_refused_with_an_example(port):
    assert problems(lambda e: e.port(), PORT=port) == (
        f'PORT is "{port}". Set it to a number from 1 to 65535, for example PORT=8000.'
    )


def test_an_empty_value_counts_as_not_given():
    assert Environment({"PORT": ""}).port() == 8000
    assert Environment({"HUB_DEMO": ""}).flag("HUB_DEMO", default=None) is None


def test_the_day_of_the_weekly_e_mails_is_a_day_of_the_week():
    said = problems(lambda e: e.weekday("HUB_DIGEST_DAY", "thursday"), HUB_DIGEST_DAY="thurs")

    assert said == 'HUB_DIGEST_DAY is "thurs". Set it to a day of the week, for example HUB_DIGEST_DAY=thursday.'
    assert Environment({}).weekday("HUB_DIGEST_DAY", "thursday") == 3
    assert Environment({"HUB_DIGEST_DAY": "Sunday"}).weekday("HUB_DIGEST_DAY", "thursday") == 6


def test_how_long_things_are_kept_is_changed_by_name_and_a_wrong_part_is_named():
    usual = {"accounts": 730, "ledger": 2190}

    assert Environment({"HUB_KEEP_DAYS": "accounts=365, "}).days("HUB_KEEP_DAYS", usual) == usual | {"accounts": 365}
    assert Environment({}).days("HUB_KEEP_DAYS", usual) == usual
    for wrong in ("accounts", "accounts=-1", "accounts=soon", "sign-ups=400", "ledger=99999"):
        assert problems(lambda e: e.days("HUB_KEEP_DAYS", usual), HUB_KEEP_DAYS=wrong) == (
            f'HUB_KEEP_DAYS has "{wrong}". Write NAME=DAYS, such as accounts=365. The names are accounts, ledger.'
        )


def test_yes_and_no_are_1_and_0_and_nothing_else():
    assert Environment({"HUB_DEBUG": "1"}).flag("HUB_DEBUG") is True
    assert Environment({"HUB_DEBUG": "0"}).flag("HUB_DEBUG") is False
    assert "Set it to 1 for yes or 0 for no" in problems(lambda e: e.flag("HUB_DEBUG"), HUB_DEBUG="false")


@pytest.mark.parametrize(
    "address", ["hub.example.org", "ftp://hub.example.org", "https://", "https://[x", "http://h/p"]
)
def test_the_hubs_own_address_must_be_a_whole_one(address):
    assert "Set it to the address that families type" in problems(lambda e: e.base_url(8000), HUB_BASE_URL=address)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8000", True),
        ("http://hub.localhost", True),
        ("http://localhost.example.org", False),
        ("https://have-your-say.example.org", False),
    ],
)
def test_only_this_machine_itself_counts_as_loopback(address, here):
    assert is_loopback(address) is here


def test_a_database_address_is_read_with_its_odd_characters():
    read = Environment().database("postgresql://hub:p%40ss@db.example.org:5433/families?sslmode=require")

    assert (read["USER"], read["PASSWORD"], read["HOST"], read["PORT"], read["NAME"]) == (
        "hub",
        "p@ss",
        "db.example.org",
        "5433",
        "families",
    )
    assert read["OPTIONS"] == {"sslmode": "require", "options": "-c jit=off"}


def test_a_database_on_a_socket_keeps_the_case_of_its_folder():
    assert Environment().database("postgresql://hub@%2Ftmp%2FMy Hub/hub")["HOST"] == "/tmp/My Hub"
    assert Environment().database("postgresql://hub@/hub?host=/var/run/postgresql")["HOST"] == "/var/run/postgresql"


@pytest.mark.parametrize("url", ["mysql://h/n", "postgresql://host", "postgresql://h:port/n", "sqlite:///x"])
def test_another_kind_of_database_is_refused(url):
    said = problems(lambda e: e.database(url))

    assert "postgresql://USER:PASSWORD@HOST:5432/NAME" in said


@pytest.mark.parametrize(
    ("given", "queue", "cache"),
    [
        ("unix:///d/v.sock?db=4", "redis+socket:///d/v.sock?virtual_host=4", "unix:///d/v.sock?db=5"),
        (
            "redis://:pw@redis.example.org:6379/2",
            "redis://:pw@redis.example.org:6379/2",
            "redis://:pw@redis.example.org:6379/3",
        ),
        ("redis://localhost", "redis://localhost/0", "redis://localhost/1"),
        (
            "rediss://r.example.org",
            "rediss://r.example.org/0?ssl_cert_reqs=required",
            "rediss://r.example.org/1?ssl_cert_reqs=required",
        ),
    ],
)
def test_queue_and_cache_share_a_server_and_not_a_database(given, queue, cache):
    assert Environment().redis(given) == (queue, cache)


def test_a_redis_address_of_another_kind_is_refused():
    assert "redis://:PASSWORD@HOST:6379/0" in problems(lambda e: e.redis("memcached://x"))


def test_mail_goes_into_a_folder_until_there_is_a_mail_server(tmp_path):
    assert Environment({}).email(tmp_path)["EMAIL_FILE_PATH"] == str(tmp_path)


def test_a_password_for_the_mail_server_never_travels_in_the_clear(tmp_path):
    plain = Environment({"EMAIL_URL": "smtp://hub:pw@mail.example.org"}).email(tmp_path)
    safe = Environment({"EMAIL_URL": "smtps://hub:pw@mail.example.org"}).email(tmp_path)

    assert (plain["EMAIL_USE_TLS"], plain["EMAIL_PORT"]) == (True, 587)
    assert (safe["EMAIL_USE_SSL"], safe["EMAIL_USE_TLS"], safe["EMAIL_PORT"]) == (True, False, 465)


def test_a_pale_brand_colour_is_refused_with_its_contrast():
    said = problems(lambda e: e.colour("HUB_BRAND_COLOUR", "#0a5556"), HUB_BRAND_COLOUR="#1d70b8")

    assert "contrast of only 5.2 to 1 against white" in said
    assert contrast_with_white("#000000") == 21
    assert "Set it to a colour such as #0a5556" in problems(
        lambda e: e.colour("HUB_BRAND_COLOUR", "#0a5556"), HUB_BRAND_COLOUR="teal"
    )


def test_a_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    first = Environment({}).secret_key(tmp_path, must_be_given=False)

    assert Environment({}).secret_key(tmp_path, must_be_given=False) == first
    assert len(first) >= 60
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_a_hub_for_families_on_a_database_of_its_own_needs_its_own_secret_key(tmp_path):
    assert "SECRET_KEY is missing" in problems(lambda e: e.secret_key(tmp_path, must_be_given=True))
    assert "too short" in problems(lambda e: e.secret_key(tmp_path, must_be_given=False), SECRET_KEY="a")


def test_everything_that_is_wrong_is_said_at_once():
    environment = Environment({"PORT": "x", "HUB_DEBUG": "x"})
    environment.port()
    environment.flag("HUB_DEBUG")

    with pytest.raises(WrongEnvironment) as stop:
        environment.check()

    assert str(stop.value).count("\n- ") == 2


def start(tmp_path, **given) -> subprocess.CompletedProcess:
    """Read the settings in a process of its own, as a start does."""
    ours = ("HUB_", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "BOUNCE_", "ANYMAIL_", "NOTIFY_", "SECRET_KEY", "PORT")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    shown = "import hub.settings as s; print(s.SHOW_DEMO, s.SESSION_COOKIE_SECURE, s.ALLOWED_HOSTS[0], s.DEBUG)"
    return subprocess.run(
        [sys.executable, "-c", shown],
        env=clean | {"HUB_DATA_DIR": str(tmp_path)} | given,
        capture_output=True,
        text=True,
    )


def test_a_start_on_ones_own_machine_needs_nothing_and_shows_the_demo(tmp_path):
    assert start(tmp_path).stdout.split() == ["True", "False", "localhost", "False"]


def test_a_hub_for_families_says_every_name_that_it_still_needs_and_shows_no_traceback(tmp_path):
    started = start(tmp_path, HUB_BASE_URL="https://have-your-say.example.org")

    assert started.returncode == 1
    assert started.stderr.startswith("The hub cannot start:\n- HUB_NAME is missing.")
    assert "HUB_CHILDREN_SERVICES_NAME is missing. Set it to who to ring" in started.stderr
    assert "EMAIL_URL is missing. Set it to your mail server" in started.stderr
    assert "Traceback" not in started.stderr


def test_a_wrong_address_is_named_once_though_another_stands_in_for_it(tmp_path):
    started = start(tmp_path, HUB_FIS_EMAIL="nobody")

    assert started.stderr.count("\n- ") == 1
    assert '- HUB_FIS_EMAIL is "nobody".' in started.stderr
    assert '- HUB_COUNCIL_EMAIL is "nobody".' in start(tmp_path, HUB_COUNCIL_EMAIL="nobody").stderr


def test_the_demo_is_shown_beyond_this_machine_only_when_asked_for(tmp_path):
    started = start(tmp_path, HUB_BASE_URL="https://demo.example.org", HUB_DEMO="1")

    assert started.stdout.split() == ["True", "True", "demo.example.org", "False"], started.stderr


# --- How the hub hears of mail that came back

SECRET = "a-long-enough-secret-for-tests"


def bounces_problems(email_url: str = "", **given) -> str:
    """What is wrong with how the hub is told of bounces."""
    environment = Environment({"EMAIL_URL": email_url} | given)
    environment.bounces(environment.email("outbox"))
    environment.secret("BOUNCE_WEBHOOK_SECRET")
    return "\n".join(environment.problems)


@pytest.mark.parametrize("name", ["BOUNCE_WEBHOOK_SECRET", "NOTIFY_CALLBACK_TOKEN", "ANYMAIL_WEBHOOK_SECRET"])
def test_a_short_secret_is_refused_with_a_way_to_make_one(name):
    said = bounces_problems(**{name: "s3cret"})

    assert f"{name} is too short to be safe" in said
    assert "secrets.token_urlsafe" in said
    assert "s3cret" not in said


@pytest.mark.parametrize(
    ("email_url", "given", "said"),
    [
        ("postmark://?key=x", {"ANYMAIL_WEBHOOK_SECRET": f"hub:{SECRET}"}, ""),
        ("postmark://?key=x", {"ANYMAIL_WEBHOOK_SECRET": SECRET}, "a name and a password with a colon between"),
        ("postmark://?key=x", {"ANYMAIL_WEBHOOK_SECRET": f":{SECRET}"}, "a name and a password with a colon between"),
        ("smtp://localhost", {"ANYMAIL_WEBHOOK_SECRET": f"hub:{SECRET}"}, "EMAIL_URL names no mail service"),
        ("mailgun://?key=x&domain=y", {"ANYMAIL_WEBHOOK_SECRET": f"hub:{SECRET}"}, "Add signing_key="),
        ("mailgun://?key=x&domain=y&signing_key=z", {"ANYMAIL_WEBHOOK_SECRET": f"hub:{SECRET}"}, ""),
        ("smtp://localhost", {"NOTIFY_CALLBACK_TOKEN": SECRET}, "mail does not leave by GOV.UK Notify"),
        ("smtp://localhost", {"BOUNCE_WEBHOOK_SECRET": SECRET}, ""),
    ],
)
def test_what_would_call_the_hub_fits_the_way_mail_leaves(email_url, given, said):
    found = bounces_problems(email_url, **given)

    assert said in found
    assert bool(found) == bool(said)


def test_a_mailbox_is_read_over_tls_from_the_start_or_soon_after():
    safe = Environment({"X": "imaps://bounces%40hub.example.org:p%40ss%2Fw@mail.example.org/Returned%20mail"}).mailbox(
        "X"
    )
    later = Environment({"X": "imap://u:p@mail.example.org:1143"}).mailbox("X")

    assert safe == {
        "host": "mail.example.org",
        "port": 993,
        "user": "bounces@hub.example.org",
        "password": "p@ss/w",
        "folder": "Returned mail",
        "starttls": False,
    }
    assert (later["port"], later["folder"], later["starttls"]) == (1143, "INBOX", True)
    assert Environment({}).mailbox("X") == {}


@pytest.mark.parametrize(
    "url",
    [
        "pop3s://u:s3cret@mail.example.org",
        "imaps://mail.example.org",
        "imaps://u@mail.example.org",
        "imaps://u:s3cret@",
        "imaps://u:s3cret#x@mail.example.org",
        "imaps://u:s3cret@mail.example.org:port",
    ],
)
def test_a_mailbox_that_cannot_be_read_is_refused_with_its_shape_and_without_its_password(url):
    said = problems(lambda e: e.mailbox("BOUNCE_IMAP_URL"), BOUNCE_IMAP_URL=url)

    assert "It looks like imaps://USER:PASSWORD@HOST:993/INBOX" in said
    assert "s3cret" not in said


def test_undelivered_mail_has_an_address_of_its_own_where_a_mail_server_sends():
    environment = Environment({"EMAIL_URL": "smtp://localhost", "BOUNCE_ADDRESS": "bounces@hub.example.org"})
    settings = environment.bounces(environment.email("outbox"))

    assert (settings["EMAIL_BACKEND"], settings["BOUNCE_ADDRESS"]) == (
        "notices.envelope.EmailBackend",
        "bounces@hub.example.org",
    )
    assert "EMAIL_BACKEND" not in Environment({}).bounces(Environment({}).email("outbox"))
    assert "which says itself" in bounces_problems("postmark://?key=x", BOUNCE_ADDRESS="bounces@hub.example.org")
    assert "Set it to an e-mail address" in bounces_problems(BOUNCE_ADDRESS="Bounces <bounces@hub.example.org>")


# The council's own sign-in

OIDC = {
    "HUB_OIDC_URL": "https://id.example.org",
    "HUB_OIDC_CLIENT_ID": "hub",
    "HUB_OIDC_SECRET": "a secret",
    "HUB_OIDC_DOMAINS": "council.example.org, Other.example.org",
}


def test_the_councils_own_sign_in_is_off_until_all_of_it_is_said():
    assert Environment({}).council_sign_in() is None
    assert Environment(OIDC).council_sign_in()["settings"]["verified_email"] == [
        "council.example.org",
        "other.example.org",
    ]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"HUB_OIDC_SECRET": ""}, "HUB_OIDC_SECRET is missing"),
        ({"HUB_OIDC_URL": "http://id.example.org"}, "beginning with https://"),
        ({"HUB_OIDC_DOMAINS": "council"}, "Set it to mail domains"),
    ],
)
def test_half_a_sign_in_of_the_council_stops_the_start(changed, words):
    environment = Environment(OIDC | changed)

    environment.council_sign_in()

    with pytest.raises(WrongEnvironment, match=words):
        environment.check()
