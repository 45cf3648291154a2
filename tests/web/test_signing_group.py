"""Competing petitions at the edge: the login gives the group's value, the page says what it means."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from petitions.storage import tables as t
from tests.house import changed_library
from tests.services.test_signing_group import GROUP
from tests.web.town import BASTIEN, Town, open_town


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    changed_library(tmp_path, "town", GROUP)
    with open_town(tmp_path / "site", database_uri, rulebooks=tmp_path / "rulebooks") as found:
        yield found


def against(town: Town, title: str) -> str:
    return town.publish(title, answers={"contested_act": "Project 7"})


def test_the_second_of_two_competing_petitions_is_refused_with_what_to_do(town: Town) -> None:
    one, other = against(town, "Keep the old bridge"), against(town, "Build the new bridge")
    browser = town.browser()
    page = browser.get(f"/en/petitions/{one}").text
    assert "one signature among this petition" in page
    assert "Build the new bridge" in page
    form = browser.get(f"/en/petitions/{one}/sign")
    assert form.status_code == 303
    assert browser.sign(one).headers["Location"] == f"/en/petitions/{one}/sign/done"
    refused = browser.sign(other)
    assert refused.status_code == 409
    assert "first withdraw the other signature" in refused.text
    assert "Keep the old bridge" not in refused.text  # whoever looks on learns no side
    assert town.browser().sign(other, BASTIEN).status_code == 303
    assert browser.withdraw(one).status_code == 200
    assert browser.sign(other).headers["Location"] == f"/en/petitions/{other}/sign/done"
    with town.site.session() as session:
        rows = session.scalars(select(t.GroupAct)).all()
    assert len(rows) == 2


def test_the_confirm_page_says_what_is_kept_for_the_group(town: Town) -> None:
    one = against(town, "Keep the old bridge")
    against(town, "Build the new bridge")
    browser = town.browser()
    browser.confirm(one)
    page = browser.get(f"/en/petitions/{one}/sign/confirm").text
    assert "It does not say which of them you signed" in page
    assert "You can sign one of them only" in page
