"""The worker: deadlines, tally, publication, letters. One loop, small transactions, no memory.

Everything it does is decided by rows, so it may be killed at any point: the next turn, or another
worker, goes on where it stopped. Two at once are safe: the log's row and the turn's lock serialise
the tally, jobs are claimed with SKIP LOCKED, system moves look again under the petition's lock.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import PetitionError
from petitions.domain.sealing import SealStep
from petitions.ledger.encoding import LedgerError
from petitions.platform.database import forget_deleted, read_only, transaction, truncate_journal
from petitions.platform.letterhead import folded
from petitions.platform.mail import Mail, Mailer
from petitions.post import Post
from petitions.services import (
    deadlines,
    effects,
    follow_keeping,
    key_rotation,
    outbox,
    peppers,
    retention,
    sealing,
    sponsor_deadlines,
    verification,
)
from petitions.services.letter_fates import not_taken
from petitions.services.letter_languages import languages_of
from petitions.services.letters import Address, letter_facts
from petitions.services.log_keys import announce_log_key
from petitions.services.log_publishing import (
    Shelf,
    guard_fork,
    publish_newest,
    sign_newest,
    turn,
)
from petitions.services.milestone_effects import body_address
from petitions.services.ports import House
from petitions.services.tally import LogStoppedError, integrate
from petitions.services.witnessing import NOBODY, Collector, Panel
from petitions.storage import log_rows
from petitions.storage.search_rebuilding import recount_when_due
from petitions.storage.tables import LogState, Outbox

_log = logging.getLogger("petitions.worker")
Render = Callable[[str, str, Mapping[str, Any]], tuple[str, str]]
"""(letter code, language, facts) → (subject, text)."""
_PURGE_EVERY = timedelta(minutes=10)
EFFECTS = {
    "milestone": effects.reach_milestone,
    "closed": effects.after_closing,
    "certified": verification.after_certificate,
    "count_fell": effects.count_fell,
}


def _nothing(_step: str) -> None:
    """What happens between two steps of a turn: in production, nothing. Tests kill here."""


@dataclass
class Worker:
    sessions: Callable[[], Session]
    house: House
    shelf: Shelf
    mailer: Mailer
    address: Address
    render: Render
    clock: Callable[[], datetime]
    destroy_old_keys: Callable[[datetime], None] = lambda _at: None
    """Yesterday's one-day keys: a recorded pass must not be opened any more."""
    peppers: peppers.Peppers | None = None
    """None where the identity zone's keys are on another host: it retires them itself."""
    panel: Panel = NOBODY
    post: Post | None = None
    """Mails to followers: a loop of its own."""
    dress: Callable[[str, str, str], str] = lambda _subject, _text, _language: ""
    """(subject, text, language) → the same letter as HTML; "" = text alone."""
    return_path: Callable[[UUID], str] = lambda _job: ""
    """Where a letter comes back to if it cannot be delivered; "" = its sender."""
    sift: Callable[[Session], int] = lambda _session: 0
    """Reads what came in for the clerks' queue; returns how many cases it read."""
    press: Callable[[Session, datetime], bool] = lambda _session, _at: False
    """Makes a poster that is missing; True where more wait."""
    between: Callable[[str], None] = _nothing
    stopped_logs: set[int] = field(default_factory=set)
    last_purge: datetime | None = None

    def __post_init__(self) -> None:
        self.witnesses = Collector(self.sessions, self.panel)

    def run(self, stop: threading.Event, tick: float) -> None:
        """Turn after turn until `stop` is set; a failed part is logged and tried again."""
        _log.info("worker started")
        beside = threading.Thread(target=self.post.run, args=(stop, tick)) if self.post else None
        if beside is not None:
            beside.start()
        while not stop.is_set():
            try:
                busy = self.turn()
            except Exception as error:
                # The class alone, as below. A database that went away comes back.
                _log.error("a turn failed: %s", type(error).__name__)
                busy = False
            stop.wait(0.05 if busy else tick)
        if beside is not None:
            beside.join()
        _log.info("worker stopped")

    def turn(self) -> bool:
        """One turn of everything. True where there may be more to do at once."""
        at = self.clock()
        self._apart("purge", lambda: self._purge(at))
        self._apart("deadlines", lambda: self._deadlines(at))
        busy = self._apart("signals", self._sift)
        with self._session() as session:
            logs = list(session.scalars(select(LogState.log_id).order_by(LogState.log_id)))
        for log_id in logs:
            busy |= self._apart("tally", partial(self._tally, log_id))
            self._apart("old keys", partial(self._end_keys, log_id))
        busy |= self._apart("sealing", self._seal)
        busy |= self._apart("posters", lambda: self._print(at))
        return self._apart("outbox", self._outbox) or busy

    def _apart(self, part: str, work: Callable[[], bool | None]) -> bool:
        """One part failing must not stop the others: least of all the destruction of old keys."""
        try:
            return bool(work())
        except Exception as error:
            # The class alone: the text of an exception may repeat what was in the row.
            _log.error("%s failed: %s", part, type(error).__name__)
            return False

    def _print(self, at: datetime) -> bool:
        with self.sessions() as session:
            return self.press(read_only(session), at)

    def _session(self) -> AbstractContextManager[Session]:
        return transaction(self.sessions)

    def _sift(self) -> bool:
        with self._session() as session:
            return self.sift(session) > 0

    def _deadlines(self, at: datetime) -> None:
        session = self.sessions()
        with session:
            steps = list(deadlines.due_steps(read_only(session), self.house, at))
        for step in steps:
            self._apart("a deadline", partial(self._step, step))
            self.between("deadline")

    def _step(self, step: deadlines.Step) -> None:
        with self._session() as own:
            step(own)

    def _tally(self, log_id: int) -> bool:
        if log_id in self.stopped_logs:
            return False
        try:
            with turn(self.shelf, log_id) as mine:
                return self._tally_turn(log_id) if mine else False
        except (LogStoppedError, LedgerError) as alarm:
            # Never continue past this: signing a fork would destroy what the log is for.
            self.stopped_logs.add(log_id)
            _log.critical("log stopped: %s", alarm)
            return False

    def _tally_turn(self, log_id: int) -> bool:
        with self._session() as session:
            guard_fork(session, self.shelf, log_id)
            announce_log_key(session, self.house, log_id, self.clock())
            key_rotation.take_steps(session, self.house, log_id, self.clock())
        self._publish(log_id)  # what an earlier turn left unfinished
        self.between("before_batch")
        with self._session() as session:
            done = integrate(session, self.house, log_id, self.clock())
            self.between("in_batch")
        if done is None:
            return False
        self.between("after_batch")
        _log.info(
            "batch %s of log %s: size %s, %s signatures",
            done.batch_no, log_id, done.size, done.signatures,
        )  # fmt: skip
        self._publish(log_id)
        return True

    def _publish(self, log_id: int) -> None:
        with self._session() as session:
            signed = sign_newest(session, self.house, self.shelf, log_id)
        if signed:
            self.between("after_signature")
        self.witnesses.collect(log_id, self.clock())
        with self._session() as session:
            published = publish_newest(
                session, self.house, self.shelf, log_id, self.witnesses.panel, self.clock()
            )
            self.between("in_publication") if published else None
        if published:
            self.between("after_publication")
        with self._session() as session:
            settled = log_rows.settle_published(session, log_id)
        if settled:
            self._forget_journal()
            self.between("after_settling")

    def _end_keys(self, log_id: int) -> None:
        """Signing keys whose retirement is public are destroyed; a place out of reach: later."""
        with self._session() as session:
            key_rotation.finish(session, self.house, log_id, self.clock())

    def _forget_journal(self) -> None:
        """SQLite's journal holds rows in the order they arrived: it ends with the batch."""
        with self.sessions() as session:
            truncate_journal(session.get_bind())

    def _seal(self) -> bool:
        """Every ceremony that was ordered, each as far as it comes now."""
        with self._session() as session:
            ordered = sealing.under_way(session)
        moved = False
        for each in ordered:  # all of them: one that waits must not hold up the others
            moved |= self._apart("a sealing", partial(self._seal_one, each))
        return moved

    def _seal_one(self, petition_id: UUID) -> bool:
        with self._session() as session:
            found = sealing.next_step(session, self.house, petition_id, self.clock())
            self.between("in_sealing") if found.done else None
        if found.done is None:
            return found.queued
        _log.info("sealing: step %s of 7 done", int(found.done))
        if found.done is SealStep.ERASED:
            self._forget_rows()
        self.between("after_sealing")
        return True

    def _forget_rows(self) -> None:
        """Deleted rows go from the disk as well, as far as the database can do it."""
        with self.sessions() as session:
            forget_deleted(session.get_bind(), ("signature", "withdrawal", "area_tally"))

    def retire_peppers(self) -> bool:
        """Versions that no petition needs any more are destroyed, with published statements."""
        if self.peppers is None:
            return False
        with self._session() as session:
            gone = False
            for kid in peppers.unused(session, self.house):
                gone |= peppers.retire(session, self.house, self.peppers, kid, self.clock())
        return gone

    def _outbox(self) -> bool:
        at = self.clock()
        with self._session() as session:
            claimed = [(j.id, j.kind, j.key, dict(j.payload)) for j in outbox.claim(session, at)]
        for job in claimed:
            self._job(*job)
            self.between("job")
        return bool(claimed)

    def _job(self, job_id: UUID, kind: str, key: str, payload: dict[str, Any]) -> None:
        try:
            if kind == "letter":
                self._letter(job_id, key, payload)
            else:
                self._effect(job_id, kind, payload)
        except PetitionError as error:
            _log.warning("job %s failed: %s", kind, error.code)
            no_mailbox = bool(error.facts.get("no_mailbox"))
            self._failed(job_id, kind, error.code, no_mailbox=no_mailbox)
        except Exception as error:
            # The class alone: the text of an exception may repeat what was in the row.
            _log.error("job %s failed: %s", kind, type(error).__name__)
            self._failed(job_id, kind, type(error).__name__)

    def _failed(self, job_id: UUID, kind: str, why: str, *, no_mailbox: bool = False) -> None:
        with self._session() as session:
            if kind == "letter":
                not_taken(session, job_id, why, self.clock(), no_mailbox=no_mailbox)
            else:
                outbox.failed(session, job_id, why, self.clock())

    def _effect(self, job_id: UUID, kind: str, payload: dict[str, Any]) -> None:
        """The effect and the mark that it is done, in one transaction: exactly once."""
        carry_out = EFFECTS.get(kind)
        if carry_out is None:
            raise PetitionError("unknown_job")
        with self._session() as session:
            if not effects.published(session, payload):
                outbox.postpone(session, job_id, self.clock() + timedelta(seconds=2))
                return
            carry_out(session, self.house, payload, self.clock())
            self.between("in_job")
            outbox.done(session, job_id, self.clock())

    def _letter(self, job_id: UUID, key: str, payload: dict[str, Any]) -> None:
        """Sent outside any transaction: a slow mail server must hold no lock that signers need."""
        with self.sessions() as session:
            mail = self._composed(read_only(session), key, payload)
        if mail is not None:
            self.mailer.send(mail)
        self.between("in_job")
        with self._session() as session:
            outbox.done(session, job_id, self.clock())

    def _composed(self, session: Session, key: str, payload: dict[str, Any]) -> Mail | None:
        petition, facts = letter_facts(session, self.house, self.address, payload)
        to = petition.author_email
        if "body" in payload:
            to = body_address(self.house, petition, payload["body"])
        if not to:
            return None
        language = self.address.spoken(*languages_of(session, self.house, petition))
        subject, text = self.render(payload["code"], language, facts)
        job = session.scalars(select(Outbox).where(Outbox.key == key)).one()
        html = self.dress(subject, text, language)
        back = self.return_path(job.id)
        text = folded(text)
        return Mail(to, subject, text, key, job.created_at, language, html, return_path=back)

    def _purge(self, at: datetime) -> None:
        if self.last_purge is None or at - self.last_purge >= _PURGE_EVERY:
            self.destroy_old_keys(at)
            with self._session() as session:
                retention.purge(session, at)
            with self._session() as session:
                sponsor_deadlines.forget(session, self.house, at)
            with self._session() as session:
                follow_keeping.forget(session, at)
            with self._session() as session:
                recount_when_due(session)
            self.retire_peppers()
            self.last_purge = at
