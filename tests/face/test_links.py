"""Every link of the public pages leads somewhere, in every language; found by following them all."""

from __future__ import annotations

import re
from collections import Counter, deque
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.exceptions import HTTPException

from petitions.domain.lifecycle import Action
from petitions.platform import migrations
from tests.web.site import TAG, Site, build

PER_ROUTE = 8
"""Addresses of one route that are followed; the others differ in a number or a filter."""
LINK = re.compile(r'<a [^>]*href="([^"#][^"]*)"|<form [^>]*action="([^"]+)"[^>]*method="get"')


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Site:
    place: Path = tmp_path_factory.mktemp("links")
    uri = f"sqlite:///{place}/petitions.sqlite"
    migrations.upgrade(uri)
    site = build(place, uri, dressed=True)
    ref = site.publish("Réparer l’école du Château")
    site.publish("Un marché couvert sur la place")
    refused = site.file("Le mur de mon voisin")
    site.decide(refused, Action.REFUSE, ("individual-case",), "Ce litige relève du juge.")
    site.file("En cours d’examen", tag=TAG)
    site.later(days=20)
    site.count(ref, *range(3, 60, 3))
    return site


def links(html: str, at: str) -> list[str]:
    """Internal addresses of a page, without fragments."""
    found = []
    for link, action in LINK.findall(html):
        parts = urlsplit(unescape(link or action))
        if parts.scheme or parts.netloc or parts.path.startswith(("/office", "/identity")):
            continue
        path = parts.path or urlsplit(at).path
        found.append(f"{path}?{parts.query}" if parts.query else path)
    return found


def follow(site: Site, start: str) -> tuple[dict[str, str], int]:
    """(address → the page that links to it) of what leads nowhere, and how many were followed."""
    reader, adapter = site.visitor(), site.app.url_map.bind("localhost")
    waiting, seen, routes = deque([(start, "")]), {start}, Counter[str]()
    lost: dict[str, str] = {}
    while waiting:
        at, source = waiting.popleft()
        answer = reader.get(at)
        if answer.status_code >= 400:
            lost[at] = source
        if answer.mimetype != "text/html" or answer.status_code >= 300:
            continue
        for link in links(answer.text, at):
            if link in seen:
                continue
            seen.add(link)
            try:
                route = str(adapter.match(urlsplit(link).path)[0])
            except HTTPException:
                route = ""
            routes[route] += 1
            if routes[route] <= PER_ROUTE or not route:
                waiting.append((link, at))
    return lost, len(seen)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_link_from_the_home_page_on_leads_somewhere(town: Site, lang: str) -> None:
    lost, followed = follow(town, f"/{lang}/")
    assert lost == {}
    assert followed > 40


def test_a_link_that_leads_nowhere_is_found(town: Site) -> None:
    assert links('<a class="x" href="/en/gone?x=1&amp;y=2#z">x</a><a href="#y">y</a>', "/en/") == [
        "/en/gone?x=1&y=2"
    ]
    assert follow(town, "/en/gone")[0] == {"/en/gone": ""}
