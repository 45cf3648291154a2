"""The frame that every page stands in: what it says of the site, and where the reader is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from petitions.web.pages import Link


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language of the site: `href` switches to it, `alternate` is its absolute address."""

    lang: str
    name: str
    href: str
    alternate: str = ""


@dataclass(frozen=True, slots=True)
class SiteFace:
    """What every page says of the site, in the reader's language."""

    name: str
    is_demo: bool = False
    notice: str = ""
    source_url: str = ""
    has_theme: bool = False
    address: str = ""
    """Public address without trailing slash: https://petitions.parliament.example"""
    languages: tuple[str, ...] = ()
    theme: str = ""
    logo: str = ""
    icon: str = "icon.svg"
    """Names of the stylesheet and pictures of an assembly's own look."""
    place: str = ""
    """What stands before the lists of one assembly: "/prb"."""
    accessibility: str = "not audited"
    modes: tuple[str, ...] = ()
    """What the calendar of the assembly says of these weeks: dissolved, no committee yet."""
    read_only: bool = False
    pages: tuple[Link, ...] = ()
    """Those that the parliament wrote for itself."""
    assembly: str = ""
    called: str = ""
    """What a sentence calls the assembly that the page is about: "the town council"."""

    @property
    def called_first(self) -> str:
        """The same at the beginning of a sentence."""
        return self.called[:1].upper() + self.called[1:]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the reader is: menu entry, languages of the page, and if search engines may keep it."""

    section: str = ""
    tongues: tuple[Tongue, ...] = ()
    canonical: str = ""
    noindex: bool = False
    own_tongues: tuple[Tongue, ...] = ()
    """Those of the assembly, where the reader's is none of them: its words are not translated."""
