"""The `[identity]` table, typed and checked at start: a record that cannot be safe stops the start.

`load` reads the table, resolves `like`, fetches secrets, and names the path and the expectation
of whatever it refuses. What only the opening of a petition can check is in `identity.realms`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from identity.errors import SettingsRefused
from identity.providers.email.record import EmailRecord, EmailSettings, email_settings
from identity.record_checks import (
    NOT_CARRIED_OUT,
    check_namespace,
    check_provider,
    check_realm,
    check_staff,
    is_loopback,
)
from identity.records import ProviderRecord, RealmRecord, Record, StaffRecord
from identity.secret_files import (
    ClientSecrets,
    check_key_names,
    client_secrets,
    with_each_others_keys,
)

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_PATH = re.compile(r" - at `\$(.*)`$")
_T = TypeVar("_T", bound=Record)


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One provider: its record, and the secrets that the record only names."""

    name: str
    record: ProviderRecord
    secrets: ClientSecrets = field(repr=False)
    redirect_uri: str

    @property
    def label(self) -> str:
        return self.record.page.label or self.name

    def key_words(self) -> tuple[str, ...]:
        """All that makes a person's key, for the fingerprint of a realm."""
        person = self.record.person
        words = (self.name, self.record.issuer, self.record.client.id, person.namespace, person.key)
        return (*words, person.source, person.form, str(person.stretch), person.one_per)

    @property
    def hosts(self) -> frozenset[str]:
        """Hosts on which an endpoint may lie: the issuer's, and those the record adds."""
        return frozenset({urlsplit(self.record.issuer).netloc, *self.record.hosts})


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """All providers, the realms that name them, and the staff's.

    `letterboxes` are the providers of kind "email"; `way` finds one of either kind.
    """

    providers: Mapping[str, ProviderSettings]
    realms: Mapping[str, RealmRecord]
    staff: StaffRecord | None
    base_url: str
    environment: str
    letterboxes: Mapping[str, EmailSettings] = field(default_factory=dict)

    def way(self, name: str) -> ProviderSettings | EmailSettings:
        """One way to prove who one is, of whatever kind. KeyError."""
        found = self.letterboxes.get(name)
        return self.providers[name] if found is None else found

    @property
    def secure(self) -> bool:
        """Cookies carry `Secure` and the prefix; only the loopback demonstration has no https."""
        return self.base_url.startswith("https://")

    def redirect_path(self, provider: str) -> str:
        return f"/identity/callback/{provider}"


def load(
    raw: Mapping[str, Any],
    *,
    environment: str,
    base_url: str,
    secrets_directory: Path,
    environ: Mapping[str, str] | None = None,
) -> IdentitySettings:
    """The checked `[identity]` table. SettingsRefused names the first path that is wrong.

    `environment` is `production`, `demo` or `test`; `environ` (the process's by default) is read
    for `secret_env` only.
    """
    variables = os.environ if environ is None else environ
    _check_site(base_url, environment, variables)
    for key in raw:
        if key not in ("providers", "realms", "staff"):
            raise SettingsRefused(f"identity.{key}", "no such setting")
    providers: dict[str, ProviderSettings] = {}
    letterboxes: dict[str, EmailSettings] = {}
    for name, table in _tables(raw, "providers").items():
        path = f"identity.providers.{name}"
        whole = _with_like(name, table, _tables(raw, "providers"))
        for key in sorted(whole.keys() & NOT_CARRIED_OUT.keys()):
            raise SettingsRefused(f"{path}.{key}", NOT_CARRIED_OUT[key])
        if whole.get("kind") == "email":
            letter = _typed(whole, EmailRecord, path)
            check_namespace(f"{path}.namespace", letter.namespace, environment)
            letterboxes[name] = email_settings(path, name, letter, secrets_directory)
            continue
        record = _typed(whole, ProviderRecord, path)
        check_provider(path, record, environment=environment, base_url=base_url)
        secrets = client_secrets(path, record, secrets_directory, environment, variables)
        redirect_uri = f"{base_url.rstrip('/')}/identity/callback/{name}"
        providers[name] = ProviderSettings(name, record, secrets, redirect_uri)
    held = {name: provider.secrets for name, provider in providers.items()}
    check_key_names(held)
    for name, secrets in with_each_others_keys(held).items():
        providers[name] = replace(providers[name], secrets=secrets)
    ways: dict[str, ProviderSettings | EmailSettings] = {**providers, **letterboxes}
    records = {name: way.record for name, way in ways.items()}
    realms = {
        name: _typed(table, RealmRecord, f"identity.realms.{name}")
        for name, table in _tables(raw, "realms").items()
    }
    for name, realm in realms.items():
        check_realm(f"identity.realms.{name}", realm, records)
    staff = None
    if "staff" in raw:
        staff = _typed(raw["staff"], StaffRecord, "identity.staff")
        check_staff("identity.staff", staff, records, realms)
    site = base_url.rstrip("/")
    return IdentitySettings(providers, realms, staff, site, environment, letterboxes)


def _check_site(base_url: str, environment: str, environ: Mapping[str, str]) -> None:
    site = urlsplit(base_url)
    if environment not in ("production", "demo", "test"):
        raise SettingsRefused("environment", "must be production, demo or test")
    if site.scheme not in ("http", "https") or not site.hostname or site.path.strip("/"):
        raise SettingsRefused("base_url", "must be scheme and host, such as https://example.org")
    if site.scheme == "http" and environment == "production":
        raise SettingsRefused("base_url", "must be https in production")
    if site.scheme == "http" and environment == "test" and not is_loopback(site.hostname):
        raise SettingsRefused("base_url", "may be http on loopback only")
    if environment == "production" and environ.get("AUTHLIB_INSECURE_TRANSPORT"):
        raise SettingsRefused("AUTHLIB_INSECURE_TRANSPORT", "must not be set in production")


def _tables(raw: Mapping[str, Any], section: str) -> Mapping[str, Mapping[str, Any]]:
    found = raw.get(section, {})
    if not isinstance(found, Mapping):
        raise SettingsRefused(f"identity.{section}", "must be a table")
    for name, table in found.items():
        if not _NAME.fullmatch(name):
            raise SettingsRefused(f"identity.{section}.{name}", "must be lower case and plain")
        if not isinstance(table, Mapping):
            raise SettingsRefused(f"identity.{section}.{name}", "must be a table")
    return found


def _with_like(
    name: str, table: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Take from the record named by `like` every key not given; tables given replace whole ones."""
    seen, merged, here = {name}, dict(table), dict(table)
    while "like" in here:
        other = here["like"]
        path = f"identity.providers.{name}.like"
        if not isinstance(other, str) or other not in tables:
            raise SettingsRefused(path, f"must name a provider, got {other!r}")
        if other in seen:
            raise SettingsRefused(path, "must not lead back to itself")
        seen.add(other)
        here = dict(tables[other])
        merged = {**here, **merged}
    merged.pop("like", None)
    return merged


def _typed(table: Any, shape: type[_T], path: str) -> _T:
    try:
        return msgspec.convert(table, type=shape)
    except msgspec.ValidationError as error:
        text = str(error)
        where = _PATH.search(text)
        inner = where.group(1) if where else ""
        raise SettingsRefused(f"{path}{inner}", text[: where.start()] if where else text) from None
