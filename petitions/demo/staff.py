"""Who works at the desk of the demonstration: the staff of its identity provider, by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from petitions.domain.lifecycle import Role
from petitions.services.ports import Actor

CLERK, SECOND, COMMITTEE = "Ana Petit", "Jules Morel", "Inès Laurent"
ROLES: Mapping[str, Role] = {
    CLERK: Role.CLERK,
    SECOND: Role.SECOND_READER,
    COMMITTEE: Role.COMMITTEE,
}


def invented(name: str) -> Actor:
    """An actor for a name where no identity provider gives one: tests, rehearsals."""
    return Actor(f"staff-{hashlib.sha256(name.encode()).hexdigest()[:12]}", ROLES[name], name)
