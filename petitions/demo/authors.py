"""Who wrote the demonstration's petitions: the tag that a demo citizen's own login will give.

So that somebody who logs in as that citizen finds their petitions in their own space. Possible only
because the demonstration provider computes its subjects from a key that is public on purpose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import UUID, uuid5

from identity.key_rules import KeyStore
from identity.providers.demo.people import person_key
from identity.providers.demo.settings import DEMONSTRATION_SECTOR_KEY
from identity.providers.demo.tokens import subject
from identity.pseudonym import identity_value, staff_value
from identity.service import STAFF_PEPPER
from petitions import border
from petitions.app import rulebook_library
from petitions.domain.lifecycle import Role
from petitions.platform.config import Settings
from petitions.services.ports import AUTHORS_KID, Actor

SECTOR_CITIZENS, SECTOR_STAFF = "demo", "demo-staff"
_CONTEXTS = UUID("2f1c3b8e-7c0b-4d0e-9c56-4a2c1a7a8d11")
ROLES = {
    "Ana Petit": Role.CLERK,
    "Jules Morel": Role.SECOND_READER,
    "Inès Laurent": Role.COMMITTEE,
    "Marc Olivier": Role.ADMINISTRATOR,
    "Lena Vogt": Role.AUDITOR,
    "Sofia Marek": Role.COMMUNICATION,
    "Paul Renard": Role.INTEGRITY,
}


def author_context_of(assembly: str) -> UUID:
    """The demonstration's author contexts are fixed, so that tags can be computed beforehand."""
    return uuid5(_CONTEXTS, assembly)


def author_of(settings: Settings) -> Callable[[str, str], bytes]:
    """(assembly, citizen's name) → the 32-byte tag of that author."""
    petitions = border.petition_keys(settings, with_log=False)
    value = _value_of(settings, AUTHORS_KID)

    def tag(assembly: str, name: str) -> bytes:
        u = value(assembly, name, author_context_of(assembly))
        return petitions.prf("author-tag", u)

    return tag


def login_of(settings: Settings) -> Callable[[str, str, UUID], bytes]:
    """(assembly, citizen's name, context) → the 32 bytes that a login of theirs gives a petition."""
    return _value_of(settings, settings.keys.pepper)


def _value_of(settings: Settings, kid: str) -> Callable[[str, str, UUID], bytes]:
    keys = border.identity_keys(settings)
    library = rulebook_library(settings)
    realms = {a: book[-1].realm for book in library.rulebooks.values() for a in book[-1].assemblies}

    def value(assembly: str, name: str, context: UUID) -> bytes:
        return identity_value(
            _prf(keys, f"pepper/{kid}"),
            deployment=settings.site.deployment,
            realm=realms[assembly],
            context=context.bytes,
            namespace="demo-citizens",
            key=subject(DEMONSTRATION_SECTOR_KEY, SECTOR_CITIZENS, person_key(name)).encode(),
        )

    return value


def staff_of(settings: Settings) -> Callable[[str], Actor]:
    """The actor that a demo clerk's own login will be."""
    keys = border.identity_keys(settings)

    def actor(name: str) -> Actor:
        value = staff_value(
            _prf(keys, STAFF_PEPPER),
            deployment=settings.site.deployment,
            namespace="demo-staff",
            key=subject(DEMONSTRATION_SECTOR_KEY, SECTOR_STAFF, person_key(name)).encode(),
        )
        return Actor(f"staff-{hashlib.sha256(value).hexdigest()[:12]}", ROLES[name], name)

    return actor


def _prf(keys: KeyStore, key: str) -> Callable[[bytes], bytes]:
    return lambda message: keys.prf(key, message)
