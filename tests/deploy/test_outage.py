"""What people see while no process answers: one small file, in every language, that needs no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from petitions.demo.settings import write_settings
from petitions.outage_page import outage_page
from petitions.platform.config import load_settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PROXY = (DEPLOY / "nginx" / "petitions.conf").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("outage")
    path = write_settings(folder, host="127.0.0.1", port=8000, provider_port=8001)
    return outage_page(load_settings(path))


def test_the_page_speaks_every_language_of_the_site(html: str) -> None:
    assert re.findall(r'<section lang="(\w+)"', html) == ["en", "fr", "nl", "de"]
    for sentence in (
        "The site does not answer for the moment",
        "Le site ne répond pas pour le moment",
        "De site antwoordt op dit moment niet",
        "Die Website antwortet zurzeit nicht",
    ):
        assert html.count(sentence) == 1


def test_the_page_is_small_and_asks_for_nothing_else(html: str) -> None:
    assert len(html.encode()) < 10_000
    assert not re.search(r"<(link|script|img|iframe)|src=|url\(|@import", html)
    assert set(re.findall(r'href="([^"]*)"', html)) == {""}
    assert 'http-equiv="refresh"' not in html


def test_the_proxy_shows_it_only_for_its_own_faults_and_says_when_to_come_back() -> None:
    assert "error_page 502 504 =503 /503.html;" in PROXY
    assert "proxy_intercept_errors" not in PROXY
    place = PROXY[PROXY.index("location = /503.html {") :]
    place = place[: place.index("}\n")]
    assert "internal;" in place
    assert "add_header Retry-After 120 always;" in place
    assert "default-src 'none'; style-src 'unsafe-inline'" in place


def test_its_line_in_the_log_tells_neither_the_page_nor_the_person() -> None:
    (line,) = re.findall(r"^log_format petitions_outage +(.*);$", PROXY, re.MULTILINE)
    assert set(re.findall(r"\$(\w+)", line)) == {"petitions_day", "status", "petitions_speed"}
