"""Similar petitions on real duplicates: what is found, beside plain full-text search, and how fast.

`PETITIONS_BENCH_DATA` names the folder with the petitions (`similar_data`); `PETITIONS_BENCH_TEXTS` how
many texts the site has (100,000 by default), `PETITIONS_BENCH_ENGINES` on which databases. Each petition
that a clerk refused as a duplicate is asked about again; what the clerk named should come back among the
first five. One half of the groups of duplicates was used to choose weights, the other is reported; both
are printed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from admissibility.similar import similar
from benchmarks.similar_data import Corpus, Text, corpus, findings, lay
from benchmarks.similar_plain import LIMIT, plain_search
from petitions.platform import migrations
from petitions.platform.database import create_engine
from tests import postgres

TIMED, ROUNDS = 40, 2
Ask = Callable[[Session, Text, list[UUID]], list[UUID]]


@dataclass(frozen=True, slots=True)
class Quality:
    """Shares from 0 to 1. `group`: any petition of the same group of duplicates counts as found."""

    asked: int
    first: float
    five: float
    reciprocal: float
    group_five: float


@dataclass
class Found:
    quality: dict[tuple[str, str, str], Quality] = field(default_factory=dict)
    """(engine, way, half)"""
    speed: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """(engine, way) → milliseconds"""


def run() -> Found:
    folder = os.environ.get("PETITIONS_BENCH_DATA", "")
    if not folder:
        raise SystemExit("PETITIONS_BENCH_DATA names no folder with petitions: see similar_data.py")
    loaded = corpus(Path(folder), int(os.environ.get("PETITIONS_BENCH_TEXTS", "100000")))
    found = Found()
    for name in os.environ.get("PETITIONS_BENCH_ENGINES", "sqlite postgresql").split():
        with database(name) as engine:
            lay(engine, loaded, lambda said, name=name: _say(f"{name}: {said}"))
            _engine(name, engine, loaded, found)
    return found


def _say(line: str) -> None:
    print(f"  [{time.strftime('%H:%M:%S')}] {line}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def database(name: str) -> Iterator[Engine]:
    """A migrated, empty database that is thrown away."""
    folder = Path(tempfile.mkdtemp(prefix="petitions-similar-"))
    folder.chmod(0o755)
    postgres.SETTINGS.update(shared_buffers="512MB", max_wal_size="4GB")
    try:
        uri = f"sqlite:///{folder}/bench.db" if name == "sqlite" else postgres.obtain(folder)
        migrations.upgrade(uri)
        engine = create_engine(uri, statement_timeout_ms=0)
        yield engine
        engine.dispose()
    finally:
        if name != "sqlite":
            postgres.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _engine(name: str, engine: Engine, loaded: Corpus, found: Found) -> None:
    plain = plain_search(engine)
    sessions = sessionmaker(engine)
    keys = {f"B-{each.number}": each.key for each in loaded.texts}

    def alike(session: Session, title: str, *body: str, exclude: list[UUID]) -> list[UUID]:
        request, reasons = body or ("", "")
        rows = similar(session, title, request, "en", LIMIT, exclude, reasons=reasons)
        return [keys[row.ref] for row in rows]

    ways: dict[str, Ask] = {
        "plain, title": lambda s, q, _: plain(s, q.title),
        "plain, all": lambda s, q, _: plain(s, f"{q.title} {q.request} {q.reasons}"),
        "ours, title": lambda s, q, x: alike(s, q.title, exclude=x),
        "ours, all": lambda s, q, x: alike(s, q.title, q.request, q.reasons, exclude=x),
    }
    for way, ask in ways.items():
        _measure(name, way, ask, sessions, loaded, found, lambda q: [q.key])
    for _ in range(ROUNDS):
        for way, ask in ways.items():
            found.speed.setdefault((name, way), []).extend(_timed(sessions, ask, loaded))
    findings(engine, loaded)
    for way in ("ours, title", "ours, all"):
        _measure(name, f"{way}, findings known", ways[way], sessions, loaded, found,
                 lambda q: _not_yet(loaded, q))  # fmt: skip
    _say(f"{name}: done")


def _not_yet(loaded: Corpus, asked: Text) -> list[UUID]:
    """The question itself and every petition that did not exist on its day."""
    return [each.key for each in loaded.real.values() if each.at >= asked.at]


def _measure(
    name: str,
    way: str,
    ask: Ask,
    sessions: sessionmaker[Session],
    loaded: Corpus,
    found: Found,
    without: Callable[[Text], list[UUID]],
) -> None:
    group = {loaded.real[n].key: g for n, g in loaded.group.items()}
    with sessions() as session:
        for half, tuning in (("held out", False), ("tuned on", True)):
            ranks, groups = [], 0
            asked = loaded.half(tuning=tuning)
            for each in asked:
                rows = [key for key in ask(session, each, without(each)) if key != each.key]
                named = {loaded.real[n].key for n in each.named}
                ranks.append(next((n for n, key in enumerate(rows, 1) if key in named), 0))
                groups += any(group.get(key) == group[each.key] for key in rows[:5])
            found.quality[name, way, half] = Quality(
                len(asked),
                sum(rank == 1 for rank in ranks) / len(asked),
                sum(0 < rank <= 5 for rank in ranks) / len(asked),
                sum(1 / rank for rank in ranks if rank) / len(asked),
                groups / len(asked),
            )
            _say(f"{name}: {way}, {half}: {found.quality[name, way, half]}")


def _timed(sessions: sessionmaker[Session], ask: Ask, loaded: Corpus) -> list[float]:
    spent = []
    for each in loaded.duplicates[:TIMED]:
        with sessions() as session:
            session.execute(text("SELECT 1"))
            begun = time.perf_counter()
            ask(session, each, [each.key])
            spent.append((time.perf_counter() - begun) * 1000)
    return spent


def report(found: Found) -> str:
    lines = [f"{'':46} {'asked':>5} {'first':>6} {'five':>6} {'MRR':>6} {'group5':>6}"]
    for (engine, way, half), each in sorted(found.quality.items(), key=lambda row: row[0][2]):
        lines.append(
            f"{half:9} {engine:11} {way:24} {each.asked:5} {each.first:6.3f} {each.five:6.3f} "
            f"{each.reciprocal:6.3f} {each.group_five:6.3f}"
        )
    for (engine, way), spent in found.speed.items():
        base = median(found.speed[engine, way.replace("ours", "plain")])
        last = quantiles(spent, n=20)[-1]
        lines.append(
            f"{engine:11} {way:14} median {median(spent):7.1f} ms, 95 % below {last:7.1f} ms, "
            f"{median(spent) / base:5.2f} of plain"
        )
    return "\n".join(lines)
