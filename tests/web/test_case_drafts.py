"""Nothing a clerk wrote is lost: not by an error, a colleague, a time-out or a process that died."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from petitions.domain.words import Words
from petitions.services import decisions, filing, retention
from petitions.storage.tables import CaseDraft, Decision, Outbox, Review
from tests.web.office_house import Office, make_office


@pytest.fixture
def office(open_engine, database_uri) -> Office:
    return make_office(open_engine(database_uri))


@pytest.fixture
def ref(office: Office) -> str:
    return office.file_petition("Ouvrir la bibliothèque le dimanche")


def page_of(ref: str) -> str:
    return f"/office/cases/{ref}"


def act(office: Office, who, ref: str, do: str, **form: str):
    return office.post(who, f"{page_of(ref)}/decision", page_of(ref), do=do, **form)


def drafts(office: Office) -> dict[str, dict]:
    with office.session() as session:
        return {row.actor: row.content for row in session.scalars(select(CaseDraft))}


REASONS = {"text-fr": "Une demande presque identique est ouverte."}


def test_what_was_written_is_there_again_after_each_button(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    form = office.decision_form(ref, "refuse", applies="duplicate", **REASONS)
    for do in ("preview", "save", "draft"):
        act(office, clerk, ref, do, **form | office.versions(ref))
        again = office.sign_in("petit").get(page_of(ref)).text
        assert REASONS["text-fr"] in again
        assert "Your draft of" in again
        assert re.search(r'id="finding-duplicate-applies"[^>]*checked', again)
        assert re.search(r'id="d-refuse"[^>]*checked', again)
    assert "The case has changed since" not in again


def test_a_draft_is_of_one_clerk_and_a_colleague_may_go_on_with_a_copy(
    office: Office, ref: str
) -> None:
    first, second = office.sign_in("petit"), office.sign_in("morel")
    form = office.decision_form(ref, "refuse", applies="duplicate", **REASONS)
    act(office, first, ref, "draft", **form)
    shown = second.get(page_of(ref)).text
    assert REASONS["text-fr"] not in shown
    assert "A. Petit began a draft" in shown
    answer = office.post(second, f"{page_of(ref)}/draft/adopt", page_of(ref), of="petit")
    assert answer.status_code == 303
    assert REASONS["text-fr"] in second.get(page_of(ref)).text
    assert set(drafts(office)) == {"petit", "morel"}


def test_a_draft_ends_when_its_writer_decides(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    act(office, clerk, ref, "draft", **office.decision_form(ref, "accept"))
    assert set(drafts(office)) == {"petit"}
    act(office, clerk, ref, "decide", **office.decision_form(ref, "accept"))
    assert drafts(office) == {}
    assert office.state(ref) == "published"


def test_an_error_page_is_a_draft_as_well(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    form = office.decision_form(ref, "refuse", **{"text-fr": "Sans motif."})
    assert act(office, clerk, ref, "decide", **form).status_code == 422
    assert drafts(office)["petit"]["texts"] == {"fr": "Sans motif."}


def test_a_process_that_dies_while_deciding_loses_nothing_written(
    office: Office, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DiedError(BaseException):
        pass

    def die(*_args, **_more):
        raise DiedError

    clerk = office.sign_in("petit")
    form = office.decision_form(ref, "refuse", applies="duplicate", **REASONS)
    csrf = office.csrf(clerk, page_of(ref))
    monkeypatch.setattr(decisions.moves, "move", die)
    with pytest.raises(DiedError):
        clerk.post(f"{page_of(ref)}/decision", data={**form, "do": "decide", "csrf_token": csrf})
    monkeypatch.undo()
    with office.session() as session:
        assert session.scalars(select(Decision)).all() == []
        assert [r.payload["code"] for r in session.scalars(select(Outbox))] == ["submitted"]
    assert REASONS["text-fr"] in office.sign_in("petit").get(page_of(ref)).text
    assert act(office, clerk, ref, "decide", **form).status_code == 303
    assert office.state(ref) == "refused"


def test_who_comes_second_sees_what_changed_and_keeps_every_word(office: Office, ref: str) -> None:
    slow, fast = office.sign_in("petit"), office.sign_in("morel")
    old = office.decision_form(ref, "refuse", applies="duplicate", **REASONS)
    other = office.decision_form(ref, "", applies="individual-case")
    assert act(office, fast, ref, "save", **other).status_code == 303
    with office.session() as session:
        for review in session.scalars(select(Review)):
            review.lock_actor = review.lock_name = review.locked_at = None
    answer = act(office, slow, ref, "decide", **old)
    assert answer.status_code == 409
    told = html.unescape(answer.text)
    assert "What changed meanwhile" in told
    assert "Individual case" in told
    assert "[taken out: Does not apply] [put in: Applies]" in re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", "", told)
    )
    assert REASONS["text-fr"] in told
    again = html.unescape(slow.get(page_of(ref)).text)
    assert REASONS["text-fr"] in again
    assert "The case has changed since" in again


def test_a_text_that_came_back_meanwhile_is_shown_as_a_difference(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    stale = office.decision_form(ref, "refuse", applies="duplicate", **REASONS)
    act(office, office.sign_in("morel"), ref, "decide",
        **office.decision_form(ref, "return", **{"text-fr": "Préciser l’horaire."}))  # fmt: skip
    with office.session() as session:
        petition = office.lock(session, ref)
        words = Words.of(
            "Ouvrir la bibliothèque le dimanche matin", "Nous demandons au conseil d’agir.",
            filing.text_of(session, petition).reasons,
        )  # fmt: skip
        filing.write_text(session, office.house, petition, words)
        filing.resubmit(session, office.house, petition, office.clock.at)
    answer = act(office, clerk, ref, "decide", **stale)
    assert answer.status_code == 409
    assert "<ins>" in answer.text
    assert re.search(r"<ins><span[^>]*>[^<]+</span> ?matin", answer.text)


def test_the_standard_wording_is_put_before_what_was_written_once(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    form = office.decision_form(ref, "refuse", applies="duplicate", **REASONS)
    for _again in range(2):
        shown = html.unescape(act(office, clerk, ref, "fill", **form).text)
        area = re.search(r'<textarea id="text-fr"[^>]*>\n(.*?)</textarea>', shown, re.DOTALL)
        assert area
        form["text-fr"] = area[1]
    standard = office.house.library.wording("duplicate", "fr", noun="grounds", rulebook="town").text
    assert area[1].count(standard) == 1
    assert area[1].endswith(REASONS["text-fr"])


def test_an_auditor_reads_and_leaves_no_draft(office: Office, ref: str) -> None:
    auditor = office.sign_in("voss")
    answer = act(office, auditor, ref, "draft", **office.decision_form(ref, "accept"))
    assert answer.status_code in {400, 403}
    assert drafts(office) == {}


def test_drafts_of_ended_checks_go_after_a_month(office: Office, ref: str) -> None:
    act(office, office.sign_in("petit"), ref, "draft", **office.decision_form(ref, "accept"))
    act(office, office.sign_in("morel"), ref, "decide", **office.decision_form(ref, "accept"))
    assert set(drafts(office)) == {"petit"}
    with office.session() as session:
        retention.purge(session, office.clock.at + timedelta(days=29))
    assert set(drafts(office)) == {"petit"}
    with office.session() as session:
        retention.purge(session, office.clock.at + timedelta(days=31))
    assert drafts(office) == {}


def test_a_refusal_without_words_in_the_authors_language_says_what_is_missing(
    office: Office, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = type(office.house.library).wording

    def without(self, code, language, **more):
        if (code, language) == ("duplicate", "fr"):
            raise KeyError(code)
        return known(self, code, language, **more)

    monkeypatch.setattr(type(office.house.library), "wording", without)
    clerk = office.sign_in("petit")
    form = office.decision_form(ref, "refuse", applies="duplicate", **REASONS)
    answer = act(office, clerk, ref, "decide", **form)
    assert answer.status_code == 422
    assert "no standard text for this ground in French" in html.unescape(answer.text)
    assert office.state(ref) == "in_admissibility"
