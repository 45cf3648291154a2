"""The files of a body: petitions that it owes something, by the next day that is due. Reads only.

Pages continue after a key, as the queue's do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from admissibility.duties import DutyFilter, only
from petitions.storage.tables import FileCare, Petition, PetitionText, PublicCount, Track

PAGE = 50


@dataclass(frozen=True, slots=True)
class FileRow:
    """`due_on`: the earliest open day; None where no clock runs. `count` None before signing."""

    petition_id: UUID
    ref: str
    title: str
    language: str
    state: str
    assembly: str
    count: int | None
    due_on: date | None
    owed: int
    carer: str


@dataclass(frozen=True, slots=True)
class FilesPage:
    rows: tuple[FileRow, ...]
    after: str = ""


def files(session: Session, wanted: DutyFilter, after: str = "", limit: int = PAGE) -> FilesPage:
    """One page. Raises ValueError for a key that is none."""
    following = (
        select(Track.petition_id, func.min(Track.due_on).label("due"), func.count().label("owed"))
        .join(Petition, Petition.id == Track.petition_id)
        .where(Track.status != "decided", only(wanted))
        .group_by(Track.petition_id)
        .subquery()
    )
    due = following.c.due
    found = (
        select(Petition, PetitionText, PublicCount.valid, due, following.c.owed, FileCare.name)
        .join(following, following.c.petition_id == Petition.id)
        .join(
            PetitionText,
            and_(
                PetitionText.petition_id == Petition.id,
                PetitionText.language == Petition.language,
            ),
        )
        .outerjoin(PublicCount, PublicCount.petition_id == Petition.id)
        .outerjoin(FileCare, FileCare.petition_id == Petition.id)
        .order_by(due.is_(None), due, Petition.id)
        .limit(limit + 1)
    )
    if after:
        day, _, key = after.partition("~")
        last = UUID(key)
        if day == "-":
            found = found.where(due.is_(None), Petition.id > last)
        else:
            since = date.fromisoformat(day)
            found = found.where(
                or_(due > since, and_(due == since, Petition.id > last), due.is_(None))
            )
    rows = tuple(
        FileRow(
            petition.id, petition.reference or "", text.title, text.language, petition.state,
            petition.assembly, count, day, owed, carer or "",
        )
        for petition, text, count, day, owed, carer in session.execute(found)
    )  # fmt: skip
    shown = rows[:limit]
    return FilesPage(shown, _key(shown[-1]) if len(rows) > limit else "")


def _key(row: FileRow) -> str:
    return f"{row.due_on.isoformat() if row.due_on else '-'}~{row.petition_id}"
