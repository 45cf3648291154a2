"""Taking one signature at the edge: which database path, which transaction, which retry."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from petitions.domain.vocabulary import AreaSource
from petitions.platform.database import is_sqlite
from petitions.services import signing
from petitions.services.ports import House
from petitions.services.salts import OpenPetition, SigningKeys, unwrap
from petitions.services.signing import Act, AlreadySigned, Signed
from petitions.storage.tables import Petition
from petitions.web.edge import Engine


def open_petition(session: Session, house: House, petition: Petition) -> OpenPetition:
    kind = house.kind(session, petition)
    areas: frozenset[str] = frozenset()
    if kind.signing.areas is not None and kind.signing.areas.source is not AreaSource.CLAIM:
        areas = frozenset(house.library.areas(kind.signing.areas.file).names)
    return OpenPetition(petition.id, unwrap(session, house, petition.id), areas)


def sign_once(the: Engine, keys: SigningKeys, act: Act) -> Signed | AlreadySigned:
    """PostgreSQL: one statement, its own transaction. SQLite, or a second look: a transaction."""
    try:
        return _sign(the, keys, act)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return _sign(the, keys, act)  # the same commitment: an act that did arrive is answered


def _sign(the: Engine, keys: SigningKeys, act: Act) -> Signed | AlreadySigned:
    at = the.legal_clock()
    replayed: bool | None = None
    with the.sessions() as session:
        if not is_sqlite(session):
            session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
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
