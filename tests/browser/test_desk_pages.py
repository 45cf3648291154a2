"""The desk's own pages under the axe rules, in four displays, and inside their weight."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from playwright.sync_api import Browser

from admissibility.services import sifting
from petitions.domain.lifecycle import Action
from petitions.services import decisions
from petitions.services.decisions import Verdict
from petitions.services.reviews import open_reviews
from tests.browser.desk_by_keyboard import served
from tests.browser.looking import DISPLAYS, ONE, check
from tests.web.office_house import Office, make_office

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
MOST_BYTES = 60_000
REF = "2026-0001"
PAGES = {
    "/office/queue?v=all&language=fr": "Your own views",
    "/office/shortcuts": "Keyboard shortcuts",
    "/office/letters?language=fr": "Every letter",
    "/office/figures": "Petitions filed and decided",
    "/office/committee": "My committee",
    f"/office/files/{REF}/integrity": "Suspend signing now",
    f"/office/files/{REF}/sheet": "What is asked",
    "/office/cases/2026-0002": "Letters to the author",
    "/office/cases/2026-0003/compare/2026-0002": "What follows",
    "/office/cases/2026-0002/change": "Proposed wording in French",
}


@pytest.fixture
def office(open_engine: Any, sqlite_uri: str) -> Office:
    """One public petition, a few waiting, one of them in another language."""
    made = make_office(open_engine(sqlite_uri))
    made.file_petition("Ouvrir la bibliothèque le dimanche")
    for number in range(8):
        made.file_petition(f"Demande numéro {number} au conseil", "Écrire à voisin@example.org.")
    made.file_petition("Open the library on Sundays", language="en")
    with made.session() as session:
        petition = made.lock(session, REF)
        decisions.decide(
            session, made.house, petition, open_reviews(session, petition)[0],
            Verdict(Action.ACCEPT), made.actor("petit"), at=made.clock.at,
        )  # fmt: skip
        sifting.sift(session, made.house)
    return made


def test_every_page_of_the_desk_keeps_the_accessibility_rules(
    browser: Browser, office: Office
) -> None:
    with served(office) as address:
        context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
        token = office.open_session("petit")
        context.add_cookies([{"name": "staff", "value": token, "url": address}])
        page = context.new_page()
        for path, wanted in PAGES.items():
            page.goto(address + path)
            check(page, wanted, ONE if "cases" in path else tuple(DISPLAYS))
        context.close()


def test_a_page_of_the_desk_weighs_little(office: Office) -> None:
    clerk = office.sign_in("petit")
    assets = sum(
        len(gzip.compress(clerk.get(f"/static/{name}").data)) for name in ("site.css", "desk.js")
    )
    for path in PAGES:
        answer = clerk.get(path)
        assert answer.status_code == 200
        assert len(gzip.compress(answer.data)) + assets < MOST_BYTES, path


@pytest.mark.parametrize(("width", "most"), [(390, 100), (768, 90)])
def test_on_a_narrow_screen_the_menu_is_one_button_and_no_script_is_needed(
    browser: Browser, office: Office, width: int, most: int
) -> None:
    with served(office) as address:
        size = {"width": width, "height": 800}
        context = browser.new_context(viewport=size, java_script_enabled=False)
        token = office.open_session("petit")
        context.add_cookies([{"name": "staff", "value": token, "url": address}])
        page = context.new_page()
        page.goto(address + "/office/queue")
        box = page.locator("header.top").bounding_box()
        assert box is not None
        assert box["height"] <= most
        way = page.get_by_role("link", name="Figures", exact=True)
        assert not way.is_visible()
        page.get_by_role("button", name="Menu", exact=True).focus()
        page.keyboard.press("Enter")
        assert way.is_visible()
        page.keyboard.press("Tab")
        assert page.get_by_role("link", name="Queue", exact=True).evaluate(
            "each => each === document.activeElement"
        )
        page.keyboard.press("Escape")
        assert not way.is_visible()
        page.get_by_role("button", name="Menu", exact=True).click()
        way.click()
        assert page.inner_text("h1") == "Figures"
        page.set_viewport_size({"width": 1280, "height": 800})
        assert way.is_visible()
        assert not page.get_by_role("button", name="Menu", exact=True).is_visible()
        context.close()
