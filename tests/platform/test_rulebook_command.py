"""`petitions rulebook`: check, explain, simulate, versions, activate; as a person types them."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from petitions.border import load_identity, realm_facts
from petitions.cli import petitions
from petitions.demo.settings import write_settings
from petitions.doctor import look
from petitions.domain.errors import ConfigurationError
from petitions.platform.config import load_settings
from tests.house import RULEBOOKS


def run(*words: str) -> Any:
    return CliRunner().invoke(petitions, ["rulebook", *words], catch_exceptions=False)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    place = tmp_path / "rules"
    shutil.copytree(RULEBOOKS, place)
    return place


def edit(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def test_the_shipped_shelf_is_good_and_names_every_version() -> None:
    done = run("check")
    assert done.exit_code == 0
    assert "senedd version 1, in force from 2020-01-01: good" in done.output
    assert len(done.output.splitlines()) == 17


def test_all_errors_of_a_folder_come_at_once_in_the_order_of_files(shelf: Path) -> None:
    edit(shelf / "brussels.toml", ("threshold = 1000\ncounts", "threshold = 0\ncounts"),
         ("version = 2", "version = 2 # same"))  # fmt: skip
    edit(shelf / "fi-national.toml", ("Europe/Helsinki", "EET2"))
    edit(shelf / "ca-house-of-commons.toml", ('["P30D", "P60D", "P90D", "P120D"]', "[]"))
    done = run("check", str(shelf))
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "brussels.toml: milestones[0].threshold must be >= 1, got 0",
        "ca-house-of-commons.toml: signing.window.choices must have at least one period, got []",
        "fi-national.toml: rulebook.zone must be an IANA time zone, got 'EET2'",
    ]


def test_one_file_is_checked_alone_and_against_its_earlier_versions(shelf: Path) -> None:
    assert run("check", str(shelf / "senedd.toml")).output == (
        "senedd version 2, in force from 2021-01-01: good\n"
    )
    edit(shelf / "de-bundestag.toml", ("version = 2", "version = 3"), ("2024-07-01", "2019-01-01"))
    edit(shelf / "town.toml", ("threshold = 25", "threshold = 0"))
    done = run("check", str(shelf / "de-bundestag.toml"))
    assert done.output == (
        "de-bundestag.toml: rulebook.valid_from must be later than 2020-01-01 of version 1,"
        " got 2019-01-01\n"
    )


def test_a_file_without_a_shelf_is_read_with_the_shipped_one(tmp_path: Path) -> None:
    alone = tmp_path / "town.toml"
    shutil.copyfile(RULEBOOKS / "town.toml", alone)
    assert run("check", str(alone)).exit_code == 0
    edit(alone, ('"offensive", "privacy"', '"rude", "privacy"'))
    refused = run("check", str(alone))
    assert "admissibility.grounds.hidden[1] 'rude' has no wording in 'fr'" in refused.output
    assert "rude" in run("explain", str(alone)).output, "a draft can be explained without its words"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Signing is open for 2 months; the last day counts in full."),
        ("fr", "La signature est ouverte pendant 2\u00a0mois"),
        ("nl", "De ondertekening is 2 maanden open; de laatste dag telt volledig."),
        ("de", "Die Zeichnung ist so lange offen: 2 Monate; der letzte Tag zählt ganz."),
    ],
)
def test_the_town_is_explained_in_four_languages(language: str, words: str) -> None:
    done = run("explain", str(RULEBOOKS / "town.toml"), "--lang", language)
    assert words.replace("\u00a0", " ") in done.output.replace("\u00a0", " ")


def test_the_states_are_drawn_into_a_file(tmp_path: Path) -> None:
    out = tmp_path / "states.svg"
    book = str(RULEBOOKS / "ch-federal.toml")
    assert run("explain", book, "--svg", str(out), "--kind", "referendum").exit_code == 0
    assert "Request for a referendum" not in out.read_text(encoding="utf-8")
    assert "Optional referendum" in out.read_text(encoding="utf-8")
    wrong = run("explain", book, "--svg", str(out), "--kind", "x")
    assert (wrong.exit_code, wrong.output) == (1, "The rulebook has no kind “x”.\n")


def test_a_life_is_printed_as_a_timeline(tmp_path: Path) -> None:
    curve = tmp_path / "curve.csv.gz"
    curve.write_bytes(gzip.compress(b"at,count\n2020-01-01T10:00Z,24\n2020-01-09T10:00Z,1\n"))
    done = run("simulate", str(RULEBOOKS / "town.toml"), "--signatures", str(curve),
               "--published", "2026-03-02T09:00", "--event", "outcome:adopted=2026-04-01")  # fmt: skip
    assert done.output.splitlines() == [
        "2026-03-02 09:00            0  State: Being checked",
        "2026-03-02 09:00            0  Check by the town clerk: last day 16 March 2026",
        "2026-03-02 09:00            0  State: Published",
        "2026-03-02 09:00            0  Signing opens; the last day is 2 May 2026",
        "2026-03-10 09:00           25  Reached: On the agenda of the town council",
        "2026-03-10 09:00           25  State: Threshold reached",
        "2026-03-10 09:00           25  Duty “Answer of the town council”: last day 10 June 2026",
        "2026-04-01 00:00           25  Happens: the step “Adopted”",
        "2026-04-01 00:00           25  State: Examined",
        "2026-10-02 00:00           25  Codes of signatures: kept until here",
        "2027-04-02 00:00           25  Identity and address of the author: kept until here",
        "",
        "In the end: Examined, 25 signatures; 0 came while signing was not open.",
        "Every signature given in time is taken as valid.",
        "Times are local to Europe/Paris.",
    ]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--event", "x"), "“x” is no event: write NAME=TIME, or NAME=TIME..TIME."),
        (("--event", "recess=soon"), "“soon” is no time: write 2026-01-15 or 2026-01-15T10:12."),
        (("--kind", "x"), "The rulebook has no kind “x”."),
        (("--length", "long"), "“long” is no length: write P3M or P60D."),
        (
            ("--event", "outcome:nothing=2026-01-01"),
            (
                "“outcome:nothing” is no event of this procedure. Its events: chosen, declaration,"
                " dissolution, duty:council_answer, election, end_of_legislature, gazette,"
                " no_committee, outage, outcome:adopted, outcome:adopted_in_part,"
                " outcome:declined, recess, standstill, verified."
            ),
        ),
        (
            ("--event", "outcome:adopted=2026-03-02T10:30Z"),
            "“outcome:adopted” cannot happen in the state “Published”.",
        ),
    ],
)
def test_what_cannot_be_played_says_why(
    tmp_path: Path, more: tuple[str, ...], sentence: Any
) -> None:
    curve = tmp_path / "curve.csv"
    curve.write_text("at,count\n2026-03-02T10:00Z,1\n", encoding="utf-8")
    done = run("simulate", str(RULEBOOKS / "town.toml"), "--signatures", str(curve), *more)
    assert done.exit_code == 1
    assert done.output.strip() == sentence


@pytest.fixture
def config(tmp_path: Path, sqlite_uri: str) -> Path:
    config = write_settings(tmp_path, "127.0.0.1", 8000, 1)
    old = f"sqlite:///{tmp_path}/petitions.sqlite"
    config.write_text(config.read_text().replace(old, sqlite_uri))
    return config


def test_a_version_is_put_into_force_with_each_key_acknowledged(config: Path) -> None:
    listed = run("versions", "-c", str(config)).output
    assert "fr-senat 1 from 2020-01-01: not in force" in listed
    assert "  to be confirmed: signing.window.first_day" in listed
    assert "uk-parliament" not in listed
    first = ("activate", "fr-senat", "1", "--by", "Ada Petit", "-c", str(config))
    with pytest.raises(ConfigurationError, match=r"--acknowledge signing\.window\.first_day"):
        run(*first)
    paths = [line.split(": ")[1] for line in listed.splitlines() if "to be confirmed" in line]
    given = [word for path in paths for word in ("--acknowledge", path)]
    assert "fr-senat 1 is in force" in run(*first, *given).output
    after = run("versions", "-c", str(config)).output
    assert "fr-senat 1 from 2020-01-01: in force" in after
    assert "to be confirmed: signing.window.first_day" not in after
    with pytest.raises(ConfigurationError, match="already"):
        run(*first, *given)
    with pytest.raises(ConfigurationError, match="no such version"):
        run("activate", "town", "9", "--by", "Ada Petit", "-c", str(config))


def test_with_the_settings_of_a_site_realm_and_stored_version_are_checked_too(
    config: Path, shelf: Path
) -> None:
    facts = realm_facts(load_identity(load_settings(config)))
    assert facts["town"].issuers >= 1
    assert facts["town"].common_identifier
    wrong = run("check", str(shelf / "fi-national.toml"), "-c", str(config))
    assert "rulebook.realm must be one of" in wrong.output
    run("activate", "town", "1", "--by", "Ada Petit", "-c", str(config))
    edit(shelf / "town.toml", ("threshold = 25", "threshold = 26"))
    refused = run("check", str(shelf / "town.toml"), "-c", str(config))
    assert refused.output == (
        "town.toml: rulebook.version 1 is in force with other content, must be > 1, got 1\n"
    )


def test_the_doctor_names_a_version_that_waits_in_production(config: Path) -> None:
    settings = load_settings(config)
    assert [each.sentence for each in look("rulebooks", settings) if not each.good] == []
    live = msgspec.structs.replace(settings, environment="production")
    told = [each.sentence for each in look("rulebooks", live)]
    assert any("town 1 is not in force: `petitions rulebook activate town 1`" in s for s in told)
    run("activate", "town", "1", "--by", "Ada Petit", "-c", str(config))
    told = [each.sentence for each in look("rulebooks", live)]
    assert not any("town 1" in sentence for sentence in told)
