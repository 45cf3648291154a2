"""A provider's metadata and keys: pinned, bounded, refreshed in time, refetched rarely.

The issuer in the metadata must be the record's; every endpoint is https on a host of the record.
Only the names below are kept: Authlib hands metadata to its HTTP session as settings, where a
provider's `"verify": false` would switch certificate checks off.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey, import_key

from identity.errors import Cause, IdentityRefused, LoginRefused
from identity.key_fitness import is_short
from identity.providers.opening import pick_key
from identity.records import ProviderRecord
from identity.settings import ProviderSettings

METADATA_TTL: Final = 24 * 3600.0
KEYS_TTL: Final = 3600.0
STALE_FOR: Final = 3600.0  # while refreshing fails, old keys serve this much longer
REFETCH_EVERY: Final = 60.0  # one fetch a minute for unknown kids or a silent provider
REFRESH_AT: Final = 0.8  # of the life, in the background
_ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
    "pushed_authorization_request_endpoint",
)
# (url) → JSON object; LoginRefused if there is none.
Fetch = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Known:
    """Something fetched, and when (monotonic seconds)."""

    value: Any
    at: float


class MetadataStore:
    """Metadata and keys of one provider in one process. `clock` is monotonic seconds."""

    def __init__(
        self,
        provider: ProviderSettings,
        clock: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self._provider = provider
        self._clock = clock
        self._start = start or _in_background
        self._lock = threading.Lock()
        self._metadata: Known | None = None
        self._keys: Known | None = None
        self._tries: dict[str, float] = {}
        self._refreshing = False
        self.keys_stale = False

    def metadata(self, fetch: Fetch) -> Mapping[str, Any]:
        """Checked metadata, at most 24 h old, 25 h while the provider is silent. LoginRefused."""
        known = self._metadata
        if known is None:
            return self._load_metadata(fetch)
        found: Mapping[str, Any] = self._in_time(
            known, METADATA_TTL, "metadata", lambda: self._load_metadata(fetch)
        )
        return found

    def key(self, fetch: Fetch, kid: str | None, alg: str) -> Key | None:
        """The provider's key for a signature, refetching once a minute at most if unknown."""
        found = pick_key(self._key_set(fetch), kid, alg)
        if found is None and self._may_try("unknown"):
            found = pick_key(self._load_keys(fetch), kid, alg)
        return found

    def _key_set(self, fetch: Fetch) -> KeySet:
        known = self._keys
        if known is None:
            return self._load_keys(fetch)
        found: KeySet = self._in_time(known, KEYS_TTL, "keys", lambda: self._load_keys(fetch))
        self.keys_stale = self._keys is known and self._clock() - known.at > KEYS_TTL
        return found

    def _in_time(self, known: Known, ttl: float, what: str, load: Callable[[], Any]) -> Any:
        """What is known, renewed before its end; an hour beyond it while nothing usable comes.

        Of all logins in that hour one a minute waits for the silent provider, not every one.
        """
        age = self._clock() - known.at
        if age > ttl + STALE_FOR:
            return load()
        if age > ttl and self._may_try(what):
            try:
                return load()
            except LoginRefused:
                if (self._metadata if what == "metadata" else self._keys) is None:
                    raise  # it did answer, with something that is not to be trusted
        elif ttl >= age > ttl * REFRESH_AT and not self._refreshing and self._may_try(what):
            self._soon(load)
        return known.value

    def _load_metadata(self, fetch: Fetch) -> Mapping[str, Any]:
        record = self._provider.record
        if record.metadata is not None:
            told: Mapping[str, Any] = record.metadata
        else:
            told = fetch(discovery_address(record))
        self._metadata = None  # an answer replaces what was known, also one that is refused
        checked = check_metadata(told, self._provider)
        self._metadata = Known(checked, self._clock())
        return checked

    def _load_keys(self, fetch: Fetch) -> KeySet:
        told = fetch(self.metadata(fetch)["jwks_uri"])
        self._keys = None  # keys that were withdrawn in a hurry must not serve on
        keys = _key_set(told)
        self._keys = Known(keys, self._clock())
        with self._lock:
            self._tries["unknown"] = self._clock()
        self.keys_stale = False
        return keys

    def _may_try(self, what: str) -> bool:
        """Once a minute, whatever the number of those who ask."""
        with self._lock:
            if self._clock() - self._tries.get(what, -REFETCH_EVERY) < REFETCH_EVERY:
                return False
            self._tries[what] = self._clock()
            return True

    def _soon(self, load: Callable[[], object]) -> None:
        with self._lock:
            if self._refreshing:
                return
            self._refreshing = True

        def refresh() -> None:
            try:
                load()
            except IdentityRefused:
                pass  # what we have still serves; a later login tries again
            finally:
                self._refreshing = False

        self._start(refresh)


def discovery_address(record: ProviderRecord) -> str:
    """Where the metadata lie: a final / of the issuer counts in its name, not here."""
    return record.issuer.rstrip("/") + "/.well-known/openid-configuration"


def check_metadata(told: Mapping[str, Any], provider: ProviderSettings) -> Mapping[str, Any]:
    """The few values we use, each checked. LoginRefused: metadata_*."""
    record = provider.record
    if told.get("issuer") != record.issuer:
        raise _refused("metadata_of_another_issuer")
    kept: dict[str, Any] = {"issuer": record.issuer}
    for name in _ENDPOINTS:
        if told.get(name) is not None:
            kept[name] = _endpoint(told[name], provider)
    needed = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
    if record.answer.userinfo != "none":
        needed.add("userinfo_endpoint")
    if record.request.par:
        needed.add("pushed_authorization_request_endpoint")
    if not needed <= set(kept):
        raise _refused("metadata_incomplete")
    announced = told.get("authorization_response_iss_parameter_supported") is True
    kept["authorization_response_iss_parameter_supported"] = announced
    return kept


def _endpoint(url: object, provider: ProviderSettings) -> str:
    scheme = urlsplit(provider.record.issuer).scheme
    if not isinstance(url, str):
        raise _refused("metadata_endpoint")
    parts = urlsplit(url)
    # Plain http only where the record itself is http (loopback, checked at start).
    if parts.scheme not in ("https", scheme) or parts.username is not None or parts.fragment:
        raise _refused("metadata_endpoint_not_https")
    if parts.netloc not in provider.hosts:
        raise _refused("metadata_endpoint_on_a_foreign_host")
    return url


def _key_set(told: Mapping[str, Any]) -> KeySet:
    """Public asymmetric keys only: a shared secret in a key set would verify HS256."""
    listed = told.get("keys")
    if not isinstance(listed, list):
        raise _refused("keys_malformed")
    keys: list[Key] = []
    for each in listed:
        try:
            key = import_key(each)
        except Exception:  # noqa: S112 - RFC 7517, 5: keys that are not understood are ignored
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey) and not key.is_private and not is_short(key):
            keys.append(key)
    if not keys:
        raise _refused("keys_missing")
    return _WithoutNames(keys)


class _WithoutNames(KeySet):
    """A key set as published: joserfc would give a kid to keys that have none."""

    def __init__(self, keys: list[Key]) -> None:
        self.keys = keys


def _in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="identity-refresh", daemon=True).start()


def _refused(reason: str) -> LoginRefused:
    return LoginRefused(Cause.NOT_VERIFIED, reason)
