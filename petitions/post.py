"""The post: mails to followers. A loop of its own beside the worker's, so that nothing waits for it.

Each turn writes the next pieces of the list of mails, then sends as many as the pace allows. All it
knows lies in rows: killed at any point it goes on where it stopped, and nobody gets a mail twice
(`petitions.services.follow_queue` says how). Two posts at once are safe.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from petitions.domain.errors import UnavailableError
from petitions.domain.following import Standing
from petitions.follow_mails import Composer
from petitions.platform.database import read_only, transaction
from petitions.platform.mail import Mail, Mailer
from petitions.platform.mail_line import Line, NotTakenError, line_of
from petitions.services import follow_queue, spreading, suppressing
from petitions.services.follow_queue import Waiting
from petitions.services.ports import House

_log = logging.getLogger("petitions.post")
PIECES_A_TURN: Final = 20
MOST_A_TURN: Final = 50
COMPOSED: Final = 10
"""Mails that are composed together; what happens meanwhile is in the next ones."""
REST: Final = (30, 60, 120, 300, 600)
"""Seconds without a server before it is asked again."""


def _nothing(_step: str) -> None:
    """What happens between two steps: in production, nothing. Tests kill here."""


@dataclass
class Pace:
    """Mails a minute, evenly; what was not used is not saved up for longer than ten seconds."""

    per_minute: int
    _since: datetime | None = None
    _left: float = 0.0

    def allowance(self, at: datetime) -> int:
        """How many may leave now. 0 a minute = as fast as it goes."""
        if self.per_minute == 0:
            return MOST_A_TURN
        gone = (at - self._since).total_seconds() if self._since else 10.0
        most = max(1.0, self.per_minute / 6)
        self._left = min(most, self._left + max(0.0, gone) * self.per_minute / 60)
        self._since = at
        return min(MOST_A_TURN, int(self._left))

    def spend(self, mails: int) -> None:
        if self.per_minute:
            self._left -= mails


@dataclass
class Post:
    sessions: Callable[[], Session]
    house: House
    mailer: Mailer
    composer: Composer
    clock: Callable[[], datetime]
    pace: Pace
    between: Callable[[str], None] = _nothing
    piece: int = spreading.PIECE
    rest_until: datetime | None = None
    faults: int = 0
    _line: Line | None = field(default=None, repr=False)
    _left_us: list[Waiting] = field(default_factory=list, repr=False)
    """Taken by the server, not noted yet: one at most."""

    def run(self, stop: threading.Event, tick: float) -> None:
        """Turn after turn until `stop` is set; a failed turn is logged and tried again."""
        while not stop.is_set():
            try:
                busy = self.turn()
            except Exception as error:
                # The class alone: the text of an exception may repeat what was in the row.
                _log.error("the post failed: %s", type(error).__name__)
                busy = False
            stop.wait(0.01 if busy else tick)
        self._close()

    def turn(self) -> bool:
        """Write, then send. True where there may be more to do at once."""
        at = self.clock()
        with self._session() as session:
            spreading.begin_week(session, at)
        busy = self._spread(at)
        return self._send(at) or busy

    def _session(self) -> AbstractContextManager[Session]:
        return transaction(self.sessions)

    def _spread(self, at: datetime) -> bool:
        with self.sessions() as session:
            waiting = spreading.unspread(read_only(session))
        for event in waiting:
            for _piece in range(PIECES_A_TURN):
                with self._session() as session:
                    more = spreading.spread(session, event, at, self.piece)
                    self.between("in_piece")
                self.between("after_piece")
                if not more:
                    break
            else:
                return True
        return False

    def _send(self, at: datetime) -> bool:
        if self.rest_until is not None and at < self.rest_until:
            return False
        allowed = self.pace.allowance(at)
        if allowed < 1:
            return False
        with self._session() as session:
            mails = follow_queue.claim(session, at, allowed)
        left = list(mails)
        try:
            while left:
                for waiting, mail in self._composed(left[:COMPOSED]):
                    self._one(waiting, mail)
                    left.pop(0)
                    self.between("after_mail")
            self._note()
        except UnavailableError as error:
            self._rest(at, str(error.facts.get("reason", "")))
            with self._session() as session:
                self._noted(session)
                follow_queue.released(session, [each.key for each in left])
            self._left_us.clear()
            return False
        finally:
            self._close()
        self.faults, self.rest_until = 0, None
        return len(mails) == allowed

    def _rest(self, at: datetime, reason: str) -> None:
        """The server is away: everything waits, and no mail counts it as an attempt."""
        self.faults += 1
        self.rest_until = at + timedelta(seconds=REST[min(self.faults, len(REST)) - 1])
        _log.warning("no mail server: %s", reason)

    def _composed(self, some: list[Waiting]) -> list[tuple[Waiting, Mail | None]]:
        """The next few; no transaction is open while the mail server is spoken to."""
        with self.sessions() as session:
            mails = self.composer.compose_some(read_only(session), some, self.clock())
        return list(zip(some, mails, strict=True))

    def _one(self, waiting: Waiting, mail: Mail | None) -> None:
        """Offer, note that the words leave, hand over, note that they left."""
        if mail is None:
            self._settle(waiting, Standing.DROPPED)
            return
        try:
            self._carry(waiting, mail)
        except NotTakenError as refused:
            self._refused(waiting, refused)

    def _carry(self, waiting: Waiting, mail: Mail) -> None:
        line = self._line = self._line or line_of(self.mailer)
        line.offer(mail)
        with self._session() as session:
            self._noted(session)
            ours = follow_queue.sending(session, waiting.key)
        self._left_us.clear()
        if not ours:
            return  # stopped a moment ago, or another post has it
        self.between("before_words")
        try:
            line.hand_over()
        except UnavailableError:
            # no yes was said: by RFC 5321 (4.2.5, 6.1) the mail is still ours, and tried again
            with self._session() as session:
                follow_queue.later(session, waiting.key, self.clock())
            raise
        self.between("after_words")
        self.pace.spend(1)
        self._left_us.append(waiting)

    def _refused(self, waiting: Waiting, refused: NotTakenError) -> None:
        at = self.clock()
        with self._session() as session:
            if not refused.for_good:
                follow_queue.later(session, waiting.key, at)
                return
            follow_queue.settled(session, waiting.key, Standing.GIVEN_UP)
            if refused.no_such_mailbox:
                suppressing.came_back(session, waiting.key[1], at, for_good=True)

    def _noted(self, session: Session) -> None:
        """That the last mail has left is noted together with the next one's leaving: whoever dies in
        between has one unsure mail as before, and each mail costs one commit and not two.
        """
        for waiting in self._left_us:
            follow_queue.settled(session, waiting.key, Standing.SENT)

    def _note(self) -> None:
        if self._left_us:
            with self._session() as session:
                self._noted(session)
            self._left_us.clear()

    def _settle(self, waiting: Waiting, standing: Standing) -> None:
        with self._session() as session:
            follow_queue.settled(session, waiting.key, standing)

    def _close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()
