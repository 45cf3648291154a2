"""Logs spoilt in what authorities certified: V-403, V-405, V-503, V-504."""

from __future__ import annotations

from typing import Any

from petitions.ledger.entries import Certified, Declared, Paper, write
from tests.verifier import town as place
from tests.verifier.damage import add, edited, fails, hash_of, in_json
from tests.verifier.damage_counted import FAULTS
from tests.verifier.town import PARK, Town

__all__ = ["FAULTS"]


@fails("V-403")
def a_certificate_counted_twice(town: Town) -> None:
    add(town, "end", write(PARK, Paper(40, hash_of(place.EVIDENCE))))


@fails("V-403")
def a_declaration_counted_twice(town: Town) -> None:
    add(town, "first map", write(PARK, Declared(hash_of(b"canton"))))
    add(town, "end", write(PARK, Declared(hash_of(b"canton"))))


@fails("V-405")
def more_certified_than_was_examined(town: Town) -> None:
    add(town, "end", write(PARK, Certified(3, 4, hash_of(b"register"))))


@fails("V-503")
def counts_json_with_other_numbers_on_paper(town: Town) -> None:
    def more(table: dict[str, Any]) -> None:
        table["petitions"][str(PARK)]["paper"] += 1

    edited(town, "counts.json", in_json(more))


@fails("V-503")
def counts_json_that_is_silent_about_certified_signatures(town: Town) -> None:
    add(town, "end", write(PARK, Certified(4, 4, hash_of(b"register"))))

    def silent(table: dict[str, Any]) -> None:
        del table["petitions"][str(PARK)]["certified"]

    edited(town, "counts.json", in_json(silent))
