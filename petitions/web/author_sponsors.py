"""The author and the sponsors: proving once more who one is when sending, then links to hand on.

Rules of these pages:
- a link is shown once, on the answer to the button that made it: its secret is kept nowhere;
- the letter to somebody is written in the author's own mail program: no address reaches this site;
- sending a petition that asks for sponsors needs a fresh login, since nothing of an earlier one is
  kept: it gives the author's codes, and shows that it is the same person as in their space.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request

from petitions.domain.calendar import local_day
from petitions.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    PassRefusedError,
)
from petitions.domain.lifecycle import State
from petitions.domain.rulebook import Kind
from petitions.platform.i18n import _
from petitions.services import choosing, filing, invitations, sponsors
from petitions.services.gathering import Founder
from petitions.services.held import Signer
from petitions.storage.tables import Petition
from petitions.web.access import author_only
from petitions.web.asking import STEP_SECONDS, authors_of, new_rid, to_login
from petitions.web.author_room import go, html, own, tag
from petitions.web.author_steps import draft_href
from petitions.web.edge import (
    Proof,
    cookie,
    drop_cookie,
    engine,
    is_prefetch,
    put_cookie,
    reading,
    writing,
)
from petitions.web.errors import faults_of, sentence
from petitions.web.forms import VersionForm
from petitions.web.pages_signing import FieldFault
from petitions.web.pages_sponsors import ProvePage
from petitions.web.refused_logins import refused_login
from petitions.web.sponsor_asking import EXEMPT, founder_request
from petitions.web.sponsor_pages import (
    mine_href,
    signing_areas,
    sponsors_href,
    sponsors_page,
    spread_places,
)

blueprint = Blueprint("sponsoring", __name__)
_AAD, STEP_COOKIE = b"prove-step", "proving"


def _kind(petition: Petition) -> Kind:
    """Under the rules in force today: those the petition will be sent under."""
    library = engine().house.library
    today = local_day(engine().clock(), library.assembly(petition.assembly).zone)
    return choosing.kind_under(library.rulebook(petition.rulebook_id, today), petition)


def prove_href(petition: Petition) -> str:
    return draft_href(petition, "prove")


# --- sending ---------------------------------------------------------------------------------------


@blueprint.get("/<lang>/drafts/<uuid:draft>/prove/login")
@author_only
def prove_login(lang: str, draft: UUID) -> Response:
    """A link, not a button: the chain of redirects to the provider may not follow a form."""
    if is_prefetch():
        raise ForbiddenError("prefetch")
    the, at, rid = engine(), engine().clock(), new_rid()
    with reading() as session:
        petition = own(session, draft)
        if petition.state != State.DRAFT:
            return go(draft_href(petition, "sent"))
        back, kid = prove_href(petition), the.house.policy.kid
        wanted = founder_request(petition, return_to=back, lang=lang, rid=rid, kid=kid)
        looked_at = request.args.get("version", petition.version, type=int)
    answer = to_login(the.border.ask(wanted, at))
    seen = request.args.get("rules", "", type=str)[:9]  # the version the page before was made under
    content = json.dumps(
        {"rid": rid.hex(), "kid": kid, "rules": seen, "version": looked_at}
    ).encode()
    put_cookie(
        answer, STEP_COOKIE, the.seal.seal(at, content, _AAD), path=back, seconds=STEP_SECONDS
    )
    return answer


def _step() -> dict[str, Any]:
    opened = engine().seal.open(engine().clock(), cookie(STEP_COOKIE), _AAD)
    if opened is None:
        raise PassRefusedError("other_browser")
    found: dict[str, Any] = json.loads(opened)
    return found


def _proof(petition: Petition, step: dict[str, Any]) -> Proof:
    """The login of the same person as in this space: a friend's would found the petition for them."""
    the = engine()
    proof = the.border.open_pass(
        cookie("pass"), context=authors_of(petition.assembly).context.bytes, purpose="author",
        rid=bytes.fromhex(step["rid"]), now=the.clock(),
    )  # fmt: skip
    if not secrets.compare_digest(filing.author_tag(the.house, proof.u), tag()):
        raise PassRefusedError("another_person")
    return proof


@blueprint.route("/<lang>/drafts/<uuid:draft>/prove", methods=["GET", "POST"])
@author_only
def prove(lang: str, draft: UUID) -> Response:
    faults: tuple[FieldFault, ...] = ()
    try:
        if request.method == "POST":
            try:
                return _sent(draft)
            except InvalidError as error:
                faults = faults_of(error)
        with reading() as session:
            petition = own(session, draft)
            if petition.state != State.DRAFT:
                return go(draft_href(petition, "sent"))
            page = _prove_page(petition, filing.text_of(session, petition).title, faults)
    except PassRefusedError as refused:
        here = f"/{lang}/drafts/{draft}"
        again = f"{here}/prove/login"
        answer = refused_login(refused.code, again=again, back=f"{here}/check")
        drop_cookie(answer, "pass", path=f"{here}/prove")
        return answer
    return html("author/prove.html", 422 if faults else 200, page=page, faults=faults)


def _prove_page(petition: Petition, title: str, faults: tuple[FieldFault, ...]) -> ProvePage:
    kind, proof = _kind(petition), _proof(petition, _step())
    signs, library = kind.signing.author_signs, engine().house.library
    spread = next((stage for stage in kind.sponsors if stage.spread), None)
    page = ProvePage(
        title=title,
        action=prove_href(petition),
        back_href=draft_href(petition, "check"),
        version=petition.version,
        signs=signs,
        counts=any(stage.author_counts for stage in kind.sponsors),
        areas=signing_areas(library, kind, signs=signs),
        places=spread_places(library, spread, proof),
    )
    return replace(
        page, faults=faults, area_chosen=request.form.get("area", ""),
        place_chosen=request.form.get("place", ""),
    )  # fmt: skip


def _sent(draft: UUID) -> Response:
    """Send once: a second press finds the petition sent and shows the same reference."""
    the, at = engine(), engine().clock()
    form = VersionForm(request.form)
    with writing() as session:
        petition = filing.own(session, draft, tag())
        onward = draft_href(petition, "sent")
        if petition.state == State.DRAFT:
            if form.version.data != petition.version:
                raise ConflictError("changed_meanwhile")
            step = _step()
            if step["version"] != petition.version:  # another tab, since the page before
                return go(f"{draft_href(petition, 'check')}?changed=1")
            founder = _founder(petition, step)
            zone = the.house.library.assembly(petition.assembly).zone
            current = the.house.library.rulebook(petition.rulebook_id, local_day(at, zone))
            if step["rules"] != str(current.version):
                raise InvalidError("rules_changed")
            filing.submit(session, the.house, current, petition, at, founder)
            if petition.state == State.GATHERING_SPONSORS:
                onward = sponsors_href(petition)
    answer = go(onward)
    here = prove_href(petition)
    drop_cookie(answer, "pass", path=here)
    drop_cookie(answer, STEP_COOKIE, path=here)
    return answer


def _founder(petition: Petition, step: dict[str, Any]) -> Founder:
    kind, proof = _kind(petition), _proof(petition, step)
    page = _prove_page(petition, "", ())
    area, place = request.form.get("area", ""), request.form.get("place", "")
    wrong: dict[str, tuple[str, dict[str, object]]] = {}
    if page.areas and area not in dict(page.areas):
        wrong["area"] = ("area_missing", {})
    if page.places and place not in dict(page.places):
        wrong["place"] = ("area_missing", {})
    if wrong:
        raise InvalidError(fields=wrong)
    proved = proof.area or ""
    signer = None
    if kind.signing.author_signs:
        classes = tuple(each for each in proof.classes if not each.startswith(EXEMPT))
        signer = Signer(proof.also[1], area if page.areas else proved, classes)
    exempt = {each.removeprefix(EXEMPT) for each in proof.classes if each.startswith(EXEMPT)}
    return Founder(
        kid=step["kid"], u=proof.also[0], signer=signer, area=place if page.places else proved,
        exempt=frozenset(exempt),
    )  # fmt: skip


# --- links -----------------------------------------------------------------------------------------


@blueprint.get("/<lang>/mine/<uuid:petition_id>/sponsors")
@author_only
def show(lang: str, petition_id: UUID) -> Response:
    del lang
    return _shown(petition_id)


def _shown(petition_id: UUID, refused: tuple[FieldFault, ...] = (), **link: Any) -> Response:
    with reading() as session:
        petition = own(session, petition_id)
        page = sponsors_page(session, petition, **link)
        if not page.stages:
            return go(mine_href(petition))
    page = replace(page, faults=refused)
    return html("author/sponsors.html", 422 if refused else 200, section="mine", page=page)


@blueprint.post("/<lang>/mine/<uuid:petition_id>/sponsors/invite")
@author_only
def invite(lang: str, petition_id: UUID) -> Response:
    del lang
    the, at = engine(), engine().clock()
    form = request.form
    try:
        with writing() as session:
            petition = filing.own(session, petition_id, tag())
            made = invitations.invite(
                session, the.house, petition, filing.author(petition.author_tag),
                stage=form.get("stage", ""), role=form.get("role", ""),
                shared=form.get("shared") == "y", at=at,
            )  # fmt: skip
    except (InvalidError, ConflictError) as error:
        return _shown(petition_id, _refusal(error))
    return _shown(petition_id, token=made.token, number=made.number)


@blueprint.post("/<lang>/mine/<uuid:petition_id>/sponsors/revoke")
@author_only
def revoke(lang: str, petition_id: UUID) -> Response:
    """Takes back a link, or parts from the person who came by it."""
    del lang
    the, at = engine(), engine().clock()
    written = request.form.get("number", "")
    number = int(written) if written.isdecimal() and len(written) < 6 else 0
    try:
        with writing() as session:
            petition = filing.own(session, petition_id, tag())
            actor = filing.author(petition.author_tag)
            row = invitations.numbered(session, petition, number)
            act = sponsors.remove if row.standing == "confirmed" else invitations.revoke
            act(session, the.house, petition, actor, number, at)
    except ConflictError as error:
        return _shown(petition_id, _refusal(error))
    return _shown(petition_id)


@blueprint.post("/<lang>/mine/<uuid:petition_id>/sponsors/role")
@author_only
def take_role(lang: str, petition_id: UUID) -> Response:
    """The author's own part, in a stage in which the author counts."""
    del lang
    the, at = engine(), engine().clock()
    form = request.form
    try:
        with writing() as session:
            petition = filing.own(session, petition_id, tag())
            sponsors.take_role(
                session, the.house, petition, form.get("stage", ""), form.get("role", ""), at
            )
    except (InvalidError, ConflictError) as error:
        return _shown(petition_id, _refusal(error))
    return _shown(petition_id)


def _refusal(error: InvalidError | ConflictError) -> tuple[FieldFault, ...]:
    if isinstance(error, InvalidError):  # several forms share the page: none has the field's name
        return tuple(FieldFault("main", fault.sentence) for fault in faults_of(error))
    words = sentence(error.code, error.facts) or _("The rules do not allow this now.")
    return (FieldFault("main", words),)
