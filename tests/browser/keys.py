"""Hands that never leave the keyboard: Tab, Enter, Space, typing; and a look at where the focus is."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.browser.people import Person

_WHERE = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at), box = at.getBoundingClientRect();
  const x = Math.min(Math.max(box.x + box.width / 2, 1), innerWidth - 1);
  const y = Math.min(Math.max(box.y + Math.min(box.height / 2, 20), 1), innerHeight - 1);
  const hit = document.elementFromPoint(x, y);
  const label = at.labels && at.labels.length ? at.labels[0].innerText : '';
  return {
    tag: at.tagName.toLowerCase(), id: at.id,
    name: (label || at.getAttribute('aria-label') || at.innerText || at.value || '').trim(),
    seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    free: !!hit && (hit === at || at.contains(hit) || hit.contains(at) || hit.closest('label') !== null),
    inside: box.bottom > 0 && box.top < innerHeight,
  };
}"""
MOST = 80
"""Tabs after which something is not reachable for a patient person either."""


@dataclass
class Keyboard:
    """One page, and what was wrong with the focus on the way."""

    person: Person
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.person.page.emulate_media(reduced_motion="reduce")  # the page jumps, it does not glide

    @property
    def where(self) -> dict[str, object] | None:
        found: dict[str, object] | None = self.person.page.evaluate(_WHERE)
        return found

    def go_to(self, name: str, tag: str = "") -> None:
        """Tab until something with this beginning of a name has the focus."""
        for _step in range(MOST):
            self.person.page.keyboard.press("Tab")
            at = self.where
            if at is None:
                continue
            told = f"{self.person.page.url.partition('?')[0]} {at['tag']} “{str(at['name'])[:40]}”"
            self.faults += [
                f"{told} is {what}"
                for mark, what in (("seen", "not marked"), ("free", "covered"), ("inside", "off screen"))
                if not at[mark]
            ]  # fmt: skip
            if str(at["name"]).startswith(name) and (not tag or at["tag"] == tag):
                return
        raise AssertionError(
            f"no Tab leads to “{name}” on {self.person.page.url}: {self.person.text}"
        )

    def enter(self, name: str, tag: str = "") -> None:
        """Go to a link or a button and use it."""
        self.go_to(name, tag)
        with self.person.page.expect_navigation():
            self.person.page.keyboard.press("Enter")

    def tick(self, name: str) -> None:
        self.go_to(name, "input")
        self.person.page.keyboard.press("Space")

    def write(self, name: str, text: str) -> None:
        self.go_to(name)
        while (
            self.where is not None and self.where["tag"] == "a"
        ):  # the summary of errors names it too
            self.go_to(name)
        self.person.page.keyboard.press("Control+a")
        self.person.page.keyboard.insert_text(text)

    def choose(self, name: str, beginning: str) -> None:
        """A list to pick from: typing the beginning of an entry picks it."""
        self.go_to(name, "select")
        self.person.page.keyboard.type(beginning)
