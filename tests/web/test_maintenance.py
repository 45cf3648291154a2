"""While the site can only be read nothing is signed, withdrawn or begun; what was begun goes on after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from petitions.storage import tables as t
from petitions.web.edge import EXTENSION
from tests.web.town import Town, form_of, open_town


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


@contextmanager
def maintenance(town: Town) -> Iterator[None]:
    rooms = town.site.app.extensions
    before = rooms[EXTENSION]
    site = msgspec.structs.replace(before.settings.site, read_only=True)
    rooms[EXTENSION] = replace(before, settings=msgspec.structs.replace(before.settings, site=site))
    try:
        yield
    finally:
        rooms[EXTENSION] = before


def standing(town: Town) -> list[str]:
    with town.site.session() as session:
        return list(session.scalars(select(t.Signature.standing)))


def test_a_withdrawal_waits_for_the_end_of_maintenance(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    town.browser().sign(ref)
    path = f"/en/petitions/{ref}/sign/withdraw/confirm"
    browser.log_in(f"/en/petitions/{ref}/sign/withdraw")
    form = form_of(browser.get(path).text, path)
    with maintenance(town):
        refused = browser.post(path, form)
        assert refused.status_code == 503
        assert standing(town) == ["signed"]
    assert "is withdrawn" in browser.post(path, form).text
    assert standing(town) == ["withdrawn"]


def test_nobody_is_sent_to_a_login_that_leads_nowhere(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form = browser.confirm(ref)
    with maintenance(town):
        for purpose in ("sign", "sign/withdraw"):
            assert browser.twin().get(f"/en/petitions/{ref}/{purpose}").status_code == 503, purpose
        assert browser.twin().get("/en/start/login?assembly=valmont").status_code == 503
        assert browser.post(f"/en/petitions/{ref}/sign/confirm", form).status_code == 503
        assert standing(town) == []
    done = browser.post(f"/en/petitions/{ref}/sign/confirm", form)
    assert done.headers["Location"].endswith("/done")
