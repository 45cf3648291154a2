"""The office's blueprint, and what each of its views starts from: a session, a clock, who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, Response, current_app, render_template
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import Role
from petitions.domain.permissions import Permission, may
from petitions.platform.i18n import _, current_locale
from petitions.services.letters import Address
from petitions.services.ports import Actor, House
from petitions.web import staff_words as words
from petitions.web.sessions import Staff, current_staff

OFFICE = "petitions.office"
office = Blueprint("office", __name__, url_prefix="/office")


@dataclass(frozen=True, slots=True)
class OfficeParts:
    """What the composition root hands to the office."""

    session: Callable[[], Session]
    house: House
    address: Address
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Desk:
    """One request of one person. `at` is the same instant throughout."""

    session: Session
    house: House
    address: Address
    staff: Staff
    at: datetime

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(role) for role in self.staff.roles)

    @property
    def actor(self) -> Actor:
        """Acts are recorded under the first role that may decide, else the first one held."""
        order = (Role.CLERK, Role.SECOND_READER, Role.COMMITTEE, *Role)
        role = next(role for role in order if role in self.roles)
        return Actor(self.staff.actor, role, self.staff.name)

    @property
    def today(self) -> date:
        """The local day of the site: what "overdue" means on a list of many procedures."""
        return self.at.astimezone(current_locale().zone).date()


def desk() -> Desk:
    parts: OfficeParts = current_app.extensions[OFFICE]
    return Desk(parts.session(), parts.house, parts.address, current_staff(), parts.clock())


def page(at: Desk, template: str, status: int = 200, /, **values: object) -> Response:
    """A page of the office: for this person only, stored nowhere."""
    answer = Response(
        render_template(
            template,
            staff=at.staff,
            role_words=words.roles(at.roles),
            may=lambda permission: may(at.roles, Permission(permission)),
            words=words,
            **values,
        ),
        status=status,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def plural(n: int, one: str, many: str) -> str:
    return current_locale().ngettext(one, many, n)


__all__ = ["Desk", "OfficeParts", "_", "desk", "office", "page", "plural"]
