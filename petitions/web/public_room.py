"""What public pages share: the blueprint, the petition behind an address, and data for everybody."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from sqlalchemy.orm import object_session

from petitions.domain.vocabulary import Visibility
from petitions.storage.tables import Petition
from petitions.web.edge import engine
from petitions.web.scope import wear

public = Blueprint("public", __name__)
COUNT = "public, max-age=5, s-maxage=30"


def is_private(petition: Petition) -> bool:
    """Whether its kind has no page, under the version of the rules that the petition pinned."""
    session = object_session(petition)
    assert session is not None
    return engine().house.kind(session, petition).visibility is Visibility.PRIVATE


def found_page(petition: Petition | None) -> Petition:
    """404 where there is no page: unknown, not public yet, or of a kind without pages."""
    if petition is None or is_private(petition):
        abort(404)
    wear(petition.assembly)
    return petition


def saved_as(answer: Response, name: str) -> Response:
    """Under a name that still tells, in a folder of downloads, what it is."""
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def open_data(answer: Response) -> Response:
    answer.headers["Cache-Control"] = COUNT
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]
