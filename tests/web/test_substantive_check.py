"""A second check after a milestone: by another body, with its own checklist, from end to end."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from petitions.domain.lifecycle import Action, Facts
from petitions.domain.schema import RulebookErrors
from petitions.services import moves, rewording
from petitions.services.ports import SYSTEM
from petitions.services.reviews import open_review
from petitions.storage.tables import Decision, Finding, Outbox, Review
from tests.house import changed_library
from tests.web.office_house import Office, make_office

AFTER = {
    "\n[admissibility.grounds]": '\n[[admissibility.stages]]\nid = "substance"\n'
    'body = "town_council"\nat = "milestone:council"\nwithin = "P30D"\n'
    'grounds = ["decided-before", "no-request"]\n\n[admissibility.grounds]'
}
OWN = {"decided-before", "no-request"}


@pytest.fixture
def office(open_engine, database_uri, tmp_path: Path) -> Office:
    library = changed_library(tmp_path, "town", AFTER, ("stages.substance",))
    return make_office(open_engine(database_uri), library)


@pytest.fixture
def ref(office: Office) -> str:
    """Admitted by a clerk, signed enough, and waiting for the council's own check."""
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    clerk, page = office.sign_in("petit"), f"/office/cases/{ref}"
    office.post(clerk, f"{page}/decision", page, do="decide", **office.decision_form(ref, "accept"))
    with office.session() as session:
        petition = office.lock(session, ref)
        at = office.clock.forward(days=20)
        moves.move(session, petition, Action.REACH, SYSTEM, Facts(decisive_met=True), at=at)
        stages = office.house.kind(session, petition).admissibility.stages
        stage = next(each for each in stages if each.id == "substance")
        open_review(session, office.house, petition, stage, at)
    return ref


def send(office: Office, who, ref: str, decision: str, applies: str = "", **texts: str):
    page = f"/office/cases/{ref}"
    found = {f"finding-{x}": "applies" if x == applies else "clear" for x in OWN}
    form = {**office.versions(ref), **found, "decision": decision, **texts}
    return office.post(who, f"{page}/decision", page, do="decide", **form)


def test_the_page_shows_the_bodys_own_checklist_and_the_first_decision(office, ref) -> None:
    shown = html.unescape(office.sign_in("lund").get(f"/office/cases/{ref}").text)
    assert set(re.findall(r'name="finding-([\w-]+)"', shown)) == OWN
    assert "On behalf of: Town council" in shown
    assert ref in office.sign_in("lund").get("/office/queue").text


def test_the_committees_staff_admit_and_the_petition_goes_on(office, ref) -> None:
    assert send(office, office.sign_in("lund"), ref, "accept").status_code == 303
    assert office.state(ref) == "threshold_reached"
    with office.session() as session:
        rows = session.scalars(select(Decision).order_by(Decision.number)).all()
        assert [(row.number, row.stage, row.body) for row in rows] == [
            (1, "check", "town_clerk"), (2, "substance", "town_council"),
        ]  # fmt: skip
        review = session.scalars(select(Review).where(Review.stage == "substance")).one()
        assert review.outcome == "accept"
        kept = session.scalars(select(Finding.ground).where(Finding.review_id == review.id))
        assert set(kept) == OWN


def test_the_body_refuses_on_its_own_ground_in_public(office, ref) -> None:
    text = {"text-fr": "Le conseil en a décidé en 2025."}
    answer = send(office, office.sign_in("lund"), ref, "refuse", "decided-before", **text)
    assert answer.status_code == 303
    assert office.state(ref) == "refused"
    with office.session() as session:
        codes = [row.payload.get("code") for row in session.scalars(select(Outbox))]
        assert "refused" in codes


def test_a_ground_of_the_first_check_founds_nothing_here(office, ref) -> None:
    clerk, page = office.sign_in("lund"), f"/office/cases/{ref}"
    form = {**office.versions(ref), "finding-duplicate": "applies", "decision": "refuse",
            **{f"finding-{each}": "clear" for each in OWN}, "text-fr": "Non."}  # fmt: skip
    answer = office.post(clerk, f"{page}/decision", page, do="decide", **form)
    assert answer.status_code == 422
    assert "A refusal needs at least one ground that applies." in answer.text
    assert office.state(ref) == "threshold_reached"


def test_a_return_after_the_milestone_leaves_the_signed_text_alone(office, ref) -> None:
    assert "Propose another wording" not in office.sign_in("lund").get(f"/office/cases/{ref}").text
    text = {"text-fr": "Joindre le devis."}
    assert send(office, office.sign_in("petit"), ref, "return", **text).status_code == 303
    assert office.state(ref) == "returned"
    with office.session() as session:
        rewording.leave(
            session, office.house, office.lock(session, ref), "Le voici.", office.clock.at
        )
    assert office.state(ref) == "threshold_reached"


def test_a_checklist_of_unknown_grounds_is_refused_at_load(tmp_path: Path) -> None:
    wrong = {old: new.replace('"no-request"]', '"no-such-ground"]') for old, new in AFTER.items()}
    with pytest.raises(RulebookErrors, match=r"must be one of admissibility\.grounds"):
        changed_library(tmp_path, "town", wrong, ("stages.substance",))
