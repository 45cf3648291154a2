"""Fonts of this machine for pictures: none is shipped; a text whose letters none has is not drawn."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "C:/Windows/Fonts")
WANTED = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("NotoSansArabic-Regular.ttf", "NotoSansArabic-Bold.ttf"),
    ("NotoSansHebrew-Regular.ttf", "NotoSansHebrew-Bold.ttf"),
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("Arial.ttf", "Arial Bold.ttf"),
)
"""(plain, bold), the first that has every letter of a text is taken."""
MISSING_LIBRARY = (
    "share: pictures to share need the extra [images] (pip install 'petition-engine[images]')"
)
MISSING_FONT = (
    "share: no font for pictures was found; install one (on Debian or Ubuntu: fonts-dejavu-core), or "
    "name its files in share.fonts"
)


def faces(named: Sequence[str] = ()) -> tuple[tuple[Path, Path], ...]:
    """(plain, bold) of this machine; those of the settings in front, each its own bold."""
    return _faces(tuple(named))


@cache
def _faces(named: tuple[str, ...]) -> tuple[tuple[Path, Path], ...]:
    own = [(Path(each), Path(each)) for each in named if Path(each).is_file()]
    files = {path.name: path for path in _installed()}
    found = [
        (files[plain], files.get(bold, files[plain])) for plain, bold in WANTED if plain in files
    ]
    return (*own, *found)


def _installed() -> Iterator[Path]:
    for folder in FOLDERS:
        for place, _below, names in os.walk(folder):
            yield from (Path(place) / name for name in names)


def for_text(text: str, named: Sequence[str] = ()) -> tuple[Path, Path] | None:
    """The first pair whose plain face has every letter; None where no font can write the text."""
    return next((pair for pair in faces(named) if _has(pair[0], _letters(text))), None)


def _letters(text: str) -> frozenset[str]:
    return frozenset(each for each in text if not unicodedata.category(each).startswith(("Z", "C")))


def _has(path: Path, letters: Iterable[str]) -> bool:
    from PIL import ImageFont

    font: Any = ImageFont.truetype(str(path), 24)
    unknown = bytes(font.getmask("\U0010fffd"))
    return all(bytes(font.getmask(each)) != unknown for each in letters)


def is_rtl(text: str) -> bool:
    """By the first letter with a direction (Unicode UAX 9, P2 and P3)."""
    for each in text:
        direction = unicodedata.bidirectional(each)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False
