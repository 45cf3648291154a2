"""One draft in two tabs or on two devices: nothing is overwritten unseen, nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from petitions.domain.lifecycle import Action, State
from petitions.storage.tables import Petition, WebSession
from tests.web.posted_form import PostedForm, begun, form_at, forms_of
from tests.web.site import REASONS, REQUEST, TAG, Site, build

TITLE = "Un bus toutes les vingt minutes"
MORNING = REASONS + "\nLe matin surtout."
EVENING = REASONS + "\nLe soir <surtout> & tard."
TOLD = "Your petition was changed elsewhere"


@pytest.fixture
def site(tmp_path: Path, database_uri: str) -> Iterator[Site]:
    made = build(tmp_path, database_uri)
    yield made
    made.close()


@pytest.fixture
def author(site: Site) -> FlaskClient:
    return site.author()


@pytest.fixture
def draft(author: FlaskClient) -> str:
    """The address that its pages begin with; looked at what is similar, nothing written yet."""
    here = begun(author, TITLE)
    form_at(author, f"{here}/similar").send(author)
    return here


def written(author: FlaskClient, draft: str, reasons: str = REASONS) -> TestResponse:
    form = form_at(author, f"{draft}/text")
    return form.send(author, request=REQUEST, reasons=reasons, seen="y")


def named(author: FlaskClient, draft: str, name: str = "Claire Lefort") -> TestResponse:
    return form_at(author, f"{draft}/you").send(author, name=name, email="claire@example.org")


def changed(answer: TestResponse) -> PostedForm:
    """The form of the page that shows both."""
    assert (answer.status_code, TOLD in answer.text) == (409, True), answer.status_code
    assert answer.headers["Cache-Control"] == "no-store"
    return forms_of(answer.text)[0]


def stored(author: FlaskClient, draft: str) -> str:
    return form_at(author, f"{draft}/text")["reasons"]


def test_the_second_tab_is_shown_both_texts_and_overwrites_nothing(author, draft):
    first, second = form_at(author, f"{draft}/text"), form_at(author, f"{draft}/text")
    assert first.send(author, request=REQUEST, reasons=MORNING, seen="y").status_code == 303
    answer = second.send(author, request=REQUEST, reasons=EVENING, seen="y")
    both = changed(answer)
    assert both["reasons"] == EVENING, "what was typed, to be changed and kept"
    assert "Le matin surtout." in unescape(answer.text), "what is stored"
    assert "request" not in re.findall(r'id="(\w+)-twice"', answer.text), "typed the same twice"
    assert stored(author, draft) == MORNING
    assert "(2 March 2026 at 10:00)" in answer.text, "when the page of the form was opened"


def test_who_keeps_their_own_version_stores_it_and_goes_on(author, draft):
    second = form_at(author, f"{draft}/text")
    written(author, draft, MORNING)
    both = changed(second.send(author, request=REQUEST, reasons=EVENING, seen="y"))
    assert both.send(author).location == f"{draft}/you"
    assert stored(author, draft) == EVENING


def test_who_puts_both_together_stores_what_they_typed_then(author, draft):
    second = form_at(author, f"{draft}/text")
    written(author, draft, MORNING)
    both = changed(second.send(author, request=REQUEST, reasons=EVENING, seen="y"))
    assert both.send(author, reasons=MORNING + EVENING).status_code == 303
    assert stored(author, draft) == MORNING + EVENING


def test_who_keeps_what_is_stored_finds_it_in_the_form(author, draft):
    second = form_at(author, f"{draft}/text")
    written(author, draft, MORNING)
    answer = second.send(author, request=REQUEST, reasons=EVENING)
    keep = re.search(r'<a class="btn sec" href="([^"]+)">Keep the stored version', answer.text)
    assert keep
    assert form_at(author, keep[1])["reasons"] == MORNING


def test_a_third_tab_between_is_noticed_before_the_own_version_is_kept(author, draft):
    second = form_at(author, f"{draft}/text")
    written(author, draft, MORNING)
    both = changed(second.send(author, request=REQUEST, reasons=EVENING, seen="y"))
    written(author, draft, REASONS)
    again = changed(both.send(author))
    assert again["reasons"] == EVENING
    assert stored(author, draft) == REASONS


def test_the_same_text_sent_twice_is_no_conflict(author, draft):
    form = form_at(author, f"{draft}/text")
    for _click in range(2):
        answer = form.send(author, request=REQUEST, reasons=MORNING + " \r\n", seen="y")
        assert answer.location == f"{draft}/you"


def test_beginning_with_a_double_click_begins_one_draft(site, author):
    form = form_at(author, "/en/start/new")
    first, second = (form.send(author, title=f" {TITLE} ", language="fr") for _click in range(2))
    assert first.location == second.location
    form_at(author, first.location).send(author)
    third = form.send(author, title=TITLE, language="fr")
    assert third.location != first.location, "that one has gone on: this is another petition"
    with site.session() as session:
        assert len(session.scalars(select(Petition)).all()) == 2


def test_two_pages_of_one_draft_do_not_disturb_each_other(author, draft):
    text = form_at(author, f"{draft}/text")
    assert named(author, draft).status_code == 303
    assert text.send(author, request=REQUEST, reasons=MORNING, seen="y").status_code == 303


def test_what_is_refused_keeps_the_mark_of_the_page_that_was_seen(author, draft):
    second = form_at(author, f"{draft}/text")
    refused = second.send(author, request=REQUEST, reasons="a\x00b")
    assert refused.status_code == 422
    written(author, draft, MORNING)
    late = forms_of(refused.text)[0].send(author, reasons=EVENING, seen="y")
    assert changed(late)["reasons"] == EVENING
    assert stored(author, draft) == MORNING


def test_hints_save_the_text_and_the_next_press_goes_on(author, draft):
    form = form_at(author, f"{draft}/text")
    hinted = form.send(author, request=REQUEST, reasons=REASONS + " Tel. 0612345678.")
    assert "Have a look at this" in hinted.text
    assert forms_of(hinted.text)[0].send(author).location == f"{draft}/you"


def test_save_and_finish_later_means_the_same_after_the_choice(author, draft):
    second = form_at(author, f"{draft}/text")
    written(author, draft, MORNING)
    both = changed(second.send(author, reasons="Plus tard.", later="y"))
    assert "/mine/" in both.send(author).location
    assert stored(author, draft) == "Plus tard."


def test_a_page_without_a_mark_fills_what_is_empty_and_replaces_nothing(author, draft):
    form = form_at(author, f"{draft}/text")
    words = {"request": REQUEST, "seen": "y", "shown": "no mark of this site"}
    assert form.send(author, reasons=MORNING, **words).status_code == 303
    answer = form.send(author, reasons=EVENING, **words)
    assert changed(answer)["reasons"] == EVENING
    assert "on another device meanwhile" in answer.text


def test_name_and_address_are_asked_again_like_the_text(author, draft):
    second = form_at(author, f"{draft}/you")
    named(author, draft)
    late = second.send(author, name="Claire L.", email="c@example.org")
    both = changed(late)
    assert (both["name"], both["email"]) == ("Claire L.", "c@example.org")
    assert "claire@example.org" in late.text
    assert both.send(author).location == f"{draft}/check"
    assert form_at(author, f"{draft}/you")["name"] == "Claire L."


def test_what_makes_it_different_is_asked_again_like_the_text(site, author, draft):
    ref = site.publish(TITLE)
    first, second = (form_at(author, f"{draft}/similar") for _ in range(2))
    assert first.send(author, same=ref, difference="", anyway=ref).status_code == 303
    late = second.send(author, same="", difference="La nôtre vise le soir.")
    both = changed(late)
    assert both["difference"] == "La nôtre vise le soir."
    assert f"The same as {ref}: {TITLE}" in unescape(late.text), "said in the other tab, and stays"
    assert both["same"] == ref
    both.send(author)
    with site.session() as session:
        petition = session.scalars(select(Petition).where(Petition.reference.is_(None))).one()
        assert petition.difference == "La nôtre vise le soir."


def test_a_topic_chosen_elsewhere_is_shown_in_words(author, draft):
    second = form_at(author, f"{draft}/text")
    form = form_at(author, f"{draft}/text")
    form.send(author, request=REQUEST, reasons=REASONS, topic="parks", seen="y")
    late = second.send(author, request=REQUEST, reasons=REASONS, topic="streets", seen="y")
    both = changed(late)
    assert both["topic"] == "streets", "kept in the form without being typed again"
    told = late.text.partition('id="topic-twice"')[2]
    assert "What you chose</h3><p>Streets and traffic</p>" in told


def test_what_only_the_other_tab_changed_stays_without_being_chosen(author, draft):
    second = form_at(author, f"{draft}/text")
    form = form_at(author, f"{draft}/text")
    form.send(author, request=REQUEST, reasons=MORNING, topic="parks", seen="y")
    late = second.send(author, request=REQUEST, reasons=EVENING, seen="y")
    told = late.text.partition("Changed only elsewhere")[2]
    assert "<dt>Topic</dt><dd><p>Parks and trees</p></dd>" in told
    assert changed(late).send(author).status_code == 303
    now = form_at(author, f"{draft}/text")
    assert (now["reasons"], now["topic"]) == (EVENING, "parks")


def test_an_old_form_in_which_nothing_was_typed_only_goes_on(author, draft):
    second = form_at(author, f"{draft}/text")
    written(author, draft, MORNING)
    late = second.send(author, seen="y", later="y")
    form = changed(late)
    assert "Keep my version" not in late.text
    assert "/mine/" in form.send(author).location
    assert stored(author, draft) == MORNING


def test_what_was_not_looked_at_is_not_sent(author, draft):
    written(author, draft)
    named(author, draft)
    second = form_at(author, f"{draft}/check")
    written(author, draft, MORNING)
    late = second.send(author)
    assert late.status_code == 409
    assert "so it was not sent" in late.text
    assert "Le matin surtout." in late.text, "as it is now"
    assert forms_of(late.text)[0].send(author).location == f"{draft}/sent"


def test_a_corrected_text_goes_back_only_as_it_was_looked_at(site):
    ref = site.file(tag=TAG)
    site.decide(ref, Action.RETURN, text="Dites quelles lignes de bus.")
    author = site.author()
    with site.session() as session:
        draft = f"/en/drafts/{site.petition(session, ref).id}"
    second = form_at(author, f"{draft}/check")
    written(author, draft, MORNING)
    late = second.send(author)
    assert (late.status_code, site.state(ref)) == (409, State.RETURNED)
    assert forms_of(late.text)[0].send(author).location == f"{draft}/sent"
    assert site.state(ref) == State.IN_ADMISSIBILITY


def test_a_draft_that_changed_elsewhere_is_not_deleted_by_an_old_page(author, draft):
    mine = re.search(r'href="(/en/mine/[0-9a-f-]{36})"', author.get("/en/mine").text)
    assert mine
    old = form_at(author, mine[1], "/delete")
    written(author, draft)
    assert old.send(author).status_code == 409
    assert stored(author, draft) == REASONS


def test_a_further_language_is_kept_apart_from_the_text_and_from_another_tab(author, draft):
    path = f"{draft}/text/en"
    words = {"title": "A bus", "request": "A bus.", "seen": "y"}
    first, second = form_at(author, path), form_at(author, path)
    assert first.send(author, **words, reasons="We wait for it.").location == f"{draft}/text"
    assert written(author, draft, MORNING).status_code == 303, "another text of the same draft"
    both = changed(second.send(author, **words, reasons="We wait in the rain."))
    assert both.action == path
    assert both.send(author).location == f"{draft}/text"
    assert form_at(author, path)["reasons"] == "We wait in the rain."
    assert stored(author, draft) == MORNING


def test_a_language_is_taken_out_only_as_the_page_showed_it(author, draft):
    path = f"{draft}/text/en"
    words = {"title": "A bus", "request": "A bus.", "reasons": "We wait for it.", "seen": "y"}
    assert form_at(author, path).send(author, **words).status_code == 303
    take_out = form_at(author, path, "/remove")
    form_at(author, path).send(author, **{**words, "reasons": "We wait in the rain."})
    assert take_out.send(author).status_code == 409
    assert form_at(author, path)["reasons"] == "We wait in the rain."
    assert form_at(author, path, "/remove").send(author).status_code == 303


def test_the_mark_stays_with_a_form_that_came_after_the_login_had_ended(site, author, draft):
    late = form_at(author, f"{draft}/text")
    written(author, draft, MORNING)
    with site.session() as session:
        session.execute(delete(WebSession))
    kept = forms_of(late.send(author, request=REQUEST, reasons=EVENING).text)[0]
    again = site.author()
    csrf = form_at(again, f"{draft}/text")["csrf_token"]
    answer = kept.send(again, csrf_token=csrf)
    assert changed(answer)["reasons"] == EVENING
    assert stored(again, draft) == MORNING


def test_nobody_else_is_shown_what_is_stored(site, author, draft):
    second = form_at(author, f"{draft}/text")
    written(author, draft, MORNING)
    stranger = site.author(b"\x09" * 32)
    csrf = form_at(stranger, "/en/start/new")["csrf_token"]
    answer = second.send(stranger, reasons=EVENING, csrf_token=csrf)
    assert answer.status_code == 404
    assert "matin" not in answer.text


def test_the_choice_between_two_versions_needs_the_token_too(author, draft):
    second = form_at(author, f"{draft}/text")
    written(author, draft, MORNING)
    both = changed(second.send(author, request=REQUEST, reasons=EVENING, seen="y"))
    assert both.send(author, csrf_token="").status_code == 422
    assert stored(author, draft) == MORNING
