"""What a list asks of petitions besides words: days over ten years, states, counts, a week's moves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, bindparam, insert, update
from sqlalchemy.orm import sessionmaker

from benchmarks.similar_data import SEED, Corpus, Text
from petitions.domain.lifecycle import State
from petitions.storage import search_rebuilding
from petitions.storage import tables as t

LAST = date(2026, 11, 15)
"""The last day with signatures."""
OPEN, QUIET, SORTED, OWED = 0.1, 0.002, 0.7, 0.05
"""Shares: of those published, the ones still open; of all, the ones on no list, and those with a topic;
of those not refused, the ones that a body has to do with.
"""
BODIES = ("committee", "office", "ministry")


def dress(engine: Engine, found: Corpus) -> None:
    """A tenth of the published ones still open, with sixty days of signatures each; three kinds,
    fourteen topics for most of them, three bodies with something to do about one in twenty.
    """
    chance = random.Random(SEED)
    rows = [_petition(each, chance) for each in found.texts]
    changed = (
        update(t.Petition.__table__)  # type: ignore[arg-type]
        .where(t.Petition.__table__.c.id == bindparam("key"))
        .values({name: bindparam(f"to_{name}") for name in rows[0] if name != "key"})
    )
    with engine.begin() as connection:
        connection.execute(
            changed,
            [{k if k == "key" else f"to_{k}": v for k, v in row.items()} for row in rows],
        )
        counted = [(row, int(10 ** (chance.random() * 5))) for row in rows if row["published_at"]]
        connection.execute(insert(t.PublicCount), [_count(row, valid) for row, valid in counted])
        for start in range(0, len(counted), 1000):
            days = [
                day for row, n in counted[start : start + 1000] for day in _days(row, n, chance)
            ]
            connection.execute(insert(t.DailyCount), days)
        connection.execute(
            insert(t.PetitionClock),
            [
                {"petition_id": row["key"], "stale": False, "unlisted": chance.random() < QUIET}
                for row in rows
            ],
        )
        owed = [row for row in rows if row["state"] != State.REFUSED and chance.random() < OWED]
        connection.execute(insert(t.Track), [_track(row, chance.choice(BODIES)) for row in owed])
    with sessionmaker(engine)() as session:
        search_rebuilding.rebuild(session, session.commit)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        full = "VACUUM ANALYZE" if engine.dialect.name != "sqlite" else "ANALYZE"
        connection.exec_driver_sql(full)


def _petition(each: Text, chance: random.Random) -> dict[str, Any]:
    at = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(5_000_000))
    published = None if each.state is State.REFUSED else at + timedelta(days=7)
    closes = published + timedelta(days=182) if published else None
    open_now = published is not None and chance.random() < OPEN
    return {
        "key": each.key, "submitted_at": at, "published_at": published, "opens_at": published,
        "closes_at": closes, "state_since": closes or at + timedelta(days=9),
        "topic": f"topic_{chance.randrange(14)}" if chance.random() < SORTED else None,
        "kind": chance.choices(("petition", "initiative", "query"), (8, 1, 1))[0],
        "state": str(State.PUBLISHED if open_now else each.state),
    }  # fmt: skip


def _count(row: dict[str, Any], valid: int) -> dict[str, Any]:
    return {"petition_id": row["key"], "valid": valid, "withdrawn": 0, "invalid": 0, "batch_no": 1,
            "at": row["state_since"]}  # fmt: skip


def _track(row: dict[str, Any], body: str) -> dict[str, Any]:
    return {"petition_id": row["key"], "code": "examine", "body": body, "status": "overdue",
            "opened_at": row["state_since"]}  # fmt: skip


def _days(row: dict[str, Any], valid: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Open ones to the last day, others long ago."""
    now = row["state"] == State.PUBLISHED
    last, many, a_day = (
        (LAST, 60, chance.randrange(40)) if now else (LAST.replace(year=2024), 20, 0)
    )
    for back in range(many):
        day = last - timedelta(days=back)
        yield {"petition_id": row["key"], "day": day, "valid": max(0, valid - back * a_day)}
