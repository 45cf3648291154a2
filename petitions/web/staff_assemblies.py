"""Which assemblies a case is addressed to, where one site serves several: a column and a filter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select

from petitions.platform.i18n import current_locale
from petitions.storage.tables import Addressee, Petition
from petitions.web.edge import engine
from petitions.web.staff_desk import Desk

Names = tuple[tuple[str, str], ...]


def offered(at: Desk) -> Names:
    """What a list can be narrowed to: the assemblies this person works for; none where it is one."""
    found = tuple(
        (each, name_of(at, each))
        for each in engine().settings.rulebooks.assemblies
        if at.works_for(each)
    )
    return found if len(found) > 1 else ()


def asked_for(at: Desk, assembly: str) -> str:
    """The assembly an address names. Raises ValueError for one that the list does not offer."""
    if assembly and assembly not in dict(offered(at)):
        raise ValueError(assembly)
    return assembly


def name_of(at: Desk, assembly: str) -> str:
    """In the reader's language; the code itself for an assembly that is no longer served."""
    try:
        return at.house.library.assembly(assembly).name(current_locale().lang)
    except KeyError:
        return assembly


def addressed(at: Desk, petitions: Collection[UUID]) -> Mapping[UUID, str]:
    """Every assembly each petition asks, the one it was filed at first; empty on a site with one."""
    if len(engine().settings.rulebooks.assemblies) < 2 or not petitions:
        return {}
    wanted = list(petitions)
    first = at.session.execute(
        select(Petition.id, Petition.assembly).where(Petition.id.in_(wanted))
    ).all()
    further = at.session.execute(
        select(Addressee.petition_id, Addressee.assembly)
        .where(Addressee.petition_id.in_(wanted))
        .order_by(Addressee.assembly)
    ).all()
    found: dict[UUID, list[str]] = {}
    for petition, assembly in (*first, *further):
        found.setdefault(petition, []).append(name_of(at, assembly))
    return {petition: ", ".join(names) for petition, names in found.items()}
