"""People who sign in the demonstration, and what its database then holds of them."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Route

from tests.browser.conftest import DemoSite
from tests.browser.people import Person


@dataclass(frozen=True)
class Petition:
    """An open petition of the demonstration; `signed` reads its signatures from the database."""

    site: DemoSite
    ref: str

    @classmethod
    def open_in(cls, site: DemoSite, assembly: str, skip: int = 0) -> Petition:
        """The one that stays open longest (or another after it)."""
        with _database(site) as connection:
            found = connection.execute(
                "SELECT reference FROM petition WHERE state = 'published' AND assembly = ?"
                " ORDER BY closes_at DESC, reference LIMIT 1 OFFSET ?",
                [assembly, skip],
            ).fetchone()
        return cls(site, str(found[0]))

    def room(self, lang: str = "en") -> str:
        return f"/{lang}/petitions/{self.ref}/sign"

    @property
    def signed(self) -> int:
        with _database(self.site) as connection:
            (number,) = connection.execute(
                "SELECT count(*) FROM signature s JOIN petition p ON p.id = s.petition_id"
                " WHERE p.reference = ? AND s.standing = 'signed'",
                [self.ref],
            ).fetchone()
        return int(number)

    @contextlib.contextmanager
    def closed(self) -> Iterator[None]:
        """Nobody can sign in this block; afterwards it is open as before. Its dates stay as they
        are, or the worker would end it for good.
        """
        self._set_signing("closed")
        try:
            yield
        finally:
            self._set_signing("open")

    def _set_signing(self, signing: str) -> None:
        with _database(self.site) as connection, connection:
            connection.execute(
                "UPDATE petition_signing SET signing = ?"
                " WHERE petition_id = (SELECT id FROM petition WHERE reference = ?)",
                [signing, self.ref],
            )


@contextlib.contextmanager
def _database(site: DemoSite) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(
        sqlite3.connect(site.folder / "petitions.sqlite", timeout=20)
    ) as connection:
        yield connection


def begin(person: Person, petition: Petition, lang: str = "en") -> None:
    """From the petition's page, by its own link, to the provider's page."""
    person.open(f"/{lang}/petitions/{petition.ref}")
    person.page.locator("main a[href$='/sign']").first.click()


def sees(person: Person, words: str) -> None:
    """Wait until a page says so: a click does not wait for where it leads."""
    person.page.locator("main", has_text=words).wait_for()


def send(person: Person) -> None:
    """Tick and press the one button of the page that asks."""
    person.page.locator("#declare").check()
    person.page.locator("main form button[type=submit]").click()


def another_tab(person: Person) -> Person:
    return Person(person.page.context.new_page(), person.address)


def callback_of(person: Person, name: str) -> str:
    """Log in, but stop where the provider sends the browser back: the address it should go to."""
    found: list[str] = []

    def hold(route: Route) -> None:
        found.append(route.fetch(max_redirects=0).headers["location"])
        route.fulfill(body="held", content_type="text/plain")

    where = "**/citizens/login"
    person.page.context.route(where, hold)
    person.become(name)
    person.page.get_by_text("held").wait_for()
    person.page.context.unroute(where)
    return found[0]
