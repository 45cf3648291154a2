"""What the demonstration provider is told when it starts, and where it refuses to start.

A profile is the conduct of a family of real providers. A tenant is one issuer with one client.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

# No secret at all: it keeps an invented person the same person after a restart.
DEMONSTRATION_SECTOR_KEY = b"demonstration provider: invented people only"
STAFF_ACR = "mfa"


class UnsafeStart(Exception):  # noqa: N818
    """The demonstration provider must not run here."""


class ClientAuth(StrEnum):
    """How a client proves itself at the token endpoint (OpenID Connect Core, section 9)."""

    POST = "client_secret_post"
    BASIC = "client_secret_basic"
    PRIVATE_KEY = "private_key_jwt"


class Audience(StrEnum):
    CITIZENS = "citizens"
    STAFF = "staff"


_ALWAYS = frozenset(("response_type", "client_id", "redirect_uri", "scope", "state", "nonce"))
_ASKING = frozenset(("acr_values", "claims", "prompt", "ui_locales"))
_PKCE = frozenset(("code_challenge", "code_challenge_method"))


@dataclass(frozen=True, slots=True)
class Profile:
    """The conduct of one family of providers.

    `parameters`: all that an authorization request may hold. `acr`: levels this provider knows.
    `stern`: faults of a request end on a page with a code, as at FranceConnect, and nonce, state
    and acr_values are compulsory; otherwise they are sent back as OAuth errors.
    """

    name: str
    parameters: frozenset[str]
    acr: tuple[str, ...]
    auth: tuple[ClientAuth, ...]
    stern: bool = False
    pkce: bool = False
    pushed: bool = False
    encrypted: bool = False
    signed_userinfo: bool = True
    claims_in_id_token: bool = False


_BY_SECRET_OR_KEY = (ClientAuth.POST, ClientAuth.PRIVATE_KEY)

STRICT = Profile(
    "strict",
    _ALWAYS | _ASKING | {"idp_hint"},
    ("eidas1",),
    _BY_SECRET_OR_KEY,
    stern=True,
)
PLUS = Profile(
    "plus",
    _ALWAYS | _ASKING | {"idp_hint"},
    ("eidas2", "eidas3"),
    _BY_SECRET_OR_KEY,
    stern=True,
    encrypted=True,
)
NORWEGIAN = Profile(
    "norwegian",
    _ALWAYS | _ASKING | _PKCE,
    ("idporten-loa-substantial", "idporten-loa-high"),
    (ClientAuth.PRIVATE_KEY,),
    pkce=True,
    pushed=True,
)
GENERIC = Profile(
    "generic",
    _ALWAYS | _ASKING | _PKCE | {"max_age", "login_hint", "response_mode", "display"},
    (STAFF_ACR, "low"),
    (ClientAuth.BASIC,),
    pkce=True,
    signed_userinfo=False,
    claims_in_id_token=True,
)
PROFILES: dict[str, Profile] = {one.name: one for one in (STRICT, PLUS, NORWEGIAN, GENERIC)}


@dataclass(frozen=True, slots=True)
class Client:
    """The one relying party of a tenant. `keys`: its public JWK set, or None; `keys_uri`: where it
    publishes them.
    """

    id: str
    name: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    left_uris: tuple[str, ...]
    secret: str | None = field(default=None, repr=False)
    keys: Mapping[str, object] | None = field(default=None, repr=False)
    keys_uri: str = ""


@dataclass(frozen=True, slots=True)
class Tenant:
    """One issuer: who logs in, how it behaves, for which client; `sector` keeps `sub` pairwise."""

    audience: Audience
    issuer: str
    profile: Profile
    client: Client
    sector: str


@dataclass(frozen=True, slots=True)
class DemoSettings:
    """Everything the provider needs.

    `site`: address of the petition site. `base`: own address as browsers see it; made of host and
    port where empty. `client_keys`: the petition site's public JWK set; where absent they are read
    from the site. `today`: the day ages are counted on; None means the real one.
    """

    site: str
    citizens_secret: str = field(repr=False)
    staff_secret: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8001
    base: str = ""
    lan: bool = False
    environment: str = "demo"
    profile: Profile = STRICT
    client_keys: Mapping[str, object] | None = field(default=None, repr=False)
    citizens_callback: str = "/identity/callback/demo"
    staff_callback: str = "/identity/callback/staff"
    left_path: str = "/identity/left"
    sector_key: bytes = field(default=DEMONSTRATION_SECTOR_KEY, repr=False)
    today: date | None = None

    @property
    def address(self) -> str:
        """Own address without a slash at the end."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return (self.base or f"http://{shown}:{self.port}").rstrip("/")


def tenants(settings: DemoSettings) -> tuple[Tenant, Tenant]:
    """The two issuers on the one port: citizens and staff."""
    site = settings.site.rstrip("/")
    left = (site + settings.left_path,)
    petitions = Client(
        "petitions",
        (
            "Petition site of the demonstration",
            "Site de pétitions de la démonstration",
            "Petitiesite van de demonstratie",
            "Petitionswebsite der Demonstration",
        ),
        (site + settings.citizens_callback,),
        left,
        settings.citizens_secret,
        settings.client_keys,
        f"{site}/identity/keys.json",
    )
    office = Client(
        "office",
        ("Petition office of the demonstration", "Service des pétitions de la démonstration"),
        (site + settings.staff_callback,),
        left,
        settings.staff_secret,
    )
    here = settings.address
    return (
        Tenant(Audience.CITIZENS, f"{here}/citizens", settings.profile, petitions, "demo"),
        Tenant(Audience.STAFF, f"{here}/staff", GENERIC, office, "demo-staff"),
    )


def refuse_unsafe_start(settings: DemoSettings, environ: Mapping[str, str]) -> None:
    """UnsafeStart in production, or where people outside this machine could log in unasked.

    Whoever reaches this provider can log in as anybody.
    """
    stated = (settings.environment, environ.get("PETITIONS_ENVIRONMENT", ""))
    if any(one.strip().casefold() == "production" for one in stated):
        raise UnsafeStart("the demonstration provider never runs in production")
    if not settings.lan and not _loopback(settings.host):
        raise UnsafeStart("the address to bind is not loopback; --lan says that this is meant")
    for address in (settings.site, settings.address):
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UnsafeStart("the addresses of site and provider must be http(s) addresses")
        if not settings.lan and not _loopback(parts.hostname):
            raise UnsafeStart("site and provider must be on this machine, unless --lan is given")
    if not settings.citizens_secret or not settings.staff_secret:
        raise UnsafeStart("both client secrets must be given")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
