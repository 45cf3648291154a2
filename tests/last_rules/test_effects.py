"""What milestones do by themselves: inform a body, list, feature; and duties of what has lapsed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from admissibility.services import tasks
from petitions.domain.lifecycle import Action
from petitions.domain.rulebook_files import load_directory
from petitions.domain.schema import RulebookErrors
from petitions.services import milestone_effects
from petitions.storage import reading
from petitions.storage import tables as t
from petitions.storage.tables import Petition
from tests.house import CLERK, Precinct
from tests.last_rules.towns import Towns, open_duties, row, to, trail


def with_effect(effect: str) -> dict[str, str]:
    return {"[after]\n": f'[[milestones]]\nid = "first"\nthreshold = 1\neffect = "{effect}"\n'
            'body = "town_council"\n\n[after]\n'}  # fmt: skip


WORDS = ("milestones.first",)


def listed(town: Precinct) -> list[UUID]:
    with town.session() as session:
        question = reading.Question(assemblies=("valmont",), shown_in="fr")
        return [each.petition.id for each in reading.listed(session, question, 10)]


def featured(town: Precinct) -> list[UUID]:
    with town.session() as session:
        return list(session.scalars(select(Petition.id).where(milestone_effects.featured())))


def test_a_milestone_that_publishes_lists_the_petition_from_then_on(town: Towns) -> None:
    at = town(with_effect("publish"), WORDS)
    petition = at.publish()
    assert listed(at) == [], "its page is there, no list leads to it"
    at.sign(petition, 1)
    at.work()
    assert listed(at) == [petition]
    assert row(at, t.Track, (petition, "first")).status == "decided"
    assert len(trail(at, petition, "listed")) == 1


def test_a_milestone_features_the_petition_until_it_is_set_aside(town: Towns) -> None:
    at = town(with_effect("feature"), WORDS)
    petition, other = at.publish(), at.publish()
    at.sign(petition, 1)
    at.work()
    assert featured(at) == [petition]
    assert listed(at).count(other) == 1
    task = t.Task(id=UUID(int=1), petition_id=petition, kind="count_below", subject="first",
                  opened_at=at.clock.at, facts={})  # fmt: skip
    with at.session() as session:
        session.add(task)
    with at.session() as session:
        tasks.settle(session, at.house, UUID(int=1), tasks.Answer.SET_ASIDE,
                     {"fr": "Une fraude est établie."}, CLERK, at.clock.at)  # fmt: skip
    assert featured(at) == []


def test_a_body_without_an_address_is_informed_by_a_clerk(town: Towns) -> None:
    at = town(with_effect("notify"), WORDS)
    petition = at.publish()
    at.sign(petition, 1)
    at.work()
    with at.session() as session:
        (task,) = session.scalars(select(t.Task))
        assert (task.kind, task.facts) == ("inform_body", {"body": "town_council"})
        tasks.settle(session, at.house, task.id, tasks.Answer.DONE, {}, CLERK, at.clock.at)
    assert at.count(t.Task, t.Task.done_at.is_(None)) == 0


def test_a_body_with_an_address_gets_a_letter(town: Towns) -> None:
    at = town(with_effect("notify"), WORDS)
    known = at.house.library.assembly("valmont")
    object.__setattr__(known, "contacts", {"town_council": "council@valmont.example"})
    petition = at.publish()
    at.sign(petition, 1)
    at.work()
    (letter,) = [mail for mail in at.mailbox() if "council@valmont.example" in mail]
    assert "claire@example.org" not in letter
    at.work()
    assert at.count(t.Task) == 0
    assert len(trail(at, petition, "body_informed")) == 1


def test_a_contact_must_belong_to_a_body_of_its_assembly(town: Towns) -> None:
    place = town({}).folder / "rulebooks"
    file = place / "assemblies" / "valmont.toml"
    words = file.read_text(encoding="utf-8")
    file.write_text(f'{words}\n[contacts]\nking = "k@example.org"\n', encoding="utf-8")
    with pytest.raises(RulebookErrors, match="must be one of bodies"):
        load_directory(place)


DUTY = {
    '[[after.duties]]\nid = "council_answer"\nfor = "council"\nstart = "milestone:council"\n': (
        '[[after.duties]]\nid = "council_answer"\nstart = "submitted"\n'
    )
}


def test_nobody_owes_anything_for_a_petition_that_lapsed(town: Towns) -> None:
    at = town(DUTY)
    petition = at.file()
    at.work()
    assert open_duties(at, petition) == ["council_answer"]
    at.decide(petition, Action.RETURN, texts={"fr": "Un point."})
    assert open_duties(at, petition) == ["council_answer"]
    to(at, "2026-04-01T09:00")
    at.work()
    assert at.state(petition) == "lapsed"
    assert open_duties(at, petition) == []
    track = row(at, t.Track, (petition, "council_answer"))
    assert (track.cause, track.due_on) == ("lapsed", date(2026, 6, 2))
