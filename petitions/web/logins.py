"""Logins of staff and authors: to the identity zone and back, ending in a session on the server.

The way back is a GET that writes: it consumes its own login and nothing else (one session row).
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

from flask import Blueprint, Response, abort, redirect, request, url_for
from sqlalchemy import delete, update

from petitions.domain.calendar import local_day
from petitions.domain.errors import ForbiddenError, NotFoundError, PassRefusedError
from petitions.domain.lifecycle import STAFF_ROLES, Role
from petitions.domain.permissions import Permission
from petitions.services import filing
from petitions.services.audit import record
from petitions.services.ports import Actor
from petitions.services.signing import rounded_up
from petitions.storage.insertion import insert_once, insert_statement
from petitions.storage.tables import SpentPass, Staff, WebSession
from petitions.web.access import everybody, needs, signer
from petitions.web.asking import LOGIN_SECONDS, author_request, new_rid, to_login
from petitions.web.edge import (
    cookie,
    drop_cookie,
    engine,
    is_prefetch,
    private,
    put_cookie,
    writing,
)
from petitions.web.refused_logins import refused_login
from petitions.web.sessions import close_session, open_session, token_hash

blueprint = Blueprint("logins", __name__)
_STAFF_BACK = "/office/welcome"


@blueprint.before_request
def only_whole_answers() -> None:
    """HEAD is a program that looks: it must not use up the login of a person."""
    if request.method == "HEAD":
        abort(405)


def own_path(path: str, default: str) -> str:
    """A path of this site and nothing else: no host, no backslash, no control character."""
    plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= 200
    return path if plain and path.startswith("/") and not path.startswith("//") else default


def _remember(answer: Response, rid: bytes, back: str, path: str, assembly: str = "") -> None:
    at = engine().clock()
    content = json.dumps({"rid": rid.hex(), "back": back, "assembly": assembly}).encode()
    sealed = engine().seal.seal(at, content, b"login-step")
    put_cookie(answer, "login-step", sealed, path=path, seconds=LOGIN_SECONDS)


def _remembered() -> dict[str, str]:
    opened = engine().seal.open(engine().clock(), cookie("login-step"), b"login-step")
    if opened is None:
        raise PassRefusedError("other_browser")
    found: dict[str, str] = json.loads(opened)
    return found


def _go(path: str) -> Response:
    answer = redirect(path, 303)
    assert isinstance(answer, Response)
    return private(answer)


@blueprint.get("/office/sign-in")
@everybody
def staff_sign_in() -> Response:
    """Straight to the house's provider: there is no password here to ask for."""
    if is_prefetch():
        raise ForbiddenError("prefetch")
    the, rid = engine(), new_rid()
    lang = the.settings.site.default_language
    answer = to_login(the.border.ask_staff(_STAFF_BACK, lang, rid, the.clock()))
    back = own_path(request.args.get("back", ""), "/office/queue")
    _remember(answer, rid, back, _STAFF_BACK)
    return answer


@blueprint.get(_STAFF_BACK)
@signer
def staff_welcome() -> Response:
    the, at = engine(), engine().clock()
    try:
        step = _remembered()
        rid = bytes.fromhex(step["rid"])
        proof = the.border.open_staff_pass(cookie("pass"), rid=rid, now=at)
    except PassRefusedError as refused:
        return refused_login(refused.code, again=url_for("logins.staff_sign_in"), back="/")
    roles = tuple(sorted(r for r in proof.roles if r in {str(s) for s in STAFF_ROLES}))
    if not roles:
        raise ForbiddenError("no_role")
    actor = f"staff-{hashlib.sha256(proof.key).hexdigest()[:12]}"
    answer = _go(step["back"])
    with writing() as session:
        spent = hashlib.sha256(bytes.fromhex(step["rid"]) + b"staff").digest()
        # outlives the pass, which could otherwise be used again once the row is purged
        expires = rounded_up(at + timedelta(seconds=LOGIN_SECONDS))
        if not insert_once(session, SpentPass, jti_hash=spent, expires_at=expires):
            return refused_login("pass_used", again=url_for("logins.staff_sign_in"), back="/")
        known = session.get(Staff, actor)
        if known is not None and known.disabled:
            raise ForbiddenError("no_role")
        row = insert_statement(session, Staff).values(
            actor=actor, name=proof.name, roles=list(roles), disabled=False, last_login=at
        )
        session.execute(
            row.on_conflict_do_update(
                index_elements=["actor"],
                set_={n: getattr(row.excluded, n) for n in ("name", "roles", "last_login")},
            )
        )
        record(session, Actor(actor, Role(roles[0]), proof.name), "signed_in", at=at)
        # Roles are those of this login: no older session keeps what was taken away since.
        session.execute(
            delete(WebSession).where(WebSession.audience == "staff", WebSession.subject == actor)
        )
        open_session(
            session, answer, audience="staff", subject=actor, name=proof.name, roles=roles,
            language=the.settings.site.default_language,
        )  # fmt: skip
    drop_cookie(answer, "pass", path=_STAFF_BACK)
    drop_cookie(answer, "login-step", path=_STAFF_BACK)
    return answer


@blueprint.post("/office/sign-out")
@signer
def staff_sign_out() -> Response:
    answer = _go("/")
    with writing() as session:
        close_session(session, answer, "staff")
    return answer


@blueprint.post("/office/language")
@needs(Permission.READ_OFFICE)
def staff_language() -> Response:
    """The language of the account, for this session."""
    wanted = request.form.get("language", "")
    if wanted not in engine().settings.site.languages:
        raise NotFoundError("language")
    with writing() as session:
        session.execute(
            update(WebSession)
            .where(WebSession.token_hash == token_hash("staff"))
            .values(language=wanted)
        )
    return _go(own_path(request.form.get("back", ""), "/office/queue"))


@blueprint.get("/<lang>/start/login")
@everybody
def author_start(lang: str) -> Response:
    """Log in as an author of one assembly; `?assembly=`, default the site's first."""
    if is_prefetch():
        raise ForbiddenError("prefetch")
    the, at, rid = engine(), engine().clock(), new_rid()
    assembly = request.args.get("assembly") or the.settings.rulebooks.assemblies[0]
    if assembly not in the.settings.rulebooks.assemblies:
        raise NotFoundError("assembly")
    zone = the.house.library.assembly(assembly).zone
    rulebook = next(
        book
        for book in the.house.library.in_force(local_day(at, zone))
        if assembly in book.assemblies
    )
    back_here = f"/{lang}/start/back"
    with writing() as session:
        wanted = author_request(
            session, rulebook, assembly, return_to=back_here, lang=lang, rid=rid
        )
    answer = to_login(the.border.ask(wanted, at))
    back = own_path(request.args.get("back", ""), f"/{lang}/start/new")
    _remember(answer, rid, back, back_here, assembly)
    return answer


@blueprint.get("/<lang>/start/back")
@signer
def author_back(lang: str) -> Response:
    the, at = engine(), engine().clock()
    here, again = f"/{lang}/start/back", url_for("logins.author_start", lang=lang)
    try:
        step = _remembered()
        with writing() as session:
            known = filing.author_context(session, the.house, step["assembly"])
            context = known.context.bytes
        proof = the.border.open_pass(
            cookie("pass"), context=context, purpose="author", rid=bytes.fromhex(step["rid"]),
            now=at,
        )  # fmt: skip
    except PassRefusedError as refused:
        return refused_login(refused.code, again=again, back=f"/{lang}/start")
    answer = _go(step["back"])
    with writing() as session:
        spent = hashlib.sha256(proof.jti).digest()
        if not insert_once(
            session, SpentPass, jti_hash=spent, expires_at=rounded_up(proof.expires)
        ):
            return refused_login("pass_used", again=again, back=f"/{lang}/start")
        tag = filing.author_tag(the.house, proof.u)
        open_session(
            session, answer, audience="author", subject=tag.hex(), assembly=step["assembly"],
            language=lang,
        )  # fmt: skip
    drop_cookie(answer, "pass", path=here)
    drop_cookie(answer, "login-step", path=here)
    return answer


@blueprint.post("/<lang>/mine/sign-out")
@signer
def author_sign_out(lang: str) -> Response:
    answer = _go(f"/{lang}/")
    with writing() as session:
        close_session(session, answer, "author")
    return answer
