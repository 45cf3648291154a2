"""The way out after an older database was restored: what was published is taken in again.

The published bundles are the truth, the anchor says how far they must reach, and the database must be a
beginning of them; anything else is refused with what to do. One transaction: all of it or nothing.
Signatures and withdrawals newer than the backup have lost their rows, so those persons could act twice;
a NOTICE in the log gives their number as the bound of the error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from petitions.ledger import postquantum
from petitions.ledger.commitments import salt_aad
from petitions.ledger.entries import LOG_WIDE, EntryType, Open, parse
from petitions.ledger.notes import vkey
from petitions.ledger.notice import What
from petitions.ledger.promise import promise_name
from petitions.platform.database import is_sqlite
from petitions.services import notices
from petitions.services.log_import import Import
from petitions.services.log_keys import key_name, second_name
from petitions.services.log_publishing import Shelf, guard_fork, last_anchored
from petitions.services.log_sources import (
    COPIES,
    Folder,
    announced_keys,
    must_be_signed,
    shown_checkpoint,
    walk,
)
from petitions.services.logs import ROLE_LOG, ROLE_PROMISE, ROLE_REPLICA
from petitions.services.ports import House
from petitions.services.publication import NO_END_SECONDS
from petitions.services.tally import LogStoppedError
from petitions.services.windows import WITHOUT_END
from petitions.storage import log_key_rows
from petitions.storage import tables as t
from petitions.storage.insertion import insert_once

LOGGED = 3
"""Step of a sealing whose SEAL is public: the worker goes on from here."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was taken in: entries from `first` up to `size`."""

    first: int
    size: int
    batches: int
    signatures: int
    withdrawals: int
    signatures_lost: int
    """Of these, whose rows are newer than the backup: those persons could sign again."""
    withdrawals_lost: int
    unknown: tuple[UUID, ...]
    """Petitions opened after the backup was made: they have to be filed anew."""


def recover(
    session: Session, house: House, shelf: Shelf, log_id: int, at: datetime
) -> Recovered | None:
    """None where the database already holds all that was published. LogStoppedError: refused.

    The caller holds the log's turn and commits. Signing goes on with the worker's next turn.
    """
    if not is_sqlite(session):  # reading the files takes minutes, in which nothing is asked
        session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    state = session.scalars(
        select(t.LogState).where(t.LogState.log_id == log_id).with_for_update()
    ).one()
    anchored = last_anchored(shelf, log_id)
    shown = shown_checkpoint(shelf.of(log_id), state.origin)
    if anchored is None:
        guard_fork(session, shelf, log_id)  # refused where the log was published before
        return None
    size, root = max([anchored, *([(shown[0].size, shown[0].root)] if shown else [])])
    first = state.size
    if size <= first:
        guard_fork(session, shelf, log_id)
        return None
    folder = Folder(shelf.of(log_id), size)
    stops = {first: state.root, anchored[0]: anchored[1], size: root}
    if shown is not None:
        stops[shown[0].size] = shown[0].root
    sealed = _must_agree(folder, first, stops, state.origin, shown[1] if shown else "")
    work = Import(session, house, log_id, folder.place, at, sealed)
    for batch in _batches(folder, first):
        last = work.take(batch)
    if last != root:
        raise LogStoppedError("what was taken in does not give the published root")
    _close(session, work)
    _go_on_sealing(session, work)
    _keep_apart(session, house, work)
    _find_keys(session, house, state)
    _list_replicas(session, folder.place, log_id)
    found = Recovered(
        first, size, work.batches, work.found[EntryType.SIGN], _withdrawn(work.found),
        work.lost[EntryType.SIGN], _withdrawn(work.lost), tuple(work.unknown),
    )  # fmt: skip
    _notify(session, log_id, found, at)
    return found


def _withdrawn(of: dict[EntryType, int]) -> int:
    return of[EntryType.WITHDRAW] + of[EntryType.WITHDRAW_OPEN]


def _must_agree(
    folder: Folder, first: int, stops: dict[int, bytes], origin: str, note: str
) -> frozenset[UUID]:
    """The files give every root that is remembered; the petitions whose SEAL is to be taken in."""
    keys, sealed = set[str](), set[UUID]()
    for stride in walk(folder.between, folder.size, tuple(stops)):
        keys |= announced_keys(stride.entries, origin)
        sealed |= {
            UUID(bytes=entry[2:18])
            for index, entry in enumerate(stride.entries, stride.first)
            if index >= first and entry[1] == EntryType.SEAL
        }
        if stops.get(stride.size, stride.root) == stride.root:
            continue
        if stride.size == first:
            raise LogStoppedError(
                f"the {first} entries of the database are not the first of those published: this is a "
                "fork and nothing may be signed; restore a backup of the database from before it "
                "parted, then run this again"
            )
        raise LogStoppedError(
            f"the first {stride.size} published entries do not give the root that the anchor or the "
            f"checkpoint names: {COPIES}"
        )
    if note:
        must_be_signed(note, keys)
    return frozenset(sealed)


def _batches(folder: Folder, first: int) -> Iterator[list[bytes]]:
    """Whole batches from `first` on; LogStoppedError where the last one has no border."""
    batch: list[bytes] = []
    at = first
    while at < folder.size:
        end = min(folder.size, at + 4096)
        for entry in folder.between(at, end):
            batch.append(entry)
            if parse(entry).type is EntryType.BATCH:
                yield batch
                batch = []
        at = end
    if batch:
        raise LogStoppedError("the last published batch has no end")


def _close(session: Session, work: Import) -> None:
    """Signing ended after the backup was made: no signature may enter any more."""
    for petition_id, (reason, when) in work.closed.items():
        closed = session.execute(
            update(t.PetitionSigning)
            .where(
                t.PetitionSigning.petition_id == petition_id, t.PetitionSigning.signing == "open"
            )
            .values(signing="closed")
            .returning(t.PetitionSigning.petition_id)
        ).first()
        petition = session.get(t.Petition, petition_id)
        if closed is not None and petition is not None:
            by_date = petition.closes_at if reason == 0 else None
            petition.signing_ended_at = by_date or when


def _go_on_sealing(session: Session, work: Import) -> None:
    """SEAL is public, the restored rows of its signatures are back: the worker destroys them again."""
    for petition_id, (index, seal, when) in work.seals.items():
        signing = session.get(t.PetitionSigning, petition_id, populate_existing=True)
        if signing is None or signing.seal_step >= LOGGED:
            continue
        insert_once(
            session, t.Sealing, petition_id=petition_id, ordered_at=when, reason="",
            ordered_by="(before the database was restored)", erased={},
        )  # fmt: skip
        ordered = session.get_one(t.Sealing, petition_id, populate_existing=True)
        ordered.size, ordered.root, ordered.seal_index = seal.size, seal.root, index
        if petition_id in work.told:
            ordered.told_from = index
        signing.signing, signing.seal_step = "sealing", LOGGED


def _keep_apart(session: Session, house: House, work: Import) -> None:
    """Petitions opened after the backup: their counts stay public, and they never open again here.

    Their salt is lost with the newer database, so nobody could sign twice or withdraw under control.
    """
    for petition_id, opening in work.unknown.items():
        sealed = petition_id in work.seals
        session.add(
            t.PetitionSigning(
                petition_id=petition_id, log_id=work.log_id, kid=house.policy.kid, realm="",
                realm_fingerprint="", rules_hash=opening.rules_hash, closes_at=_end_of(opening, work.at),
                signing="sealed" if sealed else "closed", seal_step=7 if sealed else 0,
                wrapped_salt=None if sealed else _new_salt(house, petition_id),
            )
        )  # fmt: skip


def _find_keys(session: Session, house: House, state: t.LogState) -> None:
    """A key that was changed after the backup: the log announces it, the key store holds it."""
    for row in log_key_rows.keys_of(session, state.log_id, ROLE_LOG, ROLE_PROMISE):
        name = state.origin if row.role == ROLE_LOG else promise_name(state.origin)
        number = 1
        while not row.key_id and house.keys.exists(key_name(row.role, state.log_id, number)):
            key = key_name(row.role, state.log_id, number)
            second = second_name(key)
            if vkey(name, house.keys.public(key)) == row.vkey:
                row.key_id = key
            elif house.keys.exists(second) and (
                postquantum.vkey(name, house.keys.public(second)) == row.vkey
            ):
                row.key_id = second
            number += 1


def _list_replicas(session: Session, place: Path, log_id: int) -> None:
    """The numbers of replicas, as published: DESTROYED entries name them, the log gives the keys."""
    try:
        lines = (place / "statements" / "replicas").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return
    announced = {row.vkey for row in log_key_rows.keys_of(session, log_id, ROLE_REPLICA)}
    for line in lines:
        number, _space, key = line.partition(" ")
        if number.isdecimal() and key in announced:
            insert_once(session, t.ReplicaKey, log_id=log_id, number=int(number), vkey=key)


def _end_of(opening: Open, at: datetime) -> datetime:
    if opening.closes_at == NO_END_SECONDS:
        return WITHOUT_END
    return datetime.fromtimestamp(opening.closes_at, tz=at.tzinfo)


def _new_salt(house: House, petition_id: UUID) -> bytes:
    key = f"kek/{petition_id}"
    if not house.keys.exists(key):
        house.keys.create(key, house.kinds.aes)
    aad = salt_aad(house.policy.deployment, petition_id, house.policy.kid)
    return house.keys.wrap(key, house.random(32), aad)


def _notify(session: Session, log_id: int, found: Recovered, at: datetime) -> None:
    """The public note: what happened, and how large the error can be at most."""
    words = [
        f"signatures {found.signatures}, without their rows {found.signatures_lost}",
        f"withdrawals {found.withdrawals}, without their rows {found.withdrawals_lost}",
        *(f"petition {each} was opened in them" for each in sorted(map(str, found.unknown))),
    ]
    subject = f"{found.first} {found.size}"
    notices.tell(session, log_id, LOG_WIDE, What.RECOVERED, subject, at, "\n".join(words))
