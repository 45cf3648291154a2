"""Pages that a parliament writes: what Markdown may do, which text is shown, what publishing asks."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from msgspec import structs
from werkzeug.test import TestResponse

from petitions import doctor
from petitions.demo.settings import write_settings
from petitions.domain.errors import ConfigurationError
from petitions.platform import migrations
from petitions.platform.config import Settings, load_settings
from petitions.services.contents import read_files
from petitions.services.prose import Prose, flaws, html_of, read_prose
from petitions.storage.tables import WebSession
from petitions.web.staff_content import DONE, FLAWS
from tests.web.site import Site, build

LINKED = {"rules", "help"}


def html(body: str, lang: str = "fr") -> str:
    return html_of(body, lang, {"contact": "a_b@x.org *no*"}, {"help"}, "Table")


def test_a_file_begins_with_its_title() -> None:
    assert read_prose("\ufeff# Hello \r\n\r\nWorld\n") == Prose("Hello", "World")
    assert read_prose("World") == Prose("", "World")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("Fine, with [the rules](rules), [help](help) and [x](https://x.example).", ""),
        ("# One\n\n## Two\n\n### Three\n\n## Two", ""),
        ("[Bundestag](lang:de) and `<b>` in code", ""),
        ("Write to {contact}, not to {nobody}", "place_unknown"),
        ("## A\n\n#### B", "heading_skipped"),
        ("A <b>word</b>", "html"),
        ("<script>alert(1)</script>", "html"),
        ("![a](https://x.example/a.png)", "picture"),
        ("[gone](nowhere)", "link_broken"),
        ("[old](http://x.example)", "link_broken"),
        ("[sly](//x.example)", "link_broken"),
        ("x" * 60_001, "text_too_long"),
    ],
)
def test_what_would_not_be_shown_as_meant_is_named(body: str, code: str) -> None:
    assert [each.code for each in flaws(Prose("T", body), LINKED)][:1] == ([code] if code else [])


def test_a_page_without_a_title_is_not_shown_as_one() -> None:
    assert [each.code for each in flaws(Prose("", "Text"), LINKED)] == ["title_missing"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "[x](//evil.example)",
        "<a href='javascript:x' onclick=x>y</a>",
        "![x](https://evil.example/pixel.png)",
        '[x](https://ok.example "onmouseover=x")',
        "<style>body{display:none}</style>",
        "<iframe src=https://evil.example></iframe>",
    ],
)
def test_no_text_can_run_anything_or_reach_out(hostile: str) -> None:
    made = html(hostile)
    tags = re.findall(r"<\s*([a-z]+)([^>]*)>", made)
    assert {name for name, _marks in tags} <= {"p", "a", "span"}
    for _name, marks in tags:
        assert not re.search(r"\son\w+=|javascript:|data:|style=|src=", marks)
        assert "evil.example" not in marks or marks.strip().startswith('href="https://')


def test_headings_begin_at_the_second_level_and_keep_their_order() -> None:
    assert re.findall(r"<h(\d)>", html("# A\n\n## B\n\n### C\n\n## D")) == ["2", "3", "4", "3"]
    assert re.findall(r"<h(\d)>", html("### A\n\n#### B")) == ["2", "3"]


def test_links_lead_to_pages_of_the_readers_language() -> None:
    made = html("[a](rules) [b](help) [c](rules#grounds) [d](#x)")
    assert re.findall(r'href="([^"]+)"', made) == [
        "/fr/rules", "/fr/pages/help", "/fr/rules#grounds", "#x",
    ]  # fmt: skip


def test_words_of_another_language_are_marked_with_it() -> None:
    made = html("Der [House of Commons](lang:en-GB) tagt.")
    assert '<span lang="en-GB">House of Commons</span>' in made
    assert "<a" not in made


def test_what_is_filled_in_is_never_read_as_markdown() -> None:
    made = html("Write to {contact}.")
    assert "a_b@x.org *no*" in made
    assert "<em>" not in made


def test_a_table_scrolls_in_a_region_that_the_keyboard_reaches() -> None:
    made = html("| a | b |\n|---|---|\n| 1 | 2 |")
    assert '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>' in made
    assert '<th scope="col">a</th>' in made


# --- files, and what the doctor says of them ---------------------------------------------------


def folder(tmp_path: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        path = tmp_path / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(tmp_path / "pages")


def settings_with(tmp_path: Path, files: dict[str, str]) -> Settings:
    settings = load_settings(write_settings(tmp_path, "127.0.0.1", 8000, 8001))
    site = structs.replace(settings.site, content=folder(tmp_path, files))
    return structs.replace(settings, site=site)


def test_files_are_found_by_assembly_language_and_name(tmp_path: Path) -> None:
    place = folder(tmp_path, {"site/fr/contact.md": "# A\n\nB", "senat/en/help.md": "# C\n\nD"})
    assert read_files(place, ("senat",)) == {
        ("", "contact", "fr"): Prose("A", "B"),
        ("senat", "help", "en"): Prose("C", "D"),
    }
    with pytest.raises(ConfigurationError, match="senat is no assembly"):
        read_files(place, ("valmont",))
    assert read_files("", ()) == {}


def test_the_doctor_names_broken_links_and_languages_that_are_missing(tmp_path: Path) -> None:
    settings = settings_with(
        tmp_path, {"site/en/help.md": "# Help\n\n[x](nowhere)", "site/fr/legal.md": "# L\n\n{zip}"}
    )
    found = doctor.look("pages", settings)
    told = {each.sentence: each.good for each in found}
    assert told["site.content: site/en/help.md: the link leads nowhere: nowhere"] is False
    assert any("site/*/help.md is missing in fr" in each and good for each, good in told.items())
    assert any("{zip}" in each and not good for each, good in told.items())


def test_the_doctor_is_content_with_a_page_in_every_language(tmp_path: Path) -> None:
    settings = settings_with(
        tmp_path,
        {
            "site/en/help.md": "# Help\n\n[x](rules)",
            "site/fr/help.md": "# Aide\n\nOui.",
            "site/nl/help.md": "# Hulp\n\nJa.",
            "site/de/help.md": "# Hilfe\n\nJa.",
        },
    )
    assert [(each.good, each.sentence) for each in doctor.look("pages", settings)] == [
        (True, "good")
    ]


# --- the desk ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Site:
    place = tmp_path_factory.mktemp("content")
    uri = f"sqlite:///{place}/petitions.sqlite"
    migrations.upgrade(uri)
    return build(place, uri)


def staff_of(site: Site, role: str) -> FlaskClient:
    """A browser in which somebody with this role is signed in."""
    token = secrets.token_urlsafe(32)
    with site.session() as session:
        session.add(
            WebSession(
                token_hash=hashlib.sha256(token.encode()).digest(), audience="staff",
                subject=f"{role}-1", assembly="", name="Robin Text", roles=[role], language="en",
                seen_at=site.at, expires_at=site.at + timedelta(days=400),
            )
        )  # fmt: skip
    client = site.app.test_client()
    client.set_cookie("staff", token)
    return client


def post(staff: FlaskClient, name: str, do: str, **fields: str) -> TestResponse:
    page = staff.get(f"/office/content/{name}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    numbers = dict(re.findall(r'name="(number-\w+)" value="(\d+)"', page))
    assert token
    data = {"csrf_token": token[1], "assembly": "", "do": do, **numbers, **fields}
    return staff.post(f"/office/content/{name}", data=data)


def test_a_page_is_written_looked_at_published_and_taken_back(town: Site) -> None:
    staff, reader = staff_of(town, "communication"), town.visitor()
    before = reader.get("/en/contact").text
    both = {
        "title-en": "Reach us", "text-en": "## By post\n\nWrite to {contact}.",
        "title-fr": "Nous joindre", "text-fr": "## Par courrier\n\nÉcrivez à {contact}.",
    }  # fmt: skip
    looked = post(staff, "contact", "look", **both)
    assert "<h2>By post</h2>" in looked.text
    assert "By post" not in reader.get("/en/contact").text
    assert post(staff, "contact", "save", **both).status_code == 303
    assert "By post" not in reader.get("/en/contact").text
    assert "draft waits" in staff.get("/office/content").text
    assert post(staff, "contact", "publish", **both).status_code == 303
    shown = reader.get("/en/contact").text
    assert "<h1>Reach us</h1>" in shown
    assert "<h2>By post</h2>" in shown
    assert "{contact}" not in shown
    assert "Nous joindre" in reader.get("/fr/contact").text
    assert "written by the desk" in staff.get("/office/content").text
    assert post(staff, "contact", "take_back").status_code == 303
    assert reader.get("/en/contact").text == before
    trail = staff_of(town, "auditor").get("/office/audit").text
    assert "Text of a page of the site published" in trail


def test_publishing_asks_for_every_language_or_for_a_word(town: Site) -> None:
    staff, reader = staff_of(town, "communication"), town.visitor()
    english = {"title-en": "Help with the login", "text-en": "Call [the office](contact)."}
    refused = post(staff, "help-login", "publish", **english)
    assert refused.status_code == 422
    assert "The text in this language is missing." in refused.text
    assert "Call [the office](contact)." in refused.text
    assert reader.get("/en/pages/help-login").status_code == 404
    assert post(staff, "help-login", "publish", without="fr", **english).status_code == 303
    town.later(seconds=40)
    assert '<a href="/en/contact">the office</a>' in reader.get("/en/pages/help-login").text
    french = reader.get("/fr/pages/help-login").text
    assert '<h1 lang="en">Help with the login</h1>' in french
    assert "Cette page n’existe qu’en anglais." in french
    assert '<a href="/fr/pages/help-login" lang="en">Help with the login</a>' in french


def test_a_text_with_a_flaw_is_kept_but_not_published(town: Site) -> None:
    staff = staff_of(town, "communication")
    texts = {"title-en": "A", "text-en": "[x](gone)", "title-fr": "B", "text-fr": "Bien."}
    refused = post(staff, "flawed", "publish", **texts)
    assert refused.status_code == 422
    assert "This link leads nowhere: gone" in refused.text
    assert town.visitor().get("/en/pages/flawed").status_code == 404


def test_two_who_write_at_once_do_not_overwrite_each_other(town: Site) -> None:
    staff = staff_of(town, "communication")
    texts = {"title-en": "A", "text-en": "One.", "title-fr": "B", "text-fr": "Un."}
    assert post(staff, "shared", "save", **texts).status_code == 303
    stale = post(staff, "shared", "save", **{**texts, "text-en": "Two.", "number-en": "0"})
    assert stale.status_code == 409
    assert "Two." in stale.text
    assert "One." in staff.get("/office/content/shared").text


def test_who_may_not_write_is_refused(town: Site) -> None:
    assert staff_of(town, "clerk").get("/office/content").status_code == 403


def test_a_name_that_is_no_name_is_refused_with_its_reason(town: Site) -> None:
    staff = staff_of(town, "administrator")
    page = staff.get("/office/content").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    data = {"csrf_token": token[1], "assembly": "", "page": "Not A Name"}
    refused = staff.post("/office/content", data=data)
    assert refused.status_code == 422
    assert "Name the page with small letters" in refused.text
    good = staff.post("/office/content", data={**data, "page": "help-more"})
    assert good.headers["Location"] == "/office/content/help-more?assembly="


def test_every_word_of_the_desks_page_is_a_sentence() -> None:
    assert all(sentence[0].isupper() or sentence[0] == "%" for sentence in FLAWS.values())
    assert set(DONE) == {"saved", "published", "taken_back"}


def test_a_paper_nobody_approved_says_so(town: Site) -> None:
    page = town.visitor().get("/en/privacy").text
    assert "This text is not approved yet" in page
    assert "has not approved" not in town.visitor().get("/en/contact").text
