"""The statements of the signing transaction, in the order that makes it safe.

On PostgreSQL the whole first attempt is one round trip, `sign_petition` (a volatile function: each
of its statements sees a new snapshot, as step 7 needs). On SQLite the same steps run one by one
inside BEGIN IMMEDIATE. Nothing here is an ORM object: this is the hot path.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import psycopg
from sqlalchemy import or_, select, text, update
from sqlalchemy.orm import Session

from petitions.domain.errors import UnavailableError
from petitions.ledger.entries import EntryType
from petitions.platform.database import (
    advisory_lock,
    database_now,
    is_sqlite,
)
from petitions.storage.insertion import insert_once
from petitions.storage.tables import (
    LogBatch,
    LogEntry,
    LogState,
    PendingEntry,
    PetitionSigning,
    RemovedLeaf,
    Signature,
    SpentPass,
)

_LOOKS = 5
"""Times to look for a row that settling moves; a second move needs another batch in between."""


class Attempt(StrEnum):
    """How the first attempt of a signing transaction ended."""

    SIGNED = "signed"
    CLOSED = "closed"
    REPLAYED = "replayed"
    """The pass was spent before: only the repeated answer is allowed."""
    EXISTS = "exists"
    """The pass is fresh, the person's row is there already."""
    STALE = "stale"
    """The commitment is in use: roll back."""


@dataclass(frozen=True, slots=True)
class NewSignature:
    """Values of one act. No identity, no time: `due_in` is a policy, not a clock."""

    petition_id: UUID
    log_id: int
    jti_hash: bytes
    jti_expires: datetime
    tag: bytes
    link: bytes
    commitment: bytes
    area: str
    classes: tuple[str, ...]
    max_wait: int
    """Seconds a pending entry may wait; its due time is rounded up to a minute at most."""


def lock_key(petition_id: UUID) -> int:
    """Advisory lock of a petition: shared by signers, exclusive for closing and sealing."""
    return int.from_bytes(hashlib.sha256(petition_id.bytes).digest()[:8], "big", signed=True)


def due_time(now: datetime, max_wait: int) -> datetime:
    """Now + max_wait, rounded up to min(1 minute, max_wait), so that it tells no instant."""
    step = min(60, max_wait)
    seconds = int((now + timedelta(seconds=max_wait)).timestamp())
    return datetime.fromtimestamp(-(-(seconds + 1) // step) * step, tz=now.tzinfo)


def _sign_entry(petition_id: UUID, commitment: bytes) -> bytes:
    return bytes([1, EntryType.SIGN]) + petition_id.bytes + commitment


NOT_FRESH = "PT409"
"""SQLSTATE of the function's own refusal."""
_FUNCTION = (
    "SELECT status, size FROM sign_petition(%s::bigint, %s, %s::smallint, %s, %s, %s, %s, %s, %s,"
    " %s::text, %s::text, %s::integer, %s::timestamptz)"
)


def first_attempt(session: Session, new: NewSignature, at: datetime | None) -> tuple[Attempt, int]:
    """Steps 1 to 7. Returns the outcome and the log size read before any insert.

    `at` None = the database's clock inside this transaction, which is the legal one.
    """
    if not is_sqlite(session):
        return _at_once(session, new, at)
    now = at or database_now(session)
    size = open_size(session, new.petition_id, now)
    if size is None:
        return Attempt.CLOSED, 0
    if not insert_once(session, SpentPass, jti_hash=new.jti_hash, expires_at=new.jti_expires):
        return Attempt.REPLAYED, size
    if not insert_once(
        session,
        Signature,
        petition_id=new.petition_id,
        tag=new.tag,
        standing="signed",
        link=new.link,
        cycles=0,
        settled=False,
    ):
        return Attempt.EXISTS, size
    return (Attempt.SIGNED if queue_sign(session, new, now) else Attempt.STALE), size


def _at_once(session: Session, new: NewSignature, at: datetime | None) -> tuple[Attempt, int]:
    """The function call by the driver itself: the statement layer would cost more than the call."""
    connection = session.connection()
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    values = (
        lock_key(new.petition_id), new.petition_id, new.log_id, new.jti_hash, new.jti_expires,
        new.tag, new.link, new.commitment, _sign_entry(new.petition_id, new.commitment), new.area,
        json.dumps(list(new.classes)), new.max_wait, at,
    )  # fmt: skip
    try:
        row = driver.execute(_FUNCTION, values, prepare=True).fetchone()
    except psycopg.Error as error:
        if error.sqlstate == NOT_FRESH:
            return Attempt.STALE, 0
        if driver.closed:
            connection.invalidate()
        raise
    assert row is not None
    return Attempt(row[0]), int(row[1])


def open_size(session: Session, petition_id: UUID, now: datetime) -> int | None:
    """Steps 1 and 2: take the shared lock, then the log's size if signing is open."""
    advisory_lock(session, lock_key(petition_id), shared=True)
    return session.execute(
        select(LogState.size)
        .join(PetitionSigning, PetitionSigning.log_id == LogState.log_id)
        .where(
            PetitionSigning.petition_id == petition_id,
            PetitionSigning.signing == "open",
            PetitionSigning.closes_at > now,
            or_(
                PetitionSigning.shut_from.is_(None),
                PetitionSigning.shut_from > now,
                PetitionSigning.shut_until <= now,
            ),
        )
    ).scalar_one_or_none()


def queue_sign(session: Session, new: NewSignature, now: datetime) -> bool:
    """Steps 6 and 7. False: the commitment is pending or already in the log."""
    if not insert_once(
        session,
        PendingEntry,
        log_id=new.log_id,
        petition_id=new.petition_id,
        type=int(EntryType.SIGN),
        body=new.commitment,
        secret=None,
        area=new.area,
        classes=list(new.classes),
        due_at=due_time(now, new.max_wait),
    ):
        return False
    # A new statement, hence a new snapshot: without it a copied commitment that arrives while the
    # worker moves the original would pass both unique indexes and jam the next batch.
    return leaf_index(session, new.petition_id, new.commitment) is None


def leaf_index(session: Session, petition_id: UUID, commitment: bytes) -> int | None:
    return session.execute(
        select(LogEntry.idx).where(
            LogEntry.entry == _sign_entry(petition_id, commitment),
            text(SIGN_ENTRIES_SQLITE if is_sqlite(session) else SIGN_ENTRIES_POSTGRESQL),
        )
    ).scalar_one_or_none()


SIGN_ENTRIES_SQLITE = "substr(entry, 2, 1) IN (x'10', x'11')"
SIGN_ENTRIES_POSTGRESQL = "get_byte(entry, 1) IN (16, 17)"


@dataclass(frozen=True, slots=True)
class Standing:
    standing: str
    link: bytes | None
    cycles: int


def standing_for_update(session: Session, petition_id: UUID, tag: bytes) -> Standing | None:
    """The person's row, locked; None where there is none.

    Settling moves a row: whoever waited for its lock then finds nothing, although the row is there
    under the next snapshot. A plain look, which sees exactly one version, tells the two apart.
    """
    wanted = (Signature.petition_id == petition_id, Signature.tag == tag)
    held = select(Signature.standing, Signature.link, Signature.cycles).where(*wanted)
    for _ in range(_LOOKS):
        row = session.execute(held.with_for_update()).one_or_none()
        if row is not None:
            return Standing(row.standing, row.link, row.cycles)
        if session.execute(select(Signature.standing).where(*wanted)).first() is None:
            return None
    raise UnavailableError("busy")


def sign_again(session: Session, new: NewSignature) -> None:
    session.execute(
        update(Signature)
        .where(Signature.petition_id == new.petition_id, Signature.tag == new.tag)
        .values(standing="signed", link=new.link, cycles=Signature.cycles + 1, settled=False)
    )


def mark_withdrawn(session: Session, petition_id: UUID, tag: bytes) -> None:
    session.execute(
        update(Signature)
        .where(Signature.petition_id == petition_id, Signature.tag == tag)
        .values(standing="withdrawn", link=None, settled=False)
    )


def removal_reason(session: Session, log_id: int, index: int) -> int | None:
    return session.execute(
        select(RemovedLeaf.reason).where(RemovedLeaf.log_id == log_id, RemovedLeaf.idx == index)
    ).scalar_one_or_none()


def batch_time(session: Session, log_id: int, index: int) -> datetime | None:
    """When the leaf was integrated: the only time a signature ever has."""
    return session.execute(
        select(LogBatch.at)
        .where(LogBatch.log_id == log_id, LogBatch.first <= index)
        .order_by(LogBatch.first.desc())
        .limit(1)
    ).scalar_one_or_none()
