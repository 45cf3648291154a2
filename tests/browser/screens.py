"""Every screen in every state, served from samples: no database, no login, one page after the other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server

from petitions.web.face import frame
from tests.web import sample_journeys
from tests.web.rendering import forms, stage

NAMES = sorted(sample_journeys.TEMPLATES)


def screens() -> Flask:
    """`/<lang>/screens/<name>`: a sample page, as its template shows it."""
    app = stage()

    @app.get("/<lang>/screens/<path:name>")
    def screen(lang: str, name: str) -> str:
        del lang
        template, page = sample_journeys.TEMPLATES[name]
        shown = app.jinja_env.get_template(template)
        values = {"frame": frame("petitions"), **forms(template)}
        context: dict[str, object] = {}
        app.update_template_context(context)
        return shown.render({**context, **values, "page": page})

    return app


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of an application that answers until the end of the block."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()
