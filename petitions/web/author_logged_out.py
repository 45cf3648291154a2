"""A form that an author sends after their login has ended: what they typed comes back whole.

It is kept in the page and nowhere else: whoever logs in again in another tab sends it from here.
"""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request

from petitions.platform.i18n import current_locale
from petitions.storage.tables import Petition
from petitions.web.author_room import author, html
from petitions.web.edge import reading
from petitions.web.pages_drafts import TypedTooLate
from petitions.web.scope import wear
from petitions.web.sessions import current_author

_NOT_TYPED = frozenset({"csrf_token", "version", "shown", "written_in", "digest"})
_FORBIDDEN = 403


@author.before_request
def give_back_what_was_typed() -> Response | None:
    """The views themselves send whoever is not logged in to the login, and a form would be lost."""
    if request.method != "POST" or current_author() is not None:
        return None
    fields = tuple(
        (name, text) for name, text in request.form.items(multi=True) if name != "csrf_token"
    )
    if not any(text.strip() for name, text in fields if name not in _NOT_TYPED):
        return None
    page = TypedTooLate(
        action=request.path,
        login_href=_login(),
        fields=fields,
        shown=tuple(text for name, text in fields if name not in _NOT_TYPED and " " in text),
        with_files=any(sent.filename for sent in request.files.values()),
    )
    return html("author/logged_out.html", _FORBIDDEN, page=page)


def _login() -> str:
    """To the login of the assembly that the draft is for, and from there to the own petitions."""
    lang = current_locale().lang
    asked = {"back": f"/{lang}/mine"}
    found = next((each for each in (request.view_args or {}).values() if _is_name(each)), None)
    if found is not None:
        with reading() as session:
            petition = session.get(Petition, found)
        if petition is not None:
            wear(petition.assembly)
            asked["assembly"] = petition.assembly
    return f"/{lang}/start/login?{urlencode(asked)}"


def _is_name(value: object) -> bool:
    return isinstance(value, UUID)
