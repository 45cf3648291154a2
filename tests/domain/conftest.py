"""The shelf of rulebooks that the domain tests read from."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from petitions.domain.assembly_files import read_areas, read_assembly
from petitions.domain.procedure import Kind
from petitions.domain.rulebook import Context, Rulebook, RulebookErrors, load_rulebook
from petitions.domain.schema import Reading
from petitions.domain.topics import read_topics

RULEBOOKS = Path(__file__).parents[2] / "petitions" / "rulebooks"


def read_folder(folder: str, read: Callable) -> dict:
    found = {}
    for file in sorted((RULEBOOKS / folder).glob("*.toml")):
        source = tomllib.loads(file.read_text(encoding="utf-8"))
        reading = Reading(file.name, source)
        found[file.stem] = read(file.stem, source, reading)
        assert reading.errors() == ()
    return found


@pytest.fixture(scope="session")
def context() -> Context:
    """Every assembly and area table that ships, without wording."""
    read = partial(read_assembly, shared=read_folder("topics", read_topics))
    return Context(
        assemblies=read_folder("assemblies", read), areas=read_folder("areas", read_areas)
    )


@pytest.fixture(scope="session")
def text_of() -> Callable[[str], str]:
    def read(name: str) -> str:
        return (RULEBOOKS / f"{name}.toml").read_text(encoding="utf-8")

    return read


@pytest.fixture(scope="session")
def book(text_of: Callable[[str], str], context: Context) -> Callable[..., Rulebook]:
    """Load a shipped rulebook, with passages of its text replaced."""

    def load(name: str, *changes: tuple[str, str], within: Context | None = None) -> Rulebook:
        text = text_of(name)
        for old, new in changes:
            assert old in text, f"{name} does not say {old!r}"
            text = text.replace(old, new)
        return load_rulebook(text, name=f"{name}.toml", context=within or context)

    return load


@pytest.fixture(scope="session")
def kind(book: Callable[..., Rulebook]) -> Callable[..., Kind]:
    """The only or the named kind of a shipped rulebook."""

    def load(name: str, kind_id: str | None = None, *changes: tuple[str, str]) -> Kind:
        rulebook = book(name, *changes)
        return rulebook.kinds[kind_id] if kind_id else rulebook.default_kind

    return load


@pytest.fixture(scope="session")
def refusals(book: Callable[..., Rulebook]) -> Callable[..., list[str]]:
    """The error lines of a changed rulebook; an accepted one has none."""

    def load(name: str, *changes: tuple[str, str], within: Context | None = None) -> list[str]:
        try:
            book(name, *changes, within=within)
        except RulebookErrors as refused:
            return [str(error) for error in refused.errors]
        return []

    return load


@pytest.fixture(scope="session")
def with_sitting_days(context: Context) -> Context:
    """The shelf where the Senate keeps a sitting calendar (with no sitting yet)."""
    senate = context.assemblies["senat"]
    calendar = replace(senate.calendar, sitting_days=frozenset())
    assemblies = {**context.assemblies, "senat": replace(senate, calendar=calendar)}
    return replace(context, assemblies=assemblies)
