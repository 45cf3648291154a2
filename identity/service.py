"""What `identity` does, with its ports: from a request and a login to a pass, and then nothing.

Claims and person keys live in arguments and local variables only; no attribute of the service, no
session, no template and no exception ever holds one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from joserfc.jwk import Key

from identity.daily_keys import DailyKeys
from identity.eligibility import Attributes, PredicateUnknown, classes_that_hold, judge
from identity.errors import Cause, KeyRefused, LoginRefused, SettingsRefused
from identity.keyring import KeyStore
from identity.outcomes import Outcome, log_outcome
from identity.passes import (
    LEVELS,
    Ask,
    IdentityBorder,
    Pass,
    StaffAsk,
    StaffPass,
    new_pass,
    new_staff_pass,
)
from identity.providers.breaker import Bulkhead
from identity.providers.oidc import Login, OpenIdProvider, Wish
from identity.pseudonym import (
    DESIGNED_COST,
    StretchCost,
    identity_value,
    staff_value,
    stretched_key,
)
from identity.records import RealmRecord, StaffRecord
from identity.settings import IdentitySettings

STAFF_PEPPER = "staff-pepper"


def no_area(_table: str, _place: str) -> str | None:
    return None


def new_bulkhead() -> Bulkhead:
    """Half of the eight threads of a small process; give the real half where it has more."""
    return Bulkhead(4)


@dataclass(slots=True, kw_only=True)
class IdentityService:
    """Ports, and the rooms' one use case. The composition root fills it.

    `one_use(state_hash, expires)` inserts and tells whether it was new. `render(template, facts)`
    gives a page. `area_code(table, place)` turns a postcode or place into a code of that table.
    `cost` is for tests only. `keystore` holds `pepper/<kid>` and `staff-pepper`.
    """

    settings: IdentitySettings
    deployment: str
    border: IdentityBorder
    keystore: KeyStore
    daily_keys: DailyKeys
    one_use: Callable[[bytes, datetime], bool]
    clock: Callable[[], datetime]
    render: Callable[[str, dict[str, Any]], str]
    area_code: Callable[[str, str], str | None] = no_area
    report: Callable[[Outcome], None] = log_outcome
    cost: StretchCost = DESIGNED_COST
    bulkhead: Bulkhead = field(default_factory=new_bulkhead)
    providers: Mapping[str, OpenIdProvider] = field(init=False)

    def __post_init__(self) -> None:
        if self.settings.environment == "production" and self.cost != DESIGNED_COST:
            raise SettingsRefused("identity.cost", "must be the designed one in production")
        self.providers = {
            name: OpenIdProvider(provider, now=lambda: self.clock().timestamp())
            for name, provider in self.settings.providers.items()
        }

    def providers_for(self, asked: Ask | StaffAsk) -> tuple[str, ...]:
        """Names of the providers that may answer this request. LoginRefused if none is set up."""
        if isinstance(asked, StaffAsk):
            return self._staff().providers
        return self._realm(asked).providers

    def wish_for(self, asked: Ask | StaffAsk) -> Wish:
        """What is asked of the provider: the realm's attributes, the same for every petition."""
        if isinstance(asked, Ask):
            return Wish(attributes=self._realm(asked).attributes)
        staff = self._staff()
        claims = [(staff.name, str(staff.name_source))]
        if staff.roles is not None:
            claims.append((staff.roles.claim, str(staff.roles.source)))
        return Wish(scopes=staff.scopes, claims=tuple(claims), fresh=asked.fresh)

    def pass_for(self, asked: Ask | StaffAsk, login: Login, provider: str) -> str:
        """The sealed pass. LoginRefused: too low, not eligible, fact missing, set-up."""
        now = self.clock()
        try:
            if isinstance(asked, Ask):
                return self.border.seal_pass(self._citizen(asked, login, provider, now), now)
            return self.border.seal_staff_pass(self._clerk(asked, login, provider, now), now)
        except KeyRefused as refusal:
            raise LoginRefused(Cause.SET_UP, refusal.reason) from None
        except PredicateUnknown:
            raise LoginRefused(Cause.SET_UP, "predicate_unknown") from None

    def public_keys(self) -> dict[str, list[Any]]:
        """Our public keys for providers: signing of client assertions, encryption of answers."""
        keys = []
        for provider in self.settings.providers.values():
            held = provider.secrets
            if held.signing is not None:
                keys.append(_public(held.signing, "sig", provider.record.client.alg))
            keys += [_public(key, "enc", None) for key in held.decryption or ()]
        unique = {key["kid"]: key for key in keys}
        return {"keys": list(unique.values())}

    def _citizen(self, ask: Ask, login: Login, provider: str, now: datetime) -> Pass:
        realm = self._realm(ask)
        if LEVELS.index(login.assurance) < LEVELS.index(ask.assurance):
            raise LoginRefused(Cause.TOO_LOW, "assurance_too_low", wanted=ask.assurance)
        told = _for_the_day(login.facts.attributes, ask, now)
        judged: dict[str, Any] = {
            "on": ask.on,
            "declared": frozenset(realm.declared),
            "proves": realm.proves,
        }
        verdict = judge(ask.who, told, **judged)
        if verdict.missing is not None:
            raise LoginRefused(Cause.FACT_MISSING, "fact_missing", fact=verdict.missing)
        if verdict.failed is not None:
            condition, wanted = verdict.failed
            facts = {"condition": condition, "wanted": wanted, "on": ask.on}
            raise LoginRefused(Cause.NOT_ELIGIBLE, "not_eligible", purpose=ask.purpose, **facts)
        place = login.facts.place
        return new_pass(
            ask,
            now,
            u=self._value(ask, login, provider),
            area=self.area_code(ask.area, place) if ask.area and place else None,
            classes=classes_that_hold(ask.classes, told, **judged),
            declare=verdict.declare,
            assurance=login.assurance,
        )

    def _value(self, ask: Ask, login: Login, provider: str) -> bytes:
        def prf(message: bytes) -> bytes:
            return self.keystore.prf(f"pepper/{ask.kid}", message)

        key = login.key.encode()
        if self.settings.providers[provider].record.person.stretch:
            key = stretched_key(prf, realm=ask.realm, key=key, cost=self.cost)
        return identity_value(
            prf,
            deployment=self.deployment,
            realm=ask.realm,
            context=ask.context,
            namespace=login.namespace,
            key=key,
        )

    def _clerk(self, asked: StaffAsk, login: Login, provider: str, now: datetime) -> StaffPass:
        staff, record = self._staff(), self.settings.providers[provider].record
        # Where the record asks a method (amr), that was the second factor, and it was checked.
        reached = LEVELS.index(login.assurance) >= LEVELS.index(staff.assurance)
        if not reached and not record.amr:
            raise LoginRefused(Cause.TOO_LOW, "assurance_too_low", wanted=staff.assurance)
        name = login.claims.get(staff.name)
        key = staff_value(
            lambda message: self.keystore.prf(STAFF_PEPPER, message),
            deployment=self.deployment,
            namespace=login.namespace,
            key=login.key.encode(),
        )
        return new_staff_pass(
            asked,
            now,
            key=key,
            name=name if isinstance(name, str) else "",
            roles=_roles(staff, login.claims),
            auth_time=datetime.fromtimestamp(int(login.auth_time), UTC),
        )

    def _realm(self, ask: Ask) -> RealmRecord:
        found = self.settings.realms.get(ask.realm)
        if found is None:
            raise LoginRefused(Cause.SET_UP, "realm_unknown")
        return found

    def _staff(self) -> StaffRecord:
        if self.settings.staff is None:
            raise LoginRefused(Cause.SET_UP, "no_staff_provider")
        return self.settings.staff


def new_reference() -> str:
    """What a person reads out when they ask for help: random, it leads to nobody."""
    return secrets.token_hex(4)


def _for_the_day(told: Attributes, ask: Ask, now: datetime) -> Attributes:
    """A yes or no about an age speaks of the day of the login (a day of zones is forgiven)."""
    near = abs((ask.on - now.astimezone(UTC).date()).days) <= 1
    return told if near else replace(told, at_least={})


def _roles(staff: StaffRecord, claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Our roles for the claim's values of this login; older ones are never kept."""
    if staff.roles is None:
        return ()
    value = claims.get(staff.roles.claim)
    each = [value] if isinstance(value, str) else value
    if not isinstance(each, list):
        return ()
    found = {
        staff.roles.map[one] for one in each if isinstance(one, str) and one in staff.roles.map
    }
    return tuple(sorted(found))


def _public(key: Key, use: str, alg: str | None) -> dict[str, Any]:
    more = {"use": use} if alg is None else {"use": use, "alg": alg}
    return dict(key.as_dict(private=False, **more))
