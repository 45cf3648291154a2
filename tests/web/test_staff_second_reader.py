"""Two people: one proposes, another confirms or sends back."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest
from sqlalchemy import select

from petitions.storage.tables import Audit, Decision, Outbox
from tests.web.office_house import Office, make_office

TEXT = {"text-fr": "Le texte met en cause une personne reconnaissable."}


@pytest.fixture
def office(open_engine, database_uri) -> Office:
    return make_office(open_engine(database_uri))


@pytest.fixture
def ref(office: Office) -> str:
    return office.file_petition("Ouvrir la bibliothèque le dimanche")


def page_of(ref: str) -> str:
    return f"/office/cases/{ref}"


def propose(office: Office, ref: str, **more: str):
    clerk = office.sign_in("petit")
    form = office.decision_form(ref, "refuse", applies="privacy", **TEXT, **more)
    return office.post(clerk, f"{page_of(ref)}/decision", page_of(ref), do="decide", **form)


def second(office: Office, who: str, ref: str, do: str, **form: str):
    client = office.sign_in(who)
    return office.post(
        client,
        f"{page_of(ref)}/second-reading",
        page_of(ref),
        do=do,
        **office.versions(ref),
        **form,
    )


def demand_two(office: Office, ref: str) -> None:
    """The pinned rulebook of this house, with `four_eyes` switched on for its check."""
    with office.session() as session:
        petition = office.petition(session, ref)
        book = office.house.rulebook(session, petition)
        kind = book.kinds[petition.kind]
        stages = tuple(replace(stage, four_eyes=True) for stage in kind.admissibility.stages)
        kind = replace(kind, admissibility=replace(kind.admissibility, stages=stages))
        office.house.pinned[book.id, book.version] = replace(
            book, kinds=MappingProxyType({kind.id: kind})
        )


def test_hiding_a_petition_takes_two_people(engine) -> None:
    office = make_office(engine)
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    assert propose(office, ref).status_code == 303
    assert office.state(ref) == "in_admissibility"
    waiting = office.sign_in("morel").get("/office/queue?v=second").text
    assert ref in waiting
    shown = office.sign_in("morel").get(page_of(ref)).text
    assert "proposed by A. Petit" in shown
    assert TEXT["text-fr"] in shown
    assert second(office, "morel", ref, "confirm").status_code == 303
    assert office.state(ref) == "hidden"
    with office.session() as session:
        decision = session.scalars(select(Decision)).one()
        assert (decision.actor, decision.second_actor) == ("petit", "morel")
        codes = [row.payload["code"] for row in session.scalars(select(Outbox))]
        assert sorted(codes) == ["hidden", "submitted"]
        acts = [
            (row.action, row.actor) for row in session.scalars(select(Audit).order_by(Audit.seq))
        ]
        assert acts[-3:] == [("propose", "petit"), ("confirm", "morel"), ("refuse", "petit")]


def test_nobody_confirms_his_own_proposal(office: Office, ref: str) -> None:
    propose(office, ref)
    clerk = office.sign_in("petit")
    assert "another person must confirm it" in clerk.get(page_of(ref)).text
    token = office.csrf(clerk, page_of(ref))
    form = {**office.versions(ref), "do": "confirm", "csrf_token": token}
    assert clerk.post(f"{page_of(ref)}/second-reading", data=form).status_code == 403
    assert office.state(ref) == "in_admissibility"


def test_a_second_reader_sends_it_back_with_a_note(office: Office, ref: str) -> None:
    propose(office, ref)
    empty = second(office, "morel", ref, "send_back", note=" ")
    assert empty.status_code == 422
    assert (
        second(
            office, "morel", ref, "send_back", note="The person cannot be recognised."
        ).status_code
        == 303
    )
    shown = office.sign_in("petit").get(page_of(ref)).text
    assert "The person cannot be recognised." in shown
    assert "Preview the letter" in shown
    assert ref in office.sign_in("petit").get("/office/queue?v=mine").text


def test_while_it_waits_nobody_decides_beside_the_proposal(office: Office, ref: str) -> None:
    propose(office, ref)
    other = office.sign_in("morel")
    form = office.decision_form(ref, "accept")
    answer = office.post(other, f"{page_of(ref)}/decision", page_of(ref), do="decide", **form)
    assert answer.status_code == 409
    assert "Decision proposed to a second reader, by A. Petit" in answer.text


def test_two_second_readers_at_once_send_one_letter(office: Office, ref: str) -> None:
    propose(office, ref)
    reader = office.sign_in("morel")
    form = {
        **office.versions(ref),
        "do": "confirm",
        "csrf_token": office.csrf(reader, page_of(ref)),
    }
    assert reader.post(f"{page_of(ref)}/second-reading", data=form).status_code == 303
    assert reader.post(f"{page_of(ref)}/second-reading", data=form).status_code == 409
    with office.session() as session:
        assert len(session.scalars(select(Decision)).all()) == 1


def test_where_the_rules_ask_for_two_an_admission_is_proposed_too(office: Office, ref: str) -> None:
    demand_two(office, ref)
    clerk = office.sign_in("petit")
    assert "Propose to a second reader" in clerk.get(page_of(ref)).text
    form = office.decision_form(ref, "accept")
    office.post(clerk, f"{page_of(ref)}/decision", page_of(ref), do="decide", **form)
    assert office.state(ref) == "in_admissibility"
    assert second(office, "morel", ref, "confirm").status_code == 303
    assert office.state(ref) == "published"


def test_a_return_is_sent_by_one_person_even_then(office: Office, ref: str) -> None:
    demand_two(office, ref)
    clerk = office.sign_in("petit")
    form = office.decision_form(ref, "return", **{"text-fr": "Préciser l’horaire."})
    office.post(clerk, f"{page_of(ref)}/decision", page_of(ref), do="decide", **form)
    assert office.state(ref) == "returned"


def test_the_preview_warns_before_a_petition_is_hidden(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    form = office.decision_form(ref, "refuse", applies="privacy", **TEXT)
    shown = office.post(clerk, f"{page_of(ref)}/decision", page_of(ref), do="preview", **form).text
    assert "This petition will be hidden" in shown
    public = shown.partition("What the public reads")[2].partition("</section>")[0]
    assert "Refused and hidden" in public
    assert "bibliothèque" not in public
    assert "Propose to a second reader" in shown
