"""The places that hold petitions' keys, as the log knows them.

A place is announced in the batch that opens the first petition whose key it gets, or at the latest
with the next sealing. It stays announced until somebody says in public that it holds no key any more:
taking it out of the settings is no such word, for a copy may lie there still.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, NotFoundError
from petitions.ledger.entries import LOG_WIDE, VKey
from petitions.ledger.notes import vkey
from petitions.ledger.notice import What
from petitions.services.audit import record
from petitions.services.logs import RETIRE, ROLE_REPLICA, announce_text
from petitions.services.notices import tell
from petitions.services.pending import queue
from petitions.services.ports import Actor, House
from petitions.storage import log_key_rows
from petitions.storage import tables as t


def replica_name(house: House, replica: str) -> str:
    """Name of the key that signs a replica's statements."""
    return f"{house.policy.deployment}/replica/{replica}"


def present(house: House, key: str) -> list[str]:
    """Verifier keys of the places that hold `key`, in the order of their statements."""
    return [vkey(replica_name(house, name), public) for name, public in house.keys.replicas(key)]


def announce(session: Session, house: House, log_id: int, key: str, at: datetime) -> None:
    """Number each place once per log and queue its VKEY entry."""
    if not [text for text in present(house, key) if text not in numbered(session, log_id)]:
        return
    session.get_one(t.LogState, log_id, with_for_update=True)  # two at once would take one number
    known = numbered(session, log_id)
    for text in present(house, key):
        if text not in known:
            known[text] = max(known.values(), default=0) + 1
            session.add(t.ReplicaKey(log_id=log_id, number=known[text], vkey=text))
            announce_text(session, log_id, ROLE_REPLICA, text, "", at)
    session.flush()


def numbered(session: Session, log_id: int) -> dict[str, int]:
    """The published list: verifier key → number that DESTROYED entries name."""
    rows = session.scalars(select(t.ReplicaKey).where(t.ReplicaKey.log_id == log_id))
    return {row.vkey: row.number for row in rows}


def absent(session: Session, house: House, log_id: int, key: str) -> list[str]:
    """Names of announced places that the settings do not name and nobody gave up.

    A sealing waits for them: what they hold would outlive it. A key made in a token was never in
    files, and the other way round.
    """
    here = present(house, key)
    in_token = bool(here) and all(_is_token(text) for text in here)
    return [
        row.vkey.partition("+")[0]
        for row in _standing(session, log_id)
        if row.vkey not in here and _is_token(row.vkey) == in_token
    ]


def _is_token(text: str) -> bool:
    return text.partition("+")[0].endswith("-token")


def _standing(session: Session, log_id: int) -> list[t.LogKey]:
    """Announced places of petitions' keys that were not given up."""
    listed = numbered(session, log_id)
    return [
        row
        for row in log_key_rows.keys_of(session, log_id, ROLE_REPLICA)
        if row.vkey in listed and row.retired is None and row.retire_from is None
    ]


def give_up(
    session: Session, house: House, replica: str, actor: Actor, reason: str, *, at: datetime
) -> list[int]:
    """Retire a place's keys in every log that announced them, with a public notice why.

    `replica`: its name as the statements have it. Returns the logs. NotFoundError where no log
    knows the place; ConflictError while the settings name it: then it holds keys.
    """
    name = replica_name(house, replica)
    found = []
    for log_id in session.scalars(select(t.LogState.log_id).order_by(t.LogState.log_id)):
        rows = [
            row
            for row in log_key_rows.keys_of(session, log_id, ROLE_REPLICA)
            if row.vkey.partition("+")[0] == name
            and row.retired is None
            and row.retire_from is None
        ]
        for row in rows:
            if row.vkey in present(house, f"kek/{LOG_WIDE}"):
                raise ConflictError("replica_in_use")
            if row.added is None:
                raise ConflictError("replica_being_announced")
            row.retire_from = at
            queue(session, log_id, LOG_WIDE, VKey(ROLE_REPLICA, RETIRE, row.vkey), due_at=at)
            tell(session, log_id, LOG_WIDE, What.REPLICA_GIVEN_UP, row.vkey, at, reason)
        found += [log_id] if rows else []
    if not found:
        raise NotFoundError("replica")
    record(
        session, actor, "replica_given_up", at=at,
        detail={"replica": replica, "logs": found, "reason": reason, "name": actor.name},
    )  # fmt: skip
    return found
