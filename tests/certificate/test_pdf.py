"""The certificate as a PDF: for people who read with a screen reader, and for the file."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pyhanko.pdf_utils.generic import IndirectObject
from pyhanko.pdf_utils.reader import PdfFileReader

from petitions.certificate.document import closing_json
from petitions.certificate.sheet import make_pdf
from petitions.platform.i18n import load_catalogues, speaking
from petitions.services.closing_facts import ClosingFacts
from tests.certificate.conftest import Filed
from tests.house import shipped_library

ADDRESS = "https://petitions.example.org/p/2026-0001"


@pytest.fixture
def sealed(filed: Filed) -> ClosingFacts:
    return filed.sealed


def printed(facts: ClosingFacts, lang: str, **named: Any) -> bytes:
    at = facts.closed + timedelta(days=60)
    with speaking(load_catalogues((lang,), ZoneInfo(facts.zone)).locale(lang)):
        return make_pdf(
            facts, closing_json(facts), shipped_library(),
            **{"address": ADDRESS, "sealed_by_key": True, "at": at, **named},
        )  # fmt: skip


def real(found: Any) -> Any:
    """pyHanko's lists give references where its dictionaries give what they refer to."""
    return found.get_object() if isinstance(found, IndirectObject) else found


def elements(node: Any) -> Iterator[Any]:
    """Every structure element of the tree, in reading order."""
    node = real(node)
    if isinstance(node, list):
        for each in node:
            yield from elements(each)
    elif hasattr(node, "get") and "/S" in node:
        yield node
        if "/K" in node:
            yield from elements(node["/K"])


def words_of(pdf: bytes) -> str:
    """Real text, by the ToUnicode maps of the fonts: what a screen reader or a search finds."""
    found = []
    for kid in PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Kids"]:
        page = real(kid)
        maps = {
            str(name).lstrip("/"): unicode_map(real(font)["/ToUnicode"].data.decode("latin-1"))
            for name, font in page["/Resources"]["/Font"].items()
        }
        content = page["/Contents"]
        parts = content if isinstance(content, list) else [content]
        raw = b"".join(real(part).data for part in parts).decode("latin-1")
        font: dict[str, str] = {}
        for token in re.finditer(r"/(\S+) [\d.-]+ Tf|<([0-9A-Fa-f]+)>|(\bET\b)", raw):
            if token[1]:
                font = maps[token[1]]
            elif token[2]:
                codes = re.findall("....", token[2].lower())
                found.append("".join(font.get(code, "") for code in codes))
            else:
                found.append("\n")
    return re.sub(r"\s+", " ", "".join(found))


def unicode_map(cmap: str) -> dict[str, str]:
    pairs = re.findall(r"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>", cmap)
    return {code.lower(): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}


@pytest.mark.parametrize(("lang", "title"), [
    ("en", "Closing certificate of petition 2026-"), ("fr", "Certificat de clôture de la pétition 2026-"),
])  # fmt: skip
def test_the_pdf_is_tagged_titled_and_in_its_language(
    sealed: ClosingFacts, lang: str, title: str
) -> None:
    pdf = printed(sealed, lang)
    reader = PdfFileReader(io.BytesIO(pdf))
    root = reader.root
    assert root["/Lang"] == lang
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert str(reader.trailer["/Info"]["/Title"]).startswith(title)
    assert b"pdfuaid:part" in root["/Metadata"].data
    assert 1 <= int(root["/Pages"]["/Count"]) <= 2
    tags = [str(each["/S"]) for each in elements(root["/StructTreeRoot"]["/K"])]
    assert tags.count("/H1") == 1
    assert tags.count("/H2") >= 6
    assert {"/Table", "/TR", "/TH", "/TD", "/P", "/Figure"} <= set(tags)
    figures = [e for e in elements(root["/StructTreeRoot"]["/K"]) if e["/S"] == "/Figure"]
    assert [ADDRESS in str(figure["/Alt"]) for figure in figures] == [True]


def test_the_numbers_and_hashes_are_text_that_can_be_found(sealed: ClosingFacts) -> None:
    words = words_of(printed(sealed, "fr"))
    compact = words.replace(" ", "")
    for expected in (
        "Certificat de clôture", sealed.title, "Signatures recueillies 27", "Signatures valables 26",
        "Valmont",
    ):  # fmt: skip
        assert expected.replace(" ", "") in compact, expected
    for exact in (sealed.root.hex(), sealed.text_hash.hex(), str(sealed.petition), sealed.origin):
        assert exact in compact, exact
    assert "petition was" not in words


def test_closing_json_is_attached_as_it_is_published(sealed: ClosingFacts) -> None:
    root = PdfFileReader(io.BytesIO(printed(sealed, "en"))).root
    specification = real(root["/Names"]["/EmbeddedFiles"]["/Names"][1])
    assert specification["/UF"] == "closing.json"
    assert str(specification["/AFRelationship"]) == "/Data"
    assert specification["/EF"]["/F"].data == closing_json(sealed)


def test_the_same_certificate_is_printed_the_same(sealed: ClosingFacts) -> None:
    assert printed(sealed, "en") == printed(sealed, "en")


def test_a_long_text_is_cut_and_the_page_says_where_the_rest_is(sealed: ClosingFacts) -> None:
    long = replace(sealed, request="Nous demandons des bancs partout. " * 400)
    pdf = printed(long, "en")
    assert int(PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Count"]) <= 2
    words = words_of(pdf).replace(" ", "")
    assert "Thewholetextstandsinthefileclosing.json" in words
    assert long.request.encode() in closing_json(long)


def test_markup_in_a_petition_stays_text_and_nothing_is_fetched(sealed: ClosingFacts) -> None:
    nasty = '<img src="http://127.0.0.1:9/x"><link rel="stylesheet" href="file:///etc/passwd">'
    pdf = printed(replace(sealed, request=nasty, title=nasty), "en")
    assert "<imgsrc=" in words_of(pdf).replace(" ", "")
    root = PdfFileReader(io.BytesIO(pdf)).root
    figures = [e for e in elements(root["/StructTreeRoot"]["/K"]) if e["/S"] == "/Figure"]
    assert len(figures) == 1


def test_a_petition_without_a_page_has_no_address_on_its_certificate(sealed: ClosingFacts) -> None:
    pdf = printed(sealed, "en", address="", sealed_by_key=False)
    words = words_of(pdf)
    assert "/p/" not in words
    assert "bears no electronic seal" in re.sub(r"\s+", " ", words)


def test_a_petition_that_is_not_sealed_says_what_may_still_change(filed: Filed) -> None:
    words = words_of(printed(filed.closed, "en"))
    assert "can still lower the count" in words
    assert "Statements that the key" not in words
    assert "Signing ended on 2 May 2026." in words, "the last day, not midnight of the next one"
