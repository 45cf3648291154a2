"""The one-time code of `petitions staff invite`: typed in by somebody who has just logged in."""

from __future__ import annotations

from flask import Response, render_template, request, url_for

from petitions.domain.errors import ConflictError, InvalidError, NotFoundError
from petitions.domain.staffing import RolesFrom
from petitions.services.staff_codes import redeem
from petitions.web import newcomers
from petitions.web.access import signer
from petitions.web.edge import engine, private, writing
from petitions.web.login_steps import blueprint, see
from petitions.web.sessions import current_staff
from petitions.web.staff_logins import enter, speak_to_staff
from petitions.web.staff_people_words import refusal


@blueprint.get(newcomers.ROOM)
@signer
def staff_code() -> Response:
    """Opened by a login, with or without a role; where roles come from a claim there is no code."""
    if engine().roles_from is not RolesFrom.DESK:
        raise NotFoundError("page")
    if current_staff() is None and newcomers.remembered() is None:
        return see(url_for("logins.staff_sign_in", back=newcomers.ROOM))
    return _page()


@blueprint.post(newcomers.ROOM)
@signer
def use_staff_code() -> Response:
    if engine().roles_from is not RolesFrom.DESK:
        raise NotFoundError("page")
    staff, newcomer = current_staff(), newcomers.remembered()
    if staff is None and newcomer is None:
        return see(url_for("logins.staff_sign_in", back=newcomers.ROOM, why="ended"))
    code, at, answer = request.form.get("code", "")[:100], engine().clock(), see("/office/queue")
    try:
        with writing() as session:
            if staff is not None:
                redeem(session, code, staff.actor, staff.name, at)
            elif newcomer is not None:
                roles = redeem(session, code, newcomer.actor, newcomer.name, at)
                enter(session, answer, newcomer, roles)
    except (InvalidError, ConflictError, NotFoundError) as error:
        told = "code_unknown" if isinstance(error, InvalidError) else error.code
        return _page(fault=told, status=422)
    newcomers.forget(answer)
    return answer


def _page(fault: str = "", status: int = 200) -> Response:
    speak_to_staff()
    page = render_template("office/code.html", fault=refusal(fault) if fault else "")
    return private(Response(page, status))
