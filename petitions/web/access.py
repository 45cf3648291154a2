"""Who may enter which route. Every route declares it; a test fails for one that does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, redirect, request, url_for
from werkzeug.wrappers import Response

from petitions.domain.errors import ForbiddenError, NotFoundError
from petitions.domain.permissions import Permission
from petitions.web.edge import private, writing
from petitions.web.sessions import current_author, current_staff, touch

P = ParamSpec("P")
R = TypeVar("R")
MARK = "access"


def _mark(view: Callable[P, R], access: str) -> Callable[P, R]:
    setattr(view, MARK, access)
    return view


REFERENCE = re.compile(r"\d{4}-\d{4,8}")


def install_references(app: Flask) -> None:
    """What is not a reference is not looked up, redirected to or written anywhere."""

    @app.before_request
    def known_form() -> None:
        ref = (request.view_args or {}).get("ref")
        if ref is not None and not REFERENCE.fullmatch(ref):
            raise NotFoundError("petition")


def everybody(view: Callable[P, R]) -> Callable[P, R]:
    """A public page: no session is looked at, no cookie set."""
    return _mark(view, "everybody")


def signer(view: Callable[P, R]) -> Callable[P, R]:
    """A step of signing: what opens it is a pass, never a session."""
    return _mark(view, "signer")


def needs(permission: Permission | str) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Staff with this permission. Logged out: to the login and back. Without the right: 403."""
    wanted = Permission(permission)

    def wrap(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            staff = current_staff()
            if staff is None:
                back = request.full_path.rstrip("?") if request.method == "GET" else request.path
                return redirect(url_for("logins.staff_sign_in", back=back), 303)
            if not staff.may(wanted):
                raise ForbiddenError("permission", permission=wanted)
            with writing() as session:
                touch(session)
            return view(*args, **kwargs)

        return _mark(guarded, f"staff:{wanted}")

    return wrap


def author_only(view: Callable[P, R]) -> Callable[P, R | Response]:
    """The author's own space. Logged out: to the login and back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if current_author() is None:
            lang = (request.view_args or {}).get("lang", "en")
            return redirect(url_for("logins.author_start", lang=lang, back=request.path), 303)
        return view(*args, **kwargs)

    return _mark(guarded, "author")


__all__ = ["MARK", "author_only", "everybody", "needs", "private", "signer"]
