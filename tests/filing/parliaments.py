"""The shipped procedures as a library of one rulebook, and what an author does under it."""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from petitions.domain.assembly_files import read_areas, read_assembly
from petitions.domain.rulebook import Context, load_rulebook
from petitions.domain.rulebook_files import Library
from petitions.domain.schema import Reading
from petitions.domain.topics import read_topics
from petitions.domain.words import Words
from petitions.services import choosing, filing, form_answers, moves
from petitions.storage.tables import Petition
from tests.house import Precinct, a_founder

RULEBOOKS = Path(__file__).parents[2] / "petitions" / "rulebooks"
FOLDERS = (RULEBOOKS, RULEBOOKS / "drafts")
TEXTS = {
    "fr": Words.of("Un banc", "Nous demandons un banc.", "On est fatigué."),
    "nl": Words.of("Een bank", "Wij vragen een bank.", "Men is moe."),
    "en": Words.of("A bench", "We ask for a bench.", "People are tired."),
    "cy": Words.of("Mainc", "Gofynnwn am fainc.", "Mae pobl wedi blino."),
    "ca": Words.of("Un banc", "Demanem un banc.", "La gent està cansada."),
    "de": Words.of("Eine Bank", "Wir bitten um eine Bank.", "Man ist müde."),
}


def _read(folder: str, read: Callable[..., Any]) -> dict[str, Any]:
    found = {}
    for parent in FOLDERS:
        for file in sorted((parent / folder).glob("*.toml")):
            source = tomllib.loads(file.read_text(encoding="utf-8"))
            found[file.stem] = read(file.stem, source, Reading(file.name, source))
    return found


@cache
def _context() -> Context:
    """Without wording: these tests are about the procedure."""
    read = partial(read_assembly, shared=_read("topics", read_topics))
    return Context(assemblies=_read("assemblies", read), areas=_read("areas", read_areas))


def library_with(name: str, *changes: tuple[str, str]) -> Library:
    """Every version of one rulebook; `changes` replace passages of the newest."""
    books = {}
    for parent in FOLDERS:
        for file in sorted(parent.glob(f"{name}*.toml")):
            if file.name.split(".")[0] != name:
                continue
            text = file.read_text(encoding="utf-8")
            if file.stem == name:
                for old, new in changes:
                    assert old in text, f"{file.name} does not say {old!r}"
                    text = text.replace(old, new)
            book = load_rulebook(text, name=file.name, context=_context())
            books[book.version] = book
    versions = tuple(books[version] for version in sorted(books))
    return Library(_context(), MappingProxyType({name: versions}))


def draft(
    precinct: Precinct,
    session: Session,
    rulebook: str,
    *,
    kind: str = "",
    assembly: str = "",
    language: str = "",
    tag: bytes | None = None,
    choices: Mapping[str, str] | None = None,
    words: Words | None = None,
    sponsors: bool = False,
) -> Petition:
    """Complete, with what the kind asks at filing; not sent."""
    at = precinct.clock.at
    book = precinct.house.library.rulebook(rulebook, at.date())
    language = language or book.languages.accepted[0]
    text = words or TEXTS[language]
    petition = filing.start_draft(
        session, book, assembly=assembly or book.assemblies[0],
        kind=kind or book.default_kind.id, tag=tag or secrets.token_bytes(32),
        language=language, title=text.title, at=at,
    )  # fmt: skip
    filing.see_similar(petition, "")
    filing.write_text(session, precinct.house, petition, text)
    filing.write_author(petition, "Claire Lefort", "claire@example.org")
    chosen = precinct.house.kind(session, petition)
    if choices is not None or choosing.asks(chosen):
        choosing.choose(session, precinct.house, petition, choices or {}, at.date())
    fields = {
        field: "1990-02-03" if field in form_answers.DAYS else "Bruxelles"
        for field in form_answers.fields_of(chosen)
    }
    form_answers.write(session, petition, chosen, fields, at.date())
    return petition


def send(precinct: Precinct, session: Session, petition: Petition) -> Petition:
    book = precinct.house.library.rulebook(petition.rulebook_id, precinct.clock.at.date())
    locked = moves.lock(session, petition.id)
    founder = a_founder(precinct.house, petition.id)
    return filing.submit(session, precinct.house, book, locked, precinct.clock.at, founder)
