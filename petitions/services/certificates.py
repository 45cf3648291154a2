"""Certificates and declarations: one records what a document says, another confirms, then it counts.

What enters the log: PAPER for signatures on paper, CERTIFIED for signatures given online that an
authority looked at, DECLARED for an area that asks for the effect by itself; each with the hash of a
published paper that repeats the document's numbers. A certificate is never changed afterwards.
"""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from petitions.domain.counting import Paper
from petitions.domain.errors import ConflictError, ForbiddenError, NotFoundError
from petitions.domain.rulebook import Kind
from petitions.domain.sampling import Drawn, Verdict, projected, verdict
from petitions.ledger.entries import Certified, Declared
from petitions.ledger.entries import Paper as PaperEntry
from petitions.services.audit import record
from petitions.services.certificate_rules import Wanted, judge
from petitions.services.pending import queue
from petitions.services.ports import Actor, House
from petitions.services.tallying import tally_of
from petitions.services.targets import target
from petitions.services.two_people import locked
from petitions.storage import log_paper_rows, log_rows, paper_rows
from petitions.storage import tables as t

__all__ = ["Wanted", "call_off", "conclude_samples", "confirm", "propose"]


def propose(
    session: Session, house: House, petition: t.Petition, wanted: Wanted, actor: Actor, at: datetime
) -> t.Certificate:
    """The first of two people. InvalidError names the field; nothing counts yet."""
    numbers = judge(session, house, petition, wanted, at)
    signing = _logged(session, petition)
    row = t.Certificate(
        id=uuid4(), petition_id=petition.id, log_id=signing.log_id, about=str(wanted.about),
        area=wanted.area, authority=wanted.authority.strip(), document=wanted.document.strip(),
        issued_on=wanted.issued_on, raw=numbers.raw, examined=numbers.examined,
        valid=numbers.valid, invalid=numbers.invalid, duplicate=numbers.duplicate,
        sampled=wanted.sampled, counted=0, sheets=list(wanted.sheets), status="proposed",
        proposed_at=at, proposed_by=actor.code,
    )  # fmt: skip
    session.add(row)
    _told(session, actor, "certificate_proposed", petition, row, at)
    return row


def confirm(session: Session, house: House, certificate: UUID, actor: Actor, at: datetime) -> None:
    """The second person: it goes to the log, and counts from its batch on. A sample waits."""
    row, petition = locked(session, t.Certificate, certificate, "certificate")
    if row.proposed_by == actor.code:
        raise ForbiddenError("second_person_needed")
    _logged(session, petition)
    row.status, row.confirmed_at, row.confirmed_by = "confirmed", at, actor.code
    for sheet in _sheets(session, row):
        sheet.status, sheet.certificate_id, sheet.changed_at = "certified", row.id, at
    session.flush()
    if not row.sampled:
        _enter(session, house, petition, row, row.valid, at)
    _told(session, actor, "certificate_confirmed", petition, row, at)


def call_off(session: Session, certificate: UUID, actor: Actor, at: datetime) -> None:
    """Before it is confirmed: the entry was a mistake."""
    row, petition = locked(session, t.Certificate, certificate, "certificate")
    row.status, row.ended_at = "called_off", at
    _told(session, actor, "certificate_called_off", petition, row, at)


def conclude_samples(
    session: Session, house: House, petition: t.Petition, actor: Actor, at: datetime
) -> Verdict:
    """Every area's sample is in: below the first share no, above the second yes, else a full count.

    What the samples stand for then goes to the log; for a full count they are put aside.
    """
    kind = house.kind(session, petition)
    rule, decisive = kind.signing.verification.sample, kind.decisive
    rows = [r for r in paper_rows.certificates(session, petition.id) if waits_for_others(r)]
    if rule is None or decisive is None or not rows:
        raise ConflictError("no_samples")
    threshold = target(house, kind, petition, decisive).threshold
    told = verdict(rule, _projection(session, kind, petition, rows), threshold)
    for row in rows:
        if told is Verdict.FULL_COUNT:
            row.status, row.ended_at = "replaced", at
            for sheet in _sheets(session, row):
                sheet.status, sheet.certificate_id = "checked", None
        else:
            _enter(session, house, petition, row, projected([_drawn(row)]), at)
    record(
        session, actor, "samples_concluded", at=at, petition=petition,
        detail={"verdict": str(told), "samples": len(rows)},
    )  # fmt: skip
    return told


def waits_for_others(row: t.Certificate) -> bool:
    """A confirmed sample that nothing was concluded from yet."""
    return row.sampled and row.status == "confirmed" and row.evidence_hash is None


def _projection(
    session: Session, kind: Kind, petition: t.Petition, rows: list[t.Certificate]
) -> int:
    count = log_rows.last_counts(session, [petition.id])[petition.id]
    counted = tally_of(session, kind, petition.id, count).verified
    return counted + projected(_drawn(row) for row in rows)


def _drawn(row: t.Certificate) -> Drawn:
    return Drawn(row.raw, row.examined, row.valid, row.duplicate)


def _enter(
    session: Session,
    house: House,
    petition: t.Petition,
    row: t.Certificate,
    counted: int,
    at: datetime,
) -> None:
    row.counted = counted
    content = evidence_file(house, session, petition, row)
    digest = log_paper_rows.keep(session, row.log_id, "evidence", content, petition.id)
    row.evidence_hash = digest
    entry: PaperEntry | Certified | Declared = Declared(digest)
    if row.about == Paper.PAPER:
        entry = PaperEntry(counted, digest)
    elif row.about == Paper.ONLINE:
        entry = Certified(row.raw, counted, digest)
    queue(session, row.log_id, petition.id, entry, due_at=at)


def evidence_file(
    house: House, session: Session, petition: t.Petition, row: t.Certificate
) -> bytes:
    """The exact bytes whose hash the entry carries. An area with few signatures is not named."""
    least = house.kind(session, petition).publicity.area_min
    named = row.about == Paper.DECLARATION or row.counted >= least
    content = {
        "id": str(row.id),
        "petition": petition.reference,
        "about": row.about,
        "area": row.area if named else "",
        "authority": row.authority if named else "",
        "document": row.document if named else "",
        "issued_on": row.issued_on.isoformat(),
        "raw": row.raw,
        "examined": row.examined,
        "valid": row.valid,
        "invalid": row.invalid,
        "duplicate": row.duplicate,
        "sampled": row.sampled,
        "counted": row.counted,
        "confirmed_at": row.confirmed_at.isoformat() if row.confirmed_at else None,
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n"


def _sheets(session: Session, row: t.Certificate) -> list[t.Sheet]:
    return paper_rows.some_sheets(session, row.petition_id, [int(n) for n in row.sheets])


def _logged(session: Session, petition: t.Petition) -> t.PetitionSigning:
    signing = session.get(t.PetitionSigning, petition.id)
    if signing is None:
        raise NotFoundError("not_open_for_signing")
    if signing.signing in {"sealing", "sealed"} or session.get(t.Sealing, petition.id) is not None:
        raise ConflictError("sealed")
    return signing


def _told(
    session: Session,
    actor: Actor,
    action: str,
    petition: t.Petition,
    row: t.Certificate,
    at: datetime,
) -> None:
    record(
        session, actor, action, at=at, petition=petition, reason=row.about,
        detail={"certificate": str(row.id), "area": row.area, "valid": row.valid},
    )  # fmt: skip
