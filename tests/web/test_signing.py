"""Login → confirm → sign → done, over HTTP, on both databases."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from petitions.ledger.commitments import commitment
from petitions.ledger.entries import EntryType, VKey, leaf_hash, write
from petitions.ledger.notes import open_note
from petitions.ledger.promise import parse_promise
from petitions.ledger.receipt import Receipt, parse_receipt, short_code
from petitions.storage import tables as t
from tests.web.town import BASTIEN, Browser, Town, open_town


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, database_uri) as found:
        yield found


def receipt_of(page: str) -> Receipt:
    found = re.search(r'href="data:text/plain;base64,([^"]+)" download', page)
    assert found, page[-1500:]
    return parse_receipt(b64decode(found[1]).decode())


def commitment_of(town: Town, receipt: Receipt) -> bytes:
    with town.site.session() as session:
        origin = session.scalars(
            t.LogState.__table__.select().with_only_columns(t.LogState.origin)
        ).one()
    return commitment(origin, receipt.petition, receipt.r)


def test_one_login_gives_one_signature_and_a_receipt_that_proves_itself(town: Town) -> None:
    ref = town.publish()
    browser = town.browser()
    answer = browser.sign(ref)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/en/petitions/{ref}/sign/done",
    )
    page = browser.get(answer.headers["Location"])
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    print(page.text[-500:])
    receipt = receipt_of(page.text)
    c = commitment_of(town, receipt)
    assert short_code(c) in page.text
    assert town.acts() == (1, 1, 1)
