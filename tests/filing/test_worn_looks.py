"""On a site with two assemblies every page about a petition wears the name and look of its own one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.filing.asking_town import build_asking
from tests.filing.test_pages import begin, petition
from tests.web.site import Site

THEME, NAME = "bellerive.theme.", "Town of Bellerive"


@pytest.fixture
def site(tmp_path: Path, sqlite_uri: str) -> Iterator[Site]:
    made = build_asking(tmp_path, sqlite_uri)
    yield made
    made.close()


def header(page: str) -> str:
    return page.partition("<main")[0]


def test_the_pages_of_an_author_wear_the_look_of_the_assembly(site: Site) -> None:
    client = site.author(assembly="bellerive")
    draft = begin(client)
    paths = ("/en/mine", "/en/start/new", "/en/start?assembly=bellerive", f"{draft}/text")
    for path in (*paths, f"{draft}/similar"):
        page = header(client.get(path).text)
        assert THEME in page, path
        assert NAME in page, path
    assert THEME not in header(site.author().get("/en/mine").text), "the other one's"
    assert THEME not in header(site.visitor().get("/en/start").text), "nobody chose yet"


def test_a_login_or_a_signature_that_fails_wears_it_too(site: Site) -> None:
    client = site.author(b"\x0c" * 32, assembly="bellerive")
    draft = begin(client)
    with site.session() as session:
        found = petition(site)
        found = session.merge(found)
        found.reference = "2026-0007"
        found.state, found.published_at, found.opens_at = "published", site.at, site.at
        found.closes_at = site.at + timedelta(days=9)
    assert draft
    visitor = site.visitor()
    closed = visitor.get("/en/petitions/2026-0007/sign")
    assert closed.status_code in {403, 409, 410, 422}, closed.status_code
    late = visitor.get("/en/petitions/2026-0007/sign/confirm")
    assert late.status_code == 400
    for answer in (closed, late):
        assert THEME in header(answer.text), answer.status_code
        assert NAME in header(answer.text)
