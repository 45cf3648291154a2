"""The papers beside the log: every file whose hash an entry carries, exactly as it was hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

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
from petitions.services.answers import answer_file
from petitions.services.publication import text_file
from petitions.services.removals import decision_file
from petitions.services.tally import LogStoppedError
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
        petition = session.get_one(t.Petition, entry.petition)
        text = session.get_one(t.PetitionText, (petition.id, petition.language))
        yield f"texts/{entry.fields.text_hash.hex()}.txt", text_file(text)
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
        petition = session.get_one(t.Petition, entry.petition)
        for outcome in session.scalars(
            select(t.Outcome).where(t.Outcome.petition_id == petition.id)
        ):
            content = answer_file(petition, outcome)
            if hashlib.sha256(content).digest() == entry.body:
                yield f"answers/{entry.body.hex()}.json", content
    yield from _decisions(session, log_id, old, new)
    yield from _statements(session, log_id, old, new)


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
