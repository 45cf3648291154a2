"""The look of each assembly: its name, its languages, its colours and its sign.

A theme is a folder with `theme.css`, which may set the colours and fonts of the contract and nothing
else, and perhaps `logo.svg`. Both are read at start; what does not keep the contract stops the start.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from petitions.domain.errors import ConfigurationError
from petitions.domain.rulebook_files import Library
from petitions.platform.config import Settings

TOKENS = frozenset(
    {
        "--brand", "--brand-strong", "--on-brand", "--link", "--bg", "--surface", "--ink", "--muted",
        "--line", "--line-soft", "--info-bg", "--font-text", "--font-head", "--radius",
    }
)  # fmt: skip
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_DARK = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)\s*\{\s*(:root\s*\{[^{}]*\})\s*\}")
_ROOT = re.compile(r":root\s*\{([^{}]*)\}")
_VALUE = re.compile(r"[#\w\s.,%()\"'-]{1,200}")
_DRAWN = re.compile(
    r"<(?:\?xml[^>]*\?|/?(?:svg|g|path|rect|circle|ellipse|line|polygon|polyline|title|desc|defs"
    r"|linearGradient|radialGradient|stop|clipPath|mask)(?:\s[^<>]*)?/?)>|<!--.*?-->",
    re.DOTALL,
)
_POWER = re.compile(
    r"\bon\w+\s*=|javascript:|data:|(?:xlink:)?href\s*=|url\(\s*['\"]?(?!#)|<!", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Look:
    """`theme` and `logo`: names of assets, "" where the assembly has none of its own."""

    names: Mapping[str, str]
    languages: tuple[str, ...]
    theme: str = ""
    logo: str = ""


def looks_of(settings: Settings, library: Library) -> dict[str, Look]:
    """The look of every assembly this site serves. Raises ConfigurationError."""
    found = {}
    for assembly in settings.rulebooks.assemblies:
        own = library.assembly(assembly)
        known = settings.site.assemblies.get(assembly)
        spoken = known.languages if known and known.languages else own.site_languages
        folder = Path(known.theme) if known and known.theme else None
        found[assembly] = Look(
            names=own.names,
            languages=tuple(each for each in settings.site.languages if each in spoken)
            or tuple(settings.site.languages),
            theme=f"{assembly}.theme.css" if folder else "",
            logo=f"{assembly}.logo.svg" if folder and (folder / "logo.svg").is_file() else "",
        )
    return found


def theme_files(settings: Settings) -> dict[str, bytes]:
    """Asset name → content, of every assembly's theme; judged. Raises ConfigurationError."""
    found: dict[str, bytes] = {}
    for assembly, site in settings.site.assemblies.items():
        if not site.theme:
            continue
        folder, where = Path(site.theme), f"site.assemblies.{assembly}.theme"
        try:
            css = (folder / "theme.css").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise ConfigurationError(f"{where}: no readable theme.css in {folder}") from None
        fault = theme_fault(css)
        if fault:
            raise ConfigurationError(f"{where}: theme.css {fault}")
        found[f"{assembly}.theme.css"] = css.encode()
        logo = folder / "logo.svg"
        if logo.is_file():
            drawn = logo.read_bytes()
            if not is_plain_drawing(drawn):
                raise ConfigurationError(
                    f"{where}: logo.svg must be a drawing without scripts and outside references"
                )
            found[f"{assembly}.logo.svg"] = drawn
    return found


def theme_fault(css: str) -> str:
    """Why this is no theme; "" for one that keeps the contract."""
    bare = _COMMENT.sub("", css)
    inside_dark = _DARK.findall(bare)
    light = _ROOT.findall(_DARK.sub("", bare))
    if _ROOT.sub("", _DARK.sub("", bare)).strip():
        return "may only hold :root { … } and, for dark, @media (prefers-color-scheme: dark)"
    dark = [block for each in inside_dark for block in _ROOT.findall(each)]
    for block in (*light, *dark):
        for line in filter(str.strip, block.split(";")):
            token, colon, value = (part.strip() for part in line.partition(":"))
            if not colon or token not in TOKENS:
                return f"may not set '{token}': only {', '.join(sorted(TOKENS))}"
            if not _VALUE.fullmatch(value) or "url(" in value:
                return f"has no plain value for '{token}'"
    if light and not dark:
        return "must set its colours for dark as well"
    return ""


def is_plain_drawing(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    rest = _DRAWN.sub("", text)
    return "<svg" in text and "<" not in rest and not _POWER.search(text)
