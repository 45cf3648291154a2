"""`petitions log keys`, `rotate-key`, `give-up-replica`: orders in the database, no key in the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from petitions import log_key_command
from petitions.domain.errors import ConfigurationError
from petitions.storage import tables as t
from tests.house import Precinct, a_precinct

ANSWERS = ("--by", "M. Olivier", "--reason", "a disk was lent out")


@pytest.fixture
def precinct(tmp_path: Path, sqlite_uri: str, open_engine: Callable[[str], Engine]) -> Precinct:
    found = a_precinct(tmp_path, open_engine(sqlite_uri), batch_min=1)
    found.publish()
    found.work()
    return found


@pytest.fixture
def run(precinct: Precinct, monkeypatch: Any) -> Callable[..., Result]:
    monkeypatch.setattr(log_key_command, "load_settings", lambda _path: precinct.settings)

    def command(*words: str) -> Result:
        found = CliRunner().invoke(log_key_command.log, list(words))
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found

    return command


def test_keys_are_listed_with_the_sizes_they_vouch_for(run: Callable[..., Result]) -> None:
    lines = run("keys").output.splitlines()
    assert [line.split()[2] for line in lines] == ["log", "log", "promise", "replica"]
    assert all("in force" in line and "from size" in line for line in lines)


def test_an_order_is_carried_out_by_the_worker_and_shown(
    run: Callable[..., Result], precinct: Precinct
) -> None:
    assert "number 2" in run("rotate-key", "2026", *ANSWERS).output
    assert "ordered" in run("keys").output
    precinct.work()
    told = run("keys").output
    assert "log/2026/2" in told
    assert "to be retired from" in told
    listed = json.loads((precinct.published_shelf().of(2026) / "keys.json").read_text())
    assert sum(each["role"] == "log" for each in listed["keys"]) == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [(("rotate-key", "2031", *ANSWERS), "no such log"),
     (("give-up-replica", "petitions", *ANSWERS), "take it out of keys.replicas"),
     (("give-up-replica", "petitions-shed", *ANSWERS), "no log knows such a place")],
)  # fmt: skip
def test_what_cannot_be_ordered_is_refused_in_a_sentence(
    words: tuple[str, ...], told: str, run: Callable[..., Result], monkeypatch: Any,
    precinct: Precinct,
) -> None:  # fmt: skip
    monkeypatch.setattr("petitions.app.build_house", lambda _settings, **_more: precinct.house)
    with pytest.raises(ConfigurationError, match=told):
        run(*words)
    assert precinct.count(t.KeyRotation) == 0


def test_an_order_needs_a_name_and_a_reason(run: Callable[..., Result]) -> None:
    assert run("rotate-key", "2026").exit_code == 2
