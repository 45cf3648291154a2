"""Planted values, every form in which one could lie about, and the search for them.

A canary is found whether it was stored as it is, in another encoding, or under a hash without a key:
whoever knows the value (an e-mail address, a date of birth) could confirm it in each of these forms.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, inspect

from tests.postgres import _libpq

HEAD = 6
"""Bytes: what is shorter cannot be told from chance."""


@dataclass(frozen=True)
class Canary:
    name: str
    value: bytes

    @classmethod
    def of(cls, name: str, text: str) -> Canary:
        return cls(name, text.encode())


@dataclass(frozen=True)
class Leak:
    canary: str
    form: str
    place: str


def forms(value: bytes) -> Iterator[tuple[str, bytes]]:
    """(name of the form, bytes to look for) of a value and of its hashes without a key."""
    yield from _encodings("", value)
    text = _text(value)
    if text is not None:
        for order in ("utf-16-le", "utf-16-be"):
            yield order, text.encode(order)
        yield "percent", quote(text, safe="").encode()
        yield "json", "".join(f"\\u{ord(c):04x}" if ord(c) > 126 else c for c in text).encode()
    for algorithm in ("md5", "sha1", "sha256"):
        yield from _encodings(f"{algorithm} ", hashlib.new(algorithm, value).digest())


def _encodings(prefix: str, value: bytes) -> Iterator[tuple[str, bytes]]:
    yield f"{prefix}raw", value
    yield f"{prefix}hex", value.hex().encode()
    yield f"{prefix}HEX", value.hex().upper().encode()
    for offset in range(3):
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            # what does not depend on the bytes before and after
            whole = encode(b"\x00" * offset + value)
            start = (0, 2, 3)[offset]
            length = (len(value) + offset) * 8 // 6
            yield f"{prefix}{name}+{offset}", whole[start:length]
    yield f"{prefix}percent bytes", "".join(f"%{byte:02X}" for byte in value).encode()


def _text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def search(places: Mapping[str, bytes], canaries: Iterable[Canary]) -> list[Leak]:
    """Every canary in every form, in every place.

    Each place is gone through once, in steps of one byte: what begins like one of the thousands of
    forms is compared with it. Looking for each of them in each place takes ten times as long.
    """
    wanted: dict[bytes, list[tuple[str, str, bytes]]] = {}
    for canary in canaries:
        for form, whole in set(forms(canary.value)):
            assert len(whole) >= HEAD, (
                f"{canary.name} as {form} is too short to be told from chance"
            )
            wanted.setdefault(whole[:HEAD], []).append((canary.name, form, whole))
    known = frozenset(wanted)
    return [
        Leak(name, form, place)
        for place, held in places.items()
        for head in known.intersection(_heads(held))
        for name, form, whole in wanted[head]
        if whole in held
    ]


def _heads(held: bytes) -> list[bytes]:
    """Every run of so many bytes."""
    return [held[at : at + HEAD] for at in range(len(held) - HEAD + 1)]


def files_under(folder: Path) -> dict[str, bytes]:
    """Every file below: database and its log, published files, letters, keys."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def dumped(engine: Engine) -> dict[str, bytes]:
    """Every row of every table as text, as `pg_dump` writes it; SQLite's file is searched itself."""
    if engine.dialect.name == "sqlite":
        return {}
    import psycopg

    tables = inspect(engine).get_table_names()
    assert "signature" in tables
    uri = engine.url.difference_update_query(["options"]).render_as_string(hide_password=False)
    found = {}
    with psycopg.connect(_libpq(uri)) as connection, connection.cursor() as cursor:
        for table in tables:
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                found[f"table {table}"] = b"".join(bytes(piece) for piece in copy)
            rows = cursor.execute(f'SELECT row_to_json(x)::text FROM "{table}" x').fetchall()
            found[f"table {table} as JSON"] = "\n".join(row[0] for row in rows).encode()
    return found
