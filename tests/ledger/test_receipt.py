from __future__ import annotations

import base64

import pytest

from petitions.ledger import commitments, tree
from petitions.ledger.checkpoint import checkpoint_body, parse_checkpoint
from petitions.ledger.encoding import LedgerError
from petitions.ledger.entries import EntryType, entry, leaf_hash
from petitions.ledger.notes import open_note, sign_note, vkey
from petitions.ledger.promise import parse_promise, promise_body, promise_name
from petitions.ledger.receipt import (
    parse_extra,
    parse_receipt,
    parse_tlog_proof,
    receipt_extra,
    receipt_file,
    short_code,
    tlog_proof,
)
from tests.ledger.memory import LOG_KEY, LOG_PUBLIC, ORIGIN, C, MemoryLog, P, R, leaves

LEAF = leaf_hash(entry(EntryType.SIGN, P, C))
PROMISE = sign_note(
    promise_body(ORIGIN, P, LEAF, 7, 1798765200), promise_name(ORIGIN), LOG_KEY.sign, LOG_PUBLIC
)
FILE = receipt_file(P, R, PROMISE)


def logged() -> tuple[MemoryLog, str]:
    log = MemoryLog()
    log.add([*leaves(299), LEAF, *leaves(50, 300)])
    return log, sign_note(
        checkpoint_body(ORIGIN, log.size, log.root), ORIGIN, LOG_KEY.sign, LOG_PUBLIC
    )


def test_extra_is_one_byte_the_petition_and_r() -> None:
    assert receipt_extra(P, R) == b"\1" + P.bytes + R
    assert parse_extra(receipt_extra(P, R)) == (P, R)
    for wrong in (b"", receipt_extra(P, R)[:-1], receipt_extra(P, R) + b"\0", b"\2" + P.bytes + R):
        with pytest.raises(LedgerError):
            parse_extra(wrong)
    with pytest.raises(LedgerError):
        receipt_extra(P, R[:31])


def test_a_receipt_holds_extra_and_the_promise_word_for_word() -> None:
    extra = base64.b64encode(b"\1" + P.bytes + R).decode()
    assert FILE == f"petition-receipt/v1\nextra {extra}\n\n{PROMISE}"


def test_who_holds_a_receipt_can_check_that_the_promise_is_for_their_own_leaf() -> None:
    receipt = parse_receipt(FILE)
    body = open_note(receipt.promise_note, [vkey(promise_name(ORIGIN), LOG_PUBLIC)])
    promise = parse_promise(body)
    c = commitments.commitment(promise.origin, receipt.petition, receipt.r)
    assert leaf_hash(entry(EntryType.SIGN, receipt.petition, c)) == promise.leaf


def test_r_does_not_appear_when_a_receipt_is_printed() -> None:
    assert "r=" not in repr(parse_receipt(FILE))
    assert repr(R) not in repr(parse_receipt(FILE))


@pytest.mark.parametrize(
    "text",
    [
        "",
        PROMISE,
        FILE.replace("/v1\nextra", "/v2\nextra"),
        FILE.replace("extra ", "extra"),
        FILE.replace("extra ", "index "),
        FILE.replace("\n\npetition-promise", "\npetition-promise"),
        FILE.replace("\n\npetition-promise", "\nmore\n\npetition-promise"),
        FILE.replace("extra AQ", "extra Ag"),
        FILE.removesuffix("\n"),
        FILE.replace("\n", "\r\n"),
    ],
)
def test_any_other_text_is_no_receipt(text: str) -> None:
    with pytest.raises(LedgerError):
        parse_receipt(text)


def test_a_tlog_proof_has_the_lines_of_the_specification() -> None:
    log, checkpoint = logged()
    steps = tree.inclusion_proof(299, log.size, log)
    lines = tlog_proof(299, steps, checkpoint, receipt_extra(P, R)).split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == "extra " + base64.b64encode(receipt_extra(P, R)).decode()
    assert lines[2] == "index 299"
    assert lines[3 : 3 + len(steps)] == [base64.b64encode(step).decode() for step in steps]
    assert "\n".join(lines[3 + len(steps) :]) == "\n" + checkpoint


def test_a_tlog_proof_verifies_offline_from_the_file_and_the_log_key_alone() -> None:
    log, checkpoint = logged()
    steps = tree.inclusion_proof(299, log.size, log)
    found = parse_tlog_proof(tlog_proof(299, steps, checkpoint, receipt_extra(P, R)))
    head = parse_checkpoint(open_note(found.checkpoint, [vkey(ORIGIN, LOG_PUBLIC)]))
    petition, r = parse_extra(found.extra)
    leaf = leaf_hash(
        entry(EntryType.SIGN, petition, commitments.commitment(head.origin, petition, r))
    )
    assert tree.verify_inclusion(leaf, found.index, head.size, found.proof, head.root)
    assert not tree.verify_inclusion(leaf, found.index - 1, head.size, found.proof, head.root)


def test_a_tlog_proof_of_the_only_leaf_has_no_steps_and_extra_may_be_absent() -> None:
    checkpoint = sign_note(checkpoint_body(ORIGIN, 1, LEAF), ORIGIN, LOG_KEY.sign, LOG_PUBLIC)
    text = tlog_proof(0, [], checkpoint)
    assert text == f"c2sp.org/tlog-proof@v1\nindex 0\n\n{checkpoint}"
    found = parse_tlog_proof(text)
    assert (found.extra, found.index, found.proof, found.checkpoint) == (b"", 0, (), checkpoint)


def test_any_other_text_is_no_tlog_proof() -> None:
    log, checkpoint = logged()
    good = tlog_proof(3, tree.inclusion_proof(3, log.size, log), checkpoint, b"x")
    assert parse_tlog_proof(good).index == 3
    step = good.split("\n")[3]
    for bad in (
        "",
        checkpoint,
        good.replace("@v1", "@v2"),
        good.replace("index 3\n", ""),
        good.replace("index 3\n", "index 03\n"),
        good.replace("extra eA==", "extra eB=="),
        good.replace("extra eA==", "extra eA==\nextra eA=="),
        good.replace(step, step[:-4]),
        good.replace(step, step[:20]),
        good.replace(step + "\n", (step + "\n") * 70),
        good.replace(step + "\n", step + "\n\n"),
        good.replace(checkpoint, ""),
        good.removesuffix("\n"),
        "c2sp.org/tlog-proof@v1\n\n" + checkpoint,
    ):
        with pytest.raises(LedgerError):
            open_note(parse_tlog_proof(bad).checkpoint, [vkey(ORIGIN, LOG_PUBLIC)])


def test_a_short_code_is_four_groups_without_letters_that_look_alike() -> None:
    assert short_code(bytes(32)) == "0000-0000-0000-0000"
    assert short_code(b"\xff" * 32) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ"
    letters = short_code(bytes(range(32))).replace("-", "")
    assert int.from_bytes(bytes(range(10)), "big") == sum(
        "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(letter) * 32**place
        for place, letter in enumerate(reversed(letters))
    )
    assert not set("ILOU") & set("".join(short_code(leaf) for leaf in leaves(200)))


def test_a_short_code_is_of_the_first_ten_bytes_of_a_whole_commitment() -> None:
    assert short_code(C) == short_code(C[:10] + bytes(22))
    assert short_code(C) != short_code(b"\0" + C[1:])
    with pytest.raises(LedgerError):
        short_code(C[:10])
