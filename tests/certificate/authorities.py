"""A certification authority, the seal of a parliament, and a time-stamping authority over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

PASSWORD = "a password of the seal"


@dataclass(frozen=True)
class Holder:
    key: Any = field(repr=False)
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def asn1(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER))

    def key_pem(self, password: str = "") -> bytes:
        lock = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)


@dataclass(frozen=True)
class Authorities:
    """Valid around the real now: pyHanko's validator judges on the day of the test."""

    root: Holder
    seal: Holder
    stamper: Holder

    def pkcs12(self) -> bytes:
        return pkcs12.serialize_key_and_certificates(
            b"seal", self.seal.key, self.seal.certificate, [self.root.certificate],
            BestAvailableEncryption(PASSWORD.encode()),
        )  # fmt: skip

    def key_file(self, folder: Path) -> Path:
        path = folder / "seal.p12"
        path.write_bytes(self.pkcs12())
        path.chmod(0o600)
        return path


def _issue(
    name: str,
    key: Any,
    issuer: Holder | None,
    *,
    days: tuple[int, int] = (-1, 30),
    stamps: bool = False,
) -> Holder:
    now = datetime.now(UTC)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Valmont"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=issuer is not None, content_commitment=issuer is not None,
                key_encipherment=False, data_encipherment=False, key_agreement=False,
                key_cert_sign=issuer is None, crl_sign=issuer is None, encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )  # fmt: skip
    if issuer is not None:
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(above, critical=False)
    if stamps:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    signer = issuer.key if issuer else key
    return Holder(key, builder.sign(signer, hashes.SHA256()))


@cache
def authorities() -> Authorities:
    root = _issue("Test root", ec.generate_private_key(ec.SECP256R1()), None)
    seal = _issue("Seal of the council", ec.generate_private_key(ec.SECP256R1()), root)
    stamper_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    stamper = _issue("Test time stamps", stamper_key, root, stamps=True)
    return Authorities(root, seal, stamper)


def expired_seal() -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    return _issue("Old seal", key, authorities().root, days=(-5, -1))


@dataclass
class Authority:
    """Its address, and what it was asked."""

    url: str
    asked: list[bytes]


@contextmanager
def time_stamping(conduct: str = "honest") -> Iterator[Authority]:
    """An RFC 3161 server on the loopback. `conduct`: honest, refusing, broken, other (stamps
    something else than was asked).
    """
    found, asked = authorities(), list[bytes]()
    held = asn1_keys.PrivateKeyInfo.load(
        found.stamper.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    )
    stamper = DummyTimeStamper(found.stamper.asn1, held, certs_to_embed=[found.root.asn1])  # type: ignore[arg-type]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(raw)
            request = tsp.TimeStampReq.load(raw)
            if conduct == "other":
                request["message_imprint"]["hashed_message"] = b"\x00" * 32
            answer = stamper.request_tsa_response(request).dump()
            if conduct == "refusing":
                answer = tsp.TimeStampResp({"status": {"status": "rejection"}}).dump()
            self.send_response(200)
            kind = "text/html" if conduct == "broken" else "application/timestamp-reply"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_told: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Authority(f"http://127.0.0.1:{server.server_port}/", asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
