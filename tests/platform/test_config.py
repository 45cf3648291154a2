"""The settings file: the example starts as it stands, and what is wrong stops with path and reason."""

from __future__ import annotations

import copy
import re
import tomllib
import types
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest

from identity.providers.email.record import EmailRecord
from identity.records import ProviderRecord, RealmRecord, StaffRecord
from identity.settings import load
from petitions import border
from petitions.app import rulebook_library
from petitions.domain.errors import ConfigurationError
from petitions.platform.config import (
    Settings,
    database_uri,
    load_settings,
    read_secret,
    settings_from,
)

EXAMPLE = Path(__file__).resolve().parents[2] / "config.example.toml"
_HEADER = re.compile(r"#?\[([A-Za-z_.-]+)\]")
_KEY = re.compile(r"(#?)([A-Za-z_0-9]+) = (.*)")
SECRETS = ("web.secret", "mail.secret", "franceconnect.secret", "house.secret")


def example() -> dict[str, Any]:
    return tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))


def put_secrets(folder: Path) -> None:
    for name in SECRETS:
        (folder / name).write_text("a-secret-that-nobody-has-guessed-yet-0123456789\n")
        (folder / name).chmod(0o600)


def changed(path: str, value: Any) -> dict[str, Any]:
    """The example with one value changed; `...` takes the key away."""
    raw = copy.deepcopy(example())
    *tables, key = path.split(".")
    here = raw
    for table in tables:
        here = here[table]
    if value is ...:
        del here[key]
    else:
        here[key] = value
    return raw


def refusal(raw: dict[str, Any]) -> str:
    with pytest.raises(ConfigurationError) as refused:
        settings_from(raw, "config.toml")
    return str(refused.value)


# --- the example -------------------------------------------------------------------------------


def test_the_example_is_accepted_once_its_secrets_exist(tmp_path: Path) -> None:
    put_secrets(tmp_path)
    settings = settings_from(example(), str(EXAMPLE))
    assert settings.environment == "production"
    found = load(
        settings.identity,
        environment=settings.environment,
        base_url=settings.site.base_url,
        secrets_directory=tmp_path,
        environ={},
    )
    assert found.staff is not None and found.secure
    assert found.providers["franceconnect"].redirect_uri == (
        "https://petitions.example.org/identity/callback/franceconnect"
    )


def test_the_examples_realm_can_carry_the_rulebook_of_its_assembly(tmp_path: Path) -> None:
    put_secrets(tmp_path)
    raw = changed("keys.secrets_directory", str(tmp_path))
    settings = settings_from(raw, str(EXAMPLE))
    library = rulebook_library(settings)
    border.check_realms(border.load_identity(settings), library, settings.rulebooks.assemblies)
    del raw["identity"]["realms"]["franceconnect"]["proves"]
    bare = settings_from(raw, str(EXAMPLE))
    with pytest.raises(ConfigurationError, match="nothing proves or declares in_register"):
        border.check_realms(border.load_identity(bare), library, bare.rulebooks.assemblies)


def test_the_examples_own_secret_files_are_read_as_the_engine_reads_them(tmp_path: Path) -> None:
    put_secrets(tmp_path)
    settings = settings_from(example())
    for path, variable in (
        (settings.web.secret_file, "PETITIONS_SECRET_KEY"),
        (settings.mail.password_file, "PETITIONS_MAIL_PASSWORD"),
    ):
        assert len(read_secret(str(tmp_path / Path(path).name), variable, "x", {})) >= 32
    assert database_uri(settings, {}).startswith("postgresql://petitions@/")


# --- every key is documented -------------------------------------------------------------------


def documented() -> dict[str, dict[str, tuple[bool, str]]]:
    """Section → key → (commented out?, the value as written), inline tables left alone."""
    found: dict[str, dict[str, tuple[bool, str]]] = {"": {}}
    section = ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if header := _HEADER.fullmatch(line):
            section = header[1]
            found.setdefault(section, {})
        elif key := _KEY.fullmatch(line):
            found[section][key[2]] = (key[1] == "#", key[3])
    return found


def struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """The struct a field holds, through `| None`."""
    if get_origin(kind) in (types.UnionType, Union):
        return next((found for each in get_args(kind) if (found := struct_in(each))), None)
    return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


def struct_in_table(kind: Any) -> type[msgspec.Struct] | None:
    """The struct that a table of named records holds."""
    return struct_in(get_args(kind)[1]) if get_origin(kind) is dict else None


def sections_of(struct: type[msgspec.Struct], at: str) -> list[tuple[str, type[msgspec.Struct]]]:
    """A struct with the section of the example that documents it, and all structs below it."""
    found = [(at, struct)]
    for field in msgspec.structs.fields(struct):
        below = f"{at}.{field.encode_name}".lstrip(".")
        if inner := struct_in(field.type):
            found += sections_of(inner, below)
        elif inner := struct_in_table(field.type):
            name = "prb" if below == "site.assemblies" else "birthdate"
            found += sections_of(inner, f"{below}.{name}")
    return found


SHAPES = [
    *sections_of(Settings, ""),
    *sections_of(ProviderRecord, "identity.providers.franceconnect"),
    *sections_of(EmailRecord, "identity.providers.email"),
    *sections_of(RealmRecord, "identity.realms.franceconnect"),
    *sections_of(StaffRecord, "identity.staff"),
]


@pytest.mark.parametrize(("section", "struct"), SHAPES, ids=[section for section, _ in SHAPES])
def test_the_example_names_every_key_of_a_table_and_no_other(
    section: str, struct: type[msgspec.Struct]
) -> None:
    sections = documented()
    tables = {name.removeprefix(f"{section}.".lstrip(".")).split(".")[0] for name in sections}
    written = set(sections[section])
    known = {field.encode_name for field in msgspec.structs.fields(struct)}
    assert known - written - tables == set()
    assert written - known <= {"like"}


@pytest.mark.parametrize(("section", "struct"), SHAPES, ids=[section for section, _ in SHAPES])
def test_a_key_that_is_commented_out_shows_its_default(
    section: str, struct: type[msgspec.Struct]
) -> None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for key, (commented, text) in documented()[section].items():
        if not commented or key not in fields:
            continue
        field = fields[key]
        default = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        if default is None or default is msgspec.NODEFAULT:
            continue  # nothing to show: the line is an example
        shown = tomllib.loads(f"value = {text}")["value"]
        if key != "claim":
            assert shown == (list(default) if isinstance(default, tuple) else default), key


def test_every_setting_of_the_example_is_explained_above_it() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    house = lines.index("[identity.providers.house]")
    bare = []
    for number, line in enumerate(lines):
        above = lines[number - 1]
        if _KEY.fullmatch(line) and not (above.startswith("# ") or _KEY.fullmatch(above)):
            bare.append(line)
    assert bare == [lines[house + 1]]  # the second record repeats what the first one explains


# --- what is wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("site.base_ulr", "x", "site.base_ulr is not a known key, did you mean 'base_url'?"),
        ("wbe", {}, "wbe is not a known key, did you mean 'web'?"),
        ("log.colour", "x", "log.colour is not a known key"),
        ("site.base_url", ..., "site.base_url is required and missing"),
        ("log.anchor", ..., "log.anchor is required and missing"),
        ("keys", ..., "keys is required and missing"),
        ("environment", ..., "environment is required and missing"),
    ],
)
def test_an_unknown_or_missing_key_stops_with_its_path(
    path: str, value: Any, sentence: str
) -> None:
    assert refusal(changed(path, value)) == f"config.toml: {sentence}"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("web.port", "8000", "int"),
        ("web.port", 70_000, "65535"),
        ("web.workers", 0, ">= 1"),
        ("web.page_cache_seconds", 61, "60"),
        ("web.trusted_proxies", True, "int"),
        ("log.batch_max_wait", 43_201, "43200"),
        ("log.tick", 0, "> 0"),
        ("mail.transport", "pigeon", "pigeon"),
        ("mail.starttls", "yes", "bool"),
        ("environment", "staging", "staging"),
        ("site.name", "Petitions", "object"),
        ("rulebooks.assemblies", "senat", "array"),
    ],
)
def test_a_value_of_the_wrong_kind_stops_with_path_and_expectation(
    path: str, value: Any, expected: str
) -> None:
    sentence = refusal(changed(path, value))
    assert sentence.startswith(f"config.toml: {path}: ")
    assert expected in sentence


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("site.base_url", "https://x.example/petitions", "must be an address without a path"),
        ("site.base_url", "http://x.example", "must begin with https:// in production"),
        ("site.default_language", "nl", "must be one of"),
        ("site.languages", ["en", "fr", "nl"], "one name per language"),
        ("mail.host", ..., "is required when mail.transport is 'smtp'"),
        ("mail.transport", "folder", "is required when mail.transport is 'folder'"),
        ("rulebooks.assemblies", [], "must name at least one assembly"),
    ],
)
def test_a_value_that_contradicts_another_stops_with_the_path(
    path: str, value: Any, sentence: str
) -> None:
    assert sentence in refusal(changed(path, value))


def test_production_refuses_letters_to_a_folder_and_the_demo_takes_them() -> None:
    raw = changed("mail.transport", "folder")
    raw["mail"]["folder"] = "letters"
    assert refusal(raw) == "config.toml: mail.transport must be 'smtp' in production, got 'folder'"
    raw["environment"] = "demo"
    assert settings_from(raw).mail.transport == "folder"


@pytest.mark.parametrize(
    "uri",
    ["postgresql://petitions:geheim@localhost/petitions", "postgresql://:geheim@localhost/x"],
)
def test_a_password_in_the_database_address_is_refused_and_not_repeated(uri: str) -> None:
    sentence = refusal(changed("database.uri", uri))
    assert "database.uri must not hold a password" in sentence
    assert "geheim" not in sentence


# --- the file and its secrets ------------------------------------------------------------------


def test_a_file_that_is_missing_or_not_toml_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.toml"
    with pytest.raises(ConfigurationError, match="no such file; copy config"):
        load_settings(missing)
    broken = tmp_path / "broken.toml"
    broken.write_text("[site\n")
    with pytest.raises(ConfigurationError, match=r"broken\.toml: not valid TOML"):
        load_settings(broken)


def test_the_file_is_read_as_the_example_is(tmp_path: Path) -> None:
    copied = tmp_path / "config.toml"
    copied.write_bytes(EXAMPLE.read_bytes())
    assert load_settings(copied) == settings_from(example())


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    put_secrets(tmp_path)
    web = tmp_path / "web.secret"
    for mode in (0o640, 0o604, 0o666):
        web.chmod(mode)
        with pytest.raises(ConfigurationError, match="run chmod 600") as refused:
            read_secret(str(web), "PETITIONS_SECRET_KEY", "web.secret_file", {})
        assert "guessed" not in str(refused.value)
    web.chmod(0o600)
    assert read_secret(str(web), "PETITIONS_SECRET_KEY", "web.secret_file", {}).startswith("a-")


def test_a_short_secret_and_one_that_is_nowhere_are_refused(tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_text("geheim")
    short.chmod(0o600)
    for file, reason in (
        (str(short), "at least 32 characters"),
        (str(tmp_path / "none"), "cannot read"),
        ("", "set the environment variable PETITIONS_SECRET_KEY, or name a file"),
    ):
        with pytest.raises(ConfigurationError, match=reason) as refused:
            read_secret(file, "PETITIONS_SECRET_KEY", "web.secret_file", {})
        assert "geheim" not in str(refused.value)


def test_an_identity_secret_that_others_may_read_stops_the_start(tmp_path: Path) -> None:
    put_secrets(tmp_path)
    (tmp_path / "franceconnect.secret").chmod(0o644)
    settings = settings_from(changed("keys.secrets_directory", str(tmp_path)))
    with pytest.raises(ConfigurationError, match=r"franceconnect\.client\.secret_file"):
        border.load_identity(settings)


def test_the_variable_wins_over_the_file_and_the_file_over_the_setting(tmp_path: Path) -> None:
    kept = tmp_path / "uri"
    kept.write_text("postgresql://petitions:a-long-password@db.example.org/petitions\n")
    kept.chmod(0o600)
    settings = settings_from(changed("database.uri_file", str(kept)))
    assert database_uri(settings, {}).startswith("postgresql://petitions:a-long")
    told = {"PETITIONS_DATABASE_URI": "sqlite:///elsewhere"}
    assert database_uri(settings, told) == "sqlite:///elsewhere"


def test_a_database_that_is_nowhere_named_is_refused() -> None:
    settings = settings_from(changed("database.uri", ...))
    with pytest.raises(ConfigurationError, match=r"database\.uri: set it"):
        database_uri(settings, {})
