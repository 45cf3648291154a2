"""What surrounds a petition's rulebook: areas, populations and wording as they stood at filing.

Files change: a constituency is renamed, a census is counted, a ground is worded anew. A running
petition keeps what was in force when it was filed; equal surroundings are stored once for all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from petitions.domain.assembly import AreaTable, Population
from petitions.domain.rulebook import Rulebook
from petitions.domain.rulebook_files import Library
from petitions.domain.schema_context import Context
from petitions.domain.wording import NOUNS, Text, Wording
from petitions.storage.insertion import insert_once
from petitions.storage.tables import Petition, Surroundings

_DEFAULT_CODES = frozenset({"petition", "examined", "sent", "received", "accepted"})
"""Codes that hold where the file does not write any."""


def pin_surroundings(
    session: Session, library: Library, book: Rulebook, petition: Petition, at: datetime
) -> None:
    """Store today's surroundings of a rulebook, and bind the petition to them."""
    content = canonical_surroundings(library, book)
    digest = hashlib.sha256(content).digest()
    insert_once(session, Surroundings, digest=digest, content=content, stored_at=at)
    petition.surroundings = digest


def canonical_surroundings(library: Library, book: Rulebook) -> bytes:
    """JSON, keys sorted, UTF-8: what the rulebook names, and nothing else of the shelf."""
    named = frozenset(_strings(json.loads(book.canonical)))
    context = library.context
    content = {
        "areas": {key: _areas(table) for key, table in context.areas.items() if key in named},
        "populations": {
            key: {**asdict(each), "as_of": each.as_of.isoformat()}
            for key, each in context.populations.items()
            if key in named
        },
        "wording": dict(_texts(context.wording or Wording({}), book, named)),
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _strings(value: object) -> Iterator[str]:
    """Every word of a rulebook's source, keys and values: among them all ids it names."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield str(key)
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, str):
        yield value


def _areas(table: AreaTable) -> dict[str, object]:
    return {
        "source": table.source,
        "as_of": table.as_of.isoformat() if table.as_of else None,
        "columns": list(table.columns),
        "names": dict(table.names),
        "noun": dict(table.noun),
        "values": {code: dict(row) for code, row in table.values.items()},
    }


def _texts(
    wording: Wording, book: Rulebook, named: frozenset[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    grounds = {code for kind in book.kinds.values() for code in kind.admissibility.grounds.every}
    codes = named | grounds | _DEFAULT_CODES
    for language, owner, noun, code in sorted(wording.texts):
        if owner in ("", book.id) and code in codes:
            found = wording.find(noun, code, language, book.id)
            if found is not None:
                yield f"{language} {noun} {code}", asdict(found)


def shelf(session: Session, library: Library, petition: Petition) -> Library:
    """The library as one petition sees it: pinned areas, populations and words come first."""
    if petition.surroundings is None:  # a draft, or filed before surroundings were kept
        return library
    content = json.loads(session.get_one(Surroundings, petition.surroundings).content)
    return replace(library, context=_pinned(library.context, content, petition.rulebook_id))


def _pinned(context: Context, content: Mapping[str, Any], book: str) -> Context:
    areas = {key: _area_table(key, each) for key, each in content["areas"].items()}
    populations = {
        key: Population(**{**each, "as_of": date.fromisoformat(each["as_of"])})
        for key, each in content["populations"].items()
    }
    texts = {}
    for name, each in content["wording"].items():
        language, noun, code = name.split(" ", 2)
        if noun in NOUNS:
            texts[(language, book, noun, code)] = Text(**each)
    current = context.wording.texts if context.wording else {}
    return replace(
        context,
        areas=MappingProxyType({**context.areas, **areas}),
        populations=MappingProxyType({**context.populations, **populations}),
        wording=Wording(MappingProxyType({**current, **texts})),
    )


def _area_table(key: str, stored: Mapping[str, Any]) -> AreaTable:
    return AreaTable(
        id=key,
        source=stored["source"],
        as_of=date.fromisoformat(stored["as_of"]) if stored["as_of"] else None,
        columns=tuple(stored["columns"]),
        names=MappingProxyType(stored["names"]),
        noun=MappingProxyType(stored["noun"]),
        values=MappingProxyType(
            {code: MappingProxyType(row) for code, row in stored["values"].items()}
        ),
    )
