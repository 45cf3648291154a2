"""The edge of the engine: what every view may reach, and how a request meets the database.

Rules of this module:
- a GET runs in a read-only transaction: it changes nothing, and the database says so;
- a view opens `reading()` or `writing()`; nothing below commits;
- the engine is handed in by the composition root and found here, never imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, cast
from uuid import UUID

from flask import Response, current_app, g, request
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session

from petitions.domain.errors import TooManyError, UnavailableError
from petitions.domain.outlines import Outlines
from petitions.domain.postcodes import Postcodes
from petitions.domain.staffing import RolesFrom
from petitions.platform.config import Settings
from petitions.platform.database import read_only, transaction
from petitions.services.ports import House
from petitions.services.salts import OpenPetitions
from petitions.storage.kept_numbers import Kept

EXTENSION = "petitions.engine"
OVER = "over_the_limit"
"""In `g`: the TooManyError of a request that may still show its form again, but write nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRequest:
    """What a login is for. `context` is opaque to the identity zone."""

    context: bytes
    purpose: str
    kid: str
    realm: str
    assurance: str
    on: date
    return_to: str
    lang: str
    rid: bytes
    who: Mapping[str, Any] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    area: str | None = None
    also: tuple[tuple[bytes, str], ...] = ()
    """(context, pepper version) of further values that the same login gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a finished login proves: u, never a name or a claim. `also`: u in further contexts."""

    u: bytes = field(repr=False)
    area: str | None
    classes: tuple[str, ...]
    declare: tuple[Mapping[str, Any], ...]
    jti: bytes = field(repr=False)
    expires: datetime
    also: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffProof:
    """`auth_time`: when the person typed something at the provider, None where it did not say. The
    marks find the sessions that the provider ends later; they lead to nobody.
    """

    key: bytes = field(repr=False)
    name: str
    roles: tuple[str, ...]
    auth_time: datetime | None
    subject_mark: bytes = field(repr=False)
    session_mark: bytes | None = field(repr=False)


class Border(Protocol):
    """The identity zone as the petition side sees it."""

    def ask(self, wanted: LoginRequest, now: datetime) -> str: ...
    def ask_staff(
        self, return_to: str, lang: str, rid: bytes, now: datetime, *, fresh: bool
    ) -> str:
        """`fresh`: the person must type something at the provider, now."""
        ...

    def open_pass(
        self, token: str, *, context: bytes, purpose: str, rid: bytes, now: datetime
    ) -> Proof:
        """Raises PassRefusedError."""
        ...

    def open_staff_pass(self, token: str, *, rid: bytes, now: datetime) -> StaffProof: ...
    def staff_login_to_leave(self) -> str:
        """The name of the house's login, where one can log out there too; else ""."""
        ...

    def identity_label(self, realm: str) -> str:
        """The name of the login people know: FranceConnect, …"""
        ...

    def judges(self, realm: str, who: Mapping[str, Any]) -> bool:
        """Whether a login there proves, or leaves to a declaration, all that `who` asks."""
        ...

    def keeps_login(self, realm: str) -> bool:
        """Whether a login there outlives the act, so that one can leave it."""
        ...

    def by_email(self, realm: str) -> bool:
        """Whether one proves nothing there but an e-mail address, whatever the rules would accept."""
        ...


class Seal(Protocol):
    """Short-lived cookies of our own, encrypted under a key that lives a day."""

    def seal(self, now: datetime, plain: bytes, aad: bytes) -> str: ...
    def open(self, now: datetime, token: str, aad: bytes) -> bytes | None: ...


Similar = Callable[[Session, str, str, str, int, Sequence[UUID]], Sequence[Any]]
"""(session, title, request, language, limit, excluded petitions) → likest first."""


@dataclass(frozen=True)
class Engine:
    settings: Settings
    house: House
    sessions: Callable[[], Session]
    border: Border
    seal: Seal
    clock: Callable[[], datetime]
    signer: URLSafeTimedSerializer
    similar: Similar
    secure: bool
    """False only on http loopback: cookies then carry neither Secure nor the __Secure- prefix."""
    quick_sessions: Callable[[], Session] | None = None
    """PostgreSQL: autocommit, for an act that is one statement. None on SQLite."""
    legal_clock: Callable[[], datetime | None] = lambda: None
    """None = the database's clock inside the transaction; tests set another."""
    roles_from: RolesFrom = RolesFrom.CLAIM
    """Where the roles of staff come from: the provider's claim, or the desk."""
    outlines: Mapping[tuple[str, str], Outlines] = field(default_factory=dict)
    """(assembly, area table) → what maps of signatures are drawn with."""
    postcodes: Mapping[str, Postcodes] = field(default_factory=dict)
    """The operator's tables by area file: a postcode is turned into an area and dropped."""
    likeness: dict[tuple[UUID, str], tuple[float, tuple[Any, ...]]] = field(default_factory=dict)
    """Links to similar petitions by (petition, language), kept for a while."""
    open_petitions: OpenPetitions = field(default_factory=OpenPetitions)
    list_numbers: Kept = field(default_factory=Kept)
    """Figures of great lists; its clock is set where the engine is put together."""


def engine() -> Engine:
    return cast("Engine", current_app.extensions[EXTENSION])


@contextmanager
def reading() -> Iterator[Session]:
    session = engine().sessions()
    try:
        yield read_only(session)
    finally:
        session.close()


@contextmanager
def writing() -> Iterator[Session]:
    """Commits at the end, rolls back on any error. Never in a GET, but for the end of a login.

    Raises TooManyError where the request came too often (`petitions.web.rate_limits`), and
    UnavailableError during maintenance.
    """
    over: TooManyError | None = g.get(OVER)
    if over is not None:
        over.facts["raised"] = True
        raise over
    if engine().settings.site.read_only:
        raise UnavailableError("read_only")
    with transaction(engine().sessions) as session:
        yield session


HOST_WIDE = frozenset({"staff", "author"})
"""Cookies with the path /: the browser keeps them from every other host of the domain."""


def cookie_name(base: str) -> str:
    if not engine().secure:
        return base
    return f"__Host-{base}" if base in HOST_WIDE else f"__Secure-{base}"


def cookie(base: str) -> str:
    return request.cookies.get(cookie_name(base), "")


def put_cookie(answer: Response, base: str, value: str, *, path: str, seconds: int) -> None:
    answer.set_cookie(
        cookie_name(base), value, max_age=seconds, path=path, secure=engine().secure,
        httponly=True, samesite="Lax",
    )  # fmt: skip


def drop_cookie(answer: Response, base: str, *, path: str) -> None:
    answer.delete_cookie(
        cookie_name(base), path=path, secure=engine().secure, httponly=True, samesite="Lax"
    )


def private(answer: Response) -> Response:
    """Pages of one person: no cache, no index, no prefetch."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def is_prefetch() -> bool:
    return "prefetch" in request.headers.get("Sec-Purpose", "") or (
        request.headers.get("Purpose") == "prefetch"
    )
