"""A promoter agrees to the withdrawal of a petition: link, login, one button (transition 21).

As with sponsors: nothing of the petition is shown before the login, the login comes back to an address
without the secret, and a sealed cookie ties the steps to this browser.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import Blueprint, Response, g, redirect, render_template
from sqlalchemy.orm import Session

from petitions.domain.errors import ForbiddenError, NotFoundError
from petitions.services import filing, joint_withdrawal, moves
from petitions.services.sponsors import Backing
from petitions.storage.tables import JointWithdrawal, Petition
from petitions.web.access import signer
from petitions.web.asking import STEP_SECONDS, new_rid, to_login
from petitions.web.edge import (
    drop_cookie,
    engine,
    is_prefetch,
    private,
    put_cookie,
    reading,
    writing,
)
from petitions.web.pages_sponsors import AgreePage
from petitions.web.sponsor_asking import stage_request
from petitions.web.support import room
from petitions.web.support_pages import body_name
from petitions.web.support_steps import STEP_COOKIE, check_form, opened_step, proof_of, told

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
    found = opened_step(_AAD)
    return Step(bytes.fromhex(found["rid"]), found["token"])


@blueprint.get("/<lang>/support/agree")
@signer
@told(_back)
def see_withdrawal(lang: str) -> Response:
    the, step = engine(), _step()
    with reading() as session:
        petition = _petition(session, joint_withdrawal.by_token(session, step.token))
        proof_of(petition, step.rid)
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
@told(_back)
def agree_to_withdrawal(lang: str) -> Response:
    step = _step()
    check_form(step.rid, _FORM_SALT)
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
    proof = proof_of(petition, step.rid)
    backing = Backing(u=proof.u, jti=proof.jti, jti_expires=proof.expires)
    try:
        last = joint_withdrawal.agree(session, the.house, petition, backing)
    except NotFoundError:
        return "nothing"
    if not last:
        return "agreed"
    filing.withdraw_petition(session, the.house, petition, the.clock())
    return "withdrawn"
