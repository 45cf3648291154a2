"""Refusals for programs: problem documents (RFC 9457) that every origin may read."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Response

PROBLEM = "application/problem+json"


def problem(status: int, detail: str = "", **more: object) -> Response:
    """`more`: further members, such as the parameter that was wrong."""
    told: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
    }
    if detail:
        told["detail"] = detail
    answer = Response(
        json.dumps({**told, **more}, ensure_ascii=False), status=status, content_type=PROBLEM
    )
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "no-store"
    return answer
