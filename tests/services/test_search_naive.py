"""Lists and searches beside a naive search in Python, on both databases: same petitions, same order, same
figures, for random petitions and random questions.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select

from petitions.storage import reading, search_rebuilding
from petitions.storage import tables as t
from petitions.storage.list_order import Beside
from petitions.storage.search_reading import LANGUAGES, search
from petitions.storage.word_forms import form
from tests.house import Precinct, a_precinct

WORDS = ("jardin", "jardins", "école", "écoles", "velo", "marché", "marcher", "tram", "tramway", "lac")
SORTS = ("newest", "most_signed", "week", "closing", "updated", "relevance")
DAY = date(2026, 3, 2)
LISTED = {"published", "refused", "closed_below", "withdrawn", "archived"}


@dataclass
class One:
    """A petition as the naive search sees it."""

    key: UUID
    reference: str
    state: str
    language: str
    kind: str
    newest: datetime
    since: datetime
    closes: datetime | None
    seen: bool
    count: int | None
    week: int
    titles: dict[str, list[str]] = field(default_factory=dict)
    bodies: dict[str, list[str]] = field(default_factory=dict)

    def stems(self, language: str, *, title_only: bool = False) -> set[str]:
        said = self.titles[language] + ([] if title_only else self.bodies[language])
        return {form(_folded(word), language) for word in said}


def _folded(word: str) -> str:
    return word.replace("é", "e")


@pytest.fixture(scope="module")
def precinct(lasting_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Precinct:
    return a_precinct(tmp_path_factory.mktemp("naive"), lasting_engine, batch_min=1)


@pytest.fixture(scope="module")
def town(precinct: Precinct) -> list[One]:
    chance = random.Random(11)
    model = precinct.publish(title="Un modèle")
    with precinct.session() as session:
        columns = {
            c.key: getattr(session.get_one(t.Petition, model), c.key)
            for c in t.Petition.__table__.columns
        }
        session.get_one(t.Petition, model).state = "hidden"
        session.get_one(t.Petition, model).previous_state = "published"
    return [_put(precinct, columns, chance, number) for number in range(60)]


def _put(precinct: Precinct, columns: dict[str, Any], chance: random.Random, number: int) -> One:
    at = columns["published_at"] + timedelta(hours=chance.randrange(30))
    state = chance.choice(("published", "published", "refused", "closed_below", "withdrawn", "hidden", "archived"))
    out = state in {"withdrawn", "archived"} and chance.random() < 0.3
    refused = state == "refused"
    unlisted = chance.random() < 0.1
    one = One(
        uuid4(), f"1998-{number:05d}", state, "fr", chance.choice(("petition", "query")), at,
        at + timedelta(hours=chance.randrange(5)), None if refused else columns["closes_at"] + timedelta(hours=chance.randrange(9)),
        state in LISTED and not out and not unlisted,
        None if refused else chance.choice((None, 0, 3, 3, 8, 50)), 0,
    )  # fmt: skip
    for language in ("fr", "nl") if chance.random() < 0.4 else ("fr",):
        one.titles[language] = chance.sample(WORDS, 2)
        one.bodies[language] = chance.sample(WORDS, 3)
    with precinct.session() as session:
        session.add(
            t.Petition(
                **{
                    **columns, "id": one.key, "reference": one.reference, "kind": one.kind,
                    "state": "published" if state == "hidden" else state,
                    "published_at": None if refused else at, "submitted_at": at,
                    "opens_at": None if refused else columns["opens_at"],
                    "closes_at": one.closes, "state_since": one.since,
                    "previous_state": "hidden" if out else None,
                }
            )
        )  # fmt: skip
        session.flush()
        for language in one.titles:
            session.add(
                t.PetitionText(
                    petition_id=one.key, language=language, title=" ".join(one.titles[language]),
                    request=" ".join(one.bodies[language]),
                )
            )
        _count(session, one, chance)
        if unlisted:
            session.merge(t.PetitionClock(petition_id=one.key, unlisted=True))
    if state == "hidden":  # what goes out of sight after it was indexed
        with precinct.session() as session:
            found = session.get_one(t.Petition, one.key)
            found.state, found.previous_state = "hidden", "published"
    return one


def _count(session: Any, one: One, chance: random.Random) -> None:
    if one.count is None:
        return
    session.add(
        t.PublicCount(
            petition_id=one.key, valid=one.count, withdrawn=0, invalid=0, batch_no=1, at=one.newest
        )
    )
    before = chance.choice((None, 0, one.count, one.count + 4))
    if before is not None:
        session.add(t.DailyCount(petition_id=one.key, day=DAY - timedelta(days=9), valid=before))
    if chance.random() < 0.7:
        session.add(t.DailyCount(petition_id=one.key, day=DAY - timedelta(days=2), valid=0))
        session.add(t.DailyCount(petition_id=one.key, day=DAY, valid=one.count))
        one.week = max(0, one.count - (before or 0))


def _meant(typed: Sequence[str]) -> list[tuple[set[str], str]]:
    """Of each word: its stems, and the beginning that the last one is."""
    folded = list(dict.fromkeys(_folded(word) for word in typed))
    last = _folded(typed[-1])
    return [
        ({form(word, each) for each in LANGUAGES}, last if word == last and len(last) > 2 else "")
        for word in folded
    ]


def _has(stems: set[str], meant: tuple[set[str], str]) -> bool:
    exact, begun = meant
    return bool(stems & exact) or (bool(begun) and any(stem.startswith(begun) for stem in stems))


def naive(town: list[One], typed: Sequence[str], question: reading.Question) -> list[One]:
    """Every petition that answers, in order."""
    meant = _meant(typed) if typed else []
    found = [
        each
        for each in town
        if each.seen
        and (not question.state or each.state == question.state)
        and (not question.kind or each.kind == question.kind)
        and (not typed or any(all(_has(each.stems(lang), m) for m in meant) for lang in each.titles))
    ]
    return sorted(found, key=lambda each: _place(town, typed, question, each))


def _place(
    town: list[One], typed: Sequence[str], question: reading.Question, one: One
) -> tuple[Any, ...]:
    newest = (-one.newest.timestamp(), str(one.key))
    match question.sort:
        case "most_signed":
            return (-(one.count if one.count is not None else -1), *newest)
        case "week":
            return (-one.week, *newest)
        case "updated":
            return (-one.since.timestamp(), str(one.key))
        case "closing":
            closes = one.closes.timestamp() if one.closes else 0.0
            return (one.state != "published", one.closes is None, closes, *newest)
        case "relevance" if typed:
            return (-round(_weight(town, typed, one), 9), *newest)
    return newest


def _weight(town: list[One], typed: Sequence[str], one: One) -> float:
    """The best of its texts that answer: words of the title, the rarer the more."""
    indexed = [(each, lang) for each in town if each.state != "hidden" and each.seen_or_unlisted for lang in each.titles]  # type: ignore[attr-defined]
    raise NotImplementedError
