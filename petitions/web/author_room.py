"""What every page of an author starts from: the blueprint, the person, their petition, the answer.

Rules of these pages:
- somebody else's draft answers as if it did not exist;
- GET changes nothing; what is typed is kept whole where it is refused (422);
- a button acts on the version its page showed: an older one is answered with 409.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, ForbiddenError, NotFoundError
from petitions.domain.lifecycle import State
from petitions.domain.rulebook import Rulebook
from petitions.storage.tables import Petition
from petitions.web import public_pages
from petitions.web.access import private
from petitions.web.edge import engine
from petitions.web.face import frame
from petitions.web.pages_signing import FieldFault
from petitions.web.scope import look, wear
from petitions.web.sessions import current_author

author = Blueprint("author", __name__)
Faults = tuple[FieldFault, ...]
_SEE_OTHER = 303


def html(template: str, status: int = 200, section: str = "start", **values: object) -> Response:
    """In the look of the assembly that the page is about, else of the one logged in at."""
    who = current_author()
    if who is not None and not look():
        wear(who.assembly)
    where = frame(section, noindex=True)
    return private(Response(render_template(template, frame=where, **values), status))


def go(href: str) -> Response:
    answer = redirect(href, _SEE_OTHER)
    assert isinstance(answer, Response)
    return private(answer)


def tag() -> bytes:
    who = current_author()
    if who is None:
        raise ForbiddenError
    return who.tag


def book() -> Rulebook:
    """The rulebook one files under today, at the assembly of the login."""
    who = current_author()
    return book_of(who.assembly if who else "")


def book_of(assembly: str) -> Rulebook:
    """The rulebook one files under today at an assembly of this site."""
    if assembly in public_pages.assemblies(engine()):
        for found in public_pages.rulebooks_in_force(engine()):
            if assembly in found.assemblies:
                return found
    raise NotFoundError("assembly")


def own(session: Session, petition_id: UUID) -> Petition:
    """For reading: the author's petition, not locked."""
    petition = session.get(Petition, petition_id)
    if petition is None or petition.author_tag != tag():
        raise NotFoundError("petition")
    wear(petition.assembly)
    return petition


def in_preparation(petition: Petition) -> None:
    """Name, address and files belong to what is checked: all are fixed by sending it."""
    if petition.state not in {State.DRAFT, State.RETURNED}:
        raise ConflictError("text_frozen")
