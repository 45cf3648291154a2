"""Sixty real duplicates: the petition that the clerk named comes back, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker

from admissibility.similar import similar
from benchmarks.similar_data import Corpus, Text, findings, lay, sample
from benchmarks.similar_plain import plain_search


@pytest.fixture
def duplicates() -> Corpus:
    return sample()


def share(found: list[bool]) -> float:
    return sum(found) / len(found)


def named_among(session: Session, each: Text, request: str, first: int) -> bool:
    rows = similar(session, each.title, request, "en", first, [each.key])
    return any(row.ref == f"B-{number}" for row in rows for number in each.named)


def test_what_the_clerk_named_is_found_more_often_than_by_plain_search(
    engine: Engine, duplicates: Corpus
) -> None:
    lay(engine, duplicates, lambda _said: None)
    plain = plain_search(engine)
    asked = duplicates.duplicates
    assert len(asked) == 60
    with sessionmaker(engine)() as session:
        ours = share([named_among(session, each, each.request, 1) for each in asked])
        five = share([named_among(session, each, each.request, 5) for each in asked])
        title = share([named_among(session, each, "", 5) for each in asked])
        theirs = []
        for each in asked:
            words = f"{each.title} {each.request}"
            first = next(key for key in plain(session, words) if key != each.key)
            theirs.append(first in {duplicates.real[n].key for n in each.named})
    assert five >= 0.7
    assert title >= 0.55
    assert ours > share(theirs)


def test_a_refused_duplicate_speaks_for_the_petition_it_duplicates(
    engine: Engine, duplicates: Corpus
) -> None:
    lay(engine, duplicates, lambda _said: None)
    findings(engine, duplicates)
    asked = duplicates.duplicates[0]
    with sessionmaker(engine)() as session:
        found = similar(session, asked.title, asked.request, "en")
        assert found[0].ref in {f"B-{number}" for number in asked.named}
        assert found[0].duplicates == 1
        assert f"B-{asked.number}" not in [each.ref for each in found]


def test_a_text_on_another_matter_is_answered_with_nothing(
    engine: Engine, duplicates: Corpus
) -> None:
    lay(engine, duplicates, lambda _said: None)
    with sessionmaker(engine)() as session:
        assert similar(session, "Rename the town hall after our late mayor", "", "en") == []
        request = "We ask that chess is taught by grandmasters on rainy afternoons."
        assert similar(session, "Chess lessons for pensioners", request, "en") == []
