"""The operator's GeoJSON files as outlines of the areas that rulebooks know."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import petitions
from petitions.domain.assembly import AreaTable, MapSource
from petitions.domain.errors import ConfigurationError
from petitions.domain.outlines import OutlineError, Outlines, drawn, read_shapes
from petitions.domain.rulebook_files import Library
from petitions.platform.config import Settings

FOLDER = "maps"
MOST_BYTES = 11_000
"""Of a map's paths, gzipped: with its classes, names and legend a map stays under 15 kB."""


def maps_folder(settings: Settings) -> Path:
    own = Path(petitions.__file__).parent / "rulebooks"
    place = Path(settings.rulebooks.directory) if settings.rulebooks.directory else own
    return place / FOLDER


def outlines_of(settings: Settings, library: Library) -> Mapping[tuple[str, str], Outlines]:
    """(assembly, area table) → outlines, of every map of this site. ConfigurationError."""
    found = {}
    for assembly in settings.rulebooks.assemblies:
        for areas, source in library.assembly(assembly).maps.items():
            where = f"assemblies/{assembly}.toml: maps.{areas}"
            table = library.context.areas.get(areas)
            if table is None:
                raise ConfigurationError(f"{where} is named after no area file")
            if source.inhabitants and source.inhabitants not in table.columns:
                raise ConfigurationError(
                    f"{where}.inhabitants: {areas} has no column '{source.inhabitants}'"
                )
            found[assembly, areas] = _read(maps_folder(settings), source, table, where)
    return found


def _read(folder: Path, source: MapSource, table: AreaTable, where: str) -> Outlines:
    file = folder / source.file
    try:
        made = _drawn(file, source.code, file.stat().st_mtime_ns)
    except OSError as error:
        raise ConfigurationError(f"{where}: cannot read {file}: {error.strerror}") from None
    except (ValueError, TypeError) as error:  # JSON that is none, and OutlineError
        told = error if isinstance(error, OutlineError) else "is not valid GeoJSON"
        raise ConfigurationError(f"{where}: {file.name} {told}") from None
    strangers = sorted(set(made.paths) - set(table.names))
    if strangers:
        raise ConfigurationError(f"{where}: {file.name} has areas that {table.id} does not know, "
                                 f"such as '{strangers[0]}'")  # fmt: skip
    return made


@lru_cache(maxsize=16)
def _drawn(file: Path, code: str, _changed: int) -> Outlines:
    return drawn(read_shapes(json.loads(file.read_text(encoding="utf-8")), code), MOST_BYTES)


def without_outline(settings: Settings, library: Library) -> Iterator[str]:
    """Areas that stand in a table and on no map, in words: for `petitions doctor`."""
    for (assembly, areas), made in outlines_of(settings, library).items():
        missing = [code for code in library.areas(areas).names if code not in made.paths]
        if missing:
            yield (
                f"maps.{areas} of {assembly}: {len(missing)} areas have no outline and stand in the "
                f"table only: {', '.join(missing[:8])}{' …' if len(missing) > 8 else ''}"
            )
