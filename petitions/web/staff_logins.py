"""Logins of staff: to the house's provider and back, ending in a session, or on a page that says why
not. There is no password here to ask for.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from flask import Response, current_app, render_template, request, url_for
from sqlalchemy.orm import Session

from petitions.domain.errors import ForbiddenError, NotFoundError, PassRefusedError
from petitions.domain.lifecycle import Role
from petitions.domain.permissions import Permission
from petitions.domain.staffing import RolesFrom
from petitions.platform.i18n import speak
from petitions.services.signing import rounded_up
from petitions.services.staff_logins import Arrival, Door, arrive
from petitions.services.staff_rights import known_roles, speak_to
from petitions.storage.insertion import insert_once
from petitions.storage.tables import SpentPass
from petitions.web import kept_forms, newcomers
from petitions.web.access import everybody, needs, signer
from petitions.web.asking import LOGIN_SECONDS, new_rid, to_login
from petitions.web.edge import (
    StaffProof,
    cookie,
    drop_cookie,
    engine,
    is_prefetch,
    private,
    writing,
)
from petitions.web.face import the_face
from petitions.web.login_steps import blueprint, own_path, remember, remembered, see
from petitions.web.newcomers import Newcomer
from petitions.web.refused_logins import refused_login
from petitions.web.sessions import Proved, close_session, current_staff, open_session, token_hash

BACK = "/office/welcome"
_WHY = frozenset({"ended", "fresh"})


def speak_to_staff() -> None:
    """The language of the account where one is open, else the site's first."""
    staff = current_staff()
    speak(the_face(current_app).catalogues.locale(staff.language if staff else None))


@blueprint.get("/office/sign-in")
@everybody
def staff_sign_in() -> Response:
    """Straight to the house's provider; `why` shows a page first, after a form and before a step
    that asks for a login made now.
    """
    if is_prefetch():
        raise ForbiddenError("prefetch")
    the, rid = engine(), new_rid()
    back = own_path(request.args.get("back", ""), "/office/queue")
    why = request.args.get("why", "")
    if why in _WHY:
        return _why_again(why, back)
    fresh = request.args.get("fresh") == "1"
    lang = the.settings.site.default_language
    answer = to_login(the.border.ask_staff(BACK, lang, rid, the.clock(), fresh=fresh))
    remember(answer, rid, back, BACK)
    return answer


def _why_again(why: str, back: str) -> Response:
    speak_to_staff()
    fresh = "1" if why == "fresh" else None
    page = render_template(
        "office/sign_in.html",
        why=why,
        kept=back.startswith(f"{kept_forms.ROOM}?"),
        again_href=url_for("logins.staff_sign_in", back=back, fresh=fresh),
    )
    return private(Response(page))


@blueprint.get(BACK)
@signer
def staff_welcome() -> Response:
    the, at = engine(), engine().clock()
    again = url_for("logins.staff_sign_in")
    try:
        step = remembered()
        rid = bytes.fromhex(step["rid"])
        proof = the.border.open_staff_pass(cookie("pass"), rid=rid, now=at)
    except PassRefusedError as refused:
        return refused_login(refused.code, again=again, back="/")
    who = Arrival(actor_of(proof), proof.name, known_roles(proof.roles))
    answer = see(step["back"])
    with writing() as session:
        # outlives the pass, which could otherwise be used again once the row is purged
        expires = rounded_up(at + timedelta(seconds=LOGIN_SECONDS))
        spent = hashlib.sha256(rid + b"staff").digest()
        if not insert_once(session, SpentPass, jti_hash=spent, expires_at=expires):
            return refused_login("pass_used", again=again, back="/")
        door, roles = arrive(session, who, the.roles_from, at)
        if door is Door.OPEN:
            enter(session, answer, Newcomer(who.actor, who.name, proved_by(proof)), roles)
        else:
            close_session(session, answer, "staff")
    if door is not Door.OPEN:
        answer = _closed_door(door, Newcomer(who.actor, who.name, proved_by(proof)), answer)
    drop_cookie(answer, "pass", path=BACK)
    drop_cookie(answer, "login-step", path=BACK)
    return answer


def actor_of(proof: StaffProof) -> str:
    """The code under which the trail knows this person; nothing leads from it to the provider."""
    return f"staff-{hashlib.sha256(proof.key).hexdigest()[:12]}"


def proved_by(proof: StaffProof) -> Proved:
    return Proved(
        auth_time=proof.auth_time,
        subject_mark=proof.subject_mark,
        session_mark=proof.session_mark,
    )


def enter(session: Session, answer: Response, who: Newcomer, roles: frozenset[Role]) -> None:
    open_session(
        session, answer, audience="staff", subject=who.actor, name=who.name,
        roles=tuple(sorted(map(str, roles))),
        language=engine().settings.site.default_language, proved=who.proved,
    )  # fmt: skip


def _closed_door(door: Door, who: Newcomer, gone: Response) -> Response:
    """No right, and what to do about it. `gone` has let the older session's cookie go."""
    at_the_desk = engine().roles_from is RolesFrom.DESK
    page = render_template(
        "office/no_role.html",
        name=who.name,
        actor=who.actor,
        disabled=door is Door.DISABLED,
        at_the_desk=at_the_desk,
    )
    answer = private(Response(page, 403))
    for line in gone.headers.getlist("Set-Cookie"):
        answer.headers.add("Set-Cookie", line)
    if at_the_desk and door is Door.NO_ROLE:
        newcomers.remember(answer, who)
    return answer


@blueprint.post("/office/sign-out")
@signer
def staff_sign_out() -> Response:
    answer = see("/office/signed-out")
    with writing() as session:
        close_session(session, answer, "staff")
    return answer


@blueprint.get("/office/signed-out")
@everybody
def staff_signed_out() -> Response:
    """Out here, and the way to be out at the house's provider too (RP-initiated logout). A link:
    `form-action` would stop a redirect of the form on its way there.
    """
    speak_to_staff()
    provider = engine().border.staff_login_to_leave()
    return private(Response(render_template("office/signed_out.html", provider=provider)))


@blueprint.post("/office/language")
@needs(Permission.READ_OFFICE)
def staff_language() -> Response:
    """The language of the account, for this session."""
    wanted = request.form.get("language", "")
    if wanted not in engine().settings.site.languages:
        raise NotFoundError("language")
    with writing() as session:
        speak_to(session, token_hash("staff"), wanted)
    return see(own_path(request.form.get("back", ""), "/office/queue"))
