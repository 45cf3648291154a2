"""Sixty real duplicates: the petition that the clerk named comes back, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker

from admissibility.similar import similar
from benchmarks.similar_data import Corpus, Text, findings, lay, sample
from benchmarks.similar_plain import plain_search


@pytest.fixture(scope="module")
def duplicates() -> Corpus:
    return sample()


@pytest.fixture(scope="module")
def laid(lasting_engine: Engine, duplicates: Corpus) -> Engine:
    """The sixty and what else is there, indexed once for the module: the tests only ask."""
    lay(lasting_engine, duplicates, lambda _said: None)
    return lasting_engine


def share(found: list[bool]) -> float:
    return sum(found) / len(found)


def named_at(session: Session, each: Text, request: str) -> int:
    """The place among the first five of a petition that the clerk named; 0 where there is none."""
    rows = similar(session, each.title, request, "en", 5, [each.key])
    named = {f"B-{number}" for number in each.named}
    return next((place for place, row in enumerate(rows, 1) if row.ref in named), 0)


def test_what_the_clerk_named_is_found_more_often_than_by_plain_search(
    laid: Engine, duplicates: Corpus
) -> None:
    plain = plain_search(laid)
    assert len(duplicates.duplicates) == 60
    asked = duplicates.duplicates[::2]
    with sessionmaker(laid)() as session:
        ranks = [named_at(session, each, each.request) for each in asked]
        ours, five = (share([0 < rank <= first for rank in ranks]) for first in (1, 5))
        title = share([0 < named_at(session, each, "") for each in asked])
        theirs = []
        for each in asked:
            words = f"{each.title} {each.request}"
            first = next(key for key in plain(session, words) if key != each.key)
            theirs.append(first in {duplicates.real[n].key for n in each.named})
    assert five >= 0.7
    assert title >= 0.55
    assert ours > share(theirs)


def test_a_text_on_another_matter_is_answered_with_nothing(
    laid: Engine, duplicates: Corpus
) -> None:
    with sessionmaker(laid)() as session:
        assert similar(session, "Rename the town hall after our late mayor", "", "en") == []
        request = "We ask that chess is taught by grandmasters on rainy afternoons."
        assert similar(session, "Chess lessons for pensioners", request, "en") == []


def test_a_refused_duplicate_speaks_for_the_petition_it_duplicates(
    laid: Engine, duplicates: Corpus
) -> None:
    findings(laid, duplicates)
    asked = duplicates.duplicates[0]
    with sessionmaker(laid)() as session:
        found = similar(session, asked.title, asked.request, "en")
        assert found[0].ref in {f"B-{number}" for number in asked.named}
        assert found[0].duplicates == 1
        assert f"B-{asked.number}" not in [each.ref for each in found]
