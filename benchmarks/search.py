"""Lists and searches among 100,000 petitions, beside twenty rows by an index.

`PETITIONS_BENCH_DATA` names the folder with petitions (`similar_data`), `PETITIONS_BENCH_TEXTS` how many
there are, `PETITIONS_BENCH_ENGINES` on which databases. The bare query reads the twenty newest petitions
with their texts by an index and nothing else. *Kept*: figures of the filters as of the last minute.
*Page*: the whole answer of the application (`list_page`).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import isnan, nan
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from benchmarks.list_data import LAST, dress
from benchmarks.list_page import shown
from benchmarks.similar import database
from benchmarks.similar_data import corpus, lay
from petitions.platform.memory import keep_what_is_there
from petitions.storage.kept_numbers import Kept
from petitions.storage.list_order import KEYED, Beside
from petitions.storage.reading import SORTS, Question
from petitions.storage.search_reading import by_body, search

ROUNDS, PAGE = 20, 20
WORDS = (
    "people",
    "school",
    "government make law",
    "dog fireworks",
    "“climate change”",
    "“people in the uk”",
    "“people” school",
    "brexit referendum vote",
    "hospit",
    "shcool",
    "xylophonist",
)
"""In four tenths of the texts, in a quarter, several, rare, together (also with small words between, and
one word alone), rare, a beginning, a slip, nobody's.
"""
BARE = (
    "SELECT p.id, p.reference, w.title, w.request FROM (SELECT id, reference FROM petition "
    "WHERE published_at IS NOT NULL ORDER BY published_at DESC, id DESC LIMIT 20) p "
    "JOIN petition_text w ON w.petition_id = p.id AND w.language = 'en'"
)
Found = dict[tuple[str, str], list[tuple[float, float]]]
"""(engine, way) → milliseconds on the clock, and of the processor, ours and the server's together (nan
where that is not known)"""
Way = Callable[[Session], object]


def run() -> Found:
    folder = os.environ.get("PETITIONS_BENCH_DATA", "")
    if not folder:
        raise SystemExit("PETITIONS_BENCH_DATA names no folder with petitions: see similar_data.py")
    loaded = corpus(Path(folder), int(os.environ.get("PETITIONS_BENCH_TEXTS", "100000")))
    found: Found = {}
    for name in os.environ.get("PETITIONS_BENCH_ENGINES", "sqlite postgresql").split():
        with database(name) as engine:
            lay(engine, loaded, lambda said: print(f"  {said}", file=sys.stderr, flush=True))
            dress(engine, loaded)
            keep_what_is_there()  # as a server process does when it is ready
            found |= measured(name, engine)
            with tempfile.TemporaryDirectory() as folder:
                pages = shown(engine, Path(folder))
            found |= {(name, way): [(each, nan) for each in spent] for way, spent in pages.items()}
    return found


def measured(name: str, engine: Engine) -> Found:
    """Each way in turn, so that what else the machine does hits all alike."""
    sessions = sessionmaker(engine)
    found: Found = {}
    every = {**_lists(sessions), **_searches()}
    for number in range(ROUNDS + 1):
        for way, ask in every.items():
            with sessions() as session:
                session.execute(text("SELECT 1"))
                begun, worked = time.perf_counter(), _worked(session)
                ask(session)
                spent = (time.perf_counter() - begun) * 1000, _worked(session) - worked
            if number:  # the first round finds nothing in memory
                found.setdefault((name, way), []).append(spent)
    return found


def _worked(session: Session) -> float:
    """Milliseconds of the processor that this process and its server process have had so far: what a
    noisy machine changes least. Of a server elsewhere only the half here is known.
    """
    own = time.process_time() * 1000
    driver = session.connection().connection.driver_connection
    if session.get_bind().dialect.name == "sqlite":
        return own
    there = Path(f"/proc/{driver.info.backend_pid}/schedstat")
    return own + (int(there.read_text().split()[0]) / 1e6 if there.exists() else 0.0)


def _asking(words: str = "", sort: str = "", **more: str) -> Question:
    since = LAST - timedelta(days=7) if sort == "week" else None
    sort = sort or ("relevance" if words else "newest")
    return Question(("bench",), "en", words=words, sort=sort, since=since, **more)


def _lists(sessions: sessionmaker[Session]) -> dict[str, Way]:
    """Without words: each order, each filter, a page far back both ways."""
    kept = Kept(lambda: datetime(2026, 1, 1, tzinfo=UTC))

    def listed(asked: Question, offset: int = 0, after: Beside | None = None) -> Way:
        return lambda s: search(s, asked, offset=offset, limit=PAGE, beside=after, kept=kept)

    found: dict[str, Way] = {
        "bare query": lambda session: session.execute(text(BARE)).all(),
        "list, figures counted": lambda s: search(s, _asking(), offset=0, limit=PAGE),
    }
    for sort in SORTS:
        found[f"list, {sort}"] = listed(_asking(sort=sort))
        found[f"open ones, {sort}"] = listed(_asking(sort=sort, state="published"))
    found["refused ones, newest"] = listed(_asking(state="refused"))
    found["one kind, newest"] = listed(_asking(kind="query"))
    found["one topic, newest"] = listed(_asking(topic="topic_3"))
    found["one body, newest"] = listed(_asking(body="committee"))
    found["bodies, figures counted"] = lambda s: by_body(s, _asking())
    found["page 500 by counting off"] = listed(_asking(), 9_980)
    for sort in sorted(KEYED):
        with sessions() as session:
            deep = search(session, _asking(sort=sort), offset=9_980, limit=PAGE).rows[-1]
        beside = Beside(deep.petition.reference or "")
        found[f"page 501 after a petition, {sort}"] = listed(_asking(sort=sort), 0, beside)
    return found


def _searches() -> dict[str, Way]:
    """With words: figures counted, and as of the last minute; some of them filtered and ordered."""
    kept = Kept(lambda: datetime(2026, 1, 1, tzinfo=UTC))

    def looked_up(asked: Question, keeps: Kept | None = None) -> Way:
        return lambda session: search(session, asked, offset=0, limit=PAGE, kept=keeps)

    found = {f"search {words}": looked_up(_asking(words)) for words in WORDS}
    for words in WORDS[:2]:
        found[f"search {words}, figures kept"] = looked_up(_asking(words), kept)
    for sort in ("newest", "most_signed", "week", "closing", "updated"):
        found[f"search school, {sort}, kept"] = looked_up(_asking("school", sort), kept)
        found[f"search school, {sort}"] = looked_up(_asking("school", sort))
    found["people, bodies, figures counted"] = lambda s: by_body(s, _asking("people"))
    found["search school, one topic"] = looked_up(_asking("school", topic="topic_3"))
    found["search school, open ones, kept"] = looked_up(_asking("school", state="published"), kept)
    return found


def report(found: Found) -> str:
    lines = []
    for (engine, way), spent in found.items():
        base = median(clock for clock, _work in found[engine, "bare query"])
        clock, work = zip(*spent, strict=True)
        last = quantiles(clock, n=20)[-1]
        busiest = quantiles(work, n=20)[-1]
        worked = (
            f"processor {min(work):6.1f} ms, 95 % below {busiest:6.1f} ms, "
            if not isnan(busiest)
            else ""
        )
        lines.append(
            f"{engine:11} {way:38} median {median(clock):7.1f} ms, 95 % below {last:7.1f} ms, "
            f"least {min(clock):6.1f} ms, {worked}{median(clock) / base:7.1f} x the bare query"
        )
    return "\n".join(lines)
