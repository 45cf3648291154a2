"""What the check of a receipt finds, from published files alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from petitions.ledger.receipt import parse_tlog_proof
from petitions.ledger.receipt_check import WRONG, Finding, Verdict
from tests.ledger import changed_keys
from tests.ledger.receipts import BY, Paper, cases, flipped, paper

CASES = [*cases(), *changed_keys.cases()]


@pytest.mark.parametrize(
    ("given", "finding"), [(each, found) for _, each, found in CASES], ids=[c[0] for c in CASES]
)
def test_each_paper_is_told_what_it_is(given: Paper, finding: Finding) -> None:
    outcome = given.judged()
    kinds = [each.finding for each in outcome.found]
    assert finding in kinds, kinds
    assert (outcome.verdict is Verdict.PROVED) is (finding is Finding.PROOF_LEADS)
    assert (outcome.verdict is Verdict.WRONG) is (finding in WRONG)
    if outcome.verdict is Verdict.PROVED:
        again = replace(given, text=outcome.proof, files={}).judged()
        assert (again.verdict, again.proof) == (Verdict.PROVED, outcome.proof)


def test_an_entry_of_a_long_log_is_proved_through_three_levels_of_tiles() -> None:
    given = paper(66_000, 300)
    outcome = given.judged()
    assert outcome.verdict is Verdict.PROVED
    assert parse_tlog_proof(outcome.proof).index == 66_003
    assert {name.split("/")[2] for name in given.asked if "tile" in name} >= {"0", "1", "2"}


def test_an_invented_receipt_costs_one_bundle_and_no_search() -> None:
    given = paper(700, 300)
    forged = replace(given, text=flipped(given.text, -2, -20))
    assert forged.judged().verdict is Verdict.WRONG
    assert [name for name in forged.asked if "entries" in name] == ["2026/tile/entries/000"]


def test_the_search_ends_with_the_promised_time() -> None:
    given = paper(700, 3000, own=False, at=BY + 1)
    assert given.judged().verdict is Verdict.WRONG
    assert Finding.BROKEN in {each.finding for each in given.judged().found}


def test_no_sentence_tells_the_value_of_the_receipt() -> None:
    outcome = paper().judged()
    told = repr([each.facts for each in outcome.found])
    assert "QEFCQ0" not in told
    assert bytes(range(0x40, 0x60)).hex() not in told
