"""Where the two zones meet: the only module besides `petitions.app` and `petitions.cli` that knows
both. It fills the petition side's ports with the identity zone's parts, and hands that zone what it
may have: a database insert, a template renderer, a clock. No person passes here, only u.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from identity.daily_keys import DailyKeys
from identity.errors import PassRefused, SettingsRefused
from identity.key_rules import Kind
from identity.passes import Ask, Beside, IdentityBorder, PetitionsBorder, StaffAsk
from identity.providers.breaker import Bulkhead
from identity.providers.email.letter import Post
from identity.realms import RealmCatalogue
from identity.service import IdentityService, no_area
from identity.settings import IdentitySettings, load
from identity.tokens import SigningKey
from petitions.domain.assembly import RealmFacts
from petitions.domain.errors import ConfigurationError, PassRefusedError
from petitions.domain.rulebook import Kind as RulebookKind
from petitions.domain.rulebook import Rulebook
from petitions.domain.rulebook_files import Library
from petitions.domain.sponsors import by_office
from petitions.key_border import (
    AUTHORS_PEPPER,
    KeyRing,
    identity_keys,
    make_keys,
    missing_keys,
    petition_keys,
)
from petitions.ledger import postquantum
from petitions.platform.config import Settings
from petitions.platform.database import read_only
from petitions.platform.i18n import _
from petitions.services.ports import KeyKinds
from petitions.services.realms import changed_realms
from petitions.services.signing import rounded_up
from petitions.staff_border import login_to_leave, session_ender
from petitions.storage.insertion import insert_once
from petitions.storage.tables import SpentState
from petitions.web.edge import LoginRequest, Proof, StaffProof

__all__ = [
    "AUTHORS_PEPPER",
    "KINDS",
    "KeyRing",
    "identity_keys",
    "make_keys",
    "missing_keys",
    "petition_keys",
]
KINDS = KeyKinds(
    Kind.HMAC, Kind.AES, Kind.ED25519, Kind.ML_DSA_44 if postquantum.AVAILABLE else None
)


def load_identity(settings: Settings) -> IdentitySettings:
    """The `[identity]` table, judged by its own zone."""
    try:
        return load(
            settings.identity,
            environment=settings.environment,
            base_url=settings.site.base_url,
            secrets_directory=Path(settings.keys.secrets_directory or "."),
        )
    except SettingsRefused as refused:
        raise ConfigurationError(str(refused)) from None


def check_realms(identity: IdentitySettings, library: Library, assemblies: list[str]) -> None:
    """Every rulebook this site serves must find a realm that can carry it, or nothing starts."""
    catalogue = RealmCatalogue(identity)
    for versions in library.rulebooks.values():
        book = versions[-1]
        if not set(book.assemblies) & set(assemblies):
            continue
        try:
            for kind in book.kinds.values():
                catalogue.check(
                    book.realm,
                    predicates=_predicates(kind, catalogue, book.realm),
                    assurances=_levels(book),
                    uniqueness=str(kind.signing.uniqueness),
                    judged_at_login=kind.signing.reference == "signing",
                )
        except SettingsRefused as refused:
            raise ConfigurationError(f"{refused} (needed by rulebook {book.id})") from None


def realm_facts(identity: IdentitySettings) -> dict[str, RealmFacts]:
    """What a rulebook's realm is judged by: how many issuers, and whether one key joins them."""
    catalogue = RealmCatalogue(identity)
    found = {realm: catalogue.issuers(realm) for realm in catalogue.names()}
    return {
        realm: RealmFacts(issuers=number, common_identifier=common)
        for realm, (number, common) in found.items()
    }


def realm_fingerprint(identity: IdentitySettings) -> Callable[[str], str]:
    """A realm's fingerprint today; of a realm that is gone, a word no petition was opened with."""
    catalogue = RealmCatalogue(identity)
    names = catalogue.names()
    return lambda realm: catalogue.fingerprint(realm) if realm in names else "gone"


def check_running(identity: IdentitySettings, sessions: Callable[[], Session]) -> None:
    """Refuse to start where a running petition's realm has changed under it."""
    with sessions() as session:
        changed = changed_realms(read_only(session), realm_fingerprint(identity))
    if changed:
        raise ConfigurationError(
            f"identity.realms.{changed[0]}: its providers or person keys changed while petitions of "
            "this realm are running; everybody could sign again. Put the settings back, or, if the "
            f"keys are proved to be the same, run `petitions realm accept {changed[0]}`"
        )


def _predicates(
    kind: RulebookKind, catalogue: RealmCatalogue, realm: str
) -> list[Mapping[str, Any]]:
    """Every condition that a login of this kind of petition may have to prove.

    An office that no login proves is no fault: a clerk records what its holder answers.
    """
    found = [kind.filing.author, kind.signing.who, *kind.signing.classes.values()]
    for stage in kind.sponsors:
        found += [stage.unless] if stage.unless is not None else []
        if not by_office(stage) or catalogue.covers(realm, stage.who.to_data()):
            found.append(stage.who)
    return [each.to_data() for each in found]


def _levels(book: Rulebook) -> list[str]:
    wanted = book.assurance
    levels = [wanted.file, wanted.sign, wanted.withdraw]
    if any(kind.sponsors for kind in book.kinds.values()):
        levels.append(wanted.sponsor)
    return sorted({str(each) for each in levels})


class PepperShelf:
    """What sealing may do to the identity zone's peppers: ask for one by version, and end it."""

    def __init__(self, settings: Settings) -> None:
        self._keys = identity_keys(settings)

    def exists(self, kid: str) -> bool:
        return self._keys.exists(f"pepper/{kid}")

    def destroy(self, kid: str) -> list[bytes]:
        return self._keys.destroy(f"pepper/{kid}")

    def replicas(self, kid: str) -> list[tuple[str, bytes]]:
        return self._keys.replicas(f"pepper/{kid}")


class DailySeal:
    """Our own short cookies, under a key that dies after a day."""

    def __init__(self, keys: DailyKeys) -> None:
        self._keys = keys

    def seal(self, now: datetime, plain: bytes, aad: bytes) -> str:
        return self._keys.seal_state(now, plain, aad)

    def open(self, now: datetime, token: str, aad: bytes) -> bytes | None:
        return self._keys.open_state(now, token, aad) if token else None


class Gate:
    """The petition side's half of the border, filled with the identity zone's token formats."""

    def __init__(self, border: PetitionsBorder, identity: IdentitySettings) -> None:
        self._border = border
        self._identity = identity

    def ask(self, wanted: LoginRequest, now: datetime) -> str:
        ask = Ask(
            context=wanted.context,
            purpose=wanted.purpose,
            kid=wanted.kid,
            realm=wanted.realm,
            assurance=wanted.assurance,
            on=wanted.on,
            return_to=wanted.return_to,
            lang=wanted.lang,
            rid=wanted.rid,
            who=wanted.who,
            classes=wanted.classes,
            area=wanted.area,
            also=tuple(Beside(context=context, kid=kid) for context, kid in wanted.also),
        )
        return self._border.seal_ask(ask, now)

    def ask_staff(
        self, return_to: str, lang: str, rid: bytes, now: datetime, *, fresh: bool
    ) -> str:
        asked = StaffAsk(return_to=return_to, lang=lang, rid=rid, fresh=fresh)
        return self._border.seal_staff_ask(asked, now)

    def open_pass(
        self, token: str, *, context: bytes, purpose: str, rid: bytes, now: datetime
    ) -> Proof:
        try:
            found = self._border.open_pass(
                token, context=context, purpose=purpose, rid=rid, now=now
            )
        except PassRefused as refused:
            raise PassRefusedError(_code(refused)) from None
        return Proof(
            u=found.u, area=found.area, classes=found.classes, declare=found.declare,
            jti=found.jti, expires=found.exp, also=found.also,
        )  # fmt: skip

    def open_staff_pass(self, token: str, *, rid: bytes, now: datetime) -> StaffProof:
        try:
            found = self._border.open_staff_pass(token, rid=rid, now=now)
        except PassRefused as refused:
            raise PassRefusedError(_code(refused)) from None
        return StaffProof(
            key=found.key, name=found.name, roles=found.roles, auth_time=found.auth_time,
            subject_mark=found.subject_mark, session_mark=found.session_mark,
        )  # fmt: skip

    def staff_login_to_leave(self) -> str:
        return login_to_leave(self._identity)

    def identity_label(self, realm: str) -> str:
        record = self._identity.realms.get(realm)
        if record is None:
            return ""
        return " / ".join(
            self._identity.way(name).label or _("e-mail") for name in record.providers
        )

    def judges(self, realm: str, who: Mapping[str, Any]) -> bool:
        return RealmCatalogue(self._identity).covers(realm, who)

    def keeps_login(self, realm: str) -> bool:
        record = self._identity.realms.get(realm)
        return record is not None and not self.by_email(realm)

    def by_email(self, realm: str) -> bool:
        record = self._identity.realms.get(realm)
        return record is not None and set(record.providers) <= set(self._identity.letterboxes)


def _code(refused: PassRefused) -> str:
    return "expired" if refused.reason == "pass_expired" else refused.reason


def _signing_key(store: Any, key: str) -> SigningKey:
    return SigningKey(lambda message: store.sign(key, message), store.public(key))


def both_sides(
    settings: Settings,
    identity: IdentitySettings,
    *,
    sessions: Callable[[], Session],
    clock: Callable[[], datetime],
    render: Callable[[str, dict[str, Any]], str],
    admit: Callable[[str], datetime | None],
    post: Post | None = None,
    area_code: Callable[[str, str], str | None] = no_area,
) -> tuple[Gate, DailySeal, IdentityService]:
    """Gate and seal of the petition side, and the identity zone's service, in one process."""
    place = Path(settings.keys.runtime_directory)
    own_keys, other_keys = DailyKeys(place, "petitions"), DailyKeys(place, "identity")
    people, ours = identity_keys(settings), petition_keys(settings, with_log=False)

    def one_use(state_hash: bytes, expires: datetime) -> bool:
        with sessions() as session:
            new = insert_once(
                session, SpentState, state_hash=state_hash, expires_at=rounded_up(expires)
            )
            session.commit()
            return new

    gate = PetitionsBorder(
        sign_ask=_signing_key(ours, "ask-sign"),
        pass_signers=[people.public("pass-sign")],
        pass_keys=own_keys,
    )
    service = IdentityService(
        settings=identity,
        deployment=settings.site.deployment,
        border=IdentityBorder(
            ask_signers=[ours.public("ask-sign")],
            sign_pass=_signing_key(people, "pass-sign"),
            pass_public=own_keys.pass_public,
        ),
        keystore=people,
        daily_keys=other_keys,
        one_use=one_use,
        clock=clock,
        render=render,
        end_sessions=session_ender(sessions, clock),
        admit=admit,
        bulkhead=Bulkhead.of_threads(settings.web.threads),
        post=post,
        area_code=area_code,
    )
    return Gate(gate, identity), DailySeal(own_keys), service


def network_salt(settings: Settings) -> Callable[[datetime], bytes]:
    """The salt of a day, under which networks are counted and never stored."""
    return DailyKeys(Path(settings.keys.runtime_directory), "petitions").network_salt


def purge_daily_keys(settings: Settings, now: datetime) -> None:
    """Yesterday's pass and cookie keys are destroyed: a recorded pass cannot be opened any more."""
    for zone in ("petitions", "identity"):
        DailyKeys(Path(settings.keys.runtime_directory), zone).purge(now)
