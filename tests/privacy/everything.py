"""Everything a site holds at one moment, row by row and file by file, cut into pieces of 8 bytes.

Eight bytes are the shortest value that could tell one person from all others; a value that is part
of a longer one, or stands there as hexadecimal or base64, is found all the same.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from petitions.storage.tables import Base
from tests.web.town import Town

PIECE = 8
Key = tuple[str, ...]
Pieces = frozenset[bytes]
_HEX = re.compile(rb"[0-9a-fA-F]{16,}")
_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_WIDTH = re.compile(r"\.p/\d+$")


@dataclass(frozen=True)
class Moment:
    """(table and key, or path) → the values that lie there."""

    held: Mapping[Key, tuple[bytes, ...]]


def moment(town: Town) -> Moment:
    """All rows of all tables and all files but the database's own, which holds the rows."""
    held: dict[Key, tuple[bytes, ...]] = {}
    with town.site.session() as session:
        for table in Base.metadata.sorted_tables:
            keys = [column.name for column in table.primary_key.columns]
            for row in session.execute(table.select()).mappings():
                place = ("table", table.name, *(repr(row[key]) for key in keys))
                held[place] = tuple(_plain(row[column.name]) for column in table.columns)
    for path in sorted(town.folder.rglob("*")):
        if path.is_file() and not path.name.startswith("petitions.sqlite"):
            # a partial tile grows into the next wider one: it is the same file, later
            name = _WIDTH.sub("", str(path.relative_to(town.folder)))
            held["file", name] = (*held.get(("file", name), ()), path.read_bytes())
    return Moment(held)


def _plain(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True, ensure_ascii=False).encode()
    if isinstance(value, dt.date):
        return value.isoformat().encode()
    return b"" if value is None else str(value).encode()


def pieces(values: Iterable[bytes]) -> Pieces:
    """Each run of 8 bytes of the values and of what they encode; small numbers are no values."""
    found = set()
    for value in values:
        for read in (*_words(value), *_decoded(value)):
            found.update(read[at : at + PIECE] for at in range(len(read) - PIECE + 1))
    return frozenset(p for p in found if len(set(p)) > 4 and p.count(0) < 4)


def _words(value: bytes) -> list[bytes]:
    """A text word by word: what stands before a value, as the name of a key, is no part of it.

    Nor is what stands beside an identifier: a colon and one digit of it are alike in every sixteenth.
    """
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return [value]
    plain = all(letter.isprintable() or letter in "\n\r\t" for letter in text)
    return _UUID.sub(rb" \g<0> ", value).split() if plain else [value]


def _decoded(value: bytes) -> Iterator[bytes]:
    for word in _HEX.findall(value):
        for begin in (0, 1):
            yield bytes.fromhex(word[begin : begin + (len(word) - begin) // 2 * 2].decode())
    for word in _BASE64.findall(value):
        for begin in range(4):
            part = word[begin : begin + (len(word) - begin) // 4 * 4]
            with contextlib.suppress(binascii.Error):
                yield base64.b64decode(
                    part, altchars=b"-_" if b"-" in part or b"_" in part else None
                )


def new_pieces(before: Moment, after: Moment) -> dict[Key, Pieces]:
    """What came between two moments, place by place; what a place held before is no news of it."""
    found = {}
    for place, values in after.held.items():
        old = before.held.get(place)
        if old != values:
            new = pieces(values) - pieces(old or ())
            if new:
                found[place] = new
    return found


def shared(
    one: Mapping[Key, Pieces], other: Mapping[Key, Pieces], constants: Pieces
) -> dict[bytes, tuple[Key, Key]]:
    """Pieces that came with both, and where; those that everybody's acts bring are left out."""
    places = {piece: place for place, found in one.items() for piece in found - constants}
    return {
        piece: (places[piece], place)
        for place, found in other.items()
        for piece in found
        if piece in places
    }


def all_of(found: Mapping[Key, Pieces]) -> Pieces:
    return frozenset(piece for each in found.values() for piece in each)
