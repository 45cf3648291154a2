"""Cooling-off times, texts edited in public, and withdrawals that all promoters agree to."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from petitions.domain.errors import InvalidError, NotFoundError
from petitions.domain.lifecycle import Action
from petitions.domain.periods import Period
from petitions.domain.schema import RulebookErrors
from petitions.domain.words import Words
from petitions.ledger.entries import EntryType
from petitions.services import filing, joint_withdrawal, moves, public_drafting, starting
from petitions.services.rolling import too_old_until
from petitions.services.sponsors import Backing
from petitions.storage import tables as t
from tests.founding import u_in_sponsors
from tests.house import Precinct
from tests.last_rules.towns import LOW, SIGNING, Towns, look, row, to, trail, withdraw
from tests.sponsoring import Circle, file_under

COOLING = {"[publicity]\n": '[extras]\ncooling_off = "P3D"\n\n[publicity]\n'}


def valid(at: Precinct, petition: UUID) -> int:
    found = row(at, t.PublicCount, petition)
    return int(found.valid)


def test_a_signature_counts_when_its_time_to_think_is_over(town: Towns) -> None:
    at = town(COOLING)
    petition = at.publish()
    at.sign_many(petition, range(3))
    at.clock.forward(hours=30)
    at.sign(petition, 7)  # a day later
    at.work()
    assert valid(at, petition) == 0, "three waiting ones are not enough for a batch"
    to(at, "2026-03-06T00:02")
    at.work()
    assert valid(at, petition) == 3
    to(at, "2026-03-07T00:02")
    at.work()
    assert valid(at, petition) == 4


def test_what_waits_tells_no_time_of_day(town: Towns) -> None:
    at = town(COOLING)
    petition = at.publish()
    for hour in range(3):
        at.sign(petition, hour, at=at.clock.at + timedelta(hours=hour, minutes=7 * hour))
    with at.session() as session:
        wanted = select(t.PendingEntry.due_at).where(t.PendingEntry.type == int(EntryType.SIGN))
        due = session.scalars(wanted).all()
    assert {each.date() for each in due} == {date(2026, 3, 5)}
    assert max(due) - min(due) <= timedelta(minutes=1)


def test_a_signature_taken_back_in_time_is_never_counted(town: Towns) -> None:
    at = town(COOLING)
    petition = at.publish()
    at.sign_many(petition, range(2))
    at.clock.forward(days=1)
    assert at.withdraw(petition, 1)
    to(at, "2026-03-06T00:02")
    at.work()
    assert valid(at, petition) == 1
    with at.session() as session:
        counted = select(t.PetitionCount.valid).where(t.PetitionCount.petition_id == petition)
        assert max(session.scalars(counted)) == 1


def test_the_end_of_signing_ends_the_time_to_think(town: Towns) -> None:
    at = town(COOLING)
    petition = at.publish()
    to(at, "2026-05-02T23:00")
    at.sign(petition, 1)
    to(at, "2026-05-03T00:01")
    at.work()
    assert valid(at, petition) == 1
    assert at.state(petition) == "closed_below"


CHOSEN = {SIGNING: 'window = { length = "P2M", start = "chosen", chosen_within = "P1M" }'}
DISCUSSED = {**CHOSEN, "[publicity]\n": "[extras]\nauthor_edits = true\n\n[publicity]\n"}
BETTER = Words.of("Des bancs partout", "Nous demandons dix bancs.", "Il y en a deux.")


def edit(at: Precinct, petition: UUID, words: Words) -> int:
    with at.session() as session:
        found = moves.lock(session, petition)
        who = filing.author(found.author_tag)
        return public_drafting.edit(session, at.house, found, words, "fr", who, at=at.clock.at)


def start_on(at: Precinct, petition: UUID, day: str) -> None:
    with at.session() as session:
        found = moves.lock(session, petition)
        starting.name_first_day(
            session, at.house, found, date.fromisoformat(day), filing.author(found.author_tag),
            at=at.clock.at,
        )  # fmt: skip


def test_a_text_is_edited_in_public_until_signing_opens(town: Towns) -> None:
    at = town(DISCUSSED)
    petition = at.publish()
    before = row(at, t.PetitionText, (petition, "fr")).title
    assert not row(at, t.PetitionText, (petition, "fr")).frozen
    assert edit(at, petition, BETTER) == 2
    start_on(at, petition, "2026-03-10")
    at.work()
    to(at, "2026-03-09T23:59")
    assert edit(at, petition, Words.of("Des bancs", BETTER.request, BETTER.reasons)) == 3
    to(at, "2026-03-10T00:00")
    with pytest.raises(InvalidError, match="text_frozen"):
        edit(at, petition, BETTER)
    at.work()
    text = row(at, t.PetitionText, (petition, "fr"))
    assert (text.title, text.frozen) == ("Des bancs", True)
    (opening,) = at.entries(EntryType.OPEN)
    assert opening.fields.text_hash == text.text_hash
    with at.session() as session:
        earlier = public_drafting.versions(session, look(at, petition), "fr")
    assert [each.title for each in earlier] == [before, BETTER.title]
    assert [each.detail["version"] for each in trail(at, petition, "text_edited")] == [2, 3]
    assert at.sign(petition, 1)


def test_an_edit_keeps_the_form_and_changes_something(town: Towns) -> None:
    at = town(DISCUSSED)
    petition = at.publish()
    with pytest.raises(InvalidError) as refused:
        edit(at, petition, Words.of("x" * 200, "Bancs.", "Oui."))
    assert "title" in refused.value.fields
    edit(at, petition, BETTER)
    with pytest.raises(InvalidError, match="text_unchanged"):
        edit(at, petition, BETTER)


def test_a_text_is_final_at_once_where_signing_opens_at_once(town: Towns) -> None:
    with pytest.raises(RulebookErrors, match="must be false when signing starts"):
        town({"[publicity]\n": "[extras]\nauthor_edits = true\n\n[publicity]\n"})


PROMOTERS = {
    "[[admissibility.stages]]\n": (
        '[[sponsors]]\nid = "promoters"\nmin = 3\nauthor_counts = true\nin_total = "none"\n\n'
        "[[admissibility.stages]]\n"
    )
}


def promoted(town: Towns) -> Circle:
    """Published, with two promoters besides the author."""
    circle = file_under(town(PROMOTERS, ("sponsors.promoters",)), "town")
    circle.join("promoters", 1, 2)
    circle.precinct.decide(circle.petition, Action.ACCEPT)
    return circle


def agree(circle: Circle, token: str, person: int) -> bool:
    at = circle.precinct
    with at.session() as session:
        asked = joint_withdrawal.by_token(session, token)
        petition = moves.lock(session, asked.petition_id)
        backing = Backing(
            u=u_in_sponsors(person, petition.id), jti=secrets.token_bytes(16),
            jti_expires=circle.at + timedelta(minutes=10),
        )  # fmt: skip
        return joint_withdrawal.agree(session, at.house, petition, backing)


def ask(circle: Circle) -> str:
    at = circle.precinct
    with at.session() as session:
        petition = moves.lock(session, circle.petition)
        who = filing.author(petition.author_tag)
        return joint_withdrawal.ask(session, at.house, petition, who, circle.at).token


def test_a_petition_of_several_promoters_is_withdrawn_by_all_of_them(town: Towns) -> None:
    circle = promoted(town)
    with pytest.raises(InvalidError, match="promoters_must_agree"):
        withdraw(circle.precinct, circle.petition)
    token = ask(circle)
    assert not agree(circle, token, 1)
    assert not agree(circle, token, 1), "agreeing twice is agreeing once"
    with pytest.raises(NotFoundError):
        agree(circle, token, 9)
    with pytest.raises(InvalidError, match="promoters_must_agree"):
        withdraw(circle.precinct, circle.petition)
    assert agree(circle, token, 2)
    withdraw(circle.precinct, circle.petition)
    assert circle.state == "withdrawn"


def test_a_new_link_ends_the_old_one_and_calling_off_forgets_agreements(town: Towns) -> None:
    circle = promoted(town)
    old = ask(circle)
    agree(circle, old, 1)
    token = ask(circle)
    with pytest.raises(NotFoundError):
        agree(circle, old, 2)
    at = circle.precinct
    with at.session() as session:
        petition = moves.lock(session, circle.petition)
        joint_withdrawal.call_off(session, petition, filing.author(petition.author_tag), circle.at)
    with pytest.raises(NotFoundError):
        agree(circle, token, 2)
    assert at.count(t.PromoterAgreement) == 0


def test_who_stepped_back_need_not_agree(town: Towns) -> None:
    circle = file_under(town(PROMOTERS, ("sponsors.promoters",)), "town")
    circle.join("promoters", 1, 2)
    token = ask(circle)
    assert circle.step_back("promoters", 2)
    assert agree(circle, token, 1)


ROLLING = {SIGNING: 'window = { mode = "rolling", statement_age = "P1M" }', **LOW}


def test_a_signature_counts_toward_a_level_while_it_is_young(town: Towns) -> None:
    at = town(ROLLING)
    petition = at.publish()
    at.sign(petition, 1)
    at.work()
    to(at, "2026-04-02T12:00")  # the first one is a month old: too old
    at.sign(petition, 2)
    at.work()
    assert at.state(petition) == "published"
    assert valid(at, petition) == 2, "it stays a valid signature"
    to(at, "2026-05-01T12:00")
    at.sign(petition, 3)
    at.work()
    assert at.state(petition) == "threshold_reached"
    (hit,) = at.entries(EntryType.MILESTONE)
    assert hit.fields.valid == 3
    assert look(at, petition).closes_at is None


def test_what_was_taken_away_is_taken_from_the_young_ones(town: Towns) -> None:
    at = town(ROLLING)
    petition = at.publish()
    at.sign(petition, 1)
    at.work()
    to(at, "2026-04-05T12:00")
    at.withdraw(petition, 1)
    at.sign(petition, 2)
    at.sign(petition, 3)
    at.work()
    assert valid(at, petition) == 2
    assert at.state(petition) == "published", "nobody can tell whether a young one was withdrawn"
    at.sign(petition, 4)
    at.work()
    assert at.state(petition) == "threshold_reached"


def test_a_day_is_too_old_from_the_day_its_age_is_reached() -> None:
    month = Period.parse("P1M")
    assert too_old_until(date(2026, 4, 2), month) == date(2026, 3, 2)
    assert too_old_until(date(2026, 3, 31), month) == date(2026, 2, 28)
    assert too_old_until(date(2026, 4, 30), month) == date(2026, 3, 31)
    assert too_old_until(date(2026, 4, 11), Period.parse("P10D")) == date(2026, 4, 1)
