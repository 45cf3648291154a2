"""Telling followers: the list of mails of one happening, beside the same rows by one bare INSERT.

The product writes a thousand rows a transaction, each with how far it came; the ceiling is one
`INSERT … SELECT` of all of them into a table with the same key. Then some of the mails are composed
and handed to nobody, which is what one post does besides waiting for the mail server.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import select

from benchmarks.ground import Ground, ground, published_petition
from petitions.app import composer
from petitions.domain.following import Happening
from petitions.services import follow_queue, spreading, telling
from petitions.services.follow_keys import FollowKeys, follow_keys
from petitions.storage import tables as t

FOLLOWERS, ROUNDS, COMPOSED = 100_000, 3, 1_000
BARE = (
    "CREATE TABLE IF NOT EXISTS bare_mail (occasion varchar(80), follower_id uuid, kind varchar(10),"
    " subscription_id uuid, standing varchar(8), urgency smallint, due_at timestamptz,"
    " attempts smallint, PRIMARY KEY (occasion, follower_id))"
)
BARE_INSERT = (
    "INSERT INTO bare_mail SELECT %s, follower_id, 'happening', id, 'waiting', 5, now(), 0"
    " FROM subscription WHERE scope = 'petition' AND target = %s"
)


@dataclass(frozen=True, slots=True)
class Found:
    followers: int
    spread: list[float]
    """Seconds of each round, all pieces together."""
    bare: list[float]
    longest_piece: float
    composed: float
    """Mails a second, addresses opened, both forms written."""


def run() -> Found:
    with ground() as here, psycopg.connect(here.libpq) as driver:
        petition, _reference = published_petition(here)
        keys = follow_keys(here.house)
        people(driver, keys, petition, FOLLOWERS)
        driver.execute(BARE)
        driver.commit()
        spread, bare, longest = [], [], 0.0
        for number in range(ROUNDS):
            began = perf_counter()
            longest = max(longest, _spread(here, petition, f"round:{number}"))
            spread.append(perf_counter() - began)
            began = perf_counter()
            driver.execute(BARE_INSERT, (f"round:{number}", str(petition)))
            driver.commit()
            bare.append(perf_counter() - began)
        return Found(FOLLOWERS, spread, bare, longest, _composed(here))


def people(driver: psycopg.Connection, keys: FollowKeys, petition: UUID, count: int) -> None:
    """So many confirmed followers of one petition, each told at once."""
    today = datetime.now(UTC).date()
    every = [(uuid4(), f"person{number}@example.org") for number in range(count)]
    with driver.cursor() as cursor:
        with cursor.copy(
            "COPY follower (id, mark, sealed, language, asked_on, asked_times, bounced) FROM STDIN"
        ) as out:
            for row, address in every:
                sealed = keys.seal(address, row, secrets.token_bytes(12))
                out.write_row((row, keys.mark(address), sealed, "en", today, 0, 0))
        with cursor.copy(
            "COPY subscription (id, follower_id, scope, target, rhythm, asked_on, confirmed_on)"
            " FROM STDIN"
        ) as out:
            for row, _address in every:
                out.write_row((uuid4(), row, "petition", str(petition), "at_once", today, today))
    driver.commit()
    driver.execute("ANALYZE subscription")
    driver.commit()


def _spread(here: Ground, petition: UUID, key: str) -> float:
    """One happening to all of them; the longest piece in seconds."""
    at = datetime.now(UTC)
    with here.sessions.begin() as session:
        row = session.get_one(t.Petition, petition)
        telling.tell_followers(session, row, Happening.RESTORED, at, key=key)
    longest, more = 0.0, True
    with here.sessions() as session:
        (event,) = session.scalars(
            select(t.FollowEvent.id).where(
                t.FollowEvent.spread_at.is_(None), t.FollowEvent.what == Happening.RESTORED
            )
        )
    while more:
        began = perf_counter()
        with here.sessions.begin() as session:
            more = spreading.spread(session, event, at)
        longest = max(longest, perf_counter() - began)
    return longest


def _composed(here: Ground) -> float:
    making, at = composer(here.settings, here.house), datetime.now(UTC)
    with here.sessions.begin() as session:
        mails = follow_queue.claim(session, at, COMPOSED)
    began = perf_counter()
    for mail in mails:
        with here.sessions() as session:
            if making.compose(session, mail, at) is None:
                raise RuntimeError("a mail that should be sent was not composed")
    return len(mails) / (perf_counter() - began)


def report(found: Found) -> str:
    ours, theirs = median(found.spread), median(found.bare)
    listed = (
        f"{found.followers:,} followers listed in {ours:.2f} s "
        f"({found.followers / ours:,.0f} a second), a bare INSERT takes {theirs:.2f} s: "
        f"ratio {ours / theirs:.1f}"
    )
    piece = f"longest transaction of a piece: {found.longest_piece * 1000:.0f} ms"
    made = f"composed, addresses opened, as text and HTML: {found.composed:,.0f} mails a second"
    return f"{listed}\n{piece}\n{made}"
