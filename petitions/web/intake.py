"""What no request may carry: refused at the door, before any view reads it.

Control characters in an address would reach headers of answers. A NUL has no place in a text of
PostgreSQL: there it would be a fault of ours, on SQLite a silent surprise. Public lists leave out what
they do not understand, and the pages of authors name the field, so those look for themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, abort, request

_WITHOUT_NUL = frozenset({"office", "logins", "signing"})


def install_intake(app: Flask) -> None:
    """Install it before whatever else looks at forms."""

    @app.before_request
    def refuse_what_nobody_types() -> None:
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in request.path):
            abort(404)
        if request.blueprint not in _WITHOUT_NUL:
            return
        if _has_nul(request.args.items(multi=True)):
            abort(400)
        if request.method == "POST" and _has_nul(request.form.items(multi=True)):
            abort(400)


def _has_nul(fields: Iterable[tuple[str, str]]) -> bool:
    return any("\x00" in name or "\x00" in value for name, value in fields)
