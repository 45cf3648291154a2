"""The steps of a ceremony. Each answers whether it is finished; False: it waits for the log or the
clock, and is asked again. Every one may be repeated after a crash.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from petitions.ledger.entries import Destroyed, Seal, write
from petitions.ledger.notes import open_note
from petitions.ledger.notice import What
from petitions.services import groups, replicas, sponsor_deadlines
from petitions.services.notices import tell
from petitions.services.pending import queue
from petitions.services.ports import House
from petitions.services.salts import LIFE
from petitions.storage import log_rows
from petitions.storage import tables as t
from petitions.storage.insertion import insert_once

SALTS_EXPIRE = timedelta(seconds=LIFE + 5)
"""How long a running web process may still hold the petition's salt in memory."""
STATEMENT = "petition-destruction/v1"


class SealingStoppedError(RuntimeError):
    """A key or a statement is not what it must be: a person must look."""


@dataclass(slots=True)
class Ceremony:
    """One petition's, inside one transaction that holds the petition's locks."""

    session: Session
    house: House
    petition_id: UUID
    log_id: int
    ordered: t.Sealing
    at: datetime
    queued: bool = False
    """Whether the log has to take something before this step can be finished."""

    @property
    def key(self) -> str:
        return f"kek/{self.petition_id}"

    def count(self) -> bool:
        """Step 2: no act enters any more, what waits goes with the next batch, and that is public."""
        session, petition_id = self.session, self.petition_id
        session.execute(
            update(t.PetitionSigning)
            .where(t.PetitionSigning.petition_id == petition_id)
            .values(signing="sealing")
        )
        waiting = session.execute(
            update(t.PendingEntry)
            .where(t.PendingEntry.petition_id == petition_id)
            .values(due_at=self.at)
            .returning(t.PendingEntry.type)
            .execution_options(synchronize_session=False)
        ).first()
        if waiting is not None:
            self.queued = True
            return False
        last = session.scalar(
            select(func.max(t.PetitionCount.batch_no)).where(
                t.PetitionCount.petition_id == petition_id
            )
        )
        return last is not None and last <= self._published()

    def log_seal(self) -> bool:
        """Step 3: SEAL repeats the final numbers and names the public checkpoint that holds them.

        The replicas' keys are announced in the same batch: their statements must be verifiable.
        """
        if self.ordered.size is None:
            self.ordered.size, self.ordered.root = self._public_checkpoint()
            replicas.announce(self.session, self.house, self.log_id, self.key, self.at)
            self._name_places()
            queue(self.session, self.log_id, self.petition_id, self._seal(), due_at=self.at)
            self.queued = True
            return False
        found = self._placed(self.ordered.size, [write(self.petition_id, self._seal())])
        if found is None:
            return False
        (self.ordered.seal_index,) = found
        return True

    def erase(self) -> bool:
        """Step 4: the rows go, and with the salt the only way from a person to a tag."""
        gone = {}
        for table in (t.Signature, t.Withdrawal, t.AreaTally):
            deleted = self.session.execute(
                delete(table)
                .where(table.__table__.c.petition_id == self.petition_id)
                .execution_options(synchronize_session=False)
            )
            gone[table.__tablename__] = cast("CursorResult[object]", deleted).rowcount
        codes = groups.leave(self.session, self.petition_id)
        if codes is not None:
            gone["group_act"] = codes
        sponsor_deadlines.erase(self.session, self.petition_id)
        self.ordered.erased, self.ordered.erased_at = gone, self.at
        return True

    def destroy_key(self) -> bool:
        """Step 5: not before every cached salt has expired. Repeating gives the same statements."""
        erased_at = self.ordered.erased_at
        if erased_at is None or self.at < erased_at + SALTS_EXPIRE:
            return False
        # one that was moved since has another key
        replicas.announce(self.session, self.house, self.log_id, self.key, self.at)
        gone = replicas.absent(self.session, self.house, self.log_id, self.key)
        if gone:
            raise SealingStoppedError(f"{self.key}: {gone[0]} holds it and is not in the settings")
        listed = replicas.numbered(self.session, self.log_id)
        signers = replicas.present(self.house, self.key)
        statements = self.house.keys.destroy(self.key)
        if self.house.keys.exists(self.key) or len(statements) != len(signers):
            raise SealingStoppedError(f"{self.key}: a replica did not state that it lost the key")
        for signer, statement in zip(signers, statements, strict=True):
            check_statement(statement, signer, self.key, self.petition_id)
            if signer not in listed:
                raise SealingStoppedError(f"{self.key}: a replica is not in the log's list")
            insert_once(
                self.session, t.DestructionStatement, key_id=self.key,
                replica=signer.partition("+")[0], petition_id=self.petition_id,
                log_id=self.log_id, number=listed[signer], statement=statement,
                statement_hash=hashlib.sha256(statement).digest(),
            )  # fmt: skip
        return True

    def tell(self) -> bool:
        """Step 6: one DESTROYED entry per replica, and its statement, where everybody reads it."""
        bodies = [
            Destroyed(each.number, each.statement_hash)
            for each in statements_of(self.session, self.petition_id)
            if each.number is not None
        ]
        if self.ordered.told_from is None:
            self.ordered.told_from = self.session.get_one(
                t.LogState, self.log_id, populate_existing=True
            ).size
            for body in bodies:
                queue(self.session, self.log_id, self.petition_id, body, due_at=self.at)
            self.queued = True
            return False
        entries = [write(self.petition_id, body) for body in bodies]
        return self._placed(self.ordered.told_from, entries) is not None

    def _published(self) -> int:
        """Number of the newest published batch."""
        state = self.session.get_one(t.LogState, self.log_id, populate_existing=True)
        return state.published_batch

    def _public_checkpoint(self) -> tuple[int, bytes]:
        size, root = self.session.execute(
            select(t.Checkpoint.size, t.Checkpoint.root)
            .where(
                t.Checkpoint.log_id == self.log_id,
                t.Checkpoint.batch_no <= self._published(),
                t.Checkpoint.note.is_not(None),
            )
            .order_by(t.Checkpoint.size.desc())
            .limit(1)
        ).one()
        return size, root

    def _seal(self) -> Seal:
        count = log_rows.last_counts(self.session, [self.petition_id])[self.petition_id]
        size, root = self.ordered.size, self.ordered.root
        if size is None or root is None:
            raise SealingStoppedError("SEAL names no checkpoint")
        return Seal(count.collected, count.withdrawn, count.invalid, count.valid, size, root)

    def _placed(self, after: int, entries: list[bytes]) -> list[int] | None:
        """Where these entries stand in the log, in their order; None until all are public."""
        found = {
            bytes(entry): index
            for entry, index in self.session.execute(
                select(t.LogEntry.entry, t.LogEntry.idx).where(
                    t.LogEntry.log_id == self.log_id,
                    t.LogEntry.idx >= after,
                    t.LogEntry.batch_no <= self._published(),
                    t.LogEntry.entry.in_(entries),
                )
            )
        }
        return [found[each] for each in entries] if len(found) == len(entries) else None

    def _name_places(self) -> None:
        """Which places hold this petition's key: each of them will have to state its end."""
        words = "\n".join(replicas.present(self.house, self.key))
        tell(self.session, self.log_id, self.petition_id, What.KEY_PLACES, self.key, self.at, words)


def check_statement(statement: bytes, signer: str, key: str, petition: UUID) -> None:
    """The replica itself says, under its announced key, that it lost this key; else stop."""
    lines = open_note(statement.decode(), [signer]).splitlines()
    if len(lines) != 6 or (lines[0], lines[2], lines[3]) != (STATEMENT, str(petition), key):
        raise SealingStoppedError(f"{key}: a statement speaks of something else")


def statements_of(session: Session, petition_id: UUID) -> list[t.DestructionStatement]:
    """In the order of the published list of replicas."""
    return list(
        session.scalars(
            select(t.DestructionStatement)
            .where(t.DestructionStatement.petition_id == petition_id)
            .order_by(t.DestructionStatement.number)
        )
    )
