"""What one person proposed and another settles: found, and held until the transaction ends.

Rule: the petition is locked first and the row read again behind it, so that of two people who settle
the same thing at once the second is told that it changed.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, NotFoundError
from petitions.domain.motions import MotionStatus
from petitions.services import moves
from petitions.storage import tables as t

Row = TypeVar(
    "Row", t.AnswerProposal, t.CaseMotion, t.Certificate, t.CountCorrection, t.Removal
)  # fmt: skip


def locked(
    session: Session,
    table: type[Row],
    key: UUID,
    noun: str,
    expected: Collection[str] = (MotionStatus.PROPOSED,),
) -> tuple[Row, t.Petition]:
    """The row and its petition. Raises NotFoundError(noun), or ConflictError where it is settled."""
    found = session.get(table, key)
    if found is None:
        raise NotFoundError(noun)
    petition = moves.lock(session, found.petition_id)
    session.refresh(found)
    if found.status not in expected:
        raise ConflictError("changed_meanwhile", state=petition.state)
    return found, petition
