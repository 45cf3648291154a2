"""Petitions with their fate for the likeness benchmark: read from a folder, laid into a database.

The folder holds `petitions_uk_sample.jsonl.gz` (one petition a line as the UK Parliament's petitions
API gives it, with `rejection_links`: the petitions that the clerk named) and
`petitions_uk_titles_sample.csv.gz` (column `action`). Further texts up to the wanted number are
recombined from halves of titles and from sentences of petitions that are linked with none.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from uuid import UUID, uuid5

from sqlalchemy import Engine, insert
from sqlalchemy.orm import sessionmaker

from petitions.domain.lifecycle import State
from petitions.storage import search_rebuilding
from petitions.storage import tables as t

SPACE = UUID("5e6f0d9a-6f0e-4a57-9c3e-1d8d1b6c7a10")
SEED = 7
_LISTS = {
    "title": "title_vector",
    "whole": "whole_vector",
    "pairs": "search_pairs(title, request, reasons)",
}
"""PostgreSQL's indexes of words, and of what."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Text:
    number: int
    title: str
    request: str = ""
    reasons: str = ""
    state: State = State.CLOSED_BELOW
    at: datetime = datetime(2016, 1, 1, tzinfo=UTC)
    named: tuple[int, ...] = ()
    """Petitions in the same file that the clerk named when refusing this one as a duplicate."""
    links: tuple[int, ...] = ()
    """Every petition of the file that the clerk named, whatever the ground."""

    @property
    def key(self) -> UUID:
        return uuid5(SPACE, str(self.number))


@dataclass(frozen=True)
class Corpus:
    texts: list[Text]
    real: dict[int, Text]
    """Those with a fate, by number."""

    @cached_property
    def group(self) -> dict[int, int]:
        """Petitions that clerks' links tie together, by the smallest number among them."""
        parent = {number: number for number in self.real}

        def root(number: int) -> int:
            while parent[number] != number:
                number = parent[number]
            return number

        for each in self.real.values():
            for other in each.links:
                one, two = sorted((root(each.number), root(other)))
                parent[two] = one
        return {number: root(number) for number in parent}

    @cached_property
    def duplicates(self) -> list[Text]:
        return [each for each in self.real.values() if each.named]

    def half(self, *, tuning: bool) -> list[Text]:
        """Whole groups on either side, drawn once: what was tuned on one is reported on the other."""
        groups = sorted({self.group[each.number] for each in self.duplicates})
        random.Random(SEED).shuffle(groups)
        tuned = set(groups[::2])
        return [each for each in self.duplicates if (self.group[each.number] in tuned) is tuning]


def corpus(folder: Path, size: int) -> Corpus:
    with gzip.open(folder / "petitions_uk_sample.jsonl.gz", "rt", encoding="utf-8") as lines:
        raw = [json.loads(line) for line in lines]
    there = {each["id"] for each in raw}
    real = {each["id"]: _text(each, there) for each in raw}
    found = Corpus(list(real.values()), real)
    with gzip.open(folder / "petitions_uk_titles_sample.csv.gz", "rt", encoding="utf-8") as rows:
        titles = [row["action"] for row in csv.DictReader(rows)]
    found.texts.extend(_distractors(found, titles, size - len(real)))
    return found


def sample() -> Corpus:
    """Sixty duplicates of as many subjects with what their clerks named, and eighty other petitions.

    Contains Parliamentary information licensed under the Open Government Licence v3.0.
    """
    lines = (Path(__file__).parent / "duplicates_uk.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    real = {
        row["number"]: Text(
            row["number"], row["title"], row["request"], state=State(row["state"]),
            named=tuple(row["named"]), links=tuple(row["named"]),
        )
        for row in rows
    }  # fmt: skip
    return Corpus(list(real.values()), real)


def _text(raw: dict, there: set[int]) -> Text:
    said = raw["attributes"]
    links = tuple(n for n in raw["rejection_links"] if n in there and n != raw["id"])
    refused = said["rejection"] or {}
    return Text(
        number=raw["id"],
        title=said["action"] or "",
        request=said["background"] or "",
        reasons=said["additional_details"] or "",
        state=_state(said),
        at=datetime.fromisoformat(said["created_at"]),
        named=links if refused.get("code") == "duplicate" else (),
        links=links,
    )


def _state(said: dict) -> State:
    if said["state"] == "rejected":
        return State.REFUSED
    if said["government_response"] or said["debate"]:
        return State.EXAMINED
    return State.PUBLISHED if said["state"] == "open" else State.CLOSED_BELOW


def _distractors(found: Corpus, titles: list[str], wanted: int) -> Iterator[Text]:
    linked = {found.group[each.number] for each in found.duplicates}
    sentences = [
        sentence
        for each in found.real.values()
        if found.group[each.number] not in linked
        for part in (each.request, each.reasons)
        for sentence in _SENTENCE.split(part)
        if len(sentence) > 30
    ]
    chance = random.Random(SEED)
    for n in range(max(wanted, 0)):
        title = titles[n] if n < len(titles) else _recombined(chance, titles)
        yield Text(
            10_000_000 + n,
            title,
            " ".join(chance.sample(sentences, 2)),
            " ".join(chance.sample(sentences, 3)),
            State.REFUSED if chance.random() < 0.6 else State.CLOSED_BELOW,
        )


def _recombined(chance: random.Random, titles: list[str]) -> str:
    one, two = (title.split() for title in chance.sample(titles, 2))
    return " ".join([*one[: max(1, len(one) // 2)], *two[len(two) // 2 :]])


def lay(engine: Engine, found: Corpus, progress: Callable[[str], None]) -> None:
    """The corpus as petitions of one kind, indexed and counted as `petitions search rebuild` does."""
    with engine.begin() as connection:
        connection.execute(insert(t.RulebookVersion), [_rulebook()])
        for start in range(0, len(found.texts), 2000):
            part = found.texts[start : start + 2000]
            connection.execute(insert(t.Petition), [_petition(each) for each in part])
            connection.execute(insert(t.PetitionText), [_words(each) for each in part])
    progress("texts are in")
    server = engine.dialect.name != "sqlite"
    if server:  # made row by row it takes half an hour, made at once a minute
        _indexes(engine, "DROP INDEX ix_search_text_{0}")
    with sessionmaker(engine)() as session:
        search_rebuilding.rebuild(session, session.commit)
        session.commit()
    if server:
        _indexes(engine, "CREATE INDEX ix_search_text_{0} ON search_text USING gin ({1})")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    progress("index is built")


def _indexes(engine: Engine, command: str) -> None:
    with engine.begin() as connection:
        for part, words in _LISTS.items():
            connection.exec_driver_sql(command.format(part, words))


def findings(engine: Engine, found: Corpus) -> None:
    """What the clerks found: each refused duplicate is about the subject of those they named."""
    with engine.begin() as connection:
        connection.execute(
            insert(t.SameSubject),
            [
                {"petition_id": each.key, "other_id": found.real[other].key, "found_by": "clerk",
                 "actor": "clerk", "note": "", "at": each.at}
                for each in found.duplicates for other in each.named
            ],
        )  # fmt: skip


def _rulebook() -> dict:
    return {"id": "bench", "version": 1, "digest": b"b" * 32, "canonical": b"{}",
            "valid_from": datetime(2015, 1, 1, tzinfo=UTC).date(),
            "stored_at": datetime(2015, 1, 1, tzinfo=UTC)}  # fmt: skip


def _petition(each: Text) -> dict:
    open_at = each.at + timedelta(days=7)
    published = each.state is not State.REFUSED
    return {
        "id": each.key, "assembly": "bench", "rulebook_id": "bench", "rulebook_version": 1,
        "kind": "petition", "choices": {}, "targets": {}, "reference": f"B-{each.number}",
        "state": str(each.state), "language": "en", "author_tag": b"a" * 32, "author_name": "",
        "similar_shown": True, "difference": "", "created_at": each.at, "submitted_at": each.at,
        "published_at": open_at if published else None, "opens_at": open_at if published else None,
        "closes_at": open_at + timedelta(days=182) if published else None,
        "state_since": open_at, "time_zone_data": "", "version": 1, "channel": "online",
    }  # fmt: skip


def _words(each: Text) -> dict:
    return {
        "petition_id": each.key, "language": "en", "title": each.title, "request": each.request,
        "reasons": each.reasons, "folded": each.title.casefold(), "authoritative": True,
        "frozen": False, "origin": "author", "bound": [], "summary": "",
    }  # fmt: skip
