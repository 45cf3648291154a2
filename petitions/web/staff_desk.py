"""The office's blueprint, and what each of its views starts from: a session, a clock, who asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, Response, current_app, redirect, render_template
from sqlalchemy.orm import Session

from petitions.domain.errors import ForbiddenError
from petitions.domain.lifecycle import Role
from petitions.domain.permissions import Permission, may
from petitions.platform.headers import CSP
from petitions.platform.i18n import current_locale, speak
from petitions.services import desks
from petitions.services.letters import Address
from petitions.services.ports import Actor, House
from petitions.storage.staff_rows import waiting_for
from petitions.storage.tables import Staff as StaffRow
from petitions.web import staff_words as words
from petitions.web.edge import engine, private, reading, writing
from petitions.web.face import the_face
from petitions.web.sessions import STAFF_IDLE, Staff, current_staff

office = Blueprint("office", __name__, url_prefix="/office")
END_IS_NEAR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Desk:
    """One request of one person. `at` is the same instant throughout."""

    session: Session
    house: House
    address: Address
    staff: Staff
    at: datetime
    assemblies: frozenset[str] | None = None
    """Those whose petitions this person works on; None: all of the site."""

    def works_for(self, assembly: str) -> bool:
        return self.assemblies is None or assembly in self.assemblies

    @property
    def roles(self) -> frozenset[Role]:
        return self.staff.roles

    def acting(self, permission: Permission) -> Actor:
        """The person in the role that gives this permission: so the audit trail names them."""
        return self.staff.acting(permission)

    @property
    def today(self) -> date:
        """The local day of the site: what "overdue" means on a list of many procedures."""
        return self.at.astimezone(current_locale().zone).date()


@contextmanager
def desk(*, write: bool = False) -> Iterator[Desk]:
    """The desk in a transaction: read only, or committed at the end and rolled back on an error.

    From here on the answer is in the language of the person's account.
    """
    staff = current_staff()
    if staff is None:  # `needs` has sent them to the login already; a door is locked twice
        raise ForbiddenError("wrong_role")
    speak(the_face(current_app).catalogues.locale(staff.language))
    rooms = engine()
    site = rooms.settings.site
    address = Address(
        site.name, site.base_url, site.contact, site.spoken, rooms.settings.mail.letters
    )
    with writing() if write else reading() as session:
        own = desks.desks_of(session, staff.actor)
        if own is not None:
            desks.restrict(session, own)
        yield Desk(session, rooms.house, address, staff, rooms.clock(), own)


@dataclass(frozen=True, slots=True)
class SessionEnds:
    """Times of day: without a request, and whatever the person does; `soon`: time to send."""

    idle: str
    last: str
    soon: bool


def session_ends(at: Desk) -> SessionEnds:
    """Shown on every page, since no script counts down: when what is being written must be sent."""

    def clock(when: datetime) -> str:
        return f"{when.astimezone(current_locale().zone):%H:%M}"

    last = at.staff.ends_at
    return SessionEnds(
        clock(min(at.at + STAFF_IDLE, last)), clock(last), soon=last - at.at <= END_IS_NEAR
    )


def page(at: Desk, template: str, status: int = 200, /, **values: object) -> Response:
    """A page of the office: for this person only, stored nowhere."""
    row = at.session.get(StaffRow, at.staff.actor)
    shortcuts = row is not None and row.shortcuts
    body = render_template(
        template,
        shortcuts=shortcuts,
        staff=at.staff,
        role_words=words.roles(at.roles),
        may=lambda permission: may(at.roles, Permission(permission)),
        words=words,
        session_ends=session_ends(at),
        several_desks=len(engine().settings.rulebooks.assemblies) > 1,
        people_waiting=waiting_for(at.session, at.staff.actor, at.at)
        if may(at.roles, Permission.MANAGE_PEOPLE)
        else 0,
        other_languages=[
            (code, locale.name)
            for code, locale in the_face(current_app).catalogues.locales.items()
            if code != at.staff.language
        ],
        **values,
    )
    answer = Response(body, status=status)
    if shortcuts:  # this site's own file, and nothing else
        answer.headers["Content-Security-Policy"] = f"{CSP}; script-src 'self'"
    return private(answer)


def sent_on(path: str) -> Response:
    """After a POST that did something: see other, so that reloading repeats nothing."""
    answer = redirect(path, 303)
    return private(Response(answer.get_data(), 303, answer.headers))
