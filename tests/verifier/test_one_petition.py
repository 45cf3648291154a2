"""The count of one petition: listed alone, while the whole log is checked all the same."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

from tests.verifier import town as place
from tests.verifier.test_alone import alone

UNKNOWN = UUID(int=9)


def test_one_petition_is_listed_and_every_check_is_made(tmp_path: Path) -> None:
    place.the_town().publish(tmp_path / "log")
    found = alone(tmp_path / "empty", "log", tmp_path / "log", "--petition", place.PARK, "--json")
    told = json.loads(found.stdout)
    assert [(one["petition"], one["valid"]) for one in told["petitions"]] == [
        (str(place.PARK), 542)
    ]
    whole = json.loads(alone(tmp_path / "empty", "log", tmp_path / "log", "--json").stdout)
    assert told["checks"] == whole["checks"]


def test_a_petition_of_another_log_is_no_proof_of_anything(tmp_path: Path) -> None:
    place.the_town().publish(tmp_path / "log")
    found = alone(tmp_path / "empty", "log", tmp_path / "log", "--petition", UNKNOWN)
    assert found.returncode == 2
    assert f"this log holds no petition {UNKNOWN}" in found.stderr


def test_a_wrong_log_is_wrong_whichever_petition_is_asked_for(tmp_path: Path) -> None:
    place.the_town().publish(tmp_path / "log")
    (tmp_path / "log/tile/0/000").unlink()
    for petition in (place.PARK, UNKNOWN):
        found = alone(tmp_path / "empty", "log", tmp_path / "log", "--petition", petition)
        assert found.returncode == 1
        assert "SOMETHING IS WRONG" in found.stdout


def test_what_is_no_identifier_is_refused_with_a_sentence(tmp_path: Path) -> None:
    found = alone(tmp_path / "empty", "log", ".", "--petition", "2026-0001")
    assert found.returncode == 2
    assert "--petition" in found.stderr
    assert "Traceback" not in found.stderr
