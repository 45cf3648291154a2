"""The demonstration provider as one WSGI application: two issuers on one port, in its own process.

The edge: here and in `__main__` the clock and the environment are read, nowhere below.
"""

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from . import people
from .back import back
from .front import front, page
from .issuer import Clock, Issuer
from .settings import Client, DemoSettings, refuse_unsafe_start, tenants
from .wording import LANGUAGES, language

_KEYS_LIMIT = 256 * 1024
_FORM_LIMIT = 64 * 1024


def create_provider(settings: DemoSettings, *, clock: Clock = time.time) -> Flask:
    """The WSGI application; UnsafeStart where the demonstration must not run."""
    refuse_unsafe_start(settings, os.environ)
    app = Flask("identity.providers.demo", static_url_path="/demonstration")
    app.config["MAX_CONTENT_LENGTH"] = _FORM_LIMIT
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 300

    def today() -> date:
        return settings.today or datetime.fromtimestamp(clock(), UTC).astimezone().date()

    for tenant in tenants(settings):
        keys = _published_keys(tenant.client)
        issuer = Issuer(tenant, settings.sector_key, keys, clock, today)
        app.register_blueprint(front(issuer))
        app.register_blueprint(back(issuer))
    _own_pages(app, settings)
    _guard(app, settings)
    return app


def _published_keys(client: Client) -> Callable[[], Mapping[str, object] | None]:
    """The client's JWK set: the one given at the start, else what its site publishes now."""

    def fetched() -> Mapping[str, object] | None:
        if client.keys is not None:
            return client.keys
        if not client.keys_uri:
            return None
        try:
            with requests.Session() as session:
                session.trust_env = False  # no proxy stands between two processes of one machine
                answer = session.get(client.keys_uri, timeout=(2, 5), allow_redirects=False)
            if answer.status_code != 200 or len(answer.content) > _KEYS_LIMIT:
                return None
            found = answer.json()
        except (requests.RequestException, ValueError):
            return None
        return found if isinstance(found, dict) else None

    return fetched


def _own_pages(app: Flask, settings: DemoSettings) -> None:
    site = settings.site.rstrip("/") + "/"

    @app.get("/")
    def home() -> Response:
        return page(
            "home.html",
            language(""),
            None,
            site=site,
            citizens=people.CITIZENS,
            staff=people.STAFF,
            places=people.PLACES,
        )

    @app.errorhandler(HTTPException)
    def wrong(error: HTTPException) -> tuple[Response, int]:
        return page("missing.html", language(""), None, site=site), error.code or 500

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        return {"site": site, "languages": LANGUAGES}


def _guard(app: Flask, settings: DemoSettings) -> None:
    """No script, nothing from elsewhere; a form may end at the petition site and only there
    (browsers apply `form-action` to the whole chain of redirects after a POST).
    """
    parts = urlsplit(settings.site)
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {parts.scheme}://{parts.netloc}"
    )

    @app.after_request
    def guarded(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = policy
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["X-Robots-Tag"] = "noindex, nofollow"
        if "Cache-Control" not in answer.headers:
            answer.headers["Cache-Control"] = "no-store"
        return answer


class _Silent(WSGIRequestHandler):
    """Writes no line per request: it would hold states, nonces and codes."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


def run(settings: DemoSettings, ready: Callable[[str], None] = print) -> None:
    """Serve until the process is ended; `ready` is told one sentence once the port is open."""
    app = create_provider(settings)
    server = make_server(settings.host, settings.port, app, threaded=True, request_handler=_Silent)
    ready(f"Demonstration identity provider: {settings.address}/")
    server.serve_forever()
