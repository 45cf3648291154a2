"""Publication: the text is frozen and hashed, the window laid out, signing opened.

The petition's key and salt are made here (`kek/<uuid>`, never rotated, destroyed at sealing) and the
log receives its OPEN entry in the same transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError
from petitions.domain.lifecycle import Action, Facts
from petitions.domain.vocabulary import WindowMode
from petitions.ledger.commitments import salt_aad
from petitions.ledger.entries import Open
from petitions.services import groups, held, milestone_effects, moves, public_drafting, windows
from petitions.services.logs import ensure_log
from petitions.services.pending import queue
from petitions.services.ports import Actor, House
from petitions.services.prior import count_prior
from petitions.services.procedure_notice import tell_procedure
from petitions.services.targets import fix_targets
from petitions.services.texts import freeze, freeze_all, signed_text
from petitions.storage.insertion import insert_once
from petitions.storage.tables import (
    Petition,
    PetitionSigning,
    PublicCount,
)

NO_END_SECONDS = 2**64 - 1


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
    if session.get(PetitionSigning, petition.id) is not None:
        # the log holds its opening: an older database was restored after that (log_recovery)
        raise ConflictError("opened_before")
    rulebook = house.rulebook(session, petition)
    kind = house.kind(session, petition)
    petition.published_at = at
    petition.opens_at = windows.NOT_OPENED  # until its first day is known (chosen, gazette, event)
    windows.apply(session, house, petition, at=at)
    if not kind.signable:  # nobody signs here: the window counts as closed from the first instant
        petition.opens_at, petition.signing_ended_at = at, at
        petition.closes_at = petition.last_day = None
    petition.time_zone_data = time_zone_data()
    fix_targets(house, house.kind(session, petition), petition)
    discussing = public_drafting.postpones(kind, petition, at)
    text_hash = b"" if discussing else freeze(freeze_all(session, house, petition, at), at)
    session.flush()
    moves.move(session, petition, action, actor, facts, at=at, detail=detail)
    milestone_effects.hold_back(session, kind, petition)
    insert_once(
        session, PublicCount, petition_id=petition.id, valid=0, withdrawn=0, invalid=0, batch_no=0,
        at=at,
    )  # fmt: skip
    if kind.signable and windows.opened(petition) and not discussing:
        _open_signing(session, house, petition, rulebook.digest, rulebook.realm, text_hash, at)
    elif kind.signing.window.mode is WindowMode.PRIOR:
        count_prior(session, house, petition, at=at)


def open_signing(session: Session, house: House, petition: Petition, *, at: datetime) -> bool:
    """For a window whose first day became known after publication; False: it was opened before.

    From here the log knows the petition; no signature enters before the first day.
    """
    if not house.kind(session, petition).signable or not windows.opened(petition):
        return False
    if session.get(PetitionSigning, petition.id) is not None:
        return False
    kind = house.kind(session, petition)
    if public_drafting.postpones(kind, petition, at):  # its author may still edit the text
        return False
    rulebook = house.rulebook(session, petition)
    signed = (
        freeze_all(session, house, petition, at)
        if kind.extras.author_edits
        else signed_text(session, house, petition)
    )
    text_hash = freeze(signed, at)
    _open_signing(session, house, petition, rulebook.digest, rulebook.realm, text_hash, at)
    return True


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
    groups.enter(session, house, house.kind(session, petition), petition)
    early = held.opening(session, petition.id)  # sponsors have signed under it already
    kid = early[0] if early else house.policy.kid
    aad = salt_aad(house.policy.deployment, petition.id, kid)
    grace = timedelta(hours=house.kind(session, petition).signing.confirm_hours)
    session.add(
        PetitionSigning(
            petition_id=petition.id,
            log_id=log.log_id,
            kid=kid,
            realm=realm,
            realm_fingerprint=house.realm_fingerprint(realm),
            rules_hash=rules_hash,
            closes_at=petition.closes_at + grace if petition.closes_at else windows.WITHOUT_END,
            signing="open",
            shut_from=at if petition.opens_at and petition.opens_at > at else None,
            shut_until=petition.opens_at if petition.opens_at and petition.opens_at > at else None,
            seal_step=0,
            wrapped_salt=early[1] if early else house.keys.wrap(kek, house.random(32), aad),
        )
    )
    seconds = int(petition.closes_at.timestamp()) if petition.closes_at else NO_END_SECONDS
    opening = Open(text_hash, rules_hash, seconds)
    queue(session, log.log_id, petition.id, opening, due_at=at)
    session.flush()
    tell_procedure(session, house, petition, at)
    held.carry_over(session, house, petition, log.log_id, at)
