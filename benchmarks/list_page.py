"""A list as its reader gets it: the whole answer of the application, from the address to the page.

The petitions of `list_data` belong to an assembly that no rulebook of ours knows: one stands here
in the place of the town's, with their topics, kinds and bodies.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, update
from sqlalchemy.orm import sessionmaker

import petitions
from benchmarks.list_data import BODIES
from petitions import border
from petitions.app import create_app, rulebook_library
from petitions.demo.settings import write_settings
from petitions.platform.config import load_settings
from petitions.platform.memory import keep_what_is_there
from petitions.storage.kept_numbers import Kept
from petitions.storage.tables import RulebookVersion
from petitions.web.edge import EXTENSION

ROUNDS = 20
PATHS = (
    "/en/petitions",
    "/en/petitions?q=school",
    "/en/petitions?q=people",
    "/en/petitions?q=dog+fireworks",
    "/en/petitions?q=school&sort=week",
)
_COLD, _WARM = "figures counted", "figures kept"


def shown(engine: Engine, folder: Path) -> dict[str, list[float]]:
    """Path, with figures counted and kept → milliseconds of each round."""
    found: dict[str, list[float]] = {}
    with _application(engine, folder) as app:
        client = app.test_client()
        serving = app.extensions[EXTENSION]
        keeping = {_WARM: serving, _COLD: replace(serving, list_numbers=Kept())}
        keep_what_is_there()  # as a server process does
        for number in range(ROUNDS + 1):
            for path in PATHS:
                for how, room in keeping.items():
                    app.extensions[EXTENSION] = room
                    begun = time.perf_counter()
                    answer = client.get(path)
                    spent = (time.perf_counter() - begun) * 1000
                    if answer.status_code != 200:
                        raise RuntimeError(f"{path} does not answer: {answer.status}")
                    if number:
                        found.setdefault(f"page {path}, {how}", []).append(spent)
    return found


@contextmanager
def _application(engine: Engine, folder: Path) -> Iterator[Flask]:
    """On these petitions, without the cache of ready pages."""
    config = write_settings(folder, "127.0.0.1", 18020, 18021, ("bench",))
    said = config.read_text(encoding="utf-8")
    said = said.replace("[rulebooks]\n", f'[rulebooks]\ndirectory = "{_rulebooks(folder)}"\n')
    config.write_text(said.replace("[web]\n", "[web]\npage_cache_seconds = 0\n"), encoding="utf-8")
    settings = load_settings(config)
    border.make_keys(settings)
    before = os.environ.get("PETITIONS_DATABASE_URI")
    os.environ["PETITIONS_DATABASE_URI"] = engine.url.render_as_string(hide_password=False)
    book = rulebook_library(settings).rulebooks["bench"][0]
    with sessionmaker(engine).begin() as session:  # the petitions were laid under an empty one
        session.execute(
            update(RulebookVersion)
            .where(RulebookVersion.id == "bench")
            .values(digest=book.digest, canonical=book.canonical)
        )
    try:
        yield create_app(settings)
    finally:
        os.environ.pop("PETITIONS_DATABASE_URI")
        if before is not None:
            os.environ["PETITIONS_DATABASE_URI"] = before


def _rulebooks(folder: Path) -> Path:
    place = folder / "rulebooks"
    shutil.copytree(Path(petitions.__file__).parent / "rulebooks", place)
    town = (place / "town.toml").read_text(encoding="utf-8")
    kinds = "[kinds.petition]\n[kinds.initiative]\n[kinds.query]\n"
    _write(place / "bench.toml", town, {
        'id = "town"': 'id = "bench"', "2025-01-01": "2015-01-01", '"valmont"': '"bench"',
        "[kinds.petition]\n": kinds,
    })  # fmt: skip
    council = (place / "assemblies" / "valmont.toml").read_text(encoding="utf-8")
    bodies = "".join(f"{each} = {_named(each)}\n" for each in BODIES)
    _write(place / "assemblies" / "bench.toml", council, {
        'id = "valmont"': 'id = "bench"', 'topics = "town"': 'topics = "bench"',
        "[bodies]\n": f"[bodies]\n{bodies}",
    })  # fmt: skip
    for words in sorted((place / "wording").glob("*.toml")):
        said = words.read_text(encoding="utf-8")
        query = "" if "." in words.stem else '\n[kinds.query]\ntitle = "Query"\n'
        _write(words, said + query, {"[rulebooks.town.": "[rulebooks.bench."})
    for language in ("nl", "de"):
        (place / "wording" / f"town.{language}.toml").unlink()
    (place / "town.toml").unlink()
    (place / "powers" / "town.toml").unlink()
    topics = "".join(f"topic_{n} = {_named(f'Topic {n}')}\n" for n in range(14))
    _write(place / "topics" / "bench.toml", f'id = "bench"\n\n[topics]\n{topics}', {})
    return place


def _named(name: str) -> str:
    said: Any = ", ".join(f'{each} = "{name}"' for each in ("en", "fr", "nl", "de"))
    return f"{{ {said} }}"


def _write(place: Path, content: str, changed: dict[str, str]) -> None:
    for old, new in changed.items():
        content = content.replace(old, new)
    place.write_text(content, encoding="utf-8")
