"""The organisation's electronic seal on the PDF: PAdES baseline B-B, or B-T with a time stamp.

ETSI EN 319 142-1, RFC 3161. Rules of this module:
- the key lies in a file that only its owner may read, PKCS#12 or PEM, and is read for one seal only;
- where a time-stamping authority is named, a seal without its stamp is never made instead;
- what was sealed is checked before it leaves: a key beside somebody else's certificate, a stamp over
  something else.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    NoEncryption,
    load_pem_private_key,
    pkcs12,
)

from petitions.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from pyhanko.sign.signers import SimpleSigner

FIELD = "Seal"
RESERVED = 48 * 1024
"""Hexadecimal characters kept for signature, chain and stamp: one request to the authority, not two."""
SECONDS = 20
MISSING = "certificate: a seal needs the extra [pdf] (pip install 'petition-engine[pdf]')"


@dataclass(frozen=True, slots=True)
class SealKey:
    """The seal's private key with its certificate and the chain above it."""

    private: PrivateKeyTypes = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]


def read_key(key_file: Path, chain_file: Path | None, password: str) -> SealKey:
    """PKCS#12, or a PEM key whose certificate is the first of `chain_file`.

    ConfigurationError names the file and what is wrong; never the password.
    """
    chain = _certificates(chain_file) if chain_file else ()
    raw = _read(key_file, "certificate.key_file")
    if key_file.stat().st_mode & 0o077:
        raise ConfigurationError(
            f"certificate.key_file: {key_file} can be read by others; run chmod 600 {key_file}"
        )
    secret = password.encode() or None
    try:
        if raw.lstrip().startswith(b"-----BEGIN"):
            return _of_pem(load_pem_private_key(raw, secret), chain)
        private, own, others = pkcs12.load_key_and_certificates(raw, secret)
    except (ValueError, TypeError):
        raise ConfigurationError(
            f"certificate.key_file: {key_file} is neither PKCS#12 nor PEM, or its password is another"
        ) from None
    if private is None or own is None:
        raise ConfigurationError(f"certificate.key_file: {key_file} lacks a key or its certificate")
    return _belonging(private, own, (*others, *chain))


def _belonging(
    private: PrivateKeyTypes, own: x509.Certificate, chain: tuple[x509.Certificate, ...]
) -> SealKey:
    if private.public_key() != own.public_key():
        raise ConfigurationError(
            "certificate: the seal's certificate does not belong to its key; with a PEM key it must "
            "be the first in certificate.chain_file"
        )
    return SealKey(private, own, chain)


def _of_pem(private: PrivateKeyTypes, chain: tuple[x509.Certificate, ...]) -> SealKey:
    if not chain:
        raise ConfigurationError(
            "certificate.chain_file: is required with a PEM key: first the seal's certificate, then "
            "those above it"
        )
    return _belonging(private, chain[0], chain[1:])


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{what}: cannot read {path}: {error.strerror}") from None


def _certificates(path: Path) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(_read(path, "certificate.chain_file")))
    except ValueError:
        raise ConfigurationError(
            f"certificate.chain_file: {path} holds no PEM certificate"
        ) from None


def seal_pdf(pdf: bytes, key: SealKey, *, tsa_url: str, at: datetime, reason: str = "") -> bytes:
    """The PDF with the seal in an incremental update: the bytes before it stay as they were.

    `tsa_url`: address of the time-stamping authority; "" for a seal without a time stamp (B-B).
    ConfigurationError in a sentence: certificate not valid now, authority silent or wrong.
    """
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import SigSeedSubFilter
        from pyhanko.sign.general import SigningError
        from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
        from pyhanko.sign.timestamps import TimestampRequestError
        from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper
    except ImportError:
        raise ConfigurationError(MISSING) from None
    in_force(key.certificate, at)
    meta = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES,
        reason=reason or None,
    )  # fmt: skip
    asked: Any = RequestsHTTPTimeStamper
    stamper = asked(tsa_url, timeout=SECONDS) if tsa_url else None
    try:
        signer = PdfSigner(meta, _signer(key), timestamper=stamper)
        _at_this_instant(signer, at)
        out = signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), bytes_reserved=RESERVED)
    except TimestampRequestError as error:
        raise ConfigurationError(
            f"certificate.tsa_url: {tsa_url} gave no time stamp: {error}"
        ) from None
    except (SigningError, ValueError) as error:
        raise ConfigurationError(f"certificate: the PDF could not be sealed: {error}") from None
    sealed = bytes(out.getvalue())
    _check(sealed, stamped=bool(tsa_url))
    return sealed


def in_force(certificate: x509.Certificate, at: datetime) -> None:
    """ConfigurationError where the certificate does not hold at this instant."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begins <= at <= ends:
        raise ConfigurationError(
            f"certificate: the seal's certificate is valid from {begins:%Y-%m-%d} to {ends:%Y-%m-%d}"
        )


def _signer(key: SealKey) -> SimpleSigner:
    """Handed over inside a PKCS#12 in memory: pyHanko reads its own kinds of certificates from it."""
    from pyhanko.sign.signers import SimpleSigner

    private: Any = key.private
    wrapped = pkcs12.serialize_key_and_certificates(
        None, private, key.certificate, list(_once(key.chain)), NoEncryption()
    )
    signer: SimpleSigner = SimpleSigner.load_pkcs12_data(wrapped, other_certs=())
    return signer


def _once(chain: Iterable[x509.Certificate]) -> Iterable[x509.Certificate]:
    return dict.fromkeys(chain)


def _at_this_instant(signer: Any, at: datetime) -> None:
    """The instant that the document names: pyHanko would look at a clock of its own."""
    begin = signer.init_signing_session

    def dated(*arguments: Any, **named: Any) -> Any:
        session = begin(*arguments, **named)
        session.system_time = at
        return session

    signer.init_signing_session = dated


def _check(sealed: bytes, *, stamped: bool) -> None:
    """Integrity only; whom a reader trusts is the reader's affair."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    nobody = ValidationContext(trust_roots=[], allow_fetching=False)
    (signature,) = PdfFileReader(io.BytesIO(sealed)).embedded_signatures
    told = logging.getLogger("pyhanko.sign.validation")
    level = told.level
    told.setLevel(logging.CRITICAL)  # it would report that nobody is trusted
    try:
        status = validate_pdf_signature(signature, nobody)
    finally:
        told.setLevel(level)
    if not (status.intact and status.valid):
        raise ConfigurationError("certificate: the seal does not verify; nothing was written")
    stamp = status.timestamp_validity
    if stamped and not (stamp is not None and stamp.intact and stamp.valid):
        raise ConfigurationError("certificate.tsa_url: the time stamp does not verify")
