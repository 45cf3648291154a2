"""For each check, logs spoilt so that it fails and no other; the clean log fails none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.verifier.damage import FAULTS
from tests.verifier.town import the_town
from verifier.petition_verify import CHECKS, main

NOT_OF_THE_LOG = {"V-205", "V-601", "V-602", "V-603", "V-801"}
"""Checks that need more than the published files."""


def states(capsys: Any, *words: object) -> tuple[int, dict[str, str]]:
    """Exit code and state of each check."""
    code = main([*map(str, words), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert "error" not in told, told["error"]
    assert told["exit"] == code
    return code, {each["check"]: each["state"] for each in told["checks"]}


def test_the_clean_town_is_good_in_every_check(tmp_path: Path, capsys: Any) -> None:
    the_town().publish(tmp_path)
    code, found = states(capsys, "log", tmp_path)
    assert code == 0
    assert found.pop("V-205") == "not applicable"
    assert set(found) == set(CHECKS) - NOT_OF_THE_LOG
    assert set(found.values()) == {"good"}


@pytest.mark.parametrize("name", FAULTS)
def test_a_spoilt_log_fails_its_own_check_and_no_other(
    name: str, tmp_path: Path, capsys: Any
) -> None:
    check, spoil = FAULTS[name]
    town = the_town()
    spoil(town)
    town.publish(tmp_path)
    code, found = states(capsys, "log", tmp_path)
    assert code == 1
    assert {c: state for c, state in found.items() if state == "WRONG"} == {check: "WRONG"}
    assert "not checked" not in found.values()


def test_every_check_of_the_log_has_a_spoilt_log() -> None:
    assert {check for check, _ in FAULTS.values()} == set(CHECKS) - NOT_OF_THE_LOG
