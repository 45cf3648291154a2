"""People who use the demonstration: each has a browser of their own and does what a person does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page

TIMEOUT_MS = 15_000


@dataclass
class Person:
    """A page in a context of its own; `console` collects what the browser complains about."""

    page: Page
    address: str
    console: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    @property
    def text(self) -> str:
        return self.page.inner_text("main")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=re.compile(name)).first.click()

    def become(self, name: str, age: int = 30, place: str = "valmont") -> None:
        """Log in at the demonstration provider as anybody."""
        self.page.locator("input[name=name]").fill(name)
        self.page.locator("select[name=age]").select_option(str(age))
        self.page.locator("select").nth(1).select_option(place)
        self.press("Continue as this person|Continuer sous ce nom")

    def become_staff(self, name: str) -> None:
        self.press(name)


@contextmanager
def somebody(
    browser: Browser, address: str, *, scripts: bool, **settings: object
) -> Iterator[Person]:
    context: BrowserContext = browser.new_context(java_script_enabled=scripts, **settings)
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    person = Person(page, address)
    page.on("console", lambda message: person.console.append(message.text))
    page.on(
        "request",
        lambda request: (
            person.foreign.append(request.url)
            if not request.url.startswith(("http://127.0.0.1", "data:"))
            else None
        ),
    )
    try:
        yield person
    finally:
        context.close()
