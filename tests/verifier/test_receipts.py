"""Receipts, promises and openings: V-601 to V-603 and V-801, each failing alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from petitions.ledger import tree
from petitions.ledger.receipt import receipt_extra, tlog_proof
from tests.verifier import town as place
from tests.verifier.maker import HOUR, Maker, Signer
from tests.verifier.test_checks import states
from tests.verifier.town import NEW_LOG, OLD_PROMISE, PARK, SCHOOL, openings, promise, receipt
from verifier import petition_verify

PERSON = 530  # signs in the batch "second map"
FIRST = 560


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Maker]:
    folder = tmp_path_factory.mktemp("town")
    town = place.the_town()
    return town.publish(folder), town.log


Check = Callable[..., tuple[int, dict[str, str]]]


@pytest.fixture
def check(published: tuple[Path, Maker], tmp_path: Path, capsys: Any) -> Iterator[Check]:
    def run(command: str, content: bytes, *words: str) -> tuple[int, dict[str, str]]:
        file = tmp_path / command
        file.write_bytes(content)
        return states(capsys, command, file, published[0], *words)

    yield run


def batch_of(log: Maker, person: int) -> tuple[int, int]:
    """Size before the batch of this person's leaf, and the batch's time."""
    index = log.index(place.sign(PARK, person))
    at = next(i for i, end in enumerate(log.ends) if end > index)
    border = log.entries[log.ends[at] - 1]
    return log.ends[at - 1], int.from_bytes(border[-8:], "big")


def kept(log: Maker) -> bytes:
    first, at = batch_of(log, PERSON)
    return promise(PARK, PERSON, first, at)


def wrong(found: dict[str, str]) -> set[str]:
    assert "not checked" not in found.values()
    return {check for check, state in found.items() if state == "WRONG"}


def test_a_receipt_whose_promise_was_kept_is_good(
    published: tuple[Path, Maker], check: Check
) -> None:
    code, found = check("receipt", receipt(PARK, PERSON, kept(published[1])))
    assert code == 0
    assert found["V-601"] == found["V-602"] == found["V-603"] == "good"


def test_a_receipt_with_another_secret_number_fails_alone(
    published: tuple[Path, Maker], check: Check
) -> None:
    note = receipt(PARK, PERSON, kept(published[1]), place.r_of(PERSON + 1))
    code, found = check("receipt", note)
    assert (code, wrong(found)) == (1, {"V-601"})


def test_a_promise_by_a_foreign_key_fails_alone(
    published: tuple[Path, Maker], check: Check
) -> None:
    first, at = batch_of(published[1], PERSON)
    foreign = Signer.of(f"{place.ORIGIN}/promise", "foreign")
    code, found = check("promise", promise(PARK, PERSON, first, at, foreign))
    assert (code, wrong(found)) == (1, {"V-602"})
    old = promise(PARK, PERSON, first, at, OLD_PROMISE)
    assert wrong(check("promise", old)[1]) == {"V-602"}, "retired before this signature"


def test_a_promise_by_a_key_retired_later_is_good(
    published: tuple[Path, Maker], check: Check
) -> None:
    note = promise(SCHOOL, 1, 0, batch_of(published[1], 1)[1], OLD_PROMISE)
    assert check("promise", note)[0] == 0


@pytest.mark.parametrize("by", [-1, 0])
def test_a_leaf_one_batch_late_breaks_the_promise(
    by: int, published: tuple[Path, Maker], check: Check
) -> None:
    first, at = batch_of(published[1], PERSON)
    code, found = check("promise", promise(PARK, PERSON, first, at + by))
    assert (code, wrong(found)) == ((1, {"V-603"}) if by else (0, set()))


def test_a_leaf_before_the_promised_place_breaks_the_promise(
    published: tuple[Path, Maker], check: Check
) -> None:
    first, at = batch_of(published[1], PERSON)
    code, found = check("promise", promise(PARK, PERSON, first + 50, at))
    assert (code, wrong(found)) == (1, {"V-603"})


def test_a_promise_still_running_is_no_fault_and_an_overdue_one_is(
    published: tuple[Path, Maker], check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = published[1].time + HOUR
    note = promise(PARK, 9000, 600, by)
    monkeypatch.setattr(petition_verify.time, "time", lambda: by - 1.0)
    code, found = check("receipt", receipt(PARK, 9000, note))
    assert code == 0
    assert found["V-601"] == found["V-603"] == "not applicable"
    monkeypatch.setattr(petition_verify.time, "time", lambda: by + 1.0)
    assert wrong(check("promise", note)[1]) == {"V-603"}
    assert wrong(check("receipt", receipt(PARK, 9000, note))[1]) == {"V-601", "V-603"}


def proof_of(log: Maker, size: int, signers: list[Signer], **more: Any) -> bytes:
    index = log.index(place.sign(PARK, 8))
    steps = tree.inclusion_proof(index, size, log.log)
    note = log.checkpoint(signers, size)
    extra = receipt_extra(PARK, more.get("r", place.r_of(8)))
    return tlog_proof(index + more.get("off", 0), steps, note, extra).encode()


@pytest.mark.parametrize("batch", [2, 5, -1])
def test_a_receipt_with_a_proof_to_any_checkpoint_is_good(
    batch: int, published: tuple[Path, Maker], check: Check
) -> None:
    log = published[1]
    code, found = check("receipt", proof_of(log, log.ends[batch], [NEW_LOG]))
    assert code == 0
    assert (found["V-601"], found["V-602"]) == ("good", "not applicable")


def test_a_receipt_with_a_wrong_proof_fails_alone(
    published: tuple[Path, Maker], check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = published[1]
    size = log.ends[3]
    stranger = Signer.of(place.ORIGIN, "stranger")
    spoilt = [
        proof_of(log, size, [NEW_LOG], r=bytes(32)),
        proof_of(log, size, [NEW_LOG], off=1),
        proof_of(log, size, [stranger]),
    ]
    monkeypatch.setitem(log.roots, size - 1, hashlib.sha256().digest())
    spoilt.append(proof_of(log, size - 1, [NEW_LOG]))
    for content in spoilt:
        code, found = check("receipt", content)
        assert (code, wrong(found)) == (1, {"V-601"})


def test_openings_that_open_every_withdrawal_are_good(
    published: tuple[Path, Maker], check: Check
) -> None:
    assert check("openings", openings(published[1], [0, 1]))[1]["V-801"] == "good"
    first = published[1].ends[2]
    assert check("openings", openings(published[1], [0], size=first))[0] == 0


@pytest.mark.parametrize(
    "people", [[0, 0, 1], [0], [0, 1, 5], [0, 2]], ids=["twice", "missing", "none", "invalid"]
)
def test_openings_that_do_not_fit_the_withdrawals_fail(
    people: list[int], published: tuple[Path, Maker], check: Check
) -> None:
    code, found = check("openings", openings(published[1], people))
    assert (code, wrong(found)) == (1, {"V-801"})


def test_an_index_used_twice_for_two_withdrawals_fails(tmp_path: Path, capsys: Any) -> None:
    from petitions.ledger.commitments import withdrawal_commitment
    from petitions.ledger.entries import Withdraw, write
    from tests.verifier.maker import Early

    town = place.the_town()
    secret = b"s" * 32

    def again(log: Maker) -> bytes:
        index = log.index(place.sign(SCHOOL, 1))
        w = withdrawal_commitment(place.ORIGIN, SCHOOL, index, secret)
        return write(SCHOOL, Withdraw(w))

    town.plans["objections"].items.append(Early(again))
    folder = town.publish(tmp_path / "log")
    lines = openings(town.log, [0, 1]).decode()
    index = town.log.index(place.sign(SCHOOL, 1))
    file = tmp_path / "openings"
    file.write_text(f"{lines}{index} {place.b64(secret)}\n")
    code, found = states(capsys, "openings", file, folder)
    assert (code, wrong(found)) == (1, {"V-801"})


def test_a_withdrawn_leaf_that_is_also_taken_away_openly_fails(tmp_path: Path, capsys: Any) -> None:
    town = place.the_town()
    town.plans["objections"].items.append(place.invalidate(SCHOOL, 1))
    folder = town.publish(tmp_path / "log")
    file = tmp_path / "openings"
    file.write_bytes(openings(town.log, [0, 1]))
    assert wrong(states(capsys, "openings", file, folder)[1]) == {"V-801"}


@pytest.mark.parametrize("command", ["receipt", "promise", "openings"])
def test_what_a_signer_holds_may_be_any_bytes(
    command: str, published: tuple[Path, Maker], check: Check
) -> None:
    log = published[1]
    good = {
        "receipt": receipt(PARK, PERSON, kept(log)),
        "promise": kept(log),
        "openings": openings(log, [0, 1]),
    }[command]
    for content in (
        b"",
        b"\xff\xfe",
        good[:-1],
        good[: len(good) // 2],
        good.replace(b"\n", b"\r\n"),
    ):
        code, found = check(command, content)
        assert code == 1
        assert "WRONG" in found.values()


def test_a_receipt_is_not_believed_where_the_log_is_spoilt(tmp_path: Path, capsys: Any) -> None:
    town = place.the_town()
    folder = town.publish(tmp_path / "log")
    bundle = folder / "tile/entries/001"
    raw = bytearray(bundle.read_bytes())
    raw[900] ^= 1
    bundle.write_bytes(raw)
    file = tmp_path / "receipt"
    file.write_bytes(receipt(PARK, PERSON, kept(town.log)))
    code, found = states(capsys, "receipt", file, folder)
    assert code == 1
    assert found["V-204"] == "WRONG"
    assert found["V-601"] == found["V-603"] == "not checked"


def test_the_json_of_a_receipt_names_no_secret(
    published: tuple[Path, Maker], tmp_path: Path, capsys: Any
) -> None:
    file = tmp_path / "receipt"
    file.write_bytes(receipt(PARK, PERSON, kept(published[1])))
    petition_verify.main(["receipt", str(file), str(published[0]), "--json"])
    told = capsys.readouterr().out
    assert json.loads(told)["exit"] == 0
    assert place.r_of(PERSON).hex() not in told
    assert place.b64(place.r_of(PERSON)) not in told
