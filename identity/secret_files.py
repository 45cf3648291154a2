"""Secrets of our clients: from files nobody else may read, or the environment; never inline."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey, import_key

from identity.errors import SettingsRefused
from identity.key_fitness import agrees, is_short, signs
from identity.records import ProviderRecord

_SECRET_MIN = 8


@dataclass(frozen=True, slots=True)
class ClientSecrets:
    """What a record only names: the client secret, the signing key, the decryption keys.

    `published` are signing keys shown to the provider and not used: tomorrow's, which its caches
    must know before the first use, and yesterday's, of which assertions may still be under way.
    """

    secret: str | None = field(default=None, repr=False)
    signing: Key | None = field(default=None, repr=False)
    decryption: KeySet | None = field(default=None, repr=False)
    published: tuple[Key, ...] = field(default=(), repr=False)
    elsewhere: tuple[Key, ...] = field(default=(), repr=False)

    @property
    def opening(self) -> KeySet | None:
        """Our own keys for this provider first, then those made for others (`elsewhere`).

        All stand at our one public address, so a provider may encrypt to any of them.
        """
        if self.decryption is None:
            return None
        return KeySet([*self.decryption, *self.elsewhere])


def client_secrets(
    path: str,
    record: ProviderRecord,
    directory: Path,
    environment: str,
    environ: Mapping[str, str],
) -> ClientSecrets:
    """Read what the record names. SettingsRefused: path and expectation, never a value."""
    client, encrypted = record.client, record.answer.encrypted
    secret, signing, decryption = None, None, None
    if client.auth == "private_key_jwt" and client.key_file is None:
        raise SettingsRefused(f"{path}.client.key_file", "needed by private_key_jwt")
    if client.key_file is not None:
        signing = _key(f"{path}.client.key_file", directory / client.key_file)
        _check_signing(f"{path}.client.alg", signing, client.alg)
    if client.auth != "private_key_jwt":
        secret = _secret(f"{path}.client", record, directory, environment, environ)
    if encrypted is not None:
        if not encrypted.key_files:
            raise SettingsRefused(f"{path}.answer.encrypted.key_files", "must name one key or more")
        where = f"{path}.answer.encrypted.key_files"
        decryption = KeySet([_key(where, directory / name) for name in encrypted.key_files])
        for key in decryption:
            if not any(agrees(key, alg) for alg in encrypted.alg):
                raise SettingsRefused(where, "must fit one of answer.encrypted.alg each")
    return ClientSecrets(secret, signing, decryption, _others(path, record, directory))


def with_each_others_keys(held: Mapping[str, ClientSecrets]) -> dict[str, ClientSecrets]:
    """Each provider's secrets, and the decryption keys that its siblings published."""
    opening = {name: tuple(secrets.decryption or ()) for name, secrets in held.items()}
    return {
        name: replace(
            secrets,
            elsewhere=tuple(
                key for other, keys in opening.items() if other != name for key in keys
            ),
        )
        for name, secrets in held.items()
    }


def check_key_names(held: Mapping[str, ClientSecrets]) -> None:
    """At our one address for keys a name is one key for one use: the provider picks by name.

    SettingsRefused if two keys share a name, or if one key both signs and opens.
    """
    seen: dict[str, tuple[str, str]] = {}
    for name, secrets in held.items():
        signing = () if secrets.signing is None else (secrets.signing,)
        used = [("sig", key) for key in (*signing, *secrets.published)]
        used += [("enc", key) for key in secrets.decryption or ()]
        for use, key in used:
            this = (use, key.thumbprint())
            if seen.setdefault(str(key.kid), this) != this:
                path = f"identity.providers.{name}"
                raise SettingsRefused(path, f"two keys or two uses share the name {key.kid!r}")


def _others(path: str, record: ProviderRecord, directory: Path) -> tuple[Key, ...]:
    where, client = f"{path}.client.also_publish", record.client
    keys = tuple(_key(where, directory / name) for name in client.also_publish)
    for key in keys:
        _check_signing(where, key, client.alg)
    if keys and client.key_file is None:
        raise SettingsRefused(where, "needs client.key_file")
    return keys


def private_text(path: str, file: Path) -> str:
    """Content of a secret file. SettingsRefused if others may read it."""
    try:
        handle = os.open(file, os.O_RDONLY)
    except OSError as error:
        raise SettingsRefused(path, f"the file {file.name} cannot be read") from error
    try:
        found = os.fstat(handle)
        mode = stat.S_IMODE(found.st_mode)
        # A secret delivered by root to our group (systemd, Kubernetes) is 0440; our own is 0600.
        group_is_meant = found.st_uid != os.geteuid() and not mode & 0o030
        if mode & 0o007 or (mode & 0o070 and not group_is_meant):
            raise SettingsRefused(path, f"the file {file.name} must be readable by its owner only")
        return os.read(handle, 64 * 1024).decode()
    except UnicodeDecodeError as error:
        raise SettingsRefused(path, f"the file {file.name} must be text") from error
    finally:
        os.close(handle)


def _secret(
    path: str, record: ProviderRecord, directory: Path, environment: str, environ: Mapping[str, str]
) -> str:
    client = record.client
    named = {
        "secret_file": client.secret_file,
        "secret_env": client.secret_env,
        "secret": client.secret,
    }
    given = [name for name, value in named.items() if value is not None]
    if len(given) != 1:
        raise SettingsRefused(path, "must have one of secret_file and secret_env")
    if client.secret is not None:
        if environment == "production":
            raise SettingsRefused(f"{path}.secret", "must be in a file or in the environment")
        secret = client.secret
    elif client.secret_env is not None:
        secret = environ.get(client.secret_env, "")
    else:
        secret = private_text(f"{path}.secret_file", directory / str(client.secret_file)).strip()
    if len(secret) < _SECRET_MIN:
        raise SettingsRefused(f"{path}.{given[0]}", f"must hold {_SECRET_MIN} characters or more")
    return secret


def _key(path: str, file: Path) -> Key:
    try:
        found = json.loads(private_text(path, file))
        key = import_key(found)
    except SettingsRefused:
        raise
    except Exception as error:  # the parser's words could quote the key
        raise SettingsRefused(path, f"the file {file.name} must hold one private JWK") from error
    if not isinstance(key, RSAKey | ECKey | OKPKey) or not key.is_private:
        raise SettingsRefused(path, f"the file {file.name} must hold one private JWK")
    if is_short(key):
        raise SettingsRefused(path, f"the key in {file.name} must have 2048 bits or more")
    key.ensure_kid()
    return key


def _check_signing(path: str, key: Key, alg: str | None) -> None:
    if alg is None or not signs(key, alg):
        raise SettingsRefused(path, "must name an algorithm that fits the key, such as ES256")
