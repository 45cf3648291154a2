"""One town for a whole module about staff: what people did in one test is gone in the next. And what
staff do in it, in a browser of their own.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

from sqlalchemy import delete

from petitions.storage import tables as t
from petitions.web.rate_limits import EXTENSION as LIMITS
from tests.identity.lying_provider import Lies
from tests.web.site import START
from tests.web.town import Browser, Town, open_town

ABOUT_STAFF = (
    t.KeptForm, t.StaffRole, t.StaffWaiting, t.StaffProposal, t.StaffCode, t.StaffNotice, t.Staff,
    t.WebSession, t.SpentPass, t.SpentState, t.CaseNote,
)  # fmt: skip
OTHER = {"sub": "jules", "name": "Jules Morel"}


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


def clerk(town: Town, **who: str) -> Browser:
    browser = town.browser()
    assert browser.log_in_staff(("petitions-clerk",), **who).status_code == 303
    return browser


def administrator(town: Town, **who: str) -> Browser:
    browser = town.browser()
    browser.log_in_staff(("petitions-administrator", "petitions-clerk"), **who)
    return browser


def log_in_again(browser: Browser, page: Any, **who: str) -> Any:
    """Press the one button of the page that asks for a login; the page after it."""
    link = re.search(r'<a class="btn" href="([^"]+)"', page.text)
    assert link, page.text[-800:]
    back = browser.log_in_staff(("petitions-clerk", "petitions-administrator"),
                                start=unescape(link[1]), **who)  # fmt: skip
    assert back.status_code == 303, back.text[-500:]
    return browser.get(back.headers["Location"])
