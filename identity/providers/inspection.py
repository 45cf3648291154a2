"""A provider looked at before the first person is sent there: reachable, itself, and of our mind.

For `petitions doctor`. What is fetched is judged by the same code as in a login; then what the provider
announces is compared with what the record asks of it. No login is begun and no code is spent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc.jwk import import_key

from identity.errors import Cause, LoginRefused
from identity.key_fitness import signs
from identity.providers.back_channel import PUBLIC_BODY_MAX, Call, content_type
from identity.providers.breaker import Breaker
from identity.providers.clock_check import clocks_apart
from identity.providers.metadata import check_metadata, discovery_address
from identity.providers.oidc import ProviderApp
from identity.settings import ProviderSettings
from identity.strict_json import loads_object

_WHAT_TO_DO: Final[Mapping[str, str]] = {
    "provider_does_not_answer": "it does not answer at {at}; try that address from this machine, and "
    "look at its name (DNS), the firewall, the proxy and the certificate",
    "metadata_not_json": "{at} answers with something else than JSON; compare `issuer` with the "
    "provider's own papers",
    "metadata_of_another_issuer": "it calls itself by another name than `issuer`; write exactly what "
    "`issuer` says in {at}, and only after making sure that it is the right provider",
    "metadata_endpoint": "it names an endpoint that is not an address; tell the provider",
    "metadata_endpoint_not_https": "it names an endpoint without https; tell the provider",
    "metadata_endpoint_on_a_foreign_host": "it names an endpoint on another host; if that host is "
    "really the provider's, add it to `hosts`",
    "metadata_incomplete": "its metadata lack an endpoint that the record needs (authorization, token, "
    "keys; userinfo or pushed requests where the record uses them)",
    "keys_malformed": "its key set at {at} is none; tell the provider",
    "back_channel_redirect": "{at} sends us elsewhere, which is never followed; correct `issuer`",
    "body_too_long": "{at} answers without end; compare `issuer` with the provider's papers",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """`wrong`: logins fail, or would not be safe. Else it is worth a look."""

    sentence: str
    wrong: bool = True


def inspect(provider: ProviderSettings) -> Iterator[Remark]:
    """What the operator should hear of this provider; nothing at all if all is well."""
    record, at = provider.record, discovery_address(provider.record)
    try:
        told = _fetched(provider, at) if record.metadata is None else dict(record.metadata)
        checked = check_metadata(told, provider)
        yield from _announced(provider, told)
        at = str(checked["jwks_uri"])
        yield from _keys(provider, _fetched(provider, at))
    except LoginRefused as refusal:
        sentence = _WHAT_TO_DO.get(refusal.reason, f"it is refused ({refusal.reason})")
        yield Remark(sentence.format(at=at))
        return
    yield from _clock(provider)


def _fetched(provider: ProviderSettings, at: str) -> dict[str, Any]:
    app = ProviderApp(provider, Call(provider.record.timeouts, Breaker()), {})
    answer = app.read(at, body_max=PUBLIC_BODY_MAX)
    if answer.status_code != 200 or "json" not in content_type(answer):
        raise _not_json()
    try:
        return loads_object(answer.content)
    except ValueError:
        raise _not_json() from None


def _not_json() -> LoginRefused:
    return LoginRefused(Cause.NOT_VERIFIED, "metadata_not_json")


def _keys(provider: ProviderSettings, told: Mapping[str, Any]) -> Iterator[Remark]:
    listed, algs = told.get("keys"), provider.record.answer.algs
    if not isinstance(listed, list):
        yield Remark("its key set is none; tell the provider")
        return
    keys = []
    for each in listed:
        try:
            keys.append(import_key(each))
        except Exception:  # noqa: S112 - RFC 7517, 5: keys that are not understood are ignored
            continue
    if not any(not key.is_private and signs(key, alg) for key in keys for alg in algs):
        yield Remark(
            f"it publishes no key for {', '.join(algs)}; compare `answer.algs` with its papers: every "
            "login would be refused"
        )


def _announced(provider: ProviderSettings, told: Mapping[str, Any]) -> Iterator[Remark]:
    """Where the provider says what it can do, and the record asks for something else."""
    record = provider.record
    if not _offers(told, "id_token_signing_alg_values_supported", *record.answer.algs):
        offered = ", ".join(map(str, told["id_token_signing_alg_values_supported"]))
        yield Remark(
            f"it signs with {offered}, and `answer.algs` accepts {', '.join(record.answer.algs)} only; "
            "name an asymmetric one of its own"
        )
    if not _offers(told, "token_endpoint_auth_methods_supported", record.client.auth):
        yield Remark(
            f"it does not announce {record.client.auth}; compare `client.auth` with its papers",
            wrong=False,
        )
    for each in record.request.acr_values:
        if not _offers(told, "acr_values_supported", each):
            yield Remark(
                f"it does not announce the level {each}; compare `request.acr_values`", wrong=False
            )
    if record.request.pkce == "off" and "S256" in _listed(told, "code_challenge_methods_supported"):
        yield Remark("it announces PKCE; set `request.pkce` to S256 and try a login", wrong=False)
    if record.request.pkce == "S256" and not _offers(
        told, "code_challenge_methods_supported", "S256"
    ):
        yield Remark("it does not announce PKCE with S256; try a login", wrong=False)


def _listed(told: Mapping[str, Any], name: str) -> list[Any]:
    found = told.get(name)
    return found if isinstance(found, list) else []


def _offers(told: Mapping[str, Any], name: str, *wanted: str) -> bool:
    """Whether one of them is announced; a provider that announces nothing may offer anything."""
    listed = _listed(told, name)
    return not listed or any(each in listed for each in wanted)


def _clock(provider: ProviderSettings) -> Iterator[Remark]:
    try:
        apart = clocks_apart(provider)
    except LoginRefused:
        return  # it answered a moment ago; the next run tells
    except ValueError:
        yield Remark("it tells no time, so clocks were not compared", wrong=False)
        return
    if apart is not None:
        side, skew = "behind" if apart > 0 else "ahead of", provider.record.skew
        yield Remark(
            f"our clock is {abs(apart):.0f} seconds {side} its clock; logins fail beyond {skew} "
            "seconds: let this machine's clock be set by NTP (`timedatectl`), then look again",
            wrong=abs(apart) > skew,
        )
