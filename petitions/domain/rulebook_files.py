"""A directory of rulebooks with the files they refer to, read as one library.

This module reads files, and it is the only one here that does: everything it reads is judged by the
pure readers. All errors of all files are reported at once, file by file.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from petitions.domain.assembly import AreaTable, Assembly, Population, RealmFacts
from petitions.domain.assembly_files import read_areas, read_assembly, read_population
from petitions.domain.powers import Powers, read_powers
from petitions.domain.rulebook import Rulebook, load_rulebook
from petitions.domain.schema import Reading, RulebookError, RulebookErrors, Source
from petitions.domain.schema_context import Context
from petitions.domain.topics import Topics, read_topics
from petitions.domain.wording import NOUNS, Text, Wording, read_wording


@dataclass(frozen=True, slots=True)
class InForce:
    """A version already stored: what a file may no longer change."""

    version: int
    valid_from: date
    digest: bytes


@dataclass(frozen=True, slots=True)
class Library:
    """Every rulebook of a deployment, by id and version, with what they refer to."""

    context: Context
    rulebooks: Mapping[str, tuple[Rulebook, ...]]

    def rulebook(self, rulebook_id: str, on: date) -> Rulebook:
        """The version in force on a local day; KeyError where there is none."""
        for rulebook in reversed(self.rulebooks[rulebook_id]):
            if rulebook.valid_from <= on:
                return rulebook
        raise KeyError(rulebook_id)

    def version(self, rulebook_id: str, version: int) -> Rulebook:
        for rulebook in self.rulebooks[rulebook_id]:
            if rulebook.version == version:
                return rulebook
        raise KeyError((rulebook_id, version))

    def in_force(self, on: date) -> tuple[Rulebook, ...]:
        """What one can file under on a local day."""
        versions = (
            [each for each in books if each.valid_from <= on] for books in self.rulebooks.values()
        )
        return tuple(found[-1] for found in versions if found)

    def assembly(self, assembly_id: str) -> Assembly:
        return self.context.assemblies[assembly_id]

    def areas(self, file: str) -> AreaTable:
        return self.context.areas[file]

    def wording(
        self, code: str, language: str, *, noun: str | None = None, rulebook: str = ""
    ) -> Text:
        """The words for a code of a rulebook; a body gives its name. KeyError if there are none.

        `code` may carry its noun ("grounds:duplicate"), which matters where one code is both an
        effect and an outcome.
        """
        if noun is None and ":" in code:
            noun, code = code.split(":", 1)
        wording = self.context.wording or Wording({})
        for each in NOUNS if noun is None else (noun,):
            found = wording.find(each, code, language, rulebook)
            if found is not None:
                return found
        if noun in (None, "bodies"):
            return Text(title=self._body(code, language, rulebook))
        raise KeyError(code)

    def told(
        self, code: str, language: str, *, noun: str | None = None, rulebook: str = ""
    ) -> Text:
        """The words for a reader of any language of the site: in theirs, else in English.

        A site may speak languages in which an assembly's rules were never written. KeyError if
        there are no words at all.
        """
        try:
            return self.wording(code, language, noun=noun, rulebook=rulebook)
        except KeyError:
            return self.wording(code, "en", noun=noun, rulebook=rulebook)

    def _body(self, code: str, language: str, rulebook: str) -> str:
        books = self.rulebooks.get(rulebook)
        served = books[-1].assemblies if books else tuple(self.context.assemblies)
        for assembly in served:
            if code in self.context.assemblies[assembly].bodies:
                return self.context.assemblies[assembly].body(code, language)
        raise KeyError(code)


def load_directory(
    path: Path,
    *,
    in_force: Mapping[str, InForce] | None = None,
    realms: Mapping[str, RealmFacts] | None = None,
) -> Library:
    """Read a directory of rulebooks; RulebookErrors lists what is wrong in any file.

    `<id>.toml` is the newest version of a rulebook, `<id>.<version>.toml` an earlier one.
    `in_force` gives the stored newest version of each rulebook, which no file may change.
    """
    errors: list[RulebookError] = []
    context = _context(path, realms, errors)
    found: dict[str, list[tuple[str, Rulebook]]] = {}
    for file in sorted(path.glob("*.toml")):
        try:
            text = file.read_text(encoding="utf-8")
            rulebook = load_rulebook(text, name=file.name, context=context)
        except RulebookErrors as refused:
            errors.extend(refused.errors)
        else:
            found.setdefault(rulebook.id, []).append((file.name, rulebook))
    for books in found.values():
        books.sort(key=lambda each: each[1].version)
        errors.extend(_version_errors(books, (in_force or {}).get(books[0][1].id)))
    errors.extend(_powers_errors(path, context, found))
    if errors:
        raise RulebookErrors(errors)
    return Library(
        context,
        MappingProxyType({book: tuple(each for _, each in books) for book, books in found.items()}),
    )


def load_file(
    file: Path,
    shelf: Path,
    *,
    in_force: Mapping[str, InForce] | None = None,
    realms: Mapping[str, RealmFacts] | None = None,
    worded: bool = True,
) -> Library:
    """One rulebook beside the other files of `shelf`; RulebookErrors as for a directory.

    Its other versions on the same shelf are compared with it, their own faults are not reported.
    Without `worded` a code that has no words yet is no error.
    """
    errors: list[RulebookError] = []
    context = _context(shelf, realms, errors)
    judged = context if worded else replace(context, wording=None)
    try:
        book = load_rulebook(file.read_text(encoding="utf-8"), name=file.name, context=judged)
    except RulebookErrors as refused:
        raise RulebookErrors([*errors, *refused.errors]) from None
    books = [(file.name, book)]
    for other in sorted(file.parent.glob(f"{book.id}.toml")) + sorted(
        file.parent.glob(f"{book.id}.*.toml")
    ):
        if other.name != file.name:
            with suppress(RulebookErrors):
                text = other.read_text(encoding="utf-8")
                books.append((other.name, load_rulebook(text, name=other.name, context=judged)))
    books.sort(key=lambda each: each[1].version)
    errors.extend(_version_errors(books, (in_force or {}).get(book.id)))
    if errors:
        raise RulebookErrors(errors)
    return Library(context, MappingProxyType({book.id: (book,)}))


def with_rulebook(library: Library, book: Rulebook) -> Library:
    """The same shelf with another rulebook in the place of its name."""
    return Library(library.context, MappingProxyType({**library.rulebooks, book.id: (book,)}))


def _version_errors(
    books: list[tuple[str, Rulebook]], stored: InForce | None
) -> Iterator[RulebookError]:
    """A version in force is immutable, and a newer one starts later."""
    for (_, earlier), (name, later) in itertools.pairwise(books):
        if later.version == earlier.version:
            rule = f"must be another than that of version {earlier.version}"
            yield RulebookError(name, "rulebook.version", rule, str(later.version))
        elif later.valid_from <= earlier.valid_from:
            yield _too_early(name, later, earlier.version, earlier.valid_from)
    if stored is None:
        return
    name, newest = books[-1]
    for each_name, each in books:
        if each.version == stored.version and each.digest != stored.digest:
            rule = f"{each.version} is in force with other content, must be > {stored.version}"
            yield RulebookError(each_name, "rulebook.version", rule, str(each.version))
    if newest.version < stored.version:
        rule = f"must be >= {stored.version}, which is in force"
        yield RulebookError(name, "rulebook.version", rule, str(newest.version))
    if newest.version > stored.version and newest.valid_from <= stored.valid_from:
        yield _too_early(name, newest, stored.version, stored.valid_from)


def _powers_errors(
    path: Path, context: Context, found: Mapping[str, list[tuple[str, Rulebook]]]
) -> Iterator[RulebookError]:
    """A catalogue of powers bears the name of a rulebook, and points at a ground of its newest."""
    for stem, catalogue in context.powers.items():
        name = f"powers/{stem}.toml"
        if stem not in found:
            if not (path / f"{stem}.toml").exists():  # one that was refused is told of already
                yield RulebookError(name, "file", "must bear the name of a rulebook", stem)
            continue
        newest = found[stem][-1][1]
        known = {x for kind in newest.kinds.values() for x in kind.admissibility.grounds.every}
        if catalogue.ground and catalogue.ground not in known:
            yield RulebookError(name, "ground", "must be one of its grounds", catalogue.ground)


def _too_early(name: str, book: Rulebook, version: int, valid_from: date) -> RulebookError:
    rule = f"must be later than {valid_from} of version {version}"
    return RulebookError(name, "rulebook.valid_from", rule, str(book.valid_from))


def _context(
    path: Path, realms: Mapping[str, RealmFacts] | None, errors: list[RulebookError]
) -> Context:
    assemblies: dict[str, Assembly] = {}
    areas: dict[str, AreaTable] = {}
    populations: dict[str, Population] = {}
    texts: dict[tuple[str, str, str, str], Text] = {}
    powers: dict[str, Powers] = {}
    shared: dict[str, Topics] = {}
    for stem, source, reading in _sources(path, "topics", errors):
        shared[stem] = read_topics(stem, source, reading)
        errors.extend(reading.errors())
    for stem, source, reading in _sources(path, "assemblies", errors):
        assemblies[stem] = read_assembly(stem, source, reading, shared)
        errors.extend(reading.errors())
    for stem, source, reading in _sources(path, "areas", errors):
        areas[stem] = read_areas(stem, source, reading)
        errors.extend(reading.errors())
    for stem, source, reading in _sources(path, "populations", errors):
        populations[stem] = read_population(stem, source, reading)
        errors.extend(reading.errors())
    for stem, source, reading in _sources(path, "wording", errors):
        texts.update(read_wording(stem, source, reading))
        errors.extend(reading.errors())
    for stem, source, reading in _sources(path, "powers", errors):
        powers[stem] = read_powers(source, reading)
        errors.extend(reading.errors())
    return Context(
        assemblies=MappingProxyType(assemblies),
        areas=MappingProxyType(areas),
        populations=MappingProxyType(populations),
        wording=Wording(MappingProxyType(texts)),
        realms=realms,
        powers=MappingProxyType(powers),
    )


def _sources(
    path: Path, folder: str, errors: list[RulebookError]
) -> Iterator[tuple[str, Source, Reading]]:
    for file in sorted((path / folder).glob("*.toml")):
        name = f"{folder}/{file.name}"
        try:
            source = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            errors.append(RulebookError(name, "file", f"must be TOML: {error}", None))
        else:
            yield file.stem, source, Reading(name, source)
