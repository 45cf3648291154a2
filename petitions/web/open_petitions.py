"""Taking one signature at the edge: which database path, which transaction, which retry."""

from __future__ import annotations

from sqlalchemy.orm import Session

from petitions.domain.errors import UnavailableError
from petitions.domain.vocabulary import AreaSource
from petitions.platform.database import translate
from petitions.services import signing
from petitions.services.ports import House
from petitions.services.salts import AskedArea, OpenPetition, SigningKeys, unwrap
from petitions.services.signing import Act, AlreadySigned, Signed
from petitions.services.signing_terms import ASKED, area_needed
from petitions.storage.tables import Petition
from petitions.web.edge import Engine


def open_petition(session: Session, house: House, petition: Petition) -> OpenPetition:
    kind = house.kind(session, petition)
    areas, asked = kind.signing.areas, None
    if areas is not None and areas.source in ASKED:
        asked = AskedArea(
            areas.file, frozenset(house.shelf(session, petition).areas(areas.file).names),
            areas.source is AreaSource.POSTCODE, area_needed(kind),
        )  # fmt: skip
    return OpenPetition(petition.id, unwrap(session, house, petition.id), asked)


def refuse_in_maintenance(the: Engine) -> None:
    """Raises UnavailableError while the site can only be read: signing and withdrawing alike."""
    if the.settings.site.read_only:
        raise UnavailableError("read_only")


def sign_once(the: Engine, keys: SigningKeys, act: Act) -> Signed | AlreadySigned:
    """PostgreSQL: one statement, its own transaction. SQLite, or a second look: a transaction."""
    try:
        return _sign(the, keys, act)
    except Exception as error:
        trouble = translate(error)
        if trouble is None or trouble.code != "database_unavailable":
            raise
        # A connection that died while it was idle. The commitment is the same: an act that did
        # arrive is answered as the first time, never done twice.
        return _sign(the, keys, act)


def _sign(the: Engine, keys: SigningKeys, act: Act) -> Signed | AlreadySigned:
    refuse_in_maintenance(the)
    at = the.legal_clock()
    replayed: bool | None = None
    if the.quick_sessions is not None and keys.group is None:
        with the.quick_sessions() as session:
            found = signing.sign_at_once(session, the.house, keys, act, at)
        if isinstance(found, Signed):
            return found
        replayed = found
    with the.sessions() as session:

        def attempt() -> Signed | AlreadySigned:
            if replayed is None:
                done = signing.sign(session, the.house, keys, act, at)
            else:
                done = signing.sign_second_look(
                    session, the.house, keys, act, replayed=replayed, at=at
                )
            session.commit()
            return done

        return signing.retried(attempt, session.rollback)
