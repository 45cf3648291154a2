"""Hot public pages, answered in front of Flask: a rendered page costs ten times these bytes.

Rules of this module:
- only what says `public` in its Cache-Control is kept, for about a second, by address alone: public
  pages look at no cookie, no address, no user agent;
- one thread renders, the others of that address wait for it or take the page of a second ago; an older
  one is never shown again, because the petition may have been hidden meanwhile;
- a page that answers 304 or comes from here never touches the database;
- rooms of one person are never asked through here: their pages would be made twice, without their
  cookies and with them.
"""

from __future__ import annotations

import gzip
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]
MAX_PAGES = 500
MAX_HELD = 32 * 1024 * 1024
"""Bytes of all pages together: random addresses must not fill the memory."""
MAX_QUERY = 120
MAX_BYTES = 512 * 1024
STALE = 2.0
"""Seconds a page may still be shown while another thread makes the next one."""
_APART = re.compile(
    r"/$|/p/|/(?:office|identity)(?:/|$)|/[^/]+/(?:mine|drafts|start|follow/\w+)(?:/|$)|.*/sign"
    r"|/data/|/[^/]+/petitions\.(?:csv|json)"
)
"""Bulk files are sent while they are written. The others are answered by wanted language (`/`, `/p/…`),
or for one person. Matched at the path's beginning."""
_NOT_OURS = ("HTTP_COOKIE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE")


@dataclass(frozen=True, slots=True)
class _Page:
    """Replaced as a whole: its tag, its bytes and their packed form always belong together."""

    until: float
    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    packed: bytes
    etag: str


@dataclass(slots=True)
class _Place:
    """Of one address."""

    page: _Page | None = None
    apart_until: float = 0.0
    """The answer could not be kept: until then nobody waits for another's."""
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class _Made:
    """What the application answered to nobody in particular."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


class PageCache:
    """WSGI layer. `seconds`: how long a page may be answered without asking the application."""

    def __init__(self, app: Application, seconds: float) -> None:
        self._app, self._seconds, self._held = app, seconds, 0
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        query = environ.get("QUERY_STRING", "")
        method = environ["REQUEST_METHOD"]
        if method not in {"GET", "HEAD"} or len(query) > MAX_QUERY or _APART.match(path):
            return self._app(environ, start_response)
        place = self._place(f"{environ.get('HTTP_HOST', '')} {path}?{query}")
        page, made = place.page, None
        if monotonic() >= place.apart_until and (page is None or monotonic() >= page.until):
            shown = page if page is not None and monotonic() < page.until + STALE else None
            if not place.lock.acquire(blocking=shown is None):
                page = shown
            else:
                try:
                    page, made = self._renewed(environ, place)
                finally:
                    place.lock.release()
        if page is not None:
            return _answer(page, environ, start_response)
        if made is None or any(environ.get(name) for name in _NOT_OURS):
            return self._app(environ, start_response)
        start_response(made.status, made.headers)
        return [made.body] if environ["REQUEST_METHOD"] == "GET" else []

    def _place(self, key: str) -> _Place:
        with self._lock:
            place = self._places.get(key)
            if place is None:
                place = self._places[key] = _Place()
                while len(self._places) > MAX_PAGES:
                    self._drop_oldest()
            else:
                self._places.move_to_end(key)
            return place

    def _drop_oldest(self) -> None:
        _key, old = self._places.popitem(last=False)
        self._held -= _weight(old.page)

    def _keep(self, place: _Place, page: _Page | None) -> None:
        with self._lock:
            self._held += _weight(page) - _weight(place.page)
            place.page = page
            while self._held > MAX_HELD and len(self._places) > 1:
                self._drop_oldest()

    def _renewed(self, environ: Environ, place: _Place) -> tuple[_Page | None, _Made | None]:
        """Under the place's lock: the page to show, or the answer that may not be kept."""
        if monotonic() < place.apart_until:
            return None, None  # found out while we waited
        if place.page is not None and monotonic() < place.page.until:
            return place.page, None
        made = self._ask(environ)
        self._keep(place, _kept(made, self._seconds))
        if place.page is None:
            place.apart_until = monotonic() + self._seconds
        return place.page, made

    def _ask(self, environ: Environ) -> _Made:
        told: list[Any] = []

        def catch(
            status: str, headers: list[tuple[str, str]], *_exc: Any
        ) -> Callable[[bytes], object]:
            told[:] = [status, headers]
            return lambda _data: None

        asked = {name: value for name, value in environ.items() if name not in _NOT_OURS}
        result = self._app({**asked, "REQUEST_METHOD": "GET"}, catch)
        try:
            body = b"".join(result)
        finally:
            if hasattr(result, "close"):
                result.close()
        return _Made(told[0], told[1], body)


def _weight(page: _Page | None) -> int:
    return len(page.body) + len(page.packed) if page is not None else 0


def _kept(made: _Made, seconds: float) -> _Page | None:
    """The answer as a page for everybody, if it is one."""
    values = {name.lower(): value for name, value in made.headers}
    if (
        not made.status.startswith("200")
        or not values.get("cache-control", "").startswith("public")
        or "set-cookie" in values
        or values.get("vary", "Accept-Encoding").lower() != "accept-encoding"
        or len(made.body) > MAX_BYTES
    ):
        return None
    drop = {"content-length", "etag", "vary", "content-encoding"}
    headers = tuple((n, v) for n, v in made.headers if n.lower() not in drop)
    kind = values.get("content-type", "")
    squeezable = kind.startswith(("text/", "application/", "image/svg")) and len(made.body) > 500
    packed = gzip.compress(made.body, 6, mtime=0) if squeezable else b""
    until = monotonic() + seconds
    return _Page(until, made.status, headers, made.body, packed, values.get("etag", ""))


def _answer(page: _Page, environ: Environ, start_response: Any) -> Iterable[bytes]:
    headers = [*page.headers, ("Vary", "Accept-Encoding")]
    if page.etag:
        headers.append(("ETag", page.etag))
        if _matches(environ.get("HTTP_IF_NONE_MATCH", ""), page.etag):
            plain = [(n, v) for n, v in headers if n.lower() != "content-type"]
            start_response("304 NOT MODIFIED", plain)
            return []
    body = page.body
    if page.packed and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        body = page.packed
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    start_response(page.status, headers)
    return [body] if environ["REQUEST_METHOD"] == "GET" else []


def _matches(given: str, etag: str) -> bool:
    """Weak comparison (RFC 9110 13.1.2): the packed and the plain page are one version."""
    bare = etag.removeprefix("W/")
    return any(part.strip().removeprefix("W/") in {bare, "*"} for part in given.split(","))
