"""Atom feeds by RFC 4287, sitemap and robots: what readers and search engines are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from petitions.domain.lifecycle import Action, State
from tests.sharing.conftest import hide

A = "{http://www.w3.org/2005/Atom}"
XML = "{http://www.w3.org/XML/1998/namespace}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def feed(site: Any, path: str) -> ET.Element:
    """Asked for, and held to what RFC 4287, section 4.1 demands of every feed."""
    answer = site.visitor().get(path)
    assert answer.status_code == 200, path
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    root = ET.fromstring(answer.data)
    assert root.tag == f"{A}feed"
    for element in (root, *root.findall(f"{A}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{A}{name}")) == 1, name
        assert element.findtext(f"{A}id", "").startswith("tag:demo.petitions.example,2026:")
        assert datetime.fromisoformat(element.findtext(f"{A}updated", "")).tzinfo is not None
        links = [link.get("rel") for link in element.findall(f"{A}link")]
        assert links.count("alternate") == 1
        assert all(link.get("href", "").startswith("http") for link in element.findall(f"{A}link"))
    assert root.find(f"{A}author/{A}name") is not None
    own = [link.get("href") for link in root.findall(f"{A}link") if link.get("rel") == "self"]
    assert own == [f"http://127.0.0.1:8000{path}"]
    ids = [entry.findtext(f"{A}id") for entry in root.findall(f"{A}entry")]
    assert len(ids) == len(set(ids))
    return root


def titles(root: ET.Element) -> list[str]:
    return [entry.findtext(f"{A}title", "") for entry in root.findall(f"{A}entry")]


def test_every_kind_of_feed_is_valid_and_tells_what_the_pages_tell(site, trains):
    bus = site.publish()
    refused = site.file("Une fontaine sur la place du marché")
    site.decide(refused, Action.REFUSE, ("outside-competence",))
    whole = feed(site, "/en/feed.atom")
    assert len(titles(whole)) == 3
    assert whole.get(f"{XML}lang") == "en"
    assert titles(feed(site, "/fr/petitions.atom?state=published&assembly=valmont")) == [
        "Un bus toutes les vingt minutes"
    ]
    assert titles(feed(site, "/en/petitions.atom?q=trains"))[0].startswith("Rétablir les trains")
    told = titles(feed(site, f"/fr/petitions/{bus}/feed.atom"))
    assert told == ["Déclarée recevable et publiée", "Déposée"]


def test_a_feed_names_no_author_and_an_entry_is_new_with_each_state(site):
    ref = site.publish()
    before = feed(site, "/en/feed.atom")
    assert b"Claire Lefort" not in ET.tostring(before)
    site.later(days=9)
    with site.session() as session:  # twenty-five signatures are not what this is about
        site.petition(session, ref).state = State.THRESHOLD_REACHED
    site.examine(ref, "Le conseil a décidé.")
    after = feed(site, "/en/feed.atom")
    one, other = before.findtext(f"{A}entry/{A}id"), after.findtext(f"{A}entry/{A}id")
    assert one == f"tag:demo.petitions.example,2026:petition/{ref}/published"
    assert other == f"tag:demo.petitions.example,2026:petition/{ref}/examined"


def test_a_body_has_a_feed_of_what_it_owes_and_an_unknown_one_has_none(site, trains):
    feed(site, "/fr/bodies/assemblee-nationale/standing_committee.atom")
    visitor = site.visitor()
    assert visitor.get("/fr/bodies/assemblee-nationale/nobody.atom").status_code == 404
    assert visitor.get("/fr/bodies/senat/services.atom").status_code == 404


def test_a_petition_out_of_sight_is_gone_from_every_feed(site):
    ref = site.publish()
    hide(site, ref)
    assert titles(feed(site, "/en/feed.atom")) == []
    assert site.visitor().get(f"/en/petitions/{ref}/feed.atom").status_code == 410


def test_pages_name_their_feeds_and_the_list_of_feeds_leads_to_valid_ones(site):
    ref = site.publish()
    visitor = site.visitor()
    assert f'href="/en/petitions/{ref}/feed.atom"' in visitor.get(f"/en/petitions/{ref}").text
    assert 'type="application/atom+xml"' in visitor.get("/en/").text
    listed = visitor.get("/en/petitions?state=published").text
    assert 'href="/en/petitions.atom?state=published"' in listed
    assert 'href="/en/petitions.csv?state=published"' in listed
    page = visitor.get("/en/feeds").text
    assert "Town council" in page
    for path in ("/en/feed.atom", "/en/petitions.atom?state=examined", "/en/petitions.atom"):
        assert f'href="{path}"' in page
        feed(site, path)


def test_the_sitemap_names_each_page_in_each_language_but_no_refused_petition(site):
    ref = site.publish()
    refused = site.file("Une fontaine sur la place du marché")
    site.decide(refused, Action.REFUSE, ("outside-competence",))
    visitor = site.visitor()
    index = ET.fromstring(visitor.get("/sitemap.xml").data)
    parts = [each.findtext(f"{MAP}loc", "") for each in index.findall(f"{MAP}sitemap")]
    assert [part.rpartition("/")[2] for part in parts] == ["sitemap-0.xml", "sitemap-1.xml"]
    part = ET.fromstring(visitor.get("/sitemap-1.xml").data)
    found = {each.findtext(f"{MAP}loc", ""): each for each in part.findall(f"{MAP}url")}
    spoken = ("en", "fr", "nl", "de")
    assert set(found) == {f"http://127.0.0.1:8000/{lang}/petitions/{ref}" for lang in spoken}
    one = found[f"http://127.0.0.1:8000/en/petitions/{ref}"]
    assert one.findtext(f"{MAP}lastmod") == "2026-03-02"
    assert {each.get("hreflang") for each in one if each.tag.endswith("link")} == {*spoken}
    for address in ET.fromstring(visitor.get("/sitemap-0.xml").data).iter(f"{MAP}loc"):
        path = (address.text or "").removeprefix("http://127.0.0.1:8000")
        assert visitor.get(path).status_code == 200, path
    assert visitor.get("/sitemap-2.xml").status_code == 404
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in visitor.get("/robots.txt").text


@pytest.mark.parametrize("path", ["/en/feed.atom", "/en/petitions.atom", "/sitemap.xml"])
def test_feeds_and_sitemap_answer_304_while_nothing_changes(site, path):
    site.publish()
    visitor = site.visitor()
    first = visitor.get(path)
    again = visitor.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert first.headers["Cache-Control"].startswith("public")
