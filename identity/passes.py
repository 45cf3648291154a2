"""The border: a request token in, a pass out. All that `identity` and `petitions` ever say.

A request token (`ask+jwt`) is a JWS of the petition side. A pass (`pass+jwt`) is a JWS of this
side inside a JWE that only the petition side opens, for ten minutes, once. Staff have kinds of
their own (`staff-ask+jwt`, `staff-pass+jwt`), and neither side takes one for the other: `typ`
is checked here because the JOSE library does not look at it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec

from identity.errors import AskRefused, PassRefused
from identity.strict_json import is_moment
from identity.tokens import (
    PassKeys,
    SigningKey,
    TokenDamaged,
    open_sealed,
    open_signed,
    seal_to,
    signed,
)

ASK_LIFE: Final = timedelta(minutes=20)
PASS_LIFE: Final = timedelta(minutes=10)
SKEW: Final = timedelta(seconds=30)  # between the clocks of two hosts, backwards only
PURPOSES: Final = frozenset({"sign", "withdraw", "sponsor", "author"})
BESIDE_MAX: Final = 2
LEVELS: Final = ("email", "low", "substantial", "high")
RETURN_MAX: Final = 200

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# `/` first, no `//`, no `\`, no control character, and no `;`, which would end a cookie's path.
_OWN_PATH = re.compile(r"/(?!/)[A-Za-z0-9/_.~%!$&'()*+=:@?-]*")
_ASK, _PASS = "ask+jwt", "pass+jwt"
_STAFF_ASK, _STAFF_PASS = "staff-ask+jwt", "staff-pass+jwt"
_PETITIONS, _IDENTITY = "petitions", "identity"
_HEAD = frozenset({"iss", "aud", "iat", "exp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One more context in which the same login is to give a value: 16 bytes, and a pepper's version."""

    context: bytes
    kid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What the petition side asks to be proved.

    `context` 16 random bytes of one petition (authors have another); `kid` the pepper's version;
    `who` and `classes` predicates judged on the day `on`; `area` the table of areas wanted;
    `return_to` a path of our own site; `rid` 16 bytes, also in the petition side's cookie; `also`
    further contexts of the same login: of a sponsor who also signs, or of a group of petitions.
    """

    context: bytes
    purpose: str
    kid: str
    realm: str
    assurance: str
    on: date
    return_to: str
    lang: str
    rid: bytes
    who: Mapping[str, Any] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    area: str | None = None
    also: tuple[Beside, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What is proved: u (32 bytes), never a provider, a claim or a name.

    `declare` holds the predicates left to the person's own declaration, each as in the rulebook;
    `also` the values (32 bytes each) in the further contexts of the request, in its order.
    `iat` and `exp` are whole seconds; make one with `new_pass`.
    """

    context: bytes
    purpose: str
    u: bytes = field(repr=False)
    area: str | None = None
    classes: tuple[str, ...] = ()
    declare: tuple[Mapping[str, Any], ...] = ()
    also: tuple[bytes, ...] = field(default=(), repr=False)
    assurance: str
    rid: bytes
    jti: bytes
    iat: datetime
    exp: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAsk:
    """A clerk is to log in; `fresh` asks for a login now (sealing, keys, roles)."""

    return_to: str
    lang: str
    rid: bytes
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPass:
    """`key` 32 bytes, never a petition's u; `roles` as the provider's claim maps them now.

    `auth_time` is when the person typed something at the provider, None where it did not say. The
    marks are keyed hashes of the provider's `sub` and `sid`: they find the sessions that a
    back-channel logout ends, and lead to nobody.
    """

    key: bytes = field(repr=False)
    name: str
    roles: tuple[str, ...]
    auth_time: datetime | None
    subject_mark: bytes = field(repr=False)
    session_mark: bytes | None = field(default=None, repr=False)
    rid: bytes
    jti: bytes
    iat: datetime
    exp: datetime


def new_pass(ask: Ask, now: datetime, **proved: Any) -> Pass:
    """A pass for this request, ten minutes from `now` (cut to seconds), with a jti of its own."""
    begin = now.astimezone(UTC).replace(microsecond=0)
    return Pass(
        context=ask.context,
        purpose=ask.purpose,
        rid=ask.rid,
        jti=secrets.token_bytes(16),
        iat=begin,
        exp=begin + PASS_LIFE,
        **proved,
    )


def new_staff_pass(ask: StaffAsk, now: datetime, **proved: Any) -> StaffPass:
    begin = now.astimezone(UTC).replace(microsecond=0)
    return StaffPass(
        rid=ask.rid, jti=secrets.token_bytes(16), iat=begin, exp=begin + PASS_LIFE, **proved
    )


def is_own_path(path: str) -> bool:
    """A path of our own site: no browser may read another host, or a line end, out of it."""
    return len(path) <= RETURN_MAX and _OWN_PATH.fullmatch(path) is not None


class PetitionsBorder:
    """The petition side: seals requests, opens passes."""

    def __init__(
        self, *, sign_ask: SigningKey, pass_signers: Sequence[bytes], pass_keys: PassKeys
    ) -> None:
        """`pass_signers`: Ed25519 public keys of identity; `pass_keys`: the one-day X25519 keys."""
        self._ask = sign_ask
        self._signers = tuple(pass_signers)
        self._keys = pass_keys

    def seal_ask(self, ask: Ask, now: datetime) -> str:
        """The token for the cookie `ask`, 20 minutes. AskRefused if a field is out of range."""
        _check_ask(ask)
        return signed(_claims_of(ask, _PETITIONS, now, ASK_LIFE), _ASK, self._ask)

    def seal_staff_ask(self, ask: StaffAsk, now: datetime) -> str:
        _check_staff_ask(ask)
        return signed(_claims_of(ask, _PETITIONS, now, ASK_LIFE), _STAFF_ASK, self._ask)

    def open_pass(
        self, token: str, *, context: bytes, purpose: str, rid: bytes, now: datetime
    ) -> Pass:
        """The pass, if it is for this petition, this act, this browser, now. Else PassRefused.

        Single use is the caller's: insert the hash of `jti` in the transaction that acts.
        """
        found = self._open(token, _PASS, Pass, now)
        _check_pass(found)
        if not secrets.compare_digest(found.context, context):
            raise PassRefused("pass_of_another_petition")
        if found.purpose != purpose:
            raise PassRefused("pass_for_another_purpose")
        if not secrets.compare_digest(found.rid, rid):
            raise PassRefused("pass_of_another_browser")
        return found

    def open_staff_pass(self, token: str, *, rid: bytes, now: datetime) -> StaffPass:
        """The staff pass for this browser, now. Else PassRefused."""
        found = self._open(token, _STAFF_PASS, StaffPass, now)
        _check_staff_pass(found)
        if not secrets.compare_digest(found.rid, rid):
            raise PassRefused("pass_of_another_browser")
        return found

    def _open(self, token: str, typ: str, shape: type[_Token], now: datetime) -> _Token:
        try:
            inner = open_sealed(token, lambda day: self._keys.pass_private(day, now))
            claims = open_signed(inner, typ, self._signers)
            _check_head(claims, _IDENTITY, now, PASS_LIFE)
            return _shaped(claims, shape)
        except TokenDamaged as error:
            raise PassRefused(f"pass_{error.reason}") from error


class IdentityBorder:
    """The side that sees people: opens requests, seals passes."""

    def __init__(
        self,
        *,
        ask_signers: Sequence[bytes],
        sign_pass: SigningKey,
        pass_public: Callable[[datetime], tuple[str, bytes]],
    ) -> None:
        """`ask_signers`: Ed25519 public keys of the petition side; `pass_public`: (day, X25519)."""
        self._signers = tuple(ask_signers)
        self._sign = sign_pass
        self._public = pass_public

    def open_ask(self, token: str, now: datetime) -> Ask:
        """AskRefused unless a request of the petition side, unchanged, at most 20 minutes old."""
        found = self._open(token, _ASK, Ask, now)
        _check_ask(found)
        return found

    def open_staff_ask(self, token: str, now: datetime) -> StaffAsk:
        found = self._open(token, _STAFF_ASK, StaffAsk, now)
        _check_staff_ask(found)
        return found

    def open_request(self, token: str, now: datetime) -> Ask | StaffAsk:
        """Either kind: the signed `typ` says which, and each is read by its own rules only."""
        try:
            return self.open_ask(token, now)
        except AskRefused as refusal:
            if refusal.reason != "ask_of_another_kind":
                raise
        return self.open_staff_ask(token, now)

    def seal_pass(self, found: Pass, now: datetime) -> str:
        """The token for the cookie `pass`; `now` picks the day's encryption key."""
        _check_pass(found)
        return seal_to(signed(_passport(found), _PASS, self._sign), *self._public(now))

    def seal_staff_pass(self, found: StaffPass, now: datetime) -> str:
        _check_staff_pass(found)
        at = found.auth_time
        claims = {**_passport(found), "auth_time": None if at is None else int(at.timestamp())}
        return seal_to(signed(claims, _STAFF_PASS, self._sign), *self._public(now))

    def _open(self, token: str, typ: str, shape: type[_Token], now: datetime) -> _Token:
        try:
            claims = open_signed(token, typ, self._signers)
            _check_head(claims, _PETITIONS, now, ASK_LIFE)
            return _shaped(claims, shape)
        except TokenDamaged as error:
            raise AskRefused(f"ask_{error.reason}") from error


_Token = TypeVar("_Token", Ask, Pass, StaffAsk, StaffPass)


def _claims_of(
    found: Ask | StaffAsk, issuer: str, now: datetime, life: timedelta
) -> dict[str, Any]:
    begin = int(now.timestamp())
    head = {"iss": issuer, "aud": _IDENTITY, "iat": begin, "exp": begin + int(life.total_seconds())}
    return {**head, **_fields(found)}


def _passport(found: Pass | StaffPass) -> dict[str, Any]:
    times = {"iat": int(found.iat.timestamp()), "exp": int(found.exp.timestamp())}
    return {"iss": _IDENTITY, "aud": _PETITIONS, **_fields(found), **times}


def _fields(found: Ask | Pass | StaffAsk | StaffPass) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(found)
    return shown


def _check_head(claims: dict[str, Any], issuer: str, now: datetime, life: timedelta) -> None:
    """Who says it to whom, and when. TokenDamaged names what is wrong."""
    audience = _IDENTITY if issuer == _PETITIONS else _PETITIONS
    if claims.get("iss") != issuer:
        raise TokenDamaged("of_another_issuer")
    if claims.get("aud") != audience:
        raise TokenDamaged("for_another_audience")
    begin, end, at = claims.get("iat"), claims.get("exp"), now.timestamp()
    if begin is None or end is None or not (is_moment(begin) and is_moment(end)):
        raise TokenDamaged("without_times")
    # Written so that a comparison with anything odd refuses.
    if not (end > at):
        raise TokenDamaged("expired")
    if not (begin <= at + SKEW.total_seconds()):
        raise TokenDamaged("of_the_future")
    if not (0 < end - begin <= life.total_seconds()):
        raise TokenDamaged("lives_too_long")


def _shaped(claims: dict[str, Any], shape: type[_Token]) -> _Token:
    """The claims as a dataclass, each of its exact type; a missing or unknown name is refused."""
    fields = set(shape.__dataclass_fields__)
    if not set(claims) <= fields | _HEAD:
        raise TokenDamaged("malformed")
    told = {name: value for name, value in claims.items() if name in fields}
    for name in ("iat", "exp", "auth_time"):
        if name in told and not (name == "auth_time" and told[name] is None):
            if not is_moment(told[name]):
                raise TokenDamaged("malformed")
            told[name] = datetime.fromtimestamp(told[name], UTC)
    try:
        return msgspec.convert(told, type=shape)
    except msgspec.ValidationError as error:
        raise TokenDamaged("malformed") from error


def _check_ask(ask: Ask) -> None:
    plain = (ask.kid, ask.realm, ask.lang, *ask.classes, *([] if ask.area is None else [ask.area]))
    if len(ask.context) != 16 or len(ask.rid) != 16:
        raise AskRefused("ask_malformed")
    if ask.purpose not in PURPOSES or ask.assurance not in LEVELS:
        raise AskRefused("ask_malformed")
    if not all(_PLAIN.fullmatch(name) for name in plain):
        raise AskRefused("ask_malformed")
    contexts = {ask.context, *(each.context for each in ask.also)}
    if len(contexts) != 1 + len(ask.also):  # each value of a login in a context of its own
        raise AskRefused("ask_malformed")
    if not all(len(each.context) == 16 and _PLAIN.fullmatch(each.kid) for each in ask.also):
        raise AskRefused("ask_malformed")
    if len(ask.also) > BESIDE_MAX:
        raise AskRefused("ask_malformed")
    if not is_own_path(ask.return_to):
        raise AskRefused("ask_returns_elsewhere")


def _check_staff_ask(ask: StaffAsk) -> None:
    if len(ask.rid) != 16 or not _PLAIN.fullmatch(ask.lang):
        raise AskRefused("ask_malformed")
    if not is_own_path(ask.return_to):
        raise AskRefused("ask_returns_elsewhere")


def _check_pass(found: Pass) -> None:
    sizes = (len(found.context), len(found.u), len(found.rid), len(found.jti))
    if sizes != (16, 32, 16, 16) or found.purpose not in PURPOSES or found.assurance not in LEVELS:
        raise PassRefused("pass_malformed")
    if len(found.also) > BESIDE_MAX or any(len(each) != 32 for each in found.also):
        raise PassRefused("pass_malformed")


def _check_staff_pass(found: StaffPass) -> None:
    marks = (len(found.subject_mark), len(found.session_mark or bytes(32)))
    if (len(found.key), len(found.rid), len(found.jti), *marks) != (32, 16, 16, 32, 32):
        raise PassRefused("pass_malformed")
