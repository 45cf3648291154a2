"""What our programs around other people's providers have in common. Imports nothing of ours.

`/of-the-test/seen` tells the headers of every request so far; `/of-the-test/turn-keys` gives the provider
new keys; after `/of-the-test/unsign` it takes the signature off the next id_token and says `none`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Silent(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


class Witness:
    """Lets everything pass and keeps the headers of each request."""

    def __init__(self, inner: Wsgi, turn_keys: Callable[[], Wsgi]) -> None:
        self.inner = inner
        self.turn_keys = turn_keys
        self.seen: list[dict[str, str]] = []
        self.unsigning = False

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        if request.path == "/of-the-test/turn-keys":
            self.inner = self.turn_keys()
            return Response(status=204)(environ, start)
        if request.path == "/of-the-test/unsign":
            self.unsigning = True
            return Response(status=204)(environ, start)
        if request.path == "/of-the-test/seen":
            return Response(json.dumps(self.seen), mimetype="application/json")(environ, start)
        headers = {name.lower(): value for name, value in request.headers}
        self.seen.append({**headers, "path": request.path})
        if self.unsigning and request.path.endswith("/token"):
            self.unsigning = False
            return self._unsigned(environ)(environ, start)
        return self.inner(environ, start)

    def _unsigned(self, environ: dict[str, Any]) -> Response:
        answer = Response.from_app(self.inner, environ)
        told = json.loads(answer.get_data())
        head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        told["id_token"] = f"{head}.{told['id_token'].split('.')[1]}."
        answer.set_data(json.dumps(told))
        return answer


def serve(witness: Witness, port: int) -> None:
    make_server("127.0.0.1", port, witness, threaded=True, request_handler=Silent).serve_forever()
