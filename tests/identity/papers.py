"""The records of docs/providers.md as a table, and the secret files that they name."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from identity.settings import IdentitySettings, load

ROOT = Path(__file__).resolve().parents[2]
SITE = "https://petitions.example.org"
SECRET = "a-secret-that-nobody-has-guessed-yet"
PAGE = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = FENCE.findall(PAGE)


def whole() -> dict[str, Any]:
    """All blocks of the page as one `[identity]` table."""
    found: dict[str, Any] = {"providers": {}, "realms": {}}
    for block in BLOCKS:
        told = tomllib.loads(block)
        assert set(told) == {"identity"}
        for section, tables in told["identity"].items():
            assert not found[section].keys() & tables.keys()
            found[section] |= tables
    return found


@cache
def _private(kind: str, name: str) -> str:
    key: Any = RSAKey.generate_key(2048) if kind == "RSA" else ECKey.generate_key("P-256")
    return json.dumps(key.as_dict(private=True, kid=name))


def put_secrets(folder: Path, table: Mapping[str, Any]) -> None:
    """Every file that the records name, as the operator would make it."""
    files = {}
    for record in table["providers"].values():
        client = record.get("client", {})
        if "secret_file" in client:
            files[client["secret_file"]] = SECRET
        if "key_file" in client:
            kind = "RSA" if client["alg"].startswith(("RS", "PS")) else "EC"
            files[client["key_file"]] = _private(kind, client["key_file"])
        encrypted = record.get("answer", {}).get("encrypted", {})
        for file in encrypted.get("key_files", ()):
            kind = "RSA" if encrypted["alg"][0].startswith("RSA") else "EC"
            files[file] = _private(kind, file)
    for file, content in files.items():
        (folder / file).write_text(content)
        (folder / file).chmod(0o600)


def loaded(folder: Path, table: Mapping[str, Any], environment: str) -> IdentitySettings:
    put_secrets(folder, table)
    return load(table, environment=environment, base_url=SITE, secrets_directory=folder, environ={})
