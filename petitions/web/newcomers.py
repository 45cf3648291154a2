"""Somebody who has logged in and has no right yet: known to us for minutes, in a sealed cookie.

It serves to type in a one-time code of the command line, and for nothing else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response

from petitions.domain.staffing import NEWCOMER_LIFE
from petitions.web.edge import cookie, drop_cookie, engine, put_cookie
from petitions.web.sessions import Proved

COOKIE, ROOM = "newcomer", "/office/code"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who logged in, and what their login proved."""

    actor: str
    name: str
    proved: Proved


def remember(answer: Response, who: Newcomer) -> None:
    at, proved = engine().clock(), who.proved
    told = {
        "actor": who.actor,
        "name": who.name,
        "until": (at + NEWCOMER_LIFE).timestamp(),
        "auth_time": proved.auth_time.timestamp() if proved.auth_time else None,
        "marks": [proved.subject_mark.hex(), (proved.session_mark or b"").hex()],
    }
    sealed = engine().seal.seal(at, json.dumps(told).encode(), COOKIE.encode())
    put_cookie(answer, COOKIE, sealed, path=ROOM, seconds=int(NEWCOMER_LIFE.total_seconds()))


def remembered() -> Newcomer | None:
    """Whoever logged in here without a role in the last quarter of an hour."""
    at = engine().clock()
    opened = engine().seal.open(at, cookie(COOKIE), COOKIE.encode())
    if opened is None:
        return None
    told = json.loads(opened)
    if not (at.timestamp() <= told["until"]):
        return None
    subject, session = (bytes.fromhex(mark) for mark in told["marks"])
    auth_time = told["auth_time"]
    proved = Proved(
        auth_time=None if auth_time is None else datetime.fromtimestamp(auth_time, UTC),
        subject_mark=subject,
        session_mark=session or None,
    )
    return Newcomer(told["actor"], told["name"], proved)


def forget(answer: Response) -> None:
    drop_cookie(answer, COOKIE, path=ROOM)
