"""What the ways of a supporter share: supporting, taking it back, agreeing to a withdrawal.

A supporter has no session: a sealed cookie names the step, the pass proves the login, and a form
belongs to the step that showed it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, request
from itsdangerous import BadSignature

from petitions.domain.errors import PassRefusedError
from petitions.services.sponsor_keys import sponsor_context
from petitions.storage.tables import Petition
from petitions.web.asking import LOGIN_SECONDS
from petitions.web.edge import Proof, cookie, drop_cookie, engine, private
from petitions.web.refused_logins import refused_login

STEP_COOKIE = "support"
View = Callable[[str], Response]


def opened_step(aad: bytes) -> dict[str, Any]:
    """What this browser carries; `aad` names the way. PassRefusedError in another browser."""
    opened = engine().seal.open(engine().clock(), cookie(STEP_COOKIE), aad)
    if opened is None:
        raise PassRefusedError("other_browser")
    found: dict[str, Any] = json.loads(opened)
    return found


def check_form(rid: bytes, salt: str) -> None:
    """The form belongs to this step: no session is needed against forged posts."""
    try:
        given = engine().signer.loads(
            request.form.get("csrf_token", ""), salt=salt, max_age=LOGIN_SECONDS
        )
    except BadSignature:
        raise PassRefusedError("form_too_old") from None
    if not secrets.compare_digest(str(given), rid.hex()):
        raise PassRefusedError("other_tab")


def proof_of(petition: Petition, rid: bytes) -> Proof:
    token = cookie("pass")
    if not token:
        raise PassRefusedError("missing")
    context = sponsor_context(petition.id).bytes
    return engine().border.open_pass(
        token, context=context, purpose="sponsor", rid=rid, now=engine().clock()
    )


def told(way: Callable[[str], str]) -> Callable[[View], View]:
    """A login that cannot be used ends on a page that says what happened. `way`: where passes lie."""

    def guarded(view: View) -> View:
        @wraps(view)
        def wrapped(lang: str) -> Response:
            try:
                return private(view(lang))
            except PassRefusedError as refused:
                answer = refused_login(refused.code, again=f"/{lang}/", back=f"/{lang}/")
                drop_cookie(answer, "pass", path=way(lang))
                return answer

        return wrapped

    return guarded
