"""Appending to the log as the worker does, and proofs out of it, beside hashing and a bare COPY.

One process takes pending signatures out of the database, appends them, signs and publishes, batch after
batch; its memory is looked at after each. Called with arguments this module is that process.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from uuid import UUID

import psycopg
from sqlalchemy.orm import sessionmaker

from benchmarks.ground import ground, published_petition, turn_log
from petitions.app import build_house, shelf
from petitions.ledger import tree
from petitions.ledger.entries import EntryType, Sign, leaf_hash, write
from petitions.ledger.tiles import tile_path
from petitions.platform.config import load_settings
from petitions.platform.database import create_engine
from petitions.services import log_publishing, tally
from petitions.storage import log_rows
from petitions.storage import tables as t

ENTRIES, PER_BATCH, PROOFS, ROUNDS = 1_000_000, 20_000, 500, 5
CEILINGS = 5
"""Batches from one that is measured beside its ceilings to the next."""
PAGE = os.sysconf("SC_PAGE_SIZE")
BARE = (
    "CREATE TABLE IF NOT EXISTS bare_entry (log_id smallint, idx bigint, batch_no bigint,"
    " entry bytea, PRIMARY KEY (log_id, idx))"
)


def _memory() -> int:
    """Bytes of this process that are in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def _hashing(number: int) -> float:
    """Seconds of the processor for one hash call per leaf and one per node."""
    leaf, node, began = bytes(51), bytes(65), process_time()
    for _ in range(number):
        hashlib.sha256(leaf).digest()
        hashlib.sha256(node).digest()
    return process_time() - began


@dataclass
class Line:
    """One connection beside the product's, for what is not measured and for the ceiling."""

    driver: psycopg.Connection
    petition: UUID
    log_id: int

    def queue(self, commitments: list[bytes]) -> None:
        """Signatures that wait, as `sign_petition` leaves them."""
        due = datetime.now(UTC)
        with (
            self.driver.cursor() as cursor,
            cursor.copy(
                "COPY pending_entry (log_id, petition_id, type, body, area, classes, due_at)"
                " FROM STDIN"
            ) as out,
        ):
            for c in commitments:
                out.write_row((self.log_id, self.petition, int(EntryType.SIGN), c, "", "[]", due))
        self.driver.commit()

    def bare_copy(self, first: int, commitments: list[bytes]) -> float:
        """Seconds for the same rows, sorted, into a table with a key and nothing else."""
        entries = sorted(write(self.petition, Sign(c)) for c in commitments)
        began = perf_counter()
        with (
            self.driver.cursor() as cursor,
            cursor.copy("COPY bare_entry FROM STDIN (FORMAT BINARY)") as out,
        ):
            out.set_types(["int2", "int8", "int8", "bytea"])
            for index, entry in enumerate(entries, first):
                out.write_row((self.log_id, index, 1, entry))
        self.driver.commit()
        return perf_counter() - began


def append(config: Path, petition: UUID, entries: int) -> None:
    """The process that is looked at: a line of JSON per batch on standard output."""
    settings = load_settings(config)
    house, place = build_house(settings, with_log=True), shelf(settings)
    engine = create_engine(os.environ["PETITIONS_DATABASE_URI"], statement_timeout_ms=0)
    sessions = sessionmaker(engine, expire_on_commit=False)
    year = datetime.now(UTC).year
    line = Line(psycopg.connect(os.environ["BENCH_LIBPQ"]), petition, year)
    line.driver.execute(BARE)
    line.driver.commit()
    for number, start in enumerate(range(0, entries, PER_BATCH)):
        commitments = [secrets.token_bytes(32) for _ in range(min(PER_BATCH, entries - start))]
        line.queue(commitments)
        began, used = perf_counter(), process_time()
        with sessions.begin() as session:
            done = tally.integrate(session, house, year, datetime.now(UTC))
        appended = perf_counter()
        with sessions.begin() as session:
            log_publishing.sign_newest(session, house, place, year)
        with sessions.begin() as session:
            log_publishing.publish_newest(session, house, place, year)
        with sessions.begin() as session:
            log_rows.settle_published(session, year)
        published, spent = perf_counter(), process_time() - used
        told = {
            "size": done.size if done else 0, "entries": len(commitments),
            "append": appended - began, "publish": published - appended, "processor": spent,
            "memory": _memory(),
        }  # fmt: skip
        if number % CEILINGS == 0:
            told |= {"hashing": _hashing(len(commitments)),
                     "copy": line.bare_copy(start, commitments)}  # fmt: skip
        print(json.dumps(told), flush=True)
    line.driver.close()
    engine.dispose()


@dataclass
class Published:
    """Tiles as an outsider reads them: from the published files."""

    place: Path
    size: int

    def tile(self, level: int, n: int) -> bytes | None:
        width = min(tree.WIDTH, (self.size >> (8 * level)) - n * tree.WIDTH)
        return (self.place / tile_path(level, n, width)).read_bytes() if width > 0 else None


def _proofs(sessions: sessionmaker, place: Path, log_id: int) -> dict[str, list[float]]:
    """Microseconds a proof of each kind, one value a round; `hash`: so many hash calls alone."""
    found: dict[str, list[float]] = {
        "inclusion": [],
        "from files": [],
        "consistency": [],
        "hash": [],
    }
    with sessions() as session:
        state = session.get_one(t.LogState, log_id)
        tiles, files = log_rows.DatabaseTiles(session, log_id), Published(place, state.size)
        calls = 0
        for _ in range(ROUNDS):
            drawn = [secrets.randbelow(state.size) for _ in range(PROOFS)]
            began = perf_counter()
            proofs = [tree.inclusion_proof(index, state.size, tiles) for index in drawn]
            found["inclusion"].append((perf_counter() - began) / PROOFS * 1e6)
            began = perf_counter()
            again = [tree.inclusion_proof(index, state.size, files) for index in drawn]
            found["from files"].append((perf_counter() - began) / PROOFS * 1e6)
            began = perf_counter()
            for index in drawn:
                tree.consistency_proof(index + 1, state.size, files)
            found["consistency"].append((perf_counter() - began) / PROOFS * 1e6)
            calls = sum(map(len, proofs)) // PROOFS
            began = perf_counter()
            for _proof in range(PROOFS):
                for _call in range(calls):
                    hashlib.sha256(bytes(65)).digest()
            found["hash"].append((perf_counter() - began) / PROOFS * 1e6)
            entry = log_rows.DatabaseArchive(session, log_id).entry_at(drawn[0])
            leaf = leaf_hash(entry or b"")
            if again != proofs or not tree.verify_inclusion(
                leaf, drawn[0], state.size, proofs[0], state.root
            ):
                raise RuntimeError("a proof does not lead to the root")
        found["steps"] = [float(calls)]
    return found


def run(entries: int = ENTRIES, minutes: float = 60.0) -> dict[str, list[float]]:
    """Per batch: seconds and bytes; per round: microseconds of the proofs. Ends after `minutes`."""
    with ground() as base:
        petition, _ref = published_petition(base)
        turn_log(base)
        command = [
            "nice",
            sys.executable,
            "-m",
            "benchmarks.append",
            base.config,
            petition,
            entries,
        ]
        process = subprocess.Popen(
            list(map(str, command)), env=base.environment(), text=True, stdout=subprocess.PIPE
        )
        lines, until = [], perf_counter() + 60 * minutes
        for line in process.stdout or ():
            lines.append(json.loads(line))
            if perf_counter() > until:
                process.terminate()
        process.wait()
        turn_log(base)  # what a process that was ended had not published
        found = _columns(lines)
        year = datetime.now(UTC).year
        return found | _proofs(base.sessions, shelf(base.settings).of(year), year)


def _columns(lines: list[dict[str, float]]) -> dict[str, list[float]]:
    """One list per figure; `beside …`: the product's in the batches that have their ceilings."""
    beside = {"hashing", "copy"}
    found = {key: [line[key] for line in lines] for key in lines[0] if key not in beside}
    paired = [line for line in lines if "copy" in line]
    names = ("hashing", "copy", "append", "processor")
    return found | {f"beside {name}": [line[name] for line in paired] for name in names}


def report(found: dict[str, list[float]]) -> str:
    tenth = max(1, len(found["size"]) // 10)
    entries, took = sum(found["entries"]), sum(found["append"]) + sum(found["publish"])
    hashing = sum(found["beside processor"]) / sum(found["beside hashing"])
    copying = sum(found["beside append"]) / sum(found["beside copy"])
    lines = [
        f"log                     {found['size'][-1]:12,.0f} entries",
        f"appended and published  {entries / took:12,.0f} entries a second",
        (
            f"first and last tenth    {_each(found, slice(tenth)):12,.1f} and "
            f"{_each(found, slice(-tenth, None)):,.1f} µs an entry"
        ),
        f"memory, first tenth     {max(found['memory'][:tenth]) / 2**20:12,.1f} MB",
        f"memory, all of it       {max(found['memory']) / 2**20:12,.1f} MB",
        (
            f"processor               {sum(found['processor']) / entries * 1e6:12,.1f} µs an entry, "
            f"{hashing:.1f} × a hash call a leaf and node"
        ),
        (
            f"appending (T1)          {sum(found['append']) / entries * 1e6:12,.1f} µs an entry, "
            f"{copying:.1f} × a bare COPY of the same rows"
        ),
        f"publishing              {sum(found['publish']) / entries * 1e6:12,.1f} µs an entry",
        f"steps of a proof        {found['steps'][0]:12,.0f}",
    ]
    for name in ("inclusion", "from files", "consistency"):
        rounds = found[name]
        lines.append(
            f"{name:23} {median(rounds):12,.0f} µs ({min(rounds):,.0f}–{max(rounds):,.0f}), "
            f"{median(rounds) / median(found['hash']):.1f} × so many hash calls"
        )
    return "\n".join(lines)


def _each(found: dict[str, list[float]], part: slice) -> float:
    """Microseconds an entry in these batches."""
    took = sum(found["append"][part]) + sum(found["publish"][part])
    return took / sum(found["entries"][part]) * 1e6


if __name__ == "__main__":
    append(Path(sys.argv[1]), UUID(sys.argv[2]), int(sys.argv[3]))
