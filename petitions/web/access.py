"""Who may enter which route. Every route declares it; a test fails for one that does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, Response, redirect, request, url_for

from petitions.domain.errors import ForbiddenError, NotFoundError
from petitions.domain.permissions import Permission
from petitions.web import kept_forms
from petitions.web.edge import engine, private, writing
from petitions.web.sessions import current_author, current_staff, late_staff, touch

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


def needs(
    permission: Permission | str, *, fresh: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Staff with this permission. Logged out: to the login and back. Without the right: 403.

    `fresh`: for sealing, key and role actions. The person must have typed something at the provider
    within the last five minutes, or is asked to, and comes back; a form that was sent is kept.
    """
    wanted = Permission(permission)

    def wrap(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            staff = current_staff()
            if staff is None:
                return _to_login(late_staff(), "ended")
            if not staff.may(wanted):
                raise ForbiddenError("permission", permission=wanted)
            if fresh and not staff.is_fresh(engine().clock()):
                return _to_login(staff.actor, "fresh")
            if not engine().settings.site.read_only:
                with writing() as session:
                    touch(session)
            answer = view(*args, **kwargs)
            if kept_forms.FIELD in request.form:  # sent again, and this time it arrived
                with writing() as session:
                    kept_forms.let_go(session, request.form[kept_forms.FIELD], staff.actor)
            return answer

        return _mark(guarded, f"staff:{wanted}")

    return wrap


def _to_login(actor: str, why: str) -> Response:
    """To the login and back. A form that was posted is kept; and whoever posted is told so on a page
    first, because `form-action` governs the whole chain of redirects after a POST: Chromium would
    stop it on its way to the provider.
    """
    if request.method != "POST":
        back = request.full_path.rstrip("?") if request.method == "GET" else request.path
        return _door(back, why if why == "fresh" else None)
    kept = kept_forms.keep(actor) if actor else None
    back = kept.address if kept else "/office/queue"
    answer = _door(back, why)
    if kept:
        kept.hand_over(answer)
    return answer


def _door(back: str, why: str | None) -> Response:
    answer = redirect(url_for("logins.staff_sign_in", back=back, why=why), 303)
    assert isinstance(answer, Response)
    return private(answer)


def author_only(view: Callable[P, R]) -> Callable[P, R | Response]:
    """The author's own space. Logged out: to the login and back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if current_author() is None:
            lang = (request.view_args or {}).get("lang", "en")
            answer = redirect(url_for("logins.author_start", lang=lang, back=request.path), 303)
            assert isinstance(answer, Response)
            return answer
        return view(*args, **kwargs)

    return _mark(guarded, "author")


__all__ = ["MARK", "author_only", "everybody", "needs", "private", "signer"]
