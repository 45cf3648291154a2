"""Spoilt counts, milestones, maps, seals and experiments: the second half of `damage`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from petitions.ledger.entries import (
    LOG_WIDE,
    CountFields,
    Destroyed,
    Geo,
    Seal,
    parse,
    write,
)
from tests.verifier import town as place
from tests.verifier.damage import FAULTS, add, edited, fails, in_json, paper
from tests.verifier.maker import START, Late, Maker, Signer, hash_of
from tests.verifier.town import (
    ATTIC,
    CELLAR,
    DAY,
    NOISE,
    PARK,
    SCHOOL,
    SECRET,
    STATEMENTS,
    Town,
)

# --- counts ---------------------------------------------------------------------------------------


def count_of(entries: list[bytes], petition: UUID) -> int:
    return next(i for i, e in enumerate(entries) if e[1] == 0x28 and e[2:18] == petition.bytes)


@fails("V-501")
def a_count_is_missing(town: Town) -> None:
    def drop(entries: list[bytes]) -> list[bytes]:
        del entries[count_of(entries, SCHOOL)]
        return entries

    town.plans["close"].change = drop


@fails("V-501")
def a_count_that_nothing_moved(town: Town) -> None:
    add(town, "destroyed", Late(lambda log: write(PARK, log.numbers(PARK))))


@fails("V-502")
def one_valid_signature_more(town: Town) -> None:
    def more(entries: list[bytes]) -> list[bytes]:
        at = count_of(entries, SCHOOL)
        n: Any = parse(entries[at]).fields
        entries[at] = write(SCHOOL, CountFields(n.collected, n.withdrawn, n.invalid, n.valid + 1))
        return entries

    town.plans["close"].change = more


@fails("V-503")
def counts_json_ahead_of_the_log(town: Town) -> None:
    def ahead(table: dict[str, Any]) -> None:
        table["petitions"][str(PARK)]["valid"] += 1

    edited(town, "counts.json", in_json(ahead))


@fails("V-503")
def counts_json_names_a_batch_to_come(town: Town) -> None:
    edited(town, "counts.json", in_json(lambda table: table.update(batch=table["batch"] + 1)))


@fails("V-503")
def counts_json_leaves_a_petition_out(town: Town) -> None:
    edited(town, "counts.json", in_json(lambda table: table["petitions"].pop(str(NOISE))))


@fails("V-503")
def counts_json_is_no_json(town: Town) -> None:
    edited(town, "counts.json", lambda raw: raw[:-1])


@fails("V-504")
def a_milestone_one_batch_late(town: Town) -> None:
    hit = place.milestone(PARK, 0, 250)
    items = town.plans["crowd"].items
    at = next(i for i, item in enumerate(items) if isinstance(item, Late))
    del items[at]
    add(town, "empty", hit)


@fails("V-504")
def a_milestone_before_it_was_reached(town: Town) -> None:
    add(town, "few", place.milestone(SCHOOL, 0, 250))


@fails("V-504")
def a_milestone_with_another_threshold(town: Town) -> None:
    items = town.plans["crowd"].items
    at = next(i for i, item in enumerate(items) if isinstance(item, Late))
    items[at] = place.milestone(PARK, 0, 200)


@fails("V-504")
def a_milestone_recorded_twice(town: Town) -> None:
    add(town, "end", place.milestone(PARK, 0, 250))


@fails("V-504")
def a_milestone_that_the_rulebook_does_not_know(town: Town) -> None:
    add(town, "end", place.milestone(PARK, 9, 1))


# --- maps -----------------------------------------------------------------------------------------


def with_map(town: Town, content: bytes, day: int = DAY + 2) -> None:
    """This map in place of the second."""
    town.papers[paper(content, "geo", ".json")] = content
    items = town.plans["second map"].items
    items[0] = Late(lambda _log: write(PARK, Geo(day, hash_of(content))))


@fails("V-505")
def a_value_of_13_on_a_map(town: Town) -> None:
    with_map(town, place.snapshot(DAY + 2, 1, {**place.SECOND_MAP, "east": 13}))


@fails("V-505")
def a_map_that_was_cut_again(town: Town) -> None:
    content = place.snapshot(DAY + 2, 1, place.SECOND_MAP)
    edited(town, paper(content, "geo", ".json"), lambda raw: raw.replace(b"310", b"320"))


@fails("V-505")
def a_map_on_which_an_area_falls(town: Town) -> None:
    with_map(town, place.snapshot(DAY + 2, 1, {**place.SECOND_MAP, "north": 290}))


@fails("V-505")
def a_map_with_one_hidden_area(town: Town) -> None:
    with_map(town, place.snapshot(DAY + 2, 1, {**place.SECOND_MAP, "east": "under 10"}))


@fails("V-505")
def two_maps_of_one_day(town: Town) -> None:
    with_map(town, place.snapshot(DAY + 1, 1, place.SECOND_MAP), DAY + 1)


@fails("V-505")
def a_map_with_another_number_of_invalid_signatures(town: Town) -> None:
    with_map(town, place.snapshot(DAY + 2, 0, place.SECOND_MAP))


@fails("V-505")
def a_map_too_early(town: Town) -> None:
    content = place.snapshot(DAY, 0, {"north": 10})
    town.papers[paper(content, "geo", ".json")] = content
    add(town, "few", place.geo(DAY, content))


# --- sealing --------------------------------------------------------------------------------------


def sealed(town: Town, make: Callable[[Maker], Seal]) -> None:
    town.plans["sealing"].items[-1] = Late(lambda log: write(SCHOOL, make(log)))


@fails("V-701")
def a_seal_with_a_stale_count(town: Town) -> None:
    sealed(town, lambda log: Seal(8, 1, 0, 7, len(log.entries), log.log.root))


@fails("V-701")
def a_seal_with_the_root_of_another_size(town: Town) -> None:
    sealed(town, lambda log: Seal(8, 2, 1, 5, len(log.entries), log.roots[log.ends[-2]]))


@fails("V-701")
def a_seal_that_names_a_state_without_the_last_count(town: Town) -> None:
    sealed(town, lambda log: Seal(8, 2, 1, 5, log.ends[-2], log.roots[log.ends[-2]]))


@fails("V-702")
def a_replica_that_says_nothing(town: Town) -> None:
    town.plans["destroyed"].items.pop()


@fails("V-702")
def a_replica_that_speaks_twice_for_another(town: Town) -> None:
    told = write(SCHOOL, Destroyed(1, hash_of(STATEMENTS[ATTIC])))
    town.plans["destroyed"].items[1] = told


@fails("V-702")
def a_statement_about_another_key(town: Town) -> None:
    other = place.destruction(ATTIC, SCHOOL, f"kek/{PARK}", START)
    town.papers[paper(other, "statements", "")] = other
    town.plans["destroyed"].items[1] = write(SCHOOL, Destroyed(2, hash_of(other)))


@fails("V-702")
def a_statement_that_another_replica_signed(town: Town) -> None:
    forged = Signer(ATTIC.name, CELLAR.key)
    other = place.destruction(forged, SCHOOL, f"kek/{SCHOOL}", START)
    town.papers[paper(other, "statements", "")] = other
    town.plans["destroyed"].items[1] = write(SCHOOL, Destroyed(2, hash_of(other)))


@fails("V-702")
def a_statement_that_is_not_published(town: Town) -> None:
    del town.papers[paper(STATEMENTS[ATTIC], "statements", "")]


@fails("V-702")
def a_replica_whose_key_the_log_never_announced(town: Town) -> None:
    barn = Signer.of(f"{place.DEPLOYMENT}/replica/barn", "barn")
    told = place.destruction(barn, SCHOOL, f"kek/{SCHOOL}", START)
    town.papers[paper(told, "statements", "")] = told
    town.papers["statements/replicas"] = f"1 {CELLAR.vkey}\n2 {barn.vkey}\n".encode()
    town.plans["destroyed"].items[1] = write(SCHOOL, Destroyed(2, hash_of(told)))


@fails("V-702")
def no_replica_says_anything_for_a_month(town: Town) -> None:
    town.plans["destroyed"].items.clear()
    town.plans["end"].after = 32 * 24 * place.HOUR


@fails("V-702")
def a_pepper_statement_with_a_bad_signature(town: Town) -> None:
    forged = Signer(place.IDENTITY.name, place.IDENTITY.key)
    other = place.destruction(forged, LOG_WIDE, "pepper/p1", START)
    bad = other.replace(b"pepper/p1", b"pepper/p2")
    town.papers[paper(bad, "statements", "")] = bad
    add(town, "end", write(LOG_WIDE, place.Notice(hash_of(bad))))


# --- experiments ----------------------------------------------------------------------------------


@fails("V-802")
def a_key_that_its_sheet_does_not_list(town: Town) -> None:
    other = place.sheet_list(1)
    town.papers[paper(other, "sheets", "")] = other
    town.plans["few"].items = [
        place.raw_entry(4, LOG_WIDE, place.be4(place.SHEET) + hash_of(other))
        if isinstance(item, bytes) and item[1] == 4
        else item
        for item in town.plans["few"].items
    ]


@fails("V-802")
def more_private_signatures_than_tokens_issued(town: Town) -> None:
    add(town, "end", place.sign_private(3), place.milestone(SECRET, 3, 4))
    town.papers[f"tokens/{SECRET}"] += b"%d %s %s\n" % (
        place.SHEET, *(place.b64(part).encode() for part in place.token(3)),
    )  # fmt: skip


@fails("V-802")
def a_private_signature_without_a_token(town: Town) -> None:
    path = f"tokens/{SECRET}"
    edited(town, path, lambda raw: b"".join(raw.splitlines(keepends=True)[:-1]))


@fails("V-803")
def one_index_of_the_sample_replaced(town: Town) -> None:
    def replace(raw: bytes) -> bytes:
        table = json.loads(raw)
        table[0]["indices"][3] += 1
        return json.dumps(table).encode()

    edited(town, "audit.json", replace)


__all__ = ["FAULTS"]
