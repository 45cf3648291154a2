"""At whose desk each person works: a page of the administrators, where a site serves several."""

from __future__ import annotations

from flask import Response, request
from sqlalchemy import select

from petitions.domain.errors import ForbiddenError, InvalidError, NotFoundError
from petitions.domain.permissions import Permission
from petitions.platform.i18n import N_, _, current_locale
from petitions.services import desks
from petitions.storage.tables import Staff
from petitions.web.access import needs
from petitions.web.edge import engine
from petitions.web.errors import faults_of
from petitions.web.pages_signing import FieldFault
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_pages import Message

ROOM = "/office/people/desks"
OWN = N_("Another administrator says at whose desk you work.")


def _assemblies() -> tuple[tuple[str, str], ...]:
    library, lang = engine().house.library, current_locale().lang
    return tuple(
        (each, library.assembly(each).name(lang)) for each in engine().settings.rulebooks.assemblies
    )


def _show(at: Desk, faults: tuple[FieldFault, ...] = (), status: int = 200) -> Response:
    listed = at.session.scalars(
        select(Staff).where(Staff.disabled.is_(False)).order_by(Staff.name, Staff.actor)
    )
    return page(
        at,
        "office/desks.html",
        status,
        section="people",
        people=[(each.actor, each.name, desks.desks_of(at.session, each.actor)) for each in listed],
        assemblies=_assemblies(),
        faults=faults,
        message=Message(_("The desks were changed.")) if request.args.get("done") else None,
    )


@office.get("/people/desks")
@needs("read_people")
def people_desks() -> Response:
    with desk() as at:
        if len(_assemblies()) < 2:
            raise NotFoundError("desks")
        return _show(at)


@office.post("/people/desks")
@needs("manage_people", fresh=True)
def change_desks() -> Response:
    who, chosen = request.form.get("who", ""), request.form.getlist("assembly")
    try:
        with desk(write=True) as at:
            actor = at.acting(Permission.MANAGE_PEOPLE)
            known = [each for each, _name in _assemblies()]
            desks.set_desks(at.session, actor, who, chosen, known, at=at.at)
    except (InvalidError, ForbiddenError) as error:
        told = (
            faults_of(error) if isinstance(error, InvalidError) else (FieldFault("main", _(OWN)),)
        )
        with desk() as at:
            return _show(at, told, error.status)
    return sent_on(f"{ROOM}?done=1")
