"""Our own requests to a provider: bounded in time and size, never redirected, rarely repeated.

Authlib's session has no time-out by default, follows redirects and reads bodies of any size.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import requests
from authlib.integrations.requests_client import OAuth2Session
from requests.models import PreparedRequest, Response
from urllib3.exceptions import HTTPError, NewConnectionError

from identity.errors import Cause, LoginRefused
from identity.providers.breaker import Breaker
from identity.records import TimeoutRecord

BODY_MAX: Final = 64 * 1024
PUBLIC_BODY_MAX: Final = 256 * 1024  # metadata and keys
_PASSING = frozenset({502, 503, 504})


@dataclass(slots=True)
class Call:
    """The time one person is made to wait, over all requests of one step; and who counts failures.

    `deadline` in seconds of `clock` (monotonic).
    """

    timeouts: TimeoutRecord
    breaker: Breaker
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self.deadline = self.clock() + self.timeouts.whole

    def remaining(self) -> float:
        left = self.deadline - self.clock()
        if left <= 0:
            raise requests.Timeout("the whole step took too long")
        return left


class BoundSession(OAuth2Session):
    """Authlib's session inside our bounds. Set `call` before use, `body_max` where it differs."""

    call: Call
    body_max = BODY_MAX

    def request(self, *args: Any, **kwargs: Any) -> Response:
        if kwargs.get("auth") is None:
            # Without this, requests would look for a password in ~/.netrc.
            kwargs["auth"] = _nobody
        return super().request(*args, **kwargs)

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """One request, a second one where that is harmless. LoginRefused if nothing usable came."""
        kwargs.update(allow_redirects=False, stream=True)
        try:
            answer = self._once(request, kwargs)
        except (requests.RequestException, HTTPError, OSError) as error:
            if not _may_repeat(request, error):
                raise self._silence() from None
            answer = self._again(request, kwargs)
        else:
            if request.method == "GET" and answer.status_code in _PASSING:
                answer = self._again(request, kwargs)
        if answer.status_code >= 500:
            raise self._silence()
        self.call.breaker.answered()
        if 300 <= answer.status_code < 400:
            # A redirect would carry the code or the secret to whoever it names.
            raise LoginRefused(Cause.NOT_VERIFIED, "back_channel_redirect")
        return answer

    def _once(self, request: PreparedRequest, kwargs: dict[str, Any]) -> Response:
        limits, left = self.call.timeouts, self.call.remaining()
        kwargs["timeout"] = (min(limits.connect, left), min(limits.read, left))
        answer = super().send(request, **kwargs)
        try:
            # Where requests itself would have put the body, had it not been told to stream.
            answer._content = self._body(answer)  # noqa: SLF001
        finally:
            answer.close()
        return answer

    def _again(self, request: PreparedRequest, kwargs: dict[str, Any]) -> Response:
        self.call.sleep(random.uniform(0.2, 0.4))  # noqa: S311 - spreads load, hides nothing
        try:
            return self._once(request, kwargs)
        except (requests.RequestException, HTTPError, OSError):
            raise self._silence() from None

    def _body(self, answer: Response) -> bytes:
        """At most `body_max` bytes, piece by piece, so that no drip outlasts the deadline."""
        body = bytearray()
        while piece := answer.raw.read1(8192, decode_content=False):
            body += piece
            if len(body) > self.body_max:
                raise LoginRefused(Cause.NOT_VERIFIED, "body_too_long")
            self.call.remaining()
        return bytes(body)

    def _silence(self) -> LoginRefused:
        self.call.breaker.failed()
        return LoginRefused(Cause.NO_ANSWER, "provider_does_not_answer")


def content_type(answer: Response) -> str:
    return answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _nobody(request: PreparedRequest) -> PreparedRequest:
    return request


def _may_repeat(request: PreparedRequest, error: Exception) -> bool:
    """A GET, or a request of which no byte was sent: a code is spent by the first sight of it."""
    if isinstance(error, requests.Timeout) and not isinstance(error, requests.ConnectTimeout):
        return False
    if request.method == "GET":
        return True
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)
