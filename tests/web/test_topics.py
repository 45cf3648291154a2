"""Topics on the pages: chosen while writing, set at the desk, found by readers and programs."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from petitions.storage.tables import Petition
from tests.edited import RULEBOOKS
from tests.web.office_house import Office, make_office
from tests.web.site import REASONS, REQUEST, Site, build
from tests.web.test_author import send, send_off, start, walk

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def site(tmp_path: Path, database_uri: str) -> Iterator[Site]:
    made = build(tmp_path, database_uri)
    yield made
    made.close()


@pytest.fixture
def office(open_engine, database_uri) -> Office:
    return make_office(open_engine(database_uri))


def about(site: Site, topic: str, title: str = "Un bus toutes les vingt minutes") -> str:
    """A published petition on a topic; its reference."""
    ref = site.publish(title)
    with site.session() as session:
        site.petition(session, ref).topic = topic
    return ref


def text_page(client: FlaskClient, draft: str, **form: str) -> None:
    written = {"title": "Un bus", "request": REQUEST, "reasons": REASONS, "seen": "y", **form}
    assert send(client, f"{draft}/text", **written).status_code == 303


def test_an_author_chooses_a_topic_and_changes_it_at_the_end(site: Site) -> None:
    author = site.author()
    draft = start(author)
    page = author.get(f"{draft}/text").text
    assert '<option value="" selected>None of these fits</option>' in page
    assert page.index(">Streets and traffic<") < page.index(">Town hall and democracy<")
    text_page(author, draft, topic="parks")
    assert '<option value="parks" selected>Parks and trees</option>' in author.get(
        f"{draft}/text"
    ).text  # fmt: skip
    check = author.get(f"{draft}/check").text
    assert re.search(
        rf'<dt>Topic</dt><dd>Parks and trees</dd><dd><a href="{draft}/text#topic">', check
    )
    text_page(author, draft, topic="")
    assert "<dt>Topic</dt><dd>None chosen</dd>" in author.get(f"{draft}/check").text
    assert 'id="topic"' not in author.get(f"{draft}/text/en").text


def test_a_topic_of_another_list_is_refused_at_its_field(site: Site) -> None:
    author = site.author()
    draft = start(author)
    path = f"{draft}/text"
    answer = send(author, path, title="Un bus", request=REQUEST, reasons=REASONS, topic="energy")
    assert answer.status_code == 422
    assert 'href="#topic"' in answer.text
    assert REQUEST in answer.text


def test_a_petition_is_sent_without_a_topic_and_exported_with_one(site: Site) -> None:
    author = site.author()
    draft = walk(author)
    assert send_off(author, draft).status_code == 303
    mine = draft.replace("drafts", "mine")
    assert json.loads(author.get(f"{mine}/export.json").text)["topic"] is None
    with site.session() as session:
        site.petition(session, "2026-0001").topic = "parks"
    assert json.loads(author.get(f"{mine}/export.json").text)["topic"] == "parks"


def test_the_page_of_a_petition_leads_to_others_on_its_topic(site: Site) -> None:
    ref, plain = about(site, "mobility"), site.publish("Des bancs")
    page = site.visitor().get(f"/en/petitions/{ref}").text
    assert 'href="/en/petitions?topic=mobility"' in page
    (block,) = re.findall(r'<script type="application/ld\+json">(.+?)</script>', page)
    told = json.loads(block)
    assert told["about"] == {"@type": "Thing", "name": "Buses, bicycles, walking"}
    assert told["keywords"] == "Buses, bicycles, walking"
    assert "Bus, vélo et marche" in site.visitor().get(f"/fr/petitions/{ref}").text
    assert "topic=" not in site.visitor().get(f"/en/petitions/{plain}").text


def test_a_topic_that_left_the_list_is_shown_to_nobody(site: Site) -> None:
    ref = about(site, "telegraphs")
    for path in (f"/en/petitions/{ref}", "/en/petitions", "/en/"):
        assert "telegraphs" not in site.visitor().get(path).text
    row = json.loads(site.visitor().get(f"/api/v1/petitions/{ref}").text)["data"]
    assert row["topic"] is None


def test_the_list_counts_topics_and_narrows_to_one(site: Site) -> None:
    about(site, "mobility"), about(site, "mobility", "Un vélo"), about(site, "parks", "Des arbres")
    site.publish("Des bancs")
    page = site.visitor().get("/en/petitions").text
    facet = re.search(r"<h2>Topic</h2>\n<ul>(.+?)</ul>", page)
    assert facet
    found = re.findall(r'topic=(\w+)">([^<]+)</a> <span class="muted num">(\d+)<', facet[1])
    assert found == [
        ("mobility", "Buses, bicycles, walking", "2"),
        ("parks", "Parks and trees", "1"),
    ]
    narrowed = site.visitor().get("/en/petitions?topic=parks").text
    assert "<h1>Petitions about “Parks and trees”</h1>" in narrowed
    assert "Des arbres" in narrowed
    assert "Un vélo" not in narrowed
    assert re.search(r"Take this filter away: </span>Parks and trees</a>", narrowed)
    assert 'href="/en/follow?topic=parks"' in narrowed
    assert 'name="topic" value="parks"' in narrowed  # a search stays within it
    assert "4 petitions" in site.visitor().get("/en/petitions?topic=none-of-ours").text


def test_who_types_the_name_of_a_topic_is_led_to_it_whatever_language_its_petitions_have(
    site: Site,
) -> None:
    about(site, "mobility")
    for lang, typed, name in (
        ("en", "bicycl", "Buses, bicycles, walking"),
        ("fr", "VELO", "Bus, vélo et marche"),
    ):
        page = site.visitor().get(f"/{lang}/petitions?q={typed}").text
        assert re.search(rf'topic=mobility">{name}</a> <span class="muted num">1<', page), page
    for nothing in ("parks", "bicycles+trees", "bi"):  # no petitions, two topics, too short
        page = site.visitor().get(f"/en/petitions?q={nothing}").text
        assert "under the topic" not in page
    empty = site.visitor().get("/en/petitions?q=zzzz").text
    assert "searched in the language in which they were written" in empty


def test_programs_are_given_the_list_of_a_topic(site: Site) -> None:
    ref = about(site, "parks", "Des arbres")
    about(site, "mobility")
    visitor = site.visitor()
    feed = ET.fromstring(visitor.get("/fr/petitions.atom?topic=parks").text)
    assert feed.findtext(f"{ATOM}id").endswith(":list?topic=parks/fr")
    assert feed.findtext(f"{ATOM}title").startswith("Parcs et arbres – ")
    assert [each.findtext(f"{ATOM}title") for each in feed.iter(f"{ATOM}entry")] == ["Des arbres"]
    assert 'href="/fr/petitions.atom?topic=parks"' in visitor.get("/fr/feeds").text
    rows = json.loads(visitor.get("/fr/petitions.json?topic=parks").text)["data"]
    assert [(row["reference"], row["topic"]) for row in rows] == [(ref, "parks")]
    lines = visitor.get("/fr/petitions.csv?topic=parks").text.splitlines()
    assert lines[0].endswith(",topic")
    assert lines[1].endswith(",parks")
    data = json.loads(visitor.get("/api/v1/petitions?topic=parks").text)["data"]
    assert [row["reference"] for row in data] == [ref]
    assert visitor.get("/api/v1/petitions?topic=telegraphs").status_code == 400
    number = ref.replace("-", "0")
    uk = json.loads(visitor.get(f"/petitions/{number}.json").text)
    assert uk["data"]["attributes"]["topics"] == ["parks"]
    listed = json.loads(visitor.get("/topics.json").text)
    assert listed["parks"] == {"code": "parks", "name": "Parks and trees"}
    names = [each["name"] for each in listed.values()]
    assert names == sorted(names, key=str.lower)


def test_the_home_page_lists_the_topics_that_petitions_have(site: Site) -> None:
    assert "By topic" not in site.visitor().get("/en/").text
    about(site, "parks")
    page = site.visitor().get("/en/").text
    assert "By topic" in page
    assert 'href="/en/petitions?topic=parks"' in page
    assert "topic=mobility" not in page


def test_an_assembly_without_a_list_shows_topics_nowhere(tmp_path: Path, sqlite_uri: str) -> None:
    books = Path(shutil.copytree(RULEBOOKS, tmp_path / "books"))
    for file in (books / "assemblies").glob("*.toml"):
        file.write_text(re.sub(r"(?m)^topics = .*\n", "", file.read_text()))
    site = build(tmp_path, sqlite_uri, books)
    author = site.author()
    draft = start(author)
    ref = about(site, "parks")
    pages = [author.get(f"{draft}/text").text, author.get(f"{draft}/check").text]
    paths = ("/en/", "/en/petitions", f"/en/petitions/{ref}", "/en/follow", "/en/feeds")
    pages += [site.visitor().get(path).text for path in paths]
    unread = "site.*?css|topic=[0-9a-f]{16}"  # a file's name, and the mark of a form
    assert [page for page in pages if "opic" in re.sub(unread, "", page)] == []
    site.close()


def set_topic(office: Office, who: FlaskClient, ref: str, **form: str):
    return office.post(who, f"/office/cases/{ref}/topic", f"/office/cases/{ref}", **form)


def test_a_clerk_sets_the_topic_and_the_history_tells_it(office: Office) -> None:
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    clerk = office.sign_in("petit")
    page = clerk.get(f"/office/cases/{ref}").text
    assert re.search(r'Topic</th><td><span class="muted">none</span>', page)
    answer = set_topic(office, clerk, ref, topic="libraries", was="")
    assert answer.status_code == 303
    page = clerk.get(answer.location).text
    assert "The topic was set." in page
    assert "Topic</th><td>Culture and libraries</td>" in page
    assert "Topic set" in page
    assert "none → Culture and libraries" in page


def test_a_clerk_whose_page_is_older_is_told_so(office: Office) -> None:
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    clerk = office.sign_in("petit")
    assert set_topic(office, clerk, ref, topic="libraries", was="").status_code == 303
    assert set_topic(office, clerk, ref, topic="schools", was="").status_code == 409
    same = set_topic(office, clerk, ref, topic="libraries", was="")
    assert same.location.endswith(f"/office/cases/{ref}")
    with office.session() as session:
        assert [row.topic for row in session.query(Petition)] == ["libraries"]


def test_only_the_roles_of_the_matrix_may_set_it(office: Office) -> None:
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    auditor = office.sign_in("voss")
    assert "Set the topic" not in auditor.get(f"/office/cases/{ref}").text
    assert set_topic(office, auditor, ref, topic="libraries", was="").status_code == 403
    assert set_topic(office, office.sign_in("costa"), ref, topic="libraries").status_code == 303


def test_the_queue_is_narrowed_to_a_topic_or_to_none(office: Office) -> None:
    first, second = office.file_petition("Ouvrir la nuit"), office.file_petition("Des bancs")
    clerk = office.sign_in("petit")
    set_topic(office, clerk, first, topic="libraries", was="")
    page = clerk.get("/office/queue").text
    assert '<option value="libraries">Culture and libraries</option>' in page
    assert '<option value="-">none</option>' in page
    lines = clerk.get("/office/queue.csv").text.splitlines()
    assert lines[0].endswith(",Topic")
    told = {line.split(",")[0]: line.rpartition(",")[2] for line in lines[1:]}
    assert told == {first: "Culture and libraries", second: ""}
    narrowed = clerk.get("/office/queue?topic=libraries").text
    assert "French · Culture and libraries" in narrowed
    assert (first in narrowed, second in narrowed) == (True, False)
    without = clerk.get("/office/queue?topic=-").text
    assert (first in without, second in without) == (False, True)
