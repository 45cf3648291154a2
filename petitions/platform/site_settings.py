"""Settings of the site itself: address, languages, look, pages, and what its papers may claim."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from typing import Annotated, Literal

import msgspec

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Refuse = Callable[[str, str], None]
"""(path of the setting, what was expected): raises."""


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of every table of the file: immutable, unknown keys refused."""


class AssemblySite(Strict, frozen=True):
    """One of several assemblies on one site: where its own pages are, and how they look."""

    host: str = ""
    """A host name of its own; or "" """
    path: str = ""
    """One word: its home is /<language>/<path>/ then."""
    theme: str = ""
    """Folder with theme.css, perhaps logo.svg and icon.svg; or the name of a theme that ships."""
    languages: list[str] = msgspec.field(default_factory=list)
    """Languages of its pages; default: those of the assembly's file."""


Status = Literal["draft", "in force"]


class Accessibility(Strict, frozen=True):
    """What the accessibility statement says of this site. Texts by language."""

    status: Literal["not audited", "not compliant", "partly compliant", "compliant"] = "not audited"
    audited_on: str = ""
    """Day of the audit (2026-05-31); required with any status but the first."""
    audited_by: str = ""
    compliance: str = ""
    """What the audit measured, such as 82 %."""
    contact: str = ""
    """E-mail or postal address for what does not work; default: `site.contact`."""
    enforcement: dict[str, str] = msgspec.field(default_factory=dict)
    """Who helps when the answer does not satisfy: name and address, by language."""
    enforcement_url: str = ""
    exceptions: dict[str, list[str]] = msgspec.field(default_factory=dict)
    """What is known not to be accessible, and why, by language."""


class Papers(Strict, frozen=True):
    """Whether the pages that bind in law have been approved."""

    privacy: Status = "draft"
    legal: Status = "draft"
    rules: Status = "draft"


class Site(Strict, frozen=True):
    base_url: Name
    """Public address, without a final slash."""
    deployment: Name
    """Fixed name of this deployment. It goes into every hash: never change it."""
    name: dict[str, str]
    languages: list[str] = msgspec.field(default_factory=lambda: ["en", "fr"])
    default_language: str = "en"
    contact: str = ""
    accessibility: Accessibility = msgspec.field(default_factory=Accessibility)
    papers: Papers = msgspec.field(default_factory=Papers)
    publisher: dict[str, str] = msgspec.field(default_factory=dict)
    """Who publishes the site, by language; default: the assemblies."""
    hosting: str = ""
    """Name and address of whoever hosts it, for the legal notice."""
    notices: dict[str, str] = msgspec.field(default_factory=dict)
    """A sentence on top of every page, by language."""
    read_only: bool = False
    """Maintenance: pages are read, nothing is written."""
    theme: str = ""
    """Folder with theme.css, perhaps logo.svg and icon.svg; or the name of a theme that ships."""
    content: str = ""
    """Folder of pages in Markdown: `<assembly or "site">/<language>/<page>.md`."""
    source_url: str = ""
    assemblies: dict[str, AssemblySite] = msgspec.field(default_factory=dict)
    """Id of an assembly → its own host or path, where the site serves several."""

    @property
    def spoken(self) -> tuple[str, ...]:
        """The site's languages, its own first."""
        rest = (each for each in self.languages if each != self.default_language)
        return (self.default_language, *rest)


def check_site(site: Site, refuse: Refuse) -> None:
    """What the values of the table contradict among themselves."""
    if not re.fullmatch(r"https?://[^/\s]+", site.base_url):
        refuse("site.base_url", f"must be an address without a path, got '{site.base_url}'")
    if site.default_language not in site.languages:
        refuse("site.default_language", f"must be one of {site.languages}")
    if site.accessibility.status != "not audited":
        try:
            date.fromisoformat(site.accessibility.audited_on)
        except ValueError:
            refuse("site.accessibility.audited_on", "must be the day of the audit: 2026-05-31")
    for language in site.languages:
        if language not in site.name:
            refuse(f"site.name.{language}", "is required: one name per language of the site")


# Words that stand behind the language in an address of every site.
_PLACES_TAKEN = frozenset(
    {
        "petitions", "start", "drafts", "mine", "log", "verify", "privacy", "accessibility", "rules",
        "contact", "legal", "how-it-works", "receipt", "support", "pages", "follow",
    }
)  # fmt: skip


def check_assemblies(site: Site, served: Collection[str], refuse: Refuse) -> None:
    public = site.base_url.partition("://")[2].partition(":")[0]
    hosts, paths = {public}, set(_PLACES_TAKEN)
    for assembly, own in site.assemblies.items():
        here = f"site.assemblies.{assembly}"
        if assembly not in served:
            refuse(here, "must name one of rulebooks.assemblies")
        if own.host and not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", own.host):
            refuse(f"{here}.host", f"must be a host name in small letters, got '{own.host}'")
        if own.host in hosts:
            refuse(f"{here}.host", f"is taken already: '{own.host}'")
        if own.path and not re.fullmatch(r"[a-z][a-z0-9-]{1,30}", own.path):
            refuse(f"{here}.path", f"must be one word of small letters, got '{own.path}'")
        if own.path in paths:
            refuse(f"{here}.path", f"is taken already: '{own.path}'")
        hosts.add(own.host)
        paths.add(own.path)
        hosts.discard("")
        paths.discard("")
