"""The doctor says what would stop a certificate before somebody needs one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from petitions.doctor import look
from petitions.platform.config import Certificate, Settings
from tests.certificate.authorities import PASSWORD, authorities, expired_seal
from tests.house import settings_in


def examined(folder: Path, **named: str) -> list[tuple[str, str]]:
    plain = settings_in(folder, "sqlite://")
    settings: Settings = msgspec.structs.replace(plain, certificate=Certificate(**named))
    return [(each.level, each.sentence) for each in look("certificate", settings)]


def test_the_doctor_says_nothing_of_a_seal_that_nobody_configured(tmp_path: Path) -> None:
    assert [level for level, _ in examined(tmp_path)] == ["ok"]


def test_the_doctor_warns_before_the_certificate_of_the_seal_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETITIONS_SEAL_PASSWORD", PASSWORD)
    found = examined(tmp_path, key_file=str(authorities().key_file(tmp_path)))
    assert [level for level, _ in found] == ["ok", "note"]
    sentence = found[1][1]
    assert "order the next one" in sentence


@pytest.mark.parametrize("wrong", ["expired", "password", "extra"])
def test_the_doctor_finds_what_would_stop_the_seal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    named: dict[str, Any] = {"key_file": str(authorities().key_file(tmp_path))}
    expected = "its password is another"
    if wrong == "expired":
        old = expired_seal()
        (tmp_path / "old.pem").write_bytes(old.key_pem())
        (tmp_path / "old.pem").chmod(0o600)
        (tmp_path / "chain.pem").write_bytes(old.pem)
        named = {"key_file": str(tmp_path / "old.pem"), "chain_file": str(tmp_path / "chain.pem")}
        expected = "is valid from"
    if wrong == "extra":
        monkeypatch.setattr("petitions.doctor_certificate.find_spec", lambda _name: None)
        expected = "needs the extra [pdf]"
    found = examined(tmp_path, **named)
    assert any(level == "WRONG" and expected in sentence for level, sentence in found), found
