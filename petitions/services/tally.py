"""The tally: pending signatures become one sorted batch of the log, counts move, milestones are hit.

T1, one transaction per batch: what it takes from `pending_entry` it appends to the log. A crash
before its commit changes nothing. Publishing and settling follow in transactions of their own.
Exactly once by primary keys; one-way, since nothing here is ever deleted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from petitions.domain.collecting import Milestone
from petitions.domain.counting import Place
from petitions.domain.milestones import reached
from petitions.domain.vocabulary import Basis, Evaluate
from petitions.ledger import commitments, tree
from petitions.ledger.batch import Batch, Count, DropReason, PendingEntry, build_batch
from petitions.ledger.entries import LOG_WIDE, EntryType, Invalidate, leaf_hash, read_body
from petitions.services import area_maps, handed_over, outbox, rolling
from petitions.services.cooling_off import petitions_cooling
from petitions.services.ports import House
from petitions.services.salts import SigningKeys, unwrap
from petitions.services.tallying import number, tally_of
from petitions.services.targets import target
from petitions.storage import log_key_rows, log_paper_rows, paper_rows
from petitions.storage import log_rows as rows
from petitions.storage import tables as t
from petitions.storage.insertion import insert_once

TAKE_AWAY = frozenset({EntryType.WITHDRAW, EntryType.WITHDRAW_OPEN, EntryType.INVALIDATE})
PAPERS = frozenset({EntryType.PAPER, EntryType.CERTIFIED, EntryType.DECLARED})
QUIET = timedelta(days=1)
"""At least one batch a day, empty if need be: silence is visible in the log."""


class LogStoppedError(RuntimeError):
    """The log contradicts itself: the worker stops and a person must look."""


@dataclass(frozen=True, slots=True)
class Integrated:
    log_id: int
    batch_no: int
    size: int
    signatures: int


def integrate(session: Session, house: House, log_id: int, at: datetime) -> Integrated | None:
    """T1. None where nothing was due. The caller commits, and nothing else in between."""
    head = rows.locked_head(session, log_id)
    cooling = petitions_cooling(session, house, log_id)
    due = rows.due_petitions(session, log_id, at, house.policy.batch_min, cooling)
    if head.batch_no == 0 and log_key_rows.keys_alone(session, log_id, at):
        pending = log_key_rows.take_announcements(session, log_id)
    else:
        pending = rows.take_pending(session, log_id, due, at, cooling)
    when = max(at, head.last_at) if head.last_at else at
    if not pending and (head.batch_no == 0 or head.last_at is None or at - head.last_at < QUIET):
        return None
    seconds = int(when.timestamp())
    pending = area_maps.current(session, pending)
    batch = _build(session, house, head, pending, seconds)
    write_batch(session, head, batch, datetime.fromtimestamp(seconds, tz=at.tzinfo))
    queue_effects(session, head, batch, pending, at)
    paper_rows.note_logged(session, batch.number, papers_entering(pending))
    _leave_word(session, batch, at)
    signed = sum(1 for p in pending if p.type is EntryType.SIGN)
    return Integrated(log_id, batch.number, batch.first + len(batch.entries), signed)


def _build(
    session: Session,
    house: House,
    head: rows.LogHead,
    pending: Sequence[PendingEntry],
    seconds: int,
) -> Batch:
    keys: dict[UUID, SigningKeys] = {}

    def key_of(petition: UUID) -> SigningKeys:
        if petition not in keys:
            keys[petition] = unwrap(session, house, petition)
        return keys[petition]

    def opening(petition: UUID, index: int, r_w: bytes, mark: bytes) -> bytes:
        plain = commitments.opening_plain(index, r_w)
        return house.keys.wrap(f"kek/{petition}", plain, commitments.opening_aad(petition, mark))

    return build_batch(
        pending,
        rows.last_counts(session, {p.petition for p in pending}),
        origin=head.origin,
        number=head.batch_no + 1,
        first=head.size,
        time=seconds,
        archive=rows.DatabaseArchive(session, head.log_id),
        mark=lambda petition, target: commitments.mark(key_of(petition).salt, target),
        opening=opening,
        milestones=_milestones(session, house, pending, datetime.fromtimestamp(seconds, UTC)),
        also=handed_over.judged_in(session, pending),
    )


def write_batch(session: Session, head: rows.LogHead, batch: Batch, at: datetime) -> None:
    """Entries, tiles, counts, the batch's row and its unsigned checkpoint; the log's head moves."""
    rows.write_entries(session, head.log_id, batch)
    log_key_rows.note_entries(session, head.log_id, batch.first, batch.entries)
    log_paper_rows.note_entries(session, batch.first, batch.entries)
    leaves = [leaf_hash(entry) for entry in batch.entries]
    appended = tree.append(head.size, leaves, rows.DatabaseTiles(session, head.log_id))
    rows.write_tiles(session, head.log_id, appended.tiles)
    rows.write_counts(session, batch)
    rows.write_removals(session, head.log_id, batch)
    rows.add_areas(session, dict(batch.areas))
    session.execute(
        insert(t.LogBatch).values(
            log_id=head.log_id, batch_no=batch.number, first=batch.first,
            entries=len(batch.entries), at=at,
        )
    )  # fmt: skip
    session.execute(
        insert(t.Checkpoint).values(
            log_id=head.log_id, size=appended.new_size, batch_no=batch.number, root=appended.root,
            note=None, cosignatures="",
        )
    )  # fmt: skip
    if not rows.advance_head(session, head, appended.new_size, appended.root, batch.number):
        raise LogStoppedError(f"log {head.log_id} moved under the lock")


def _leave_word(session: Session, batch: Batch, at: datetime) -> None:
    """A leaf that was to be declared invalid had been withdrawn: the clerk who decided is told."""
    for dropped in batch.dropped:
        fields = read_body(dropped.pending.type, dropped.pending.body)
        if isinstance(fields, Invalidate) and dropped.reason is DropReason.NO_LONGER_STANDING:
            insert_once(
                session, t.Task, id=uuid4(), petition_id=dropped.pending.petition,
                kind="removal_not_standing", subject=str(fields.index), opened_at=at,
                facts={"index": fields.index},
            )  # fmt: skip


def queue_effects(
    session: Session,
    head: rows.LogHead,
    batch: Batch,
    pending: Sequence[PendingEntry],
    at: datetime,
) -> None:
    """Milestones and closings take effect once their batch is public: jobs, each with its key."""
    about = {"log": head.log_id, "batch": batch.number}
    for handed in handed_over.judged_in(session, pending):  # below its number it closes now
        key, payload = f"handed:{handed}:{batch.number}", {**about, "petition": str(handed)}
        outbox.enqueue(session, "closed", key, payload, at=at)
    for hit in batch.milestones:
        session.execute(
            insert(t.MilestoneReached).values(
                petition_id=hit.petition, rule=hit.rule, threshold=hit.threshold, valid=hit.valid,
                batch_no=batch.number,
            )
        )  # fmt: skip
        payload = {**about, "petition": str(hit.petition), "rule": hit.rule}
        key = f"milestone:{hit.petition}:{hit.rule}"
        outbox.enqueue(session, "milestone", key, payload, at=at)
    for p in pending:
        payload = {**about, "petition": str(p.petition)}
        if p.type is EntryType.CLOSE:
            outbox.enqueue(session, "closed", f"closed:{p.petition}", payload, at=at)
        elif p.type in PAPERS:
            key = f"certified:{p.petition}:{batch.number}"
            outbox.enqueue(session, "certified", key, payload, at=at)
        elif p.type in TAKE_AWAY:
            key = f"count_fell:{p.petition}:{batch.number}"
            outbox.enqueue(session, "count_fell", key, payload, at=at)


MilestonesOf = Callable[[UUID, Count], Sequence[tuple[int, ...]]]


def _milestones(
    session: Session, house: House, pending: Sequence[PendingEntry], at: datetime
) -> MilestonesOf:
    closing = {p.petition for p in pending if p.type is EntryType.CLOSE}
    areas = _fresh_places(pending)
    papers = papers_entering(pending)
    certified = {p.petition for p in pending if p.type in PAPERS}
    handed = handed_over.judged_in(session, pending)

    def asked(petition_id: UUID, count: Count) -> Sequence[tuple[int, ...]]:
        petition = session.get(t.Petition, petition_id)
        if petition_id == LOG_WIDE or petition is None:
            return ()
        kind = house.kind(session, petition)
        known = set(
            session.scalars(
                select(t.MilestoneReached.rule).where(t.MilestoneReached.petition_id == petition_id)
            )
        )
        tally = tally_of(session, kind, petition_id, count, areas[petition_id], papers)
        if rolling.rolls(kind):
            tally = rolling.aged(tally, rolling.young(session, house, petition, kind, count, at))
        at_close = petition_id in closing or (
            petition_id in certified and petition.signing_ended_at is not None
        )
        found = []
        for rule, milestone in enumerate(kind.milestones):
            if rule in known or not _due_now(milestone, at_close, petition_id in handed):
                continue
            wanted = target(house, kind, petition, milestone)
            if reached(milestone, tally, wanted):
                raw = milestone.basis is Basis.RAW or rolling.rolls(kind)  # COUNT's own number
                found.append((rule, wanted.threshold, number(tally, count, wanted, raw=raw)))
        return found

    return asked


def papers_entering(pending: Sequence[PendingEntry]) -> frozenset[bytes]:
    """Hashes of the certificates, declarations and maps that a batch takes along."""
    return frozenset(p.body[-32:] for p in pending if p.type in {*PAPERS, EntryType.GEO})


def _fresh_places(
    pending: Sequence[PendingEntry],
) -> Mapping[UUID, Mapping[tuple[str, str], Place]]:
    signed: dict[UUID, Counter[tuple[str, str]]] = defaultdict(Counter)
    taken: dict[UUID, Counter[tuple[str, str]]] = defaultdict(Counter)
    for p in pending:
        moved = signed if p.type is EntryType.SIGN else taken if p.secret is not None else None
        if moved is not None:
            moved[p.petition].update((p.area, group) for group in {"", *p.classes})
    found: dict[UUID, Mapping[tuple[str, str], Place]] = defaultdict(dict)
    for petition in signed.keys() | taken.keys():
        keys = signed[petition].keys() | taken[petition].keys()
        found[petition] = {key: Place(signed[petition][key], taken[petition][key]) for key in keys}
    return found


def _due_now(milestone: Milestone, closing: bool, handed: bool) -> bool:
    when = milestone.evaluate
    return {Evaluate.LIVE: True, Evaluate.CLOSE: closing, Evaluate.HANDOVER: handed}[when]
