"""Atom feeds (RFC 4287) with `tag:` ids (RFC 4151). Pure: what stands in a feed is handed in.

An id never changes, whatever becomes of titles and addresses: readers tell by it what is new.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
MEDIA_TYPE = "application/atom+xml"
_SINCE = "2026"
"""Year in the ids of feeds: RFC 4151 wants a day on which the name was the site's own."""
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2) has no place for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`updated` moves when a reader should look again; `lang` is that of title and summary."""

    id: str
    title: str
    href: str
    updated: datetime
    published: datetime | None = None
    summary: str = ""
    author: str = ""
    lang: str = ""
    category: tuple[str, str] | None = None
    """(term for programs, label for people)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    id: str
    title: str
    href: str
    """The page it tells of."""
    self_href: str
    author: str
    lang: str
    updated: datetime
    subtitle: str = ""
    rights: str = ""
    next_href: str = ""
    """Older entries (RFC 5005)."""
    entries: Sequence[Entry] = ()


def tag(authority: str, what: str, since: str = _SINCE) -> str:
    """`tag:petitions.example.org,2026:petition/2026-0142` (RFC 4151, section 2.1)."""
    return f"tag:{authority},{since}:{what}"


def feed_file(feed: Feed) -> bytes:
    """The whole document, UTF-8."""
    ET.register_namespace("", ATOM)
    root = ET.Element(_name("feed"), {f"{{{XML}}}lang": feed.lang})
    for name, value in (
        ("id", feed.id),
        ("title", feed.title),
        ("subtitle", feed.subtitle),
        ("updated", instant(feed.updated)),
        ("rights", feed.rights),
    ):
        _text(root, name, value)
    _text(ET.SubElement(root, _name("author")), "name", feed.author)
    for link in _links(feed):
        ET.SubElement(root, _name("link"), link)
    for entry in feed.entries:
        _entry(root, entry)
    found: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _links(feed: Feed) -> Iterator[dict[str, str]]:
    yield {"rel": "self", "type": MEDIA_TYPE, "href": feed.self_href}
    yield {"rel": "alternate", "type": "text/html", "href": feed.href}
    if feed.next_href:
        yield {"rel": "next", "type": MEDIA_TYPE, "href": feed.next_href}


def _entry(root: ET.Element, entry: Entry) -> None:
    attributes = {f"{{{XML}}}lang": entry.lang} if entry.lang else {}
    found = ET.SubElement(root, _name("entry"), attributes)
    _text(found, "id", entry.id)
    _text(found, "title", entry.title)
    _text(found, "updated", instant(entry.updated))
    if entry.published is not None:
        _text(found, "published", instant(entry.published))
    link = {"rel": "alternate", "type": "text/html", "href": entry.href}
    ET.SubElement(found, _name("link"), link)
    if entry.author:
        _text(ET.SubElement(found, _name("author")), "name", entry.author)
    if entry.category is not None:
        term, label = entry.category
        ET.SubElement(found, _name("category"), {"term": term, "label": _clean(label)})
    _text(found, "summary", entry.summary)


def _text(parent: ET.Element, name: str, value: str) -> None:
    if value:
        ET.SubElement(parent, _name(name)).text = _clean(value)


def _name(local: str) -> str:
    return f"{{{ATOM}}}{local}"


def _clean(value: str) -> str:
    return _FORBIDDEN.sub("", value)


def instant(at: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
