"""The one contract of every way to prove who one is: begin → the person is away → finish.

OpenID Connect fills it (`identity.providers.oidc`) and so does an e-mail address
(`identity.providers.email`). What comes after, eligibility, u and pass, knows no kind of login.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from identity.providers.asking import Wish
from identity.providers.attributes import Facts
from identity.providers.breaker import Breaker

__all__ = ["Adapter", "Departure", "Login", "Wish"]


@dataclass(frozen=True, slots=True)
class Departure:
    """What must be remembered until the person comes back, in the encrypted cookie.

    `at` is when they left, in seconds since the epoch.
    """

    url: str
    state: str
    nonce: str = field(repr=False)
    verifier: str | None = field(repr=False)
    at: float


@dataclass(frozen=True, slots=True)
class Login:
    """What every adapter answers: namespace, person key, level, facts. Lives for one request."""

    namespace: str
    key: str = field(repr=False)
    assurance: str
    facts: Facts = field(repr=False)
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    auth_time: float | None = None  # as the provider said it; an absent one is never made up
    id_token: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    session: str | None = field(default=None, repr=False)  # `sid`, for logout on the back channel
    methods: tuple[str, ...] = ()  # `amr`


class Adapter(Protocol):
    """One per provider and process; holds no person. Each step may raise LoginRefused."""

    @property
    def breaker(self) -> Breaker:
        """Closed while whoever must answer (a provider, a mail server) does."""
        ...

    def begin(self, wish: Wish, /) -> Departure:
        """Where to send the person: never a word about a petition."""
        ...

    def finish(self, departure: Departure, brought: str, wish: Wish, /) -> Login:
        """Who it is, from what came back with them: a code, or an address that was proved."""
        ...
