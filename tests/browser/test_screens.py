"""Every screen in every state and in every display: axe finds nothing, nothing overflows or is cut off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.looking import DISPLAYS, LONGER, faults, headings
from tests.browser.screens import NAMES, screens, served

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(200)]
SHARES = 6


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(screens()) as found:
        yield found


@pytest.fixture(scope="module")
def page(browser) -> Iterator[Page]:
    context = browser.new_context(bypass_csp=True)
    yield context.new_page()
    context.close()


def look(page: Page, address: str, lang: str, name: str, displays: tuple[str, ...]) -> list[str]:
    answer = page.goto(f"{address}/{lang}/screens/{name}")
    assert answer is not None and answer.status == 200, name
    assert headings(page) == 1, name
    return [f"{name} ({lang}): {each}" for each in faults(page, displays)]


@pytest.mark.parametrize("share", range(SHARES))
def test_every_screen_is_readable_in_every_display(page: Page, address: str, share: int) -> None:
    found: list[str] = []
    for name in NAMES[share::SHARES]:
        found += look(page, address, "en", name, tuple(DISPLAYS))
    assert found == []


@pytest.mark.parametrize("share", range(2))
def test_the_longer_words_of_french_find_their_place(page: Page, address: str, share: int) -> None:
    found: list[str] = []
    for name in NAMES[share::2]:
        found += look(page, address, "fr", name, LONGER)
    assert found == []


def test_the_look_at_a_screen_finds_what_is_wrong(page: Page) -> None:
    page.goto("about:blank")
    page.set_content(
        "<html lang=en><title>Bad</title><meta name=viewport content='width=device-width'>"
        "<main><h1>Bad</h1><form><div style='position:relative'>"
        "<button type=submit>Send</button><div style='position:absolute;inset:0'></div></div></form>"
        "<p style='overflow:hidden;block-size:1rem'>cut<br>off</p>"
        "<p style='inline-size:60rem'>wide</p></main>"
    )
    found = " ".join(faults(page))
    assert "320 px: 648 px of sideways scroll" in found
    assert "light: covered: button by div" in found
    assert "text at 200 %: cut off: p" in found
