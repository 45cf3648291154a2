"""A log whose signing key was changed: who trusts the old key is led to the new one, and no further."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from tests.verifier import town as place
from tests.verifier.maker import ORIGIN, Signer, write_all
from tests.verifier.test_checks import states
from tests.verifier.test_receipts import wrong
from tests.verifier.town import NEW_LOG, OLD_LOG, Town

STRANGER = Signer.of(ORIGIN, "stranger")
FIRST = Path(__file__).with_name("first_log.json")
"""Path → base64: published by the engine of version 0.1, before keys could change, and a receipt."""


@pytest.fixture
def town(tmp_path: Path) -> Town:
    found = place.the_town()
    found.publish(tmp_path / "log")
    return found


def sizes(town: Town, signer: Signer) -> tuple[int, int | None]:
    """From and until, read from the entries as an auditor would."""
    found: dict[int, int] = {
        entry[19]: index
        for index, entry in enumerate(town.log.entries)
        if entry[1] == 3 and entry[20:].decode() == signer.vkey
    }
    return found[1] + 1, found.get(0)


def judged(tmp_path: Path, capsys: Any, policy: str, *words: object) -> tuple[int, dict[str, str]]:
    """With a trusted policy of these `log` lines."""
    file = tmp_path / "policy"
    file.write_text(f"{policy}\nquorum none\n")
    return states(capsys, "log", tmp_path / "log", "--policy", file, *words)


def test_a_policy_from_before_the_change_still_leads_to_the_log(
    town: Town, tmp_path: Path, capsys: Any
) -> None:
    code, found = judged(tmp_path, capsys, f"log {OLD_LOG.vkey}")
    assert (code, wrong(found)) == (0, set())


def test_a_policy_that_says_for_which_sizes_each_key_holds(
    town: Town, tmp_path: Path, capsys: Any
) -> None:
    (_, until), (first, _) = sizes(town, OLD_LOG), sizes(town, NEW_LOG)
    both = f"log {OLD_LOG.vkey} until {{}}\nlog {NEW_LOG.vkey} from {{}}"
    assert until is not None
    code, found = judged(tmp_path, capsys, both.format(until, first))
    assert (code, wrong(found)) == (0, set())
    code, found = judged(tmp_path, capsys, both.format(until - 1, first))
    assert (code, wrong(found)) == (1, {"V-104"})
    code, found = judged(tmp_path, capsys, both.format(until, first + 1))
    assert (code, wrong(found)) == (1, {"V-104"})


def test_an_old_policy_leads_nowhere_without_a_checkpoint_of_both_keys(
    town: Town, tmp_path: Path, capsys: Any
) -> None:
    (tmp_path / "log" / "handovers").unlink()
    code, found = judged(tmp_path, capsys, f"log {OLD_LOG.vkey}")
    assert (code, wrong(found)) == (1, {"V-104"})


def test_a_visitor_who_saw_the_overlap_needs_no_handover(
    town: Town, tmp_path: Path, capsys: Any
) -> None:
    (tmp_path / "log" / "handovers").unlink()
    seen = tmp_path / "seen"
    seen.write_text(town.log.checkpoint([OLD_LOG, NEW_LOG], town.log.ends[3]))
    code, found = judged(tmp_path, capsys, f"log {OLD_LOG.vkey}", "--seen", seen)
    assert (code, wrong(found)) == (0, set())


def test_a_key_that_the_log_never_announced_is_refused(
    town: Town, tmp_path: Path, capsys: Any
) -> None:
    code, found = judged(tmp_path, capsys, f"log {STRANGER.vkey}")
    assert (code, wrong(found)) == (1, {"V-102", "V-104"})
    code, found = judged(tmp_path, capsys, f"log {NEW_LOG.vkey}\nlog {STRANGER.vkey}")
    assert (code, wrong(found)) == (1, {"V-104"})


def test_a_log_without_any_change_needs_neither_list_nor_handover(
    tmp_path: Path, capsys: Any
) -> None:
    """As every log was that the engine wrote before keys could be changed."""
    town = place.the_town()
    of_new_log = {place.announce(1, NEW_LOG), place.announce(1, OLD_LOG, 0)}
    for plan in town.plans.values():
        plan.items = [item for item in plan.items if item not in of_new_log]
    town.signers = town.policy_keys = [OLD_LOG]
    folder = town.publish(tmp_path)
    for name in ("keys.json", "handovers"):
        (folder / name).unlink()
    code, found = states(capsys, "log", folder)
    assert (code, wrong(found)) == (0, set())


def test_a_log_that_the_first_version_wrote_is_good_in_every_check_that_applies(
    tmp_path: Path, capsys: Any
) -> None:
    """Signed, counted and sealed before there were notices, lists of keys and given-up places."""
    files = {path: b64decode(raw) for path, raw in json.loads(FIRST.read_text()).items()}
    folder = write_all(tmp_path, files)
    code, found = states(capsys, "log", folder)
    assert (code, wrong(found)) == (0, set())
    idle = {check for check, state in found.items() if state != "good"}
    assert idle == {"V-103", "V-205", "V-505", "V-802", "V-803"}
    code, found = states(capsys, "receipt", folder / "receipt.txt", folder)
    assert code == 0
    assert found["V-601"] == found["V-602"] == found["V-603"] == "good"
