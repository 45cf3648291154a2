"""What a use case may ask of the world. The composition root fills these; tests fill them too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlalchemy.orm import Session

from petitions.domain.lifecycle import Role
from petitions.domain.rulebook import Kind, Rulebook
from petitions.domain.rulebook_files import Library
from petitions.storage.tables import Petition


class KeyStore(Protocol):
    """The petitions zone's own keys; see the key store for what each method promises."""

    def create(self, key: str, kind: Any) -> None: ...
    def exists(self, key: str) -> bool: ...
    def prf(self, key: str, message: bytes) -> bytes: ...
    def wrap(self, key: str, plain: bytes, aad: bytes) -> bytes: ...
    def unwrap(self, key: str, blob: bytes, aad: bytes) -> bytes: ...
    def sign(self, key: str, message: bytes) -> bytes: ...
    def public(self, key: str) -> bytes: ...
    def destroy(self, key: str) -> list[bytes]: ...
    def replicas(self, key: str) -> list[tuple[str, bytes]]: ...


@dataclass(frozen=True, slots=True)
class KeyKinds:
    """The key store's own words for what a key is for; opaque here."""

    hmac: Any
    aes: Any
    ed25519: Any
    ml_dsa: Any = None
    """None where the installed library has no ML-DSA-44."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a pseudonymous code, a role, and for staff the name that signs a decision."""

    code: str
    role: Role
    name: str = ""


SYSTEM = Actor("system", Role.SYSTEM, "")


AUTHORS_KID = "authors"
"""Pepper version of the authors' own pages."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Numbers and names of this deployment that services need."""

    deployment: str
    kid: str
    """Pepper version that new petitions are pinned to."""
    batch_min: int
    batch_max_wait: int
    resign_max: int = 1
    objection_days: int = 30
    """Days after the end of signing in which anybody may object to a count, before sealing."""
    removal_days: int = 14
    """Days between the public decision to declare signatures invalid and its effect."""
    author_kid: str = AUTHORS_KID
    """Pepper of the authors' own pages: it outlives the peppers of petitions."""


@dataclass(frozen=True)
class House:
    """Everything beyond a session that a use case may need, handed in once."""

    library: Library
    keys: KeyStore
    random: Callable[[int], bytes]
    policy: Policy
    realm_fingerprint: Callable[[str], str] = lambda _realm: ""
    """All that makes a person's key in a realm: if it changed, everybody could sign again."""
    kinds: KeyKinds = field(default_factory=lambda: KeyKinds(None, None, None))
    pinned: dict[tuple[str, int], Rulebook] = field(default_factory=dict)
    shelves: dict[tuple[bytes | None, str], Library] = field(default_factory=dict)

    def rulebook(self, session: Session, petition: Petition) -> Rulebook:
        """The version this petition is pinned to, from its stored copy."""
        from petitions.services.pinning import load_pinned

        key = (petition.rulebook_id, petition.rulebook_version)
        if key not in self.pinned:
            self.pinned[key] = load_pinned(session, self.library, *key)
        return self.pinned[key]

    def shelf(self, session: Session, petition: Petition) -> Library:
        """The library as this petition sees it: areas, populations and words of its filing."""
        from petitions.services.surroundings import shelf

        key = (petition.surroundings, petition.rulebook_id)
        if key not in self.shelves:
            self.shelves[key] = shelf(session, self.library, petition)
        return self.shelves[key]

    def kind(self, session: Session, petition: Petition) -> Kind:
        """The procedure after the author's choices."""
        kinds = self.rulebook(session, petition).kinds
        kind = kinds[petition.kind]
        options = {k: v for k, v in petition.choices.items() if k in kind.filing.choices}
        chosen = kind.chosen(options)
        if petition.after_kind is None:
            return chosen
        # Closed below its threshold, it goes on as another kind (rulebook P20): what was collected
        # stays under the rules it was collected by, what follows comes from the other kind.
        return replace(chosen, after=kinds[petition.after_kind].after)
