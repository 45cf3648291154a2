"""`petitions doctor` looks at posters, pictures and maps: the extras, fonts, the folder, outlines."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from petitions.app import rulebook_library
from petitions.area_outlines import without_outline
from petitions.finding import Advice
from petitions.platform.config import Settings
from petitions.sharing import card, paper
from petitions.sharing.fonts import MISSING_FONT, MISSING_LIBRARY, faces


def share(settings: Settings) -> Iterator[str]:
    """What is absent from the pages, and why; a folder that cannot be written to is a fault."""
    if not paper.available():
        yield Advice(paper.MISSING)
    if not card.available():
        yield Advice(MISSING_LIBRARY)
    elif not faces(settings.share.fonts):
        yield Advice(MISSING_FONT)
    for font in settings.share.fonts:
        if not Path(font).is_file():
            yield f"share.fonts: {font} is not there"
    if not settings.share.directory:
        yield Advice("share.directory is not set: there are no posters as PDF, and each picture is "
                     "drawn anew")  # fmt: skip
        return
    place = Path(settings.share.directory)
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        yield f"share.directory: cannot write to {place}: {error.strerror}"


def maps(settings: Settings) -> Iterator[str]:
    """A GeoJSON file that cannot be drawn is a fault; an area without outline is worth knowing."""
    for sentence in without_outline(settings, rulebook_library(settings)):
        yield Advice(sentence)
