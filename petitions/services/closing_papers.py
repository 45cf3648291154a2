"""What a closing certificate says of paper and of authorities: the entries PAPER and CERTIFIED.

The log's own COUNT is without them: signatures on paper are counted apart, and where only certified
signatures count, the authorities' numbers are. Declarations of areas are no signatures and not in here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.counting import Paper
from petitions.ledger.entries import Certified as CertifiedEntry
from petitions.ledger.entries import Paper as PaperEntry
from petitions.ledger.entries import write
from petitions.storage import paper_rows
from petitions.storage import tables as t

if TYPE_CHECKING:
    from petitions.services.closing_facts import Placed

Logged = tuple[t.Certificate, t.LogEntry]


@dataclass(frozen=True, slots=True)
class Certified:
    """One certificate: of signatures on paper, or of those given online. `examined`: received."""

    about: str
    examined: int
    counted: int
    evidence_hash: bytes
    placed: Placed


def logged(session: Session, petition: UUID, log_id: int) -> tuple[Logged, ...]:
    """Each certificate whose batch is public, with its entry, in the order of the log."""
    found = []
    for row in paper_rows.published_certificates(session, petition):
        if row.about == Paper.DECLARATION or row.evidence_hash is None:
            continue
        fields: PaperEntry | CertifiedEntry = PaperEntry(row.counted, row.evidence_hash)
        if row.about == Paper.ONLINE:
            fields = CertifiedEntry(row.raw, row.counted, row.evidence_hash)
        entry = session.scalars(
            select(t.LogEntry).where(
                t.LogEntry.log_id == log_id,
                t.LogEntry.batch_no == row.batch_no,
                t.LogEntry.entry == write(petition, fields),
            )
        ).one()
        found.append((row, entry))
    return tuple(sorted(found, key=lambda each: each[1].idx))


def certified(
    papers: tuple[Logged, ...], place: Callable[[t.LogEntry], Placed]
) -> tuple[Certified, ...]:
    """As they stand in the certificate, each with the proof of its entry."""
    return tuple(
        Certified(row.about, row.raw, row.counted, bytes(row.evidence_hash or b""), place(entry))
        for row, entry in papers
    )
