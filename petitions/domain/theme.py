"""A parliament's theme: the few tokens it may set, and the contrast that they must keep. Pure.

`theme.css` holds `:root { … }` and, for dark, the same inside `@media (prefers-color-scheme: dark)`.
What it leaves out stays as in the product's own stylesheet, so pairs are judged on both together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from petitions.domain.contrast import colour, contrast

COLOURS = frozenset(
    {
        "--brand", "--brand-strong", "--on-brand", "--link", "--bg", "--surface", "--ink", "--muted",
        "--line", "--line-soft", "--info-bg",
    }
)  # fmt: skip
TOKENS = COLOURS | {"--font-text", "--font-head", "--radius"}
TEXT, SHAPE = 4.5, 3.0
"""Least contrast of text (WCAG 1.4.3) and of the parts one operates (WCAG 1.4.11)."""
PAIRS: tuple[tuple[str, str, float], ...] = (
    *((front, back, TEXT) for front in ("--ink", "--muted", "--link")
      for back in ("--bg", "--surface", "--info-bg")),
    *((front, back, TEXT) for front in ("--brand", "--bad") for back in ("--bg", "--surface")),
    ("--on-brand", "--brand", TEXT),
    ("--on-brand", "--brand-strong", TEXT),
    ("--brand-strong", "--info-bg", TEXT),
    ("--ok", "--ok-bg", TEXT),
    ("--warn", "--warn-bg", TEXT),
    ("--bad", "--bad-bg", TEXT),
    *(("--line", back, SHAPE) for back in ("--bg", "--surface")),
    ("--focus", "--focus-ink", SHAPE),
)  # fmt: skip
"""(front, back, least contrast): every pair of colours that meets on a page."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_DARK = re.compile(
    r"@media\s*(?:screen\s+and\s*)?\(prefers-color-scheme:\s*dark\)\s*\{\s*(:root\s*\{[^{}]*\})\s*\}"
)
_ROOT = re.compile(r":root\s*\{([^{}]*)\}")
_VALUE = re.compile(r"[#\w\s.,%()\"'-]{1,200}")


@dataclass(frozen=True, slots=True)
class Theme:
    """Token → value, as written; dark holds what differs in the dark."""

    light: Mapping[str, str] = field(default_factory=dict)
    dark: Mapping[str, str] = field(default_factory=dict)


def read_theme(css: str) -> Theme:
    """The tokens of every `:root` block; what stands elsewhere is not looked at."""
    bare = _COMMENT.sub("", css)
    inside = _DARK.findall(bare)
    light = _ROOT.findall(_DARK.sub("", bare))
    return Theme(_tokens(light), _tokens([_ROOT.findall(each)[0] for each in inside]))


def _tokens(blocks: list[str]) -> dict[str, str]:
    lines = (line.partition(":") for block in blocks for line in block.split(";") if line.strip())
    return {token.strip(): value.strip() for token, _colon, value in lines}


def theme_fault(css: str) -> str:
    """Why this is no theme; "" for one that keeps the contract."""
    bare = _COMMENT.sub("", css)
    if _ROOT.sub("", _DARK.sub("", bare)).strip():
        return "may only hold :root { … } and, for dark, @media (prefers-color-scheme: dark)"
    theme = read_theme(css)
    for token, value in (*theme.light.items(), *theme.dark.items()):
        if token not in TOKENS:
            return f"may not set '{token}': only {', '.join(sorted(TOKENS))}"
        if not _VALUE.fullmatch(value) or "url(" in value:
            return f"has no plain value for '{token}'"
        if token in COLOURS and colour(value) is None:
            return f"must give '{token}' as #rrggbb, got '{value}'"
    lacking = sorted(COLOURS.intersection(theme.light) - set(theme.dark))
    if lacking:
        return f"must set its colours for dark as well: {', '.join(lacking)}"
    return ""


def contrast_faults(theme: Theme, own: Theme) -> Iterator[str]:
    """Every pair under its minimum, with what was measured. `own`: the product's stylesheet."""
    light = {**own.light, **theme.light}
    dark = {**own.light, **own.dark, **theme.light, **theme.dark}  # the order of the cascade
    for name, tokens in (("light", light), ("dark", dark)):
        for front, back, least in PAIRS:
            one, other = colour(tokens[front]), colour(tokens[back])
            if one is None or other is None:
                yield f"{name}: {front} or {back} is no colour that can be measured"
                continue
            found = contrast(one, other)
            if found < least:
                yield (
                    f"{name}: {front} {tokens[front]} on {back} {tokens[back]} has a contrast of "
                    f"{int(found * 100) / 100}, {least} is the least"
                )
