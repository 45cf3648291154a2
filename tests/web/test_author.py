"""The author's journey over the real services: five pages, what goes wrong on them, and the own space."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import func, select

from petitions.domain.lifecycle import Action, State
from petitions.storage.tables import Petition
from tests.web.site import REASONS, REQUEST, TAG, Site, build, hidden, token

TITLE = "Un bus toutes les vingt minutes"


@pytest.fixture
def site(tmp_path: Path, database_uri: str) -> Iterator[Site]:
    made = build(tmp_path, database_uri)
    yield made
    made.close()


def send(client, path, **form):
    """Post the form of the page at `path`, as a browser does."""
    return client.post(path, data={**hidden(client, path), **form})


def start(client, title=TITLE, language="fr"):
    answer = send(client, "/en/start/new", title=title, language=language, kind="petition")
    assert answer.status_code == 303, answer.text
    return answer.location.rsplit("/", 1)[0]


def walk(client, title=TITLE):
    """From the title to the page before sending; the draft's address."""
    draft = start(client, title)
    assert send(client, f"{draft}/similar", difference="La nôtre vise le soir.").status_code == 303
    answer = send(client, f"{draft}/text", title=title, request=REQUEST, reasons=REASONS, seen="y")
    assert answer.location == f"{draft}/you"
    answer = send(client, f"{draft}/you", name="Claire Lefort", email="claire@example.org")
    assert answer.location == f"{draft}/check"
    return draft


def version(client, path):
    return re.search(r'name="version" value="(\d+)"', client.get(path).text)[1]


def send_off(client, draft):
    path = f"{draft}/check"
    return send(client, path, version=version(client, path))


def drafts(site):
    with site.session() as session:
        return session.scalar(select(func.count()).select_from(Petition))


def test_the_start_page_says_what_to_expect_before_any_login(site):
    answer = site.visitor().get("/en/start?assembly=valmont")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert "25 signatures" in answer.text
    assert "Outside the town’s powers" in answer.text
    assert "10 working days" in answer.text
    assert "/en/start/login?assembly=valmont" in answer.text
    other = site.visitor().get("/fr/start?assembly=senat").text
    assert "100\u202f000 signatures" in other
    assert "/fr/start?assembly=valmont" in other
    assert site.visitor().get("/en/start?assembly=nowhere").status_code == 404


def test_nobody_chooses_the_assembly_for_the_reader(site):
    visitor = site.visitor()
    page = visitor.get("/en/start").text
    assert 'href="/en/start?assembly=valmont"' in page
    assert "/start/login" not in page
    asked = visitor.get("/en/mine")
    assert asked.headers["Location"].startswith("/en/start/login?back=")
    choice = visitor.get(asked.headers["Location"])
    assert choice.headers["Location"] == "/en/start?back=%2Fen%2Fmine"
    page = visitor.get(choice.headers["Location"]).text
    assert 'href="/en/start/login?assembly=valmont&amp;back=%2Fen%2Fmine"' in page
    foreign = visitor.get("/en/start?back=//evil.example").text
    assert "evil" not in foreign.partition("<main")[2]


def test_without_a_login_every_page_of_an_author_leads_to_the_login(site):
    for path in (
        "/en/start/new",
        "/en/mine",
        "/en/drafts/0b9d7a0a-29cc-4a44-9f57-1a6d3f7f2f11/text",
    ):
        answer = site.visitor().get(path)
        assert answer.status_code == 303
        assert answer.location.startswith("/en/start/login")


def test_a_petition_goes_from_one_sentence_to_a_promised_date(site):
    author = site.author()
    draft = walk(author)
    checked = author.get(f"{draft}/check").text
    assert TITLE in checked
    assert "claire@example.org" in checked
    answer = send_off(author, draft)
    assert answer.status_code == 303
    assert answer.location == f"{draft}/sent"
    sent = author.get(answer.location).text
    assert "2026-0001" in sent
    assert "16 March 2026" in sent  # ten working days after Monday 2 March
    assert site.state("2026-0001") == State.IN_ADMISSIBILITY
    mine = author.get("/fr/mine").text
    assert "Recevabilité en cours d’examen" in mine
    assert "16 mars 2026" in mine


def test_sending_twice_gives_the_same_reference_once(site):
    author = site.author()
    draft = walk(author)
    path = f"{draft}/check"
    form = {"version": version(author, path), "csrf_token": token(author, path)}
    first, second = author.post(path, data=form), author.post(path, data=form)
    assert first.location == second.location == f"{draft}/sent"
    assert drafts(site) == 1
    assert "2026-0001" in author.get(first.location).text


def test_what_changed_since_the_page_was_shown_is_not_sent(site):
    author = site.author()
    draft = walk(author)
    path = f"{draft}/check"
    old = int(version(author, path)) + 1
    answer = send(author, path, version=str(old))
    assert answer.status_code == 409
    assert "so it was not sent" in answer.text


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("title", "", "Please fill this in."),
        ("title", "x" * 121, "This is 1 characters too long; at most 120 are allowed."),
        ("request", "\u202eretourné", "RIGHT-TO-LEFT OVERRIDE"),
        ("reasons", "a\x00b", "U+0000"),
        ("reasons", "y" * 6000, "characters too long"),
        ("reasons", "zero\u200bwidth", "ZERO WIDTH SPACE"),
    ],
)
def test_a_refused_entry_is_named_kept_and_not_recorded(site, field, value, told):
    author = site.author()
    draft = start(author)
    form = {"title": TITLE, "request": REQUEST, "reasons": REASONS, "seen": "y", field: value}
    answer = send(author, f"{draft}/text", **form)
    assert answer.status_code == 422
    assert told in answer.text
    assert "Please check what you entered" in answer.text
    assert f'href="#{field}"' in answer.text
    kept = value.replace("\x00", "\ufffd")
    assert kept in answer.text or "\x00" in value
    assert "\x00" not in author.get(f"{draft}/text").text


def test_half_a_text_is_kept_to_be_finished_later_and_cannot_be_sent(site):
    author = site.author()
    draft = start(author)
    half = {"title": TITLE, "request": REQUEST, "reasons": "", "later": "y"}
    kept = send(author, f"{draft}/text", **half)
    assert kept.status_code == 303
    assert kept.location.startswith("/en/mine/")
    assert REQUEST in unescape(author.get(f"{draft}/text").text)
    refused = send(author, f"{draft}/text", **{**half, "title": ""})
    assert (refused.status_code, "Please fill this in." in refused.text) == (422, True)
    assert 'name="version"' not in author.get(f"{draft}/check").text, "no button that sends it"


def test_text_is_stored_in_one_form_whatever_the_keyboard(site):
    author = site.author()
    draft = start(author)
    send(
        author,
        f"{draft}/text",
        title="E\u0301cole",
        request=REQUEST,
        reasons="un\r\ndeux",
        seen="y",
    )
    with site.session() as session:
        from petitions.storage.tables import PetitionText

        text = session.scalars(select(PetitionText)).one()
        assert text.title == "École"
        assert text.reasons == "un\ndeux"


def test_a_hint_is_shown_once_and_never_blocks(site):
    author = site.author()
    draft = start(author)
    words = {"title": TITLE, "request": REQUEST, "reasons": REASONS + " Appelez le 06 12 34 56 78."}
    first = send(author, f"{draft}/text", **words)
    assert first.status_code == 200
    assert "telephone number" in first.text
    assert "you may go on" in first.text
    assert 'name="seen"' in first.text
    second = send(author, f"{draft}/text", **words, seen="y")
    assert second.location == f"{draft}/you"


def test_a_similar_petition_is_shown_and_the_difference_asked_for(site):
    ref = site.publish(TITLE)
    author = site.author()
    draft = start(author, TITLE + " partout")
    html = author.get(f"{draft}/similar").text
    assert ref in html
    assert "Open: you could sign instead" in html
    missing = send(author, f"{draft}/similar", difference=" ")
    assert missing.status_code == 422
    assert 'href="#difference"' in missing.text
    assert send(author, f"{draft}/similar", difference="Tous les quartiers.").status_code == 303


def test_where_nothing_is_similar_one_can_go_on_at_once(site):
    author = site.author()
    draft = start(author)
    assert "No similar petition was found" in author.get(f"{draft}/similar").text
    assert send(author, f"{draft}/similar").status_code == 303


@pytest.mark.parametrize("email", ["claire", "a@b", "x@y.z\r\nBcc: w@w.ww", "a b@c.de", "<a@b.de>"])
def test_a_wrong_address_is_refused_with_its_value_kept(site, email):
    author = site.author()
    draft = start(author)
    answer = send(author, f"{draft}/you", name="Claire", email=email)
    assert answer.status_code == 422
    assert 'value="Claire"' in answer.text


def test_an_unfinished_draft_cannot_be_sent_and_says_what_is_missing(site):
    author = site.author()
    draft = start(author)
    html = author.get(f"{draft}/check").text
    assert "Something is missing" in html
    assert "Send the petition" not in html
    assert f'href="{draft}/you"' in html


def test_somebody_elses_draft_does_not_exist(site):
    draft = walk(site.author())
    stranger = site.author(b"\x11" * 32)
    for step in ("similar", "text", "you", "check", "sent"):
        assert stranger.get(f"{draft}/{step}").status_code == 404
    mine = draft.replace("/drafts/", "/mine/")
    assert stranger.get(mine).status_code == 404
    assert stranger.get(f"{mine}/export.json").status_code == 404
    csrf = token(stranger, "/en/start/new")
    answer = stranger.post(f"{mine}/withdraw", data={"csrf_token": csrf, "version": "1"})
    assert answer.status_code == 404


def test_a_form_without_its_token_changes_nothing(site):
    author = site.author()
    form = {"title": TITLE, "language": "fr", "kind": "petition"}
    answer = author.post("/en/start/new", data=form)
    assert answer.status_code in {400, 422}
    assert "The form was open for too long" in answer.text
    assert drafts(site) == 0


def test_a_kind_or_language_that_is_not_offered_is_refused(site):
    author = site.author()
    assert (
        send(author, "/en/start/new", title=TITLE, language="xx", kind="petition").status_code
        == 422
    )
    assert send(author, "/en/start/new", title=TITLE, language="fr", kind="coup").status_code == 422
    assert drafts(site) == 0


def test_a_returned_petition_is_corrected_and_sent_again(site):
    ref = site.file(tag=TAG)
    site.decide(ref, Action.RETURN, text="Dites quelles lignes de bus.")
    author = site.author()
    html = author.get("/en/mine").text
    assert "Please correct your petition" in html
    address = re.search(r'href="(/en/mine/[0-9a-f-]{36})"', html)[1]
    page = author.get(address).text
    assert "Dites quelles lignes de bus." in page
    assert "16 March 2026" in page  # fourteen days
    draft = address.replace("/mine/", "/drafts/")
    answer = send(
        author, f"{draft}/text", title=TITLE, request=REQUEST + " Lignes 3 et 5.", reasons=REASONS,
        seen="y",
    )  # fmt: skip
    assert answer.location == f"{draft}/check"
    assert "Check and send again" in author.get(f"{draft}/check").text
    assert send_off(author, draft).status_code == 303
    assert site.state(ref) == State.IN_ADMISSIBILITY


def test_after_publication_the_text_cannot_change(site):
    ref = site.publish(tag=TAG)
    author = site.author()
    address = re.search(r'href="(/en/mine/[0-9a-f-]{36})"', author.get("/en/mine").text)[1]
    draft = address.replace("/mine/", "/drafts/")
    answer = send(
        author, f"{draft}/text", title="Autre", request="Autre", reasons="Autre", seen="y"
    )
    assert answer.status_code == 422
    assert "people sign exactly what they read" in answer.text
    you = send(author, f"{draft}/you", name="Autre", email="autre@example.org")
    assert you.status_code == 409
    assert "Autre" not in author.get(f"/en/petitions/{ref}").text


def test_the_author_reads_why_the_petition_was_refused(site):
    ref = site.file(tag=TAG)
    site.decide(ref, Action.REFUSE, ("defamatory",), "Nommez les faits, pas la personne.")
    author = site.author()
    address = re.search(r'href="(/en/mine/[0-9a-f-]{36})"', author.get("/en/mine").text)[1]
    html = author.get(address).text
    assert "Defamatory" in html
    assert "Nommez les faits, pas la personne." in html
    assert TITLE in html  # the author still sees their own text


def test_an_author_withdraws_with_one_button_that_names_what_it_does(site):
    ref = site.publish(tag=TAG)
    author = site.author()
    address = re.search(r'href="(/en/mine/[0-9a-f-]{36})"', author.get("/en/mine").text)[1]
    html = author.get(address).text
    assert "Withdraw this petition for good" in html
    form = {"version": version(author, address), "csrf_token": token(author, address)}
    answer = author.post(f"{address}/withdraw", data=form)
    assert answer.status_code == 303
    assert site.state(ref) == State.WITHDRAWN
    again = author.get(address).text
    assert "Withdraw this petition for good" not in again


def test_the_author_takes_the_whole_file_along(site):
    ref = site.publish(tag=TAG)
    author = site.author()
    address = re.search(r'href="(/en/mine/[0-9a-f-]{36})"', author.get("/en/mine").text)[1]
    answer = author.get(f"{address}/export.json")
    assert answer.headers["Cache-Control"] == "no-store"
    content = json.loads(answer.text)
    assert content["reference"] == ref
    assert content["texts"]["fr"]["request"] == REQUEST
    assert content["author"]["email"] == "claire@example.org"
    assert [step["action"] for step in content["steps"]][-1] == "submit"


def test_no_page_of_an_author_may_be_cached(site):
    author = site.author()
    draft = walk(author)
    for path in ("/en/mine", "/en/start/new", f"{draft}/check", f"{draft}/text"):
        answer = author.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]
