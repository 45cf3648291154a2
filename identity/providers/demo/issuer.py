"""One running issuer: its key, its client, and what it remembers from click to click.

Keys live in memory only and end with the process. Lives: login page 20 min, pushed request 60 s,
code 30 s, tokens 60 s.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from joserfc.jwk import ECKey

from . import tokens
from .asking import Asked
from .clients import ClientDoor, PublishedKeys
from .memory import Expiring, fingerprint
from .people import Citizen, StaffMember
from .settings import Tenant
from .tokens import LoggedIn

CODE_LIFE = 30
LOGIN_PAGE_LIFE = 1200
PUSHED_LIFE = 60
PUSHED_PREFIX = "urn:ietf:params:oauth:request_uri:"

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class OpenLogin:
    """A login page in somebody's browser; `browser` is the fingerprint of that browser's cookie."""

    asked: Asked
    browser: bytes


@dataclass(frozen=True, slots=True)
class Issued:
    """An authorization code: a finished login and the access token its first use will give."""

    login: LoggedIn
    access_token: str


class Issuer:
    """One tenant at work. `clock` gives seconds since 1970, `today` the day ages are counted on."""

    def __init__(
        self,
        tenant: Tenant,
        sector_key: bytes,
        keys: PublishedKeys,
        clock: Clock,
        today: Callable[[], date],
    ) -> None:
        self.tenant = tenant
        self.key: ECKey = tokens.new_signing_key()
        self.clock = clock
        self.door = ClientDoor(tenant, keys)
        self.client_keys = keys
        self.pages: Expiring[OpenLogin] = Expiring(LOGIN_PAGE_LIFE)
        self.pushed: Expiring[Asked] = Expiring(PUSHED_LIFE)
        self.today = today
        self._sector_key = sector_key
        self._codes: Expiring[LoggedIn] = Expiring(CODE_LIFE)
        self._spent: Expiring[str] = Expiring(CODE_LIFE + tokens.TOKEN_LIFE)
        self._access: Expiring[LoggedIn] = Expiring(tokens.TOKEN_LIFE)

    def open_page(self, asked: Asked, browser: str) -> str:
        """Remember a login page; return the ticket its form will bring back."""
        return self.pages.issue(OpenLogin(asked, fingerprint(browser)), self.clock())

    def page(self, ticket: str, browser: str) -> OpenLogin | None:
        """The page of this ticket, if it was shown in this very browser."""
        opened = self.pages.read(ticket, self.clock())
        return opened if opened and opened.browser == fingerprint(browser) else None

    def close_page(self, ticket: str) -> bool:
        """Use a ticket up; False if it was used before (a second click, another tab)."""
        return self.pages.take(ticket, self.clock()) is not None

    def log_in(self, asked: Asked, person: Citizen | StaffMember) -> str:
        """Finish a login; return the address that carries the code back to the client."""
        now = self.clock()
        finished = LoggedIn(
            asked=asked,
            subject=tokens.subject(self._sector_key, self.tenant.sector, person.key),
            told=tokens.told(person, asked.claims, self.today()),
            at=int(now),
        )
        return self.return_address(
            asked.redirect_uri, asked.state, code=self._codes.issue(finished, now)
        )

    def return_address(self, redirect_uri: str, state: str, **answer: str) -> str:
        """The client's address with the answer, the state and `iss` (RFC 9207)."""
        fields = {**answer, **({"state": state} if state else {}), "iss": self.tenant.issuer}
        return f"{redirect_uri}?{urlencode(fields)}"

    def redeem(self, code: str) -> Issued | None:
        """Spend a code. Shown twice, it is worth nothing and takes its access token with it
        (RFC 6749 4.1.2): one of the two who showed it is a thief.
        """
        now = self.clock()
        login = self._codes.take(code, now)
        if login is None:
            stolen = self._spent.take(code, now)
            if stolen is not None:
                self._access.drop(stolen)
            return None
        access_token = self._access.issue(login, now)
        self._spent.keep(code, access_token, now)
        return Issued(login, access_token)

    def drop(self, issued: Issued) -> None:
        """Take an access token back: the one who spent the code was not entitled to it."""
        self._access.drop(issued.access_token)

    def bearer(self, access_token: str) -> LoggedIn | None:
        return self._access.read(access_token, self.clock())

    def sealed(self, token: str) -> str:
        """The token as this profile sends it: encrypted to the client's key, or as it is."""
        if not self.tenant.profile.encrypted:
            return token
        published: Mapping[str, object] = self.client_keys() or {}
        return tokens.encrypt(self.tenant, tokens.encryption_key(published), token)
