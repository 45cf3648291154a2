"""One spoilt log per fault: everything else is hashed and signed anew, so that one check fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from petitions.ledger.entries import (
    LOG_WIDE,
    Invalidate,
    Text,
    Withdraw,
    WithdrawOpen,
    write,
)
from petitions.ledger.tiles import decode_bundle, encode_bundle
from tests.verifier import town as place
from tests.verifier.maker import ORIGIN, Early, Signer, hash_of
from tests.verifier.town import (
    NEW_LOG,
    NOISE,
    OLD_LOG,
    PARK,
    RULES,
    SCHOOL,
    SECRET,
    TEXTS,
    WITNESSES,
    Town,
    sign,
)

Fault = Callable[[Town], None]
FAULTS: dict[str, tuple[str, Fault]] = {}
"""Name → the only check that fails, and how to spoil the town."""


def fails(check: str) -> Callable[[Fault], Fault]:
    def listed(fault: Fault) -> Fault:
        FAULTS[f"{check} {fault.__name__}"] = (check, fault)
        return fault

    return listed


def edited(town: Town, path: str, change: Callable[[bytes], bytes]) -> None:
    def change_file(files: dict[str, bytes]) -> None:
        before = files[path]
        files[path] = change(before)
        assert files[path] != before

    town.spoil.append(change_file)


def paper(content: bytes, folder: str, ending: str) -> str:
    return f"{folder}/{hash_of(content).hex()}{ending}"


def add(town: Town, batch: str, *items: Any) -> None:
    town.plans[batch].items += items


def in_json(change: Callable[[dict[str, Any]], None]) -> Callable[[bytes], bytes]:
    def changed(raw: bytes) -> bytes:
        table = json.loads(raw)
        change(table)
        return json.dumps(table).encode()

    return changed


# --- head -----------------------------------------------------------------------------------------


@fails("V-101")
def origin_of_another_year(town: Town) -> None:
    town.origin = "petitions.example.org/2025"


@fails("V-102")
def one_bit_of_the_signature(town: Town) -> None:
    def flip(raw: bytes) -> bytes:
        head, _, tail = raw.partition("— ".encode())
        at = tail.index(b" ") + 40
        return (
            head
            + "— ".encode()
            + tail[:at]
            + (b"A" if tail[at:][:1] != b"A" else b"B")
            + tail[at + 1 :]
        )

    edited(town, "checkpoint", flip)


@fails("V-103")
def a_cosignature_by_an_unknown_key(town: Town) -> None:
    stranger = Signer.of("witness.example/9", "stranger")
    town.cosigners = [(WITNESSES[0], WITNESSES[0].name), (stranger, stranger.name)]


@fails("V-103")
def a_cosignature_with_the_key_id_under_another_name(town: Town) -> None:
    town.cosigners = [(WITNESSES[0], WITNESSES[0].name), (WITNESSES[1], "witness.example/7")]


@fails("V-103")
def a_bad_cosignature_of_a_known_witness(town: Town) -> None:
    edited(town, "checkpoint", lambda raw: raw.replace(raw[-30:-20], b"AAAAAAAAAA"))


@fails("V-104")
def a_retired_key_still_signs(town: Town) -> None:
    town.signers = [OLD_LOG, NEW_LOG]


@fails("V-104")
def a_key_in_force_does_not_sign(town: Town) -> None:
    third = Signer.of(ORIGIN, "third log")
    add(town, "end", place.announce(1, third))
    town.policy_keys = [NEW_LOG, third]


@fails("V-104")
def the_policy_still_names_the_retired_key(town: Town) -> None:
    town.policy_keys = [OLD_LOG, NEW_LOG]


@fails("V-104")
def a_key_retired_in_the_batch_that_brings_its_successor(town: Town) -> None:
    third = Signer.of(f"{ORIGIN}/promise", "third")
    add(town, "end", place.announce(2, place.NEW_PROMISE, 0), place.announce(2, third))


@fails("V-104")
def a_promise_key_of_another_log(town: Town) -> None:
    add(town, "end", place.announce(2, Signer.of("elsewhere.example/2026/promise", "e")))


# --- tree -----------------------------------------------------------------------------------------


@fails("V-201")
def a_partial_tile_is_missing(town: Town) -> None:
    def drop(files: dict[str, bytes]) -> None:
        (path,) = [path for path in files if path.startswith("tile/0/") and ".p/" in path]
        del files[path]

    town.spoil.append(drop)


@fails("V-201")
def a_tile_of_another_width(town: Town) -> None:
    edited(town, "tile/0/000", lambda raw: raw[:-32])


@fails("V-201")
def a_partial_tile_with_a_hash_too_many(town: Town) -> None:
    edited(town, "tile/1/000.p/2", lambda raw: raw + bytes(32))


@fails("V-202")
def a_signature_of_31_bytes(town: Town) -> None:
    short = place.raw_entry(0x10, NOISE, bytes(31))
    town.plans["few"].change = lambda entries: sorted([*entries, short])


@fails("V-202")
def an_unknown_type_of_entry(town: Town) -> None:
    unknown = place.raw_entry(0x77, PARK, bytes(32))
    town.plans["few"].change = lambda entries: sorted([*entries, unknown])


@fails("V-202")
def a_log_wide_entry_under_a_petition(town: Town) -> None:
    odd = place.raw_entry(3, PARK, b"\x01\x01" + NEW_LOG.vkey.encode())
    town.plans["few"].change = lambda entries: sorted([*entries, odd])


@fails("V-203")
def a_leaf_altered_in_a_bundle(town: Town) -> None:
    def alter(raw: bytes) -> bytes:
        entries = decode_bundle(raw)
        at = next(i for i, e in enumerate(entries) if e[1] == 0x10)
        entries[at] = entries[at][:-1] + bytes([entries[at][-1] ^ 1])
        return encode_bundle(entries)

    edited(town, "tile/entries/001", alter)


@fails("V-204")
def hashes_swapped_in_an_upper_tile(town: Town) -> None:
    edited(town, "tile/1/000.p/2", lambda raw: raw[32:] + raw[:32])


@fails("V-204")
def the_signed_root_is_another(town: Town) -> None:
    town.root = bytes(32)


# --- batches --------------------------------------------------------------------------------------


@fails("V-301")
def a_border_removed(town: Town) -> None:
    town.plans["empty"].border = False


@fails("V-301")
def the_last_border_removed(town: Town) -> None:
    town.plans["end"].border = False
    town.plans["end"].items = [write(LOG_WIDE, place.Notice(hash_of(place.NOTE)))]

    def earlier(table: dict[str, Any]) -> None:
        table["batch"], table["size"] = table["batch"] - 1, town.log.ends[-2]

    edited(town, "counts.json", in_json(earlier))


@fails("V-301")
def a_border_with_a_wrong_number_of_entries(town: Town) -> None:
    town.plans["empty"].miscount = 1


@fails("V-302")
def two_leaves_exchanged(town: Town) -> None:
    def exchange(entries: list[bytes]) -> list[bytes]:
        signs = [i for i, e in enumerate(entries) if e[1] == 0x10]
        a, b = signs[10], signs[11]
        entries[a], entries[b] = entries[b], entries[a]
        return entries

    town.plans["crowd"].change = exchange


@fails("V-303")
def a_time_set_back(town: Town) -> None:
    town.plans["objections"].after = -2 * place.HOUR


@fails("V-303")
def countersigned_before_the_last_batch(town: Town) -> None:
    town.cosigned_after = -10


# --- petitions ------------------------------------------------------------------------------------


@fails("V-401")
def a_signature_after_the_close(town: Town) -> None:
    add(town, "objections", sign(SCHOOL, 50))


@fails("V-401")
def a_petition_opened_twice(town: Town) -> None:
    add(town, "changes", place.open_with(PARK, TEXTS["Park, corrected"]))


@fails("V-401")
def a_petition_never_opened(town: Town) -> None:
    add(town, "changes", sign(UUID(int=9), 1))


@fails("V-402")
def a_withdrawal_after_the_seal(town: Town) -> None:
    add(town, "end", place.withdraw(SCHOOL, 4))


@fails("V-402")
def a_new_text_after_the_seal(town: Town) -> None:
    add(town, "end", write(SCHOOL, Text(2, hash_of(TEXTS["Park"]))))


@fails("V-403")
def a_signature_repeated_in_a_later_batch(town: Town) -> None:
    add(town, "end", sign(PARK, 7))


@fails("V-403")
def a_nullifier_used_twice(town: Town) -> None:
    add(town, "first map", place.raw_entry(0x29, SECRET, place.be4(place.SHEET) + place.be8(9)))
    add(town, "end", place.sign_private(0), place.milestone(SECRET, 3, 4))


@fails("V-404")
def a_leaf_of_another_petition_invalidated(town: Town) -> None:
    add(town, "end", place.invalidate(PARK, 3, of=SCHOOL))


@fails("V-404")
def the_same_leaf_taken_away_twice(town: Town) -> None:
    again = Early(lambda log: write(PARK, WithdrawOpen(log.index(sign(PARK, 3)))))
    add(town, "end", again)


@fails("V-404")
def a_leaf_that_is_still_to_come(town: Town) -> None:
    later = Early(
        lambda log: write(PARK, Invalidate(len(log.entries) + 40, 2, hash_of(place.DECISION)))
    )
    add(town, "end", later)


@fails("V-405")
def one_withdrawal_too_many(town: Town) -> None:
    add(town, "end", *(write(NOISE, Withdraw(hash_of(bytes([n])))) for n in range(2)))


@fails("V-406")
def a_text_edited(town: Town) -> None:
    edited(town, paper(TEXTS["Park"], "texts", ".txt"), lambda raw: raw + b" And more.")


@fails("V-406")
def rules_edited(town: Town) -> None:
    edited(town, paper(RULES, "rules", ".json"), lambda raw: raw.replace(b"250", b"999"))


@fails("V-406")
def an_answer_that_is_not_published(town: Town) -> None:
    del town.papers[paper(place.ANSWER, "answers", ".json")]


@fails("V-406")
def a_decision_edited(town: Town) -> None:
    edited(town, paper(place.DECISION, "decisions", ".json"), lambda raw: raw + b"\n")


@fails("V-406")
def a_text_withheld_though_not_taken_down(town: Town) -> None:
    del town.papers[paper(TEXTS["Park"], "texts", ".txt")]
