"""closing.json as everybody downloads it: only when it is public, kept by caches, naming nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from petitions.certificate.document import closing_json
from petitions.services.closing import END_DATE, close_signing
from petitions.services.closing_facts import closing_facts
from petitions.services.witnessing import NOBODY
from tests.web.town import Town, open_town


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


def test_closing_json_appears_with_the_last_batch_and_not_before(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    path = f"/petitions/{ref}/closing.json"
    town.integrate()
    assert browser.get(path).status_code == 404, "signing goes on"
    with town.site.session() as session:
        petition = town.site.petition(session, ref)
        close_signing(session, petition, at=town.site.at, reason=END_DATE)
    assert browser.get(path).status_code == 404, "its last batch is not public"
    assert path not in browser.get(f"/en/petitions/{ref}/count").text
    town.integrate()
    answer = browser.get(path)
    assert answer.status_code == 200
    with town.site.session() as session:
        petition = town.site.petition(session, ref)
        house = town.site.app.extensions["petitions.engine"].house
        wanted = closing_json(closing_facts(session, house, petition, NOBODY.enough))
    assert answer.data == wanted
    assert json.loads(answer.data)["petition"]["reference"] == ref
    assert answer.mimetype == "application/json"
    assert "public" in answer.headers["Cache-Control"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    again = browser.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    for lang, words in (("en", "Closing certificate"), ("fr", "Certificat de clôture")):
        page = browser.get(f"/{lang}/petitions/{ref}/count").text
        assert f'href="{path}"' in page
        assert words in page
    town.hide(ref)
    assert browser.get(path).status_code == 404, "what was removed is not handed out here"
    assert browser.get("/petitions/2026-9999/closing.json").status_code == 404
