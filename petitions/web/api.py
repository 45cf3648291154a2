"""The API for programs, version 1: read only, plain objects, no key.

Rules of this module:
- it tells what the public pages tell: the rows of the open data sets, one petition or a page of them;
- pages are found by cursor: what is published meanwhile neither repeats nor hides an entry;
- a parameter that is not known is refused, so that a misspelt one is not silently ignored.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, render_template, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from petitions.domain.errors import PetitionError
from petitions.platform.i18n import speaking
from petitions.services.hiding import is_out_of_sight
from petitions.storage import open_rows
from petitions.storage import reading as stored
from petitions.storage.reading import LISTED_STATES, Row
from petitions.storage.tables import Petition
from petitions.web import open_sets, openapi, public_pages
from petitions.web.access import REFERENCE, everybody
from petitions.web.data_sets import BY_NAME
from petitions.web.edge import engine, reading
from petitions.web.face import frame, the_face
from petitions.web.figures import numbers, rows
from petitions.web.problems import problem
from petitions.web.public import page
from petitions.web.public_room import is_private, open_data

blueprint = Blueprint("api", __name__)
LIMIT, LIMIT_MAX = 20, 100
ALLOWED = frozenset(
    {"cursor", "limit", "fields", "state", "q", "assembly", "language", "lang", "topic"}
)


class RefusedError(Exception):
    """`status` and the sentence of the problem document."""

    def __init__(self, status: int, detail: str, **more: object) -> None:
        super().__init__(detail)
        self.status, self.detail, self.more = status, detail, more


def answered(view: Callable[..., object]) -> Callable[..., AnyResponse]:
    """JSON in the wanted language of words (`lang`); a refusal becomes a problem document."""

    @wraps(view)
    def wrapped(**values: str) -> AnyResponse:
        try:
            _known_parameters()
            face = the_face(current_app)
            with speaking(face.catalogues.locale(request.args.get("lang"))):
                content = view(**values)
        except RefusedError as refused:
            return problem(refused.status, refused.detail, **refused.more)
        body = json.dumps(content, ensure_ascii=False)
        return open_data(Response(body, mimetype="application/json"))

    return everybody(wrapped)


@blueprint.errorhandler(HTTPException)
def refused(error: HTTPException) -> Response:
    return problem(error.code or 500)


@blueprint.errorhandler(PetitionError)
def not_known(error: PetitionError) -> Response:
    return problem(error.status)


@blueprint.get("/api/v1/petitions")
@answered
def petitions() -> object:
    """A page of petitions by reference; `next` is the address of the following page, or null."""
    limit, after, fields = _limit(), _cursor(), _fields("petitions")
    asked = public_pages.Asked(
        words=request.args.get("q", "")[:200],
        state=_one_of("state", tuple(map(str, LISTED_STATES))),
        language=request.args.get("language", "")[:12],
        assembly=_one_of("assembly", public_pages.assemblies(engine())),
    )
    asked = replace(asked, topic=_one_of("topic", public_pages.topics(engine(), asked)))
    with reading() as session:
        asking = public_pages.question(engine(), asked)
        found = open_rows.after(session, asking, after, limit + 1)
        data = [
            _only(each, fields)
            for row in found[:limit]
            if not is_out_of_sight(row.petition)
            for each in open_sets.petition_rows(session, engine(), row)
        ]
    more = found[limit - 1].petition.reference if len(found) > limit else None
    return {"data": data, "next": _next(more) if more else None, **_terms()}


@blueprint.get("/api/v1/petitions/<number>")
@answered
def petition(number: str) -> object:
    fields = _fields("petitions")
    with reading() as session:
        row = _row(session, number)
        found = next(open_sets.petition_rows(session, engine(), row))
    return {"data": _only(found, fields), **_terms()}


@blueprint.get("/api/v1/petitions/<number>/events", defaults={"part": "events"})
@blueprint.get("/api/v1/petitions/<number>/counts", defaults={"part": "counts"})
@blueprint.get("/api/v1/petitions/<number>/areas", defaults={"part": "areas"})
@blueprint.get("/api/v1/petitions/<number>/decisions", defaults={"part": "decisions"})
@answered
def part_of_petition(number: str, part: str) -> object:
    fields = _fields(part)
    with reading() as session:
        row = _row(session, number)
        found = [_only(e, fields) for e in open_sets.ROWS[part](session, engine(), row)]
    return {"data": found, **_terms()}


@blueprint.get("/api/v1/figures")
@answered
def figures() -> object:
    told, at = numbers()
    data = [
        {"figure": figure, "detail": detail, "value": None if value == "" else value}
        for figure, detail, value in rows(told)
    ]
    return {"data": data, "counted_at": open_sets.instant(at), **_terms()}


@blueprint.get("/api/v1/openapi.json")
@everybody
def description() -> Response:
    """OpenAPI 3.1 of this API."""
    content = openapi.document(engine().settings.site.base_url, engine().settings.data)
    return open_data(Response(json.dumps(content, indent=1), mimetype="application/json"))


@blueprint.get("/api/v1/<path:rest>")
@everybody
def nothing_here(rest: str) -> Response:
    del rest
    return problem(404, "no such resource; see /api/v1/openapi.json")


@blueprint.get("/<lang>/data/api")
@page
def api_page(lang: str) -> str:
    """The same description for people."""
    del lang
    told = openapi.document(engine().settings.site.base_url, engine().settings.data)
    return render_template("data/api.html", page=told, frame=frame("data"))


def _row(session: Session, number: str) -> Row:
    """404 for what has no page, 410 for what was removed."""
    found: Petition | None = None
    if REFERENCE.fullmatch(number):
        served = public_pages.assemblies(engine())
        found = stored.public_petition(session, served, number)
    if found is None or is_private(found):
        raise RefusedError(404, "no public petition has this reference")
    if is_out_of_sight(found):
        raise RefusedError(410, "this petition was removed")
    text = stored.texts_of(session, found.id)[found.language]
    count = stored.public_count(session, found.id)
    return Row(found, text, count.valid if count else None)


def _known_parameters() -> None:
    unknown = sorted(set(request.args) - ALLOWED)
    if unknown:
        raise RefusedError(400, f"unknown parameter: {unknown[0]}", parameter=unknown[0])


def _limit() -> int:
    given = request.args.get("limit", str(LIMIT))
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:6]) <= LIMIT_MAX):
        raise RefusedError(400, f"limit must be 1 to {LIMIT_MAX}", parameter="limit")
    return int(given)


def _cursor() -> str:
    given = request.args.get("cursor", "")
    if not given:
        return ""
    try:
        found = urlsafe_b64decode(given.encode() + b"=" * (-len(given) % 4)).decode()
    except ValueError:
        found = ""
    if not REFERENCE.fullmatch(found):
        raise RefusedError(400, "cursor is none that this API gave out", parameter="cursor")
    return found


def _next(reference: str) -> str:
    args = {key: value for key, value in request.args.items() if key != "cursor"}
    args["cursor"] = urlsafe_b64encode(reference.encode()).decode().rstrip("=")
    return f"{engine().settings.site.base_url}{request.path}?{urlencode(args)}"


def _fields(name: str) -> frozenset[str]:
    given = request.args.get("fields", "")
    known = {each.name for each in BY_NAME[name].columns}
    wanted = frozenset(each for each in given.split(",") if each)
    unknown = sorted(wanted - known)
    if unknown:
        raise RefusedError(400, f"unknown field: {unknown[0]}", parameter="fields")
    return wanted


def _only(found: open_sets.Fields, fields: frozenset[str]) -> open_sets.Fields:
    return {key: value for key, value in found.items() if key in fields} if fields else found


def _one_of(name: str, known: Iterable[str]) -> str:
    given = request.args.get(name, "")
    if given and given not in known:
        raise RefusedError(400, f"{name} must be one of {', '.join(known)}", parameter=name)
    return given


def _terms() -> dict[str, object]:
    terms = engine().settings.data
    return {"licence": terms.licence, "licence_url": terms.licence_url}
