"""What logins of staff and of authors share: the blueprint, the way out, and the step remembered."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, redirect, request

from petitions.domain.errors import PassRefusedError
from petitions.web.asking import STEP_SECONDS
from petitions.web.edge import cookie, engine, private, put_cookie

blueprint = Blueprint("logins", __name__)


@blueprint.before_request
def only_whole_answers() -> None:
    """HEAD is a program that looks: it must not use up the login of a person."""
    if request.method == "HEAD":
        abort(405)


def own_path(path: str, default: str) -> str:
    """A path of this site and nothing else: no host, no backslash, no control character."""
    plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= 200
    return path if plain and path.startswith("/") and not path.startswith("//") else default


def remember(answer: Response, rid: bytes, back: str, path: str, **more: str) -> None:
    """What the way back needs, in a sealed cookie of that way."""
    at = engine().clock()
    content = json.dumps({"rid": rid.hex(), "back": back, **more}).encode()
    sealed = engine().seal.seal(at, content, b"login-step")
    put_cookie(answer, "login-step", sealed, path=path, seconds=STEP_SECONDS)


def remembered() -> dict[str, Any]:
    opened = engine().seal.open(engine().clock(), cookie("login-step"), b"login-step")
    if opened is None:
        raise PassRefusedError("other_browser")
    found: dict[str, Any] = json.loads(opened)
    return found


def see(path: str) -> Response:
    answer = redirect(path, 303)
    assert isinstance(answer, Response)
    return private(answer)
