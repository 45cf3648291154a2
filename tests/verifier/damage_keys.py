"""Spoilt changes of keys, notices and procedures: the last part of `damage`."""

from __future__ import annotations

from typing import Any

from petitions.ledger.entries import LOG_WIDE, Open, write
from petitions.ledger.notice import What
from tests.verifier import lane
from tests.verifier import town as place
from tests.verifier.damage import add, edited, fails, in_json, paper
from tests.verifier.damage_certified import FAULTS
from tests.verifier.lane import LANE, notice, procedure, told
from tests.verifier.maker import ORIGIN, Signer, hash_of
from tests.verifier.town import ATTIC, CELLAR, NEW_LOG, NOTICES, OLD_LOG, PARK, Town

# --- keys -----------------------------------------------------------------------------------------


@fails("V-104")
def no_checkpoint_bears_both_signatures(town: Town) -> None:
    town.papers.pop("handovers", None)
    edited(town, "handovers", lambda _raw: b"")


@fails("V-104")
def a_handover_that_the_old_key_did_not_sign(town: Town) -> None:
    def only_new(raw: bytes) -> bytes:
        lines = raw.decode().splitlines(keepends=True)
        return "".join(lines[:4] + lines[5:]).encode()  # three lines, an empty one, the old key's

    edited(town, "handovers", only_new)


@fails("V-104")
def a_handover_signed_by_the_old_key_after_its_end(town: Town) -> None:
    def late(files: dict[str, bytes]) -> None:
        files["handovers"] = town.log.checkpoint([OLD_LOG, NEW_LOG], town.log.ends[-1]).encode()

    town.spoil.append(late)


@fails("V-104")
def a_handover_of_a_fork(town: Town) -> None:
    def forked(files: dict[str, bytes]) -> None:
        size = town.log.ends[2]
        right, town.log.roots[size] = town.log.roots[size], bytes(32)
        files["handovers"] = town.log.checkpoint([OLD_LOG, NEW_LOG], size).encode()
        town.log.roots[size] = right

    town.spoil.append(forked)


@fails("V-104")
def a_list_of_keys_with_a_size_too_many(town: Town) -> None:
    def longer(table: dict[str, Any]) -> None:
        ended = next(each for each in table["keys"] if each["until"] is not None)
        ended["until"] += 1

    edited(town, "keys.json", in_json(longer))


@fails("V-104")
def a_list_of_keys_that_is_missing(town: Town) -> None:
    town.spoil.append(lambda files: files.pop("keys.json") and None)


@fails("V-104")
def a_key_that_nobody_before_it_announced_in_public(town: Town) -> None:
    """Announced in the last batch, signing alone with it: the one before has not signed."""
    third = Signer.of(ORIGIN, "third log")
    add(town, "end", place.announce(1, third))
    town.signers, town.policy_keys = [third], [NEW_LOG, third]


# --- papers of notices ----------------------------------------------------------------------------


@fails("V-406")
def a_notice_of_a_petition_that_is_not_published(town: Town) -> None:
    del town.papers[paper(NOTICES["withheld"], "notices", ".txt")]
    town.papers[paper(lane.TEXT, "texts", ".txt")] = lane.TEXT


@fails("V-406")
def a_text_that_was_restored_and_is_not_shown(town: Town) -> None:
    shown = notice(LANE, What.TEXT_RESTORED, hash_of(lane.TEXT).hex())
    town.papers[paper(shown, "notices", ".txt")] = shown
    add(town, "end", told(LANE, shown))


@fails("V-406")
def a_text_withheld_that_another_petition_still_shows(town: Town) -> None:
    gone = notice(PARK, What.TEXT_WITHHELD, hash_of(place.TEXTS["Park"]).hex())
    town.papers[paper(gone, "notices", ".txt")] = gone
    add(town, "end", told(PARK, gone))
    del town.papers[paper(place.TEXTS["Park"], "texts", ".txt")]


@fails("V-406")
def a_notice_about_another_petition(town: Town) -> None:
    odd = notice(PARK, What.TEXT_RESTORED, "")
    town.papers[paper(odd, "notices", ".txt")] = odd
    add(town, "end", told(LANE, odd))


# --- procedures -----------------------------------------------------------------------------------


def judged(town: Town, **changes: Any) -> None:
    """LANE opened with another notice of its procedure."""
    other = procedure([lane.SHED, CELLAR], **changes)
    town.papers[paper(other, "notices", ".txt")] = other
    items = town.plans["changes"].items
    items[items.index(told(LANE, NOTICES["procedure"]))] = told(LANE, other)


@fails("V-504")
def a_procedure_of_a_kind_that_the_rules_do_not_know(town: Town) -> None:
    judged(town, kind="avenue")


@fails("V-504")
def a_procedure_with_a_choice_that_the_rules_do_not_know(town: Town) -> None:
    judged(town, choices={"size": "tiny"})


@fails("V-504")
def a_threshold_of_another_choice(town: Town) -> None:
    targets = {"heard": {"threshold": 9, "k": 0}, "share": {"threshold": 4, "k": 0}}
    judged(town, targets=targets)


@fails("V-504")
def a_share_that_was_divided_wrongly(town: Town) -> None:
    targets = {"heard": {"threshold": 3, "k": 0}, "share": {"threshold": 5, "k": 0}}
    judged(town, targets=targets)


@fails("V-504")
def a_milestone_of_a_share_that_is_not_recorded(town: Town) -> None:
    town.plans["close"].items.pop()


@fails("V-504")
def a_petition_gets_another_procedure_later(town: Town) -> None:
    other = procedure([lane.SHED, CELLAR], choices={"size": "large"}, targets={})
    town.papers[paper(other, "notices", ".txt")] = other
    add(town, "end", told(LANE, other))


@fails("V-504")
def a_petition_opened_without_a_word_how_it_is_judged(town: Town) -> None:
    opening = write(place.UUID(int=99), Open(hash_of(lane.TEXT), hash_of(lane.RULES), 2**64 - 1))
    add(town, "end", opening)
    town.papers[paper(lane.TEXT, "texts", ".txt")] = lane.TEXT


# --- places of keys -------------------------------------------------------------------------------


@fails("V-702")
def a_replica_given_up_without_a_word(town: Town) -> None:
    town.plans["first map"].items.remove(told(LOG_WIDE, NOTICES["given up"]))


@fails("V-702")
def a_place_that_had_the_key_at_the_opening_and_says_nothing(town: Town) -> None:
    """It is not among the places at the seal; nobody gave it up."""
    items = town.plans["first map"].items
    items.remove(told(LOG_WIDE, NOTICES["given up"]))
    items.remove(place.announce(3, lane.SHED, 0))


@fails("V-702")
def a_place_named_at_the_seal_that_says_nothing(town: Town) -> None:
    only = notice(LANE, What.KEY_PLACES, f"kek/{LANE}", f"{CELLAR.vkey}\n{ATTIC.vkey}")
    assert only == NOTICES["places"]
    town.plans["destroyed"].items.pop()


@fails("V-702")
def a_place_that_the_log_never_announced(town: Town) -> None:
    barn = Signer.of(f"{place.DEPLOYMENT}/replica/barn", "barn")
    vkeys = "\n".join(each.vkey for each in (CELLAR, ATTIC, barn))
    other = notice(LANE, What.KEY_PLACES, f"kek/{LANE}", vkeys)
    town.papers[paper(other, "notices", ".txt")] = other
    items = town.plans["sealing"].items
    items[items.index(told(LANE, NOTICES["places"]))] = told(LANE, other)


__all__ = ["FAULTS"]
