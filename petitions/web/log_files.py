"""The published log over HTTP: files as the worker wrote them (C2SP tlog-tiles, tlog-checkpoint).

Tiles and bundles never change under their name, so they may be kept for ever; the rest is asked for
anew. Open to programs of every origin. A web server in front may serve the same folder itself.
"""

from __future__ import annotations

import re
from pathlib import Path

from flask import Blueprint, Response, abort, request

from petitions.services.hiding import text_out_of_sight
from petitions.web.access import everybody
from petitions.web.edge import engine, reading

blueprint = Blueprint("log", __name__)
_HASH = "[0-9a-f]{64}"
_NUMBER = r"(?:x[0-9]{3}/){0,6}[0-9]{3}(?:\.p/[0-9]{1,3})?"
_FOR_EVER = re.compile(
    rf"tile/(?:entries|[0-9]{{1,2}})/{_NUMBER}"
    rf"|(?:texts|rules|answers|decisions|statements|notices|geo)/{_HASH}(?:\.[a-z]{{3,4}})?"
)
_ASKED_ANEW = re.compile(
    r"checkpoint(?:-latest)?|policy|counts\.json|keys\.json|handovers|statements/replicas"
)
IMMUTABLE = "public, max-age=31536000, immutable"
ANEW = "public, max-age=5, must-revalidate"
_TYPES = {".json": "application/json", ".txt": "text/plain; charset=utf-8"}


@blueprint.get("/log/<int:log_id>/<path:name>")
@everybody
def log_file(log_id: int, name: str) -> Response:
    kept = _FOR_EVER.fullmatch(name) is not None
    if not kept and not _ASKED_ANEW.fullmatch(name):
        abort(404)
    if name.startswith("texts/") and _out_of_sight(name):
        abort(410)
    path = Path(engine().settings.log.directory).resolve() / str(log_id) / name
    try:
        content = path.read_bytes()  # a bundle of 256 entries at most
    except OSError:
        abort(404)
    answer = Response(content, content_type=_type(name))
    answer.headers["Cache-Control"] = IMMUTABLE if kept and not name.startswith("texts/") else ANEW
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]


def _out_of_sight(name: str) -> bool:
    """The text of a petition that was taken down, even while its file is still there."""
    with reading() as session:
        return text_out_of_sight(session, bytes.fromhex(name[6:70]))


def _type(name: str) -> str:
    if name.startswith("tile/"):
        return "application/octet-stream"
    return _TYPES.get(Path(name).suffix, "text/plain; charset=utf-8")
