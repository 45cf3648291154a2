"""Asking witnesses to cosign the newest checkpoint (C2SP tlog-witness), and counting who did.

A witness that does not answer never blocks signing or counting: without a quorum the public files wait
ten minutes, then the counts appear without it, and the log's page says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import requests
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from petitions.domain.errors import ConfigurationError
from petitions.ledger import tree
from petitions.ledger.cosignatures import (
    Witness,
    good_lines,
    parse_witness_vkey,
    policy_file,
    request_body,
    vouching,
)
from petitions.ledger.encoding import LedgerError
from petitions.ledger.notes import split_note
from petitions.storage import log_rows
from petitions.storage import tables as t
from petitions.storage.insertion import insert_statement

_log = logging.getLogger("petitions.witnessing")
MAX_ANSWER = 64 * 1024
AGAIN = timedelta(seconds=30)
"""A witness that failed is not asked more often than this."""


class Record(Protocol):
    """One witness as the settings name it."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def vkeys(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Panel:
    """The witnesses of this deployment and how many of them make a checkpoint believable."""

    witnesses: tuple[tuple[Witness, tuple[str, ...]], ...] = ()
    quorum: int = 0
    wait: timedelta = timedelta(minutes=10)
    """How long the public files wait for a quorum."""

    @property
    def listed(self) -> tuple[Witness, ...]:
        return tuple(witness for witness, _vkeys in self.witnesses)

    def enough(self, note: str, cosignatures: str) -> bool:
        return not self.quorum or len(vouching(note, cosignatures, self.listed)) >= self.quorum

    def policy(self, log_vkeys: Sequence[str]) -> str:
        return policy_file(log_vkeys, self.witnesses, self.quorum)


NOBODY = Panel()


def panel_of(records: Sequence[Record], quorum: int, wait: int) -> Panel:
    """ConfigurationError where a key is none, or more are asked for than there are."""
    found = []
    for place, record in enumerate(records):
        try:
            keys = tuple(parse_witness_vkey(text) for text in record.vkeys)
        except LedgerError as wrong:
            raise ConfigurationError(f"log.witnesses[{place}].vkeys: {wrong}") from None
        if not keys:
            raise ConfigurationError(f"log.witnesses[{place}].vkeys: at least one key is needed")
        found.append((Witness(record.name, record.url.rstrip("/"), keys), tuple(record.vkeys)))
    names = [witness.name for witness, _vkeys in found]
    if len(set(names)) != len(names):
        raise ConfigurationError("log.witnesses: two witnesses have one name")
    if quorum > len(found):
        raise ConfigurationError(
            f"log.quorum is {quorum}, but {len(found)} witnesses are named in log.witnesses"
        )
    return Panel(tuple(found), quorum, timedelta(seconds=wait))


Ask = Callable[[str, bytes], tuple[int, bytes]]
"""(address, body) → (status, body). Raises OSError or requests' own errors."""


def ask_over_http(address: str, body: bytes) -> tuple[int, bytes]:
    """One POST: no redirects, five seconds, a bounded answer."""
    with requests.post(
        address, data=body, timeout=(2, 5), allow_redirects=False, stream=True,
        headers={"Content-Type": "text/plain; charset=utf-8"},
    ) as answer:  # fmt: skip
        return answer.status_code, answer.raw.read(MAX_ANSWER, decode_content=True)


@dataclass
class Collector:
    """Asks the witnesses of one deployment; remembers who failed, and when."""

    sessions: Callable[[], Session]
    panel: Panel
    ask: Ask = ask_over_http
    failed: dict[tuple[int, str], datetime] = field(default_factory=dict)

    def collect(self, log_id: int, at: datetime) -> bool:
        """One round for the newest signed checkpoint; True where a cosignature is new."""
        if not self.panel.witnesses:
            return False
        with self.sessions() as session:
            newest = newest_signed(session, log_id)
        if newest is None or newest.note is None:
            return False
        have = set(vouching(newest.note, newest.cosignatures, self.panel.listed))
        gained = False
        for witness in self.panel.listed:
            last = self.failed.get((log_id, witness.name))
            if witness.name in have or (last is not None and at - last < AGAIN):
                continue
            lines = self._one(log_id, witness, newest)
            if lines:
                self.failed.pop((log_id, witness.name), None)
                gained = True
                self._keep(log_id, newest.size, lines)
            else:
                self.failed[log_id, witness.name] = at
        return gained

    def _one(self, log_id: int, witness: Witness, newest: t.Checkpoint) -> str:
        """The cosignature lines of one witness that verify; "" where there is none."""
        for _attempt in range(2):
            with self.sessions() as session:
                known = session.get(t.WitnessState, (log_id, witness.name))
                old = known.size if known else 0
                if old > newest.size:
                    _log.critical("witness %s has seen a larger log than ours", witness.name)
                    return ""
                tiles = log_rows.DatabaseTiles(session, log_id)
                proof = tree.consistency_proof(old, newest.size, tiles)
            assert newest.note is not None
            try:
                status, body = self.ask(
                    f"{witness.url}/add-checkpoint", request_body(old, proof, newest.note)
                )
            except (OSError, requests.RequestException) as error:
                _log.warning("witness %s: %s", witness.name, type(error).__name__)
                return ""
            if status == 409 and body.strip().isdigit() and int(body) != old:
                self._seen(log_id, witness.name, int(body))
                continue
            return self._checked(log_id, witness, newest, status, body)
        return ""

    def _checked(
        self, log_id: int, witness: Witness, newest: t.Checkpoint, status: int, body: bytes
    ) -> str:
        if status != 200:
            _log.warning("witness %s answered %s", witness.name, status)
            return ""
        text = split_note(newest.note or "")[0]
        good = good_lines(text, body.decode("utf-8", "replace"), [witness])
        if not good:
            _log.warning("witness %s: its cosignature does not verify", witness.name)
            return ""
        self._seen(log_id, witness.name, newest.size)
        return "".join(line for _name, line in good)

    def _seen(self, log_id: int, witness: str, size: int) -> None:
        with self.sessions() as session:
            row = insert_statement(session, t.WitnessState).values(
                log_id=log_id, witness=witness, size=size
            )
            session.execute(
                row.on_conflict_do_update(
                    index_elements=["log_id", "witness"], set_={"size": row.excluded.size}
                )
            )
            session.commit()

    def _keep(self, log_id: int, size: int, lines: str) -> None:
        with self.sessions() as session:
            session.execute(
                update(t.Checkpoint)
                .where(t.Checkpoint.log_id == log_id, t.Checkpoint.size == size)
                .values(cosignatures=t.Checkpoint.cosignatures + lines)
            )
            session.commit()


def newest_signed(session: Session, log_id: int) -> t.Checkpoint | None:
    return session.scalars(
        select(t.Checkpoint)
        .where(t.Checkpoint.log_id == log_id, t.Checkpoint.note.is_not(None))
        .order_by(t.Checkpoint.size.desc())
        .limit(1)
    ).one_or_none()
