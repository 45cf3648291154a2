"""Many cases at once: take them, or give them to a colleague; what others did meanwhile stands.

`shown` says, for each case, who had it when the page was read ("" = nobody): a case that changed
hands since is left to whoever has it now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from admissibility.cases import Case
from admissibility.services.holding import open_case, refuse_unless_free
from petitions.domain.errors import ConflictError, InvalidError, NotFoundError
from petitions.domain.lifecycle import Role
from petitions.domain.permissions import Permission, may
from petitions.services.audit import record
from petitions.services.ports import Actor, House
from petitions.storage.tables import Review, Staff


@dataclass(frozen=True, slots=True)
class Handed:
    """How many changed hands; how many others have meanwhile; how many checks had ended."""

    done: int = 0
    others: int = 0
    ended: int = 0


def take(
    session: Session, house: House, shown: Mapping[str, str], actor: Actor, at: datetime
) -> Handed:
    """Become the clerk of several cases."""
    return _hand(session, house, shown, actor, (actor.code, actor.name), at)


def assign(
    session: Session, house: House, shown: Mapping[str, str], to: str, actor: Actor, at: datetime
) -> Handed:
    """Give cases to a colleague who may decide them. InvalidError names the field `to`."""
    colleague = session.get(Staff, to)
    if colleague is None or colleague.disabled:
        raise InvalidError(fields={"to": ("unknown_colleague", {})})
    if not may([Role(role) for role in colleague.roles], Permission.TAKE_CASES):
        raise InvalidError(fields={"to": ("colleague_may_not_decide", {})})
    return _hand(session, house, shown, actor, (colleague.actor, colleague.name), at)


def _hand(
    session: Session,
    house: House,
    shown: Mapping[str, str],
    actor: Actor,
    to: tuple[str, str],
    at: datetime,
) -> Handed:
    done = others = ended = 0
    for reference in sorted(shown):  # one order for everybody: two clerks never wait for each other
        try:
            case, review = open_case(session, house, reference)
            _unchanged(case, review, shown[reference], actor, to[0], at)
        except NotFoundError:
            ended += 1
        except ConflictError as refused:
            ended += refused.code == "check_ended"
            others += refused.code != "check_ended"
        else:
            _give(session, case, review, actor, to, at)
            done += 1
    return Handed(done, others, ended)


def _unchanged(case: Case, review: Review, shown: str, actor: Actor, to: str, at: datetime) -> None:
    """Raises ConflictError where somebody else has it now, or holds it."""
    if review.assigned_to not in {shown or None, to}:
        raise ConflictError("changed_meanwhile")
    if to == actor.code:
        refuse_unless_free(case, actor, at)


def _give(
    session: Session, case: Case, review: Review, actor: Actor, to: tuple[str, str], at: datetime
) -> None:
    if review.assigned_to == to[0]:
        return
    review.assigned_to, review.assigned_name = to
    record(session, actor, "assign", at=at, petition=case.petition, detail={"to": to[0]})
