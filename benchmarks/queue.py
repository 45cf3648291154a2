"""The clerk's queue with ten thousand open cases beside the bare indexed query, on both databases.

The page is the whole answer of the server without the network: session, access, figures, filters, rows,
template. The bare query is what no queue can do without: one page of one index.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from uuid import uuid4

from sqlalchemy import Engine, insert, select, text

from admissibility.suspicion import DUPLICATE
from petitions.platform import migrations
from petitions.platform.database import create_engine
from petitions.storage.tables import CaseMark, CaseReading, Petition, PetitionText, Review
from tests import postgres
from tests.web.office_house import START, Office, make_office

CASES, ROUNDS = 10_000, 25
PATHS = {
    "first page": "/office/queue",
    "page far back": "/office/queue?v=all&after={after}",
    "overdue": "/office/queue?v=overdue",
    "possible duplicates": "/office/queue?v=duplicates",
    "narrowed": "/office/queue?v=all&language=fr&age=2&ground=duplicate",
    "search": "/office/queue?q=demande+9999",
    "figures": "/office/figures",
}
BARE = text(
    "SELECT id FROM review WHERE closed_at IS NULL AND due_on IS NOT NULL ORDER BY due_on, id LIMIT 26"
)


@contextmanager
def databases() -> Iterator[dict[str, Engine]]:
    folder = Path(tempfile.mkdtemp(prefix="petitions-queue-"))
    folder.chmod(0o755)  # the database server runs as somebody else
    uris = {"sqlite": f"sqlite:///{folder / 'queue.sqlite'}", "postgresql": postgres.obtain(folder)}
    engines = {}
    for name, uri in uris.items():
        migrations.upgrade(uri)
        engines[name] = create_engine(uri)
    try:
        yield engines
    finally:
        for engine in engines.values():
            engine.dispose()
        postgres.stop(folder)


def fill(office: Office, count: int) -> str:
    """Copies of one case, deadlines in disorder, every tenth a possible duplicate; a key far back."""
    office.file_petition("Ouvrir la bibliothèque le dimanche")
    with office.session() as session:
        first = session.scalars(select(Petition)).one()
        review = session.scalars(select(Review)).one()
        words = session.scalars(select(PetitionText)).one()
        petitions, texts, reviews, marks, read = [], [], [], [], []
        for n in range(count):
            petition, check = uuid4(), uuid4()
            petitions.append(_copy(first, id=petition, reference=f"2025-{n:05d}"))
            texts.append(
                _copy(words, petition_id=petition, title=f"Demande {n}", folded=f"demande {n}")
            )
            due = None if n % 7 == 0 else START.date() + timedelta(days=(n * 37) % 90 - 30)
            reviews.append(_copy(review, id=check, petition_id=petition, due_on=due))
            read.append({"review_id": check, "petition_version": first.version})
            if n % 10 == 0:
                marks += [
                    {"review_id": check, "code": code, "severity": "notice", "facts": {}}
                    for code in (DUPLICATE, "ground:duplicate")
                ]
        for table, rows in (
            (Petition, petitions), (PetitionText, texts), (Review, reviews),
            (CaseReading, read), (CaseMark, marks),
        ):  # fmt: skip
            session.execute(insert(table), rows)
    database = office.sessions().get_bind()
    with database.begin() as connection:  # type: ignore[union-attr]
        connection.exec_driver_sql("ANALYZE")
    return f"{(START + timedelta(days=40)).date()}~{uuid4()}"


def _copy(row: object, **changed: object) -> dict[str, object]:
    columns = type(row).__table__.columns  # type: ignore[attr-defined]
    return {each.key: getattr(row, each.key) for each in columns} | changed


def timed(act: Callable[[], object]) -> float:
    """Median seconds, the first ones left out."""
    act(), act()
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return median(found)


def run() -> dict[str, dict[str, float]]:
    """Database → what was asked → seconds."""
    found: dict[str, dict[str, float]] = {}
    with databases() as engines:
        for name, engine in engines.items():
            office = make_office(engine)
            after = fill(office, CASES)
            client = office.sign_in("petit")

            def bare(office: Office = office) -> None:
                with office.sessions() as session:
                    session.execute(BARE).all()

            found[name] = {"bare query": timed(bare)}
            for label, path in PATHS.items():
                address = path.format(after=after)
                if client.get(address).status_code != 200:
                    raise RuntimeError(f"{address} does not answer")
                found[name][label] = timed(lambda: client.get(address))  # noqa: B023 - used at once
    return found


def report(found: dict[str, dict[str, float]]) -> str:
    lines = []
    for name, times in found.items():
        bare = times["bare query"]
        lines.append(f"{name}, {CASES:,} open cases")
        lines += [
            f"  {label:22}{seconds * 1000:9.2f} ms   {seconds / bare:8.1f} x the bare query"
            for label, seconds in times.items()
        ]
    return "\n".join(lines)
