"""Hot public pages, answered in front of Flask: a rendered page costs ten times these bytes.

Rules of this module:
- only what says `public` in its Cache-Control is kept, for about a second, by address alone: public
  pages look at no cookie, no address, no user agent;
- one thread renders, the others of that address wait for it or take the page of a second ago;
- a page that answers 304 or comes from here never touches the database.
"""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]
MAX_PAGES = 2000
MAX_BYTES = 512 * 1024
_ADDRESSED_BY_LANGUAGE = frozenset({"/"})


@dataclass(slots=True)
class _Kept:
    until: float = 0.0
    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    packed: bytes = b""
    etag: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


class PageCache:
    """WSGI layer. `seconds`: how long a page may be answered without asking the application."""

    def __init__(self, app: Application, seconds: float) -> None:
        self._app, self._seconds = app, seconds
        self._pages: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if (
            environ["REQUEST_METHOD"] not in {"GET", "HEAD"}
            or path in _ADDRESSED_BY_LANGUAGE
            or path.startswith(("/p/", "/office", "/identity"))
            or "/sign" in path
        ):
            return self._app(environ, start_response)
        kept = self._place(f"{path}?{environ.get('QUERY_STRING', '')}")
        if monotonic() >= kept.until:
            fresh = kept.lock.acquire(blocking=not kept.body)
            if fresh:
                try:
                    if monotonic() >= kept.until:
                        passed = self._render(environ, start_response, kept)
                        if passed is not None:
                            return passed
                finally:
                    kept.lock.release()
        return self._answer(environ, start_response, kept)

    def _place(self, key: str) -> _Kept:
        with self._lock:
            kept = self._pages.get(key)
            if kept is None:
                kept = self._pages[key] = _Kept()
                while len(self._pages) > MAX_PAGES:
                    self._pages.popitem(last=False)
            else:
                self._pages.move_to_end(key)
            return kept

    def _render(self, environ: Environ, start_response: Any, kept: _Kept) -> Iterable[bytes] | None:
        """Ask the application. None: the page is kept now; else the answer to pass through."""
        told: list[Any] = []

        def catch(
            status: str, headers: list[tuple[str, str]], *_exc: Any
        ) -> Callable[[bytes], object]:
            told[:] = [status, headers]
            return lambda _data: None

        asked = {**environ, "REQUEST_METHOD": "GET"}
        for name in ("HTTP_COOKIE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE"):
            asked.pop(name, None)
        result = self._app(asked, catch)
        body = b"".join(result)
        if hasattr(result, "close"):
            result.close()
        status, headers = told
        values = {name.lower(): value for name, value in headers}
        cacheable = (
            status.startswith("200")
            and values.get("cache-control", "").startswith("public")
            and "set-cookie" not in values
            and len(body) <= MAX_BYTES
        )
        if not cacheable:
            if environ.get("HTTP_COOKIE") or environ.get("HTTP_IF_NONE_MATCH"):
                return self._app(environ, start_response)  # a private page: asked with its cookies
            start_response(status, headers)
            return [body] if environ["REQUEST_METHOD"] == "GET" else []
        kept.status, kept.body = status, body
        drop = {"content-length", "etag", "vary", "content-encoding"}
        kept.headers = [(n, v) for n, v in headers if n.lower() not in drop]
        kept.etag = values.get("etag", "")
        squeezable = values.get("content-type", "").startswith(
            ("text/", "application/", "image/svg")
        )
        kept.packed = gzip.compress(body, 6, mtime=0) if squeezable and len(body) > 500 else b""
        kept.until = monotonic() + self._seconds
        return None

    def _answer(self, environ: Environ, start_response: Any, kept: _Kept) -> Iterable[bytes]:
        headers = [*kept.headers, ("Vary", "Accept-Encoding")]
        if kept.etag:
            headers.append(("ETag", kept.etag))
            if _matches(environ.get("HTTP_IF_NONE_MATCH", ""), kept.etag):
                plain = [(n, v) for n, v in headers if n.lower() != "content-type"]
                start_response("304 NOT MODIFIED", plain)
                return []
        body = kept.body
        if kept.packed and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            body = kept.packed
            headers.append(("Content-Encoding", "gzip"))
        headers.append(("Content-Length", str(len(body))))
        start_response(kept.status, headers)
        return [body] if environ["REQUEST_METHOD"] == "GET" else []


def _matches(given: str, etag: str) -> bool:
    """Weak comparison (RFC 9110 13.1.2): the packed and the plain page are one version."""
    bare = etag.removeprefix("W/")
    return any(part.strip().removeprefix("W/") in {bare, "*"} for part in given.split(","))
