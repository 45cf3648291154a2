"""One draft in two tabs of a real browser: what each typed is kept, with scripts and without."""

from __future__ import annotations

from itertools import count

import pytest
from playwright.sync_api import Page

from tests.browser.looking import LONGER, check
from tests.browser.people import Person, somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]
REQUEST = "We ask for benches in the shade of the plane trees."
MORNING = "The square is hot.\n\nNobody can sit there before noon, and the market is long."
EVENING = "The square is hot.\n\nNobody can sit there before six, & the market is long."
_number = count(1)


def press(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form button.btn").first.click()


def a_draft(author: Person) -> str:
    """Begun in French on a page of that language; where its pages are."""
    number = next(_number)
    author.open("/en/start/login?assembly=valmont&back=/en/start/new")
    author.become(f"Author in {number} tabs", age=40)
    author.open("/en/start/new")
    author.page.fill("[name=title]", f"Benches in the shade, {number}")
    author.page.select_option("[name=language]", "fr")
    press(author.page)
    return author.page.url.rpartition("/")[0]


def typed(page: Page, reasons: str) -> None:
    page.fill("[name=request]", REQUEST)
    page.fill("[name=reasons]", reasons)


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_the_second_tab_chooses_between_two_texts_and_loses_none(browser, demo_site, scripts):
    with somebody(browser, demo_site.address, scripts=scripts) as author:
        here = a_draft(author)
        first, second = author.page, author.page.context.new_page()
        for page in (first, second):
            page.goto(f"{here}/text")
        typed(first, MORNING)
        press(first)
        typed(second, EVENING)
        press(second)
        assert "Your petition was changed elsewhere" in second.inner_text("h1")
        assert second.input_value("[name=reasons]") == EVENING
        assert "before noon" in second.inner_text("main blockquote")
        if scripts:  # axe is one
            check(second)
        first.goto(f"{here}/text")
        assert first.input_value("[name=reasons]") == MORNING
        press(second)
        first.goto(f"{here}/text")
        assert first.input_value("[name=reasons]") == EVENING


def test_the_title_page_of_a_draft_has_no_fault_and_moves_it_into_another_language(
    browser, demo_site
):
    with somebody(browser, demo_site.address, scripts=True) as author:
        here = a_draft(author)
        page = author.page
        page.locator("a.back").click()
        check(page, "Language of the petition")
        page.goto(f"{here.replace('/en/', '/de/')}/title")
        check(page, displays=LONGER)
        page.select_option("[name=language]", "en")
        press(page)
        page.goto(f"{here}/title")
        assert page.input_value("[name=language]") == "en"
