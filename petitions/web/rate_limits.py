"""Who comes too often from one network waits a little: logins, confirmations, forms of authors.

Rules of this module:
- reading is never limited: schools, ministries and mobile carriers stand behind one address;
- counted before anything else is done, so that a flood costs next to nothing;
- what somebody typed is never lost: a form of an author is shown again with its text and nothing is
  written (`edge.writing` refuses); other forms can be sent again from the page that refuses them;
- an address is looked at here and nowhere else, and only its keyed hash is kept (`platform.limits`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Final, cast

from flask import Flask, Response, current_app, g, request

from petitions.domain.errors import TooManyError
from petitions.platform.i18n import current_locale
from petitions.platform.limits import Bucket, Limiter, network_of
from petitions.web.access import MARK
from petitions.web.edge import OVER

EXTENSION = "petitions.limits"
LOG = logging.getLogger("petitions.web.limits")
Counted = tuple[Bucket, str]
"""The bucket, and the step of it that is counted for itself."""

COUNTED: Final[Mapping[tuple[str, str], Counted]] = {
    # three requests begin one login; /identity/start and /identity/go ask `login_step`, because
    # only they know the reader's language
    ("GET", "signing.start"): (Bucket.LOGINS, "ask"),
    ("GET", "signing.withdraw_start"): (Bucket.LOGINS, "ask"),
    ("GET", "logins.author_start"): (Bucket.LOGINS, "ask"),
    ("GET", "logins.staff_sign_in"): (Bucket.STAFF_LOGINS, ""),
    ("POST", "signing.sign"): (Bucket.CONFIRMATIONS, ""),
    ("POST", "signing.withdraw"): (Bucket.CONFIRMATIONS, ""),
}
UNCOUNTED: Final = frozenset({"logins.staff_sign_out", "logins.author_sign_out", "following.stop"})
"""Forms that end something: nobody is kept from leaving, and the machines of a great mail service
stop mails for millions from a few networks (RFC 8058).
"""


@dataclass(slots=True)
class Doorkeeper:
    """`hops`: proxies in front whose word about the client is believed (`web.trusted_proxies`)."""

    limiter: Limiter
    hops: int
    clock: Callable[[], datetime]
    warned: bool = field(default=False)

    def wait_until(self, bucket: Bucket, step: str = "") -> datetime | None:
        """Count this request; the minute until which to wait, None to go on."""
        peer = request.environ.get("REMOTE_ADDR") or ""
        forwarded = request.environ.get("HTTP_X_FORWARDED_FOR") or ""
        network = network_of(peer, forwarded, self.hops)
        if network is None:
            self._warn()
            return None
        return self.limiter.attempt(bucket, network, self.clock(), step)

    def _warn(self) -> None:
        """Once per process: a proxy that names nobody makes every limit idle."""
        if self.hops and not self.warned:
            self.warned = True
            LOG.warning("limits idle: the proxy sends no usable X-Forwarded-For")


def install_limits(app: Flask, keeper: Doorkeeper) -> None:
    """Install it before whatever reads forms or opens sessions."""
    app.extensions[EXTENSION] = keeper

    @app.before_request
    def count() -> None:
        found = counted(app)
        if found is None:
            return
        until = keeper.wait_until(*found)
        if until is None:
            return
        error = too_many(until, keeper.clock())
        if found[0] is Bucket.AUTHOR_FORMS:
            setattr(g, OVER, error)
        else:
            raise error

    @app.after_request
    def tell(answer: Response) -> Response:
        """A form of an author that is shown again: the page is the same, the status is not."""
        over = g.get(OVER)
        if over is not None and over.facts.get("raised"):
            answer.status_code = over.status
            answer.headers["Retry-After"] = str(over.facts["retry_after"])
        return answer


def counted(app: Flask) -> Counted | None:
    """What this request counts as. A new form is never forgotten: the rules cover it."""
    endpoint = request.endpoint or ""
    method = "GET" if request.method == "HEAD" else request.method
    listed = COUNTED.get((method, endpoint))
    if listed is not None or method != "POST" or endpoint in UNCOUNTED:
        return listed
    if request.blueprint == "identity":
        # a provider ends sessions (back channel); forms of a login by e-mail ask `login_step`
        return (Bucket.LOGOUTS, "") if endpoint == "identity.staff_logout" else None
    access = getattr(app.view_functions.get(endpoint), MARK, "")
    if access == "author":
        return Bucket.AUTHOR_FORMS, ""
    return (Bucket.FOLLOWS, "") if access in {"everybody", "signer"} else None


def too_many(until: datetime, at: datetime) -> TooManyError:
    """The refusal, with the time of day of the site's zone."""
    return TooManyError(
        until=time_of_day(until), retry_after=max(1, ceil((until - at).total_seconds()))
    )


def time_of_day(at: datetime) -> str:
    return f"{at.astimezone(current_locale().zone):%H:%M}"


def login_step(step: str) -> datetime | None:
    """For the identity zone: until when a login's step has to wait, None to go on."""
    keeper = cast("Doorkeeper", current_app.extensions[EXTENSION])
    return keeper.wait_until(Bucket.LOGINS, step)
