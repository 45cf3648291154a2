"""Petitions by the assemblies that they ask."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, or_, select

from petitions.storage.tables import Addressee, Petition


def addressed_to(assemblies: Collection[str]) -> ColumnElement[bool]:
    """Petitions that ask one of these assemblies, alone or together with another."""
    further = select(Addressee.petition_id).where(Addressee.assembly.in_(assemblies))
    return or_(Petition.assembly.in_(assemblies), Petition.id.in_(further))
