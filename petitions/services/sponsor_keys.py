"""The keys under which sponsors of one petition become codes, and the codes.

A context like a petition's: a UUID and a salt of its own, under the petition's key `kek/<uuid>`, so
that whatever ends that key ends both. From the same login the signature's code is made under another
value and another salt: the two rows of one person do not compare.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError
from petitions.domain.rulebook import Rulebook
from petitions.ledger.commitments import salt_aad
from petitions.ledger.encoding import enc
from petitions.services.ports import House
from petitions.storage.tables import Gathering, Petition

SALT = 32


@dataclass(frozen=True, slots=True)
class SponsorKeys:
    """Both salts of one petition, unwrapped. `signing` None: the petition has taken its own over."""

    petition_id: UUID
    sponsors: bytes = field(repr=False)
    signing: bytes | None = field(repr=False)

    def tag(self, stage: str, u: bytes) -> bytes:
        """32 bytes: one person in one stage. `u`: 32 bytes of a login in `sponsor_context`."""
        message = enc("petition/sponsor/v1", stage.encode(), u)
        return hmac.digest(self.sponsors, message, "sha256")


def sponsor_context(petition_id: UUID) -> UUID:
    """The context in which sponsors log in: never the petition's own, and known before any row."""
    return uuid5(petition_id, "petition/sponsors/v1")


def open_gathering(
    session: Session,
    house: House,
    petition: Petition,
    rulebook: Rulebook,
    *,
    kid: str,
    text_hash: bytes,
) -> SponsorKeys:
    """Make the petition's key and both salts. `kid`: the pepper under which the author proved."""
    kek = _kek(petition.id)
    if not house.keys.exists(kek):  # left over from a transaction that was rolled back
        house.keys.create(kek, house.kinds.aes)
    made = SponsorKeys(petition.id, house.random(SALT), house.random(SALT))
    own = salt_aad(house.policy.deployment, petition.id, kid)
    sponsors = salt_aad(house.policy.deployment, sponsor_context(petition.id), kid)
    session.add(
        Gathering(
            petition_id=petition.id,
            kid=kid,
            realm=rulebook.realm,
            realm_fingerprint=house.realm_fingerprint(rulebook.realm),
            wrapped_salt=house.keys.wrap(kek, made.sponsors, sponsors),
            signing_salt=house.keys.wrap(kek, made.signing or b"", own),
            text_hash=text_hash,
        )
    )
    session.flush()
    return made


def sponsor_keys(session: Session, house: House, petition_id: UUID) -> SponsorKeys:
    """Raises ConflictError where the petition never asked for sponsors, or is long over."""
    row = session.get(Gathering, petition_id)
    if row is None:
        raise ConflictError("no_sponsors_wanted")
    kek = _kek(petition_id)
    sponsors = salt_aad(house.policy.deployment, sponsor_context(petition_id), row.kid)
    own = salt_aad(house.policy.deployment, petition_id, row.kid)
    signing = None
    if row.signing_salt is not None:
        signing = house.keys.unwrap(kek, row.signing_salt, own)
    return SponsorKeys(petition_id, house.keys.unwrap(kek, row.wrapped_salt, sponsors), signing)


def _kek(petition_id: UUID) -> str:
    return f"kek/{petition_id}"
