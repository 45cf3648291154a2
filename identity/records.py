"""A provider is one settings record; there is no code per country. These are the records' shapes.

Unknown keys are refused, so that a misspelt check is never a check left out.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Level = Literal["email", "low", "substantial", "high"]
Source = Literal["id_token", "userinfo"]


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base: frozen, typed, nothing unknown."""


class ClientRecord(Record, frozen=True, kw_only=True):
    """Who we are at the provider. Secrets come from a file or from an environment variable."""

    id: str
    auth: Literal["client_secret_post", "client_secret_basic", "private_key_jwt"]
    secret_file: str | None = None
    secret_env: str | None = None
    secret: str | None = None  # demonstration and tests only
    key_file: str | None = None
    alg: str | None = None
    also_publish: tuple[str, ...] = ()  # key files of yesterday and tomorrow: shown, not used
    audience: Literal["issuer", "token_endpoint"] = "issuer"
    ttl: int = 60


class RequestRecord(Record, frozen=True, kw_only=True):
    """What we ask, the same for every petition of a realm."""

    scopes: tuple[str, ...] = ("openid",)
    acr_values: tuple[str, ...] = ()
    vtr: tuple[str, ...] = ()
    prompt: str | None = None
    pkce: Literal["S256", "off"] = "S256"
    par: bool = False
    claims: tuple[str, ...] = ()  # of the id_token, asked by name, such as "amr"


class EncryptedRecord(Record, frozen=True, kw_only=True):
    """Answers come encrypted to us: the algorithms, and our private keys (JWK files).

    While keys change there are two files, the newer one first: both open what comes.
    """

    alg: tuple[str, ...]
    enc: tuple[str, ...]
    key_files: tuple[str, ...]


class AnswerRecord(Record, frozen=True, kw_only=True):
    """How the provider's answers are signed, and what they must carry."""

    algs: tuple[str, ...]
    userinfo: Literal["none", "json", "jwt"] = "none"
    encrypted: EncryptedRecord | None = None
    at_hash: Literal["as_present", "required"] = "as_present"
    iss_parameter: Literal["as_announced", "required"] = "as_announced"


class PersonRecord(Record, frozen=True, kw_only=True):
    """Which claim is the person, in which space of keys, and what one key stands for."""

    namespace: str
    key: str = "sub"
    source: Source = msgspec.field(default="id_token", name="from")
    form: str = "exact"
    pattern: str | None = None
    stretch: bool = False
    one_per: Literal["person", "account", "card"]


class AttributeRecord(Record, frozen=True, kw_only=True):
    """One fact a realm may ask: the scope that brings it, the claim that carries it.

    `member` looks inside a claim that is an object; `codes` turns its values into the rulebooks'.
    `by_name` asks for the claim in the parameter `claims`, where no scope brings it.
    """

    scope: str | None = None
    claim: str | None = None
    member: str | None = None
    source: Source = msgspec.field(default="id_token", name="from")
    codes: dict[str, str] | None = None
    by_name: bool = False


class PageRecord(Record, frozen=True, kw_only=True):
    """What the chooser shows; `official` means the provider's own button is compulsory."""

    label: str | None = None
    button: Literal["plain", "official"] = "plain"
    logout: Literal["none", "id_token_hint"] = "none"
    explanation: str | None = None  # address of the provider's own "what is …?"


class TimeoutRecord(Record, frozen=True, kw_only=True):
    """Seconds: to connect, to read, for a whole callback."""

    connect: float = 2.0
    read: float = 5.0
    whole: float = 10.0


class ProviderRecord(Record, frozen=True, kw_only=True):
    """Everything we know of one OpenID provider."""

    kind: Literal["oidc"] = "oidc"
    issuer: str
    client: ClientRecord
    request: RequestRecord = RequestRecord()
    allowed_parameters: tuple[str, ...] | None = None
    answer: AnswerRecord
    person: PersonRecord
    assurance: dict[str, Level]
    attributes: dict[str, AttributeRecord] = {}
    page: PageRecord = PageRecord()
    metadata: dict[str, Any] | None = None  # static, instead of discovery
    hosts: tuple[str, ...] = ()
    skew: int = 30
    max_life: int = 3600
    timeouts: TimeoutRecord = TimeoutRecord()
    user_agent: str = "petition-engine"
    amr: tuple[str, ...] = ()  # one of them must be in the answer
    max_age: int | None = None
    request_object: bool = False  # our request travels signed (RFC 9101)


class RealmRecord(Record, frozen=True, kw_only=True):
    """What a rulebook names: who may vouch for a person, what is asked, what is declared."""

    providers: tuple[str, ...]
    attributes: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    proves: dict[str, bool | int | str | tuple[str, ...]] = {}


class RolesRecord(Record, frozen=True, kw_only=True):
    """Which values of which claim give which of our roles."""

    claim: str
    map: dict[str, str]
    source: Source = msgspec.field(default="id_token", name="from")


class StaffRecord(Record, frozen=True, kw_only=True):
    """Who works here. A second factor is asked by `assurance` (acr) or by `amr`, here or at the
    provider's record. Roles come from a claim or from the desk, never from both.
    """

    providers: tuple[str, ...]
    assurance: Level = "substantial"
    amr: tuple[str, ...] = ()  # where named, one of them must be in the answer, whatever the acr
    scopes: tuple[str, ...] = ()
    name: str = "name"
    name_source: Source = msgspec.field(default="id_token", name="name_from")
    roles_from: Literal["claim", "desk"] = "claim"
    roles: RolesRecord | None = None
    logout_type: Literal["as_present", "required"] = "as_present"  # typ of a logout token
