"""The whole site as `create_app` builds it, whose citizens log in at providers of others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.outside.provider import Outside, as_toml
from tests.web.town import PORT, Town, build_site, close_site, write_config

REALM = 'attributes = ["birthdate", "resident_of"]'


def write_outside_config(folder: Path, uri: str, outside: Outside, port: int, record: Any) -> Path:
    """The demonstration's settings on this database, with the one provider in both realms."""
    config = write_config(folder, uri, 1)
    text = config.read_text(encoding="utf-8")
    begin, end = text.index("[identity.providers.demo]"), text.index("[identity.providers.staff]")
    providers = f"[identity.providers]\n{outside.name} = {as_toml(record)}\n\n"
    text = text[:begin] + providers + text[end:]
    text = text.replace('providers = ["demo"]', f'providers = ["{outside.name}"]')
    text = text.replace(f"127.0.0.1:{PORT}", f"127.0.0.1:{port}")
    assert REALM in text
    config.write_text(text, encoding="utf-8")
    return config


@contextmanager
def outside_town(
    folder: Path, uri: str, outside: Outside, *, port: int = PORT, **changed: Any
) -> Iterator[Town]:
    """A town without providers of ours; on the real clock, as the provider is."""
    record = {**outside.record, **changed}
    site, settings = build_site(write_outside_config(folder, uri, outside, port, record))
    site.at = datetime.now(UTC)
    try:
        yield Town(site, settings, None, None, folder)  # type: ignore[arg-type]
    finally:
        close_site(site)
