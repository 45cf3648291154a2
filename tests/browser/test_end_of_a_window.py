"""A petition that misses its threshold ends by itself, as its readers see it."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.browser.people import Person, somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def _let_a_window_end(database: Path) -> str:
    """Lay the end of one small petition's window on a moment ago, as time itself would."""
    ended = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=1)
    instant = ended.isoformat(sep=" ", timespec="microseconds")
    with contextlib.closing(sqlite3.connect(database, timeout=20)) as connection, connection:
        petition, ref = connection.execute(
            "SELECT p.id, p.reference FROM petition p JOIN public_count c ON c.petition_id = p.id"
            " WHERE p.state = 'published' AND p.assembly = 'valmont' AND c.valid < 20"
            " AND p.closes_at > ? ORDER BY p.reference LIMIT 1",
            [instant],
        ).fetchone()
        last_day = (ended - timedelta(days=1)).date().isoformat()
        connection.execute(
            "UPDATE petition SET closes_at = ?, last_day = ? WHERE id = ?",
            [instant, last_day, petition],
        )
        connection.execute(
            "UPDATE petition_signing SET closes_at = ? WHERE petition_id = ?", [instant, petition]
        )
    return str(ref)


def _until(person: Person, ref: str, words: str) -> None:
    until = time.monotonic() + 90
    while True:
        person.open(f"/en/petitions/{ref}")
        if words in person.text:
            return
        assert time.monotonic() < until, person.text
        time.sleep(0.3)


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_a_petition_that_misses_its_threshold_closes_by_itself(browser, demo_site, scripts) -> None:
    ref = _let_a_window_end(demo_site.folder / "petitions.sqlite")
    with somebody(browser, demo_site.address, scripts=scripts) as reader:
        _until(reader, ref, "Closed under the threshold")
        assert "verified signatures" in reader.text  # the count stays
        assert reader.page.locator("a[href$='/sign']").count() == 0
        reader.open(f"/en/petitions/{ref}/sign")  # an old link, a bookmark
        assert "Nothing was recorded" in reader.text
