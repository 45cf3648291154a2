"""What a visitor remembers: older checkpoints must be a prefix of what is shown later (V-205)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.verifier import town as place
from tests.verifier.maker import Signer
from tests.verifier.test_checks import states
from tests.verifier.test_receipts import wrong
from tests.verifier.town import NEW_LOG, OLD_LOG, Town
from verifier import petition_verify


@pytest.fixture
def town(tmp_path: Path) -> Town:
    found = place.the_town()
    found.publish(tmp_path / "log")
    return found


def test_checkpoints_of_all_batches_are_a_prefix(town: Town, tmp_path: Path, capsys: Any) -> None:
    seen = tmp_path / "seen"
    of_old = town.log.ends[3]  # the batch after it retires the old key
    signers = {size: [OLD_LOG] if size <= of_old else [NEW_LOG] for size in town.log.ends}
    seen.write_text("\n".join(town.log.checkpoint(by, size) for size, by in signers.items()))
    code, found = states(capsys, "log", tmp_path / "log", "--seen", seen)
    assert (code, found["V-205"]) == (0, "good")


def spoilt(town: Town, how: str) -> str:
    log = town.log
    if how == "rollback":
        log.roots[700] = hashlib.sha256().digest()
        return log.checkpoint([NEW_LOG], 700)
    if how == "two roots of one size":
        log.roots[log.ends[4]] = log.roots[log.ends[3]]
        return log.checkpoint([NEW_LOG], log.ends[4])
    if how == "a retired key":
        return log.checkpoint([OLD_LOG], log.ends[4])
    if how == "another key":
        return log.checkpoint([Signer.of(place.ORIGIN, "stranger")], log.ends[4])
    return log.checkpoint([NEW_LOG], log.ends[4]) + "\nand more\n"


@pytest.mark.parametrize(
    "how", ["rollback", "two roots of one size", "another key", "a retired key", "half a note"]
)
def test_a_checkpoint_seen_before_that_does_not_fit_fails_alone(
    how: str, town: Town, tmp_path: Path, capsys: Any
) -> None:
    seen = tmp_path / "log" / "seen"  # a folder's own memory is read without being named
    seen.write_text(spoilt(town, how))
    before = seen.read_text()
    code, found = states(capsys, "log", tmp_path / "log")
    assert (code, wrong(found)) == (1, {"V-205"})
    assert seen.read_text() == before


def test_a_visit_is_remembered_and_the_next_one_compared(
    town: Town, tmp_path: Path, capsys: Any
) -> None:
    seen = tmp_path / "seen"
    words = ["log", tmp_path / "log", "--seen", seen]
    assert states(capsys, *words)[1]["V-205"] == "not applicable"
    assert seen.read_text() == town.checkpoint()
    assert states(capsys, *words)[1]["V-205"] == "good"
    assert seen.read_text() == town.checkpoint(), "the same checkpoint is kept once"
    place.the_town()
    other = place.the_town()
    other.plans["end"].items.pop()
    other.publish(tmp_path / "log")
    code, found = states(capsys, *words)
    assert code == 1
    assert found["V-205"] == "WRONG"
    assert len(petition_verify.read_seen(seen.read_bytes())) == 2, (
        "both are kept: they are the proof"
    )


def test_a_log_that_is_not_well_signed_is_not_remembered(tmp_path: Path, capsys: Any) -> None:
    town = place.the_town()
    town.signers = [Signer.of(place.ORIGIN, "stranger")]
    town.publish(tmp_path / "log")
    seen = tmp_path / "seen"
    assert states(capsys, "log", tmp_path / "log", "--seen", seen)[0] == 1
    assert not seen.exists()


def test_a_policy_got_otherwise_is_trusted_before_the_one_of_the_site(
    tmp_path: Path, capsys: Any
) -> None:
    town = place.the_town()
    town.publish(tmp_path / "log")
    policy = tmp_path / "policy"
    policy.write_bytes(town.policy())
    words = ["log", tmp_path / "log", "--policy", policy]
    assert states(capsys, *words)[0] == 0
    town.policy_keys = [Signer.of(place.ORIGIN, "stranger")]
    (tmp_path / "log" / "policy").write_bytes(town.policy())
    assert wrong(states(capsys, *words)[1]) == {"V-104"}
    policy.write_bytes(town.policy())
    assert {"V-102", "V-104"} <= wrong(states(capsys, *words)[1])
