"""Logins of authors: to the identity zone and back, ending in a session on the server. Those of
staff are beside it, in `staff_logins` and `staff_codes`.

The way back is a GET that writes: it consumes its own login and nothing else (one session row).
"""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

from flask import Response, request, url_for

from petitions.domain.calendar import local_day
from petitions.domain.errors import ForbiddenError, NotFoundError, PassRefusedError
from petitions.services import filing
from petitions.services.signing import rounded_up
from petitions.storage.insertion import insert_once
from petitions.storage.tables import SpentPass
from petitions.web import staff_codes, staff_logins
from petitions.web.access import everybody, signer
from petitions.web.asking import (
    author_request,
    authors_of,
    kinds_with_same_author,
    new_rid,
    to_login,
)
from petitions.web.edge import cookie, drop_cookie, engine, is_prefetch, writing
from petitions.web.login_steps import blueprint, own_path, remember, remembered, see
from petitions.web.open_petitions import refuse_in_maintenance
from petitions.web.refused_logins import refused_login
from petitions.web.sessions import close_session, open_session

__all__ = ["blueprint", "staff_codes", "staff_logins"]


@blueprint.get("/<lang>/start/login")
@everybody
def author_start(lang: str) -> Response:
    """Log in as an author of one assembly: `?assembly=`, which is asked first where there are several.
    Who may file may differ per kind: `?kind=` says which conditions are asked, default the first's.
    """
    if is_prefetch():
        raise ForbiddenError("prefetch")
    the, at, rid = engine(), engine().clock(), new_rid()
    refuse_in_maintenance(the)
    served = the.settings.rulebooks.assemblies
    if len(served) > 1 and "assembly" not in request.args:
        back = own_path(request.args.get("back", ""), f"/{lang}/start/new")
        return see(f"/{lang}/start?{urlencode({'back': back})}")
    assembly = request.args.get("assembly") or served[0]
    if assembly not in served:
        raise NotFoundError("assembly")
    zone = the.house.library.assembly(assembly).zone
    rulebook = next(
        book
        for book in the.house.library.in_force(local_day(at, zone))
        if assembly in book.assemblies
    )
    back_here = f"/{lang}/start/back"
    kind = rulebook.kinds.get(request.args.get("kind", ""), rulebook.default_kind)
    wanted = author_request(
        rulebook, assembly, return_to=back_here, lang=lang, rid=rid, kind=kind.id
    )
    answer = to_login(the.border.ask(wanted, at))
    chosen = f"?kind={kind.id}" if "kind" in request.args else ""
    back = own_path(request.args.get("back", ""), f"/{lang}/start/new{chosen}")
    proved = ",".join(kinds_with_same_author(rulebook, kind.id))
    remember(answer, rid, back, back_here, assembly=assembly, kinds=proved)
    return answer


@blueprint.get("/<lang>/start/back")
@signer
def author_back(lang: str) -> Response:
    the, at = engine(), engine().clock()
    here, again = f"/{lang}/start/back", url_for("logins.author_start", lang=lang)
    try:
        step = remembered()
        context = authors_of(step["assembly"]).context.bytes
        proof = the.border.open_pass(
            cookie("pass"), context=context, purpose="author", rid=bytes.fromhex(step["rid"]),
            now=at,
        )  # fmt: skip
    except PassRefusedError as refused:
        return refused_login(refused.code, again=again, back=f"/{lang}/start")
    answer = see(step["back"])
    with writing() as session:
        spent = hashlib.sha256(proof.jti).digest()
        if not insert_once(
            session, SpentPass, jti_hash=spent, expires_at=rounded_up(proof.expires)
        ):
            return refused_login("pass_used", again=again, back=f"/{lang}/start")
        tag = filing.author_tag(the.house, proof.u)
        open_session(
            session, answer, audience="author", subject=tag.hex(), assembly=step["assembly"],
            language=lang, kinds=tuple(step["kinds"].split(",")),
        )  # fmt: skip
    drop_cookie(answer, "pass", path=here)
    drop_cookie(answer, "login-step", path=here)
    return answer


@blueprint.post("/<lang>/mine/sign-out")
@signer
def author_sign_out(lang: str) -> Response:
    answer = see(f"/{lang}/")
    with writing() as session:
        close_session(session, answer, "author")
    return answer
