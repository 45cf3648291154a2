"""Every table of open data is one kind of file: RFC 4180 in UTF-8, under a name that tells what it is."""

from __future__ import annotations

import csv
import io
import re

import pytest

from petitions.web.data_sets import SETS
from tests.sharing.conftest import map_of
from tests.web.site import Site

NAMES = [each.name for each in SETS]


@pytest.fixture
def counted(site: Site, trains: str) -> str:
    site.later(days=3)
    site.count(trains, 2500, 3200)
    map_of(site, trains, {"29": 120, "75": 2160})
    return trains


def addresses(ref: str) -> dict[str, str]:
    """Address → the name under which a browser saves it."""
    return {
        **{f"/data/{name}.csv": f"{name}.csv" for name in NAMES},
        "/en/petitions.csv": "petitions.csv",
        f"/petitions/{ref}/areas.csv": f"{ref}-areas.csv",
        f"/petitions/{ref}/counts.csv": f"{ref}-counts.csv",
    }


def test_tables_have_one_form_and_say_in_their_name_what_they_are(site: Site, counted: str) -> None:
    for address, name in addresses(counted).items():
        answer = site.visitor().get(address)
        assert answer.status_code == 200, address
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"', address
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present", address
        raw = answer.data
        assert not raw.startswith(b"\xef\xbb\xbf"), address
        text = raw.decode("utf-8")
        assert text.endswith("\r\n"), address
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert len(rows) > (0 if "decisions" in address else 1), address
        assert {len(row) for row in rows} == {len(rows[0])}, address
        assert len(set(rows[0])) == len(rows[0]), address


def test_the_area_table_needs_three_columns_and_keeps_the_inhabitants(
    site: Site, counted: str
) -> None:
    page = site.visitor().get(f"/en/petitions/{counted}/map").text
    table = page[page.index('<table class="tight">') :]
    assert table.count('<th scope="col"') == 3
    row = re.search(r'<tr><th scope="row">Finistère.*?</tr>', table)
    assert row
    assert "906,554 inhabitants" in row[0]
    assert ">120<" in row[0]
    few = re.search(r'<tr><th scope="row">Ain<.*?</tr>', table)
    assert few
    assert '<span class="vh">fewer than 10</span>' in few[0], "what a screen reader says"
    assert '<span aria-hidden="true">&lt;&nbsp;10</span>' in few[0]
