"""Languages of an assembly on a site that speaks more: what the switch offers, what a page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from petitions.platform.i18n import _, load_catalogues, speaking
from tests.web import town as towns
from tests.web.site import FOUR
from tests.web.town import Town, open_town


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setattr(towns, "TWO", FOUR)
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


def above_the_heading(page: str) -> str:
    return page.partition("<main")[2].partition("<h1")[0]


def test_a_page_says_where_the_words_of_its_assembly_are_not_translated(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    page = browser.get(f"/de/petitions/{ref}").text
    assert "Stadt Valmont" in page.partition("<main")[0]
    notice = above_the_heading(page)
    assert "Stadt Valmont" in notice
    assert f'href="/fr/petitions/{ref}" lang="fr"' in notice
    assert f'href="/nl/petitions/{ref}" lang=' not in page, "not a language of the assembly"
    for lang in ("en", "fr"):
        own = browser.get(f"/{lang}/petitions/{ref}").text
        assert f'href="/de/petitions/{ref}" lang="de"' not in own
        assert "hreflang" not in above_the_heading(own)
    assert "hreflang" not in above_the_heading(browser.get("/de/").text), "the site speaks it"


def test_an_answer_not_given_in_the_readers_language_is_quoted_in_that_of_the_petition(
    town: Town,
) -> None:
    ref, browser = town.publish(), town.browser()
    with town.site.session() as session:  # as the batch that reaches the number leaves it
        town.site.petition(session, ref).state = "threshold_reached"
    town.site.examine(ref, "Le conseil adopte.", "The council adopts.")
    for path in ("/petitions", f"/petitions/{ref}"):
        german = browser.get("/de" + path).text
        assert re.search(r'lang="fr"[^<]*>(?:<[^<]*>)*Le conseil adopte\.<', german)
        assert "The council adopts." not in german
        assert "The council adopts." in browser.get("/en" + path).text


def test_nobody_is_led_to_another_language_in_the_middle_of_signing(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    browser.log_in(f"/de/petitions/{ref}/sign")
    page = browser.get(f"/de/petitions/{ref}/sign/confirm").text
    assert 'lang="de"' in page
    assert "hreflang" not in page.partition("<h1")[0], "the login would be lost"


@pytest.mark.parametrize("lang", ["en", "fr", "nl", "de"])
def test_the_words_in_the_drawing_of_signing_fit_their_boxes(lang: str) -> None:
    with speaking(load_catalogues((lang,)).locale(lang)):
        for words in ("Identity service", "This site: login", "This site: signatures"):
            assert len(_(words)) <= len("This site: signatures"), _(words)
