"""A published log read as an outsider reads it: files only, no database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from petitions.ledger.checkpoint import parse_checkpoint
from petitions.ledger.notes import split_note
from petitions.ledger.tiles import (
    decode_bundle,
    encode_bundle,
    entries_path,
    files_between,
    tile_path,
)

WIDTH = 256


@dataclass(frozen=True)
class PublishedLog:
    place: Path

    def read(self, path: str) -> bytes:
        return (self.place / path).read_bytes()

    def files(self) -> set[str]:
        found = (self.place / "tile").rglob("*")
        return {str(file.relative_to(self.place)) for file in found if file.is_file()}

    def size(self) -> int:
        body, _signatures = split_note(self.read("checkpoint").decode())
        return parse_checkpoint(body).size

    def needed_files(self) -> set[str]:
        """Every tile and bundle that the newest checkpoint stands on."""
        return {file.path for file in files_between(0, self.size())}

    def entries(self) -> list[bytes]:
        found: list[bytes] = []
        size = self.size()
        for n in range(-(-size // WIDTH)):
            bundle = self.read(entries_path(n, min(WIDTH, size - n * WIDTH)))
            read = decode_bundle(bundle)
            assert encode_bundle(read) == bundle
            found += read
        return found

    def tile(self, level: int, n: int) -> bytes | None:
        """The widest form of a tile, as `ledger.tree` asks for it."""
        width = min(WIDTH, (self.size() >> (8 * level)) - n * WIDTH)
        return self.read(tile_path(level, n, width)) if width > 0 else None

    def policy_key(self) -> str:
        line = self.read("policy").decode().splitlines()[0]
        return line.removeprefix("log ")
