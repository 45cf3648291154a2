"""The papers beside the log: every file whose hash an entry carries, exactly as it was hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.ledger.entries import (
    Answer,
    Destroyed,
    EntryType,
    Invalidate,
    Notice,
    Open,
    parse,
)
from petitions.ledger.notice import What
from petitions.services import notices
from petitions.services.answers import answer_file
from petitions.services.removals import decision_file
from petitions.services.tally import LogStoppedError
from petitions.services.texts import text_file
from petitions.storage import log_paper_rows
from petitions.storage import tables as t


def _of_type(session: Session, log_id: int, old: int, new: int, kind: EntryType) -> list[bytes]:
    return list(
        session.scalars(
            select(t.LogEntry.entry).where(
                t.LogEntry.log_id == log_id,
                t.LogEntry.idx >= old,
                t.LogEntry.idx < new,
                t.LogEntry.entry >= bytes([1, kind]),
                t.LogEntry.entry < bytes([1, kind + 1]),
            )
        )
    )


def papers(session: Session, log_id: int, old: int, new: int) -> Iterator[tuple[str, bytes]]:
    """The texts, rules and answers whose hashes entries of these batches carry."""
    for raw in _of_type(session, log_id, old, new, EntryType.OPEN):
        entry = parse(raw)
        assert isinstance(entry.fields, Open)
        text = _opened_text(session, entry.petition, entry.fields.text_hash)
        if text is None:
            continue
        yield from _texts(session, log_id, entry.petition, entry.fields.text_hash, new)
        rules = session.scalars(
            select(t.RulebookVersion.canonical).where(
                t.RulebookVersion.digest == entry.fields.rules_hash
            )
        ).first()
        if rules is None:
            raise LogStoppedError("the rules of a petition that is open are not in the database")
        yield f"rules/{entry.fields.rules_hash.hex()}.json", rules
    for raw in _of_type(session, log_id, old, new, EntryType.ANSWER):
        entry = parse(raw)
        assert isinstance(entry.fields, Answer)
        petition = session.get(t.Petition, entry.petition)
        if petition is None or session.get(t.LogPaper, entry.body) is not None:
            continue  # queued with its bytes, below; older ones are written anew
        for outcome in session.scalars(
            select(t.Outcome).where(t.Outcome.petition_id == petition.id)
        ):
            content = answer_file(petition, outcome)
            if hashlib.sha256(content).digest() == entry.body:
                yield f"answers/{entry.body.hex()}.json", content
    for paper in log_paper_rows.between(session, log_id, old, new):
        yield log_paper_rows.path_of(paper), bytes(paper.content)
        told = notices.told_of_text(paper)
        if told and told[0] is What.TEXT_RESTORED and paper.petition_id is not None:
            yield from _texts(session, log_id, paper.petition_id, told[1], new)
    yield from _decisions(session, log_id, old, new)
    yield from _statements(session, log_id, old, new)


def _texts(
    session: Session, log_id: int, petition_id: UUID, opened: bytes, size: int
) -> Iterator[tuple[str, bytes]]:
    """The text that was opened and its other languages; nothing of a petition that was taken down."""
    if notices.shown_by_any(session, log_id, opened, size):
        text = _opened_text(session, petition_id, opened)
        if text is not None:
            yield f"texts/{opened.hex()}.txt", text
    if not notices.withheld(session, petition_id, size):
        yield from _other_texts(session, petition_id, opened)


def _opened_text(session: Session, petition_id: UUID, text_hash: bytes) -> bytes | None:
    """None where the database was restored to a time before this opening: the file is the only copy."""
    text = session.scalars(
        select(t.PetitionText).where(
            t.PetitionText.petition_id == petition_id, t.PetitionText.text_hash == text_hash
        )
    ).first()
    content = text_file(text) if text else b""
    return content if hashlib.sha256(content).digest() == text_hash else None


def _other_texts(session: Session, petition_id: UUID, opened: bytes) -> Iterator[tuple[str, bytes]]:
    """The petition in its other languages, as far as it was published in them with the opening."""
    rows = session.scalars(
        select(t.PetitionText).where(
            t.PetitionText.petition_id == petition_id,
            t.PetitionText.frozen.is_(True),
            t.PetitionText.text_hash != opened,
        )
    )
    for row in rows:
        if row.text_hash is not None:
            yield f"texts/{row.text_hash.hex()}.txt", text_file(row)


def _decisions(session: Session, log_id: int, old: int, new: int) -> Iterator[tuple[str, bytes]]:
    """The reasoned decisions behind INVALIDATE entries, each file once."""
    hashes = set()
    for raw in _of_type(session, log_id, old, new, EntryType.INVALIDATE):
        fields = parse(raw).fields
        assert isinstance(fields, Invalidate)
        hashes.add(fields.decision_hash)
    for row in session.scalars(select(t.Removal).where(t.Removal.decision_hash.in_(hashes))):
        petition = session.get_one(t.Petition, row.petition_id)
        content = decision_file(petition, row)
        yield f"decisions/{hashlib.sha256(content).hexdigest()}.json", content


def _statements(session: Session, log_id: int, old: int, new: int) -> Iterator[tuple[str, bytes]]:
    """Statements of destruction, exactly as each replica signed them, and the list of replicas."""
    told = [
        *_of_type(session, log_id, old, new, EntryType.DESTROYED),
        *_of_type(session, log_id, old, new, EntryType.NOTICE),
    ]
    for raw in told:
        fields = parse(raw).fields
        assert isinstance(fields, Destroyed | Notice)
        found = fields.statement_hash if isinstance(fields, Destroyed) else fields.hash
        statement = session.scalar(
            select(t.DestructionStatement.statement).where(
                t.DestructionStatement.statement_hash == found
            )
        )
        if statement is not None:
            yield f"statements/{found.hex()}", bytes(statement)
    if told:
        listed = session.scalars(
            select(t.ReplicaKey).where(t.ReplicaKey.log_id == log_id).order_by(t.ReplicaKey.number)
        )
        lines = "".join(f"{row.number} {row.vkey}\n" for row in listed)
        yield "statements/replicas", lines.encode()
