"""Lists and searches beside a naive search in Python, on both databases: same petitions, same order, same
figures, for random petitions and random questions.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from petitions.storage import list_walks, reading, search_rebuilding
from petitions.storage import tables as t
from petitions.storage.list_order import KEYED, Beside
from petitions.storage.search_reading import LANGUAGES, matched, search
from petitions.storage.word_forms import form
from tests.house import Precinct, a_precinct

WORDS = (
    "jardin",
    "jardins",
    "école",
    "écoles",
    "velo",
    "marché",
    "marcher",
    "tram",
    "tramway",
    "lac",
)
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
    state = chance.choice(
        ("published", "published", "refused", "closed_below", "withdrawn", "hidden", "archived")
    )
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
                    petition_id=one.key,
                    language=language,
                    title=" ".join(one.titles[language]),
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
    found = []
    for word in folded:
        stems = {form(word, each) for each in LANGUAGES}
        begun = last if word == last and len(last) > 2 else ""
        if begun:  # stems of the words that begin so, whatever the stem has become
            whole = [_folded(each) for each in WORDS if _folded(each).startswith(begun)]
            stems |= {form(each, lang) for each in whole for lang in ("fr", "nl")}
        found.append((stems, begun))
    return found


def _has(stems: set[str], meant: tuple[set[str], str]) -> bool:
    exact, begun = meant
    return bool(stems & exact) or (bool(begun) and any(stem.startswith(begun) for stem in stems))


Worth = Sequence[tuple[str, float]]


def naive(
    town: list[One], typed: Sequence[str], question: reading.Question, worth: Worth
) -> list[One]:
    """Every petition that answers, in order."""
    found = [
        each
        for each in town
        if each.seen
        and (not question.state or each.state == question.state)
        and (not question.kind or each.kind == question.kind)
        and _answering(each, typed)
    ]
    return sorted(found, key=lambda each: _place(each, typed, question.sort, worth))


def _answering(one: One, typed: Sequence[str]) -> list[str]:
    """Languages of the texts that have every word."""
    meant = _meant(typed) if typed else []
    return [lang for lang in one.titles if all(_has(one.stems(lang), each) for each in meant)]


def _place(one: One, typed: Sequence[str], sort: str, worth: Worth) -> tuple[Any, ...]:
    newest = (-one.newest.timestamp(), str(one.key))
    match sort:
        case "most_signed":
            return (-(one.count if one.count is not None else -1), *newest)
        case "week":
            return (-one.week, *newest)
        case "updated":
            return (-one.since.timestamp(), str(one.key))
        case "closing":
            closes = one.closes.timestamp() if one.closes else 0.0
            return (one.state != "published", one.closes is None, closes, *newest)
        case "relevance":
            texts = _answering(one, typed)
            return (
                -max(_weight(one.stems(lang, title_only=True), worth) for lang in texts),
                *newest,
            )
    return newest


def _weight(title: set[str], worth: Worth) -> float:
    """Words of the title, in the order in which the database adds them."""
    total = 0.0
    for stem, value in worth:
        begun = stem.endswith("*") and any(each.startswith(stem[:-1]) for each in title)
        total += value if begun or stem in title else 0.0
    return total


def _asked(chance: random.Random) -> tuple[list[str], reading.Question]:
    typed = chance.sample([*WORDS, "tra", "mar", "ecol"], chance.choice((0, 1, 1, 2)))
    sort = chance.choice(SORTS if typed else SORTS[:-1])
    return typed, reading.Question(
        assemblies=("valmont",), shown_in="fr", words=" ".join(typed), sort=sort,
        state=chance.choice(("", "", "published", "refused")),
        kind=chance.choice(("", "", "query")), since=DAY - timedelta(days=7),
    )  # fmt: skip


def test_random_questions_are_answered_as_a_naive_search_does(
    precinct: Precinct, town: list[One]
) -> None:
    chance = random.Random(5)
    names = {each.key: each for each in town}
    hits = 0
    for _question in range(70):
        typed, asked = _asked(chance)
        with precinct.session() as session:
            worth = matched(session, asked).worth
            found = search(session, asked, offset=0, limit=99)
            expected = naive(town, typed, asked, worth)
            got = [names[row.petition.id] for row in found.rows]
            assert got == expected, (typed, asked.sort, asked.state, asked.kind)
            assert found.total == len(expected), typed
            for name in ("state", "kind"):
                free = naive(town, typed, replace(asked, **{name: ""}), worth)
                assert found.facets[name] == Counter(getattr(each, name) for each in free), typed
            hits += len(expected)
            _turned(session, asked, expected)
    assert hits > 300


def test_the_beginning_of_the_list_is_enough_where_many_have_the_words(
    precinct: Precinct, town: list[One], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL looks at a few of the list first: the pages are the same, forward and back."""
    monkeypatch.setattr(list_walks, "FREQUENT", 2)
    monkeypatch.setattr(list_walks, "BEGINNINGS", (3, 9))
    chance = random.Random(9)
    for typed, sort in product((["tram"], ["jardin", "lac"]), SORTS):
        asked = reading.Question(
            assemblies=("valmont",), shown_in="fr", words=" ".join(typed), sort=sort,
            state=chance.choice(("", "published")), since=DAY - timedelta(days=7),
        )  # fmt: skip
        with precinct.session() as session:
            expected = naive(town, typed, asked, matched(session, asked).worth)
            assert len(expected) > 2, (typed, sort)
            _turned(session, asked, expected)


def _turned(session: Session, asked: reading.Question, expected: list[One]) -> None:
    """Page by page, forward and back, it is the same list."""
    pages = [
        search(session, asked, offset=at, limit=7).rows for at in range(0, len(expected) + 1, 7)
    ]
    assert [row.petition.id for page in pages for row in page] == [each.key for each in expected]
    if asked.sort not in KEYED or len(expected) < 9:
        return
    after = Beside(expected[3].reference)
    rows = search(session, asked, offset=0, limit=5, beside=after).rows
    assert [row.petition.id for row in rows] == [each.key for each in expected[4:9]]
    before = Beside(expected[-2].reference, back=True)
    rows = search(session, asked, offset=0, limit=5, beside=before).rows
    assert [row.petition.id for row in rows] == [each.key for each in expected[-7:-2]]


def test_the_index_says_where_each_petition_stands_and_the_check_finds_what_differs(
    precinct: Precinct, town: list[One]
) -> None:
    assert len(town) == 60
    with precinct.session() as session:
        assert search_rebuilding.faults(session) == []
        one = next(each for each in town if each.seen)
        session.execute(
            update(t.SearchText).where(t.SearchText.petition_id == one.key).values(state="examined")
        )
        assert "stand elsewhere" in search_rebuilding.faults(session)[0]
        search_rebuilding.rebuild(session, session.flush)
        assert search_rebuilding.faults(session) == []
