"""What the provider says about a person: id_token, userinfo, pairwise subject, encryption.

Pure but for the signature's randomness: the time is an argument. Signature: ES256. Encryption
(profile `plus`): the signed token inside a JWE whose header repeats `iss` and `aud`.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import ECKey, Key, KeySet, KeySetSerialization

from .asking import Asked
from .people import Citizen, StaffMember
from .settings import Tenant

Claims = dict[str, object]
TOKEN_LIFE = 60
SIGNED = "ES256"
CONTENT_ENCRYPTION = "A256GCM"
_KEY_ENCRYPTION = {"EC": "ECDH-ES", "RSA": "RSA-OAEP-256"}


class NoEncryptionKey(Exception):  # noqa: N818
    """The client has published no key that its answers could be encrypted to."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A finished login, kept until its code and access token have expired."""

    asked: Asked
    subject: str
    told: Mapping[str, object]
    at: int


def new_signing_key() -> ECKey:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": SIGNED})
    key.ensure_kid()
    return key


def subject(sector_key: bytes, sector: str, person: str) -> str:
    """The pairwise `sub`: 64 hexadecimal digits and `v1`, another one in each sector."""
    parts = (part.encode() for part in (sector, person))
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.new(sector_key, framed, hashlib.sha256).hexdigest() + "v1"


def told(person: Citizen | StaffMember, claims: frozenset[str], today: date) -> Claims:
    """The claims that were asked for, and nothing else."""
    if isinstance(person, StaffMember):
        every: Claims = {"name": person.name, "groups": list(person.groups)}
    else:
        every = {
            "given_name": person.given_name,
            "family_name": person.family_name,
            "birthdate": person.born(today).isoformat(),
            "residence": person.residence,
            "nationality": person.nationality,
        }
    return {name: value for name, value in every.items() if name in claims}


def id_token(tenant: Tenant, key: ECKey, login: LoggedIn, access_token: str, now: int) -> str:
    """The signed id_token: lives 60 s; `amr` only where it was asked for."""
    claims: Claims = {
        "iss": tenant.issuer,
        "sub": login.subject,
        "aud": tenant.client.id,
        "iat": now,
        "exp": now + TOKEN_LIFE,
        "auth_time": login.at,
        "acr": login.asked.acr,
        "at_hash": half_hash(access_token),
    }
    if login.asked.nonce:
        claims["nonce"] = login.asked.nonce
    if login.asked.amr:
        claims["amr"] = ["user"]  # RFC 8176: somebody was there; no more can be said here
    if tenant.profile.claims_in_id_token:
        claims |= login.told
    return sign(key, claims)


def userinfo_claims(login: LoggedIn) -> Claims:
    return {"sub": login.subject, **login.told}


def signed_userinfo(tenant: Tenant, key: ECKey, login: LoggedIn, now: int) -> str:
    whole = userinfo_claims(login) | {
        "iss": tenant.issuer,
        "aud": tenant.client.id,
        "iat": now,
        "exp": now + TOKEN_LIFE,
    }
    return sign(key, whole)


def sign(key: ECKey, claims: Claims) -> str:
    header = {"typ": "JWT", "alg": SIGNED, "kid": key.kid}
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[SIGNED])


def half_hash(access_token: str) -> str:
    """`at_hash` of OpenID Connect Core 3.1.3.6 for ES256."""
    digest = hashlib.sha256(access_token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def encryption_key(published: Mapping[str, object]) -> Key:
    """The client's key for `use` enc (EC P-256 or RSA); NoEncryptionKey where there is none."""
    keys = published.get("keys")
    chosen = [
        one
        for one in (keys if isinstance(keys, list) else [])
        if isinstance(one, dict) and one.get("use") == "enc" and one.get("kty") in _KEY_ENCRYPTION
    ]
    if not chosen:
        raise NoEncryptionKey
    try:
        return KeySet.import_key_set(KeySetSerialization(keys=chosen[:1])).keys[0]
    except (JoseError, ValueError) as unusable:
        raise NoEncryptionKey from unusable


def encrypt(tenant: Tenant, key: Key, token: str) -> str:
    """A JWE around a signed token, its header bearing `iss` and `aud` as FranceConnect+'s does."""
    algorithm = _KEY_ENCRYPTION[key.key_type]
    header = {
        "alg": algorithm,
        "enc": CONTENT_ENCRYPTION,
        "cty": "JWT",
        "kid": key.kid,
        "iss": tenant.issuer,
        "aud": tenant.client.id,
    }
    lenient = JWERegistry(algorithms=[algorithm, CONTENT_ENCRYPTION], strict_check_header=False)
    return jwe.encrypt_compact(header, token, key, registry=lenient)
