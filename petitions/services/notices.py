"""Notices of the log: what no other entry can say, and what follows for the files beside it.

Rule: the bytes are kept in the transaction that queues the hash; they can never be missing later.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import Action
from petitions.ledger.encoding import LedgerError
from petitions.ledger.entries import LOG_WIDE, Notice
from petitions.ledger.notice import What, notice_file, read_notice
from petitions.services.pending import queue
from petitions.storage import log_paper_rows
from petitions.storage import tables as t

_TOLD: Final[dict[str, What]] = {
    Action.TAKE_DOWN: What.TEXT_WITHHELD,
    Action.RESTORE: What.TEXT_RESTORED,
}


def tell(
    session: Session,
    log_id: int,
    petition_id: UUID,
    what: What,
    subject: str,
    at: datetime,
    words: str = "",
) -> bytes:
    """Queue a notice and keep its bytes; returns the hash. `petition_id` zero: about the whole log."""
    origin = session.get_one(t.LogState, log_id).origin
    content = notice_file(origin, petition_id, what, subject, int(at.timestamp()), words)
    about = None if petition_id == LOG_WIDE else petition_id
    digest = log_paper_rows.keep(session, log_id, "notices", content, about)
    queue(session, log_id, petition_id, Notice(digest), due_at=at)
    return digest


def tell_of_text(session: Session, petition: t.Petition, action: str, at: datetime) -> bool:
    """A text that is taken down, or shown again, leaves its trace: also after signing was closed,
    where no CLOSE can say it any more. False where the log never had the text.
    """
    signing = session.get(t.PetitionSigning, petition.id)
    text = session.get(t.PetitionText, (petition.id, petition.language))
    if signing is None or text is None or text.text_hash is None:
        return False
    tell(session, signing.log_id, petition.id, _TOLD[action], text.text_hash.hex(), at)
    return True


def told_of_text(paper: t.LogPaper) -> tuple[What, bytes] | None:
    """What a notice says of a text, and the text's hash; None where it is about something else."""
    try:
        found = read_notice(bytes(paper.content))
        if paper.folder != "notices" or found.what not in _TOLD.values():
            return None
        return What(found.what), bytes.fromhex(found.subject)
    except (LedgerError, ValueError):
        return None


def withheld(session: Session, petition_id: UUID, size: int) -> bool:
    """Whether the first `size` entries of the log say that this petition's text is not shown."""
    hidden = False
    for paper in log_paper_rows.of_petition(session, petition_id, "notices", size):
        told = told_of_text(paper)
        hidden = hidden if told is None else told[0] is What.TEXT_WITHHELD
    return hidden


def texts_gone(session: Session, log_id: int, old: int, new: int) -> list[str]:
    """Paths of texts that these batches withhold, in every language, and no other petition shows."""
    told = set()
    for paper in log_paper_rows.between(session, log_id, old, new):
        found = told_of_text(paper)
        if found is not None and found[0] is What.TEXT_WITHHELD:
            told.add(paper.petition_id)
    hashes = session.scalars(
        select(t.PetitionText.text_hash).where(
            t.PetitionText.petition_id.in_(told), t.PetitionText.text_hash.is_not(None)
        )
    ).all()
    return [
        f"texts/{each.hex()}.txt"
        for each in hashes
        if each is not None and not shown_by_any(session, log_id, each, new)
    ]


def shown_by_any(session: Session, log_id: int, text_hash: bytes, size: int) -> bool:
    """Two petitions may have the same text: it stays as long as one of them shows it."""
    petitions = session.scalars(
        select(t.PetitionSigning.petition_id)
        .join(t.PetitionText, t.PetitionText.petition_id == t.PetitionSigning.petition_id)
        .where(t.PetitionSigning.log_id == log_id, t.PetitionText.text_hash == text_hash)
        .distinct()
    ).all()
    return any(not withheld(session, each, size) for each in petitions)
