"""The pages that a parliament wrote, as every answer needs them: names and titles, for the footer."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask, current_app

from petitions.platform.config import Settings
from petitions.services import contents
from petitions.services.contents import Key
from petitions.services.prose import Prose
from petitions.storage import content_rows
from petitions.web.edge import engine, reading
from petitions.web.pages import Link

EXTENSION = "petitions.own_pages"
FRESH = timedelta(seconds=30)


@dataclass
class OwnPages:
    """Files read at start, and what the desk published, looked up at most twice a minute."""

    files: Mapping[Key, Prose] = field(default_factory=dict)
    _titles: Mapping[Key, str] = field(default_factory=dict)
    _known_at: datetime | None = None

    def titles(self) -> Mapping[Key, str]:
        """(assembly or "", page, language) → title, of every page the engine does not write."""
        now = engine().clock()
        if self._known_at is None or not (self._known_at <= now < self._known_at + FRESH):
            # an error page must not fail for its footer, whatever is wrong: what was known stays
            with suppress(Exception), reading() as session:
                served = ("", *engine().settings.rulebooks.assemblies)
                rows = content_rows.public(session, served)
                self._titles = contents.own_pages(self.files, rows)
            self._known_at = now
        return self._titles

    def forget(self) -> None:
        """Something was published here: look again at the next answer."""
        self._known_at = None


def install_own_pages(app: Flask, settings: Settings) -> None:
    """Read the folder of pages. Raises ConfigurationError."""
    files = contents.read_files(settings.site.content, settings.rulebooks.assemblies)
    app.extensions[EXTENSION] = OwnPages(files)


def own_pages() -> OwnPages:
    found: OwnPages = current_app.extensions.get(EXTENSION) or OwnPages()
    return found


def names(assembly: str) -> tuple[str, ...]:
    """Pages of one's own that exist here in any language."""
    owners = {assembly, ""}
    return tuple(sorted({key[1] for key in own_pages().titles() if key[0] in owners}))


def links(assembly: str, lang: str) -> tuple[Link, ...]:
    """For the footer: in the reader's language, else in the one there is, marked with it."""
    if EXTENSION not in current_app.extensions:
        return ()
    titles = own_pages().titles()
    found = []
    for name in names(assembly):
        known = {
            language: title
            for owner in ("", assembly)
            for (of, page, language), title in titles.items()
            if page == name and of == owner
        }
        shown = lang if lang in known else min(known)
        found.append(Link(f"/{lang}/pages/{name}", known[shown], "" if shown == lang else shown))
    return tuple(found)
