"""A walk through every route of the site, with a planted value in every field, header and query.

The walk reads the routes and the forms from the site itself, so that what is added later is walked
without being named here. A route whose view was never entered is an error of the test, not a gap.
"""

from __future__ import annotations

import inspect
import io
import re
import secrets
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from urllib.parse import urljoin

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from tests.privacy.canaries import Canary

Route = tuple[str, str]
"""(endpoint, method)"""
NOT_THERE = frozenset({404, 405})
_READ = re.compile(r"""request\.(?:form|args|values)(?:\.get|\.getlist)?[\[(]\s*["']([\w-]+)["']""")
_TYPED = frozenset({"text", "textarea", "email", "search", "url", "tel"})
_CHOSEN = frozenset({"checkbox", "radio"})


@dataclass
class Reached:
    """Which views were entered, and the statuses their answers had."""

    statuses: dict[Route, set[int]] = field(default_factory=lambda: defaultdict(set))

    def missing(self, app: Flask) -> list[Route]:
        """Routes whose view was never entered, or always failed."""
        return [route for route in _routes(app) if not self._calm(route)]

    def not_there(self, app: Flask) -> list[Route]:
        """Routes whose view was entered and found nothing under any address it was given."""
        return [
            route for route in _routes(app) if self._calm(route) and self._calm(route) <= NOT_THERE
        ]

    def _calm(self, route: Route) -> set[int]:
        return {status for status in self.statuses[route] if status < 500}


def _routes(app: Flask) -> list[Route]:
    return sorted((rule.endpoint, m) for rule in app.url_map.iter_rules() for m in methods(rule))


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


@contextmanager
def recorded(app: Flask, reached: Reached) -> Iterator[None]:
    """Notes each view whose own code runs: a guard that answers in its place does not count."""
    dispatch, whole = app.dispatch_request, app.full_dispatch_request
    entered: list[bool] = []

    def dispatched() -> Any:
        view = app.view_functions.get(str(request.endpoint))
        wanted = code_of(view) if view is not None else None

        def look(frame: FrameType, event: str, _argument: Any) -> None:
            if event == "call" and frame.f_code is wanted:
                entered.append(True)
                sys.setprofile(None)

        sys.setprofile(look)
        try:
            return dispatch()
        finally:
            sys.setprofile(None)

    def answered() -> Any:
        entered.clear()
        answer = whole()
        if entered:
            reached.statuses[str(request.endpoint), request.method].add(answer.status_code)
        return answer

    app.dispatch_request = dispatched  # type: ignore[method-assign]
    app.full_dispatch_request = answered  # type: ignore[method-assign]
    try:
        yield
    finally:
        del app.dispatch_request, app.full_dispatch_request


def code_of(view: Callable[..., Any]) -> CodeType:
    """The code of the view itself, inside all its guards."""
    inner = inspect.unwrap(view)
    found: CodeType = getattr(inner, "__func__", inner).__code__
    return found


# --- forms ---------------------------------------------------------------------------------------


@dataclass
class Form:
    action: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)
    """(name, kind, value)"""


class _Forms(HTMLParser):
    """Every form of a page that is sent by POST; buttons with a name are fields."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path, self.found, self.options = path, list[Form](), ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form" and told.get("method", "").lower() == "post":
            self.found.append(Form(told.get("action") or self.path))
        elif tag == "option" and self.options and told.get("value") and self.found:
            self.found[-1].fields.append((self.options, "radio", told["value"]))
        elif tag == "select":
            self.options = told.get("name", "")
        if tag in {"input", "button"} and told.get("formaction") and self.found:
            self.found.append(Form(told["formaction"], self.found[-1].fields))
        if tag in {"input", "textarea", "button"} and told.get("name") and self.found:
            kind = "textarea" if tag == "textarea" else told.get("type", "text")
            self.found[-1].fields.append((told["name"], kind, told.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.options = ""


def forms_in(path: str, page: bytes) -> list[Form]:
    reader = _Forms(path)
    reader.feed(page.decode("utf-8", "replace"))
    return reader.found


def routes_of(app: Flask, forms: list[Form]) -> dict[Route, Form]:
    """The newest form for each route that takes one."""
    found = {}
    roads = app.url_map.bind("127.0.0.1")
    for form in forms:
        try:
            endpoint, _values = roads.match(form.action.partition("?")[0], method="POST")
        except HTTPException:
            continue
        found[str(endpoint), "POST"] = form
    return found


def links_in(app: Flask, path: str, page: bytes) -> dict[str, list[str]]:
    """endpoint → addresses of our own to which the page links, with their query."""
    found: dict[str, list[str]] = {}
    roads = app.url_map.bind("127.0.0.1")
    for link in re.findall(rb'href="([^"#]+)', page):
        target = urljoin(path, unescape(link.decode("utf-8", "replace")))
        if target.startswith("/") and not target.startswith("//"):
            try:
                endpoint, _values = roads.match(target.partition("?")[0], method="GET")
            except HTTPException:
                continue
            found.setdefault(str(endpoint), []).append(target)
    return found


def names_read(root: Path) -> frozenset[str]:
    """Every field that our own code asks a request for, found in the sources."""
    zones = ("petitions", "identity", "admissibility")
    sources = [path for zone in zones for path in (root / zone).rglob("*.py")]
    return frozenset(n for path in sources for n in _READ.findall(path.read_text("utf-8")))


@dataclass
class Plants:
    """Words that are typed into the site, one per route: a leak names where it came in."""

    words: dict[str, str] = field(default_factory=dict)

    def one(self, endpoint: str, kind: str = "text") -> str:
        word = self.words.setdefault(endpoint, f"Kanariex{secrets.token_hex(6)}")
        return f"{word}@post.example" if kind == "email" else word

    def canaries(self, *, private: bool) -> list[Canary]:
        """`private`: typed into the rooms of a signer, of which nothing at all may be kept."""
        return [
            Canary.of(f"typed at {endpoint}", word)
            for endpoint, word in self.words.items()
            if endpoint.startswith(("signing.", "identity.", "support.")) is private
        ]

    def everything(self, endpoint: str, names: frozenset[str], token: str) -> dict[str, Any]:
        """Each known field planted, as text and once as a file."""
        word = self.one(endpoint)
        filled: dict[str, Any] = dict.fromkeys(sorted(names), word)
        filled["paper"] = (io.BytesIO(word.encode() * 4000), f"{word}.pdf")
        return {**filled, "csrf_token": token}

    def as_asked(self, endpoint: str, form: Form) -> dict[str, Any]:
        """As a person would fill it: texts are planted, hidden fields and choices stay."""
        filled: dict[str, Any] = {}
        for name, kind, value in form.fields:
            if kind in _TYPED:
                filled[name] = self.one(endpoint, kind)
            elif kind not in _CHOSEN or name not in filled:
                filled[name] = value or "y"
        return filled


def header_plants(canaries: Mapping[str, str]) -> dict[str, str]:
    """WSGI variables of headers in which a browser or a machine on the way may tell of a person."""
    return {
        "HTTP_REFERER": f"https://elsewhere.example/?who={canaries['referer']}",
        "HTTP_FROM": canaries["from"],
        "HTTP_AUTHORIZATION": f"Bearer {canaries['bearer']}",
        "HTTP_X_REQUEST_ID": canaries["request id"],
        "HTTP_TRUE_CLIENT_IP": canaries["client"],
        "HTTP_ACCEPT_LANGUAGE": f"fr, zz-{canaries['tongue']}",
        "HTTP_X_UNKNOWN": canaries["unknown"],
    }


HEADERS = {
    "referer": "KanarieReferer4711", "from": "from.q7x@post.example", "bearer": "KanarieBearer4712",
    "request id": "KanarieRequest4713", "client": "192.0.2.177", "tongue": "kanarie7",
    "unknown": "KanarieUnknown4714", "their cookie": "KanarieCookie4715",
}  # fmt: skip
