"""How a page is judged: the axe rules in four displays, and no sideways scroll on a narrow screen."""

from __future__ import annotations

from collections.abc import Iterable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
DISPLAYS = {
    "light": ({"color_scheme": "light"}, WIDE),
    "dark": ({"color_scheme": "dark"}, WIDE),
    "320 px": ({"color_scheme": "light"}, NARROW),
    "forced colours": ({"color_scheme": "light", "forced_colors": "active"}, WIDE),
}
ONE = ("light",)
"""For a page whose template is looked at in every display elsewhere."""

_OPEN = "document.querySelectorAll('details').forEach(each => { each.open = true })"
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def faults(page: Page, displays: Iterable[str] = tuple(DISPLAYS)) -> list[str]:
    """Everything wrong with the page as it stands, all that folds opened; it is not loaded again."""
    page.evaluate(_OPEN)
    found = []
    for name in displays:
        media, size = DISPLAYS[name]
        page.emulate_media(**{"forced_colors": "none", "reduced_motion": "reduce", **media})
        page.set_viewport_size(size)
        options = {"runOnly": RULES, "resultTypes": ["violations"]}
        for each in Axe().run(page, options=options).response["violations"]:
            places = "; ".join(str(node["target"][0]) for node in each["nodes"][:3])
            found.append(f"{name}: {each['id']} at {places}")
        if size is NARROW and (over := page.evaluate(_SIDEWAYS)) > 0:
            found.append(f"{name}: {over} px of sideways scroll")
    page.set_viewport_size(WIDE)
    return found


def check(page: Page, wanted: str = "", displays: Iterable[str] = tuple(DISPLAYS)) -> None:
    """The page is the one meant (`wanted` stands on it), has one heading 1, and has no fault."""
    main = page.inner_text("main")
    assert wanted in main, main
    assert page.locator("h1").count() == 1
    found = faults(page, displays)
    assert not found, "\n".join([page.url.partition("?")[0], *found])
