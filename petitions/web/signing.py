"""Signing: petition page → login → confirm → signed. And back: withdraw.

Rules of this module:
- starts are links, acts are POSTs; a GET changes nothing;
- a signatory has no session: one sealed cookie of an hour ties the steps to this browser, the
  pass is opened again at each step and spent in the transaction that signs;
- the same form sent twice carries the same commitment, so a double click gets the same answer.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import wraps

from flask import Blueprint, Response, g, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    InvalidError,
    NotFoundError,
    PassRefusedError,
    SigningClosedError,
)
from petitions.domain.lifecycle import SIGNING_STATES, State
from petitions.domain.vocabulary import Withdrawal
from petitions.services import own_signature, signing, taking_back, windows
from petitions.services.salts import OpenPetition, unwrap
from petitions.services.signing import Act, Signed
from petitions.storage.tables import Petition, PetitionSigning
from petitions.web.access import signer
from petitions.web.asking import STEP_SECONDS, new_rid, signing_request, to_login
from petitions.web.drawing import Drawn, draw_here, drawn_value, origin_of, promised, receipt_box
from petitions.web.edge import (
    Proof,
    drop_cookie,
    engine,
    is_prefetch,
    private,
    put_cookie,
    reading,
)
from petitions.web.errors import sentence
from petitions.web.open_petitions import open_petition, refuse_in_maintenance, sign_once
from petitions.web.pages_signing import (
    AlreadyPage,
    ConfirmPage,
    DonePage,
    FieldFault,
    WithdrawPage,
)
from petitions.web.receipts import with_scripts
from petitions.web.refused_logins import refused_login
from petitions.web.scope import wear
from petitions.web.signing_areas import entered_area
from petitions.web.signing_outcome import answered_before, carried, carry, go_on, put_down
from petitions.web.signing_pages import already_page, confirm_page, done_page, withdraw_page
from petitions.web.signing_steps import (
    STEP_COOKIE,
    Step,
    form_token,
    proof_of,
    room,
    step_here,
    step_of_form,
)

blueprint = Blueprint("signing", __name__)
PATH = "/<lang>/petitions/<ref>/sign"
Entered = tuple[tuple[FieldFault, ...], str]
"""Faults of a form, and the area that was chosen."""
NOT_NOW = {"signing_paused": "paused", "not_open_for_signing": "early"}
"""Why withdrawing is shut but not over, as a stage of its page."""


def find(session: Session, ref: str) -> Petition:
    petition = session.scalars(select(Petition).where(Petition.reference == ref)).one_or_none()
    if petition is None:
        raise NotFoundError("petition")
    wear(petition.assembly)
    if petition.state == State.HIDDEN:
        raise GoneError("gone")
    return petition


def _check_open(session: Session, petition: Petition, at: datetime) -> None:
    opened = session.get(PetitionSigning, petition.id)
    if petition.state == State.PUBLISHED and petition.opens_at and at < petition.opens_at:
        raise SigningClosedError("not_open_for_signing")  # its first day may not be known yet
    if windows.paused_now(petition, opened, at):
        raise SigningClosedError("signing_paused")
    if (
        State(petition.state) not in SIGNING_STATES
        or opened is None
        or opened.signing != "open"
        or opened.closes_at <= at
    ):
        raise SigningClosedError("signing_closed")


def _check_begin(session: Session, petition: Petition, at: datetime, purpose: str) -> None:
    if purpose == "withdraw" and _may_still_withdraw(session, petition, at):
        return
    _check_open(session, petition, at)
    if petition.closes_at is not None and at >= petition.closes_at:
        # The grace is for confirming what was begun in time (rule T4), not for beginning.
        raise SigningClosedError("signing_closed")


def _may_still_withdraw(session: Session, petition: Petition, at: datetime) -> bool:
    rule = engine().house.kind(session, petition).signing.withdrawal
    return taking_back.after_signing(session, rule, petition.id, at)


def _begin(lang: str, ref: str, purpose: str, back: str) -> Response:
    if is_prefetch():  # a browser that guesses must not start a login
        raise ForbiddenError("prefetch")
    the, at, rid = engine(), engine().clock(), new_rid()
    refuse_in_maintenance(the)  # before the login, not after it
    with reading() as session:
        petition = find(session, ref)
        _check_begin(session, petition, at, purpose)
        wanted = signing_request(
            session, petition, purpose=purpose, return_to=back, lang=lang, rid=rid
        )
    answer = to_login(the.border.ask(wanted, at))
    step = json.dumps({"rid": rid.hex(), "purpose": purpose}).encode()
    sealed = the.seal.seal(at, step, b"signing-step")
    put_cookie(answer, STEP_COOKIE, sealed, path=room(lang, ref), seconds=STEP_SECONDS)
    return answer


View = Callable[[str, str], Response]


def _told(view: View) -> View:
    """A login that cannot be used ends on a page that says what happened and how to go on."""

    @wraps(view)
    def wrapped(lang: str, ref: str) -> Response:
        try:
            return private(view(lang, ref))
        except PassRefusedError as refused:
            return _failed(lang, ref, refused.code)

    return wrapped


def _failed(lang: str, ref: str, code: str) -> Response:
    before = answered_before(lang, ref, code)
    if before is not None:  # the second of a double click, when the pass of the first is gone
        return before
    here = request.path.removesuffix("/confirm")  # to sign again, or to withdraw again
    back = f"/{lang}/petitions/{ref}"
    if code == "other_tab":  # the pass is that of the newer login, and still good
        return refused_login(code, again=here, back=back, newer=f"{here}/confirm")
    answer = refused_login(code, again=here, back=back)
    drop_cookie(answer, "pass", path=f"{here}/confirm")
    return answer


@blueprint.get(PATH)
@signer
def start(lang: str, ref: str) -> Response:
    return _begin(lang, ref, "sign", f"{room(lang, ref)}/confirm")


@blueprint.get(f"{PATH}/confirm")
@signer
@_told
def confirm(lang: str, ref: str) -> Response:
    step = step_here()
    with reading() as session:
        petition = find(session, ref)
        _check_open(session, petition, engine().clock())
        proof = proof_of(petition.id, step, "sign")
        drawn = engine().seal.seal(engine().clock(), secrets.token_bytes(32), b"draw" + step.rid)
        page = confirm_page(session, petition, lang, proof, drawn)
        page = replace(page, draw=draw_here(step, origin_of(session, petition.id), petition.id))
    return _confirm(page, step, 200)


def _confirm(page: ConfirmPage, step: Step, status: int) -> Response:
    g.csrf_token = form_token(step)
    return with_scripts(Response(render_template("signing/confirm.html", page=page), status))


@blueprint.post(f"{PATH}/confirm")
@signer
@_told
def sign(lang: str, ref: str) -> Response:
    step = step_of_form()
    the, at = engine(), engine().clock()
    open_one = the.open_petitions.get(ref, _look_up)
    proof = proof_of(open_one.petition_id, step, "sign")
    keys = open_one.keys
    try:
        drawn: Drawn | None = drawn_value(step, keys.origin, open_one.petition_id)
    except InvalidError:
        drawn = None
    faults, area = _entries(open_one, proof)
    if faults or drawn is None:
        return _again(lang, ref, step, proof, (faults, area), keys.origin, bad_draw=drawn is None)
    act = Act(
        open_one.petition_id, proof.u, proof.jti, proof.expires, drawn.c, area, proof.classes,
        u_group=b"".join(proof.also),
    )  # fmt: skip
    try:
        found = sign_once(the, keys, act)
    except ConflictError as refused:
        if refused.code != "commitment_not_fresh":
            raise
        # somebody's commitment, read in the log, or chance: the browser draws another
        return _again(lang, ref, step, proof, ((), area), keys.origin, bad_draw=True)
    if isinstance(found, Signed):
        next_page, content = "done", promised(keys, act, drawn, found, at)
    else:
        next_page, content = "already", {"already": found.on.isoformat() if found.on else ""}
    answer = go_on(f"{room(lang, ref)}/{next_page}")
    carry(answer, lang, ref, content, at)
    drop_cookie(answer, "pass", path=f"{room(lang, ref)}/confirm")
    return answer


def _again(
    lang: str, ref: str, step: Step, proof: Proof, entered: Entered, origin: str, *, bad_draw: bool
) -> Response:
    """The form once more, with what was entered. Nothing was recorded, and the pass is not spent."""
    faults, area = entered
    sealed = request.form.get("draw", "")
    if bad_draw:
        faults = (*faults, FieldFault("drawing", sentence("commitment_malformed")))
        at = engine().clock()
        sealed = engine().seal.seal(at, secrets.token_bytes(32), b"draw" + step.rid)
    with reading() as session:
        petition = find(session, ref)
        page = confirm_page(session, petition, lang, proof, sealed)
        draw = draw_here(step, origin, petition.id, again=bad_draw)
    return _confirm(replace(page, faults=faults, area_chosen=area, draw=draw), step, 422)


def _look_up(ref: str) -> OpenPetition:
    with reading() as session:
        petition = find(session, ref)
        _check_open(session, petition, engine().clock())
        return open_petition(session, engine().house, petition)


def _entries(open_one: OpenPetition, proof: Proof) -> Entered:
    """Faults of the form, and the area of this signature ("" where no rule needs one)."""
    faults = []
    area = proof.area or ""
    if open_one.asked is not None:
        area, code = entered_area(open_one.asked, request.form, engine().postcodes)
        if code:
            faults.append(FieldFault("area", sentence(code)))
    if request.form.get("declare") != "y":
        faults.append(FieldFault("declare", sentence("declare_missing")))
    return tuple(faults), area


@blueprint.get(f"{PATH}/done")
@signer
def done(lang: str, ref: str) -> Response:
    """Shown once, to this browser alone; a shared address leads to the petition."""
    content = carried()
    if content is None or "promise" not in content:
        return private(go_on(f"/{lang}/petitions/{ref}"))
    with reading() as session:
        petition = find(session, ref)
        box = receipt_box(petition.id, content, lang)
        page: DonePage = done_page(session, petition, lang, box)
    answer = Response(render_template("signing/done.html", page=page))
    put_down(answer, lang, ref)
    return private(with_scripts(answer) if box.promise else answer)


@blueprint.get(f"{PATH}/already")
@signer
def already(lang: str, ref: str) -> Response:
    content = carried()
    if content is None or "already" not in content:
        return private(go_on(f"/{lang}/petitions/{ref}"))
    on = content["already"]
    with reading() as session:
        petition = find(session, ref)
        page: AlreadyPage = already_page(
            session, petition, lang, datetime.fromisoformat(on) if on else None
        )
    return private(Response(render_template("signing/already.html", page=page)))


@blueprint.get(f"{PATH}/withdraw")
@signer
def withdraw_start(lang: str, ref: str) -> Response:
    with reading() as session:
        petition = find(session, ref)
        kind = engine().house.kind(session, petition)
        if kind.signing.withdrawal is Withdrawal.NEVER:
            return _withdraw(withdraw_page(session, petition, lang, "definitive"))
        try:
            _check_begin(session, petition, engine().clock(), "withdraw")
        except SigningClosedError as shut:
            stage = NOT_NOW.get(shut.code, "closed")
            return _withdraw(withdraw_page(session, petition, lang, stage))
    return _begin(lang, ref, "withdraw", f"{room(lang, ref)}/withdraw/confirm")


@blueprint.get(f"{PATH}/withdraw/confirm")
@signer
@_told
def withdraw_confirm(lang: str, ref: str) -> Response:
    step = step_here()
    with reading() as session:
        petition = find(session, ref)
        proof = proof_of(petition.id, step, "withdraw")
        keys = unwrap(session, engine().house, petition.id)
        signed = own_signature.stands(session, keys, petition.id, proof.u)
        page = withdraw_page(session, petition, lang, "confirm" if signed else "not_signed")
    g.csrf_token = form_token(step)
    return _withdraw(page)


@blueprint.post(f"{PATH}/withdraw/confirm")
@signer
@_told
def withdraw(lang: str, ref: str) -> Response:
    step = step_of_form()
    the = engine()
    refuse_in_maintenance(the)
    session = the.sessions()
    with session:
        petition = find(session, ref)
        proof = proof_of(petition.id, step, "withdraw")
        keys = unwrap(session, the.house, petition.id)
        session.rollback()
        act = Act(
            petition.id, proof.u, proof.jti, proof.expires, bytes(32), proof.area or "",
            proof.classes, u_group=b"".join(proof.also),
        )  # fmt: skip
        found = signing.withdraw(session, the.house, keys, act, the.legal_clock())
        session.commit()
        stage = "done" if found.done else "not_signed"
        page = withdraw_page(session, find(session, ref), lang, stage)
    answer = _withdraw(page)
    drop_cookie(answer, "pass", path=f"{room(lang, ref)}/withdraw/confirm")
    drop_cookie(answer, STEP_COOKIE, path=room(lang, ref))
    put_down(answer, lang, ref)  # what it says of the signature is over
    return answer


def _withdraw(page: WithdrawPage) -> Response:
    return private(Response(render_template("signing/withdraw.html", page=page)))
