"""Public pages over the real services: what is shown in each state, caching, languages, data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from petitions.domain.lifecycle import Action, State
from tests.web.site import Site, build


@pytest.fixture
def site(tmp_path: Path, database_uri: str) -> Iterator[Site]:
    made = build(tmp_path, database_uri)
    yield made
    made.close()


def test_the_front_sends_to_the_wanted_language(site):
    visitor = site.visitor()
    answer = visitor.get("/", headers={"Accept-Language": "nl, fr-CH;q=0.8, en;q=0.5"})
    assert (answer.status_code, answer.location) == (302, "/fr/")
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    assert answer.headers["Vary"] == "Accept-Language"
    assert visitor.get("/", headers={"Accept-Language": "xx"}).location == "/en/"
    assert visitor.get("/p/2026-0001").location.endswith("/petitions/2026-0001")


@pytest.mark.parametrize(
    "path",
    [
        "", "petitions", "how-it-works", "verify", "privacy", "accessibility", "rules", "contact",
        "legal",
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_public_page_answers_without_a_cookie_and_may_be_cached(site, lang, path):
    answer = site.visitor().get(f"/{lang}/{path}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=5, s-maxage=60"
    assert "Set-Cookie" not in answer.headers
    assert f'<html lang="{lang}"' in answer.text
    again = site.visitor().get(f"/{lang}/{path}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_cookie_changes_nothing_on_a_public_page(site):
    ref = site.publish()
    path = f"/en/petitions/{ref}"
    author = site.author()
    assert author.get(path).data == site.visitor().get(path).data


def test_an_unknown_language_or_petition_is_not_found(site):
    visitor = site.visitor()
    for path in ("/xx/", "/xx/petitions", "/en/petitions/1999-0001", "/en/nothing"):
        answer = visitor.get(path)
        assert answer.status_code == 404
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_petition_that_is_not_public_yet_has_no_page(site):
    ref = site.file()
    assert site.visitor().get(f"/en/petitions/{ref}").status_code == 404
    site.decide(ref, Action.RETURN, text="Dites quelle ligne.")
    assert site.state(ref) == State.RETURNED
    assert site.visitor().get(f"/fr/petitions/{ref}").status_code == 404
    assert site.visitor().get(f"/petitions/{ref}/counts.json").status_code == 404


def test_an_open_petition_shows_its_text_its_card_and_what_comes_next(site):
    ref = site.publish()
    site.later(days=3)
    html = site.visitor().get(f"/en/petitions/{ref}").text
    assert "Un bus toutes les vingt minutes" in html
    assert "Claire Lefort" in html
    assert f'href="/en/petitions/{ref}/sign"' in html
    assert "Open for signatures" in html
    assert "open until" in html
    assert "2 May 2026" in html  # two months from 2 March, the day itself not counted
    assert "Original language: French." in html
    assert "Found admissible and published" in html
    assert "Town of Valmont" in html
    assert re.search(r'<span class="code">[0-9a-f]{64}</span>', html)
    assert "claire@example.org" not in html
    french = site.visitor().get(f"/fr/petitions/{ref}").text
    assert "Ouverte à la signature" in french
    assert "2 mai 2026" in french


def test_the_count_and_its_curve_follow_the_published_figures(site):
    ref = site.publish()
    site.later(days=10)
    site.count(ref, 2, 5, 9, 21)
    html = site.visitor().get(f"/en/petitions/{ref}").text
    assert '<p class="count num"><bdi>21</bdi></p>' in html
    assert "4 to go" in html
    assert "Verified signatures by day" in html
    assert "Signed today: 0. In the last 7 days: 21." in html


def test_counts_are_open_data(site):
    ref = site.publish()
    site.later(days=4)
    site.count(ref, 3, 8)
    table = site.visitor().get(f"/petitions/{ref}/counts.csv")
    assert table.headers["Content-Type"].startswith("text/csv")
    assert table.text == "day,verified\r\n2026-03-04,3\r\n2026-03-05,8\r\n"
    answer = site.visitor().get(f"/petitions/{ref}/counts.json")
    assert answer.headers["Cache-Control"] == "public, max-age=5, s-maxage=30"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    content = json.loads(answer.text)
    assert content["verified"] == 8
    assert content["days"][0] == {"day": "2026-03-04", "verified": 3}


def test_a_refused_petition_shows_its_ground_and_stays_out_of_search_engines(site):
    ref = site.file()
    site.decide(ref, Action.REFUSE, ("outside-competence",), "C’est l’affaire de la région.")
    html = site.visitor().get(f"/en/petitions/{ref}").text
    assert "Why this petition was refused" in html
    assert "Outside the town’s powers" in html
    assert "C’est l’affaire de la région." in html
    assert '<meta name="robots" content="noindex">' in html
    assert "/sign" not in html
    assert "verified signatures" not in html


def test_a_hidden_petition_tells_reference_and_category_only(site):
    ref = site.file("Mon voisin Monsieur Untel est un voleur")
    site.decide(ref, Action.REFUSE, ("defamatory",), "Propos diffamatoires sur Untel.")
    assert site.state(ref) == State.HIDDEN
    answer = site.visitor().get(f"/en/petitions/{ref}")
    assert answer.status_code == 410
    assert "Defamatory" in answer.text
    assert ref in answer.text
    for secret in ("voisin", "Untel", "Lefort", "quarante minutes"):
        assert secret not in answer.text
    assert ref not in site.visitor().get("/en/petitions?q=voisin").text
    assert site.visitor().get(f"/petitions/{ref}/counts.csv").status_code == 404


def test_the_outcome_stands_first_once_examined_and_the_count_stays(site):
    ref = site.publish()
    site.later(days=6)
    site.count(ref, 4, 30)
    site.later(days=70)
    with site.session() as session:
        petition = site.petition(session, ref)
        petition.state, petition.signing_ended_at = State.THRESHOLD_REACHED, petition.closes_at
    site.examine(ref, "Le bus passera toutes les vingt minutes.")
    html = site.visitor().get(f"/en/petitions/{ref}").text
    assert html.index("Le bus passera") < html.index("What is asked")
    assert "final count" in html
    assert "<bdi>30</bdi>" in html
    assert "/sign" not in html


def test_a_withdrawn_petition_that_was_public_keeps_its_page(site):
    from petitions.services import filing

    ref = site.publish(tag=b"\x09" * 32)
    with site.session() as session:
        petition = filing.own(session, site.petition(session, ref).id, b"\x09" * 32)
        filing.withdraw_petition(session, site.house, petition, site.at)
    html = site.visitor().get(f"/en/petitions/{ref}").text
    assert "Its author withdrew this petition." in html
    assert "/sign" not in html


def test_a_petition_withdrawn_before_publication_never_gets_a_page(site):
    from petitions.services import filing

    ref = site.file(tag=b"\x09" * 32)
    with site.session() as session:
        petition = filing.own(session, site.petition(session, ref).id, b"\x09" * 32)
        filing.withdraw_petition(session, site.house, petition, site.at)
    assert site.visitor().get(f"/en/petitions/{ref}").status_code == 404
    assert ref not in site.visitor().get("/en/petitions").text


def test_signing_is_not_offered_after_the_last_day_even_before_the_worker_ran(site):
    ref = site.publish()
    site.later(days=62)
    html = site.visitor().get(f"/en/petitions/{ref}").text
    assert "Signing is closed." in html
    assert "/sign" not in html


def test_search_ignores_accents_and_capitals_and_finds_numbers(site):
    ref = site.publish("Réparer l’école du Château")
    site.publish("Un marché couvert")
    visitor = site.visitor()
    for words in ("ECOLE chateau", ref, "école"):
        html = visitor.get("/en/petitions", query_string={"q": words}).text
        assert "École du Château".lower() in html.lower()
        assert 'href="/fr/petitions?q=' in html, "the same search in another language"
        assert "marché" not in html
    empty = visitor.get("/en/petitions?q=montagne").text
    assert "No petition matches." in empty
    assert "Show all petitions" in empty


@pytest.mark.parametrize(
    "query",
    [
        "page=99999999999",
        "page=-1",
        "page=²",
        "state=x'--",
        "q=%25_%5C",
        "q=%00",
        "sort=x",
        "language=xx",
    ],
)
def test_a_strange_query_is_answered_not_refused(site, query):
    site.publish()
    assert site.visitor().get(f"/en/petitions?{query}").status_code == 200


def test_a_percent_sign_in_a_search_is_a_percent_sign(site):
    site.publish("Un bus toutes les vingt minutes")
    assert "1 petition<" not in site.visitor().get("/en/petitions?q=%25").text


def test_facets_count_what_choosing_them_would_show(site):
    site.publish("Première")
    site.publish("Deuxième")
    refused = site.file("Troisième")
    site.decide(refused, Action.REFUSE, ("outside-competence",))
    html = site.visitor().get("/en/petitions").text
    assert re.search(r'state=published"[^>]*>Open for signatures</a> <span[^>]*>2<', html)
    assert re.search(r'state=refused"[^>]*>Refused</a> <span[^>]*>1<', html)
    only = site.visitor().get("/en/petitions?state=refused").text
    assert "Troisième" in only
    assert "Première" not in only
    assert re.search(r">Open for signatures</a> <span[^>]*>2<", only)
    assert "Outside the town’s powers" in only


def test_lists_sort_by_signatures_and_page_after_twenty(site):
    refs = [site.publish(f"Demande numéro {n}") for n in range(22)]
    site.later(days=2)
    site.count(refs[3], 7)
    first = site.visitor().get("/en/petitions?sort=most_signed").text
    titles = re.findall(r"<h3><a [^>]*>([^<]+)</a>", first)
    assert titles[0] == "Demande numéro 3"
    assert len(titles) == 20
    assert "22 petitions" in first
    second = site.visitor().get("/en/petitions?page=2").text
    assert len(re.findall(r"<h3><a ", second)) == 2
    assert "Previous page" in second
    assert "Next page" not in second


def test_the_home_page_has_figures_and_lists(site):
    ref = site.publish()
    site.later(days=5)
    site.count(ref, 4, 12)
    html = site.visitor().get("/en/").text
    assert re.search(r"Petitions in progress</dt><dd><bdi[^>]*>1<", html)
    assert re.search(r"Signatures</dt><dd><bdi[^>]*>12<", html)
    assert "Most signed" in html


def test_content_pages_are_written_from_the_rulebooks(site):
    html = site.visitor().get("/en/how-it-works").text
    assert "town 1" in html
    assert "fr-senat 1" in html
    assert "25 signatures" in html
    assert "10 working days" in html
    assert "aged 16 or over" in html
    rules = site.visitor().get("/fr/rules").text
    assert "Motifs d’irrecevabilité" in rules
    assert "100\u202f000 signatures" in rules


def test_robots_may_not_ask_for_logins(site):
    text = site.visitor().get("/robots.txt").text
    assert "Disallow: /fr/petitions/*/sign" in text
    assert "Disallow: /office/" in text


def test_the_stylesheet_has_its_hash_in_its_name_and_is_kept_for_good(site):
    html = site.visitor().get("/en/").text
    address = re.search(r"/static/site\.[0-9a-f]{12}\.css", html)
    assert address
    answer = site.visitor().get(address[0])
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    old = site.visitor().get("/static/site.0123456789ab.css")
    assert old.status_code == 200
    assert "immutable" not in old.headers["Cache-Control"]
    assert site.visitor().get("/static/secret.txt").status_code == 404
    assert site.visitor().get("/static/..%2fapp.py").status_code == 404
    assert site.visitor().get("/favicon.ico").status_code == 200


def test_a_program_gets_a_problem_document(site):
    answer = site.visitor().get("/en/nothing", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    content = json.loads(answer.text)
    assert content["status"] == 404
    assert content["title"] == "Not Found"


def test_a_wrong_method_says_which_are_allowed(site):
    answer = site.visitor().post("/en/petitions")
    assert answer.status_code in {400, 405}
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_fault_of_ours_gives_a_reference_and_no_detail(site, monkeypatch, caplog):
    from petitions.web import home

    def broken(*_args: object) -> None:
        raise RuntimeError("secret-value")

    monkeypatch.setattr(home, "home_page", broken)
    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = site.visitor().get("/fr/")
    assert answer.status_code == 500
    assert "Une erreur s’est produite de notre côté" in answer.text
    assert "secret-value" not in answer.text
    assert "secret-value" not in caplog.text
    reference = re.search(
        r'<span class="code">([2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4})</span>', answer.text
    )
    assert reference
    assert reference[1] in caplog.text


def test_a_database_that_does_not_answer_is_503_with_a_time_to_come_back(site, monkeypatch):
    import sqlite3

    from petitions.web import home

    def locked(*_args: object) -> None:
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise error

    monkeypatch.setattr(home, "home_page", locked)
    answer = site.visitor().get("/en/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "No signature already given is lost." in answer.text


def test_home_lists_and_pages_answer_on_both_engines(tmp_path, database_uri):
    site = build(tmp_path, database_uri)
    ref = site.publish("Réparer l’école du Château")
    refused = site.file("Un marché couvert")
    site.decide(refused, Action.REFUSE, ("outside-competence",))
    site.later(days=3)
    site.count(ref, 3, 8)
    visitor = site.visitor()
    assert "Réparer" in visitor.get("/fr/").text
    for sort in ("newest", "most_signed", "closing", "updated"):
        html = visitor.get(f"/en/petitions?sort={sort}&assembly=valmont").text
        assert "2 petitions" in html
    assert "marché" not in visitor.get("/en/petitions?q=ECOLE&language=fr&state=published").text
    assert "<bdi>8</bdi>" in visitor.get(f"/en/petitions/{ref}").text
    site.close()
