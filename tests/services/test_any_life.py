"""Random rulebooks and random lives through the services: what no procedure may ever break.

Each example draws a valid rulebook and a petition under it, and lets everybody push: authors,
sponsors, clerks, signers, the calendar, the worker, and time. Most acts are refused, as in life; what
is refused must leave everything as it was.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import PetitionError
from petitions.domain.lifecycle import TRANSITIONS, Action, State
from petitions.domain.motions import AskedBy, Motion
from petitions.domain.rulebook_files import with_rulebook
from petitions.platform.database import create_engine
from petitions.services import calendars, examination, filing, motions, moves, starting
from petitions.services.calendars import EVENT, Line
from petitions.services.examination import Examination
from petitions.services.motions import Wanted
from petitions.storage import tables as t
from petitions.storage.tables import Petition
from tests.explaining.test_random_rulebooks import read, rulebooks, shelf
from tests.house import CLERK, COMMITTEE, OTHER_CLERK, Precinct, a_founder, a_precinct, decide
from tests.sponsoring import Circle, a_draft_under

ROWS = {
    (source, action, row.target)
    for row in TRANSITIONS
    for source in (row.sources or (None,))
    for action in row.actions
}
DAYS = st.sampled_from([0.01, 1, 7, 20, 45, 100, 200, 400])
WORDS = {"fr": "Parce que.", "en": "Because."}


class AnyLife(RuleBasedStateMachine):
    """One petition under one rulebook; `template` is a migrated empty database."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="any-life-"))
        self.people = itertools.count(1)
        self.reached: set[int] = set()
        self.petition: UUID | None = None

    @initialize(source=rulebooks(), first=st.sampled_from([Action.ACCEPT] * 4 + [Action.RETURN]))
    def begin(self, source: dict[str, Any], first: Action) -> None:
        file = self.folder / "petitions.sqlite"
        shutil.copyfile(self.template, file)
        self.engine = create_engine(f"sqlite:///{file}")
        self.precinct: Precinct = a_precinct(
            self.folder, self.engine, library=with_rulebook(shelf(), read(source)), batch_min=1
        )
        with self.precinct.session() as session:
            draft = a_draft_under(session, self.precinct.house, self.at, "random")
            self.petition = draft.id
        self.the_author_sends_it(sponsored=True)
        self.a_clerk_decides(first)

    def teardown(self) -> None:
        if self.petition is not None:
            self.engine.dispose()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def at(self) -> Any:
        return self.precinct.clock.at

    def tries(self, act: Any) -> None:
        """One transaction; a refusal changes nothing, and anything else but a refusal is a fault."""
        before = self.seen()
        try:
            with self.precinct.session() as session:
                act(session, moves.lock(session, self.petition))
        except PetitionError:
            assert self.seen() == before

    def seen(self) -> tuple[Any, ...]:
        with self.precinct.session() as session:
            found = session.get_one(Petition, self.petition)
            last = session.scalar(select(t.Audit.seq).order_by(t.Audit.seq.desc()).limit(1))
            return found.state, found.version, found.closes_at, last

    # --- what people do ---------------------------------------------------------------------------

    @rule(sponsored=st.just(True))
    def the_author_sends_it(self, sponsored: bool) -> None:
        def act(session: Session, petition: Petition) -> None:
            book = self.precinct.house.library.rulebook("random", self.at.date())
            founder = a_founder(self.precinct.house, petition.id)
            filing.submit(session, self.precinct.house, book, petition, self.at, founder)

        self.tries(act)
        if sponsored and self.precinct.state(self.petition) == State.GATHERING_SPONSORS:
            Circle(self.precinct, self.petition).join("supporters", *range(1001, 1006))

    @rule(outcome=st.sampled_from([Action.ACCEPT] * 4 + [Action.RETURN, Action.REFUSE]))
    def a_clerk_decides(self, outcome: Action) -> None:
        def act(session: Session, petition: Petition) -> None:
            review = next(iter(self._open_reviews(session)), None)
            if review is None:
                return
            grounds = ["duplicate"] if outcome is Action.REFUSE else []
            decide(
                session, self.precinct.house, petition, outcome, self.at, grounds=grounds,
                texts=WORDS, review=review,
            )  # fmt: skip

        self.tries(act)

    def _open_reviews(self, session: Session) -> list[t.Review]:
        wanted = select(t.Review).where(
            t.Review.petition_id == self.petition, t.Review.closed_at.is_(None)
        )
        return list(session.scalars(wanted))

    @rule()
    def the_author_corrects_it(self) -> None:
        self.tries(lambda session, petition: filing.resubmit(
            session, self.precinct.house, petition, self.at
        ))  # fmt: skip

    @rule(really=st.sampled_from([False] * 5 + [True]))
    def the_author_takes_it_back(self, really: bool) -> None:
        if not really:
            return
        self.tries(lambda session, petition: filing.withdraw_petition(
            session, self.precinct.house, petition, self.at
        ))  # fmt: skip

    @rule(days=st.integers(-2, 60))
    def the_author_names_a_first_day(self, days: int) -> None:
        def act(session: Session, petition: Petition) -> None:
            zone = self.precinct.house.rulebook(session, petition).zone
            day = local_day(self.at, zone) + timedelta(days=days)
            starting.name_first_day(
                session, self.precinct.house, petition, day, filing.author(petition.author_tag),
                at=self.at,
            )  # fmt: skip

        self.tries(act)

    @rule(number=st.integers(1, 4), grown=st.booleans())
    def people_sign(self, number: int, grown: bool) -> None:
        for _ in range(number):
            try:
                self.precinct.sign(
                    self.petition, next(self.people), classes=("grown",) if grown else ()
                )
            except PetitionError:
                return

    @rule(person=st.integers(1, 12))
    def somebody_withdraws(self, person: int) -> None:
        try:
            self.precinct.withdraw(self.petition, person)
        except PetitionError:
            return

    @rule(settles=st.booleans(), reason=st.sampled_from(["", "Urgent."]))
    def the_body_examines_it(self, settles: bool, reason: str) -> None:
        def act(session: Session, petition: Petition) -> None:
            zone = self.precinct.house.rulebook(session, petition).zone
            found = Examination(
                code="examined", decided_on=local_day(self.at, zone), summaries=WORDS, texts=WORDS,
                reason=reason, settles=settles,
            )  # fmt: skip
            examination.examine(
                session, self.precinct.house, petition, found, COMMITTEE, at=self.at
            )

        self.tries(act)

    @rule(motion=st.sampled_from([None, None, *Motion]))
    def two_clerks_move_it(self, motion: Motion | None) -> None:
        if motion is None:
            return

        def act(session: Session, petition: Petition) -> None:
            wanted = Wanted(
                motion=motion, texts=WORDS, legal_basis="Order 7/2026", asked_by=AskedBy.COURT
            )
            row = motions.propose(session, self.precinct.house, petition, wanted, CLERK, self.at)
            motions.carry_out(session, self.precinct.house, row.id, OTHER_CLERK, self.at)

        self.tries(act)

    @rule(hours=st.integers(-48, 48))
    def an_outage_is_entered(self, hours: int) -> None:
        start = self.at + timedelta(hours=hours)
        line = Line(
            what=EVENT, event="outage", note="Notice 3", starts_at=start,
            ends_at=start + timedelta(days=2),
        )  # fmt: skip

        def act(session: Session, _petition: Petition) -> None:
            row = calendars.enter(session, self.precinct.house, "valmont", line, CLERK, at=self.at)
            if row.status == "proposed":
                calendars.confirm(session, row.id, OTHER_CLERK, self.at)

        self.tries(act)

    @rule(days=DAYS)
    def time_passes(self, days: float) -> None:
        before = self.precinct.state(self.petition)
        self.precinct.clock.forward(days=days)
        self.precinct.work()
        self.precinct.work()
        with self.precinct.session() as session:
            if session.get(Petition, self.petition) is None:  # nobody keeps a draft for ever
                assert before == State.DRAFT
                self.petition = a_draft_under(session, self.precinct.house, self.at, "random").id

    # --- what always holds ------------------------------------------------------------------------

    @invariant()
    def the_trail_tells_the_state(self) -> None:
        if self.petition is None:
            return
        with self.precinct.session() as session:
            state = State(session.get_one(Petition, self.petition).state)
            path = session.execute(
                select(t.Audit.from_state, t.Audit.to_state, t.Audit.action)
                .where(t.Audit.petition_id == self.petition, t.Audit.to_state.is_not(None))
                .order_by(t.Audit.seq)
            ).all()
        at: State | None = None
        for source, target, action in path:
            assert (State(source) if source else None) == at, path
            row = (at, Action(action), State(target))
            assert row in ROWS or (at, Action(action), None) in ROWS, row
            at = State(target)
        assert at is state

    @invariant()
    def a_milestone_stays_reached(self) -> None:
        if self.petition is None:
            return
        with self.precinct.session() as session:
            rules = list(
                session.scalars(
                    select(t.MilestoneReached.rule).where(
                        t.MilestoneReached.petition_id == self.petition
                    )
                )
            )
        assert len(rules) == len(set(rules))
        assert self.reached <= set(rules)
        self.reached = set(rules)

    @invariant()
    def a_duty_whose_clock_runs_has_its_day(self) -> None:
        if self.petition is None:
            return
        with self.precinct.session() as session:
            petition = session.get_one(Petition, self.petition)
            duties = {d.id: d for d in self.precinct.house.kind(session, petition).after.duties}
            tracks = session.scalars(select(t.Track).where(t.Track.petition_id == petition.id))
            for track in tracks:
                duty = duties.get(track.code)
                waits = duty is not None and duty.milestone is not None
                if duty is None or duty.length is None or waits:
                    continue
                assert track.due_on is not None, track.code


def test_whatever_happens_under_any_rulebook_the_trail_tells_the_state(
    sqlite_template: Path,
) -> None:
    class Here(AnyLife):
        template = sqlite_template

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=20, stateful_step_count=25, deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a life is read as it was found
        ),
    )  # fmt: skip
