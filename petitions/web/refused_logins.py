"""The page of a pass that could not be used: signers, authors and staff are told the same way."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Response, render_template

from petitions.platform.i18n import current_locale
from petitions.services.hiding import is_out_of_sight
from petitions.storage import reading as stored
from petitions.web import public_pages
from petitions.web.edge import engine, private, reading
from petitions.web.errors import new_reference
from petitions.web.pages_signing import FailedPage
from petitions.web.public_room import is_private
from petitions.web.scope import wear

_CAUSES: Mapping[str, str] = {
    "missing": "too_late",
    "expired": "too_late",
    "form_too_old": "too_late",
    "pass_used": "already_used",
    "other_browser": "other_browser",
    "other_tab": "other_tab",
}
# A signer has no session: whoever goes back after signing carries nothing that says so, just as one who
# put the phone away for an hour. The page must tell neither that it knows: it says how to find out.
_OF_SIGNERS: Mapping[str, str] = {
    "pass_used": "over",
    "other_browser": "over",
    "pass_of_another_browser": "other_tab",  # left from an older login, in the honest case
}
_PETITION = re.compile(r"/[a-z]{2}/petitions/(\d{4}-\d{4,9})")


def refused_login(code: str, *, again: str, back: str, newer: str = "") -> Response:
    """`code` of the PassRefusedError; anything not listed was an answer that could not be verified.

    `back`: the page they came from; a petition's page makes this a page about a signature. `newer`:
    where the login that replaced this one goes on.
    """
    found = _PETITION.fullmatch(back)
    causes = {**_CAUSES, **_OF_SIGNERS} if found else _CAUSES
    page = FailedPage(
        cause=causes.get(code, "not_verified"),
        reference=new_reference(),
        again_href=again,
        back_href=back,
        title=_title(found[1]) if found else "",
        newer_href=newer,
        purpose="withdraw" if again.endswith("/withdraw") else "sign",
    )
    return private(Response(render_template("identity/failed.html", page=page), 400))


def _title(reference: str) -> str:
    """The petition's title as its public page shows it; "" where it has no page."""
    with reading() as session:
        petition = stored.public_petition(session, public_pages.assemblies(engine()), reference)
        if petition is None:
            return ""
        wear(petition.assembly)
        if is_private(petition) or is_out_of_sight(petition):
            return ""
        texts = stored.texts_of(session, petition.id)
        return stored.text_shown(texts, current_locale().lang, petition.language).title
