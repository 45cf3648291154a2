"""Whom a petition asks: one assembly, or several that work under the same rulebook.

A petition to two assemblies is one petition. `petition.assembly` is the one it was filed at: its
calendar and bodies hold. The further ones see it in their lists and on their desk. Its author chooses;
a clerk may change it while it is being checked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from petitions.domain.errors import InvalidError, TransitionRefusedError
from petitions.domain.lifecycle import State
from petitions.domain.rulebook import Rulebook
from petitions.services.audit import record
from petitions.services.ports import Actor, House
from petitions.storage.tables import Addressee, Petition


def further(rulebook: Rulebook, assembly: str, served: Collection[str]) -> tuple[str, ...]:
    """The other assemblies of this rulebook that this site serves."""
    return tuple(each for each in rulebook.assemblies if each != assembly and each in served)


def addressees(session: Session, petition: Petition) -> tuple[str, ...]:
    """Every assembly the petition asks, the one it was filed at first."""
    rows = session.scalars(
        select(Addressee.assembly)
        .where(Addressee.petition_id == petition.id)
        .order_by(Addressee.assembly)
    )
    return (petition.assembly, *rows)


def names(session: Session, house: House, petition: Petition, language: str) -> str:
    """The addressees in words: what a letter says whom the petition asks."""
    served = house.library.context.assemblies
    return ", ".join(
        served[each].name(language) if each in served else each
        for each in addressees(session, petition)
    )


def address(
    session: Session,
    rulebook: Rulebook,
    petition: Petition,
    also: Sequence[str],
    served: Collection[str],
) -> None:
    """The author's choice; only while it is a draft. Raises InvalidError."""
    if petition.state != State.DRAFT:
        raise InvalidError("choice_fixed")
    _store(session, petition, also, further(rulebook, petition.assembly, served))


def _store(
    session: Session, petition: Petition, also: Sequence[str], known: Collection[str]
) -> None:
    if not set(also) <= set(known):
        raise InvalidError(fields={"also": ("not_accepted", {})})
    session.execute(delete(Addressee).where(Addressee.petition_id == petition.id))
    for assembly in dict.fromkeys(also):
        session.add(Addressee(petition_id=petition.id, assembly=assembly))
    session.flush()


def readdress(
    session: Session,
    house: House,
    petition: Petition,
    assembly: str,
    also: Sequence[str],
    actor: Actor,
    *,
    at: datetime,
) -> None:
    """A clerk sends it to whom it belongs, while it is being checked. `petition` is locked."""
    if petition.state != State.IN_ADMISSIBILITY:
        raise TransitionRefusedError("wrong_state", state=petition.state)
    rulebook = house.rulebook(session, petition)
    if assembly not in rulebook.assemblies:
        raise InvalidError(fields={"assembly": ("not_accepted", {})})
    before = addressees(session, petition)
    petition.assembly = assembly
    others = [each for each in rulebook.assemblies if each != assembly]
    _store(session, petition, [each for each in also if each != assembly], others)
    after = addressees(session, petition)
    if before == after:
        return
    petition.version += 1
    detail = {"from": list(before), "to": list(after)}
    record(session, actor, "readdressed", at=at, petition=petition, detail=detail)
