"""From a rulebook to a login request: who may act, judged on which day, for what purpose."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from flask import Response, redirect
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.collecting import SigningAreas
from petitions.domain.errors import SigningClosedError
from petitions.domain.rulebook import Rulebook
from petitions.domain.vocabulary import AreaSource
from petitions.services import groups
from petitions.services.filing import author_context
from petitions.services.happenings import reference_event
from petitions.storage.tables import AuthorContext, Petition, PetitionSigning
from petitions.web.conditions import as_asked
from petitions.web.edge import LoginRequest, engine, private, put_cookie, reading, writing

LOGIN_SECONDS = 20 * 60
STEP_SECONDS = 60 * 60
"""What ties the way back to this browser outlives all of it: twenty minutes to begin, thirty for a
letter where the login is by e-mail, ten for the pass."""


def reference_day(rulebook: Rulebook, petition: Petition, at: datetime) -> date:
    """The day on which age and residence are judged (rulebook P2, `signing.reference`)."""
    kind = rulebook.kinds[petition.kind]
    if kind.signing.reference == "window_end" and petition.last_day is not None:
        return petition.last_day
    return local_day(at, rulebook.zone)


def judged_on(session: Session, rulebook: Rulebook, petition: Petition, at: datetime) -> date:
    """The same where it may be the day of an event of the calendar.

    It must be known at the act, since nothing is kept to judge later: SigningClosedError until then.
    """
    reference = rulebook.kinds[petition.kind].signing.reference
    if not reference.startswith("event:"):
        return reference_day(rulebook, petition, at)
    found = reference_event(session, petition, reference.removeprefix("event:"), rulebook.zone)
    if found is None:
        raise SigningClosedError("not_open_for_signing")
    return found


def signing_request(
    session: Session, petition: Petition, *, purpose: str, return_to: str, lang: str, rid: bytes
) -> LoginRequest:
    """Sign or withdraw: the same context, hence the same u."""
    the = engine()
    rulebook = the.house.rulebook(session, petition)
    kind = the.house.kind(session, petition)
    opened = session.get_one(PetitionSigning, petition.id)
    assurance = rulebook.assurance.sign if purpose == "sign" else rulebook.assurance.withdraw
    areas, library = kind.signing.areas, the.house.shelf(session, petition)
    return LoginRequest(
        context=petition.id.bytes,
        purpose=purpose,
        kid=opened.kid,
        realm=opened.realm,
        assurance=str(assurance),
        on=judged_on(session, rulebook, petition, the.clock()),
        return_to=return_to,
        lang=lang,
        rid=rid,
        who=as_asked(kind.signing.who, library) if purpose == "sign" else {},
        classes={name: as_asked(each, library) for name, each in kind.signing.classes.items()},
        area=wanted_area(areas),
        also=groups.context_of(session, petition.id),
    )


def wanted_area(areas: SigningAreas | None) -> str | None:
    """What the login is asked about a place; None where the form asks, or nobody needs it."""
    if areas is None or areas.source not in {AreaSource.CLAIM, AreaSource.CITIZENSHIP}:
        return None
    by_country = areas.source is AreaSource.CITIZENSHIP
    return f"{AreaSource.CITIZENSHIP}:{areas.file}" if by_country else areas.file


def authors_of(assembly: str) -> AuthorContext:
    """The context in which authors of this assembly log in. Only the first login of all writes it:
    links that anybody may follow must not stand in line for SQLite's one writer.
    """
    with reading() as session:
        known = session.get(AuthorContext, assembly)
    if known is None:
        with writing() as session:
            known = author_context(session, engine().house, assembly)
    return known


def author_request(
    rulebook: Rulebook, assembly: str, *, return_to: str, lang: str, rid: bytes, kind: str = ""
) -> LoginRequest:
    """An author's login: a context of its own, comparable to no petition's. It asks what the kind
    asks of an author, and proves it for every kind that asks the same.
    """
    the, known = engine(), authors_of(assembly)
    return LoginRequest(
        context=known.context.bytes,
        purpose="author",
        kid=known.kid,
        realm=rulebook.realm,
        assurance=str(rulebook.assurance.file),
        on=local_day(the.clock(), rulebook.zone),
        return_to=return_to,
        lang=lang,
        rid=rid,
        who=as_asked(
            (rulebook.kinds.get(kind) or rulebook.default_kind).filing.author, the.house.library
        ),
    )


def kinds_with_same_author(rulebook: Rulebook, kind: str) -> tuple[str, ...]:
    """The kinds that the same persons may file as this one."""
    asked = rulebook.kinds[kind].filing.author
    return tuple(each.id for each in rulebook.kinds.values() if each.filing.author == asked)


def new_rid() -> bytes:
    return secrets.token_bytes(16)


def to_login(token: str) -> Response:
    """Off to the identity zone, with the request in a cookie that only it receives."""
    answer = redirect("/identity/start", 303)
    assert isinstance(answer, Response)
    put_cookie(answer, "ask", token, path="/identity", seconds=LOGIN_SECONDS)
    return private(answer)
