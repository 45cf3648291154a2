"""What became of a signature, for the page that tells it once: a sealed cookie of this browser.

It also answers a form that is sent twice, and a confirm page that is loaded again before the answer
was read: both come to the same page, and nobody is left to guess whether they signed.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from flask import Response, redirect, request

from petitions.web.asking import LOGIN_SECONDS
from petitions.web.edge import cookie, drop_cookie, engine, put_cookie
from petitions.web.signing_steps import STEP_COOKIE, room

OUTCOME_COOKIE = "outcome"


def carry(answer: Response, lang: str, ref: str, content: dict[str, Any], at: datetime) -> None:
    content = {**content, "form": _form_mark()}
    sealed = engine().seal.seal(at, json.dumps(content).encode(), b"signing-outcome")
    put_cookie(answer, OUTCOME_COOKIE, sealed, path=room(lang, ref), seconds=LOGIN_SECONDS)
    drop_cookie(answer, STEP_COOKIE, path=room(lang, ref))


def carried() -> dict[str, Any] | None:
    opened = engine().seal.open(engine().clock(), cookie(OUTCOME_COOKIE), b"signing-outcome")
    found: dict[str, Any] | None = json.loads(opened) if opened is not None else None
    return found


def put_down(answer: Response, lang: str, ref: str) -> None:
    drop_cookie(answer, OUTCOME_COOKIE, path=room(lang, ref))


def answered_before(lang: str, ref: str, code: str) -> Response | None:
    """The page that the first of two forms led to, or the one that was never read; None where this
    browser carries no such answer, or asks for something else.
    """
    earlier = carried()
    if earlier is None or request.path != f"{room(lang, ref)}/confirm":
        return None
    if request.method == "POST" and earlier.get("form") != _form_mark():
        return None
    if request.method != "POST" and code != "other_browser":
        return None  # it goes on with a login that began after that answer
    return go_on(f"{room(lang, ref)}/{'done' if 'promise' in earlier else 'already'}")


def go_on(path: str) -> Response:
    answer = redirect(path, 303)
    assert isinstance(answer, Response)
    return answer


def _form_mark() -> str:
    """Of the form that was sent: its token belongs to one login in this browser."""
    return hashlib.sha256(request.form.get("csrf_token", "").encode()).hexdigest()[:16]
