"""What the hub asks of other websites, tried against a real one on this machine."""

import time
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from core.fetching import NoAnswer, Why, fetch, is_public, look
from core.tests.serving import serving


@pytest.fixture
def site(settings):
    """A website, on an address that only tests may ask."""
    settings.HUB_FETCH_LOOPBACK = True
    with serving() as there:
        yield there


def why(url: str, **limits) -> Why:
    with pytest.raises(NoAnswer) as refused:
        fetch(url, **limits)
    return refused.value.why


def test_a_page_is_read_and_the_hub_says_who_asks(site, settings):
    answer = fetch(site.page("/a?b=1", "Hello"))

    assert (answer.code, answer.body) == (200, b"Hello")
    _method, path, headers = site.asked[0]
    assert path == "/a?b=1"
    assert settings.HUB_BASE_URL in headers["User-Agent"]


def test_what_has_not_changed_is_not_sent_again(site):
    url = site.page("/feed", "Old news", ETag='"7"')

    assert fetch(url, etag='"7"').is_unchanged
    assert not fetch(url, etag='"6"').is_unchanged


@pytest.mark.parametrize("code", [404, 410, 500])
def test_a_page_that_is_not_there_is_an_answer_too(site, code):
    assert fetch(site.page("/gone", code=code)).code == code


def test_a_redirect_is_followed_to_its_end(site):
    site.page("/new/", "Here")

    answer = fetch(site.page("/old", code=301, Location="/new/"))

    assert (answer.url, answer.body) == (site.url("/new/"), b"Here")


def test_a_site_that_sends_us_in_circles_is_left(site):
    assert why(site.page("/round", code=302, Location="/round")) == Why.IN_CIRCLES
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    "address",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://224.0.0.1/",
        "http://240.0.0.1/",
        "http://0.0.0.0/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://100.64.0.1/",
    ],
)
def test_no_redirect_leads_behind_the_councils_firewall(site, address):
    assert why(address) == Why.PRIVATE
    assert why(site.page("/out", code=302, Location=address)) == Why.PRIVATE


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433"])
def test_this_machine_is_not_asked_outside_tests(settings, host):
    with serving() as there:
        settings.HUB_FETCH_LOOPBACK = False

        assert why(f"http://{host}/") == Why.PRIVATE
        assert there.asked == []


def test_public_addresses_may_be_asked():
    assert is_public("93.184.215.14")
    assert is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/a",
        "file:///etc/passwd",
        "//example.org",
        "javascript:1",
        "http://a:b@example.org/",
        "http://",
    ],
)
def test_only_addresses_of_the_web_are_asked(site, address):
    assert why(address) == Why.ADDRESS
    assert why(site.page("/out", code=302, Location=address if ":" in address else "mailto:a@example.org"))


def test_other_services_of_a_machine_are_not_asked(settings):
    assert why("http://example.org:25/") == Why.ADDRESS


def test_a_site_that_says_nothing_is_left(site):
    """However slowly it drips: each byte comes before the silence is too long."""
    began = time.monotonic()

    assert why(site.url("/drips"), longest=0.5, silence=0.4) == Why.SILENT
    assert time.monotonic() - began < 2


def test_a_body_that_is_too_large_is_not_read(site):
    assert why(site.page("/huge", b"x" * 2000), largest=1000) == Why.TOO_LARGE


def test_a_port_where_nobody_listens_does_not_answer(settings):
    settings.HUB_FETCH_LOOPBACK = True

    assert why("http://127.0.0.1:9/") == Why.SILENT


def test_a_name_that_nobody_has_is_no_site(settings):
    assert why("http://no-such-host.invalid/") == Why.NO_SITE


def test_a_link_is_tried_by_its_head_and_then_by_its_page(site):
    url = site.page("/a", "Hello")
    assert look(url).code == 200
    assert [each[0] for each in site.asked] == ["HEAD"]

    site.no_heads = True
    answer = look(url)

    assert (answer.code, answer.body) == (200, b"")
    assert site.asked[-1][0] == "GET"


@pytest.fixture
def certificate(tmp_path) -> str:
    """A certificate of localhost, with its key, which it vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = timezone.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "site.pem"
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    file.write_bytes(key.private_bytes(pem, *plain) + made.public_bytes(pem))
    return str(file)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(settings, certificate):
    settings.HUB_FETCH_LOOPBACK = True
    with serving(certificate) as site:
        assert why(site.page("/a", "Hello")) == Why.CERTIFICATE


def test_a_site_is_known_by_its_name_though_we_connect_to_its_number(settings, certificate, monkeypatch):
    settings.HUB_FETCH_LOOPBACK = True
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    with serving(certificate) as site:
        assert fetch(site.page("/a", "Hello")).body == b"Hello"
        assert why(site.url("/a").replace("localhost", "127.0.0.1")) == Why.CERTIFICATE
