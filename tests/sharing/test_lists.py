"""Lists page by page, by body, by the week's signatures, and as JSON: what everybody can ask for."""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from petitions.storage import reading, tables
from petitions.storage.kept_numbers import GREAT, OLDEST, Kept
from petitions.storage.list_order import Beside
from petitions.storage.list_rows import page_of
from petitions.storage.search_reading import by_assembly, search

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def shown(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'<h3><a href="/en/petitions/([^"#?]+)"', page)))


def link(page: str, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page)
    return unescape(found.group(1)) if found else ""


def question(sort: str, **more: Any) -> reading.Question:
    return reading.Question(assemblies=("valmont",), shown_in="fr", sort=sort, **more)


def test_a_page_goes_on_where_the_last_one_ended_whatever_is_published_meanwhile(site: Any) -> None:
    refs = []
    for number in range(5):
        refs.append(site.publish(f"Un banc numéro {number}"))
        site.later(hours=1)
    for sort in ("newest", "updated", "most_signed"):
        with site.session() as session:
            rows = page_of(session, question(sort), offset=0, limit=2)
            first = [row.petition.reference for row in rows]
            after = Beside(first[-1] or "")
            rows = page_of(session, question(sort), offset=99, limit=2, beside=after)
            second = [row.petition.reference for row in rows]
            before = Beside(second[0] or "", back=True)
            rows = page_of(session, question(sort), offset=99, limit=2, beside=before)
        assert first + second == refs[:0:-1], sort
        assert [row.petition.reference for row in rows] == first
    with site.session() as session:  # nobody knows that petition: counted off
        lost = Beside("1900-0001")
        rows = page_of(session, question("newest"), offset=1, limit=1, beside=lost)
        assert [row.petition.reference for row in rows] == [refs[3]]


def test_links_lead_through_all_pages_and_back_to_the_first(site: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("petitions.web.list_pages.PER_PAGE", 2)
    refs = []
    for number in range(5):
        refs.append(site.publish(f"Un banc numéro {number}"))
        site.later(hours=1)
    visitor = site.visitor()
    first = visitor.get("/en/petitions").text
    second = visitor.get(link(first, "next")).text
    site.publish("Un banc de plus")
    third = visitor.get(link(second, "next")).text
    assert shown(first) + shown(second) + shown(third) == refs[::-1]
    assert f"after={shown(first)[-1]}" in link(first, "next")
    assert link(third, "next") == ""
    assert shown(visitor.get(link(third, "prev")).text) == shown(second)
    assert link(second, "prev") == "/en/petitions"


def test_signatures_of_a_week_decide_an_order_of_their_own(site: Any) -> None:
    old, new = site.publish("Un vieux banc"), site.publish("Un banc neuf")
    site.count(old, 900)
    site.later(days=10)
    site.count(old, 905)
    site.count(new, 50)
    visitor = site.visitor()
    assert shown(visitor.get("/en/petitions?sort=most_signed").text) == [old, new]
    assert shown(visitor.get("/en/petitions?sort=week").text) == [new, old]
    since = site.at.date() - timedelta(days=7)
    with site.session() as session:
        book = site.petition(session, new).rulebook_id
        kind = site.petition(session, new).kind
        quiet = question("week", since=since, quiet_kinds=((book, kind),))
        newest = page_of(session, question("newest"), offset=0, limit=9)
        assert page_of(session, quiet, offset=0, limit=9) == newest


def test_a_list_is_narrowed_to_what_a_body_has_to_do(site: Any) -> None:
    bench, fountain = site.publish("Un banc"), site.publish("Une fontaine")
    with site.session() as session:
        for number, (ref, body) in enumerate(((bench, "town_council"), (fountain, "town_clerk"))):
            session.add(
                tables.Track(
                    petition_id=site.petition(session, ref).id, code=f"duty{number}", body=body,
                    status="due", opened_at=site.at,
                )
            )  # fmt: skip
    visitor = site.visitor()
    page = visitor.get("/en/petitions?assembly=valmont").text
    assert "Committee or office" in page
    assert "assembly=valmont&amp;body=town_council" in page
    narrowed = visitor.get("/en/petitions?assembly=valmont&body=town_council").text
    assert shown(narrowed) == [bench]
    assert shown(visitor.get("/en/petitions?assembly=valmont&body=nobody").text) != [bench]


def test_the_json_of_a_list_has_its_filters_and_its_terms(site: Any) -> None:
    site.publish("Un banc au soleil")
    wanted = site.publish("Une fontaine")
    answer = site.visitor().get("/en/petitions.json?q=fontaine")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.mimetype == "application/json"
    told = json.loads(answer.data)
    assert [row["reference"] for row in told["data"]] == [wanted]
    assert told["licence"]
    empty = json.loads(site.visitor().get("/en/petitions.json?q=xylophone").data)
    assert empty["data"] == []
    assert (
        'href="/en/petitions.json?q=fontaine"'
        in site.visitor().get("/en/petitions?q=fontaine").text
    )


def test_figures_of_a_great_list_are_kept_for_a_minute_and_small_ones_never() -> None:
    now = [NOON]
    kept = Kept(lambda: now[0])
    great, small = iter((GREAT, GREAT + 1)), iter((1, 2))

    def ask(key: str, numbers: Any) -> int:
        return kept.numbers(key, lambda: Counter({"published": next(numbers)})).total()

    assert [ask("great", great), ask("great", great)] == [GREAT, GREAT]
    assert [ask("small", small), ask("small", small)] == [1, 2]
    now[0] += timedelta(minutes=1)
    assert ask("great", great) == GREAT + 1


def test_while_one_reader_counts_anew_the_others_have_the_old_figures() -> None:
    now = [NOON]
    kept = Kept(lambda: now[0])
    old, new = Counter({"published": GREAT}), Counter({"published": GREAT + 5})
    kept.numbers("list", lambda: old)
    now[0] += timedelta(minutes=2)
    meanwhile: list[int] = []

    def count() -> Counter[str]:
        meanwhile.append(kept.numbers("list", Counter).total())
        return new

    assert kept.numbers("list", count).total() == GREAT + 5
    assert meanwhile == [GREAT]
    now[0] += timedelta(minutes=2)

    def fails() -> Counter[str]:
        raise TimeoutError

    with contextlib.suppress(TimeoutError):
        kept.numbers("list", fails)
    assert kept.numbers("list", lambda: old).total() == GREAT


def test_few_figures_of_a_great_list_are_kept_and_of_a_small_list_never() -> None:
    kept = Kept(lambda: NOON)
    numbers = iter(range(1, 9))

    def ask(key: str, hits: int) -> int:
        return kept.numbers(key, lambda: Counter({"committee": next(numbers)}), hits).total()

    assert [ask("great", GREAT), ask("great", GREAT)] == [1, 1]
    assert [ask("small", GREAT - 1), ask("small", GREAT - 1)] == [2, 3]


def test_figures_of_five_minutes_ago_are_shown_to_nobody() -> None:
    now = [NOON]
    kept = Kept(lambda: now[0])
    for list_of in ("one", "other"):
        kept.numbers(list_of, lambda: Counter({"published": GREAT}))
    now[0] += OLDEST
    counted: list[int] = []

    def count() -> Counter[str]:
        counted.append(len(counted))
        if len(counted) == 1:
            return kept.numbers("one", count) + Counter({"published": 1})
        return Counter({"published": GREAT + 5})

    assert kept.numbers("one", count).total() == GREAT + 6
    assert len(counted) == 2
    assert len(kept._found) == 1


def test_filters_that_leave_nothing_say_what_there_is_without_them(site: Any) -> None:
    site.publish("Une passerelle sur le canal")
    visitor = site.visitor()
    page = visitor.get("/en/petitions?q=passerelle&state=refused").text
    assert "No petition matches with these filters." in page
    assert 'href="/en/petitions?q=passerelle">Without the filters, 1 petition matches</a>' in page
    nothing = visitor.get("/en/petitions?q=xylophone&state=refused").text
    assert "Without the filters" not in nothing
    assert "No petition matches. Try fewer words" in nothing


def test_a_word_of_one_language_finds_a_petition_through_its_translation(site: Any) -> None:
    ref = site.publish("Une passerelle sur le canal")
    with site.session() as session:
        found = site.petition(session, ref)
        session.add(
            tables.PetitionText(
                petition_id=found.id, language="nl", title="Een loopbrug over het kanaal",
                request="Wij vragen het.", folded="",
            )
        )  # fmt: skip
    visitor = site.visitor()
    for lang, typed in (("fr", "loopbruggen"), ("nl", "passerelles"), ("de", "kanaal canal")):
        expected = [ref] if " " not in typed else []
        page = visitor.get(f"/{lang}/petitions?q={typed}").text
        assert re.findall(r"<h3><a href=\"/../petitions/([^\"#?]+)\"", page) == expected, typed
    assert "Een loopbrug" in visitor.get("/nl/petitions?q=passerelle").text


def test_each_assembly_is_counted_with_what_it_is_asked_together_with_another(site: Any) -> None:
    alone, together = site.publish("Un quai au soleil"), site.publish("Un quai à l'ombre")
    with site.session() as session:
        other = tables.Addressee(
            petition_id=site.petition(session, together).id, assembly="rochebrune"
        )
        session.add(other)
    served = ("rochebrune", "valmont")
    with site.session() as session:
        for words, sort in (("quai", "relevance"), ("", "newest")):
            asked = reading.Question(served, "fr", words=words, sort=sort)
            found = by_assembly(session, asked, served)
            assert (found["valmont"] >= 2, found["rochebrune"]) == (True, 1), words
        one = reading.Question(("rochebrune",), "fr", words="quai", sort="newest")
        assert [row.petition.reference for row in page_of_words(session, one)] == [together]
    assert alone != together


def page_of_words(session: Any, asked: reading.Question) -> list[reading.Row]:
    return list(search(session, asked, offset=0, limit=9).rows)
