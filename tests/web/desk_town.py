"""One town for a whole module about staff: what people did in one test is gone in the next."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import delete

from petitions.storage import tables as t
from petitions.web.rate_limits import EXTENSION as LIMITS
from tests.identity.lying_provider import Lies
from tests.web.site import START
from tests.web.town import Town, open_town

ABOUT_STAFF = (
    t.KeptForm, t.StaffRole, t.StaffWaiting, t.StaffProposal, t.StaffCode, t.StaffNotice, t.Staff,
    t.WebSession, t.SpentPass, t.SpentState, t.CaseNote,
)  # fmt: skip


@contextmanager
def lasting_town(folder: Path, template: Path, roles_from: str) -> Iterator[Town]:
    """On SQLite; `template` is a migrated empty file."""
    shutil.copyfile(template, folder / "petitions.sqlite")
    with open_town(folder, f"sqlite:///{folder}/petitions.sqlite", roles_from=roles_from) as town:
        town.staff.claims["groups"] = []
        yield town


def as_on_the_first_day(town: Town) -> Town:
    """Nobody works here, nobody is logged in, it is nine o'clock. The audit trail stays: nothing may
    be taken out of it, not even by a test.
    """
    town.site.at = START
    town.staff.lies = Lies()
    town.staff.claims.pop("sid", None)
    town.site.app.extensions[LIMITS].limiter._due.clear()
    with town.site.session() as session:
        for table in ABOUT_STAFF:
            session.execute(delete(table))
    return town
