"""Sponsors: counted once, kept apart from signatures, taken back without a trace, forgotten in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from petitions.domain.lifecycle import Action
from petitions.domain.retention import SPONSORS_LIFE
from petitions.domain.words import Words
from petitions.ledger.entries import EntryType
from petitions.services import filing, invitations, peppers, realms, sponsors
from petitions.services.salts import unwrap
from petitions.services.signing import AlreadySigned, Signed
from petitions.storage import tables as t
from tests.house import Precinct, a_founder, a_precinct, changed_library
from tests.sponsoring import (
    Circle,
    a_backing,
    a_draft_under,
    codes,
    file_under,
    find_enough,
    refused_with,
)

SUPPORTERS = '[[sponsors]]\nid = "supporters"\nmin = 2\nin_total = "all"\n'
SIGNING = "[signing]\n"
Making = Callable[..., Precinct]


@pytest.fixture
def with_sponsors(tmp_path: Path, engine: Engine) -> Making:
    """A deployment whose town rulebook asks for sponsors; `more` goes into that stage."""

    def make(more: str = "", **changes: str) -> Precinct:  # the keys are passages of the file
        rules = {SIGNING: f"{SUPPORTERS}{more}\n{SIGNING}", **changes}
        library = changed_library(tmp_path, "town", rules)
        return a_precinct(tmp_path, engine, library=library, batch_min=1)

    return make


def test_a_person_counts_once_however_many_links_they_hold(with_sponsors: Making) -> None:
    circle = file_under(with_sponsors(), "town")
    circle.join("supporters", 1)
    assert refused_with(lambda: circle.join("supporters", 1)) == "sponsor_already"
    shared = circle.invite("supporters", shared=True)
    assert refused_with(lambda: circle.confirm(shared, 1)) == "sponsor_already"
    assert refused_with(lambda: circle.confirm(shared, 0)) == "sponsor_already", "the author"
    assert circle.held() == 1
    assert circle.state == "gathering_sponsors"


def test_no_code_of_a_sponsor_is_a_signatures_code_or_another_stages(with_sponsors: Making) -> None:
    precinct = with_sponsors('\n[[sponsors]]\nid = "promoters"\nmin = 1\n')
    circle = file_under(precinct, "town")
    circle.join("supporters", 1, 2)
    circle.join("promoters", 1)
    with precinct.session() as session:
        signatures = set(session.scalars(select(t.Signature.tag)))
    assert len(signatures) == 2
    found = codes(precinct, circle.petition)
    assert len(found) == 5, "three acts, and the author kept from both stages"
    assert not found & signatures


def test_a_supporters_signature_is_an_ordinary_one_after_publication(with_sponsors: Making) -> None:
    precinct = with_sponsors()
    circle = file_under(precinct, "town")
    circle.join("supporters", 1, 2)
    precinct.decide(circle.petition, Action.ACCEPT)
    assert isinstance(precinct.sign(circle.petition, 1), AlreadySigned), "waiting for its batch"
    assert isinstance(precinct.sign(circle.petition, 3), Signed)
    precinct.clock.forward(hours=2)
    precinct.work()
    again = precinct.sign(circle.petition, 1)
    assert isinstance(again, AlreadySigned)
    assert again.on is not None
    assert precinct.withdraw(circle.petition, 1)
    precinct.clock.forward(hours=2)
    precinct.work()
    with precinct.session() as session:
        assert session.get_one(t.PublicCount, circle.petition).valid == 2
    assert isinstance(precinct.sign(circle.petition, 1), Signed), "and now with a receipt"


def test_whoever_steps_back_leaves_nothing_and_may_come_again(with_sponsors: Making) -> None:
    precinct = with_sponsors()
    circle = file_under(precinct, "town")
    circle.join("supporters", 1)
    before = precinct.count(t.Sponsor), precinct.count(t.Signature), circle.held()
    assert before == (2, 1, 1)
    assert circle.step_back("supporters", 1)
    assert (precinct.count(t.Sponsor), precinct.count(t.Signature), circle.held()) == (1, 0, 0)
    assert not circle.step_back("supporters", 1)
    circle.join("supporters", 1, 2)
    assert circle.state == "in_admissibility"


def test_stepping_back_from_a_complete_circle_moves_no_state_and_tells_a_clerk(
    with_sponsors: Making,
) -> None:
    precinct = with_sponsors()
    circle = file_under(precinct, "town")
    circle.join("supporters", 1, 2)
    assert circle.step_back("supporters", 2)
    assert circle.state == "in_admissibility"
    with precinct.session() as session:
        task = session.scalars(select(t.Task)).one()
        assert (task.kind, task.facts) == ("sponsors_below", {"number": 1, "needed": 2})
    precinct.decide(circle.petition, Action.ACCEPT)
    assert refused_with(lambda: circle.step_back("supporters", 1)) == "sponsors_over"


def test_a_corrected_text_carries_no_signature_of_the_old_one(with_sponsors: Making) -> None:
    precinct = with_sponsors()
    circle = file_under(precinct, "town")
    circle.join("supporters", 1, 2)
    precinct.decide(circle.petition, Action.RETURN, texts={"fr": "Précisez le lieu."})
    with precinct.session() as session:
        petition = circle.locked(session)
        text_of = filing.text_of(session, petition)
        words = Words.of(text_of.title, "Something else.", text_of.reasons)
        filing.write_text(session, precinct.house, petition, words)
        filing.resubmit(session, precinct.house, petition, circle.at)
    precinct.decide(circle.petition, Action.ACCEPT)
    assert precinct.count(t.HeldEntry) == 0
    assert isinstance(precinct.sign(circle.petition, 1), Signed), "the new text, by their own will"
    assert precinct.count(t.Audit, t.Audit.action == "sponsors_not_carried") == 1


def test_only_as_many_acts_as_the_cap_become_signatures(tmp_path: Path, engine: Engine) -> None:
    capped = SUPPORTERS.replace('"all"', "1").replace("min = 2", "min = 3")
    library = changed_library(tmp_path, "town", {SIGNING: f"{capped}\n{SIGNING}"})
    precinct = a_precinct(tmp_path, engine, library=library, batch_min=1)
    circle = file_under(precinct, "town")
    acts = [circle.confirm(circle.invite("supporters"), person).signed for person in (1, 2)]
    assert acts == [True, False]
    assert circle.step_back("supporters", 1)
    assert circle.confirm(circle.invite("supporters"), 3).signed, "the place is free again"
    circle.join("supporters", 4)
    precinct.decide(circle.petition, Action.ACCEPT)
    assert isinstance(precinct.sign(circle.petition, 2), Signed), "was told: not a signature"
    assert isinstance(precinct.sign(circle.petition, 3), AlreadySigned)


def test_the_author_removes_an_initiator_but_nobody_who_signed(precinct: Precinct) -> None:
    free, signed = file_under(precinct, "fi-national"), file_under(precinct, "uk-parliament")
    free.join("initiators", 1)
    signed.join("supporters", 1)

    def remove(circle: Circle) -> None:
        with precinct.session() as session:
            petition = circle.locked(session)
            actor = filing.author(petition.author_tag)
            sponsors.remove(session, precinct.house, petition, actor, 1, circle.at)

    remove(free)
    assert (free.standings(), len(codes(precinct, free.petition))) == (["revoked"], 1)
    assert refused_with(lambda: remove(signed)) == "sponsor_has_signed"
    assert signed.held() == 2


def test_a_role_is_held_by_one_person_and_the_author_may_take_it(precinct: Precinct) -> None:
    circle = file_under(precinct, "fi-national")
    first = circle.invite("initiators", role="representative")
    with precinct.session() as session:
        petition = circle.locked(session)
        sponsors.take_role(
            session, precinct.house, petition, "initiators", "representative", circle.at
        )
    assert refused_with(lambda: circle.confirm(first, 1)) == "role_taken"
    assert refused_with(lambda: circle.invite("initiators", role="treasurer")) == "invalid"
    circle.confirm(circle.invite("initiators", role="reserve"), 1)
    circle.join("initiators", 2, 3)
    assert circle.state == "gathering_sponsors"
    circle.join("initiators", 4)
    assert circle.state == "in_admissibility", "five with the author, both parts taken"


def test_checks_at_filing_come_before_the_sponsors(with_sponsors: Making) -> None:
    late = '[[admissibility.stages]]\nid = "check"\n'
    early = late + 'at = "filing"\n'
    precinct = with_sponsors("", **{late: early})
    circle = file_under(precinct, "town")
    assert circle.state == "in_admissibility"
    assert refused_with(lambda: circle.invite("supporters")) == "sponsor_stage_closed"
    precinct.decide(circle.petition, Action.ACCEPT)
    assert circle.state == "gathering_sponsors", "transition 6"
    circle.join("supporters", 1)
    assert circle.state == "gathering_sponsors"
    circle.join("supporters", 2)
    assert circle.state == "published", "no check is left: the system publishes"
    precinct.clock.forward(hours=2)
    precinct.work()
    assert len(precinct.entries(EntryType.SIGN)) == 2
    with precinct.session() as session:
        letters = session.scalars(select(t.Outbox).where(t.Outbox.kind == "letter")).all()
    told = [job.payload["code"] for job in letters if job.done_at is not None]
    assert told == ["submitted", "sponsors_wanted", "admitted"]


def test_a_stage_with_a_last_day_lapses_at_its_end_and_not_before(with_sponsors: Making) -> None:
    precinct = with_sponsors('within = "P30D"\n')
    circle = file_under(precinct, "town")
    circle.join("supporters", 1)
    precinct.clock.forward(days=29)
    precinct.work()
    assert circle.state == "gathering_sponsors"
    precinct.clock.forward(days=2)
    precinct.work()
    assert circle.state == "lapsed"
    with precinct.session() as session:
        found = session.get_one(t.Petition, circle.petition)
        assert found.state_since.isoformat() == "2026-04-01T22:00:00+00:00", "the legal instant"
    link = refused_with(lambda: circle.invite("supporters"))
    assert link == "sponsors_over"


def test_six_months_after_an_end_without_signing_nothing_of_them_is_left(
    with_sponsors: Making,
) -> None:
    precinct = with_sponsors('within = "P30D"\n')
    circle = file_under(precinct, "town")
    circle.join("supporters", 1)
    key = f"kek/{circle.petition}"
    precinct.clock.forward(days=31)
    precinct.work()
    precinct.clock.forward(days=SPONSORS_LIFE.days - 2)
    precinct.work()
    assert (precinct.count(t.Sponsor), precinct.house.keys.exists(key)) == (2, True)
    precinct.clock.forward(days=3)
    precinct.work()
    tables = (t.Sponsor, t.Invitation, t.HeldEntry, t.Signature, t.Gathering)
    assert [precinct.count(table) for table in tables] == [0, 0, 0, 0, 0]
    assert not precinct.house.keys.exists(key)
    precinct.clock.forward(days=1)
    precinct.work()


def test_a_link_is_stored_as_a_hash_and_shown_to_nobody_again(with_sponsors: Making) -> None:
    precinct = with_sponsors()
    circle = file_under(precinct, "town")
    token = circle.invite("supporters")
    with precinct.session() as session:
        row = session.scalars(select(t.Invitation)).one()
        assert row.token_hash == invitations.hash_of(token)
        stored = session.execute(text("SELECT * FROM sponsor_invitation")).one()
    assert token not in str(stored)
    assert refused_with(lambda: circle.confirm(token + "x", 1)) == "invitation"


def test_a_pass_that_was_spent_confirms_nobody_twice(with_sponsors: Making) -> None:
    precinct = with_sponsors()
    circle = file_under(precinct, "town")
    token, once = circle.invite("supporters"), a_backing(circle.petition, 1, circle.at)

    def press() -> bool:
        with precinct.session() as session:
            row = invitations.by_token(session, token)
            petition = circle.locked(session)
            return sponsors.confirm(
                session, precinct.house, petition, row, once, circle.at
            ).first_time

    assert [press(), press()] == [True, False]
    assert circle.held() == 1


def test_sending_without_the_authors_login_is_refused_where_they_count(precinct: Precinct) -> None:
    with precinct.session() as session:
        house, at = precinct.house, precinct.clock.at
        petition = a_draft_under(session, house, at, "eu-eci")
        book = house.library.rulebook("eu-eci", at.date())
        code = refused_with(lambda: filing.submit(session, house, book, petition, at))
    assert code == "author_login_needed"


def test_a_realm_and_a_pepper_stay_while_sponsors_have_signed(with_sponsors: Making) -> None:
    precinct = with_sponsors()
    circle = file_under(precinct, "town")
    with precinct.session() as session:
        gathering = session.get_one(t.Gathering, circle.petition)
        gathering.realm_fingerprint, gathering.kid = "then", "old"
        session.flush()
        assert realms.changed_realms(session, lambda _realm: "now") == ["town"]
        assert realms.accept_realm(session, "town", "now") == 1
        assert realms.changed_realms(session, lambda _realm: "now") == []
        assert "old" not in peppers.unused(session, precinct.house)


def test_the_petitions_salt_is_the_one_that_supporters_signed_under(with_sponsors: Making) -> None:
    precinct = with_sponsors()
    with precinct.session() as session:
        house, at = precinct.house, precinct.clock.at
        petition = a_draft_under(session, house, at, "town")
        book = house.library.rulebook("town", at.date())
        filing.submit(session, house, book, petition, at, a_founder(house, petition.id))
        find_enough(session, house, petition, at)
        early = session.get_one(t.Gathering, petition.id).signing_salt
        assert early is not None
        found = petition.id
    precinct.decide(found, Action.ACCEPT)
    with precinct.session() as session:
        assert session.get_one(t.Gathering, found).signing_salt is None
        assert session.get_one(t.PetitionSigning, found).wrapped_salt == early
        assert len(unwrap(session, precinct.house, found).salt) == 32
    precinct.clock.at += timedelta(hours=1)
