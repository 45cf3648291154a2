"""What each parliament does after publication: SEN-3, SEN-5, AN-4, UK-4, UK-7, SCO-1, BXL-3, BXL-4, BXL-5
and BUN-3 of the acceptance scenarios, through the services, under the rulebooks that ship.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from petitions.domain.calendar import closes_at, first_instant
from petitions.domain.errors import InvalidError, SigningClosedError, TransitionRefusedError
from petitions.domain.lifecycle import Action, Role, State, advance
from petitions.services.calendars import EVENT, Line, enter
from petitions.services.ports import Actor
from petitions.storage import reading
from petitions.storage import tables as t
from petitions.storage.search_reading import search
from tests.house import CLERK, COMMITTEE, OTHER_CLERK, Precinct, a_precinct
from tests.services.after_publication import File, a_precinct_with, admitted, day, under
from tests.sponsoring import file_under

PRESIDENTS = Actor("conference", Role.COMMITTEE, "Conference of Presidents")


def states_told(file: File) -> list[str]:
    """The states that the public timeline goes through, oldest first."""
    with file.precinct.session() as session:
        return [
            step.to_state for step in reversed(reading.steps_of(session, file.id)) if step.to_state
        ]


@pytest.fixture
def senate(tmp_path: Path, engine: Engine) -> Precinct:
    lower = {"threshold = 100000": "threshold = 3"}
    return a_precinct_with(tmp_path, engine, "fr-senat", lower)


def test_the_conference_refuses_after_the_threshold_and_the_count_stays(senate: Precinct) -> None:
    file = admitted(senate, "fr-senat", "text")
    senate.sign_many(file.id, range(3))
    senate.work()
    assert (file.state, file.tracks()) == ("threshold_reached", {"conference": "due"})
    assert file.track("conference").due_on is None
    with pytest.raises(TransitionRefusedError, match="guard_stage_open"):
        file.examine("no_action")
    senate.decide(
        file.id, Action.REFUSE, actor=PRESIDENTS, grounds=("outside-competence",),
        texts={"fr": "Hors du domaine."},
    )  # fmt: skip
    senate.work()
    assert file.state == "refused"
    with senate.session() as session:
        assert session.get_one(t.PublicCount, file.id).valid == 3
    assert file.tracks() == {"conference": "decided"}
    assert states_told(file)[-2:] == ["threshold_reached", "refused"]


def test_the_conference_may_take_it_up_early_with_a_reason_only(senate: Precinct) -> None:
    file = admitted(senate, "fr-senat", "text")
    senate.sign(file.id, 1)
    with pytest.raises(TransitionRefusedError, match="guard_entry_allows"):
        file.examine("plenary_debate")
    file.examine("plenary_debate", reason="Le sujet est à l’ordre du jour.")
    assert file.state == "examined"


def test_a_committee_classifies_and_the_next_second_nobody_signs(precinct: Precinct) -> None:
    file = admitted(precinct, "fr-assemblee-nationale")
    precinct.sign(file.id, 1, area="01")
    precinct.work()
    precinct.clock.at = datetime(2026, 4, 2, 13, 0, tzinfo=UTC)  # 15:00 in Paris
    file.examine("classified")
    assert file.state == "examined"
    with pytest.raises(SigningClosedError):
        precinct.sign(file.id, 2, at=precinct.clock.at + timedelta(seconds=1), area="01")
    precinct.work()
    with precinct.session() as session:
        assert session.get_one(t.PublicCount, file.id).valid == 1


def test_a_response_and_a_debate_are_owed_and_nothing_ends_before_the_window(
    tmp_path: Path, engine: Engine
) -> None:
    lower = {"threshold = 10000\n": "threshold = 8\n", "threshold = 100000": "threshold = 9"}
    commons = a_precinct_with(tmp_path, engine, "uk-parliament", lower)
    circle = file_under(commons, "uk-parliament")
    circle.join("supporters", 1, 2, 3, 4, 5)
    commons.decide(circle.petition, Action.ACCEPT)
    file = File(commons, circle.petition, ("en",))
    for person, state, tracks in (
        (6, "published", {}),
        (7, "threshold_reached", {"response": "due"}),
        (8, "threshold_reached", {"response": "due", "debate": "due"}),
    ):
        commons.sign(file.id, person, area="E14001013")
        commons.work()
        assert (file.state, file.tracks()) == (state, tracks), person
    with pytest.raises(TransitionRefusedError, match="guard_window_over"):
        file.examine("examined")
    commons.clock.forward(days=190)
    commons.work()
    file.examine("examined")
    assert file.state == "examined"
    assert set(file.tracks().values()) == {"decided"}


def test_an_offensive_petition_is_nowhere_and_a_duplicate_has_its_page(precinct: Precinct) -> None:
    gone, twin = file_under(precinct, "uk-parliament"), file_under(precinct, "uk-parliament")
    for circle in (gone, twin):
        circle.join("supporters", 1, 2, 3, 4, 5)
    texts = {"en": "It is against the standards."}
    precinct.decide(
        gone.petition, Action.REFUSE, grounds=("offensive",), texts=texts, second=OTHER_CLERK
    )
    precinct.decide(twin.petition, Action.REFUSE, grounds=("duplicate",), texts=texts)
    precinct.work()
    assert (gone.state, twin.state) == ("hidden", "refused")
    everything = reading.Question(assemblies=("uk-commons",), shown_in="en")
    benches = reading.Question(assemblies=("uk-commons",), shown_in="en", words="benches")
    with precinct.session() as session:
        for question in (everything, benches):
            rows = search(session, question, offset=0, limit=10).rows
            assert [row.petition.id for row in rows] == [twin.petition]
    place = precinct.folder / "log"
    told = [path.read_bytes() for path in place.rglob("*") if path.is_file()]
    assert not any(b"Benches" in content for content in told)


def test_a_committee_in_edinburgh_may_consider_without_a_signature(precinct: Precinct) -> None:
    file = admitted(precinct, "scottish-parliament")
    assert file.tracks() == {"consider": "due"}
    assert file.track("consider").due_on is None
    file.examine("examined")
    assert (file.state, file.tracks()) == ("examined", {"consider": "decided"})


def at_brussels(precinct: Precinct, text: str) -> None:
    precinct.clock.at = datetime.fromisoformat(f"{text}T10:00:00+02:00").astimezone(UTC)


def test_an_answer_in_brussels_is_due_six_months_after_filing(precinct: Precinct) -> None:
    at_brussels(precinct, "2026-08-31")
    file = under(precinct, "brussels", "petition", also_in="nl")
    answer = file.track("answer")
    assert answer.due_on == day("2027-02-28")
    assert answer.overdue_at == closes_at(day("2027-02-28"), "Europe/Brussels")
    precinct.decide(file.id, Action.ACCEPT)
    for instant, status in (
        (answer.overdue_at - timedelta(seconds=1), "due"),
        (answer.overdue_at, "overdue"),
    ):
        precinct.clock.at = instant
        precinct.work()
        assert file.tracks() == {"answer": status}
    file.examine("treated")  # at any count
    assert file.state == "examined"
    assert file.track("answer").late


@pytest.fixture
def brussels(tmp_path: Path, engine: Engine) -> Precinct:
    lower = {'"deliberative", threshold = 1000,': '"deliberative", threshold = 2,'}
    return a_precinct_with(tmp_path, engine, "brussels", lower)


def a_reached_suggestion(brussels: Precinct, assembly: str) -> File:
    at_brussels(brussels, "2026-03-02")
    file = admitted(brussels, "brussels", "suggestion", also_in="nl", assembly=assembly)
    brussels.sign_many(file.id, range(2))
    brussels.work()
    assert file.state == "threshold_reached"
    return file


@pytest.mark.parametrize(("assembly", "panel"), [("pfb", (12, 36)), ("prb", (15, 45))])
def test_a_granted_suggestion_meets_by_the_end_of_october(
    brussels: Precinct, assembly: str, panel: tuple[int, int]
) -> None:
    zone = "Europe/Brussels"
    recess = Line(
        what=EVENT, event="recess", note="Session calendar",
        starts_at=first_instant(day("2026-07-21"), zone),
        ends_at=closes_at(day("2026-09-20"), zone),
    )  # fmt: skip
    with brussels.session() as session:
        enter(session, brussels.house, assembly, recess, CLERK, at=brussels.clock.at)
    file = a_reached_suggestion(brussels, assembly)
    at_brussels(brussels, "2026-05-20")
    file.examine("granted")
    assert file.state == "examined"
    meeting = file.track("first_meeting")
    assert (meeting.status, meeting.due_on, meeting.not_before) == (
        "due", day("2026-10-21"), day("2026-07-20"),
    )  # fmt: skip
    with brussels.session() as session:
        kind = brussels.house.kind(session, session.get_one(t.Petition, file.id))
        assert kind.decisive is not None
        assert kind.decisive.panel[assembly] == panel
    with pytest.raises(InvalidError) as refused:
        file.settle("first_meeting", "Réunion tenue.")
    assert set(refused.value.fields) == {"reason"}
    file.settle("first_meeting", "Réunion tenue.", reason="Le bureau l’a avancée.")
    assert file.tracks()["first_meeting"] == "decided"


def test_a_bureau_declines_in_both_languages_or_not_at_all(brussels: Precinct) -> None:
    file = a_reached_suggestion(brussels, "prb")
    at_brussels(brussels, "2026-03-10")
    with pytest.raises(InvalidError) as refused:
        file.examine("refused_with_reasons", texts={"fr": "Non, car."})
    assert set(refused.value.fields) == {"text_nl", "summary_nl"}
    file.examine("refused_with_reasons")
    assert file.state == "examined"
    assert "first_meeting" not in file.tracks()


@pytest.fixture
def bundestag(tmp_path: Path, engine: Engine) -> Precinct:
    return a_precinct_with(tmp_path, engine, "de-bundestag", {"threshold = 30000": "threshold = 3"})


def test_below_the_quorum_of_berlin_it_is_still_examined(bundestag: Precinct) -> None:
    below, over = (admitted(bundestag, "de-bundestag", "public") for _ in range(2))
    bundestag.sign_many(below.id, range(2))
    bundestag.sign_many(over.id, range(3))
    bundestag.work()
    with pytest.raises(TransitionRefusedError, match="guard_entry_allows"):
        below.examine("examined")
    assert (below.state, over.state) == ("published", "threshold_reached")
    with pytest.raises(InvalidError) as refused:
        over.settle("hearing", "", declined=True)
    assert set(refused.value.fields) == {"text_de"}
    over.settle("hearing", "Zwei Drittel des Ausschusses lehnen sie ab.", declined=True)
    assert (over.track("hearing").status, over.track("hearing").cause) == ("decided", "declined")
    bundestag.clock.forward(days=43)
    bundestag.work()
    assert below.state == "closed_below"
    below.examine("examined")
    assert below.state == "examined"
    assert states_told(below) == ["in_admissibility", "published", "closed_below", "examined"]


def test_the_public_timeline_rebuilds_the_state_and_never_two_at_once(
    tmp_path: Path, engine: Engine
) -> None:
    """Every move on record leads from where the one before it ended, by a row of the table."""
    precinct = a_precinct(tmp_path, engine, batch_min=1)
    file = admitted(precinct, "scottish-parliament")
    file.examine("examined")
    with precinct.session() as session:
        trail = [s for s in reversed(reading.steps_of(session, file.id)) if s.to_state]
        now = State.DRAFT
        for step in trail:
            assert step.from_state == now
            now = State(step.to_state)
        assert now == session.get_one(t.Petition, file.id).state
    with pytest.raises(TransitionRefusedError):
        advance(now, Action.EXAMINE, COMMITTEE.role, None)  # type: ignore[arg-type]
