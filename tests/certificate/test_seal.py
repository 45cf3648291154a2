"""The organisation's seal: PAdES that a stranger's validator accepts, or a refusal in one sentence."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from petitions.certificate.seal import RESERVED, read_key, seal_pdf
from petitions.domain.errors import ConfigurationError
from tests.certificate.authorities import (
    PASSWORD,
    authorities,
    expired_seal,
    time_stamping,
)


@pytest.fixture(scope="module")
def plain() -> bytes:
    from weasyprint import HTML

    made: Any = HTML(string="<html lang=en><title>A paper</title><h1>A paper</h1>")
    pdf: bytes = made.write_pdf(pdf_variant="pdf/ua-1")
    return pdf


def judged(pdf: bytes) -> Any:
    """What pyHanko's validator says to somebody who trusts the test root."""
    trust = ValidationContext(trust_roots=[authorities().root.asn1], allow_fetching=False)
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return validate_pdf_signature(signature, trust, trust)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def test_a_seal_without_an_authority_is_pades_b_b(plain: bytes, tmp_path: Path) -> None:
    key = read_key(authorities().key_file(tmp_path), None, PASSWORD)
    at = now()
    pdf = seal_pdf(plain, key, tsa_url="", at=at, reason="The paper of the test")
    assert pdf.startswith(plain), "an incremental update: nothing before it moved"
    status = judged(pdf)
    assert status.bottom_line
    assert status.trusted
    assert status.timestamp_validity is None
    assert status.signer_reported_dt == at
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.sig_object["/Reason"] == "The paper of the test"
    assert len(signature.signed_data.dump()) < RESERVED // 4, "room for a longer chain"


def test_a_seal_with_an_authority_is_pades_b_t(plain: bytes, tmp_path: Path) -> None:
    key = read_key(authorities().key_file(tmp_path), None, PASSWORD)
    with time_stamping() as authority:
        pdf = seal_pdf(plain, key, tsa_url=authority.url, at=now())
    status = judged(pdf)
    assert status.bottom_line
    stamp = status.timestamp_validity
    assert stamp.intact
    assert stamp.valid
    assert stamp.trusted
    assert abs((stamp.timestamp - now()).total_seconds()) < 3600
    assert len(authority.asked) == 1, "one request, and the seal goes out in it as a hash only"
    assert len(authority.asked[0]) < 120


def test_one_changed_byte_breaks_the_seal(plain: bytes, tmp_path: Path) -> None:
    key = read_key(authorities().key_file(tmp_path), None, PASSWORD)
    pdf = bytearray(seal_pdf(plain, key, tsa_url="", at=now()))
    place = pdf.index(b"%PDF-1.7") + 5
    pdf[place] = ord("2")
    status = judged(bytes(pdf))
    assert not status.intact
    assert not status.bottom_line


@pytest.mark.parametrize("conduct", ["refusing", "broken", "other"])
def test_no_seal_is_made_where_the_authority_fails(
    plain: bytes, tmp_path: Path, conduct: str
) -> None:
    key = read_key(authorities().key_file(tmp_path), None, PASSWORD)
    with (
        time_stamping(conduct) as authority,
        pytest.raises(ConfigurationError, match=r"certificate\.tsa_url"),
    ):
        seal_pdf(plain, key, tsa_url=authority.url, at=now())


def test_no_seal_is_made_where_the_authority_is_away(plain: bytes, tmp_path: Path) -> None:
    key = read_key(authorities().key_file(tmp_path), None, PASSWORD)
    with time_stamping() as authority:
        gone = authority.url
    with pytest.raises(ConfigurationError, match="gave no time stamp"):
        seal_pdf(plain, key, tsa_url=gone, at=now())


@pytest.mark.parametrize("password", ["", PASSWORD])
def test_a_pem_key_seals_with_the_certificates_of_its_chain(
    plain: bytes, tmp_path: Path, password: str
) -> None:
    found = authorities()
    key_file, chain = tmp_path / "seal.pem", tmp_path / "chain.pem"
    key_file.write_bytes(found.seal.key_pem(password))
    key_file.chmod(0o600)
    chain.write_bytes(found.seal.pem + found.root.pem)
    pdf = seal_pdf(plain, read_key(key_file, chain, password), tsa_url="", at=now())
    assert judged(pdf).bottom_line


def test_a_certificate_of_another_key_is_refused_when_it_is_read(tmp_path: Path) -> None:
    found = authorities()
    key_file, chain = tmp_path / "seal.pem", tmp_path / "chain.pem"
    key_file.write_bytes(expired_seal().key_pem())
    key_file.chmod(0o600)
    chain.write_bytes(found.seal.pem)
    with pytest.raises(ConfigurationError, match="does not belong to its key"):
        read_key(key_file, chain, "")


def test_an_expired_certificate_seals_nothing(plain: bytes, tmp_path: Path) -> None:
    old = expired_seal()
    key_file, chain = tmp_path / "seal.pem", tmp_path / "chain.pem"
    key_file.write_bytes(old.key_pem())
    key_file.chmod(0o600)
    chain.write_bytes(old.pem)
    with pytest.raises(ConfigurationError, match="is valid from"):
        seal_pdf(plain, read_key(key_file, chain, ""), tsa_url="", at=now())


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("absent", "cannot read"),
        ("readable", "can be read by others; run chmod 600"),
        ("password", "its password is another"),
        ("junk", "neither PKCS#12 nor PEM"),
        ("no_chain", r"chain_file: is required"),
        ("empty_chain", "holds no PEM certificate"),
    ],
)
def test_a_wrong_key_file_is_refused_in_a_sentence(
    tmp_path: Path, wrong: str, sentence: str
) -> None:
    path, chain, password = authorities().key_file(tmp_path), None, PASSWORD
    if wrong == "absent":
        path = tmp_path / "nothing.p12"
    elif wrong == "readable":
        path.chmod(0o640)
    elif wrong == "password":
        password = "something else"
    elif wrong == "junk":
        path.write_bytes(b"\x30\x03abc")
    elif wrong == "no_chain":
        path.write_bytes(authorities().seal.key_pem())
        password = ""
    else:
        chain = tmp_path / "chain.pem"
        chain.write_text("no certificate")
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        read_key(path, chain, password)
    assert PASSWORD not in str(refused.value)


def test_pdfsig_of_poppler_accepts_the_seal(
    plain: bytes, tmp_path: Path, report_missing_part: Any
) -> None:
    """Another program, another library for certificates: NSS."""
    if shutil.which("pdfsig") is None:
        report_missing_part("pdfsig, an outside judge of seals: no package poppler-utils")
    key = read_key(authorities().key_file(tmp_path), None, PASSWORD)
    paper = tmp_path / "paper.pdf"
    with time_stamping() as authority:
        paper.write_bytes(seal_pdf(plain, key, tsa_url=authority.url, at=now()))
    told = said_by_pdfsig(paper)
    assert "Signature is Valid" in told
    assert "Seal of the council" in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    damaged = bytearray(paper.read_bytes())
    damaged[damaged.index(b"%PDF-1.7") + 5] = ord("2")
    paper.write_bytes(bytes(damaged))
    assert "Signature is Valid" not in said_by_pdfsig(paper)


def said_by_pdfsig(paper: Path) -> str:
    """With a home of its own, so that no browser's store of certificates has a say."""
    told = subprocess.run(
        ["pdfsig", "-nocert", str(paper)], capture_output=True, text=True, check=False, timeout=60,
        env={"PATH": os.environ["PATH"], "HOME": str(paper.parent)},
    )  # fmt: skip
    return told.stdout + told.stderr


def test_the_certificates_of_the_chain_travel_with_the_seal(plain: bytes, tmp_path: Path) -> None:
    key = read_key(authorities().key_file(tmp_path), None, PASSWORD)
    pdf = seal_pdf(plain, key, tsa_url="", at=now())
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    told = {
        x509.load_der_x509_certificate(each.chosen.dump())
        for each in signature.signed_data["certificates"]
    }
    assert told == {authorities().seal.certificate, authorities().root.certificate}
