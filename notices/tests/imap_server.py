"""A mailbox to read: pymap, a real IMAP server, in a process of its own, with TLS as mail servers have it."""

import datetime
import imaplib
import ipaddress
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "bounces@hub.example.org", "p@ss:word/1"


class ImapServer:
    """The server, and what its owner sees in the mailbox."""

    def __init__(self, folder: Path):
        self.certificate = folder / "certificate.pem"
        self._key = folder / "key.pem"
        _make_certificate(self.certificate, self._key)
        with socket.socket() as plug:
            plug.bind(("127.0.0.1", 0))
            self.port = plug.getsockname()[1]
        command = [sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--cert", str(self.certificate), "--key", str(self._key)]
        command += ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHONWARN")}
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment)
        self._wait()

    def _wait(self) -> None:
        for _each in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self._process.poll() is not None:
                    raise RuntimeError(self._process.stderr.read().decode()) from None
                time.sleep(0.05)
        raise RuntimeError("The IMAP server did not start.")

    def stop(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(10)
        self._process.stderr.close()

    # What a person sees and does in a mail program

    def _open(self) -> imaplib.IMAP4:
        owner = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        owner.login(USER, PASSWORD)
        owner.select("INBOX")
        return owner

    def empty(self) -> None:
        """Take every letter out."""
        with self._open() as owner:
            owner.store("1:*", "+FLAGS", r"\Deleted")
            owner.expunge()

    def put(self, letter: bytes) -> None:
        """A letter comes."""
        with self._open() as owner:
            owner.append("INBOX", None, None, letter)

    def read_by_a_person(self) -> None:
        """Somebody has looked at all of them."""
        with self._open() as owner:
            owner.store("1:*", "+FLAGS", r"\Seen")

    def unread(self) -> int:
        """How many letters nobody has read."""
        with self._open() as owner:
            return len(owner.search(None, "UNSEEN")[1][0].split())

    def letters(self) -> int:
        """How many there are."""
        with self._open() as owner:
            return len(owner.search(None, "ALL")[1][0].split())


class TlsFront:
    """The same server where TLS begins at once, as at port 993."""

    def __init__(self, server: ImapServer):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server.certificate, server._key)
        self._behind = server.port
        self._front = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.port = self._front.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _address = self._front.accept()
            except ssl.SSLError:
                continue
            except OSError:
                return
            behind = socket.create_connection(("127.0.0.1", self._behind))
            for one, other in ((caller, behind), (behind, caller)):
                threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()

    def stop(self) -> None:
        """Close the door."""
        self._front.close()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    try:
        while said := one.recv(65536):
            other.sendall(said)
    except OSError:
        pass
    finally:
        other.close()


def _make_certificate(certificate: Path, key_file: Path) -> None:
    """One that holds for this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
