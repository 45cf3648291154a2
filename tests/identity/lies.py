"""One lie each: functions that make the provider of the tests answer wrongly in one way."""

from __future__ import annotations

import base64
import json
from typing import Any

from werkzeug.wrappers import Response

from tests.identity.lying_provider import (
    ABSENT,
    LyingProvider,
    as_json,
    half_hash,
    keyed_with,
    new_key,
    unsigned,
    weak_key,
)


def claims(**changed: Any) -> Any:
    return lambda provider: provider.lies.id_claims.update(changed)


def user(**changed: Any) -> Any:
    return lambda provider: provider.lies.user_claims.update(changed)


def times(**apart: int) -> Any:
    """Claims that are so many seconds from now."""
    return lambda p: p.lies.id_claims.update({n: int(p.clock()) + far for n, far in apart.items()})


def user_times(**apart: int) -> Any:
    return lambda p: p.lies.user_claims.update(
        {n: int(p.clock()) + far for n, far in apart.items()}
    )


def header(**changed: Any) -> Any:
    return lambda provider: provider.lies.header.update(changed)


def told(**changed: Any) -> Any:
    return lambda provider: provider.lies.token_answer.update(changed)


def callback(**changed: Any) -> Any:
    return lambda provider: provider.lies.callback.update(changed)


def token_response(response: Response) -> Any:
    return lambda provider: setattr(provider.lies, "token_response", response)


def user_response(response: Response) -> Any:
    return lambda provider: setattr(provider.lies, "user_response", response)


def signed_by(kid: str) -> Any:
    """A foreign key, under a kid of the attacker's choice."""

    def lie(provider: LyingProvider) -> None:
        foreign = new_key(provider.alg, kid)
        provider.lies.sign = lambda head, body: provider.sign_raw(
            {**head, "kid": kid}, json.dumps(body).encode(), foreign
        )

    return lie


def key_in_header(provider: LyingProvider) -> None:
    foreign = new_key(provider.alg, "brought-along")
    provider.lies.sign = lambda head, body: provider.sign_raw(
        {**head, "jwk": foreign.as_dict(private=False)}, json.dumps(body).encode(), foreign
    )


def own_key_in_header(provider: LyingProvider) -> None:
    provider.lies.header["jwk"] = provider.key.as_dict(private=False)


def not_signed(provider: LyingProvider) -> None:
    provider.lies.sign = unsigned


def keyed_with_public_key(provider: LyingProvider) -> None:
    provider.lies.sign = keyed_with(provider.key.as_pem(private=False))  # type: ignore[union-attr]


def keyed_with_secret(provider: LyingProvider) -> None:
    provider.lies.sign = keyed_with(provider.secret.encode())


def damaged(text: str) -> str:
    """The last byte but one of the signature, changed (the last holds spare bits)."""
    head, _, signature = text.rpartition(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[-2] ^= 1
    return f"{head}.{base64.urlsafe_b64encode(bytes(raw)).rstrip(b'=').decode()}"


def damaged_token(provider: LyingProvider) -> None:
    provider.lies.text = damaged


def damaged_userinfo(provider: LyingProvider) -> None:
    if provider.encrypted:
        provider.lies.user_text = lambda text: text[:-4] + "AAAA"
    else:
        provider.lies.user_text = damaged


def raw_payload(payload: bytes) -> Any:
    def lie(provider: LyingProvider) -> None:
        provider.lies.sign = lambda head, _body: provider.sign_raw(head, payload)

    return lie


def changed_text(old: str, new: str) -> Any:
    """Change the JSON text before it is signed: what a dict cannot say."""

    def lie(provider: LyingProvider) -> None:
        def sign(head: Any, body: Any) -> str:
            text = json.dumps(body).replace(old, new)
            assert new in text
            return provider.sign_raw(head, text.encode())

        provider.lies.sign = sign

    return lie


def bad_time(name: str, text: str) -> Any:
    def lie(provider: LyingProvider) -> None:
        def sign(head: Any, body: Any) -> str:
            body.pop(name)
            return provider.sign_raw(
                head, (json.dumps(body)[:-1] + f', "{name}": {text}}}').encode()
            )

        provider.lies.sign = sign

    return lie


def critical(provider: LyingProvider) -> None:
    provider.lies.header.update(crit=["b64"], b64=True)


def two_keys(*, use: str | None = None, alg: str | None = None, count: int = 1) -> Any:
    """The published set holds other keys than a good provider's."""

    def lie(provider: LyingProvider) -> None:
        listed = [provider.key.as_dict(private=False) for _ in range(count)]
        for each in listed:
            each.update({k: v for k, v in {"use": use, "alg": alg}.items() if v})
        provider.lies.keys_response = as_json({"keys": listed})

    return lie


def metadata(**changed: Any) -> Any:
    return lambda provider: provider.lies.metadata.update(changed)


def metadata_response(response: Response) -> Any:
    return lambda provider: setattr(provider.lies, "metadata_response", response)


def listed_keys(keys: Any, **more: Any) -> Any:
    return lambda provider: setattr(provider.lies, "keys_response", as_json({"keys": keys, **more}))


def unnamed_key_among_two(provider: LyingProvider) -> None:
    provider.lies.header["kid"] = ABSENT
    other = new_key(provider.alg, "provider-2")
    listed_keys([key.as_dict(private=False) for key in (provider.key, other)])(provider)


def weak_keys(provider: LyingProvider) -> None:
    key = weak_key("provider-1")
    listed_keys([key.as_dict(private=False)])(provider)
    provider.lies.sign = lambda head, body: provider.sign_raw(
        {**head, "alg": "RS256"}, json.dumps(body).encode(), key
    )


def not_encrypted(provider: LyingProvider) -> None:
    provider.lies.plain = True


def sealed_text(text: str) -> Any:
    """What stands in the place of the signed token, encrypted where answers are."""
    return lambda provider: setattr(provider.lies, "text", lambda _good: text)


def sealed_by(**head: str) -> Any:
    """Encrypted by other algorithms, or with a header that says so."""
    return lambda provider: provider.lies.sealing.update(head)


def compressed(provider: LyingProvider) -> None:
    provider.lies.sealing["zip"] = "DEF"


def half_hash_of(name: str) -> Any:
    """at_hash by a hash that is not the one of the signature."""

    def lie(provider: LyingProvider) -> None:
        def change(body: Any) -> None:
            body["at_hash"] = half_hash(next(reversed(provider.access)), name)

        provider.lies.id_change = change

    return lie


def by_algorithm(alg: str) -> Any:
    """A header that names this algorithm, and some bytes for a signature."""

    def lie(provider: LyingProvider) -> None:
        def make(head: Any, body: Any) -> str:
            parts = (json.dumps({**head, "alg": alg}).encode(), json.dumps(body).encode(), b"bytes")
            return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)

        provider.lies.sign = make

    return lie
