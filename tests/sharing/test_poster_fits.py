"""A poster is one sheet of A4, however long its words are."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from petitions.platform.i18n import load_catalogues, speaking
from petitions.sharing import paper
from petitions.sharing.paper import Paper
from tests.sharing.test_share import FACTS

WORDS = "Verkehrsverbindungen zwischen mittelgroßen Städten wiederherstellen und sichern " * 30


@pytest.mark.parametrize(
    ("title", "request_of"), [(36, 170), (60, 240), (61, 241), (80, 300), (150, 2000)]
)
def test_a_poster_stays_on_one_sheet(title: int, request_of: int) -> None:
    facts = replace(
        FACTS,
        title=WORDS[:title].strip(),
        request=WORDS[:request_of].strip(),
        lang="de",
        open=True,
        address="https://petitions.parliament.example.org/p/2026-0142",
        assembly="Französischsprachiges Brüsseler Parlament",
    )
    with speaking(load_catalogues(("en", "de")).locale("de")):
        made = paper.make_pdf(Paper.POSTER, facts, css=paper.style())
    assert PdfFileReader(io.BytesIO(made)).root["/Pages"]["/Count"] == 1
