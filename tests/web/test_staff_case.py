"""A case from the queue to the decision: what is shown, kept, refused, sent."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from petitions.services import filing
from petitions.storage.tables import Audit, CaseNote, Decision, Finding, Outbox
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


def letters(office: Office) -> list[str]:
    with office.session() as session:
        rows = session.scalars(
            select(Outbox).where(Outbox.kind == "letter").order_by(Outbox.created_at)
        )
        return [row.payload["code"] for row in rows]


def test_a_petition_is_admitted_published_and_its_author_told(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    answer = act(office, clerk, ref, "decide", **office.decision_form(ref, "accept"))
    assert answer.status_code == 303
    assert office.state(ref) == "published"
    assert letters(office) == ["submitted", "admitted"]
    assert "letter to the author is on its way" in clerk.get(answer.location).text
    with office.session() as session:
        decision = session.scalars(select(Decision)).one()
        assert (decision.outcome, decision.actor_name, decision.second_actor) == (
            "accept",
            "A. Petit",
            None,
        )


def test_a_refusal_names_its_grounds_and_keeps_the_reasons(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    form = office.decision_form(
        ref, "refuse", applies="individual-case", **{"text-fr": "Une seule personne."}
    )
    assert act(office, clerk, ref, "decide", **form).status_code == 303
    assert office.state(ref) == "refused"
    assert letters(office)[-1] == "refused"
    with office.session() as session:
        decision = session.scalars(select(Decision)).one()
        assert decision.grounds == ["individual-case"]
        assert decision.texts == {"fr": "Une seule personne."}


def test_a_return_stops_the_clock_and_the_correction_starts_it_again(
    office: Office, ref: str
) -> None:
    clerk = office.sign_in("petit")
    with office.session() as session:
        before = office.review(session, ref).due_on
    form = office.decision_form(
        ref, "return", **{"text-fr": "- Préciser l’horaire.\n\n- Retirer le nom."}
    )
    assert act(office, clerk, ref, "decide", **form).status_code == 303
    assert office.state(ref) == "returned"
    assert ref in clerk.get("/office/queue?v=with_author").text
    assert ref not in clerk.get("/office/queue").text
    with office.session() as session:
        assert session.scalars(select(Decision)).one().texts == {
            "fr": "Préciser l’horaire.\nRetirer le nom."
        }
    office.clock.forward(days=7)
    clerk = office.sign_in("petit")
    with office.session() as session:
        filing.resubmit(session, office.house, office.lock(session, ref), office.clock.at)
    assert ref in clerk.get("/office/queue?v=back").text
    with office.session() as session:
        assert office.review(session, ref).due_on > before


@pytest.mark.parametrize(
    ("decision", "applies", "text", "sentence"),
    [
        ("accept", "individual-case", "", "cannot be admitted: Individual case"),
        ("refuse", "", "Non.", "A refusal needs at least one ground that applies."),
        ("refuse", "individual-case", "  ", "Write the reasons of the refusal in French."),
        ("return", "", "", "Name at least one point to correct."),
        ("", "", "Mon texte.", "Choose a decision."),
    ],
)
def test_an_incomplete_decision_is_not_sent_and_nothing_typed_is_lost(
    office: Office, ref: str, decision: str, applies: str, text: str, sentence: str
) -> None:
    clerk = office.sign_in("petit")
    form = office.decision_form(ref, decision, applies=applies, **{"text-fr": text})
    answer = act(office, clerk, ref, "decide", **form)
    assert answer.status_code == 422
    shown = html.unescape(answer.text)
    assert sentence in shown
    assert text.strip() in shown
    fields = re.findall(r'<li><a href="#([^"]+)">', answer.text)
    assert fields
    assert all(f'id="{field}"' in answer.text for field in fields)
    assert office.state(ref) == "in_admissibility"
    assert letters(office) == ["submitted"]


def test_a_ground_nobody_looked_at_keeps_a_petition_from_being_admitted(
    office: Office, ref: str
) -> None:
    clerk = office.sign_in("petit")
    form = office.decision_form(ref, "accept")
    del form["finding-duplicate"]
    answer = act(office, clerk, ref, "decide", **form)
    assert "Say whether this ground applies" in answer.text
    assert office.state(ref) == "in_admissibility"


def test_a_preview_shows_the_letter_and_does_nothing(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    form = office.decision_form(
        ref, "refuse", applies="individual-case", **{"text-fr": "Une <seule> personne."}
    )
    answer = act(office, clerk, ref, "preview", **form)
    shown = html.unescape(answer.text)
    assert answer.status_code == 200
    assert "Nothing has been sent yet" in shown
    assert "Décision sur votre pétition " + ref in shown
    assert "Situation individuelle" in shown
    assert "Une &lt;seule&gt; personne." in answer.text
    with office.session() as session:
        assert session.scalar(select(func.count()).select_from(Decision)) == 0
        assert session.scalar(select(func.count()).select_from(Finding)) == 0
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text))
    again = {name: html.unescape(value) for name, value in again.items()}
    edited = clerk.post(f"{page_of(ref)}/decision", data={**again, "do": "edit"})
    assert "Une &lt;seule&gt; personne." in edited.text
    sent = clerk.post(f"{page_of(ref)}/decision", data={**again, "do": "decide"})
    assert sent.status_code == 303
    assert office.state(ref) == "refused"


def test_the_preview_is_the_letter_that_is_sent(office: Office, ref: str) -> None:
    from admissibility.letters import render
    from petitions.services.letters import Address, letter_facts

    clerk = office.sign_in("petit")
    for decision, applies, text in (
        ("return", "", "Préciser."),
        ("refuse", "duplicate", "Déjà ouverte."),
    ):
        form = office.decision_form(ref, decision, applies=applies, **{"text-fr": text})
        shown = html.unescape(act(office, clerk, ref, "preview", **form).text)
        assert act(office, clerk, ref, "decide", **form).status_code == 303
        with office.session() as session:
            job = session.scalars(
                select(Outbox).order_by(Outbox.created_at.desc(), Outbox.key)
            ).all()
            newest = max(job, key=lambda row: row.payload["audit"])
            address = Address(
                {"fr": "Conseil municipal de Valmont"},
                "https://petitions.example.org",
                "petitions@example.org",
            )
            petition, facts = letter_facts(session, office.house, address, newest.payload)
            letter = render(newest.payload["code"], petition.language, facts)
        assert letter.subject in shown
        assert letter.text.strip() in shown
        if decision == "return":
            with office.session() as session:
                filing.resubmit(session, office.house, office.lock(session, ref), office.clock.at)


def test_two_clerks_decide_at_once_and_the_second_is_told_and_keeps_his_text(engine) -> None:
    """On both databases: the row lock of one and the write transaction of the other."""
    office = make_office(engine)
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    first, second = office.sign_in("petit"), office.sign_in("morel")
    theirs = office.decision_form(
        ref, "refuse", applies="duplicate", **{"text-fr": "Doublon de la pétition 12."}
    )
    token = office.csrf(second, page_of(ref))
    assert (
        act(office, first, ref, "decide", **office.decision_form(ref, "accept")).status_code == 303
    )
    late = second.post(
        f"{page_of(ref)}/decision", data={**theirs, "do": "decide", "csrf_token": token}
    )
    assert late.status_code == 409
    assert "Admitted, by A. Petit, on 2 March 2026 at 10:00." in late.text
    assert "Doublon de la pétition 12." in late.text
    assert office.state(ref) == "published"
    assert letters(office) == ["submitted", "admitted"]


def test_a_decision_on_a_text_that_was_corrected_meanwhile_is_not_sent(
    office: Office, ref: str
) -> None:
    clerk = office.sign_in("petit")
    stale = office.decision_form(ref, "accept")
    token = office.csrf(clerk, page_of(ref))
    act(
        office,
        office.sign_in("morel"),
        ref,
        "decide",
        **office.decision_form(ref, "return", **{"text-fr": "Préciser."}),
    )
    with office.session() as session:
        filing.resubmit(session, office.house, office.lock(session, ref), office.clock.at)
    late = clerk.post(
        f"{page_of(ref)}/decision", data={**stale, "do": "decide", "csrf_token": token}
    )
    assert late.status_code == 409
    assert office.state(ref) == "in_admissibility"


def test_when_the_author_withdrew_meanwhile_no_letter_goes_out(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    form, token = office.decision_form(ref, "accept"), office.csrf(clerk, page_of(ref))
    with office.session() as session:
        filing.withdraw_petition(session, office.house, office.lock(session, ref), office.clock.at)
    late = clerk.post(
        f"{page_of(ref)}/decision", data={**form, "do": "decide", "csrf_token": token}
    )
    assert late.status_code == 409
    assert "author has withdrawn" in late.text
    assert "admitted" not in letters(office)


def test_the_checklist_is_kept_and_seen_by_the_next_clerk(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    form = {**office.versions(ref), "finding-duplicate": "applies", "finding-privacy": "clear"}
    assert act(office, clerk, ref, "save", **form).status_code == 303
    shown = office.sign_in("petit").get(page_of(ref)).text
    assert re.search(r'id="finding-duplicate-applies"[^>]* checked', shown)
    assert re.search(r'id="finding-privacy"[^>]* checked', shown)
    assert not re.search(r'id="finding-individual-case"[^>]* checked', shown)
    with office.session() as session:
        assert {row.ground: row.met for row in session.scalars(select(Finding))} == {
            "duplicate": True,
            "privacy": False,
        }


def test_who_holds_a_case_is_named_and_others_take_over_with_a_reason(
    office: Office, ref: str
) -> None:
    first, second = office.sign_in("petit"), office.sign_in("morel")
    mine, token = office.decision_form(ref, "accept"), office.csrf(first, page_of(ref))
    office.post(first, f"{page_of(ref)}/take", page_of(ref))
    held = second.get(page_of(ref)).text
    assert "A. Petit holds this case since 2 March 2026 at 10:00." in held
    assert "Preview the letter" not in held
    refused = act(office, second, ref, "decide", **office.decision_form(ref, "accept"))
    assert refused.status_code == 409
    assert "A. Petit holds this case" in refused.text
    empty = office.post(second, f"{page_of(ref)}/take-over", page_of(ref), reason="  ")
    assert empty.status_code == 422
    taken = office.post(
        second, f"{page_of(ref)}/take-over", page_of(ref), reason="A. Petit is ill."
    )
    assert taken.status_code == 303
    assert "A. Petit is ill." in first.get(page_of(ref)).text
    late = first.post(
        f"{page_of(ref)}/decision", data={**mine, "do": "decide", "csrf_token": token}
    )
    assert late.status_code == 409
    assert "J. Morel holds this case" in late.text


def test_a_case_nobody_touched_for_half_an_hour_is_free_again(office: Office, ref: str) -> None:
    first, second = office.sign_in("petit"), office.sign_in("morel")
    office.post(first, f"{page_of(ref)}/take", page_of(ref))
    office.clock.at += timedelta(minutes=29)
    assert "A. Petit holds this case" in office.sign_in("morel").get(page_of(ref)).text
    office.clock.at += timedelta(minutes=2)
    second = office.sign_in("morel")
    assert "Nobody holds this case." in second.get(page_of(ref)).text
    assert (
        act(office, second, ref, "decide", **office.decision_form(ref, "accept")).status_code == 303
    )


def test_a_released_case_is_free_at_once(office: Office, ref: str) -> None:
    first = office.sign_in("petit")
    office.post(first, f"{page_of(ref)}/take", page_of(ref))
    office.post(first, f"{page_of(ref)}/release", page_of(ref))
    assert "Nobody holds this case." in office.sign_in("morel").get(page_of(ref)).text


def test_a_note_is_for_colleagues_and_the_trail_says_only_that_there_is_one(
    office: Office, ref: str
) -> None:
    clerk = office.sign_in("petit")
    office.post(clerk, f"{page_of(ref)}/notes", page_of(ref), text="The author called.")
    assert "The author called." in office.sign_in("morel").get(page_of(ref)).text
    empty = office.post(clerk, f"{page_of(ref)}/notes", page_of(ref), text=" ")
    assert empty.status_code == 422
    with office.session() as session:
        assert session.scalar(select(func.count()).select_from(CaseNote)) == 1
        row = session.scalars(select(Audit).where(Audit.action == "note")).one()
        assert "called" not in str(row.detail) + str(row.public_texts)


def test_the_case_shows_signals_similar_petitions_and_no_identity(office: Office) -> None:
    office.file_petition(
        "Fermer la place du Marché le samedi", "Nous demandons la fermeture le samedi."
    )
    ref = office.file_petition(
        "Fermer la place du Marché chaque samedi",
        "Fermeture le samedi. Écrire à voisin@example.org.",
    )
    shown = office.sign_in("petit").get(page_of(ref)).text
    assert re.search(r"<mark id=\"passage-1\"><span[^>]*>[^<]+</span>voisin@example.org<", shown)
    assert "E-mail address" in shown
    assert "2026-0001" in shown
    assert "Claire Lefort" in shown  # the public name
    with office.session() as session:
        petition = office.petition(session, ref)
        assert petition.author_email not in shown
        assert petition.author_tag.hex() not in shown
    assert "author-" not in office.sign_in("petit").get(f"{page_of(ref)}/history").text


def test_a_text_of_markup_is_shown_as_text(office: Office) -> None:
    ref = office.file_petition(
        "<script>alert(1)</script> le samedi", "<img src=x onerror=alert(1)> <b>gras</b>"
    )
    for path in (page_of(ref), "/office/queue", f"/office/files/{ref}"):
        shown = office.sign_in("petit").get(path).text
        assert "<script>" not in shown
        assert "<img" not in shown
        assert "<b>gras" not in shown
