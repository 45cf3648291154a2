"""`petitions doctor` greets the mail server: what refuses is named, and no letter is ever sent."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from petitions.demo.settings import write_settings
from petitions.doctor import look
from petitions.platform.config import Mail, Settings, load_settings
from tests.services.post_office import open_post_office


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(write_settings(tmp_path, "127.0.0.1", 8000, 8001))


class SecureCounter(socketserver.StreamRequestHandler):
    """A mail server that knows EHLO, STARTTLS and AUTH, and takes no letter."""

    answer: ClassVar[bytes]
    context: ClassVar[ssl.SSLContext | None]

    def handle(self) -> None:
        self.say(b"220 loopback")
        self.talk()

    def talk(self) -> None:
        while line := self.rfile.readline():
            word = line.strip().upper()
            if word.startswith(b"EHLO"):
                self.greet()
            elif word == b"STARTTLS" and self.context is not None:
                self.say(b"220 go on")
                with (
                    suppress(OSError),
                    self.context.wrap_socket(self.request, server_side=True) as self.request,
                ):  # fails where they do not trust us
                    self.setup()
                    self.talk()
                return
            elif word.startswith(b"AUTH"):
                self.say(self.answer)
            elif word == b"QUIT":
                self.say(b"221 bye")
                return
            else:
                self.say(b"500 planted words: no letter is taken here")

    def greet(self) -> None:
        offers = [b"loopback", b"AUTH PLAIN"]
        if self.context is not None and not isinstance(self.request, ssl.SSLSocket):
            offers = [b"loopback", b"STARTTLS"]
        self.say(b"\r\n".join([*(b"250-" + each for each in offers[:-1]), b"250 " + offers[-1]]))

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@contextmanager
def secure_office(folder: Path, answer: bytes, *, tls: bool) -> Iterator[int]:
    context = server_context(folder) if tls else None
    counter = type("ThisCounter", (SecureCounter,), {"answer": answer, "context": context})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), counter) as server:
        server.daemon_threads = True
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            serving.join()


def server_context(folder: Path) -> ssl.SSLContext:
    """With a certificate for 127.0.0.1 that only this test knows; made once, in mail.pem."""
    chain = folder / "mail.pem"
    if not chain.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )  # fmt: skip
        chain.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


def speaking_to(settings: Settings, port: int, **more: Any) -> Settings:
    plain = {"transport": "smtp", "sender": "x@example.org", "host": "127.0.0.1", "starttls": False}
    mail = Mail(port=port, **{**plain, **more})
    return msgspec.structs.replace(settings, mail=mail)


def said(settings: Settings) -> tuple[str, str]:
    """Level and sentence of the one finding that is not simply good."""
    told = look("mail", settings)
    spoken = [each for each in told if each.level != "ok"] or told
    assert len(spoken) == 1, spoken
    return spoken[0].level, spoken[0].sentence


def password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str = "open sesame") -> str:
    monkeypatch.delenv("PETITIONS_MAIL_PASSWORD", raising=False)
    file = tmp_path / "mail.secret"
    file.write_text(word)
    file.chmod(0o600)
    return str(file)


def test_a_mail_server_that_answers_is_good_and_gets_no_letter(settings: Settings) -> None:
    with open_post_office() as office:
        assert said(speaking_to(settings, office.port))[0] == "ok"
    assert office.letters == []
    assert not [line for line in office.envelopes if line.upper().startswith((b"MAIL", b"RCPT"))]


def test_where_no_mail_server_listens_it_is_said_where(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    level, sentence = said(speaking_to(settings, port))
    assert level == "WRONG"
    assert f"mail.host 127.0.0.1, port {port}: cannot be spoken to" in sentence
    assert "ConnectionRefusedError" in sentence


def test_a_mail_server_without_starttls_is_wrong_where_it_is_asked(settings: Settings) -> None:
    with open_post_office() as office:
        level, sentence = said(speaking_to(settings, office.port, starttls=True))
    assert (level, "offers no STARTTLS" in sentence) == ("WRONG", True)


def test_a_mail_server_that_refuses_the_login_is_wrong(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = password(tmp_path, monkeypatch)
    with open_post_office() as office:
        bare = speaking_to(settings, office.port, username="petitions", password_file=file)
        level, sentence = said(bare)
        assert (level, "offers no login" in sentence) == ("WRONG", True)
    for answer, wanted in ((b"235 welcome", "ok"), (b"535 planted words", "WRONG")):
        with secure_office(tmp_path, answer, tls=False) as port:
            level, sentence = said(
                speaking_to(settings, port, username="petitions", password_file=file)
            )
        assert level == wanted, sentence
        assert "planted" not in sentence
    assert "check mail.username and mail.password_file" in sentence


def test_a_password_that_is_not_there_is_wrong_before_anybody_is_called(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PETITIONS_MAIL_PASSWORD", raising=False)
    level, sentence = said(speaking_to(settings, 1, username="petitions"))
    assert (level, "mail.password_file" in sentence) == ("WRONG", True)


def test_a_certificate_that_is_not_trusted_is_wrong_and_a_trusted_one_is_good(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = password(tmp_path, monkeypatch)
    wanted = {"starttls": True, "username": "petitions", "password_file": file}
    with secure_office(tmp_path, b"235 welcome", tls=True) as port:
        level, sentence = said(speaking_to(settings, port, **wanted))
        assert (level, "its certificate is not accepted" in sentence) == ("WRONG", True)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "mail.pem"))
    with secure_office(tmp_path, b"235 welcome", tls=True) as port:
        assert said(speaking_to(settings, port, **wanted))[0] == "ok"
    with secure_office(tmp_path, b"535 no", tls=True) as port:
        assert "refuses the login" in said(speaking_to(settings, port, **wanted))[1]


def test_letters_that_cross_a_network_in_the_open_are_a_note(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_post_office() as office:
        real = socket.create_connection
        monkeypatch.setattr(
            socket,
            "create_connection",
            lambda _to, *more, **named: real(("127.0.0.1", office.port)),
        )
        level, sentence = said(speaking_to(settings, 25, host="mail.example.org"))
    assert (level, "readable for everybody on the way" in sentence) == ("note", True)


def test_a_folder_for_letters_has_to_be_one(settings: Settings, tmp_path: Path) -> None:
    assert said(settings) == ("ok", "good")
    (tmp_path / "taken").write_text("")
    mail = msgspec.structs.replace(settings.mail, folder=str(tmp_path / "taken" / "box"))
    level, sentence = said(msgspec.structs.replace(settings, mail=mail))
    assert (level, sentence.startswith("mail.folder: cannot write")) == ("WRONG", True)
