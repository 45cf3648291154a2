"""From what a login or a form says of a place to an area of the rulebook's table; nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from petitions.domain.errors import ConfigurationError
from petitions.domain.postcodes import Postcodes, PostcodesError, read_postcodes
from petitions.domain.rulebook_files import Library
from petitions.platform.config import Settings


def postcode_tables(settings: Settings, library: Library) -> dict[str, Postcodes]:
    """The operator's tables by area file. ConfigurationError names the file and the line."""
    if not settings.rulebooks.postcodes:
        return {}
    folder = Path(settings.rulebooks.postcodes)
    if not folder.is_dir():
        raise ConfigurationError(f"rulebooks.postcodes: '{folder}' is not a folder")
    found = {}
    for file in sorted(folder.glob("*.csv")):
        if file.stem not in library.context.areas:
            raise ConfigurationError(
                f"rulebooks.postcodes: {file.name} is named after no area file"
            )
        try:
            with file.open(encoding="utf-8", newline="") as lines:
                found[file.stem] = read_postcodes(lines, library.areas(file.stem).names)
        except PostcodesError as refused:
            raise ConfigurationError(f"rulebooks.postcodes: {file.name}, {refused}") from None
    return found


def area_codes(
    library: Library, postcodes: Mapping[str, Postcodes]
) -> Callable[[str, str], str | None]:
    """(area file, place as a provider writes it) → code: a code, a name, or a postcode."""

    def code_of(file: str, place: str) -> str | None:
        table = library.context.areas.get(file)
        if table is None:
            return None
        wanted = place.strip()
        if wanted in table:
            return wanted
        named = [code for code, name in table.names.items() if name.casefold() == wanted.casefold()]
        if len(named) == 1:
            return named[0]
        return postcodes[file].area(wanted) if file in postcodes else None

    return code_of
