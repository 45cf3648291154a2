"""A hundred real petitions at a desk in a browser, and a clerk whose hands never leave the keyboard.

The house is the tests' own: real services on a migrated database, the House of Commons' rulebook with a
return for correction, served from a thread of the test.
"""

from __future__ import annotations

import gzip
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from werkzeug.serving import make_server

from admissibility.services import sifting
from petitions.domain.words import Words
from petitions.services import filing
from tests.founding import a_founder
from tests.house import changed_library
from tests.web.office_house import Office, make_office

DATA = Path(__file__).parents[1] / "data" / "petitions_uk_100.jsonl.gz"
_SPONSORS = """# Five supporters before anybody reads it; at most twenty before it is published.
[[sponsors]]
id = "supporters"
min = 5
max = 20
in_total = "all"
"""
CHANGES = {
    _SPONSORS: "",
    'outcomes = ["accept", "refuse"]': (
        'outcomes = ["accept", "return", "refuse"]\ncorrection = "P14D"\nreturns_max = 1'
    ),
    "text_max = 800": "text_max = 1500",
}
ASK = "Please say what you ask of the Government or of Parliament."


@dataclass(frozen=True)
class Fated:
    """A real petition and what Parliament did with it."""

    title: str
    background: str
    details: str
    decision: str
    ground: str
    why: str


def a_hundred() -> dict[str, Fated]:
    """By title: no two of them are the same."""
    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return {
        " ".join(each["title"].split()): Fated(
            " ".join(each["title"].split()), each["background"], each["details"], each["fate"]["decision"],
            each["fate"]["ground"], each["fate"]["details"],
        )
        for each in found
    }  # fmt: skip


def office_of_the_commons(database: Any, folder: Path) -> Office:
    return make_office(database, changed_library(folder, "uk-parliament", CHANGES))


def file_all(office: Office, petitions: dict[str, Fated]) -> None:
    """As their authors did: one after another, through the services; then read as the worker reads."""
    book = office.house.library.rulebook("uk-parliament", office.clock.at.date())
    for each in petitions.values():
        office.clock.forward(minutes=7)
        with office.session() as session:
            petition = filing.start_draft(
                session, book, assembly="uk-commons", kind=book.default_kind.id,
                tag=secrets.token_bytes(32), language="en", title=each.title, at=office.clock.at,
            )  # fmt: skip
            filing.see_similar(petition, "")
            words = Words.of(each.title, each.background, each.details or each.background)
            filing.write_text(session, office.house, petition, words)
            filing.write_author(petition, "Invented Author", "author@example.org")
            founder = a_founder(office.house, petition.id)
            filing.submit(session, office.house, book, petition, office.clock.at, founder)
    with office.session() as session:
        while sifting.sift(session, office.house, 50):
            session.commit()


@contextmanager
def served(office: Office) -> Iterator[str]:
    """The address of the desk."""
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)


@dataclass
class Hands:
    """Keys, and what a person sees: what has the focus, and the page."""

    page: Page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def go(self, key: str) -> None:
        """A key that leads to another page."""
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def focus(self, what: str = "e => e.id || e.name || e.tagName") -> str:
        return str(self.page.evaluate(f"({what})(document.activeElement)"))

    def tab_to(self, wanted: str, most: int, key: str = "Tab") -> int:
        """Tab until an element fits the selector; how many stops it took."""
        for stops in range(1, most + 1):
            self.page.keyboard.press(key)
            if self.page.evaluate(f"document.activeElement.matches({wanted!r})"):
                return stops
        raise AssertionError(f"{wanted} is not within {most} stops, focus is on {self.focus()}")

    @property
    def title(self) -> str:
        return self.page.locator("h1").inner_text()
