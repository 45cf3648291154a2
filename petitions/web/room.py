"""What a view needs besides the request: database, house, clock, logins. Filled by `create_app`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from petitions.domain.assembly import Assembly
from petitions.domain.calendar import local_day
from petitions.domain.rulebook import Rulebook
from petitions.domain.vocabulary import Visibility
from petitions.services.ports import House

EXTENSION = "petitions.room"


@dataclass(frozen=True, slots=True)
class AuthorLogin:
    """Who is logged in as an author: a tag that no signer's tag can be compared to."""

    tag: bytes
    assembly: str


@dataclass(frozen=True, slots=True)
class Room:
    """Ports of the web storey. `session` gives the request's session, closed by the app."""

    house: House
    assembly_id: str
    session: Callable[[], Session]
    reading: Callable[[], Session]
    """The request's session, its transaction marked as read only."""
    now: Callable[[], datetime]
    author: Callable[[], AuthorLogin | None]
    start_author_login: Callable[[str], Response]
    """Redirects to the identity service; the argument is the path to come back to."""
    end_author_login: Callable[[], None]
    identity_names: Callable[[Rulebook], tuple[str, ...]] = lambda _rulebook: ()
    contact_email: str = ""
    contact_address: str = ""
    publisher: str = ""
    host: str = ""
    log_href: str = ""
    licence: str = "CC0 1.0"
    build: str = ""
    """Version of templates and code: part of every ETag."""
    intake_closed: Callable[[], str] = lambda: ""
    """A sentence while no new petition is accepted, else nothing."""

    @property
    def assembly(self) -> Assembly:
        return self.house.library.assembly(self.assembly_id)

    def today(self) -> date:
        return local_day(self.now(), self.assembly.zone)

    def rulebooks(self) -> tuple[Rulebook, ...]:
        """What one can file under today, at this assembly."""
        return tuple(
            book
            for book in self.house.library.in_force(self.today())
            if self.assembly_id in book.assemblies
        )

    def private_kinds(self) -> tuple[tuple[str, str], ...]:
        """(rulebook, kind) of all petitions that have no page, in any version."""
        found = {
            (book.id, kind.id)
            for versions in self.house.library.rulebooks.values()
            for book in versions
            for kind in book.kinds.values()
            if kind.visibility is Visibility.PRIVATE
        }
        return tuple(sorted(found))


def the_room() -> Room:
    found: Room = current_app.extensions[EXTENSION]
    return found
