"""Budgets of a first visit to the real site, dressed: bytes, requests, no cookie, nobody else asked."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from petitions.platform import migrations
from tests.web.site import Site, build

KILOBYTE = 1000


@pytest.fixture(scope="module")
def dressed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, str]:
    """A town that wears a theme, with a petition that has a history."""
    place: Path = tmp_path_factory.mktemp("budget")
    uri = f"sqlite:///{place}/petitions.sqlite"
    migrations.upgrade(uri)
    site = build(place, uri, dressed=True)
    ref = site.publish()
    for title in ("Un marché couvert", "Des bancs à l’ombre", "Une piste jusqu’à la gare"):
        site.publish(title)
    site.later(days=20)
    site.count(ref, *range(3, 60, 3))
    return site, ref


@pytest.mark.parametrize(
    ("path", "limit", "requests"),
    [
        ("/en/petitions/{ref}", 25, 6),
        ("/fr/petitions/{ref}", 25, 6),
        ("/en/petitions", 30, 6),
        ("/en/", 30, 6),
        ("/en/start?assembly=valmont", 30, 6),
        ("/en/petitions/{ref}/embed", 5, 2),
    ],
)
def test_a_first_visit_stays_in_its_budget(
    dressed: tuple[Site, str], path: str, limit: int, requests: int
) -> None:
    site, ref = dressed
    reader = site.visitor()
    answer = reader.get(path.format(ref=ref))
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    asked = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text))
    assert ".theme." in answer.text or "assembly" not in path
    total = len(gzip.compress(answer.data, 6))
    for each in asked:
        file = reader.get(each)
        assert file.headers["Cache-Control"].endswith("immutable")
        assert "Set-Cookie" not in file.headers
        total += len(gzip.compress(file.data, 6))
    assert total <= limit * KILOBYTE, f"{total} bytes"
    assert 1 + len(asked) <= requests


@pytest.mark.parametrize("path", ["/en/", "/en/petitions", "/en/petitions/{ref}", "/en/privacy"])
def test_a_public_page_loads_nothing_from_elsewhere(dressed: tuple[Site, str], path: str) -> None:
    site, ref = dressed
    html = site.visitor().get(path.format(ref=ref)).text
    loaded = re.findall(r'<(?:img|script|iframe|source|embed)[^>]* (?:src|srcset)="([^"]+)"', html)
    loaded += re.findall(r'<link rel="(?:stylesheet|icon|preload)"[^>]* ?href="([^"]+)"', html)
    assert loaded
    assert all(urlsplit(each).netloc == "" for each in loaded)
