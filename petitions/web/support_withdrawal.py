"""A promoter agrees to the withdrawal of a petition: link, login, one button (transition 21).

As with sponsors: nothing of the petition is shown before the login, the login comes back to an address
without the secret, and a sealed cookie ties the steps to this browser.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from flask import Blueprint, Response, g, redirect, render_template, request
from itsdangerous import BadSignature
from sqlalchemy.orm import Session

from petitions.domain.errors import ForbiddenError, NotFoundError, PassRefusedError
from petitions.services import filing, joint_withdrawal, moves
from petitions.services.sponsor_keys import sponsor_context
from petitions.services.sponsors import Backing
from petitions.storage.tables import JointWithdrawal, Petition
from petitions.web.access import signer
from petitions.web.asking import LOGIN_SECONDS, STEP_SECONDS, new_rid, to_login
from petitions.web.edge import (
    Proof,
    cookie,
    drop_cookie,
    engine,
    is_prefetch,
    private,
    put_cookie,
    reading,
    writing,
)
from petitions.web.pages_sponsors import AgreePage
from petitions.web.refused_logins import refused_login
from petitions.web.sponsor_asking import stage_request
from petitions.web.support import STEP_COOKIE, room
from petitions.web.support_pages import body_name

blueprint = Blueprint("agreeing", __name__)
_FORM_SALT, _AAD = "withdrawal-form", b"withdrawal-step"


@dataclass(frozen=True, slots=True)
class Step:
    """What this browser carries from the link to the button."""

    rid: bytes
    token: str


def _back(lang: str) -> str:
    return f"{room(lang)}/agree"


def _petition(session: Session, row: JointWithdrawal) -> Petition:
    return session.get_one(Petition, row.petition_id)


@blueprint.get("/<lang>/support/withdrawal/<token>")
@signer
def asked_to_agree(lang: str, token: str) -> Response:
    the = engine()
    with reading() as session:
        petition = _petition(session, joint_withdrawal.by_token(session, token))
        realm = the.house.rulebook(session, petition).realm
        page = AgreePage(
            body=body_name(petition), login_href=f"{room(lang)}/withdrawal/{token}/login",
            identity=the.border.identity_label(realm),
        )  # fmt: skip
    return private(Response(render_template("support/agree.html", page=page)))


@blueprint.get("/<lang>/support/withdrawal/<token>/login")
@signer
def begin_agreeing(lang: str, token: str) -> Response:
    if is_prefetch():  # a browser that guesses must not start a login
        raise ForbiddenError("prefetch")
    the, at, step = engine(), engine().clock(), Step(new_rid(), token)
    with reading() as session:
        petition = _petition(session, joint_withdrawal.by_token(session, token))
        stages = joint_withdrawal.promoter_stages(the.house.kind(session, petition))
        if not stages:
            raise NotFoundError("withdrawal")
        wanted = stage_request(
            session, petition, stages[0], leaving=True, return_to=_back(lang), lang=lang,
            rid=step.rid,
        )  # fmt: skip
    answer = to_login(the.border.ask(wanted, at))
    content = json.dumps({"rid": step.rid.hex(), "token": token}).encode()
    sealed = the.seal.seal(at, content, _AAD)
    put_cookie(answer, STEP_COOKIE, sealed, path=room(lang), seconds=STEP_SECONDS)
    return answer


def _step() -> Step:
    opened = engine().seal.open(engine().clock(), cookie(STEP_COOKIE), _AAD)
    if opened is None:
        raise PassRefusedError("other_browser")
    found = json.loads(opened)
    return Step(bytes.fromhex(found["rid"]), found["token"])


def _step_of_form() -> Step:
    step = _step()
    try:
        given = engine().signer.loads(
            request.form.get("csrf_token", ""), salt=_FORM_SALT, max_age=LOGIN_SECONDS
        )
    except BadSignature:
        raise PassRefusedError("form_too_old") from None
    if not secrets.compare_digest(str(given), step.rid.hex()):
        raise PassRefusedError("other_tab")
    return step


def _proof(petition: Petition, step: Step) -> Proof:
    token = cookie("pass")
    if not token:
        raise PassRefusedError("missing")
    context = sponsor_context(petition.id).bytes
    return engine().border.open_pass(
        token, context=context, purpose="sponsor", rid=step.rid, now=engine().clock()
    )


View = Callable[[str], Response]


def _told(view: View) -> View:
    """A login that cannot be used ends on a page that says what happened."""

    @wraps(view)
    def wrapped(lang: str) -> Response:
        try:
            return private(view(lang))
        except PassRefusedError as refused:
            answer = refused_login(refused.code, again=f"/{lang}/", back=f"/{lang}/")
            drop_cookie(answer, "pass", path=_back(lang))
            return answer

    return wrapped


@blueprint.get("/<lang>/support/agree")
@signer
@_told
def see_withdrawal(lang: str) -> Response:
    the, step = engine(), _step()
    with reading() as session:
        petition = _petition(session, joint_withdrawal.by_token(session, step.token))
        _proof(petition, step)
        found = joint_withdrawal.standing(session, the.house, petition)
        page = AgreePage(
            body=body_name(petition), action=_back(lang), language=petition.language,
            title=filing.text_of(session, petition).title, promoters=found.promoters,
            agreed=found.agreed,
        )  # fmt: skip
    g.csrf_token = str(the.signer.dumps(step.rid.hex(), salt=_FORM_SALT))
    return Response(render_template("support/agree.html", page=page))


@blueprint.post("/<lang>/support/agree")
@signer
@_told
def agree_to_withdrawal(lang: str) -> Response:
    step = _step_of_form()
    with writing() as session:
        what = _agreed(session, step)
    answer = redirect(f"{room(lang)}/thanks?what={what}", 303)
    assert isinstance(answer, Response)
    drop_cookie(answer, "pass", path=_back(lang))
    drop_cookie(answer, STEP_COOKIE, path=room(lang))
    return answer


def _agreed(session: Session, step: Step) -> str:
    the = engine()
    row = joint_withdrawal.by_token(session, step.token)
    petition = moves.lock(session, row.petition_id)
    proof = _proof(petition, step)
    backing = Backing(u=proof.u, jti=proof.jti, jti_expires=proof.expires)
    try:
        last = joint_withdrawal.agree(session, the.house, petition, backing)
    except NotFoundError:
        return "nothing"
    if not last:
        return "agreed"
    filing.withdraw_petition(session, the.house, petition, the.clock())
    return "withdrawn"
