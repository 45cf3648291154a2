"""Steps of the institution: recorded once, corrected beside, planned, moved, cancelled; more time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.exc import DBAPIError

from petitions.domain.errors import InvalidError, NotFoundError, TransitionRefusedError
from petitions.domain.motions import Motion
from petitions.domain.steps import ChangeKind, StepStatus
from petitions.services import extensions, filing, moves, steps
from petitions.services.audit import broken_links
from petitions.services.steps import Recorded
from petitions.storage import tables as t
from tests.house import COMMITTEE, Precinct
from tests.services.after_publication import File, a_precinct_with, published, reached

LOW = {"threshold = 25": "threshold = 5"}


@pytest.fixture
def lowered_town(tmp_path: Path, engine: Engine) -> Callable[..., Precinct]:
    """The town, with a few numbers of its rulebook changed."""
    return lambda changes: a_precinct_with(tmp_path, engine, "town", changes)


def standing(file: File, number: int) -> Recorded:
    with file.precinct.session() as session:
        return steps.one_step(session, session.get_one(t.Petition, file.id), number)


def test_a_planned_hearing_is_moved_held_and_mended_in_the_open(precinct: Precinct) -> None:
    file = published(precinct)
    today = file.at.date()
    first, second = today + timedelta(days=20), today + timedelta(days=30)
    number = file.step(planned=True, day=first, at_time="14:30", place="Salle 2")
    file.change(number, ChangeKind.RESCHEDULED, "Salle prise.", day=second, at_time="10:00")
    moved = standing(file, number)
    assert (moved.now.status, moved.now.day, moved.now.announced, moved.now.place) == (
        StepStatus.PLANNED, second, (first,), "Salle 2",
    )  # fmt: skip
    precinct.clock.forward(days=30)
    file.change(number, ChangeKind.HELD, "Trois personnes entendues.", day=second)
    file.change(number, ChangeKind.ERRATUM, "Quatre personnes, non trois.")
    done = standing(file, number)
    assert done.now.status is StepStatus.HELD
    assert [change.kind for change in done.changes] == ["rescheduled", "held", "erratum"]
    assert done.step.texts == {"fr": "Audition."}, "what was said first stays as it was"
    with precinct.session() as session:
        told = session.scalars(
            select(t.Audit.action).where(t.Audit.petition_id == file.id).order_by(t.Audit.seq)
        ).all()
        assert told[-4:] == ["step_planned", "step_rescheduled", "step_held", "step_corrected"]
        assert list(broken_links(session)) == []


@pytest.mark.parametrize("table", [t.Step, t.StepChange])
def test_the_database_refuses_to_edit_or_delete_a_step(
    precinct: Precinct, table: type[t.Step | t.StepChange]
) -> None:
    file = published(precinct)
    number = file.step()
    file.change(number, ChangeKind.ERRATUM)
    for statement in (update(table).values(texts={"fr": "Autre."}), delete(table)):
        with pytest.raises(DBAPIError, match="append-only"), precinct.session() as session:
            session.execute(statement)


def test_a_step_needs_a_known_kind_a_right_day_and_every_language(precinct: Precinct) -> None:
    file = published(precinct)
    today = file.at.date()
    wrong = [
        ({"kind": "sabbath"}, "kind"),
        ({"day": today + timedelta(days=1)}, "day"),
        ({"day": None}, "day"),
        ({"planned": True, "day": today - timedelta(days=1)}, "day"),
        ({"texts": {"en": "In another language only."}}, "text_fr"),
        ({"texts": {"fr": "x" * 20_001}}, "text_fr"),
        ({"links": (("javascript:alert(1)", "x"),)}, "links"),
        ({"at_time": "25:00"}, "at_time"),
        ({"body": "senate"}, "body"),
        ({"place": "x" * 201}, "place"),
    ]
    for what, field in wrong:
        with pytest.raises(InvalidError) as refused:
            file.step(**({"kind": "hearing"} | what))
        assert set(refused.value.fields) == {field}, what
    assert precinct.count(t.Step) == 0
    file.step(day=today - timedelta(days=40), links=(("https://valmont.example/pv", "PV"),))
    assert precinct.count(t.Step) == 1


def test_what_was_held_or_cancelled_is_planned_no_more(precinct: Precinct) -> None:
    file = published(precinct)
    later = file.at.date() + timedelta(days=5)
    held, planned = file.step(), file.step(planned=True, day=later)
    with pytest.raises(TransitionRefusedError, match="step_not_planned"):
        file.change(held, ChangeKind.CANCELLED)
    with pytest.raises(InvalidError):
        file.change(planned, ChangeKind.HELD, day=later)  # the day has not come
    file.change(planned, ChangeKind.CANCELLED, "Faute de quorum.")
    for kind in (ChangeKind.RESCHEDULED, ChangeKind.HELD, ChangeKind.CANCELLED):
        with pytest.raises(TransitionRefusedError, match="step_not_planned"):
            file.change(planned, kind, day=file.at.date())
    file.change(planned, ChangeKind.ERRATUM, "Faute de salle, non de quorum.")
    assert standing(file, planned).now.status is StepStatus.CANCELLED
    with pytest.raises(NotFoundError):
        file.change(99, ChangeKind.ERRATUM)


def test_steps_belong_to_petitions_that_the_public_can_see(precinct: Precinct) -> None:
    waiting = File(precinct, precinct.file())
    with pytest.raises(TransitionRefusedError, match="wrong_state"):
        waiting.step()
    file = published(precinct)
    file.do(Motion.TAKE_DOWN)
    with pytest.raises(TransitionRefusedError, match="wrong_state"):
        file.step()


def test_the_step_that_a_duty_asked_for_settles_it(lowered_town: Callable[..., Precinct]) -> None:
    precinct = lowered_town(LOW)
    file = reached(precinct)
    file.step("meeting", track="council_answer")
    assert file.tracks() == {"council_answer": "due"}
    file.step("reply", track="council_answer", settles=True)
    assert file.tracks() == {"council_answer": "decided"}
    assert file.state == "threshold_reached"
    with pytest.raises(InvalidError, match="track_decided"):
        file.step("reply", track="council_answer", settles=True)
    assert precinct.count(t.Step) == 2, "nothing is half done"


MORE_TIME = LOW | {'length = "P3M"': 'length = "P3M"\nextension = { length = "P1M", times = 1 }'}


def extend(file: File, texts: dict[str, str]) -> None:
    with file.precinct.session() as session:
        locked = moves.lock(session, file.id)
        extensions.extend_duty(
            session, file.precinct.house, locked, "council_answer", texts, COMMITTEE, at=file.at
        )


def test_a_duty_gets_more_time_as_often_as_the_rules_say_and_in_public(
    lowered_town: Callable[..., Precinct],
) -> None:
    file = reached(lowered_town(MORE_TIME))
    before = file.track("council_answer").due_on
    with pytest.raises(InvalidError) as refused:
        extend(file, {})
    assert set(refused.value.fields) == {"text_fr"}
    extend(file, {"fr": "Une expertise est en cours."})
    after = file.track("council_answer")
    assert before is not None
    assert after.due_on == (before.replace(month=before.month + 1))
    assert after.overdue_at is not None
    assert after.overdue_at.date() == after.due_on
    with pytest.raises(TransitionRefusedError, match="no_extension"):
        extend(file, {"fr": "Encore."})
    with file.precinct.session() as session:
        row = session.scalars(select(t.Audit).where(t.Audit.action == "duty_extended")).one()
        assert row.public_texts == {"fr": "Une expertise est en cours."}


def test_after_the_last_day_no_time_is_given_and_none_where_the_rules_give_none(
    lowered_town: Callable[..., Precinct],
) -> None:
    late = reached(lowered_town(MORE_TIME))
    late.precinct.clock.forward(days=100)
    with pytest.raises(TransitionRefusedError, match="no_extension"):
        extend(late, {"fr": "Trop tard."})


def test_what_the_rules_oblige_to_cannot_be_declined(
    lowered_town: Callable[..., Precinct],
) -> None:
    file = reached(lowered_town(LOW))
    with pytest.raises(InvalidError) as refused:
        file.settle("council_answer", "Non.", declined=True)
    assert set(refused.value.fields) == {"declined"}
    assert file.tracks() == {"council_answer": "due"}


def test_nobody_owes_anything_for_a_petition_that_was_taken_back(precinct: Precinct) -> None:
    file = published(precinct, "town")
    with precinct.session() as session:
        session.add(
            t.Track(petition_id=file.id, code="odd", force="may", status="due", opened_at=file.at,
                    provisional=False, internal=False, late=False, cause="", texts={})
        )  # fmt: skip
        filing.withdraw_petition(
            session, precinct.house, moves.lock(session, file.id), precinct.clock.at
        )
    assert (file.track("odd").status, file.track("odd").cause) == ("decided", "withdrawn")
    assert file.state == "withdrawn"
