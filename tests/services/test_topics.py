"""What a petition is about: chosen by its author, set by the office, counted by lists and searches."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from petitions.domain.errors import ConflictError, InvalidError
from petitions.services import topics
from petitions.services.texts import text_file
from petitions.storage.reading import Question
from petitions.storage.search_reading import by_topic, search
from petitions.storage.search_rebuilding import faults
from petitions.storage.tables import Audit, Petition, PetitionText, SearchText
from tests.house import CLERK, Precinct, a_draft, a_precinct

pytestmark = pytest.mark.both_engines


@pytest.fixture
def precinct(tmp_path: Path, engine: Engine) -> Precinct:
    return a_precinct(tmp_path, engine, batch_min=1)


def classify(precinct: Precinct, petition: UUID, topic: str, was: str = "") -> bool:
    with precinct.session() as session:
        found = session.get_one(Petition, petition)
        at = precinct.clock.at
        return topics.classify(session, precinct.house, found, topic, CLERK, at, was=was)


def asked(**more: str) -> Question:
    return Question(assemblies=("valmont", "senat"), shown_in="fr", **more)  # type: ignore[arg-type]


def acts(precinct: Precinct, petition: UUID) -> list[dict[str, object]]:
    with precinct.session() as session:
        rows = select(Audit.detail).where(
            Audit.petition_id == petition, Audit.action == topics.ACTION
        )
        return list(session.scalars(rows.order_by(Audit.seq)))


def test_an_author_chooses_from_the_list_of_the_assembly_or_nothing(precinct: Precinct) -> None:
    with precinct.session() as session:
        draft = a_draft(session, precinct.house, precinct.clock.at)
        topics.choose(precinct.house, draft, "parks")
        assert draft.topic == "parks"
        with pytest.raises(InvalidError) as refused:
            topics.choose(precinct.house, draft, "energy")  # a parliament's, not the town's
        assert refused.value.fields == {"topic": ("not_accepted", {})}
        topics.choose(precinct.house, draft, "")
        assert draft.topic is None


def test_the_office_sets_it_at_any_time_and_the_trail_keeps_who(precinct: Precinct) -> None:
    petition = precinct.publish()
    with precinct.session() as session:
        version = session.get_one(Petition, petition).version
        (text,) = session.scalars(
            select(PetitionText).where(PetitionText.petition_id == petition)
        )  # fmt: skip
        before = (text_file(text), text.text_hash)
    assert classify(precinct, petition, "parks")
    assert not classify(precinct, petition, "parks")
    assert classify(precinct, petition, "streets", was="parks")
    assert classify(precinct, petition, "", was="streets")
    assert acts(precinct, petition) == [
        {"was": "", "topic": "parks"},
        {"was": "parks", "topic": "streets"},
        {"was": "streets", "topic": ""},
    ]
    with precinct.session() as session:
        assert session.get_one(Petition, petition).version == version
        (text,) = session.scalars(
            select(PetitionText).where(PetitionText.petition_id == petition)
        )  # fmt: skip
        assert (text_file(text), text.text_hash) == before


def test_whoever_set_it_second_is_told_of_the_first(precinct: Precinct) -> None:
    petition = precinct.publish()
    assert classify(precinct, petition, "parks")
    with pytest.raises(ConflictError):
        classify(precinct, petition, "streets")
    with pytest.raises(InvalidError):
        classify(precinct, petition, "no-such-topic", was="parks")
    assert len(acts(precinct, petition)) == 1


def test_lists_and_searches_count_and_narrow_by_it(precinct: Precinct) -> None:
    benches, trees = precinct.publish(title="Des bancs"), precinct.publish(title="Des arbres")
    precinct.publish(title="Des fontaines")
    classify(precinct, benches, "streets")
    classify(precinct, trees, "parks")
    with precinct.session() as session:
        assert by_topic(session, asked()) == {"streets": 1, "parks": 1}
        for words in ("", "installer des bancs"):  # each petition asks for benches in its request
            found = search(session, asked(words=words), offset=0, limit=10)
            assert (found.total, dict(found.facets["topic"])) == (3, {"streets": 1, "parks": 1})
            found = search(session, asked(words=words, topic="parks"), offset=0, limit=10)
            assert [row.petition.id for row in found.rows] == [trees]
            assert (found.total, found.facets["topic"]) == (1, {"streets": 1, "parks": 1})
            assert found.facets["state"] == {"published": 1}
        found = search(session, asked(topic="animals"), offset=0, limit=10)
        assert (found.total, list(found.rows)) == (0, [])


def test_the_search_index_follows_in_the_same_transaction(precinct: Precinct) -> None:
    petition = precinct.publish()
    classify(precinct, petition, "parks")
    with precinct.session() as session:
        row = select(SearchText.topic).where(SearchText.petition_id == petition)
        assert session.scalars(row).all() == ["parks"]
        assert faults(session) == []
    classify(precinct, petition, "", was="parks")
    with precinct.session() as session:
        assert session.scalars(row).all() == [None]
        assert faults(session) == []


def test_a_topic_that_left_the_list_is_shown_as_none(precinct: Precinct) -> None:
    petition = precinct.publish()
    with precinct.session() as session:
        found = session.get_one(Petition, petition)
        found.topic = "telegraphs"
        assert topics.topic_of(precinct.house, found) == ""
        assert found.topic == "telegraphs"
