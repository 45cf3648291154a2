"""Is the process alive, and can it serve? For load balancers; nothing of any request is told."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import text

from petitions.web.access import everybody
from petitions.web.edge import reading

blueprint = Blueprint("health", __name__)


def _plain(words: str, status: int = 200) -> Response:
    return Response(words, status, {"Cache-Control": "no-store"}, mimetype="text/plain")


@blueprint.get("/healthz")
@everybody
def alive() -> Response:
    return _plain("ok\n")


@blueprint.get("/readyz")
@everybody
def ready() -> Response:
    """503 while the database does not answer."""
    with reading() as session:
        session.execute(text("SELECT 1"))
    return _plain("ready\n")
