"""What `identity` does, with its ports: from a request and a login to a pass, and then nothing.

Claims and person keys live in arguments and local variables only; no attribute of the service, no
session, no template and no exception ever holds one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, overload

from joserfc.jwk import Key

from identity.alarms import SecurityWatch
from identity.daily_keys import DailyKeys
from identity.eligibility import Attributes, PredicateUnknown, classes_that_hold, judge
from identity.errors import Cause, KeyRefused, LoginRefused, SettingsRefused
from identity.key_fitness import agrees
from identity.keyring import KeyStore
from identity.outcomes import Outcome
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
from identity.providers.adapter import Adapter, Login, Wish
from identity.providers.breaker import Bulkhead
from identity.providers.email.letter import Post
from identity.providers.email.letterbox import Letterbox
from identity.providers.logout import LogoutOrder, jti_hash
from identity.providers.oidc import OpenIdProvider
from identity.pseudonym import (
    DESIGNED_COST,
    StretchCost,
    identity_value,
    staff_mark,
    staff_value,
    stretched_key,
)
from identity.records import RealmRecord, StaffRecord
from identity.settings import IdentitySettings

STAFF_PEPPER = "staff-pepper"
CITIZENSHIP = "citizenship"
"""Before the table of a request token: the area is the country of which one is a citizen."""


def no_area(_table: str, _place: str) -> str | None:
    return None


def nobody_logged_in(_order: LogoutOrder) -> bool:
    """For a service without a desk: a logout order is well, and ends nothing."""
    return True


def no_limit(_step: str) -> None:
    """Where nobody counts: every login may begin at once."""


def new_bulkhead() -> Bulkhead:
    """Half of the eight threads of a small process; give the real half where it has more."""
    return Bulkhead(4)


@dataclass(slots=True, kw_only=True)
class IdentityService:
    """Ports, and the rooms' one use case. The composition root fills it.

    `one_use(state_hash, expires)` inserts and tells whether it was new. `end_sessions(order)` spends
    the order and ends what it names in one step; False if it was spent. `render(template, facts)`
    gives a page. `admit(step)` says until when a step of a login (start, go) has to wait because too
    many came from where this one comes from; None to go on. `area_code(table, place)` turns a
    postcode or place into a code of that table.
    `post` is needed where a provider is of kind "email". `cost` is for tests only. `keystore` holds
    `pepper/<kid>` and `staff-pepper`.
    """

    settings: IdentitySettings
    deployment: str
    border: IdentityBorder
    keystore: KeyStore
    daily_keys: DailyKeys
    one_use: Callable[[bytes, datetime], bool]
    clock: Callable[[], datetime]
    render: Callable[[str, dict[str, Any]], str]
    end_sessions: Callable[[LogoutOrder], bool] = nobody_logged_in
    admit: Callable[[str], datetime | None] = no_limit
    area_code: Callable[[str, str], str | None] = no_area
    report: Callable[[Outcome], None] = field(default_factory=SecurityWatch)
    cost: StretchCost = DESIGNED_COST
    bulkhead: Bulkhead = field(default_factory=new_bulkhead)
    post: Post | None = None
    providers: Mapping[str, OpenIdProvider] = field(init=False)
    letterboxes: Mapping[str, Letterbox] = field(init=False)

    def __post_init__(self) -> None:
        if self.settings.environment == "production" and self.cost != DESIGNED_COST:
            raise SettingsRefused("identity.cost", "must be the designed one in production")
        self.providers = {
            name: OpenIdProvider(provider, now=lambda: self.clock().timestamp())
            for name, provider in self.settings.providers.items()
        }
        self.letterboxes = self._letterboxes()

    def _letterboxes(self) -> dict[str, Letterbox]:
        known, post = self.settings.letterboxes, self.post
        if known and post is None:
            raise SettingsRefused("mail", "is needed by a provider of kind email")
        return {
            name: Letterbox(
                each,
                base_url=self.settings.base_url,
                post=post,
                keys=self.daily_keys,
                now=self.clock,
            )
            for name, each in known.items()
            if post is not None
        }

    def adapter(self, name: str) -> Adapter:
        """One way to prove who one is, of whatever kind. KeyError."""
        found = self.letterboxes.get(name)
        return self.providers[name] if found is None else found

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

    def logout_order(self, token: str) -> tuple[str, LogoutOrder]:
        """(provider, whom a logout token names). LoginRefused unless one of the staff's providers
        signed it for us, now (OpenID Connect Back-Channel Logout 1.0, 2.6).
        """
        staff = self._staff()
        typed, refusal = staff.logout_type == "required", LoginRefused(Cause.SET_UP, "no_provider")
        for name in staff.providers:
            provider = self.providers[name]
            try:
                found = provider.logged_out(token, typed=typed)
            except LoginRefused as error:
                refusal = error  # another provider of the house may have made it
                continue
            return name, LogoutOrder(
                jti_hash=jti_hash(provider.settings.record.issuer, found.jti),
                expires=datetime.fromtimestamp(found.expires, UTC),
                subject_mark=self._mark(name, "sub", found.subject),
                session_mark=self._mark(name, "sid", found.session),
            )
        raise refusal

    def public_keys(self) -> dict[str, list[Any]]:
        """Our public keys for providers: signing of client assertions, encryption of answers."""
        keys = []
        for provider in self.settings.providers.values():
            held, record = provider.secrets, provider.record
            signing = () if held.signing is None else (held.signing,)
            keys += [_public(key, "sig", record.client.alg) for key in (*signing, *held.published)]
            for key in held.decryption or ():
                fitting = record.answer.encrypted.alg if record.answer.encrypted else ()
                named = [alg for alg in fitting if agrees(key, alg)]
                keys.append(_public(key, "enc", named[0] if len(named) == 1 else None))
        unique = {(key["kid"], key["use"]): key for key in keys}
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
            u=self._value(ask.realm, ask.context, ask.kid, login, provider),
            also=tuple(
                self._value(ask.realm, each.context, each.kid, login, provider) for each in ask.also
            ),
            area=self._area(ask, told, place),
            classes=classes_that_hold(ask.classes, told, **judged),
            declare=verdict.declare,
            assurance=login.assurance,
        )

    def _area(self, ask: Ask, told: Attributes, place: str | None) -> str | None:
        """The area of this person in the table that was asked for; None where nothing tells it.

        "citizenship:<table>" asks for the country; of several, the first by code counts.
        """
        if ask.area is None:
            return None
        source, _, table = ask.area.rpartition(":")
        if source == CITIZENSHIP:
            codes = (self.area_code(table, each) for each in sorted(told.citizen_of or ()))
            return next((code for code in codes if code), None)
        return self.area_code(table, place) if place else None

    def _value(self, realm: str, context: bytes, kid: str, login: Login, provider: str) -> bytes:
        """The value of this person in one context, under one version of the pepper."""

        def prf(message: bytes) -> bytes:
            return self.keystore.prf(f"pepper/{kid}", message)

        key = login.key.encode()
        if self.settings.way(provider).record.person.stretch:
            key = stretched_key(prf, realm=realm, key=key, cost=self.cost)
        return identity_value(
            prf,
            deployment=self.deployment,
            realm=realm,
            context=context,
            namespace=login.namespace,
            key=key,
        )

    def _clerk(self, asked: StaffAsk, login: Login, provider: str, now: datetime) -> StaffPass:
        staff, record = self._staff(), self.settings.providers[provider].record
        # Where the record asks a method (amr), that was the second factor, and it was checked.
        reached = LEVELS.index(login.assurance) >= LEVELS.index(staff.assurance)
        if not reached and not record.amr and not staff.amr:
            raise LoginRefused(Cause.TOO_LOW, "assurance_too_low", wanted=staff.assurance)
        if staff.amr and set(staff.amr).isdisjoint(login.methods):
            raise LoginRefused(Cause.TOO_LOW, "second_factor_absent", wanted=staff.assurance)
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
            auth_time=None
            if login.auth_time is None
            else datetime.fromtimestamp(int(login.auth_time), UTC),
            subject_mark=self._mark(provider, "sub", login.subject),
            session_mark=self._mark(provider, "sid", login.session),
        )

    @overload
    def _mark(self, provider: str, kind: str, value: str) -> bytes: ...
    @overload
    def _mark(self, provider: str, kind: str, value: str | None) -> bytes | None: ...
    def _mark(self, provider: str, kind: str, value: str | None) -> bytes | None:
        if value is None:
            return None
        return staff_mark(
            lambda message: self.keystore.prf(STAFF_PEPPER, message),
            deployment=self.deployment,
            issuer=self.settings.providers[provider].record.issuer,
            kind=kind,
            value=value,
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
