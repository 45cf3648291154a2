"""Logs: JSON lines on stdout with route patterns, status and time. Never an address, a user agent, a
query, a token, a path of a signer, or the text of an exception (it may repeat a row).
"""

from __future__ import annotations

import logging
import sys
import time

import structlog
from flask import Flask, Response, g, request

QUIET = (
    "werkzeug",
    "urllib3",
    "requests",
    "authlib",
    "joserfc",
    "sqlalchemy",
    "alembic",
    "_granian",
)


def install_logging(*, plain: bool = False) -> None:
    """Everything through one formatter. `plain` is for people who watch a terminal."""
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if plain
        else structlog.processors.JSONRenderer()
    )
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%SZ", utc=True),
        _without_exceptions,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _without_exceptions(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A traceback may hold values; its type is enough here, the error page carries a reference."""
    found = event.pop("exc_info", None)
    if isinstance(found, tuple) and found[0] is not None:
        event["exception"] = found[0].__name__
    return event


_access = logging.getLogger("petitions.access")


def install_access_log(app: Flask) -> None:
    """One line per request: method, route pattern, status, milliseconds."""

    @app.before_request
    def begin() -> None:
        g.began = time.monotonic()

    @app.after_request
    def tell(answer: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else "-"
        if "/sign" in rule or rule.startswith("/identity"):
            return answer  # no access log on the routes of a signer
        took = (time.monotonic() - g.get("began", time.monotonic())) * 1000
        _access.info("%s %s %s %.0fms", request.method, rule, answer.status_code, took)
        return answer
