"""Which assembly an answer is for, where one site serves several: by host, by path, by petition.

- On the host of an assembly, and under its path, one sees its petitions only, in its look.
- A petition keeps one address, the same on every host; it wears the look of its own assembly.
- Logins come back to the site's public address, so everything that begins one is sent there: no
  cookie ever has to pass from one host to another.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, has_request_context, redirect, request

from petitions.platform.config import Settings
from petitions.platform.i18n import current_locale
from petitions.web.edge import engine

ON_EVERY_HOST = frozenset(
    {
        "public",
        "following",
        "assets",
        "log_files",
        "receipts",
        "health",
        "due_dates",
        "feeds",
        "share",
        "sitemap",
        "data",
        "figures",
        "api",
        "uk",
    }
)
ENDPOINTS_ON_EVERY_HOST = frozenset({"author.start"})


def current() -> str:
    """The assembly of the host or path that was asked for; "" where all are shown."""
    return str(g.get("assembly", "")) if has_request_context() else ""


def look() -> str:
    """Whose look the answer wears; "" for the site's own."""
    return str(g.get("assembly", "") or g.get("wears", "")) if has_request_context() else ""


def wear(assembly: str) -> None:
    """The answer is about something of this assembly."""
    g.wears = assembly


def served() -> tuple[str, ...]:
    """The assemblies whose petitions this answer may show."""
    every = tuple(engine().settings.rulebooks.assemblies)
    return (current(),) if current() else every


def place() -> str:
    """What stands before the paths of this assembly's lists: "/prb", or "" without a path."""
    return str(g.get("place", "")) if has_request_context() else ""


def href(path: str) -> str:
    """The address of a list or home in the reader's language, in the place asked for."""
    return f"/{current_locale().lang}{place()}{path}"


def hosts(settings: Settings) -> dict[str, str]:
    """Host → assembly."""
    return {own.host: name for name, own in settings.site.assemblies.items() if own.host}


def install_scope(app: Flask, settings: Settings) -> None:
    """Install it before the blueprints. Routes under a path name their assembly in `place`."""
    by_host, base = hosts(settings), settings.site.base_url

    @app.url_value_preprocessor
    def known_place(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        found = (values or {}).pop("place", "")
        if found:
            g.assembly, g.place = found, f"/{settings.site.assemblies[found].path}"

    @app.before_request
    def known_host() -> Response | None:
        assembly = by_host.get(request.host.partition(":")[0], "")
        if not assembly:
            return None
        g.assembly = assembly
        if request.blueprint in ON_EVERY_HOST or request.endpoint in ENDPOINTS_ON_EVERY_HOST:
            return None
        if request.endpoint is None:
            return None
        # 307: a form that was posted here by mistake arrives whole
        answer = redirect(f"{base}{request.full_path.rstrip('?')}", 307)
        assert isinstance(answer, Response)
        answer.headers["Cache-Control"] = "no-store"
        return answer
