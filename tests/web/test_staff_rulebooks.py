"""The page Rulebooks: check, explain, simulate (nothing stored), and putting a version into force."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from petitions.storage import tables as t
from tests.house import RULEBOOKS, shipped_library
from tests.services.test_rulebook_versions import two_versions
from tests.web.office_house import Office, make_office

TOWN = (RULEBOOKS / "town.toml").read_text(encoding="utf-8")
CURVE = b"at,count\n2026-03-02T10:00Z,24\n2026-03-09T10:00Z,1\n"
PAGE = "/office/rulebooks"


@pytest.fixture
def office(open_engine: Callable[[str], Engine], sqlite_uri: str) -> Office:
    return make_office(open_engine(sqlite_uri))


@pytest.fixture
def send(office: Office) -> Callable[..., Any]:
    """Post the form of the page as one of the staff."""

    def post(who: str, do: str, language: str = "en", **form: Any) -> Any:
        client = office.sign_in(who, language)
        data = {"csrf_token": office.csrf(client, PAGE), "do": do, "lang": "en", **form}
        return client.post(PAGE, data=data, content_type="multipart/form-data")

    return post


def file(text: str | bytes, name: str) -> tuple[io.BytesIO, str]:
    return (io.BytesIO(text.encode() if isinstance(text, str) else text), name)


def test_the_page_lists_the_versions_of_the_sites_own_assemblies_only(office: Office) -> None:
    shown = office.sign_in("petit").get(PAGE).text
    assert "town 1" in shown
    assert "fr-senat 1" in shown
    assert "uk-parliament" not in shown
    assert "signing.window.first_day" in shown


def test_every_fault_of_an_upload_is_listed_with_path_and_value(send: Callable[..., Any]) -> None:
    faulty = TOWN.replace("threshold = 25", "threshold = 0")
    answer = send("petit", "check", rulebook=file(faulty, "town.toml")).text
    assert "town.toml: milestones[0].threshold must be &gt;= 1, got 0" in answer
    garbage = send("petit", "check", rulebook=file(b"\xff\xfe", "town.toml")).text
    assert "town.toml: file must be UTF-8 text" in garbage
    good = send("petit", "check", rulebook=file(TOWN, "town.toml")).text
    assert "The rulebook can be read." in good


def test_a_draft_whose_codes_lack_words_can_be_explained_and_says_what_lacks(
    send: Callable[..., Any],
) -> None:
    draft = TOWN.replace('"offensive", "privacy"', '"rude", "privacy"')
    answer = send("petit", "explain", rulebook=file(draft, "town.toml")).text
    assert "words are still missing" in answer
    assert "&#39;rude&#39; has no wording in &#39;fr&#39;" in answer
    assert "25 signatures: On the agenda of the town council." in answer


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("nl", "De ondertekening is 2 maanden open; de laatste dag telt volledig."),
        ("de", "Ein Ausfall der Website: Diese Tage werden der Zeichnungsfrist hinzugefügt."),
        ("fr", "Il a lieu avant la publication."),
    ],
)
def test_a_served_version_is_explained_in_a_language_the_site_does_not_have(
    send: Callable[..., Any], language: str, sentence: str
) -> None:
    answer = send("petit", "explain", book="town 1", lang=language).text
    assert sentence in answer
    assert f'<div lang="{language}">' in answer
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in answer
    assert 'role="img"' in answer


def test_a_life_is_played_against_a_packed_curve(send: Callable[..., Any]) -> None:
    packed = file(gzip.compress(CURVE), "curve.csv.gz")
    events = "outcome:adopted=2026-04-01\n"
    answer = send("voss", "simulate", book="town 1", curve=packed, events=events).text
    assert "Reached: On the agenda of the town council" in answer
    assert "last day 9 June 2026" in answer
    assert "In the end: Examined, 25 signatures" in answer


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Choose a file with a signature curve."),
        ({"curve": b"a,b\n1,2\n"}, "The curve needs a column with times"),
        ({"curve": gzip.compress(CURVE)[:20]}, "Line 1 of the curve cannot be read: write a time"),
        ({"curve": CURVE, "events": "outcome:adopted"}, "is no event"),
        ({"curve": CURVE, "kind": "x"}, "has no kind"),
        ({"curve": CURVE, "events": "outcome:x=2020-01-01"}, "is no event of this procedure"),
    ],
)
def test_what_cannot_be_played_is_said_on_the_page(
    send: Callable[..., Any], form: dict[str, Any], sentence: str
) -> None:
    sent = {**form, "curve": file(form["curve"], "c.csv")} if "curve" in form else form
    answer = send("petit", "simulate", book="town 1", **sent)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_trying_a_rulebook_stores_nothing_at_all(office: Office, send: Callable[..., Any]) -> None:
    def rows() -> int:
        with office.session() as session:
            return sum(
                session.scalar(select(func.count()).select_from(table)) or 0
                for table in t.Base.metadata.sorted_tables
                if table.name != "web_session"
            )

    before = rows()
    send("petit", "explain", rulebook=file(TOWN, "town.toml"))
    send("petit", "simulate", book="town 1", curve=file(CURVE, "c.csv"))
    assert rows() == before


def test_a_version_that_is_not_served_is_not_found(send: Callable[..., Any]) -> None:
    assert send("petit", "explain", book="town 7").status_code == 404
    assert send("petit", "explain", book="nonsense").status_code == 404


def acknowledge(office: Office, who: str, paths: tuple[str, ...], book: str = "fr-senat") -> Any:
    client = office.sign_in(who)
    with office.session() as session:  # a login of this minute, as the provider would say
        for row in session.scalars(select(t.WebSession)):
            row.auth_time = office.clock.at
    data = {"csrf_token": office.csrf(client, PAGE), "book": book, "version": "1"}
    return client.post(f"{PAGE}/activate", data={**data, "acknowledge": list(paths)})


def test_only_an_administrator_puts_a_version_into_force(office: Office) -> None:
    assert "Put fr-senat 1 into force" in office.sign_in("adams").get(PAGE).text
    assert "Put fr-senat 1 into force" not in office.sign_in("petit").get(PAGE).text
    confirm = shipped_library().version("fr-senat", 1).confirm
    assert acknowledge(office, "petit", confirm).status_code == 403


def test_a_key_that_was_not_ticked_is_named_and_nothing_is_put_into_force(office: Office) -> None:
    confirm = shipped_library().version("fr-senat", 1).confirm
    answer = acknowledge(office, "adams", confirm[1:])
    assert answer.status_code == 422
    assert f"still to be acknowledged: {confirm[0]}." in answer.text
    done = acknowledge(office, "adams", confirm)
    assert done.headers["Location"].endswith("/office/rulebooks?done=activated")
    with office.session() as session:
        row = session.scalars(select(t.RulebookActivation)).one()
        assert (row.id, row.actor, tuple(row.acknowledged)) == ("fr-senat", "adams", confirm)
    assert "All acknowledged" in office.sign_in("adams").get(PAGE).text
    assert acknowledge(office, "adams", (), book="nothing").status_code == 404


def test_a_file_may_be_called_what_the_browser_called_it(send: Callable[..., Any]) -> None:
    answer = send("petit", "check", rulebook=file(TOWN, "town (1).toml"))
    assert "The rulebook can be read." in answer.text
    wrong = TOWN.replace("[after]\n", "[after]\nfour_eyez = true\n")
    answer = send("petit", "check", rulebook=file(wrong, "town (1).toml"))
    assert "1 error" in answer.text
    assert "did you mean" in answer.text
    assert answer.text.index("did you mean") < answer.text.index("Versions of this site")


def test_without_a_curve_the_page_asks_for_one(send: Callable[..., Any]) -> None:
    answer = send("petit", "simulate", book="town 1")
    assert answer.status_code == 422
    assert "Choose a file with a signature curve." in answer.text


def test_the_list_names_assemblies_and_versions_that_were_replaced(
    tmp_path, open_engine, sqlite_uri
) -> None:
    office = make_office(open_engine(sqlite_uri), two_versions(tmp_path))
    office.file_petition("Avant")
    office.clock.forward(days=80)
    office.file_petition("Après")
    page = office.sign_in("petit").get(PAGE).text
    assert "Town of Valmont" in page
    assert "Replaced by version 2" in page
