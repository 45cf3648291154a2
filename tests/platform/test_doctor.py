"""`petitions doctor` on a site in order, and then with each fault provoked, one at a time."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from petitions import border, doctor_machine
from petitions.cli import petitions
from petitions.demo.settings import write_settings
from petitions.doctor import HERE, OUTSIDE, Finding, examine, look
from petitions.finding import Advice, judged
from petitions.platform.config import Settings, load_settings
from petitions.platform.database import create_engine


@pytest.fixture
def config(tmp_path: Path, sqlite_uri: str) -> Path:
    """A site in order; its providers and its mail server are asked in other tests."""
    config = write_settings(tmp_path, "127.0.0.1", 8000, 1)
    config.write_text(
        config.read_text().replace(f"sqlite:///{tmp_path}/petitions.sqlite", sqlite_uri)
    )
    border.make_keys(load_settings(config))
    return config


@pytest.fixture
def settings(config: Path) -> Settings:
    return load_settings(config)


@pytest.fixture(autouse=True)
def _roomy_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine of the tests may be full; each test says what it wants to be found."""
    room = shutil._ntuple_diskusage(10**12, 0, 10**12)  # type: ignore[attr-defined]
    monkeypatch.setattr(doctor_machine.shutil, "disk_usage", lambda _place: room)


def changed(settings: Settings, path: str, value: Any) -> Settings:
    """The same settings with one value changed, such as web.threads."""
    table, _, key = path.partition(".")
    if not key:
        return msgspec.structs.replace(settings, **{table: value})
    inner = msgspec.structs.replace(getattr(settings, table), **{key: value})
    return msgspec.structs.replace(settings, **{table: inner})


def found(settings: Settings, subject: str) -> list[Finding]:
    here = look(subject, settings)
    assert {each.subject for each in here} == {subject}
    return here


def wrong(settings: Settings, subject: str) -> str:
    """The one fault of this subject."""
    (only,) = [each for each in found(settings, subject) if each.level == "WRONG"]
    return only.sentence


def notes(settings: Settings, subject: str) -> list[str]:
    here = found(settings, subject)
    assert all(each.good for each in here), here
    return [each.sentence for each in here if each.level == "note"]


# --- the whole ---------------------------------------------------------------------------------


def test_a_site_in_order_has_nothing_wrong(settings: Settings) -> None:
    told = examine(settings, ask_providers=False)
    assert [each.subject for each in told if each.level == "ok"] == list(HERE)
    assert [each for each in told if not each.good] == []


def test_what_is_wrong_is_told_whatever_the_other_checks_say(settings: Settings) -> None:
    broken = changed(settings, "rulebooks.directory", "/nowhere/at/all")
    broken = changed(broken, "database.uri", "sqlite:////nowhere/at/all.sqlite")
    told = examine(broken, ask_providers=False)
    assert {"rulebooks", "identity", "database"} <= {each.subject for each in told if not each.good}
    assert "environment" in {each.subject for each in told if each.good}
    assert set(OUTSIDE) == {"providers", "mail"}


def test_a_note_is_no_fault_and_a_fault_is_not_called_good() -> None:
    assert judged("x", []) == [Finding("x", True, "good")]
    told = judged("x", ["is wrong", Advice("is odd")])
    assert [each.level for each in told] == ["WRONG", "note"]
    assert [each.level for each in judged("x", [Advice("is odd")])] == ["ok", "note"]


def run(*words: str) -> Any:
    return CliRunner().invoke(petitions, ["doctor", *words])


def test_the_command_ends_with_status_one_if_and_only_if_something_is_wrong(config: Path) -> None:
    good = run("--config", str(config), "--offline")
    assert good.exit_code == 0, good.output
    assert "WRONG" not in good.output
    assert "ok    keys: good" in good.output
    (config.parent / "secrets" / "web.secret").chmod(0o644)
    bad = run("--config", str(config), "--offline")
    assert bad.exit_code == 1
    assert "WRONG secrets: web.secret_file" in bad.output


def test_programs_read_the_same_as_people(config: Path) -> None:
    (config.parent / "secrets" / "web.secret").chmod(0o640)
    answer = run("--config", str(config), "--offline", "--json")
    assert answer.exit_code == 1
    told = json.loads(answer.output)
    assert told["good"] is False
    people = run("--config", str(config), "--offline").output.splitlines()
    lines = [
        f"{each['level']:5} {each['subject']}: {each['sentence']}" for each in told["findings"]
    ]
    assert lines == people
    (config.parent / "secrets" / "web.secret").chmod(0o600)
    answer = run("--config", str(config), "--offline", "--json")
    assert (answer.exit_code, json.loads(answer.output)["good"]) == (0, True)


# --- rulebooks, identity, database, folders ------------------------------------------------------


def test_a_rulebook_that_cannot_be_read_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "odd.toml").write_text("x = [")
    assert "odd.toml" in wrong(
        changed(settings, "rulebooks.directory", str(tmp_path / "rules")), "rulebooks"
    )


def test_a_realm_that_nobody_carries_is_named(settings: Settings) -> None:
    identity = {**settings.identity, "realms": {"town": settings.identity["realms"]["town"]}}
    assert "franceconnect" in wrong(changed(settings, "identity", identity), "identity")


def test_a_site_without_a_login_for_its_staff_is_told_so(settings: Settings) -> None:
    identity = {name: table for name, table in settings.identity.items() if name != "staff"}
    assert "nobody can log in at the desk" in wrong(
        changed(settings, "identity", identity), "identity"
    )


def test_a_database_without_its_tables_is_told_what_to_run(
    settings: Settings, tmp_path: Path
) -> None:
    bare = changed(settings, "database.uri", f"sqlite:///{tmp_path}/bare.sqlite")
    assert "petitions db upgrade" in " ".join(each.sentence for each in found(bare, "database"))


def test_a_database_that_does_not_answer_is_one_sentence(settings: Settings) -> None:
    away = changed(settings, "database.uri", "postgresql://nobody@127.0.0.1:1/none")
    sentence = wrong(away, "database")
    assert "check database.uri" in sentence
    assert "Traceback" not in sentence


@pytest.mark.parametrize("setting", ["log_statement", "log_parameter_max_length_on_error"])
def test_a_server_that_would_write_down_who_signed_is_wrong(
    settings: Settings, postgresql_uri: str, setting: str
) -> None:
    engine = create_engine(postgresql_uri, autocommit=True)
    value = {"log_statement": "'all'", "log_parameter_max_length_on_error": "64"}[setting]
    with engine.connect() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET {setting} = {value}')
    engine.dispose()
    told = found(changed(settings, "database.uri", postgresql_uri), "database")
    assert [each for each in told if not each.good and f"{setting} = " in each.sentence], told


def test_a_small_database_in_production_is_wrong(settings: Settings) -> None:
    assert "production wants PostgreSQL" in wrong(
        changed(settings, "environment", "production"), "database"
    )


def test_a_folder_that_cannot_be_written_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    for path in ("log.directory", "log.anchor"):
        value = tmp_path / "taken" if path == "log.directory" else tmp_path / "taken" / "anchor.txt"
        assert wrong(changed(settings, path, str(value)), "folders").startswith(
            f"{path}: cannot write"
        )


def test_a_variable_that_switches_https_off_is_wrong_in_production(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    assert found(settings, "environment")[0].good
    sentence = wrong(changed(settings, "environment", "production"), "environment")
    assert "AUTHLIB_INSECURE_TRANSPORT" in sentence


# --- secrets -------------------------------------------------------------------------------------


def secret(settings: Settings, name: str = "web.secret") -> Path:
    return Path(settings.keys.secrets_directory) / name


def test_a_secret_that_others_can_read_is_told_how_to_close_it(settings: Settings) -> None:
    secret(settings).chmod(0o644)
    told = [each.sentence for each in found(settings, "secrets") if not each.good]
    assert len(told) == 2, "as a setting, and as a file of the folder"
    assert all(f"chmod 600 {secret(settings)}" in each for each in told)


def test_any_file_among_the_secrets_is_looked_at(settings: Settings) -> None:
    other = secret(settings, "old-key.jwk")
    other.write_text("{}")
    other.chmod(0o640)
    assert f"others can read {other}" in wrong(settings, "secrets")


def test_a_folder_in_which_others_could_swap_a_secret_is_wrong(settings: Settings) -> None:
    secret(settings).parent.chmod(0o720)
    assert f"chmod go-w {secret(settings).parent}" in wrong(settings, "secrets")


def test_a_secret_of_another_user_is_wrong(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() == 0:
        os.chown(secret(settings), 54_321, -1)
    monkeypatch.setattr(doctor_machine.os, "geteuid", lambda: 12_345)
    told = [each.sentence for each in found(settings, "secrets") if not each.good]
    assert any(f"{secret(settings)} belongs to another user" in each for each in told)


def test_a_secret_that_is_missing_or_short_is_wrong(settings: Settings) -> None:
    secret(settings).write_text("short")
    assert "at least 32 characters" in wrong(settings, "secrets")
    secret(settings).unlink()
    assert "cannot read" in wrong(settings, "secrets")
    nowhere = changed(settings, "web.secret_file", "")
    assert "PETITIONS_SECRET_KEY" in wrong(nowhere, "secrets")


def test_secrets_of_database_and_mail_are_looked_at_where_they_are_used(
    settings: Settings, tmp_path: Path
) -> None:
    missing = changed(settings, "database.uri_file", str(tmp_path / "none"))
    assert any("database.uri_file" in each.sentence for each in found(missing, "secrets"))
    mail = msgspec.structs.replace(settings.mail, transport="smtp", host="x", username="y")
    assert "mail.password_file" in wrong(changed(settings, "mail", mail), "secrets")


def test_a_variable_that_wins_over_a_file_is_a_note(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETITIONS_SECRET_KEY", "x" * 40)
    assert "wins over the file" in notes(settings, "secrets")[0]


# --- disk ----------------------------------------------------------------------------------------


def room(monkeypatch: pytest.MonkeyPatch, free: int, total: int = 10**12) -> None:
    usage = shutil._ntuple_diskusage(total, total - free, free)  # type: ignore[attr-defined]
    monkeypatch.setattr(doctor_machine.shutil, "disk_usage", lambda _place: usage)


def test_a_disk_that_fills_is_a_note_and_a_full_one_is_wrong(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    room(monkeypatch, 1500 * 1024**2)
    assert "1,500 MB are free" in notes(settings, "disk")[0]
    room(monkeypatch, 100 * 1024**2)
    assert "make room" in wrong(settings, "disk")
    room(monkeypatch, 3000 * 1024**2)
    assert notes(settings, "disk") == []


def test_a_memory_backed_folder_without_room_stops_logins(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    room(monkeypatch, 500_000, total=16 * 1024**2)
    assert "nobody can log in" in wrong(settings, "disk")
    room(monkeypatch, 8 * 1024**2, total=16 * 1024**2)
    assert notes(settings, "disk") == [], "it is small on purpose"


def test_a_disk_without_a_free_inode_is_wrong(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.statvfs(settings.keys.directory)
    full = os.statvfs_result((*real[:5], 1000, 0, 0, *real[8:]))
    monkeypatch.setattr(doctor_machine.os, "statvfs", lambda _place: full)
    assert "no inode is free" in wrong(settings, "disk")


def test_a_folder_that_is_not_there_yet_is_judged_by_the_disk_it_will_lie_on(
    settings: Settings, tmp_path: Path
) -> None:
    later = changed(settings, "log.directory", str(tmp_path / "not" / "yet"))
    assert found(later, "disk")[0].good


# --- limits --------------------------------------------------------------------------------------


def test_production_without_a_declared_proxy_is_wrong(settings: Settings) -> None:
    live = changed(settings, "environment", "production")
    assert "web.trusted_proxies is 0" in wrong(live, "limits")
    assert notes(changed(live, "web.trusted_proxies", 1), "limits") == []
    assert notes(settings, "limits") == [], "on one machine there may be none"


def test_limits_that_are_off_or_too_low_are_notes(settings: Settings) -> None:
    assert (
        "nothing holds back a flood" in notes(changed(settings, "limits.follows", 0), "limits")[0]
    )
    low = notes(changed(settings, "limits.confirmations", 599), "limits")[0]
    assert "a school or a ministry" in low
    assert "1200" in low
    assert notes(changed(settings, "limits.confirmations", 600), "limits") == []
    assert "4 or more" in notes(changed(settings, "web.threads", 1), "limits")[0]


def test_without_any_limit_no_proxy_has_to_be_declared(settings: Settings) -> None:
    live = changed(settings, "environment", "production")
    for key in msgspec.structs.asdict(settings.limits):
        live = changed(live, f"limits.{key}", 0)
    assert len(notes(live, "limits")) == len(msgspec.structs.asdict(settings.limits))
