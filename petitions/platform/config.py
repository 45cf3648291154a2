"""Settings: one TOML file, typed, complete, refused with the path of what is wrong.

An unknown key stops the start, and so does a wrong value: the sentence names the file, the key's path
and what was expected. Secrets come from files or from the environment, never from the TOML file.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from petitions.domain.errors import ConfigurationError
from petitions.platform.site_settings import (
    Name,
    Refuse,
    Site,
    Strict,
    check_assemblies,
    check_site,
)

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Attempts = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Web(Strict, frozen=True):
    host: str = "127.0.0.1"
    port: Port = 8000
    workers: Positive = 2
    threads: Positive = 8
    secret_file: str = ""
    """File with the key that signs the anti-forgery cookie; or PETITIONS_SECRET_KEY."""
    page_cache_seconds: Annotated[int, msgspec.Meta(ge=0, le=60)] = 1
    trusted_proxies: Annotated[int, msgspec.Meta(ge=0, le=5)] = 0


class Database(Strict, frozen=True):
    uri: str = ""
    """`sqlite:///path` or `postgresql://…` without a password; or PETITIONS_DATABASE_URI."""
    uri_file: str = ""
    pool_size: Positive = 10


class TokenZone(Strict, frozen=True):
    token: Name
    """Label of the token."""
    pin_file: Name
    label: str = ""
    """Beginning of the labels of this zone's objects; default `<deployment>/<zone>/`."""


class Tokens(Strict, frozen=True):
    module: Name
    """Path of the PKCS#11 library."""
    identity: TokenZone | None = None
    petitions: TokenZone | None = None
    log: TokenZone | None = None


class Keys(Strict, frozen=True):
    directory: Name
    runtime_directory: Name
    """Memory-backed (tmpfs): the one-day keys live here and must never reach a disk or backup."""
    pepper: Name = "p1"
    """Version of the pepper that new petitions are pinned to; rotate by naming a new one."""
    secrets_directory: str = ""
    """Where client secrets of identity providers lie; file names there are relative to it."""
    replicas: dict[str, str] = msgspec.field(default_factory=dict)
    """Name → folder with a copy of every key."""
    backend: Literal["file", "pkcs11"] = "file"
    tokens: Tokens | None = None


class WitnessRecord(Strict, frozen=True):
    name: Name
    """For people: it stands on the log's page and in the policy file."""
    url: Name
    """Submission prefix (C2SP tlog-witness); `/add-checkpoint` is added to it."""
    vkeys: list[str]
    """Its verifier keys, Ed25519 (type 04) or ML-DSA-44 (type 06)."""


class Log(Strict, frozen=True):
    directory: Name
    """Published files: checkpoint, tiles, bundles. Any static file server can serve it."""
    anchor: Name
    """Append-only file outside the database and its backups: the fork guard's memory."""
    batch_min: Positive = 10
    batch_max_wait: Annotated[int, msgspec.Meta(ge=1, le=43_200)] = 3600
    """Seconds. More than 12 hours would break the inclusion promise of 24."""
    tick: Annotated[float, msgspec.Meta(gt=0, le=60)] = 2.0
    witnesses: list[WitnessRecord] = msgspec.field(default_factory=list)
    quorum: Annotated[int, msgspec.Meta(ge=0, le=32)] = 0
    """So many witnesses must cosign before `checkpoint` moves."""
    witness_wait: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 600
    """Seconds after which counts are shown without a quorum."""


class Sealing(Strict, frozen=True):
    objection_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 30
    """Days after the end of signing, the last one inclusive, before a petition may be sealed."""


class Limits(Strict, frozen=True):
    """Attempts from one network in ten minutes, as each process counts them; 0 = no limit."""

    logins: Attempts = 1200
    confirmations: Attempts = 1200
    follows: Attempts = 300
    author_forms: Attempts = 600
    staff_logins: Attempts = 300
    logouts: Attempts = 1200


class Removals(Strict, frozen=True):
    objection_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 14
    """Days between the public decision to declare signatures invalid and its effect."""


class Certificate(Strict, frozen=True):
    """The organisation's seal on closing certificates; without a key they bear none."""

    key_file: str = ""
    """PKCS#12 or PEM, readable by the operator's account alone."""
    chain_file: str = ""
    """PEM certificates: with a PEM key first the seal's own, then those above it."""
    password_file: str = ""
    """Of the key; or PETITIONS_SEAL_PASSWORD. Neither: the key has none."""
    tsa_url: str = ""
    """Time-stamping authority (RFC 3161)."""


class Data(Strict, frozen=True):
    """On what terms figures and texts may be used again."""

    licence: Name = "CC0 1.0"
    licence_url: str = "https://creativecommons.org/publicdomain/zero/1.0/"


class Share(Strict, frozen=True):
    """Posters, forms and pictures to share."""

    directory: str = ""
    """Where made posters and pictures are kept; without one there are no PDFs."""
    fonts: list[str] = msgspec.field(default_factory=list)
    """Font files for pictures, the first that has a text's letters is taken; default: the system's."""


class Mail(Strict, frozen=True):
    transport: Literal["smtp", "folder"]
    sender: Name
    folder: str = ""
    host: str = ""
    port: Port = 587
    starttls: bool = True
    username: str = ""
    password_file: str = ""
    followers_sender: str = ""
    """Of news to followers; default `sender`."""
    confirmations_sender: str = ""
    """Of the mails in which somebody confirms that they want to follow; default `sender`."""
    bounces: str = ""
    """Where mails to followers and letters to authors come back to: `bounces+<token>@…` (VERP)."""
    per_minute: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 600
    """Mails to followers in a minute; 0 = no limit."""
    letters: str = ""
    """Folder with `<assembly>/<letter>.<language>.txt`: texts that replace the engine's."""


class Rulebooks(Strict, frozen=True):
    assemblies: list[str]
    """Ids of the assemblies this site serves, the first is the site's own."""
    directory: str = ""
    """Default: the rulebooks that come with the engine."""
    postcodes: str = ""
    """Folder with `<area file>.csv`: lines `postcode,area`. Without one, people pick from a list."""


class Settings(Strict, frozen=True):
    environment: Literal["production", "demo", "test"]
    site: Site
    database: Database
    keys: Keys
    log: Log
    mail: Mail
    rulebooks: Rulebooks
    identity: dict[str, Any]
    """Read and judged by the identity zone itself."""
    web: Web = msgspec.field(default_factory=Web)
    limits: Limits = msgspec.field(default_factory=Limits)
    sealing: Sealing = msgspec.field(default_factory=Sealing)
    removals: Removals = msgspec.field(default_factory=Removals)
    certificate: Certificate = msgspec.field(default_factory=Certificate)
    data: Data = msgspec.field(default_factory=Data)
    share: Share = msgspec.field(default_factory=Share)


def _known(path: str) -> list[str]:
    kind: Any = Settings
    for part in [p for p in path.split(".") if p]:
        field = next((f for f in msgspec.structs.fields(kind) if f.name == part), None)
        if field is None or not isinstance(field.type, type):
            return []
        kind = field.type
    return [f.name for f in msgspec.structs.fields(kind)]


def _sentence(file: str, error: str) -> str:
    """Msgspec's message, with the path first and a hint for a misspelt key."""
    text, _, where = error.partition(" - at ")
    path = where.strip("`").removeprefix("$").lstrip(".")
    unknown = re.search(r"unknown field `(.+)`", text)
    if unknown:
        key = unknown.group(1)
        close = difflib.get_close_matches(key, _known(path), n=1)
        hint = f", did you mean '{close[0]}'?" if close else ""
        return f"{file}: {f'{path}.' if path else ''}{key} is not a known key{hint}"
    missing = re.search(r"missing required field `(.+)`", text)
    if missing:
        return f"{file}: {f'{path}.' if path else ''}{missing.group(1)} is required and missing"
    return f"{file}: {path or 'the file'}: {text[0].lower()}{text[1:]}"


def _check(settings: Settings, file: str) -> None:
    site, mail = settings.site, settings.mail

    def refuse(path: str, expected: str) -> None:
        raise ConfigurationError(f"{file}: {path} {expected}")

    check_site(site, refuse)
    if settings.environment == "production" and not site.base_url.startswith("https://"):
        refuse("site.base_url", f"must begin with https:// in production, got '{site.base_url}'")
    if mail.transport == "smtp" and not mail.host:
        refuse("mail.host", "is required when mail.transport is 'smtp'")
    if mail.transport == "folder" and not mail.folder:
        refuse("mail.folder", "is required when mail.transport is 'folder'")
    if mail.bounces and not re.fullmatch(r"[A-Za-z0-9._-]{1,20}@[A-Za-z0-9.-]+", mail.bounces):
        refuse("mail.bounces", f"must be a short address without a plus, got '{mail.bounces}'")
    if mail.transport == "folder" and settings.environment == "production":
        refuse("mail.transport", "must be 'smtp' in production, got 'folder'")
    check_assemblies(site, settings.rulebooks.assemblies, refuse)
    _check_keys(settings.keys, refuse)
    _check_certificate(settings.certificate, refuse)
    if not settings.rulebooks.assemblies:
        refuse("rulebooks.assemblies", "must name at least one assembly")
    if "://" in settings.database.uri and re.search(r"://[^@/]*:[^@/]*@", settings.database.uri):
        refuse("database.uri", "must not hold a password: use uri_file or PETITIONS_DATABASE_URI")


def _check_keys(keys: Keys, refuse: Refuse) -> None:
    taken = [Path(keys.directory)]
    for name, folder in keys.replicas.items():
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,19}", name):
            refuse(f"keys.replicas.{name}", "must be named by lower-case letters, digits, hyphens")
        place = Path(folder)
        if not folder or any(place.is_relative_to(o) or o.is_relative_to(place) for o in taken):
            refuse(f"keys.replicas.{name}", "must be a folder of its own, not inside another")
        taken.append(place)
    if (keys.backend == "pkcs11") != (keys.tokens is not None):
        refuse("keys.backend", "must be 'pkcs11' if and only if there is a table [keys.tokens]")
    if keys.tokens and not (keys.tokens.identity or keys.tokens.petitions or keys.tokens.log):
        refuse("keys.tokens", "must name the token of one zone or more")


def _check_certificate(seal: Certificate, refuse: Refuse) -> None:
    for name in ("chain_file", "password_file", "tsa_url"):
        if getattr(seal, name) and not seal.key_file:
            refuse(f"certificate.{name}", "serves nothing without certificate.key_file")
    if seal.tsa_url and not re.match(r"https?://[^\s]+$", seal.tsa_url):
        refuse("certificate.tsa_url", f"must be an http or https address, got '{seal.tsa_url}'")


def load_settings(path: Path) -> Settings:
    """Read and check the file. Raises ConfigurationError with a sentence for the operator."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path}: no such file; copy config.example.toml and name it with --config"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from None
    return settings_from(raw, str(path))


def settings_from(raw: Mapping[str, Any], file: str = "settings") -> Settings:
    try:
        settings = msgspec.convert(raw, Settings)
    except msgspec.ValidationError as error:
        raise ConfigurationError(_sentence(file, str(error))) from None
    _check(settings, file)
    return settings


def read_secret(
    file: str,
    variable: str,
    what: str,
    environ: Mapping[str, str] = os.environ,
    *,
    least: int = 32,
) -> str:
    """A secret from the environment, else from a file nobody else may read.

    `least`: characters it must have; 1 where somebody else chose it (a mail password, a URI).
    """
    if environ.get(variable):
        return _long_enough(environ[variable], what, f"the variable {variable}", least)
    if not file:
        raise ConfigurationError(f"{what}: set the environment variable {variable}, or name a file")
    path = Path(file)
    try:
        mode = path.stat().st_mode
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"{what}: cannot read {file}: {error.strerror}") from None
    if mode & 0o077:
        raise ConfigurationError(f"{what}: {file} can be read by others; run chmod 600 {file}")
    return _long_enough(secret, what, file, least)


def _long_enough(secret: str, what: str, where: str, least: int) -> str:
    if len(secret) < least:
        raise ConfigurationError(
            f"{what}: the secret in {where} must have at least {least} characters"
        )
    return secret


def database_uri(settings: Settings, environ: Mapping[str, str] = os.environ) -> str:
    if environ.get("PETITIONS_DATABASE_URI"):
        return environ["PETITIONS_DATABASE_URI"]
    if settings.database.uri_file:
        return read_secret(
            settings.database.uri_file, "PETITIONS_DATABASE_URI", "database.uri_file", least=1
        )
    if not settings.database.uri:
        raise ConfigurationError(
            "database.uri: set it, or database.uri_file, or the variable PETITIONS_DATABASE_URI"
        )
    return settings.database.uri
