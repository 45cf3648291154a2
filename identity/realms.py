"""Realms: what the opening of a petition asks before it trusts one, and what it pins.

A realm whose person keys change while a petition is open would let everybody sign again; the
fingerprint kept at opening makes that a refusal to start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from identity.eligibility import needed_facts
from identity.encoding import enc
from identity.errors import SettingsRefused
from identity.passes import LEVELS
from identity.record_checks import AGE_CLAIM, condition_of
from identity.settings import IdentitySettings


class RealmCatalogue:
    """Answers the petition side's questions about realms; knows no petition."""

    def __init__(self, settings: IdentitySettings) -> None:
        self._settings = settings

    def names(self) -> tuple[str, ...]:
        return tuple(self._settings.realms)

    def issuers(self, realm: str) -> tuple[int, bool]:
        """How many providers vouch for people here, and whether all give one and the same key."""
        providers = self._settings.realms[realm].providers
        spaces = {self._settings.way(name).record.person.namespace for name in providers}
        return len(providers), len(spaces) == 1

    def check(
        self,
        realm: str,
        *,
        predicates: Iterable[Mapping[str, Any]],
        assurances: Iterable[str] = (),
        uniqueness: str = "person",
        judged_at_login: bool = True,
    ) -> None:
        """SettingsRefused unless this realm can carry a rulebook.

        `uniqueness`: `account` accepts providers whose key is not one per person.
        `judged_at_login`: False where age is judged on another day than the login's.
        """
        path = f"identity.realms.{realm}"
        found = self._settings.realms.get(realm)
        if found is None:
            raise SettingsRefused(path, "there is no such realm")
        for name in found.providers:
            record = self._settings.way(name).record
            if record.person.one_per != "person" and uniqueness != "account":
                raise SettingsRefused(path, f"{name} gives one key per {record.person.one_per}")
            reached = max(LEVELS.index(level) for level in record.assurance.values())
            for wanted in assurances:
                if reached < LEVELS.index(wanted):
                    raise SettingsRefused(path, f"{name} never reaches the level {wanted}")
        covered = self._covered(realm)
        needed = frozenset().union(*(needed_facts(each) for each in predicates))
        for key in sorted(needed - covered):
            raise SettingsRefused(path, f"nothing proves or declares {key}")
        yes_or_no = [name for name in found.attributes if AGE_CLAIM.fullmatch(name)]
        exact_age = "birthdate" in found.attributes
        if "age_min" in needed and yes_or_no and not exact_age and not judged_at_login:
            raise SettingsRefused(path, f"{yes_or_no[0]} speaks of the day of the login only")

    def covers(self, realm: str, predicate: Mapping[str, Any]) -> bool:
        """Whether every condition of this predicate is proved there, or left to a declaration."""
        known = realm in self._settings.realms
        return known and needed_facts(predicate) <= self._covered(realm)

    def _covered(self, realm: str) -> frozenset[str]:
        found = self._settings.realms[realm]
        attributes = {condition_of(name) for name in found.attributes}
        return frozenset(attributes | set(found.proves) | set(found.declared))

    def needs_account_notice(self, realm: str) -> bool:
        """True where the public page must say that uniqueness is per account or card."""
        found = self._settings.realms[realm]
        return any(
            self._settings.way(name).record.person.one_per != "person" for name in found.providers
        )

    def fingerprint(self, realm: str) -> str:
        """64 hex digits over all that makes a person's key: keep it when a petition opens.

        It changes with providers, issuer, client, namespace, key claim, form and stretching, or with
        the namespace and the spellings of an address that are one; after
        a person has confirmed that keys stay, the operator may accept a new one.
        """
        parts = []
        for name in sorted(self._settings.realms[realm].providers):
            words = self._settings.way(name).key_words()
            parts.append(enc("provider", *(word.encode() for word in words)))
        return hashlib.sha256(enc("petition/realm/v1", realm.encode(), *parts)).hexdigest()
