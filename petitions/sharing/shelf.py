"""Made papers and pictures on the disk: public files, each under a name that changes with what it says.

A file is written whole or not at all; older ones of the same petition and language go with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from petitions.services.log_publishing import write_file

_NAME = re.compile(r"(?P<ref>\d{4}-\d{4,8})\.(?P<lang>[A-Za-z-]{2,12})\.(?P<what>\w+)\.\w+\.\w+")


@dataclass(frozen=True, slots=True)
class ShareShelf:
    """`folder` None: nothing is kept, nothing is found."""

    folder: Path | None

    def _place(self, ref: str, lang: str, what: str, digest: str, suffix: str) -> Path | None:
        name = f"{ref}.{lang}.{what}.{digest}.{suffix}"
        return self.folder / ref[:4] / name if self.folder else None

    def find(self, ref: str, lang: str, what: str, digest: str, suffix: str) -> bytes | None:
        place = self._place(ref, lang, what, digest, suffix)
        try:
            return place.read_bytes() if place else None
        except OSError:
            return None

    def has(self, ref: str, lang: str, what: str, digest: str, suffix: str) -> bool:
        place = self._place(ref, lang, what, digest, suffix)
        return bool(place and place.is_file())

    def keep(
        self, ref: str, lang: str, what: str, digest: str, suffix: str, content: bytes
    ) -> None:
        place = self._place(ref, lang, what, digest, suffix)
        if place is None:
            return
        write_file(place, content, durable=False)
        for other in place.parent.glob(f"{ref}.{lang}.{what}.*.{suffix}"):
            if other != place:
                other.unlink(missing_ok=True)

    def references(self) -> frozenset[str]:
        """Of every petition of which something is kept."""
        if self.folder is None or not self.folder.is_dir():
            return frozenset()
        found = (_NAME.fullmatch(path.name) for path in self.folder.glob("*/*"))
        return frozenset(each["ref"] for each in found if each)

    def forget(self, references: Iterable[str]) -> int:
        """Petitions that are out of sight leave no title behind; how many files went."""
        gone = 0
        for ref in references:
            for path in (self.folder / ref[:4]).glob(f"{ref}.*") if self.folder else ():
                path.unlink(missing_ok=True)
                gone += 1
        return gone
