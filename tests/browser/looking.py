"""How a page is judged: the axe rules, and that it can be read and operated in every display.

The page is loaded once and shown in one display after the other. Every axe rule runs in the light
one; in the others only those whose answer can differ there, so that a page costs a second and not ten.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from weakref import WeakSet

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
PLACES = ["target-size", "scrollable-region-focusable"]
WIDE, NARROW, PHONE = (
    {"width": 1280, "height": 900}, {"width": 320, "height": 640}, {"width": 360, "height": 740},
)  # fmt: skip


@dataclass(frozen=True)
class Display:
    """How the page is shown, and what is looked at in it. `rules`: of axe; None = all."""

    size: dict[str, int] = field(default_factory=lambda: WIDE)
    colours: str = "light"
    forced: str = "none"
    rules: tuple[str, ...] | None = ()
    root: str = ""
    """A style of the root element: text size."""
    direction: str = ""
    spaced: bool = False
    """Text spacing of WCAG 1.4.12."""


DISPLAYS = {
    "light": Display(rules=None),
    "dark": Display(colours="dark", rules=tuple(COLOURS)),
    "forced colours": Display(forced="active", rules=("color-contrast",)),
    "320 px": Display(size=NARROW, rules=tuple(PLACES)),
    "text at 200 %": Display(size=PHONE, root="font-size:212.5%"),
    "text spaced": Display(size=PHONE, spaced=True),
    "right to left": Display(size=PHONE, direction="rtl"),
    "right to left, wide": Display(direction="rtl"),
}
LONGER = ("320 px", "text at 200 %")
"""Another language makes words longer; its colours are the same."""
ONE = ("light",)
"""For a page whose template is looked at in every display elsewhere."""

_OPEN = """() => {
  document.querySelectorAll('details').forEach(each => { each.open = true });
  return typeof axe === 'object';
}"""
_SET = """(root, direction, spaced) => {
  const html = document.documentElement;
  html.dataset.dir ??= html.dir;
  html.style.cssText = root;
  html.dir = direction || html.dataset.dir;
  globalThis.spacing ??= new CSSStyleSheet();
  spacing.replaceSync(spaced ? `* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important } p { margin-block-end: 2em !important }` : '');
  document.adoptedStyleSheets = [spacing];
  scrollTo(0, 0);
}"""
_AXE = """async (rules, tags) => {
  const runOnly = rules ? { type: 'rule', values: rules } : { type: 'tag', values: tags };
  const found = await axe.run(document, { runOnly, resultTypes: ['violations'] });
  return found.violations.map(each => [each.id, each.nodes.slice(0, 3).map(n => String(n.target[0]))]);
}"""
_LAYOUT = """() => {
  const found = [], name = each => each.id ? '#' + each.id
    : each.tagName.toLowerCase() + (each.className.baseVal ?? each.className ? '.' + each.className : '');
  const root = document.documentElement, over = root.scrollWidth - root.clientWidth;
  if (over > 0) found.push(over + ' px of sideways scroll');
  for (const each of document.querySelectorAll('main *, header *, footer *')) {
    if (each.matches('input, textarea, select')) continue;  // their text scrolls
    const style = getComputedStyle(each);
    if (/hidden|clip/.test(style.overflowX + style.overflowY) && style.position !== 'absolute'
        && !each.closest('svg, progress, iframe, .vh')
        && (each.scrollHeight > each.clientHeight + 2 || each.scrollWidth > each.clientWidth + 2))
      found.push('cut off: ' + name(each));
  }
  // a button that nobody sees or reaches, and that the Enter key means, may lie under another
  const shown = 'button[type=submit]:not(.vh[aria-hidden=true][tabindex="-1"]), a.btn';
  for (const each of document.querySelectorAll(shown)) {
    each.scrollIntoView({ block: 'center', behavior: 'instant' });
    const box = each.getBoundingClientRect();
    if (!box.width) continue;
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (!hit || !(each === hit || each.contains(hit)))
      found.push('covered: ' + name(each) + ' by ' + (hit ? name(hit) : 'nothing'));
  }
  return found;
}"""

_LOOK = f"""async ([style, rules, tags, layout]) => {{
  ({_SET})(...style);
  const broken = rules && !rules.length ? [] : await ({_AXE})(rules, tags);
  return [broken, layout ? ({_LAYOUT})() : []];
}}"""
"""All that is done in one display, in one call: there and back takes as long as most of what is asked."""
_with_axe: WeakSet[BrowserContext] = WeakSet()
"""Contexts whose pages bring the axe rules with them: half a megabyte goes to the browser once."""


def _prepared(page: Page) -> None:
    """Once per page that was loaded."""
    if not page.evaluate(_OPEN):
        if page.context not in _with_axe:
            page.context.add_init_script(AXE_SCRIPT)  # the next pages
            _with_axe.add(page.context)
        page.evaluate(AXE_SCRIPT)


def _seen(page: Page, shown: Display) -> list[str]:
    """What is wrong in this display, which the browser is in already."""
    style = [shown.root, shown.direction, shown.spaced]
    rules = None if shown.rules is None else list(shown.rules)
    layout = shown.colours == "light" and shown.forced == "none"  # colours move nothing
    broken, misplaced = page.evaluate(_LOOK, [style, rules, RULES, layout])
    return [*(f"{rule} at {'; '.join(at)}" for rule, at in broken), *misplaced]


def headings(page: Page) -> int:
    """Of the first level. A locator would load Playwright's own script into each page: 50 ms."""
    return int(page.evaluate("document.querySelectorAll('h1').length"))


def faults(page: Page, displays: Iterable[str] = tuple(DISPLAYS)) -> list[str]:
    """Everything wrong with the page as it stands, all that folds opened; it is not loaded again."""
    _prepared(page)
    found = []
    before: Display | None = None
    for name, shown in (*((each, DISPLAYS[each]) for each in displays), ("", Display())):
        if before is None or (before.colours, before.forced) != (shown.colours, shown.forced):
            page.emulate_media(
                reduced_motion="reduce",
                color_scheme=shown.colours,  # type: ignore[arg-type]
                forced_colors=shown.forced,  # type: ignore[arg-type]
            )
        if before is None or before.size != shown.size:
            page.set_viewport_size(shown.size)  # type: ignore[arg-type]
        if name:
            found += [f"{name}: {each}" for each in _seen(page, shown)]
        before = shown
    # at the end it is as it was at the beginning
    page.evaluate(f"({_SET})('', '', false)")
    return found


def check(page: Page, wanted: str = "", displays: Iterable[str] = tuple(DISPLAYS)) -> None:
    """The page is the one meant (`wanted` stands on it), has one heading 1, and has no fault."""
    main = page.inner_text("main")  # waits until it is there, also right after a click
    assert wanted in main, main
    assert headings(page) == 1
    found = faults(page, displays)
    assert not found, "\n".join([page.url.partition("?")[0], *found])
