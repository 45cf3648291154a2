"""`petitions certificate` as an operator meets it, and the download as everybody meets it."""

from __future__ import annotations

import io
import json
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from pyhanko.pdf_utils.generic import IndirectObject
from pyhanko.pdf_utils.reader import PdfFileReader

from petitions import certificate_command as command
from petitions.certificate import sheet
from petitions.cli import petitions
from petitions.domain.errors import ConfigurationError
from petitions.platform.config import Certificate, Settings, settings_from
from tests.certificate.authorities import PASSWORD, authorities, time_stamping
from tests.certificate.conftest import Filed
from tests.certificate.test_seal import judged
from tests.house import settings_in


@pytest.fixture
def site(filed: Filed, monkeypatch: pytest.MonkeyPatch) -> Filed:
    """Its settings are enough for the command, which only reads; its identity zone is left out."""
    house = filed.precinct.house
    monkeypatch.setattr(command, "build_house", lambda _settings, *, with_log: house)
    return filed


def with_seal(site: Filed, **named: str) -> Settings:
    return msgspec.structs.replace(site.precinct.settings, certificate=Certificate(**named))


def attached(pdf: bytes) -> bytes:
    found = PdfFileReader(io.BytesIO(pdf)).root["/Names"]["/EmbeddedFiles"]["/Names"][1]
    specification = found.get_object() if isinstance(found, IndirectObject) else found
    content: bytes = specification["/EF"]["/F"].data
    return content


def test_a_sealed_pdf_and_its_json_are_written_together(
    site: Filed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = site.ref
    monkeypatch.setenv("PETITIONS_SEAL_PASSWORD", PASSWORD)
    pdf, document = tmp_path / "out" / "paper.pdf", tmp_path / "out" / "paper.json"
    with time_stamping() as authority:
        settings = with_seal(
            site, key_file=str(authorities().key_file(tmp_path)), tsa_url=authority.url
        )
        written = command.certify(settings, ref, pdf=pdf, document=document, lang="fr")
    assert written == [pdf, document]
    status = judged(pdf.read_bytes())
    assert status.bottom_line
    assert status.timestamp_validity.trusted
    assert attached(pdf.read_bytes()) == document.read_bytes()
    assert json.loads(document.read_bytes())["petition"]["reference"] == ref
    root = PdfFileReader(io.BytesIO(pdf.read_bytes())).root
    assert root["/Lang"] == "fr", "the seal leaves language and structure as they were"
    assert root["/MarkInfo"]["/Marked"]


def test_a_password_may_lie_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    word = tmp_path / "word"
    word.write_text(PASSWORD + "\n")
    word.chmod(0o600)
    named = Certificate(key_file=str(authorities().key_file(tmp_path)), password_file=str(word))
    assert command.seal_key(named, {}) is not None
    word.chmod(0o644)
    with pytest.raises(ConfigurationError, match=r"certificate\.password_file.*chmod 600"):
        command.seal_key(named, {})
    assert command.seal_key(Certificate(), {"PETITIONS_SEAL_PASSWORD": PASSWORD}) is None


def test_without_a_key_the_pdf_bears_no_seal_and_says_so(site: Filed, tmp_path: Path) -> None:
    ref = site.ref
    pdf = tmp_path / "paper.pdf"
    command.certify(site.precinct.settings, ref, pdf=pdf, document=None, lang="en")
    reader = PdfFileReader(io.BytesIO(pdf.read_bytes()))
    assert list(reader.embedded_signatures) == []
    assert list(tmp_path.glob("*.json")) == []


def test_where_the_authority_fails_nothing_is_written(
    site: Filed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = site.ref
    monkeypatch.setenv("PETITIONS_SEAL_PASSWORD", PASSWORD)
    pdf, document = tmp_path / "paper.pdf", tmp_path / "paper.json"
    with time_stamping("refusing") as authority:
        settings = with_seal(
            site, key_file=str(authorities().key_file(tmp_path)), tsa_url=authority.url
        )
        with pytest.raises(ConfigurationError, match="gave no time stamp"):
            command.certify(settings, ref, pdf=pdf, document=document, lang="en")
    assert not pdf.exists()
    assert not document.exists()


def test_a_refusal_is_one_sentence(site: Filed, tmp_path: Path) -> None:
    ref = site.collecting
    for wrong, sentence in ((ref, "signing has not ended"), ("2026-9999", "there is no petition")):
        with pytest.raises(ConfigurationError, match=sentence):
            command.certify(
                site.precinct.settings, wrong, pdf=None, document=tmp_path / "x.json", lang="en"
            )
    with pytest.raises(ConfigurationError, match="--lang must be one of"):
        command.certify(site.precinct.settings, ref, pdf=None, document=None, lang="xx")
    assert set(command.TOLD) == set(command.Refusal)


def test_without_the_extra_the_json_is_made_and_the_pdf_names_what_is_missing(
    site: Filed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = site.ref
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    document = tmp_path / "paper.json"
    command.certify(site.precinct.settings, ref, pdf=None, document=document, lang="en")
    assert json.loads(document.read_bytes())["status"] == "sealed"
    with pytest.raises(ConfigurationError) as missing:
        command.certify(
            site.precinct.settings, ref, pdf=tmp_path / "x.pdf", document=None, lang="en"
        )
    assert str(missing.value) == sheet.MISSING


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ({"tsa_url": "https://tsa.example.org"}, "certificate.tsa_url serves nothing without"),
        ({"key_file": "k.p12", "tsa_url": "tsa.example.org"}, "must be an http or https address"),
        ({"chain_file": "c.pem"}, "certificate.chain_file serves nothing without"),
    ],
)
def test_settings_that_cannot_hold_stop_every_command(
    tmp_path: Path, sqlite_uri: str, named: dict[str, str], sentence: str
) -> None:
    raw = msgspec.to_builtins(settings_in(tmp_path, sqlite_uri))
    raw["certificate"] = named
    with pytest.raises(ConfigurationError, match=sentence):
        settings_from(raw)


def test_the_command_says_what_it_wrote(
    site: Filed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = site.ref
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("petitions.cli.load_settings", lambda _path: site.precinct.settings)
    told = CliRunner().invoke(petitions, ["certificate", ref], catch_exceptions=False)
    assert told.exit_code == 0
    assert f"wrote closing-{ref}.pdf" in told.output
    assert f"wrote closing-{ref}.json" in told.output
    assert "it bears no seal" in told.output
    assert (tmp_path / f"closing-{ref}.pdf").read_bytes().startswith(b"%PDF-1.7")


def test_the_extra_of_the_project_names_what_the_code_imports() -> None:
    root = Path(__file__).resolve().parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extra = project["optional-dependencies"]["pdf"]
    assert {each.partition(">")[0] for each in extra} == {"weasyprint", "pyhanko"}
