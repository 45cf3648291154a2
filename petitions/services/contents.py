"""Which text a content page shows: the desk's, a file's, or what the engine writes from the rules.

The assembly's own comes before the site's; at each of them the desk's before the file's. Publishing
wants every language of the site, or somebody who says that a language is left out on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy.orm import Session

from petitions.domain.errors import ConfigurationError, ConflictError, InvalidError
from petitions.services import audit
from petitions.services.ports import Actor
from petitions.services.prose import Flaw, Prose, flaws, read_prose
from petitions.storage import content_rows
from petitions.storage.tables import ContentText

ENGINE_PAGES = (
    "how-it-works", "rules", "verify", "privacy", "accessibility", "legal", "contact",
)  # fmt: skip
"""Pages that the engine writes where nobody else did."""
LINKED = (*ENGINE_PAGES, "start", "petitions", "log", "receipt", "pages")
"""What a text may link to by its name, besides the pages of one's own."""
SITE = "site"
"""The folder of files for the whole site."""
NAME = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
Key = tuple[str, str, str]
"""(assembly or "", page, language)."""


@dataclass(frozen=True, slots=True)
class Written:
    """A page as it is shown. `language`: the text's own, which may not be the reader's."""

    title: str
    body: str
    language: str
    by_desk: bool


def read_files(folder: str, assemblies: Collection[str]) -> dict[Key, Prose]:
    """Every file of the folder. Raises ConfigurationError on what is no page."""
    found: dict[Key, Prose] = {}
    root = Path(folder)
    if not folder:
        return found
    if not root.is_dir():
        raise ConfigurationError(f"site.content: there is no folder {root}")
    for path in sorted(root.glob("*/*/*.md")):
        owner, language, page = path.parts[-3], path.parts[-2], path.stem
        if owner != SITE and owner not in assemblies:
            raise ConfigurationError(f"site.content: {owner} is no assembly of this site ({path})")
        if not NAME.fullmatch(page):
            raise ConfigurationError(f"site.content: {path.name} is no name for a page ({path})")
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise ConfigurationError(f"site.content: cannot read {path} as UTF-8") from None
        found["" if owner == SITE else owner, page, language] = read_prose(text)
    return found


def own_pages(files: Mapping[Key, Prose], rows: Collection[ContentText]) -> dict[Key, str]:
    """Titles of pages that the engine does not write."""
    found = {key: prose.title for key, prose in files.items() if key[1] not in ENGINE_PAGES}
    for row in rows:
        key = (row.assembly, row.page, row.language)
        if row.page in ENGINE_PAGES:
            continue
        if row.body:
            found[key] = row.title
        elif key not in files:
            found.pop(key, None)
    return found


def shown(
    session: Session, files: Mapping[Key, Prose], assembly: str, page: str, language: str
) -> Written | None:
    """The text for this reader; None where the engine writes the page itself.

    A page of one's own is shown in another language rather than not at all.
    """
    owners = (assembly, "") if assembly else ("",)
    rows = {(row.assembly, row.language): row for row in content_rows.public(session, owners, page)}
    languages = [language]
    if page not in ENGINE_PAGES:
        languages += sorted(
            {lang for _owner, lang in rows} | {lang for _owner, name, lang in files if name == page}
        )
    for lang in languages:
        for owner in owners:
            row = rows.get((owner, lang))
            if row is not None and row.body:
                return Written(row.title, row.body, lang, by_desk=True)
            prose = files.get((owner, page, lang))
            if prose is not None:
                return Written(prose.title, prose.body, lang, by_desk=False)
    return None


def save(
    session: Session,
    assembly: str,
    page: str,
    texts: Mapping[str, Prose],
    seen: Mapping[str, int],
    actor: Actor,
    *,
    at: datetime,
) -> tuple[str, ...]:
    """A new version in each language whose text changed; which languages. Raises ConflictError.

    `seen`: language → the version that the form showed, 0 for none.
    """
    if not NAME.fullmatch(page):
        raise InvalidError(fields={"page": ("page_name", {})})
    found = content_rows.newest(session, assembly, page)
    changed = []
    for language, prose in texts.items():
        before = found.get(language)
        if seen.get(language, 0) != (before.number if before else 0):
            raise ConflictError("changed_meanwhile")
        if (before.title, before.body) == (prose.title, prose.body) if before else not prose.body:
            continue
        session.add(
            ContentText(
                id=uuid4(), assembly=assembly, page=page, language=language,
                number=(before.number if before else 0) + 1, title=prose.title, body=prose.body,
                recorded_at=at, recorded_by=actor.code,
            )
        )  # fmt: skip
        changed.append(language)
    if changed:
        session.flush()
        detail = {"assembly": assembly, "page": page, "languages": sorted(changed)}
        audit.record(session, actor, "content_saved", at=at, detail=detail)
    return tuple(changed)


def publish(
    session: Session,
    assembly: str,
    page: str,
    languages: Collection[str],
    linked: Collection[str],
    actor: Actor,
    *,
    at: datetime,
    without: Collection[str] = (),
) -> None:
    """The newest version of every language becomes the public one. Raises InvalidError.

    `without`: languages left out on purpose. `linked`: pages of one's own that a text may name.
    """
    found = content_rows.newest(session, assembly, page)
    written = {lang: row for lang, row in found.items() if row.body}
    missing = [lang for lang in languages if lang not in written and lang not in without]
    fields: dict[str, tuple[str, dict[str, object]]] = {}
    if written and missing:
        fields |= {f"text-{lang}": ("language_missing", {}) for lang in missing}
    for lang, row in written.items():
        if wrong := wrong_with(Prose(row.title, row.body), {*linked, page}):
            fields[f"text-{lang}"] = (wrong[0].code, {"what": wrong[0].what})
    if fields:
        raise InvalidError(fields=fields)
    for row in found.values():
        row.published_at = row.published_at or at
    session.flush()
    detail = {
        "assembly": assembly, "page": page,
        "versions": {lang: row.number for lang, row in sorted(found.items())},
    }  # fmt: skip
    audit.record(session, actor, "content_published", at=at, detail=detail)


def wrong_with(prose: Prose, linked: Collection[str]) -> tuple[Flaw, ...]:
    return flaws(prose, {*LINKED, *linked})
