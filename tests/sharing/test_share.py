"""Poster, form, picture, counter and oEmbed: what they say, what they weigh, when they are gone."""

from __future__ import annotations

import gzip
import io
import json
import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask import render_template
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader

from petitions.app import create_worker
from petitions.domain.lifecycle import State
from petitions.platform.i18n import load_catalogues, speaking
from petitions.sharing import card, paper
from petitions.sharing.card import Colours
from petitions.sharing.facts import ShareFacts
from petitions.sharing.fonts import is_rtl
from petitions.sharing.paper import Paper
from tests.sharing.conftest import hide

FACTS = ShareFacts(
    ref="2026-0142", title="Give every commune a night train", request="We ask for night trains.",
    lang="en", state=State.PUBLISHED, open=True, assembly="Example Parliament",
    assembly_id="example", site="Petitions", address="https://petitions.example.org/p/2026-0142",
    closes=date(2026, 7, 14), count=48_213, counted_on=date(2026, 5, 2), needed=100_000,
    on_paper=True, boxes=("name", "first", "birth", "home", "day", "hand"),
    signed_title="Give every commune a night train", full_request="We ask for night trains.",
    signed_lang="en",
)  # fmt: skip
LONG = replace(FACTS, title="Rétablir un service public de proximité " * 5, request="mot " * 400)


def head_of(html: str) -> str:
    return html.partition("</head>")[0]


def test_machines_read_the_count_of_the_day_and_no_name_of_the_author(site):
    ref = site.publish()
    site.later(days=10)
    site.count(ref, 2, 5, 9, 21)
    head = head_of(site.visitor().get(f"/en/petitions/{ref}").text)
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', head, re.DOTALL)
    assert block
    told = json.loads(block[1])
    assert told["@type"] == "CreativeWork"
    assert told["interactionStatistic"]["interactionType"] == {"@type": "EndorseAction"}
    assert told["interactionStatistic"]["userInteractionCount"] == 21
    assert "Claire Lefort" not in head
    assert '<meta property="og:image:width" content="1200">' in head
    assert "21 signatures, counted through 11 March 2026." in unescape(head)
    assert '<meta name="twitter:card" content="summary_large_image">' in head
    assert 'rel="canonical"' in head
    assert f'hreflang="x-default" href="http://127.0.0.1:8000/p/{ref}"' in head
    home = head_of(site.visitor().get("/en/").text)
    assert '"@type":"SearchAction"' in home


def test_a_title_with_markup_cannot_end_the_block_of_data(site):
    ref = site.publish("Un bus </script><script>alert(1)</script> à 20 minutes")
    html = site.visitor().get(f"/en/petitions/{ref}").text
    assert "</script><script>alert" not in html
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert block
    assert json.loads(block[1])["name"] == "Un bus </script><script>alert(1)</script> à 20 minutes"


def test_a_refused_or_hidden_petition_is_not_to_be_handed_on(site):
    ref = site.publish()
    assert site.visitor().get(f"/en/petitions/{ref}/poster").status_code == 200
    hide(site, ref)
    for path in ("poster", "form", "embed", "card.png", "poster.pdf"):
        assert site.visitor().get(f"/en/petitions/{ref}/{path}").status_code == 410, path
    page = site.visitor().get(f"/en/petitions/{ref}").text
    assert "ld+json" not in page
    assert "/poster" not in page
    address = f"http://127.0.0.1:8000/en/petitions/{ref}"
    assert site.visitor().get("/oembed", query_string={"url": address}).status_code == 404


def test_the_counter_is_light_may_be_framed_and_brings_neither_script_nor_cookie(site):
    ref = site.publish()
    visitor = site.visitor()
    answer = visitor.get(f"/en/petitions/{ref}/embed")
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert "Set-Cookie" not in answer.headers
    linked = re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text)
    parts = [answer.data, *(visitor.get(each).data for each in linked)]
    assert len(linked) == 1
    assert sum(len(gzip.compress(part)) for part in parts) <= 5_000
    for path in ("", "/poster", "/map"):
        other = visitor.get(f"/en/petitions/{ref}{path}")
        assert "frame-ancestors 'none'" in other.headers["Content-Security-Policy"]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_oembed_gives_the_frame_for_the_page_and_for_its_short_address(site, form):
    ref = site.publish()
    visitor, base = site.visitor(), "http://127.0.0.1:8000"
    for address in (f"{base}/en/petitions/{ref}", f"{base}/p/{ref}"):
        asked = {"url": address, "format": form, "maxwidth": "300"}
        answer = visitor.get("/oembed", query_string=asked)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        told = (
            json.loads(answer.text)
            if form == "json"
            else {each.tag: each.text for each in ET.fromstring(answer.data)}
        )
        assert (told["type"], told["version"], str(told["width"])) == ("rich", "1.0", "300")
        assert f'src="{base}/en/petitions/{ref}/embed"' in str(told["html"])
    head = head_of(visitor.get(f"/en/petitions/{ref}").text)
    assert 'type="application/json+oembed"' in head
    assert 'type="text/xml+oembed"' in head


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"url": "https://elsewhere.example/en/petitions/2026-0001"}, 404),
        ({"url": "http://127.0.0.1:8000/en/petitions/1999-0001"}, 404),
        ({"url": "http://127.0.0.1:8000/en/"}, 404),
        ({"url": "http://127.0.0.1:8000/en/petitions/2026-0001", "format": "yaml"}, 501),
        ({}, 404),
    ],
)
def test_oembed_knows_nothing_but_public_petitions_of_this_site(site, asked, status):
    assert site.visitor().get("/oembed", query_string=asked).status_code == status


def test_the_picture_has_the_size_that_messages_want_and_changes_with_the_day(site, tmp_path):
    ref = site.publish()
    site.later(days=10)
    site.count(ref, 2, 5, 9, 21)
    first = site.visitor().get(f"/en/petitions/{ref}/card.png")
    picture = Image.open(io.BytesIO(first.data))
    assert (picture.size, picture.format) == ((1200, 630), "PNG")
    kept = list((tmp_path / "share").rglob("*.png"))
    assert len(kept) == 1
    site.later(days=1)
    site.count(ref, 30)
    assert site.visitor().get(f"/en/petitions/{ref}/card.png").data != first.data
    assert len(list((tmp_path / "share").rglob("*.png"))) == 1, "the older one went"


def test_long_titles_and_scripts_from_right_to_left_are_drawn_and_unknown_letters_are_not():
    arabic = "أعطوا كل بلدية قطارا ليليا"
    assert is_rtl(arabic)
    with speaking(load_catalogues().locale("fr")):
        for title in (LONG.title, arabic):
            drawn = card.draw(replace(FACTS, title=title), Colours())
            assert drawn
            assert Image.open(io.BytesIO(drawn)).size == (1200, 630)
        assert card.draw(replace(FACTS, title="\U00012000\U00012001"), Colours()) is None


def test_colours_of_a_theme_are_taken_over_where_they_are_plain():
    theme = ":root{--brand:#7a1f3d;--ink:var(--x)}@media (prefers-color-scheme:dark){:root{--brand:#fff}}"
    assert card.colours(theme) == Colours(brand="#7a1f3d")


@pytest.mark.parametrize("which", list(Paper))
@pytest.mark.parametrize("facts", [FACTS, LONG], ids=["short", "long"])
def test_papers_are_tagged_pdfs_in_their_language_and_a_poster_is_one_page(which, facts):
    with speaking(load_catalogues().locale("fr")):
        made = paper.make_pdf(which, facts, css=paper.style())
    root = PdfFileReader(io.BytesIO(made)).root
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == "fr"
    assert b"pdfuaid" in bytes(root["/Metadata"].data)
    pages = root["/Pages"]
    box = pages["/Kids"][0]["/MediaBox"]
    assert {round(float(box[2])), round(float(box[3]))} == {595, 842}, "A4"
    if which is Paper.POSTER:
        assert pages["/Count"] == 1


def test_the_worker_makes_what_is_missing_and_clears_what_is_out_of_sight(
    site, settings, tmp_path: Path
):
    ref = site.publish()
    worker = create_worker(settings, site.sessions, clock=site.clock)
    page = site.visitor().get(f"/en/petitions/{ref}").text
    assert f"/en/petitions/{ref}/poster.pdf" not in page
    with site.sessions() as session:
        while worker.press(session, site.at):
            pass
    names = sorted(path.name.split(".")[:3] for path in (tmp_path / "share").rglob("*.pdf"))
    assert names == [[ref, lang, "poster"] for lang in ("de", "en", "fr", "nl")]
    answer = site.visitor().get(f"/en/petitions/{ref}/poster.pdf")
    assert answer.data.startswith(b"%PDF")
    assert (
        f'href="/en/petitions/{ref}/poster.pdf"' in site.visitor().get(f"/en/petitions/{ref}").text
    )
    hide(site, ref)
    site.later(minutes=2)
    with site.sessions() as session:
        assert worker.press(session, site.at) is False
    assert list((tmp_path / "share").rglob("*.pdf")) == []


def test_a_poster_to_print_needs_no_extra_and_holds_its_code_as_a_drawing(site):
    ref = site.publish()
    html = site.visitor().get(f"/fr/petitions/{ref}/poster").text
    assert 'src="data:image/svg+xml' in html
    assert "Ouverte à la signature jusqu’au 2 mai 2026 inclus." in html
    assert "<style" not in html
    assert site.visitor().get(f"/fr/petitions/{ref}/form").status_code == 404, "no paper here"


def test_an_author_finds_everything_to_make_it_known_in_one_place(site):
    tag = b"\x11" * 32
    ref = site.publish(tag=tag)
    author = site.author(tag)
    mine = re.search(r'href="(/en/mine/[^"]+)"', author.get("/en/mine").text)
    assert mine
    html = author.get(mine[1]).text
    assert "Make it known" in html
    for part in (
        f"/en/petitions/{ref}/poster",
        f"/en/petitions/{ref}/card.png",
        "data:image/svg+xml",
    ):
        assert part in html
    assert f"/en/petitions/{ref}/embed&#34;" in html


def test_a_form_collects_what_the_rules_ask_where_paper_is_accepted(site):
    with site.app.test_request_context("/fr/petitions/2026-0142/form"):
        site.app.preprocess_request()
        shown = render_template("share/form.html", page=FACTS, pdf_href="", **paper.drawn(FACTS))
    columns = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', shown)
    assert columns[1:] == ["Nom", "Prénoms", "Date de naissance", "Adresse", "Date", "Signature"]
    assert shown.count('<th scope="row"') == paper.LINES
    assert "petitions.example.org/p/2026-0142" in shown
