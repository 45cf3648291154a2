"""For each check, logs spoilt so that it fails and no other; the clean log fails none."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.verifier.damage_keys import FAULTS  # each part fills the list of the one before
from tests.verifier.maker import b64
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


def test_a_quorum_that_needs_a_post_quantum_signature_is_present_and_not_checked(
    tmp_path: Path, capsys: Any
) -> None:
    town, name, public = the_town(), "witness.example/pq", bytes(1312)
    kid = hashlib.sha256(name.encode() + b"\n\x06" + public).digest()[:4]
    key = f"{name}+{kid.hex()}+{b64(bytes([6]) + public)}"
    town.cosigners = town.cosigners[:1]

    def add_witness(files: dict[str, bytes]) -> None:
        policy = files["policy"].decode()
        policy = policy.replace("group any-two 2 ", f"witness pq {key}\ngroup any-two 2 pq ")
        files["policy"] = policy.encode()
        files["checkpoint"] += f"— {name} {b64(kid + bytes(8 + 2420))}\n".encode()

    town.spoil.append(add_witness)
    code, found = states(capsys, "log", town.publish(tmp_path))
    assert (code, found.pop("V-103")) == (0, "present, not checked")
    assert set(found.values()) == {"good", "not applicable"}


def test_an_empty_log_is_good(tmp_path: Path, capsys: Any) -> None:
    town = the_town()
    town.plans.clear()
    town.papers = {"audit.json": b"[]"}
    town.log.ends.append(0)
    town.cosigned_after = 0
    code, found = states(capsys, "log", town.publish(tmp_path))
    assert code == 0
    assert set(found.values()) == {"good", "not applicable"}


def test_a_seal_whose_replicas_have_not_yet_spoken_is_no_fault_for_a_month(
    tmp_path: Path, capsys: Any
) -> None:
    town = the_town()
    town.plans["destroyed"].items.clear()
    town.plans["end"].items.pop(2)  # the pepper's notice
    town.plans["end"].after = 30 * 24 * 3600
    code, found = states(capsys, "log", town.publish(tmp_path))
    assert (code, found["V-702"]) == (0, "not applicable")
