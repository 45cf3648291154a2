"""What a client may ask when it sends somebody to log in, and how each fault is answered.

Pure: no Flask, no clock. A fault of which the sender cannot be trusted ends on a page; the others
go back to the client. FranceConnect's codes: Y030007 parameters, Y04EA6EF client, Y04C013C return
address.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .settings import Audience, Tenant

PARAMETERS = "Y030007"
UNKNOWN_CLIENT = "Y04EA6EF"
UNKNOWN_RETURN = "Y04C013C"

SHORTEST_BY_GET = 22
SHORTEST_BY_POST = 32

# Claims that each scope asks for.
SCOPES: dict[Audience, dict[str, tuple[str, ...]]] = {
    Audience.CITIZENS: {
        "openid": (),
        "profile": ("given_name", "family_name"),
        "given_name": ("given_name",),
        "family_name": ("family_name",),
        "birthdate": ("birthdate",),
        "residence": ("residence",),
        "nationality": ("nationality",),
        "amr": (),
    },
    Audience.STAFF: {"openid": (), "profile": ("name",), "groups": ("groups",), "amr": ()},
}
# The house's own provider is set up to name its staff and their groups at each login.
_STANDING: dict[Audience, frozenset[str]] = {
    Audience.CITIZENS: frozenset(),
    Audience.STAFF: frozenset(("name", "groups")),
}
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_PROMPTS = ({"login"}, {"consent"}, {"login", "consent"})


class Fault(Exception):  # noqa: N818
    """The request ends here, on a page: the return address is not to be trusted."""

    def __init__(self, code: str, parameter: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.parameter = parameter


class SentBack(Exception):  # noqa: N818
    """The request goes back to the client with an OAuth error (RFC 6749 4.1.2.1)."""

    def __init__(self, error: str, redirect_uri: str, state: str) -> None:
        super().__init__(error)
        self.error = error
        self.redirect_uri = redirect_uri
        self.state = state


@dataclass(frozen=True, slots=True)
class Asked:
    """One accepted authorization request; `claims` are the names to be told, `amr` if asked for."""

    redirect_uri: str
    scope: tuple[str, ...]
    claims: frozenset[str]
    amr: bool
    acr: str
    state: str
    nonce: str
    challenge: str
    languages: str

    @property
    def anonymous(self) -> bool:
        """Nothing but `sub` was asked, and the person is told so."""
        return self.scope == ("openid",) and not self.claims and not self.amr


def read(tenant: Tenant, pairs: Iterable[tuple[str, str]], shortest: int) -> Asked:
    """Judge an authorization request; raise Fault or SentBack.

    `pairs`: the parameters as they came, repeated ones included. `shortest`: characters that state
    and nonce must have.
    """
    listed = list(pairs)
    given = dict(listed)
    _refuse_repeated(listed)
    if tenant.profile.stern:
        _sternly(tenant, given, shortest)
    redirect_uri = _return_address(tenant, given)
    error = _error(tenant, given)
    if error:
        raise SentBack(error, redirect_uri, given.get("state", ""))
    return _accepted(tenant, given, redirect_uri)


def _error(tenant: Tenant, given: dict[str, str]) -> str:
    """The OAuth error to send back, empty where the request can be served."""
    if not given.get("response_type"):
        return "invalid_request"
    if given["response_type"] != "code":
        return "unsupported_response_type"
    unknown = not given.keys() <= tenant.profile.parameters
    if unknown or given.get("response_mode", "query") != "query":
        return "invalid_request"
    if given.get("prompt") == "none":
        return "login_required"  # nobody stays logged in here
    if not _scope(tenant, given):
        return "invalid_scope"
    if _level(tenant, given) is None:
        return "invalid_acr"
    if _named_claims(given.get("claims")) is None:
        return "invalid_request"
    challenged = _CHALLENGE.fullmatch(given.get("code_challenge", ""))
    if tenant.profile.pkce and not (challenged and given.get("code_challenge_method") == "S256"):
        return "invalid_request"
    return ""


def _accepted(tenant: Tenant, given: dict[str, str], redirect_uri: str) -> Asked:
    scope = _scope(tenant, given)
    named = _named_claims(given.get("claims")) or frozenset()
    known = SCOPES[tenant.audience]
    wanted = {claim for one in scope for claim in known[one]}
    tellable = {claim for claims in known.values() for claim in claims}
    return Asked(
        redirect_uri=redirect_uri,
        scope=scope,
        claims=frozenset(wanted | (named & tellable)) | _STANDING[tenant.audience],
        amr="amr" in scope or "amr" in named,
        acr=_level(tenant, given) or "",
        state=given.get("state", ""),
        nonce=given.get("nonce", ""),
        challenge=given.get("code_challenge", ""),
        languages=given.get("ui_locales", ""),
    )


def _refuse_repeated(listed: list[tuple[str, str]]) -> None:
    repeated = [name for name, times in Counter(name for name, _ in listed).items() if times > 1]
    if repeated:
        raise Fault(PARAMETERS, repeated[0])


def _sternly(tenant: Tenant, given: dict[str, str], shortest: int) -> None:
    """FranceConnect's list: what is not on it, or is too short, ends on a page."""
    for name in given:
        if name not in tenant.profile.parameters:
            raise Fault(PARAMETERS, name)
    for name in ("response_type", "client_id", "redirect_uri", "scope", "acr_values"):
        if not given.get(name):
            raise Fault(PARAMETERS, name)
    for name in ("state", "nonce"):
        if len(given.get(name, "")) < shortest:
            raise Fault(PARAMETERS, name)
    if "prompt" in given and set(given["prompt"].split(" ")) not in _PROMPTS:
        raise Fault(PARAMETERS, "prompt")
    if _named_claims(given.get("claims")) is None:
        raise Fault(PARAMETERS, "claims")


def _return_address(tenant: Tenant, given: dict[str, str]) -> str:
    if given.get("client_id") != tenant.client.id:
        raise Fault(UNKNOWN_CLIENT, "client_id")
    redirect_uri = given.get("redirect_uri", "")
    if redirect_uri not in tenant.client.redirect_uris:
        raise Fault(UNKNOWN_RETURN, "redirect_uri")
    return redirect_uri


def _scope(tenant: Tenant, given: dict[str, str]) -> tuple[str, ...]:
    """The scopes asked, empty if one is unknown or `openid` is missing."""
    scope = tuple(dict.fromkeys(given.get("scope", "").split()))
    known = SCOPES[tenant.audience]
    return scope if "openid" in scope and all(one in known for one in scope) else ()


def _level(tenant: Tenant, given: dict[str, str]) -> str | None:
    """The level this login will have: the first asked; None if one is unknown."""
    asked = given.get("acr_values", "").split()
    if any(one not in tenant.profile.acr for one in asked):
        return None
    return asked[0] if asked else tenant.profile.acr[0]


def _named_claims(text: str | None) -> frozenset[str] | None:
    """Names in the `claims` parameter (OpenID Connect Core 5.5); None if it cannot be read."""
    if text is None:
        return frozenset()
    try:
        asked = json.loads(text)
        return frozenset(
            name for place in ("id_token", "userinfo") for name in dict(asked.get(place) or {})
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
