"""Values that logins of invented people give: in a petition, and among its sponsors."""

from __future__ import annotations

import hashlib
from uuid import UUID

from petitions.services.gathering import Founder
from petitions.services.held import Signer
from petitions.services.ports import House
from petitions.services.sponsor_keys import sponsor_context

AUTHOR = 0
"""The person who files every petition here that asks who its author is."""


def u_of(person: int, petition: UUID) -> bytes:
    """What the login of this person gives this petition: 32 bytes, the same each time."""
    return hashlib.sha256(b"person %d in %s" % (person, petition.bytes)).digest()


def u_in_sponsors(person: int, petition: UUID) -> bytes:
    """The same person in the sponsors' context of a petition."""
    return u_of(person, sponsor_context(petition))


def a_founder(house: House, petition: UUID) -> Founder:
    """What the author's login proves where the rules ask for sponsors."""
    own = Signer(u_of(AUTHOR, petition))
    return Founder(kid=house.policy.kid, u=u_in_sponsors(AUTHOR, petition), signer=own)
