"""Links: what the rulebook allows, and addresses that hide where they lead. Pure.

Nothing is fetched. A shortened link can be pointed elsewhere after publication, and a host of
mixed alphabets can imitate an official one: both are worth a clerk's look.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from admissibility.checks.signal import FormRules, PetitionText, Severity, Signal, Span
from petitions.domain.vocabulary import Links

_SHORTENERS = (
    "bit.ly buff.ly cutt.ly goo.gl is.gd lnkd.in ow.ly rb.gy rebrand.ly shorturl.at t.co t.ly "
    "tiny.cc tinyurl.com urlz.fr v.gd"
)
SHORTENERS = frozenset(_SHORTENERS.split())
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"“”«»]+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}'’"


def _host(link: str) -> str:
    try:
        return (urlsplit(link if "//" in link else f"https://{link}").hostname or "").rstrip(".")
    except ValueError:  # "https://[" is not an address at all
        return ""


def _official(host: str, names: tuple[str, ...]) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in names)


def _disguised(host: str) -> bool:
    """True for a number, an encoded name or letters outside ASCII in the host."""
    if host.startswith("xn--") or ".xn--" in host or not host.isascii():
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def check(text: PetitionText, rules: FormRules) -> Iterator[Signal]:
    """Signals links_not_allowed, links_not_official, links_shortened, links_disguised, links."""
    found = [
        (Span(part, link.start(), link.start() + len(shown)), _host(shown))
        for part, words in text.parts()
        for link in _LINK.finditer(words)
        if (shown := link.group().rstrip(_TRAILING))
    ]
    if not found:
        return
    every = tuple(span for span, _ in found)
    outside = tuple(span for span, host in found if not _official(host, rules.official_hosts))
    short = tuple(span for span, host in found if host.removeprefix("www.") in SHORTENERS)
    disguised = tuple(span for span, host in found if not host or _disguised(host))
    if rules.links is Links.NONE:
        yield Signal("links_not_allowed", Severity.WARNING, {"places": len(every)}, every)
    elif rules.links is Links.OFFICIAL and outside:
        yield Signal("links_not_official", Severity.WARNING, {"places": len(outside)}, outside)
    else:
        yield Signal("links", Severity.NOTICE, {"places": len(every)}, every)
    if short:
        yield Signal("links_shortened", Severity.WARNING, {"places": len(short)}, short)
    if disguised:
        yield Signal("links_disguised", Severity.SERIOUS, {"places": len(disguised)}, disguised)
