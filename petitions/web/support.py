"""Whoever was invited to stand behind a petition: link → login → text and one button → thanks.

Rules of this module:
- nothing has been checked yet: no page here carries the parliament's crest, is indexed or linked, and
  title and text are shown after the login only, to people who may sponsor;
- starts are links, acts are POSTs; a link opened by a machine of the mail does nothing;
- the secret of the link goes no further than its own page: the login comes back to an address
  without it, and a sealed cookie ties the steps to this browser.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace

from flask import Blueprint, Response, g, redirect, render_template, request
from itsdangerous import BadSignature
from sqlalchemy.orm import Session

from petitions.domain import sponsors as rules
from petitions.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from petitions.domain.filing import SponsorStage
from petitions.services import invitations, moves, sponsors
from petitions.services.held import Signer
from petitions.services.sponsors import Backing
from petitions.storage.tables import Invitation, Petition
from petitions.web.access import signer
from petitions.web.asking import STEP_SECONDS, new_rid, to_login
from petitions.web.edge import (
    Proof,
    drop_cookie,
    engine,
    is_prefetch,
    private,
    put_cookie,
    reading,
    writing,
)
from petitions.web.errors import faults_of
from petitions.web.pages_signing import FieldFault
from petitions.web.pages_sponsors import SupportConfirm, SupportDone
from petitions.web.sponsor_asking import stage_request
from petitions.web.support_pages import confirm_page, invitation_page
from petitions.web.support_steps import STEP_COOKIE, check_form, opened_step, proof_of, told

blueprint = Blueprint("support", __name__)
_FORM_SALT, _DECLINE_SALT, _AAD = "support-form", "support-decline", b"support-step"
WORDS = frozenset({"supported", "signed", "left", "nothing", "declined", "agreed", "withdrawn"})


def _mark(token: str) -> str:
    return invitations.hash_of(token).hex()[:32]


@dataclass(frozen=True, slots=True)
class Step:
    """What this browser carries from the link to the button."""

    rid: bytes
    token: str
    leaving: bool


def room(lang: str) -> str:
    return f"/{lang}/support"


def _stage(session: Session, petition: Petition, row: Invitation) -> SponsorStage:
    return rules.stage_of(engine().house.kind(session, petition), row.stage)


def _petition(session: Session, row: Invitation) -> Petition:
    return session.get_one(Petition, row.petition_id)


@blueprint.get("/<lang>/support/<token>")
@signer
def invitation(lang: str, token: str) -> Response:
    with reading() as session:
        row = invitations.by_token(session, token)
        page = invitation_page(session, _petition(session, row), row, f"{room(lang)}/{token}")
    g.csrf_token = str(engine().signer.dumps(_mark(token), salt=_DECLINE_SALT))
    return private(Response(render_template("support/invitation.html", page=page)))


@blueprint.get("/<lang>/support/<token>/login")
@signer
def begin(lang: str, token: str) -> Response:
    if is_prefetch():  # a browser that guesses must not start a login
        raise ForbiddenError("prefetch")
    the, at = engine(), engine().clock()
    step = Step(new_rid(), token, request.args.get("act") == "leave")
    with reading() as session:
        row = invitations.by_token(session, token)
        petition = _petition(session, row)
        if not invitations.joinable(petition):
            raise ConflictError("sponsors_over")
        wanted = stage_request(
            session, petition, _stage(session, petition, row), leaving=step.leaving,
            return_to=f"{room(lang)}/confirm", lang=lang, rid=step.rid,
        )  # fmt: skip
    answer = to_login(the.border.ask(wanted, at))
    content = {"rid": step.rid.hex(), "token": token, "leaving": step.leaving}
    sealed = the.seal.seal(at, json.dumps(content).encode(), _AAD)
    put_cookie(answer, STEP_COOKIE, sealed, path=room(lang), seconds=STEP_SECONDS)
    return answer


def _way(lang: str) -> str:
    return f"{room(lang)}/confirm"


def _step() -> Step:
    found = opened_step(_AAD)
    return Step(bytes.fromhex(found["rid"]), found["token"], found["leaving"])


def _step_of_form() -> Step:
    step = _step()
    check_form(step.rid, _FORM_SALT)
    return step


@blueprint.get("/<lang>/support/confirm")
@signer
@told(_way)
def confirm(lang: str) -> Response:
    step = _step()
    with reading() as session:
        row = invitations.by_token(session, step.token)
        petition = _petition(session, row)
        page = confirm_page(
            session, petition, row, proof_of(petition, step.rid), f"{room(lang)}/confirm",
            leaving=step.leaving,
        )  # fmt: skip
    return _confirm(page, step, 200)


def _confirm(page: SupportConfirm, step: Step, status: int) -> Response:
    g.csrf_token = str(engine().signer.dumps(step.rid.hex(), salt=_FORM_SALT))
    return Response(render_template("support/confirm.html", page=page), status)


@blueprint.post("/<lang>/support/confirm")
@signer
@told(_way)
def support(lang: str) -> Response:
    step = _step_of_form()
    try:
        with writing() as session:
            what = _acted(session, step)
    except InvalidError as error:
        return _again(lang, step, faults_of(error))
    answer = redirect(f"{room(lang)}/thanks?what={what}", 303)
    assert isinstance(answer, Response)
    drop_cookie(answer, "pass", path=f"{room(lang)}/confirm")
    drop_cookie(answer, STEP_COOKIE, path=room(lang))
    return answer


def _acted(session: Session, step: Step) -> str:
    the, at = engine(), engine().clock()
    row = invitations.by_token(session, step.token)
    petition = moves.lock(session, row.petition_id)
    session.refresh(row)
    proof, stage = proof_of(petition, step.rid), _stage(session, petition, row)
    if step.leaving:
        backing = _backing(proof, "", "")
        done = sponsors.step_back(session, the.house, petition, row.stage, backing, at)
        return "left" if done else "nothing"
    page = confirm_page(session, petition, row, proof, "", leaving=False)
    area, place = _entries(page, stage, proof)
    backing = _backing(proof, area, place)
    found = sponsors.confirm(session, the.house, petition, row, backing, at)
    return "signed" if found.signed else "supported"


def _entries(page: SupportConfirm, stage: SponsorStage, proof: Proof) -> tuple[str, str]:
    """(area of the signature, place of the sponsor), as chosen or as proved."""
    wrong: dict[str, tuple[str, dict[str, object]]] = {}
    area, place = request.form.get("area", ""), request.form.get("place", "")
    if page.areas and area not in dict(page.areas):
        wrong["area"] = ("area_missing", {})
    if page.places and place not in dict(page.places):
        wrong["place"] = ("area_missing", {})
    if request.form.get("declare") != "y":
        wrong["declare"] = ("declare_support", {})
    if wrong:
        raise InvalidError(fields=wrong)
    proved = proof.area or ""
    return (
        area if page.areas else proved if rules.may_be_signature(stage) else "",
        place if page.places else proved,
    )


def _backing(proof: Proof, area: str, place: str) -> Backing:
    own = Signer(proof.also[0], area, proof.classes) if proof.also else None
    return Backing(u=proof.u, jti=proof.jti, jti_expires=proof.expires, signer=own, area=place)


def _again(lang: str, step: Step, faults: tuple[FieldFault, ...]) -> Response:
    """The form once more, with what was entered. Nothing was recorded, and the pass is not spent."""
    with reading() as session:
        row = invitations.by_token(session, step.token)
        petition = _petition(session, row)
        page = confirm_page(
            session, petition, row, proof_of(petition, step.rid), f"{room(lang)}/confirm",
            leaving=step.leaving,
        )  # fmt: skip
    entered = {name: request.form.get(name, "") for name in ("area", "place")}
    page = replace(page, faults=faults, area_chosen=entered["area"], place_chosen=entered["place"])
    return _confirm(page, step, 422)


@blueprint.get("/<lang>/support/thanks")
@signer
def thanks(lang: str) -> Response:
    """Says one of a few things, to anybody: the address tells nothing of a petition or a person."""
    what = request.args.get("what", "")
    if what not in WORDS:
        raise NotFoundError("page")
    page = SupportDone(what=what, home_href=f"/{lang}/")
    return private(Response(render_template("support/thanks.html", page=page)))


@blueprint.post("/<lang>/support/<token>/decline")
@signer
def decline(lang: str, token: str) -> Response:
    """No login: whoever holds a personal link may say no. The form is bound to its link."""
    the, at = engine(), engine().clock()
    try:
        written = request.form.get("csrf_token", "")
        given = the.signer.loads(written, salt=_DECLINE_SALT, max_age=STEP_SECONDS)
    except BadSignature:
        raise InvalidError("form_too_old") from None
    if not secrets.compare_digest(str(given), _mark(token)):
        raise InvalidError("form_too_old")
    with writing() as session:
        row = invitations.by_token(session, token)
        petition = moves.lock(session, row.petition_id)
        session.refresh(row)
        invitations.refuse(session, the.house, petition, row, at)
    answer = redirect(f"{room(lang)}/thanks?what=declined", 303)
    assert isinstance(answer, Response)
    return private(answer)
