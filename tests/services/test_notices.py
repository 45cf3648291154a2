"""What the log says beside its entries: a text taken down after the close, how a petition is judged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from petitions.domain.lifecycle import Action
from petitions.ledger.entries import EntryType
from petitions.ledger.notice import What, read_notice
from petitions.services import notices
from petitions.services.answers import answer_file
from petitions.storage import tables as t
from tests.house import Precinct, a_precinct, changed_library
from tests.services.test_examination import LOW_MARK, a_reached_petition, examine
from tests.services.test_sealing import ended
from tests.verifier.test_checks import states


@pytest.fixture
def precinct(tmp_path: Path, sqlite_uri: str, open_engine: Callable[[str], Engine]) -> Precinct:
    return a_precinct(tmp_path, open_engine(sqlite_uri), batch_min=1)


def tell(precinct: Precinct, petition: UUID, action: Action) -> None:
    """As the act that takes down or restores does it, in its transaction."""
    precinct.clock.forward(hours=1)
    with precinct.session() as session:
        row = session.get_one(t.Petition, petition)
        assert notices.tell_of_text(session, row, action, precinct.clock.at)
    precinct.work()


def text_of(precinct: Precinct, petition: UUID) -> Path:
    with precinct.session() as session:
        row = session.get_one(t.Petition, petition)
        found = session.get_one(t.PetitionText, (petition, row.language)).text_hash
    assert found is not None
    return precinct.published_shelf().of(2026) / "texts" / f"{found.hex()}.txt"


def judged(precinct: Precinct, capsys: Any) -> tuple[int, str]:
    code, found = states(capsys, "log", precinct.published_shelf().of(2026))
    return code, found["V-406"]


def test_a_text_taken_down_after_the_close_goes_and_leaves_its_trace(
    precinct: Precinct, capsys: Any
) -> None:
    petition = ended(precinct, range(3))
    assert text_of(precinct, petition).exists()
    tell(precinct, petition, Action.TAKE_DOWN)
    assert not text_of(precinct, petition).exists()
    assert judged(precinct, capsys) == (0, "good")
    (notice,) = [
        n for n in (read_notice(p.read_bytes()) for p in _notices(precinct))
        if n.what == What.TEXT_WITHHELD
    ]  # fmt: skip
    assert notice.subject == text_of(precinct, petition).stem
    assert notice.petition == petition


def test_a_text_shown_again_is_there_again_and_must_be(precinct: Precinct, capsys: Any) -> None:
    petition = ended(precinct, range(3))
    before = text_of(precinct, petition).read_bytes()
    tell(precinct, petition, Action.TAKE_DOWN)
    tell(precinct, petition, Action.RESTORE)
    assert text_of(precinct, petition).read_bytes() == before
    assert judged(precinct, capsys) == (0, "good")
    text_of(precinct, petition).unlink()
    assert judged(precinct, capsys) == (1, "WRONG")


def test_a_text_that_another_petition_shows_stays(precinct: Precinct, capsys: Any) -> None:
    first, second = precinct.publish(), precinct.publish()
    precinct.work()
    assert text_of(precinct, first) == text_of(precinct, second)
    tell(precinct, first, Action.TAKE_DOWN)
    assert text_of(precinct, first).exists()
    tell(precinct, second, Action.TAKE_DOWN)
    assert not text_of(precinct, first).exists()
    assert judged(precinct, capsys) == (0, "good")


def test_a_petition_that_the_log_never_knew_leaves_no_notice(precinct: Precinct) -> None:
    petition = precinct.file()
    with precinct.session() as session:
        row = session.get_one(t.Petition, petition)
        assert not notices.tell_of_text(session, row, Action.TAKE_DOWN, precinct.clock.at)


def _notices(precinct: Precinct) -> list[Path]:
    return sorted((precinct.published_shelf().of(2026) / "notices").iterdir())


def test_each_opening_is_told_with_kind_choices_targets_and_places(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.work()
    (notice,) = [read_notice(path.read_bytes()) for path in _notices(precinct)]
    words = json.loads(notice.words)
    with precinct.session() as session:
        row = session.get_one(t.Petition, petition)
        kind = precinct.house.kind(session, row)
        assert (words["kind"], words["choices"]) == (row.kind, row.choices)
        assert set(words["targets"]) == {milestone.id for milestone in kind.milestones}
    (opening,) = precinct.entries(EntryType.OPEN)
    assert notice.subject == opening.fields.rules_hash.hex()
    assert [each.partition("+")[0] for each in words["places"]] == [
        "petitions.example.org/replica/petitions"
    ]


def test_a_milestone_with_another_threshold_than_the_petition_was_told_is_seen(
    tmp_path: Path, sqlite_uri: str, open_engine: Callable[[str], Engine], capsys: Any
) -> None:
    library = changed_library(tmp_path, "town", {"threshold = 25": "threshold = 3"})
    precinct = a_precinct(tmp_path, open_engine(sqlite_uri), batch_min=1, library=library)
    petition = precinct.publish()
    precinct.work()
    code, found = states(capsys, "log", precinct.published_shelf().of(2026))
    assert (code, found["V-504"]) == (0, "good")
    with precinct.session() as session:
        row = session.get_one(t.Petition, petition)
        row.targets = {
            name: {**target, "threshold": target["threshold"] - 1}
            for name, target in row.targets.items()
        }
    precinct.sign_many(petition, range(2))
    precinct.work()
    assert precinct.entries(EntryType.MILESTONE)
    code, found = states(capsys, "log", precinct.published_shelf().of(2026))
    assert (code, found["V-504"]) == (1, "WRONG")


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str, open_engine: Callable[[str], Engine]) -> Precinct:
    library = changed_library(tmp_path, "town", LOW_MARK)
    return a_precinct(tmp_path, open_engine(sqlite_uri), batch_min=1, library=library)


def test_an_answer_changed_before_its_batch_is_published_as_it_was_logged(
    town: Precinct, capsys: Any
) -> None:
    petition = a_reached_petition(town)
    examine(town, petition)
    with town.session() as session:
        row = session.query(t.Outcome).one()
        was = answer_file(session.get_one(t.Petition, petition), row)
        row.texts = {"fr": "Une autre réponse."}
    town.work()
    (entry,) = town.entries(EntryType.ANSWER)
    assert entry.fields.hash == hashlib.sha256(was).digest()
    place = town.published_shelf().of(2026) / "answers" / f"{entry.fields.hash.hex()}.json"
    assert place.read_bytes() == was
    assert judged(town, capsys) == (0, "good")


def test_an_answer_queued_before_bytes_were_kept_is_written_as_before(town: Precinct) -> None:
    examine(town, a_reached_petition(town))
    with town.session() as session:
        session.query(t.LogPaper).filter(t.LogPaper.folder == "answers").delete()
    town.work()
    assert list((town.published_shelf().of(2026) / "answers").iterdir())
