"""Where a signature comes from, asked on the confirm page; how a count is made up, told in public."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from petitions.area_border import area_codes, postcode_tables
from petitions.domain.errors import ConfigurationError
from petitions.domain.postcodes import read_postcodes
from petitions.storage import tables as t
from tests.house import changed_library, settings_in, shipped_library
from tests.web.town import BASTIEN, Town, open_town

QUORUM = {
    "[signing]\n": '[signing]\nareas = { file = "fr-departements", source = "declared" }\n'
    'channels = ["online", "paper"]\n',
    'effect = "agenda_item"\n': 'effect = "agenda_item"\nquorum = { k = 3, min = 1 }\n',
}
POSTCODE = {"[signing]\n": '[signing]\nareas = { file = "fr-departements", source = "postcode" }\n'}
Open = Callable[..., AbstractContextManager[Town]]


@pytest.fixture
def opened(tmp_path: Path, database_uri: str) -> Open:
    def make(changes: dict[str, str], **settings: object) -> AbstractContextManager[Town]:
        (tmp_path / "edited").mkdir()
        changed_library(tmp_path / "edited", "town", changes)
        place = tmp_path / "edited" / "rulebooks"
        return open_town(tmp_path, database_uri, rulebooks=place, **settings)

    return make


@pytest.fixture
def by_area(opened: Open) -> Iterator[Town]:
    with opened(QUORUM) as town:
        yield town


def areas(town: Town) -> list[str]:
    with town.site.session() as session:
        return list(session.scalars(select(t.PendingEntry.area).where(t.PendingEntry.type == 16)))


def test_an_area_that_the_rules_need_is_asked_for_and_kept_with_no_person(by_area: Town) -> None:
    ref, browser = by_area.publish(), by_area.browser()
    form = browser.confirm(ref)
    path = f"/en/petitions/{ref}/sign/confirm"
    page = browser.get(path).text
    assert '<select id="area" name="area"' in page
    assert "The rules of this petition count signatures by area." in page
    refused = browser.post(path, form)
    assert refused.status_code == 422
    assert "Choose your area." in refused.text
    assert areas(by_area) == []
    unknown = browser.post(path, {**form, "area": "Atlantis"})
    assert unknown.status_code == 422
    assert browser.post(path, {**form, "area": "29"}).status_code == 303
    assert areas(by_area) == ["29"]


def test_a_postcode_becomes_an_area_and_is_kept_nowhere(opened: Open, tmp_path: Path) -> None:
    tables = tmp_path / "postcodes"
    tables.mkdir()
    (tables / "fr-departements.csv").write_text("postcode,area\n29,29\n75,75\n", encoding="utf-8")
    with opened(POSTCODE, postcodes=tables) as town:
        ref, browser = town.publish(), town.browser()
        form, path = browser.confirm(ref), f"/en/petitions/{ref}/sign/confirm"
        page = browser.get(path).text
        assert "Your postcode (optional)" in page
        assert "<select" not in page
        wrong = browser.post(path, {**form, "area": "99999"})
        assert wrong.status_code == 422
        assert "in no area that we know" in wrong.text
        assert "99999" not in wrong.text
        assert browser.post(path, {**form, "area": "29 200"}).status_code == 303
        other = town.browser()
        form = other.confirm(ref, BASTIEN)
        assert other.post(path, {**form, "area": ""}).status_code == 303, "no rule needs it"
        assert sorted(areas(town)) == ["", "29"]


def test_a_table_of_postcodes_that_cannot_be_used_is_named_before_anything_starts(
    tmp_path: Path,
) -> None:
    settings = settings_in(tmp_path, "sqlite://")
    library = shipped_library()
    assert postcode_tables(settings, library) == {}
    settings = replace(settings, rulebooks=replace(settings.rulebooks, postcodes=str(tmp_path)))
    table = tmp_path / "fr-departements.csv"
    table.write_text("29,29\n75,Paris\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"fr-departements\.csv, line 2: 'Paris'"):
        postcode_tables(settings, library)
    table.rename(tmp_path / "atlantis.csv")
    with pytest.raises(ConfigurationError, match=r"atlantis\.csv is named after no area file"):
        postcode_tables(settings, library)
    gone = replace(settings, rulebooks=replace(settings.rulebooks, postcodes=str(table / "x")))
    with pytest.raises(ConfigurationError, match="is not a folder"):
        postcode_tables(gone, library)


def test_what_a_provider_says_of_a_place_becomes_a_code_or_nothing() -> None:
    code_of = area_codes(shipped_library(), {"fr-departements": read_postcodes(["29,29"], ["29"])})
    assert code_of("fr-departements", "29") == "29"
    assert code_of("fr-departements", " finistère ") == "29"
    assert code_of("fr-departements", "29200") == "29"
    assert code_of("fr-departements", "Atlantis") is None
    assert code_of("no-such-areas", "29") is None
    assert code_of("eu-27", "DE") == "DE"


def test_the_public_reads_the_quorum_in_words_and_figures_of_the_published_map_only(
    by_area: Town,
) -> None:
    ref, browser = by_area.publish(), by_area.browser()
    page = browser.get(f"/en/petitions/{ref}").text
    assert "from at least 3 departments" in page
    assert "Figures by area are shown from 500 signatures on." in page
    with by_area.site.session() as session:
        petition = session.scalars(select(t.Petition)).one()
        session.add(
            t.AreaMap(
                petition_id=petition.id, day=date(2026, 3, 1), figures={"29": 120, "75": 0, "59": 0},
                met={"council": 2}, area_min=10, content=b"{}", digest=bytes(32), batch_no=0,
            )
        )  # fmt: skip
        count = session.get_one(t.PublicCount, petition.id)
        count.valid, count.paper = 700, 40
        session.add(
            t.Verification(
                petition_id=petition.id, declared_lines=3_000, settled=False,
                declared_at=datetime.fromisoformat("2026-03-01T10:00:00+00:00"),
            )
        )  # fmt: skip
        session.commit()
    page = browser.get(f"/en/petitions/{ref}").text
    assert "2 of 3 departments" in page
    assert "Of these, 40 on paper, certified." in page
    assert "3,000 on paper. This is their own number" in page
    assert page.count(">fewer than 10<") == 2
    assert "“&lt; 10” stands for fewer than 10, none included." in page
    assert "Each counts from its first signature on." in page
    told = browser.get(f"/en/petitions/{ref}/count").text
    assert "On paper, certified" in told
    assert ">660<" in told
    french = browser.get(f"/fr/petitions/{ref}").text
    assert "2 sur 3 départements" in french
