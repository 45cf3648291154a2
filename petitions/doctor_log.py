"""`petitions doctor` looks at the public log: would the worker go on, or must somebody act?

The quick look that the worker takes before every batch; `petitions log check` reads everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from petitions.ledger.encoding import LedgerError
from petitions.platform.config import Settings, database_uri
from petitions.platform.database import create_engine, read_only
from petitions.services.log_publishing import Shelf, guard_fork
from petitions.services.tally import LogStoppedError
from petitions.storage.tables import LogState


def log(settings: Settings) -> Iterator[str]:
    """One finding per log that stopped, or would at the worker's next turn."""
    shelf = Shelf(Path(settings.log.directory), Path(settings.log.anchor))
    engine = create_engine(database_uri(settings))
    try:
        if not inspect(engine).has_table(LogState.__tablename__):
            return  # the check of the database says so
        with Session(engine) as session:
            for log_id in read_only(session).scalars(select(LogState.log_id)).all():
                try:
                    guard_fork(session, shelf, log_id)
                except (LogStoppedError, LedgerError) as stopped:
                    yield str(stopped)
    finally:
        engine.dispose()
