"""Exactness under load: one person a thousand times; 20,000 people while the worker is killed."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

from sqlalchemy import func, select

from benchmarks.ground import Ground, ground, published_petition, serving, turn_log
from benchmarks.load import send_all
from benchmarks.signers import confirm_requests
from petitions.ledger.entries import EntryType
from petitions.storage import tables as t

ATTEMPTS, PEOPLE, PROCESSES, CONNECTIONS = 1000, 20_000, 2, 16


def _send(port: int, prepared: list[bytes]) -> dict[int, int]:
    return dict(send_all(port, prepared, CONNECTIONS).statuses)


def _from_processes(port: int, prepared: list[bytes]) -> dict[int, int]:
    parts = [prepared[i::PROCESSES] for i in range(PROCESSES)]
    total: dict[int, int] = {}
    with ProcessPoolExecutor(PROCESSES) as pool:
        for found in pool.map(_send, [port] * PROCESSES, parts):
            for status, number in found.items():
                total[status] = total.get(status, 0) + number
    return total


def _worker(base: Ground) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "petitions", "worker", "--config", str(base.config)]
    with (base.folder / "worker.log").open("ab") as log:
        return subprocess.Popen(command, env=base.environment(), stdout=log, stderr=log)


def _agreement(base: Ground, petition: object) -> tuple[int, int, int, int]:
    """(rows, leaves, COUNT, public figure): four ways to say one number."""
    year = datetime.now(UTC).year
    with base.sessions() as session:
        rows = session.scalar(
            select(func.count()).select_from(t.Signature).where(t.Signature.petition_id == petition)
        )
        prefix = bytes([1, EntryType.SIGN]) + petition.bytes  # type: ignore[attr-defined]
        leaves = session.scalar(
            select(func.count())
            .select_from(t.LogEntry)
            .where(t.LogEntry.log_id == year, func.substr(t.LogEntry.entry, 1, 18) == prefix)
        )
        count = session.scalar(
            select(func.max(t.PetitionCount.valid)).where(t.PetitionCount.petition_id == petition)
        )
        shown = session.get(t.PublicCount, petition)
    return rows or 0, leaves or 0, count or 0, shown.valid if shown else 0


def run() -> dict[str, object]:
    with ground() as base:
        one, one_ref = published_petition(base, "One person, a thousand times")
        many, many_ref = published_petition(base, "Twenty thousand people")
        turn_log(base)
        with serving(base, "petitions.wsgi:app", 18000):
            person = secrets.token_bytes(32)
            thousand = confirm_requests(base, one, one_ref, ATTEMPTS, person)
            statuses = _from_processes(18000, thousand)
            crowd = confirm_requests(base, many, many_ref, PEOPLE)
            worker, kills, answered = _worker(base), 0, {}
            chunk = PEOPLE // 10
            began = time.perf_counter()
            for start in range(0, PEOPLE, chunk):
                for status, number in _from_processes(18000, crowd[start : start + chunk]).items():
                    answered[status] = answered.get(status, 0) + number
                os.kill(worker.pid, signal.SIGKILL)
                worker.wait()
                kills += 1
                worker = _worker(base)
            took = time.perf_counter() - began
            until = time.monotonic() + 90
            while time.monotonic() < until and _agreement(base, many)[3] < PEOPLE:
                time.sleep(0.5)
            worker.terminate()
            worker.wait()
        return {
            "one person": {"attempts": ATTEMPTS, "answers": statuses,
                           "rows, leaves, count, shown": _agreement(base, one)},
            "crowd": {"people": PEOPLE, "answers": answered, "worker kills": kills,
                      "seconds": round(took, 1),
                      "rows, leaves, count, shown": _agreement(base, many)},
        }  # fmt: skip


def report(found: dict[str, object]) -> str:
    one = found["one person"]["rows, leaves, count, shown"]  # type: ignore[index]
    many = found["crowd"]["rows, leaves, count, shown"]  # type: ignore[index]
    verdict = "exact" if set(one) == {1} and set(many) == {PEOPLE} else "NOT EXACT"
    return "\n".join([f"{name}: {value}" for name, value in found.items()] + [verdict])
