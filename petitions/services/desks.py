"""At whose desk somebody works, where one site serves several assemblies.

Nobody's row means every desk: a house with one assembly never meets this. Who works for some of them
finds, opens and decides the petitions addressed to those, and no others: the restriction lies on the
session, so that a page written later is under it as well.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, event, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from petitions.domain.errors import ForbiddenError, InvalidError, NotFoundError
from petitions.services.audit import record
from petitions.services.ports import Actor
from petitions.storage.filing_rows import addressed_to
from petitions.storage.tables import Petition, Staff, StaffAssembly


def desks_of(session: Session, actor: str) -> frozenset[str] | None:
    """The assemblies somebody works for; None: all of the site."""
    found = frozenset(
        session.scalars(select(StaffAssembly.assembly).where(StaffAssembly.actor == actor))
    )
    return found or None


def restrict(session: Session, assemblies: Collection[str]) -> None:
    """From here on every SELECT of this session sees petitions of these assemblies only."""
    option = with_loader_criteria(Petition, addressed_to(sorted(assemblies)), include_aliases=True)

    def only_these(state: ORMExecuteState) -> None:
        if state.is_select and not state.is_column_load and not state.is_relationship_load:
            state.statement = state.statement.options(option)

    event.listen(session, "do_orm_execute", only_these)


def set_desks(
    session: Session,
    actor: Actor,
    who: str,
    assemblies: Collection[str],
    known: Collection[str],
    *,
    at: datetime,
) -> None:
    """An administrator says at whose desk somebody works; nobody says it of themselves.

    All of `known`, or none, is every desk. Raises NotFoundError, ForbiddenError or InvalidError.
    """
    if who == actor.code:
        raise ForbiddenError("own_rights")
    if session.get(Staff, who) is None:
        raise NotFoundError("person")
    if not set(assemblies) <= set(known):
        raise InvalidError(fields={"assembly": ("not_accepted", {})})
    session.execute(delete(StaffAssembly).where(StaffAssembly.actor == who))
    wanted = [] if set(assemblies) == set(known) else sorted(set(assemblies))
    for assembly in wanted:
        session.add(
            StaffAssembly(actor=who, assembly=assembly, since=at.date(), given_by=actor.code)
        )
    detail = {"subject": who, "assemblies": wanted}
    record(session, actor, "desks_changed", at=at, detail=detail)
