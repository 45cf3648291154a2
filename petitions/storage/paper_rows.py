"""What is read of sheets, certificates and areas. Nothing here commits or locks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from petitions.domain.counting import Certified, Paper, Place
from petitions.storage import tables as t

CAME_BACK = ("returned", "checked", "certified")
TO_CERTIFY = ("returned", "checked")


def places(session: Session, petition_id: UUID) -> dict[tuple[str, str], Place]:
    """(area, class) → given and taken back, before this batch; class "" is everybody."""
    rows = session.execute(
        select(
            t.AreaTally.area, t.AreaTally.counting_class, t.AreaTally.signed, t.AreaTally.withdrawn
        ).where(t.AreaTally.petition_id == petition_id)
    )
    return {(area, group): Place(signed, back) for area, group, signed, back in rows}


def lines_by_area(session: Session, petition_id: UUID) -> dict[str, int]:
    """Signatures on sheets that came back."""
    rows = session.execute(
        select(t.Sheet.area, func.sum(t.Sheet.lines))
        .where(t.Sheet.petition_id == petition_id, t.Sheet.status.in_(CAME_BACK))
        .group_by(t.Sheet.area)
    )
    return {area: int(lines) for area, lines in rows}


def in_force(
    session: Session, petition_id: UUID, entering: Collection[bytes] = ()
) -> list[Certified]:
    """Certificates that are in the log, or enter it now: `entering` are hashes of their papers."""
    row = t.Certificate
    rows = session.scalars(
        select(row).where(
            row.petition_id == petition_id,
            row.status == "confirmed",
            or_(row.batch_no.is_not(None), row.evidence_hash.in_(list(entering))),
        )
    )
    return [
        Certified(about=Paper(r.about), area=r.area, examined=r.raw, valid=r.counted) for r in rows
    ]


def certificates(session: Session, petition_id: UUID) -> list[t.Certificate]:
    """All of them, the newest first."""
    return list(
        session.scalars(
            select(t.Certificate)
            .where(t.Certificate.petition_id == petition_id)
            .order_by(t.Certificate.proposed_at.desc(), t.Certificate.id)
        )
    )


def published_certificates(session: Session, petition_id: UUID) -> list[t.Certificate]:
    """Those whose batch is public, in the order of their documents."""
    row = t.Certificate
    return list(
        session.scalars(
            select(row)
            .join(t.LogState, t.LogState.log_id == row.log_id)
            .where(row.petition_id == petition_id, row.batch_no <= t.LogState.published_batch)
            .order_by(row.issued_on, row.id)
        )
    )


def sheets(session: Session, petition_id: UUID) -> list[t.Sheet]:
    return list(
        session.scalars(
            select(t.Sheet).where(t.Sheet.petition_id == petition_id).order_by(t.Sheet.number)
        )
    )


def some_sheets(session: Session, petition_id: UUID, numbers: Iterable[int]) -> list[t.Sheet]:
    return list(
        session.scalars(
            select(t.Sheet)
            .where(t.Sheet.petition_id == petition_id, t.Sheet.number.in_(list(numbers)))
            .order_by(t.Sheet.number)
        )
    )


def note_logged(session: Session, batch_no: int, digests: Collection[bytes]) -> None:
    """The batch that took these certificates and maps along."""
    if not digests:
        return
    for table, column in (
        (t.Certificate, t.Certificate.evidence_hash),
        (t.AreaMap, t.AreaMap.digest),
    ):
        session.execute(
            update(table)
            .where(column.in_(list(digests)))
            .values(batch_no=batch_no)
            .execution_options(synchronize_session=False)
        )


def shown_map(session: Session, petition_id: UUID) -> t.AreaMap | None:
    """The newest map that is public."""
    return session.scalars(
        select(t.AreaMap)
        .join(t.PetitionSigning, t.PetitionSigning.petition_id == t.AreaMap.petition_id)
        .join(t.LogState, t.LogState.log_id == t.PetitionSigning.log_id)
        .where(
            t.AreaMap.petition_id == petition_id,
            t.AreaMap.batch_no <= t.LogState.published_batch,
        )
        .order_by(t.AreaMap.day.desc())
        .limit(1)
    ).one_or_none()


def last_map(session: Session, petition_id: UUID) -> t.AreaMap | None:
    """The newest map, public or not yet."""
    return session.scalars(
        select(t.AreaMap)
        .where(t.AreaMap.petition_id == petition_id)
        .order_by(t.AreaMap.day.desc())
        .limit(1)
    ).one_or_none()


def sums(certificates: Iterable[Certified]) -> Counter[Paper]:
    """What counts, by what the certificates are about."""
    found: Counter[Paper] = Counter()
    for each in certificates:
        found[each.about] += each.valid
    return found
