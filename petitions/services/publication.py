"""Publication: the text is frozen and hashed, the window laid out, signing opened.

The petition's key and salt are made here (`kek/<uuid>`, never rotated, destroyed at sealing) and the
log receives its OPEN entry in the same transaction.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy.orm import Session

from petitions.domain.calendar import window
from petitions.domain.lifecycle import Action, Facts
from petitions.domain.periods import Period
from petitions.ledger.commitments import salt_aad
from petitions.ledger.entries import Open
from petitions.services import moves
from petitions.services.logs import ensure_log
from petitions.services.pending import queue
from petitions.services.ports import Actor, House
from petitions.services.targets import fix_targets
from petitions.storage.insertion import insert_once
from petitions.storage.tables import (
    Petition,
    PetitionSigning,
    PetitionText,
    PublicCount,
)

WITHOUT_END = datetime(9999, 12, 31, tzinfo=UTC)
NO_END_SECONDS = 2**64 - 1


def text_file(text: PetitionText) -> bytes:
    """The exact bytes whose SHA-256 is the text hash: what is published, signed and logged."""
    return f"{text.title}\n\n{text.request}\n\n{text.reasons}\n".encode()


def freeze(text: PetitionText) -> bytes:
    text.text_hash = hashlib.sha256(text_file(text)).digest()
    text.frozen = True
    return text.text_hash


def time_zone_data() -> str:
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return "system"


def publish(
    session: Session,
    house: House,
    petition: Petition,
    actor: Actor,
    action: Action,
    facts: Facts,
    *,
    at: datetime,
    detail: dict[str, object] | None = None,
) -> None:
    """Transition 7 with all that follows from it. `at` is the instant of publication (UTC)."""
    rulebook = house.rulebook(session, petition)
    kind = rulebook.kinds[petition.kind]
    choice = petition.choices.get("window")
    event_at = petition.submitted_at if kind.signing.window.start == "submission" else at
    laid_out = window(
        kind.signing.window,
        event_at=event_at or at,
        zone=rulebook.zone,
        choice=Period.parse(choice) if choice else None,
    )
    petition.published_at = at
    petition.opens_at = max(laid_out.opens_at, at)
    petition.closes_at, petition.last_day = laid_out.closes_at, laid_out.last_day
    petition.time_zone_data = time_zone_data()
    fix_targets(house, kind, petition)
    text = session.get_one(PetitionText, (petition.id, petition.language))
    text_hash = freeze(text)
    session.flush()
    moves.move(session, petition, action, actor, facts, at=at, detail=detail)
    insert_once(
        session, PublicCount, petition_id=petition.id, valid=0, withdrawn=0, invalid=0, batch_no=0,
        at=at,
    )  # fmt: skip
    if kind.signable:
        _open_signing(session, house, petition, rulebook.digest, rulebook.realm, text_hash, at)


def _open_signing(
    session: Session,
    house: House,
    petition: Petition,
    rules_hash: bytes,
    realm: str,
    text_hash: bytes,
    at: datetime,
) -> None:
    log = ensure_log(session, house, at)
    kek = f"kek/{petition.id}"
    if not house.keys.exists(kek):  # left over from a transaction that was rolled back
        house.keys.create(kek, house.kinds.aes)
    aad = salt_aad(house.policy.deployment, petition.id, house.policy.kid)
    grace = timedelta(hours=house.kind(session, petition).signing.confirm_hours)
    session.add(
        PetitionSigning(
            petition_id=petition.id,
            log_id=log.log_id,
            kid=house.policy.kid,
            realm=realm,
            realm_fingerprint=house.realm_fingerprint(realm),
            rules_hash=rules_hash,
            closes_at=petition.closes_at + grace if petition.closes_at else WITHOUT_END,
            signing="open",
            seal_step=0,
            wrapped_salt=house.keys.wrap(kek, house.random(32), aad),
        )
    )
    seconds = int(petition.closes_at.timestamp()) if petition.closes_at else NO_END_SECONDS
    opening = Open(text_hash, rules_hash, seconds)
    queue(session, log.log_id, petition.id, opening, due_at=at)
