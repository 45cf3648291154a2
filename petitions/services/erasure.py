"""The rulebook's clocks of erasure (P17), class of data by class: each runs by itself, once.

The earliest clock of a class wins. Signatures go by sealing, which people order; every other class goes
here. What was published and signed stays what it was: a file is erased, its name and hash stay bound to
the text; a text that nobody could sign is erased whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import END_STATES, State
from petitions.domain.text import folded
from petitions.services import keeping, sponsor_deadlines
from petitions.services.audit import record
from petitions.services.ports import SYSTEM, House
from petitions.storage.tables import (
    Annex,
    FilingAnswer,
    Gathering,
    MergeRequest,
    Outbox,
    Petition,
    PetitionText,
    ReturnedLetter,
)

AUTHOR, SPONSORS, DRAFTS, FILES, CORRESPONDENCE = (
    "author", "sponsors", "drafts", "files", "correspondence",
)  # fmt: skip
_AT_END = frozenset({AUTHOR, DRAFTS})
"""While a petition runs its author must be reachable, and its text is what people read."""


def clocks(session: Session, house: House, petition: Petition) -> Iterator[tuple[str, datetime]]:
    """(class, first instant after its earliest clock) of everything that is still there."""
    ended = petition.state in END_STATES
    for data, kept in _KEPT.items():
        if data in _AT_END and not ended:
            continue
        over = keeping.class_over(session, house, petition, data)
        if over is not None and kept(session, petition):
            yield data, over


def erase(
    session: Session, house: House, petition: Petition, data: str, *, due: datetime, at: datetime
) -> bool:
    """Erase one class if its clock has run out. Idempotent: what is gone is not told again."""
    over = dict(clocks(session, house, petition)).get(data)
    if over is None or over > at:
        return False
    _ERASE[data](session, house, petition)
    petition.version += 1
    action = "author_erased" if data == AUTHOR else "data_erased"
    record(
        session, SYSTEM, action, at=at, petition=petition, legal_instant=min(over, due),
        reason="" if data == AUTHOR else data,
    )  # fmt: skip
    return True


def erase_all(
    session: Session, house: House, petition: Petition, *, due: datetime, at: datetime
) -> None:
    """Before the archive: whatever clock has run out and was not looked at yet."""
    for data in _ERASE:
        erase(session, house, petition, data, due=due, at=at)


def _there(session: Session, table: type, petition: Petition) -> bool:
    found = select(func.count()).select_from(table).where(table.petition_id == petition.id)  # type: ignore[attr-defined]
    return bool(session.scalar(found))


def _author_kept(session: Session, petition: Petition) -> bool:
    named = petition.author_name or petition.author_email
    return bool(named) or _there(session, FilingAnswer, petition)


def _forget_author(session: Session, _house: House, petition: Petition) -> None:
    petition.author_name, petition.author_email = "", None
    session.execute(delete(FilingAnswer).where(FilingAnswer.petition_id == petition.id))


def _sponsors_kept(session: Session, petition: Petition) -> bool:
    return petition.state != State.GATHERING_SPONSORS and _there(session, Gathering, petition)


def _forget_sponsors(session: Session, house: House, petition: Petition) -> None:
    sponsor_deadlines.erase(session, petition.id)
    if petition.state in END_STATES:
        sponsor_deadlines.end_unsigned(session, house, petition.id)


def _draft_kept(session: Session, petition: Petition) -> bool:
    if petition.published_at is not None or petition.state not in sponsor_deadlines.FOR_GOOD:
        return bool(petition.difference)
    return bool(petition.difference) or bool(_unsigned_texts(session, petition))


def _unsigned_texts(session: Session, petition: Petition) -> list[PetitionText]:
    """Texts nobody could sign, since they never were public. Of a frozen one the hash stays."""
    rows = session.scalars(
        select(PetitionText).where(PetitionText.petition_id == petition.id)
    ).all()
    return [row for row in rows if row.request or row.reasons or row.summary]


def _forget_draft(session: Session, _house: House, petition: Petition) -> None:
    petition.difference = ""
    if petition.published_at is not None or petition.state not in sponsor_deadlines.FOR_GOOD:
        return
    for text in _unsigned_texts(session, petition):
        text.title = petition.reference or ""
        text.request = text.reasons = text.summary = ""
        text.folded = folded(text.title)


def _files_kept(session: Session, petition: Petition) -> bool:
    found = select(func.count()).where(Annex.petition_id == petition.id, Annex.size > 0)
    return bool(session.scalar(found))


def _forget_files(session: Session, _house: House, petition: Petition) -> None:
    session.execute(
        update(Annex)
        .where(Annex.petition_id == petition.id)
        .values(content=b"", size=0)
        .execution_options(synchronize_session="fetch")
    )


def _letters(petition: Petition) -> str:
    return f"letter:{petition.id}:"


def _letters_kept(session: Session, petition: Petition) -> bool:
    sent = select(func.count()).where(Outbox.key.startswith(_letters(petition)))
    answered = select(func.count()).where(
        MergeRequest.petition_id == petition.id, MergeRequest.answer != ""
    )
    return bool(session.scalar(sent)) or bool(session.scalar(answered))


def _forget_letters(session: Session, _house: House, petition: Petition) -> None:
    """Which letters went out, and what the author answered the office; texts were never kept."""
    session.execute(delete(ReturnedLetter).where(ReturnedLetter.petition_id == petition.id))
    session.execute(delete(Outbox).where(Outbox.key.startswith(_letters(petition))))
    session.execute(
        update(MergeRequest).where(MergeRequest.petition_id == petition.id).values(answer="")
    )


_KEPT: Mapping[str, Callable[[Session, Petition], bool]] = {
    AUTHOR: _author_kept,
    SPONSORS: _sponsors_kept,
    DRAFTS: _draft_kept,
    FILES: _files_kept,
    CORRESPONDENCE: _letters_kept,
}
_ERASE: Mapping[str, Callable[[Session, House, Petition], None]] = {
    AUTHOR: _forget_author,
    SPONSORS: _forget_sponsors,
    DRAFTS: _forget_draft,
    FILES: _forget_files,
    CORRESPONDENCE: _forget_letters,
}
