"""Fills an empty, migrated database with a demonstration parliament, by playing its history.

Rules:
- no state, no count and no date is written: every one comes from the services and from the worker,
  which are given instants of the past in their order;
- the whole log is real: a batch every evening, signed and published as in production;
- letters of the last days stay queued, older ones count as sent: nobody waits for those.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from admissibility import letters
from petitions.demo import lives_elsewhere, lives_senate, lives_town, staff
from petitions.demo.acts import Act, Gathering, Life, Seal
from petitions.demo.dates import Dates
from petitions.demo.haste import in_haste
from petitions.demo.play import Play
from petitions.demo.signatures import Collection, plan, scaled, sign_many, withdraw_one
from petitions.demo.stories.story import RULEBOOKS, SENATE, TOWN, Story
from petitions.domain.calendar import closes_at, local_day
from petitions.domain.filing import Stage
from petitions.platform.mail import Mail, Mailer
from petitions.services.deadlines import due_steps
from petitions.services.letters import Address
from petitions.services.log_publishing import Shelf
from petitions.services.ports import Actor, House
from petitions.services.tally import integrate
from petitions.storage.insertion import insert_once
from petitions.storage.tables import AuthorContext, LogState, Outbox, Petition, Track
from petitions.worker import Worker

LETTERS_KEPT = timedelta(days=3)
_SUNDAY = 6
_EVERY_DAY = 10
"""So many days back from today the log was published each evening, before that each Sunday."""
SEALING_MINUTES = 12
"""The worker turns each minute while a petition is being sealed."""
Progress = Callable[[float, str], None]


def seed(
    engine_sessions: Callable[[], Session],
    house: House,
    shelf: Shelf,
    *,
    today: datetime,
    progress: Progress,
    scale: float = 1.0,
    author_of: Callable[[str, str], bytes] | None = None,
    login_of: Callable[[str, str, UUID], bytes] | None = None,
    staff_of: Callable[[str], Actor] = staff.invented,
    context_of: Callable[[str], UUID] | None = None,
    mailer: Mailer | None = None,
    address: Address | None = None,
) -> None:
    """Play the demonstration's history up to `today` (aware). About 227,000 signatures at scale 1.

    `author_of(assembly, name)` gives the author tag (32 bytes) of the citizens who can log in, and
    `login_of(assembly, name, context)` the 32 bytes of such a login among a petition's sponsors;
    `context_of(assembly)` the context in which they do, where it is not to be drawn at random.
    Letters of the last days go out by `mailer` where it comes with the site's `address`; otherwise
    they stay in the outbox, due at `today`, and the site's own worker sends them.
    """
    dates = _dates(house, today.astimezone(UTC))
    tags: dict[tuple[str, str], bytes] = {}

    def tag_of(story: Story) -> bytes:
        if story.citizen and author_of is not None:
            return author_of(story.assembly, story.citizen)
        return tags.setdefault((story.assembly, story.author), house.random(32))

    def value_of(story: Story, context: UUID) -> bytes:
        if story.citizen and login_of is not None:
            return login_of(story.assembly, story.citizen, context)
        return house.random(32)

    history = History(
        sessions=engine_sessions,
        house=house,
        dates=dates,
        play=Play(house, tag_of, staff_of, value_of),
        worker=_worker(engine_sessions, house, replace(shelf, durable=False)),
        progress=progress,
        scale=scale,
    )
    with in_haste(engine_sessions):
        if context_of is not None:
            history.fix_contexts(context_of)
        history.run(_lives(house, dates))
    if mailer is not None and address is not None:
        history.send_letters(mailer, address)
    progress(1.0, f"{history.signed:,} signatures, every batch of the log published")


def _dates(house: House, today: datetime) -> Dates:
    assemblies = {each: house.library.assembly(each) for each in RULEBOOKS}
    return Dates(
        today=today.replace(microsecond=0),
        zone=assemblies[SENATE].zone,
        calendars={each: assembly.calendar for each, assembly in assemblies.items()},
    )


def _lives(house: House, dates: Dates) -> list[Life]:
    def first_check(assembly: str) -> Stage:
        book = house.library.rulebook(RULEBOOKS[assembly], dates.day)
        return book.default_kind.admissibility.at("publication")[0]

    return [
        *lives_senate.lives(dates, first_check(SENATE)),
        *lives_town.lives(dates, first_check(TOWN)),
        *lives_elsewhere.lives(dates),
    ]


class _NoPost:
    """The history's worker never comes to a letter: old ones are settled, new ones not yet due."""

    def send(self, mail: Mail) -> None:
        raise RuntimeError(f"a letter of the past was about to be sent: {mail.key}")


def _letter(code: str, language: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    letter = letters.render(code, language, facts)
    return letter.subject, letter.text


def _worker(sessions: Callable[[], Session], house: House, shelf: Shelf) -> Worker:
    return Worker(
        sessions=sessions,
        house=house,
        shelf=shelf,
        mailer=_NoPost(),
        address=Address({}, "", ""),
        render=_letter,
        clock=lambda: datetime.min.replace(tzinfo=UTC),
    )


@dataclass
class History:
    """The acts, evenings and midnights of the demonstration, in the order of their instants."""

    sessions: Callable[[], Session]
    house: House
    dates: Dates
    play: Play
    worker: Worker
    progress: Progress
    scale: float
    signed: int = 0
    to_sign: int = 1
    first_day: date = date.max
    collections: dict[str, Collection] = field(default_factory=dict)
    coming: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    alarms: set[datetime] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=count)

    def fix_contexts(self, context_of: Callable[[str], UUID]) -> None:
        with self.session() as session:
            for assembly in RULEBOOKS:
                insert_once(
                    session, AuthorContext, assembly=assembly, context=context_of(assembly),
                    kid=self.house.policy.author_kid,
                )  # fmt: skip

    def run(self, lives: list[Life]) -> None:
        for life in lives:
            for at, act in life.acts:
                self._plan(at, partial(self._act, life, act))
            if life.gathering:
                self.to_sign += scaled(life.gathering, self.scale)
        self.first_day = local_day(self.coming[0][0], self.dates.zone)
        for back in range((self.dates.day - self.first_day).days + 1):
            day = self.first_day + timedelta(days=back)
            self._plan(self._evening_of(day), partial(self._evening, day))
        while self.coming:
            at, _, step = heapq.heappop(self.coming)
            step(at)
        self._settle_letters()
        self._nothing_left()

    def send_letters(self, mailer: Mailer, address: Address) -> None:
        self.worker.mailer, self.worker.address = mailer, address
        self.worker.clock = lambda: self.dates.today
        while self.worker.turn():
            pass

    @contextmanager
    def session(self) -> Iterator[Session]:
        session = self.sessions()
        try:
            yield session
            session.commit()
        finally:
            session.close()

    def _plan(self, at: datetime, step: Callable[[datetime], None]) -> None:
        heapq.heappush(self.coming, (at, next(self.numbers), step))

    def _alarm(self, instant: datetime | None) -> None:
        """The calendar acts by itself at this instant: the worker is awake then."""
        if instant is not None and instant not in self.alarms and instant < self.dates.today:
            self.alarms.add(instant)
            self._plan(instant + timedelta(seconds=30), self._turn)

    def _evening_of(self, day: date) -> datetime:
        if day == self.dates.day:
            return self.dates.today - timedelta(minutes=2)
        return self.dates.at(day, f"20:{30 + day.toordinal() * 7 % 25}")

    def _act(self, life: Life, act: Act, at: datetime) -> None:
        with self.session() as session:
            petition = self.play.act(session, life.story, act, at)
            self._alarm(petition.closes_at)
            if petition.correction_due is not None:
                self._alarm(closes_at(petition.correction_due, self.dates.zone))
            if isinstance(act, Seal):
                for minutes in range(1, SEALING_MINUTES):
                    self._plan(at + timedelta(minutes=minutes), self._turn)
            opened = petition.published_at == at
            if opened and life.gathering is not None:
                self._collect(session, life.story.key, petition, life.gathering)

    def _collect(
        self, session: Session, key: str, petition: Petition, gathering: Gathering
    ) -> None:
        assert petition.published_at is not None
        last = self.dates.day - timedelta(days=gathering.until or 0)
        if petition.last_day is not None:  # some rules know no end
            last = min(petition.last_day, last)
        wall = self.dates.today.astimezone(ZoneInfo(self.dates.zone))
        self.collections[key] = plan(
            session,
            self.house,
            petition,
            gathering,
            local_day(petition.published_at, self.dates.zone),
            last,
            scale=self.scale,
            share_of_last=wall.hour / 24 if last == self.dates.day else 1.0,
        )

    def _evening(self, day: date, at: datetime) -> None:
        """The day's signatures become one batch; now and then everything is published."""
        with self.session() as session:
            for collection in self.collections.values():
                for _ in range(min(collection.withdrawals.get(day, 0), len(collection.signed))):
                    withdraw_one(session, self.house, collection, at=at)
                number = collection.to_come.pop(day, 0)
                if number:
                    self.signed += sign_many(session, self.house, collection, number, at=at)
        if (self.dates.day - day).days <= _EVERY_DAY or day.weekday() == _SUNDAY:
            self._turn(at)
        else:
            self._batches(at)
        passed = (day - self.first_day).days / max(1, (self.dates.day - self.first_day).days)
        fraction = 0.3 * passed + 0.7 * self.signed / self.to_sign
        self.progress(min(0.99, fraction), f"{day.isoformat()}: {self.signed:,} signatures")

    def _batches(self, at: datetime) -> None:
        """A batch for each log; published at once where something follows from it."""
        with self.session() as session:
            logs = session.execute(select(LogState.log_id, LogState.batch_no)).all()
        for log_id, batch_no in logs:
            if batch_no == 0:  # the worker announces the log's key before the first batch
                self._turn(at)
                continue
            with self.session() as session:
                integrate(session, self.house, log_id, at)
        with self.session() as session:
            waiting = session.scalar(
                select(Outbox.id).where(Outbox.kind != "letter", Outbox.done_at.is_(None)).limit(1)
            )
        if waiting is not None:
            self._turn(at)

    def _turn(self, at: datetime) -> None:
        """A turn of the worker, after the calendar's own acts: what they write is no post of today."""
        with self.session() as session:
            steps = list(due_steps(session, self.house, at))
        for step in steps:
            with self.session() as session:
                step(session)
        self._settle_letters()
        self.worker.clock = lambda: at
        self.worker.turn()
        with self.session() as session:
            due = select(Track.overdue_at).where(Track.status == "due")
            for instant in session.scalars(due):
                self._alarm(instant)

    def _settle_letters(self) -> None:
        """Old letters count as sent; those of the last days wait until the house opens."""
        waiting = update(Outbox).where(Outbox.kind == "letter", Outbox.done_at.is_(None))
        since = self.dates.today - LETTERS_KEPT
        with self.session() as session:
            session.execute(
                waiting.where(Outbox.created_at < since).values(done_at=Outbox.created_at)
            )
            session.execute(
                waiting.where(Outbox.created_at >= since).values(due_at=self.dates.today)
            )

    def _nothing_left(self) -> None:
        """A demonstration that is not whole must not open."""
        with self.session() as session:
            unfinished = and_(Outbox.kind != "letter", Outbox.done_at.is_(None))
            failed = session.execute(
                select(Outbox.kind, Outbox.error).where(or_(unfinished, Outbox.error != ""))
            ).all()
        if failed or self.worker.stopped_logs:
            raise RuntimeError(f"the history could not be played to its end: {failed}")
