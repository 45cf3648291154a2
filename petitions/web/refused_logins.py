"""The page of a pass that could not be used: signers, authors and staff are told the same way."""

from __future__ import annotations

from flask import Response, render_template

from petitions.web.edge import private
from petitions.web.errors import new_reference
from petitions.web.pages_signing import FailedPage

_CAUSES = {
    "missing": "too_late",
    "expired": "too_late",
    "form_too_old": "too_late",
    "pass_used": "already_used",
    "other_browser": "other_browser",
}


def refused_login(code: str, *, again: str, back: str) -> Response:
    """`code` of the PassRefusedError; anything not listed was an answer that could not be verified."""
    page = FailedPage(
        cause=_CAUSES.get(code, "not_verified"),
        reference=new_reference(),
        again_href=again,
        back_href=back,
    )
    return private(Response(render_template("identity/failed.html", page=page), 400))
