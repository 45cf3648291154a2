"""What lies on the disk after integration tells no order of signing beyond the batch.

People sign one after another in an order drawn at random; it must be lost in every place where the
rows of a batch lie afterwards: rows, pages of the file, journal, log, published files.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from petitions.ledger import commitments
from petitions.services.salts import unwrap
from petitions.services.signing import Act
from petitions.storage import tables as t
from petitions.web.edge import EXTENSION
from petitions.web.open_petitions import sign_once
from tests.house import an_act
from tests.web.town import Town, open_town

PEOPLE = 24
"""Rows of one page of SQLite's file: where a page is split, cells are laid anew anyway."""
PAGE = 4096


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, database_uri) as found:
        yield found


def sign_in_a_row(town: Town, ref: str, people: range) -> list[Act]:
    """Signatures of these people, in an order drawn here and given back."""
    with town.site.session() as session:
        petition = town.site.petition(session, ref).id
        keys = unwrap(session, town.site.house, petition)
    order = list(people)
    secrets.SystemRandom().shuffle(order)
    acts = [an_act(town.site.house, petition, person, town.site.at) for person in order]
    for act in acts:
        sign_once(town.site.app.extensions[EXTENSION], keys, act)
    return acts


def tags_of(town: Town, ref: str, acts: Sequence[Act]) -> list[bytes]:
    with town.site.session() as session:
        petition = town.site.petition(session, ref).id
        salt = unwrap(session, town.site.house, petition).salt
    return [commitments.tag(salt, act.u) for act in acts]


def agreement(order: Sequence[bytes], other: Sequence[bytes]) -> float:
    """Share of pairs that both lists put the same way: 1 the same order, 0 the opposite."""
    place = {value: number for number, value in enumerate(other)}
    ranks = [place[value] for value in order]
    pairs = [(a, b) for n, a in enumerate(ranks) for b in ranks[n + 1 :]]
    return sum(a < b for a, b in pairs) / len(pairs)


def told(order: Sequence[bytes], other: Sequence[bytes]) -> bool:
    """Whether `other` gives `order` away, forwards or backwards. By chance: one in 500,000."""
    return abs(agreement(order, other) - 0.5) > 0.35


def in_file(content: bytes, values: Sequence[bytes]) -> list[bytes]:
    """The values in the order in which they lie in the bytes; each that is there, once."""
    found = [(content.find(value), value) for value in values]
    return [value for place, value in sorted(found) if place >= 0]


def inside_pages(content: bytes, values: Sequence[bytes], order: Sequence[bytes]) -> float:
    """As `agreement` of `order` with the bytes, over pairs that lie in the same page."""
    pages: dict[int, list[bytes]] = {}
    for value in in_file(content, values):
        pages.setdefault(content.find(value) // PAGE, []).append(value)
    found = [
        (agreement([v for v in order if v in set(lying)], lying), len(lying) * (len(lying) - 1))
        for lying in pages.values()
        if len(lying) > 1
    ]
    return sum(share * pairs for share, pairs in found) / sum(pairs for _, pairs in found)


def rows_on_disk(town: Town) -> list[tuple[bytes, str]]:
    """(tag, transaction that wrote it) of `signature` in the order in which they lie."""
    sentence = {
        "postgresql": "SELECT tag, xmin::text FROM signature ORDER BY ctid",
        "sqlite": "SELECT tag, '' FROM signature",
    }
    with town.site.session() as session:
        found: Any = session.execute(text(sentence[session.get_bind().dialect.name])).all()
    return [(bytes(tag), str(written)) for tag, written in found]


def raw_file(town: Town) -> bytes:
    return (town.folder / "petitions.sqlite").read_bytes()


def raw_journal(town: Town) -> bytes:
    journal = town.folder / "petitions.sqlite-wal"
    return journal.read_bytes() if journal.exists() else b""


def test_two_batches_lie_in_the_order_of_their_codes_each_written_at_once(town: Town) -> None:
    ref = town.publish()
    first = tags_of(town, ref, sign_in_a_row(town, ref, range(PEOPLE)))
    town.integrate()
    second = tags_of(town, ref, sign_in_a_row(town, ref, range(PEOPLE, 2 * PEOPLE)))
    town.integrate()
    rows = rows_on_disk(town)
    assert {tag for tag, _ in rows} == {*first, *second}
    for batch in (first, second):
        lying = [(tag, written) for tag, written in rows if tag in set(batch)]
        assert [tag for tag, _ in lying] == sorted(batch), "by their codes, not as they came"
        assert len({written for _, written in lying}) == 1, "one transaction wrote them all"
        assert not told(batch, [tag for tag, _ in lying])
    assert town.count(t.PendingEntry, t.PendingEntry.type == 16) == 0


def test_nothing_is_left_of_the_order_in_what_waited_for_the_batch(town: Town) -> None:
    ref = town.publish()
    acts = sign_in_a_row(town, ref, range(PEOPLE))
    drawn = [act.commitment for act in acts]
    assert town.count(t.PendingEntry, t.PendingEntry.type == 16) == PEOPLE
    town.integrate()
    with town.site.session() as session:
        entries = session.execute(text("SELECT entry FROM log_entry ORDER BY idx")).scalars()
        logged = [bytes(entry)[-32:] for entry in entries]
    assert [value for value in logged if value in set(drawn)] == sorted(drawn)
    for path in (town.folder / "log").rglob("*"):
        if path.is_file() and (lying := in_file(path.read_bytes(), drawn)):
            assert lying == sorted(drawn), path


def test_the_pages_of_the_file_hold_no_order_and_nothing_that_was_deleted(
    tmp_path: Path, sqlite_uri: str
) -> None:
    """SQLite stores by key, but inside a page cells lie as they came until they are laid anew."""
    with open_town(tmp_path, sqlite_uri) as town:
        ref = town.publish()
        for number in range(2):
            acts = sign_in_a_row(town, ref, range(number * PEOPLE, (number + 1) * PEOPLE))
            tags, drawn = tags_of(town, ref, acts), [act.commitment for act in acts]
            town.integrate()
            content = raw_file(town)
            lying = in_file(content, tags)
            assert len(lying) == PEOPLE
            assert not told(tags, lying), f"batch {number}: {agreement(tags, lying):.2f}"
            assert abs(inside_pages(content, tags, tags) - 0.5) < 0.35, "nor inside a page"
            if number == 0:  # later batches fill the gaps between earlier ones
                assert abs(inside_pages(content, tags, sorted(tags)) - 0.5) > 0.45
            assert not told(drawn, in_file(content, drawn))
            for value in (*tags, *drawn):
                assert raw_journal(town).count(value) == 0, "the journal ends with the batch"
            for value in tags:
                assert content.count(value) == 1, "a row that was moved leaves no trace"
            for act in acts:
                # the entry, and the index on it
                assert content.count(act.commitment) == 2


def test_a_vacuumed_table_of_postgresql_keeps_the_order_of_the_codes(
    tmp_path: Path, postgresql_uri: str
) -> None:
    with open_town(tmp_path, postgresql_uri) as town:
        ref = town.publish()
        tags = tags_of(town, ref, sign_in_a_row(town, ref, range(PEOPLE)))
        assert told(tags, [tag for tag, _ in rows_on_disk(town)]), "before, they lie as they came"
        town.integrate()
        engine = town.site.sessions.kw["bind"]
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM signature, pending_entry")
        assert [tag for tag, _ in rows_on_disk(town)] == sorted(tags)


def test_an_order_that_is_kept_is_found() -> None:
    values = [secrets.token_bytes(32) for _ in range(PEOPLE)]
    assert told(values, values)
    assert told(values, values[::-1])
    assert not told(values, sorted(values))
    assert in_file(b"--".join(values), values) == values
