"""What the closing certificate says, read from the rows and from nothing else. Nothing is written.

Rules of this module:
- only what is public is told: a batch that is committed and not published yet refuses the certificate;
- nothing depends on the day it is asked for, so that everybody who asks gets the same bytes. Once the
  petition is sealed they change only where witnesses confirm the checkpoint later;
- no signatory, no author beyond the name that the rules leave public without a term.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.channels import certified_online
from petitions.domain.counting import Paper
from petitions.domain.errors import ConflictError
from petitions.domain.procedure import Kind
from petitions.domain.vocabulary import AuthorName
from petitions.ledger import tree
from petitions.ledger.entries import CountFields, Destroyed, EntryType, write
from petitions.services.closing_papers import Certified, certified, logged
from petitions.services.ports import House
from petitions.services.sealing_steps import statements_of
from petitions.services.texts import signed_text
from petitions.storage import log_reading, log_rows
from petitions.storage import tables as t

Enough = Callable[[str, str], bool]
"""(note, cosignatures) → whether the witnesses' quorum is reached."""


class Refusal(StrEnum):
    """Why there is no certificate: the code of the ConflictError."""

    NEVER_OPENED = "closing_never_opened"
    STILL_SIGNING = "closing_still_signing"
    NOT_PUBLIC = "closing_not_public"


@dataclass(frozen=True, slots=True)
class Placed:
    """One entry of the log, with the way from its leaf to the root of the checkpoint."""

    index: int
    entry: bytes
    proof: tuple[bytes, ...]
    batch: int
    at: datetime
    """Time of the batch, UTC."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A milestone, and the batch that reached it."""

    id: str
    threshold: int
    valid: int
    batch: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """One replica's signed note that it lost the petition's key, and its DESTROYED entry."""

    replica: str
    number: int
    vkey: str
    statement: bytes
    placed: Placed


@dataclass(frozen=True, slots=True)
class Sealed:
    ordered_at: datetime
    sealed_at: datetime
    size: int
    root: bytes
    """Of the earlier checkpoint that SEAL names."""
    placed: Placed
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingFacts:
    petition: UUID
    reference: str
    assembly: str
    kind: str
    author: str
    """Empty where the rules hide the name, now or after a term."""
    language: str
    title: str
    request: str
    reasons: str
    text_hash: bytes
    rulebook: str
    rulebook_version: int
    rules_hash: bytes
    zone: str
    opened: datetime
    closed: datetime
    last_day: date | None
    objections_until: date
    collected: int
    withdrawn: int
    invalid: int
    invalid_by_reason: tuple[tuple[int, int], ...]
    milestones: tuple[Passed, ...]
    log_id: int
    origin: str
    size: int
    root: bytes
    note: str
    """The whole signed note of the checkpoint, cosignatures included."""
    vouched_for: bool
    count: Placed
    close: Placed
    sealed: Sealed | None
    certificates: tuple[Certified, ...] = ()
    only_certified: bool = False
    """Of the signatures given online, only those that an authority certified count."""

    @property
    def valid(self) -> int:
        return self.collected - self.withdrawn - self.invalid

    @property
    def on_paper(self) -> int:
        return sum(each.counted for each in self.certificates if each.about == Paper.PAPER)

    @property
    def certified_online(self) -> int | None:
        """None where the rules ask for no certificate of what was given online."""
        if not self.only_certified:
            return None
        return sum(each.counted for each in self.certificates if each.about == Paper.ONLINE)


def closing_facts(
    session: Session, house: House, petition: t.Petition, enough: Enough
) -> ClosingFacts:
    """Everything the certificate says. ConflictError with a code of `Refusal`."""
    return _Reading(session, house, petition, enough).facts()


def lasting_author(kind: Kind, petition: t.Petition) -> str:
    """The author's name where the rules leave it public for good: a certificate outlives any term."""
    rule = kind.publicity
    lasting = rule.author is AuthorName.NAME and rule.author_hidden_after is None
    return petition.author_name if lasting else ""


class _Reading:
    """One petition inside one reading transaction."""

    def __init__(
        self, session: Session, house: House, petition: t.Petition, enough: Enough
    ) -> None:
        signing = log_reading.opening(session, petition.id)
        if signing is None:
            raise ConflictError(Refusal.NEVER_OPENED)
        if signing.signing == "open" or petition.signing_ended_at is None:
            raise ConflictError(Refusal.STILL_SIGNING)
        self.session, self.house, self.petition = session, house, petition
        self.signing, self.enough = signing, enough
        self.closed = petition.signing_ended_at
        self.log = session.get_one(t.LogState, signing.log_id)
        self.kind = house.kind(session, petition)
        self.last = self._last_count()

    def facts(self) -> ClosingFacts:
        petition, last = self.petition, self.last
        text = signed_text(self.session, self.house, petition)
        count = self._count_entry()
        close = self._close_entry()
        sealing = self._sealing()
        stated = self._stated(sealing) if sealing else ()
        papers = logged(self.session, petition.id, self.log.log_id)
        checkpoint, vouched = self._checkpoint(
            count, close, *stated, *self._seal(sealing), *(entry for _row, entry in papers)
        )
        reasons = log_reading.removed_by_reason(self.session, petition.id)
        if sum(reasons.values()) != last.invalid:  # a batch came in between our statements
            raise ConflictError(Refusal.NOT_PUBLIC)
        assert text.text_hash is not None
        assert petition.opens_at is not None
        return ClosingFacts(
            petition=petition.id,
            reference=petition.reference or "",
            assembly=petition.assembly,
            kind=petition.kind,
            author=lasting_author(self.kind, petition),
            language=text.language,
            title=text.title,
            request=text.request,
            reasons=text.reasons,
            text_hash=text.text_hash,
            rulebook=petition.rulebook_id,
            rulebook_version=petition.rulebook_version,
            rules_hash=self.signing.rules_hash,
            zone=self.house.rulebook(self.session, petition).zone,
            opened=petition.opens_at,
            closed=self.closed,
            last_day=petition.last_day,
            objections_until=self._objections_until(),
            collected=last.collected,
            withdrawn=last.withdrawn,
            invalid=last.invalid,
            invalid_by_reason=tuple(sorted(reasons.items())),
            milestones=self._milestones(),
            log_id=self.log.log_id,
            origin=self.log.origin,
            size=checkpoint.size,
            root=checkpoint.root,
            note=f"{checkpoint.note or ''}{checkpoint.cosignatures}",
            vouched_for=vouched,
            count=self._placed(count, checkpoint.size),
            close=self._placed(close, checkpoint.size),
            sealed=self._sealed(sealing, stated, checkpoint.size) if sealing else None,
            certificates=certified(papers, lambda row: self._placed(row, checkpoint.size)),
            only_certified=certified_online(self.kind.signing),
        )

    def _objections_until(self) -> date:
        """Last day, inclusive, in the assembly's zone: sealing waits for its end."""
        zone = self.house.rulebook(self.session, self.petition).zone
        return local_day(self.closed, zone) + timedelta(days=self.house.policy.objection_days)

    def _last_count(self) -> t.PetitionCount:
        """The newest count; refused where its batch is not public yet."""
        newest = self.session.scalars(
            select(t.PetitionCount)
            .where(t.PetitionCount.petition_id == self.petition.id)
            .order_by(t.PetitionCount.batch_no.desc())
            .limit(1)
        ).one_or_none()
        if newest is None or newest.batch_no > self.log.published_batch:
            raise ConflictError(Refusal.NOT_PUBLIC)
        return newest

    def _count_entry(self) -> t.LogEntry:
        """Found in its own batch by its exact bytes, so that the log is never walked through."""
        last = self.last
        batch = self.session.get_one(t.LogBatch, (self.log.log_id, last.batch_no))
        numbers = CountFields(last.collected, last.withdrawn, last.invalid, last.valid)
        return self.session.scalars(
            select(t.LogEntry).where(
                t.LogEntry.log_id == self.log.log_id,
                t.LogEntry.idx >= batch.first,
                t.LogEntry.idx < batch.first + batch.entries,
                t.LogEntry.entry == write(self.petition.id, numbers),
            )
        ).one()

    def _close_entry(self) -> t.LogEntry:
        """CLOSE stands in the first batch after the end; where that is not public, nor are we."""
        first = self.session.scalar(
            select(func.min(t.LogBatch.first)).where(
                t.LogBatch.log_id == self.log.log_id, t.LogBatch.at >= self.closed
            )
        )
        beginning = bytes((1, EntryType.CLOSE)) + self.petition.id.bytes
        found = self.session.scalars(
            select(t.LogEntry)
            .where(
                t.LogEntry.log_id == self.log.log_id,
                t.LogEntry.idx >= (first or 0),
                t.LogEntry.entry >= beginning,
                t.LogEntry.entry <= beginning + b"\xff\xff",
                t.LogEntry.batch_no <= self.log.published_batch,
            )
            .order_by(t.LogEntry.idx)
            .limit(1)
        ).one_or_none()
        if first is None or found is None:
            raise ConflictError(Refusal.NOT_PUBLIC)
        return found

    def _sealing(self) -> t.Sealing | None:
        """Only once the whole ceremony is over: before, its entries may still be missing."""
        if self.signing.signing != "sealed":
            return None
        return self.session.get_one(t.Sealing, self.petition.id)

    def _seal(self, sealing: t.Sealing | None) -> tuple[t.LogEntry, ...]:
        if sealing is None:
            return ()
        return (self.session.get_one(t.LogEntry, (self.log.log_id, sealing.seal_index)),)

    def _stated(self, sealing: t.Sealing) -> tuple[t.LogEntry, ...]:
        """The DESTROYED entries, in the order of the replicas."""
        wanted = [
            write(self.petition.id, Destroyed(each.number or 0, each.statement_hash))
            for each in statements_of(self.session, self.petition.id)
        ]
        rows = self.session.scalars(
            select(t.LogEntry).where(
                t.LogEntry.log_id == self.log.log_id,
                t.LogEntry.idx >= (sealing.told_from or 0),
                t.LogEntry.entry.in_(wanted),
            )
        )
        found = {bytes(row.entry): row for row in rows}
        return tuple(found[each] for each in wanted)

    def _checkpoint(self, *entries: t.LogEntry) -> tuple[t.Checkpoint, bool]:
        """The earliest public one that holds them all and has its quorum; else the earliest."""
        first: t.Checkpoint | None = None
        for found in self.session.scalars(
            select(t.Checkpoint)
            .where(
                t.Checkpoint.log_id == self.log.log_id,
                t.Checkpoint.size > max(each.idx for each in entries),
                t.Checkpoint.batch_no <= self.log.published_batch,
                t.Checkpoint.note.is_not(None),
            )
            .order_by(t.Checkpoint.size)
        ):
            if self.enough(found.note or "", found.cosignatures):
                return found, True
            first = first or found
        if first is None:
            raise ConflictError(Refusal.NOT_PUBLIC)
        return first, False

    def _placed(self, row: t.LogEntry, size: int) -> Placed:
        tiles = log_rows.DatabaseTiles(self.session, self.log.log_id)
        proof = tree.inclusion_proof(row.idx, size, tiles)
        batch = self.session.get_one(t.LogBatch, (self.log.log_id, row.batch_no))
        return Placed(row.idx, bytes(row.entry), tuple(proof), row.batch_no, batch.at)

    def _milestones(self) -> tuple[Passed, ...]:
        rows = self.session.execute(
            select(t.MilestoneReached, t.LogBatch.at)
            .join(
                t.LogBatch,
                (t.LogBatch.batch_no == t.MilestoneReached.batch_no)
                & (t.LogBatch.log_id == self.log.log_id),
            )
            .where(
                t.MilestoneReached.petition_id == self.petition.id,
                t.MilestoneReached.batch_no <= self.log.published_batch,
            )
            .order_by(t.MilestoneReached.batch_no, t.MilestoneReached.rule)
        )
        return tuple(
            Passed(self.kind.milestones[row.rule].id, row.threshold, row.valid, row.batch_no, at)
            for row, at in rows
        )

    def _sealed(self, sealing: t.Sealing, stated: tuple[t.LogEntry, ...], size: int) -> Sealed:
        (seal,) = self._seal(sealing)
        vkeys = {
            row.number: row.vkey
            for row in self.session.scalars(
                select(t.ReplicaKey).where(t.ReplicaKey.log_id == self.log.log_id)
            )
        }
        statements = statements_of(self.session, self.petition.id)
        assert sealing.sealed_at is not None
        assert sealing.size is not None
        assert sealing.root is not None
        return Sealed(
            ordered_at=sealing.ordered_at,
            sealed_at=sealing.sealed_at,
            size=sealing.size,
            root=sealing.root,
            placed=self._placed(seal, size),
            statements=tuple(
                Statement(
                    each.replica, each.number or 0, vkeys[each.number or 0],
                    bytes(each.statement), self._placed(entry, size),
                )
                for each, entry in zip(statements, stated, strict=True)
            ),
        )  # fmt: skip
