"""Taking one published batch into a database that is older than it: the tally's work, done again.

What the log says is written as the tally wrote it (entries, tiles, counts, removals, milestones). What
it hides can be known only where the backup still holds the pending row: then a withdrawal gets its mark
again, and the area its number. The rest is counted, and said in public (`log_recovery`).
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from petitions.ledger import commitments
from petitions.ledger.batch import (
    AreaChange,
    Batch,
    Count,
    MilestoneReached,
    PendingEntry,
    Removal,
    Withdrawal,
)
from petitions.ledger.encoding import be8
from petitions.ledger.entries import (
    LOG_WIDE,
    BatchBorder,
    Close,
    CountFields,
    Entry,
    EntryType,
    Invalidate,
    Milestone,
    Open,
    Seal,
    parse,
)
from petitions.services import tally
from petitions.services.ports import House
from petitions.services.salts import unwrap
from petitions.services.tally import LogStoppedError
from petitions.storage import log_paper_rows, paper_rows
from petitions.storage import log_rows as rows
from petitions.storage import tables as t
from petitions.storage.signing_rows import leaf_index

_Key = tuple[UUID, EntryType, bytes]
_WITHDRAWALS = frozenset({EntryType.WITHDRAW, EntryType.WITHDRAW_OPEN})
_WITH_PAPER = frozenset(
    {
        EntryType.ANSWER, EntryType.NOTICE, EntryType.PAPER, EntryType.CERTIFIED,
        EntryType.DECLARED, EntryType.GEO,
    }
)  # fmt: skip
_HASH = 32
"""Each of these bodies ends with the hash of its paper."""


@dataclass(slots=True)
class Import:
    """One log being taken in, inside one transaction."""

    session: Session
    house: House
    log_id: int
    place: Path
    """The log's published folder."""
    at: datetime
    sealed: frozenset[UUID]
    """Petitions whose SEAL is among what is taken in: their keys are gone."""
    batches: int = 0
    found: Counter[EntryType] = field(default_factory=Counter)
    lost: Counter[EntryType] = field(default_factory=Counter)
    """Signatures and withdrawals whose rows are newer than the backup."""
    unknown: dict[UUID, Open] = field(default_factory=dict)
    """Petitions opened after the backup was made: the database cannot go on with them."""
    closed: dict[UUID, tuple[int, datetime]] = field(default_factory=dict)
    """Reason and time of the CLOSE entries."""
    seals: dict[UUID, tuple[int, Seal, datetime]] = field(default_factory=dict)
    told: set[UUID] = field(default_factory=set)
    """Petitions with DESTROYED entries."""

    def take(self, raw: list[bytes]) -> bytes:
        """One whole batch; the root after it. LogStoppedError where it does not follow."""
        head = rows.locked_head(self.session, self.log_id)
        entries = [parse(entry) for entry in raw]
        border = entries[-1].fields
        assert isinstance(border, BatchBorder)
        if (border.number, border.first, border.entries) != (
            head.batch_no + 1,
            head.size,
            len(raw),
        ):
            raise LogStoppedError(f"batch {border.number} does not follow batch {head.batch_no}")
        when = datetime.fromtimestamp(border.time, tz=UTC)
        batch = self._batch(head, raw, entries, border)
        self._bring_papers(entries)
        tally.write_batch(self.session, head, batch, when)
        self._remember(batch, entries, when)
        acts = self._acts(entries)
        tally.queue_effects(self.session, head, self._known(batch), acts, self.at)
        paper_rows.note_logged(self.session, batch.number, tally.papers_entering(acts))
        self.batches += 1
        root: bytes = self.session.get_one(t.LogState, self.log_id, populate_existing=True).root
        return root

    def _bring_papers(self, entries: list[Entry]) -> None:
        """Answers, notices and the like, from their published files: their bytes are the only copy."""
        for one in entries:
            if one.type not in _WITH_PAPER:
                continue
            digest = one.body[-_HASH:]
            for folder, ending in log_paper_rows.ENDINGS.items():
                file = self.place / folder / f"{digest.hex()}{ending}"
                content = file.read_bytes() if file.is_file() else b""
                if hashlib.sha256(content).digest() == digest:
                    about = None if one.petition == LOG_WIDE else one.petition
                    log_paper_rows.keep(self.session, self.log_id, folder, content, about)

    def _batch(
        self, head: rows.LogHead, raw: list[bytes], entries: list[Entry], border: BatchBorder
    ) -> Batch:
        indices = {
            (one.petition, one.body): head.size + place
            for place, one in enumerate(entries)
            if one.type is EntryType.SIGN
        }
        kept, withdrawals = self._kept(head, entries, indices)
        acts = [one.type for one in entries if one.type in _WITHDRAWALS | {EntryType.SIGN}]
        self.found.update(acts)
        self.lost.update(acts)
        self.lost.subtract(one.type for one in kept if one.type in acts)
        return Batch(
            number=border.number, first=head.size, entries=tuple(raw), indices=indices,
            counts={
                one.petition: Count(f.collected, f.withdrawn, f.invalid)
                for one in entries
                if isinstance(f := one.fields, CountFields)
            },
            withdrawals=tuple(sorted(withdrawals, key=lambda w: (w.petition, w.mark))),
            removals=tuple(
                Removal(f.index, one.petition, f.reason)
                for one in entries
                if isinstance(f := one.fields, Invalidate)
            ),
            milestones=tuple(
                MilestoneReached(one.petition, f.rule, f.threshold, f.valid)
                for one in entries
                if isinstance(f := one.fields, Milestone)
            ),
            areas=_areas(kept),
            dropped=(),
        )  # fmt: skip

    def _kept(
        self, head: rows.LogHead, entries: list[Entry], indices: dict[tuple[UUID, bytes], int]
    ) -> tuple[list[PendingEntry], list[Withdrawal]]:
        """Pending rows of the backup that this batch holds: removed, and what they still tell."""
        here: set[_Key] = {(one.petition, one.type, one.body) for one in entries}
        pending = t.PendingEntry
        waiting = self.session.execute(
            select(pending).where(
                pending.log_id == self.log_id,
                pending.petition_id.in_({one.petition for one in entries}),
            )
        ).scalars()
        kept, withdrawals = [], []
        for row in waiting.all():
            kind = EntryType(row.type)
            one = PendingEntry(
                row.petition_id, kind, bytes(row.body), row.secret, row.area, tuple(row.classes)
            )
            if kind in _WITHDRAWALS:
                found = self._withdrawal(head, one, indices, here)
                if found is None:
                    continue
                withdrawals.append(found)
            elif (one.petition, kind, one.body) not in here:
                continue
            kept.append(one)
            self._drop(one)
        return kept, withdrawals

    def _withdrawal(
        self,
        head: rows.LogHead,
        one: PendingEntry,
        indices: dict[tuple[UUID, bytes], int],
        here: set[_Key],
    ) -> Withdrawal | None:
        """The row that the tally made; None where this batch does not hold the withdrawal."""
        index = indices.get((one.petition, one.body))
        if index is None:
            index = leaf_index(self.session, one.petition, one.body)
        if index is None or one.secret is None or one.petition in self.sealed:
            return None
        hidden = commitments.withdrawal_commitment(head.origin, one.petition, index, one.secret)
        body = be8(index) if one.type is EntryType.WITHDRAW_OPEN else hidden
        if (one.petition, one.type, body) not in here:
            return None
        mark = commitments.mark(unwrap(self.session, self.house, one.petition).salt, one.body)
        plain = commitments.opening_plain(index, one.secret)
        aad = commitments.opening_aad(one.petition, mark)
        return Withdrawal(
            one.petition, mark, self.house.keys.wrap(f"kek/{one.petition}", plain, aad)
        )

    def _drop(self, one: PendingEntry) -> None:
        self.session.execute(
            delete(t.PendingEntry)
            .where(
                t.PendingEntry.log_id == self.log_id,
                t.PendingEntry.petition_id == one.petition,
                t.PendingEntry.type == int(one.type),
                t.PendingEntry.body == one.body,
            )
            .execution_options(synchronize_session=False)
        )

    def _remember(self, batch: Batch, entries: list[Entry], when: datetime) -> None:
        for index, one in enumerate(entries, batch.first):
            if isinstance(one.fields, Open) and self._is_unknown(one.petition):
                self.unknown[one.petition] = one.fields
            elif isinstance(one.fields, Close):
                self.closed[one.petition] = (one.fields.reason, when)
            elif isinstance(one.fields, Seal):
                self.seals[one.petition] = (index, one.fields, when)
            elif one.type is EntryType.DESTROYED:
                self.told.add(one.petition)

    def _is_unknown(self, petition: UUID) -> bool:
        return self.session.get(t.PetitionSigning, petition) is None

    def _known(self, batch: Batch) -> Batch:
        """Without the milestones of petitions that the database cannot go on with."""
        kept = tuple(hit for hit in batch.milestones if hit.petition not in self.unknown)
        return replace(batch, milestones=kept)

    def _acts(self, entries: list[Entry]) -> list[PendingEntry]:
        """As the tally had them, for what they set in motion; of petitions that can go on."""
        return [
            PendingEntry(one.petition, one.type, one.body)
            for one in entries
            if one.petition not in self.unknown
        ]


def _areas(kept: list[PendingEntry]) -> dict[tuple[UUID, str, str], AreaChange]:
    signed: Counter[tuple[UUID, str, str]] = Counter()
    withdrawn: Counter[tuple[UUID, str, str]] = Counter()
    by_type = defaultdict(lambda: signed, dict.fromkeys(_WITHDRAWALS, withdrawn))
    for one in kept:
        if one.type is EntryType.SIGN or one.type in _WITHDRAWALS:
            for group in {"", *one.classes}:
                by_type[one.type][one.petition, one.area, group] += 1
    return {key: AreaChange(signed[key], withdrawn[key]) for key in sorted(signed | withdrawn)}
