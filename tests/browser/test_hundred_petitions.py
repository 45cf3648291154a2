"""A clerk takes a hundred real petitions through the desk by keyboard alone, as Parliament decided them."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import select

from petitions.storage.tables import Decision, Outbox, Petition, PetitionText
from tests.browser.desk_by_keyboard import (
    ASK,
    Fated,
    Hands,
    a_hundred,
    file_all,
    office_of_the_commons,
    served,
)
from tests.web.office_house import Office

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
MOST_SECONDS = 90
"""Of the processor, for server and clerk together: what else the machine does is not their fault."""
WITHOUT_SHORTCUTS = 3
"""So many cases are decided with Tab, Space, arrows and Enter only, before the letters are used."""
ARROWS = {"accept": 0, "return": 1, "refuse": 2}


@pytest.fixture
def commons(open_engine: Any, sqlite_uri: str, tmp_path: Path) -> Office:
    return office_of_the_commons(open_engine(sqlite_uri), tmp_path)


def at_the_desk(browser: Browser, office: Office, address: str) -> tuple[BrowserContext, Hands]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        reduced_motion="reduce",  # the page jumps; gliding is most of the work of the browser
    )
    context.add_cookies([{"name": "staff", "value": office.open_session("petit"), "url": address}])
    page = context.new_page()
    page.goto(f"{address}/office/queue?v=unassigned")  # typed once; everything after it is keys
    return context, Hands(page)


def take_a_page(hands: Hands) -> None:
    """Every case of the page selected with j and x, taken with t."""
    rows = hands.page.locator("a[data-row]").count()
    for _row in range(rows):
        hands.press("j", "x")
    hands.go("t")
    assert f"{rows} cases assigned" in hands.page.inner_text("[role=status]")
    assert hands.focus("e => e.getAttribute('role')") == "status"  # what happened is read first


def judge(hands: Hands, fated: Fated) -> None:
    """The checklist by letters: c clears a ground, a says that it applies."""
    grounds = hands.page.evaluate(
        "[...new Set([...document.querySelectorAll('input[name^=finding-]')].map(e => e.name))]"
    )
    for name in grounds:
        applies = fated.decision == "refuse" and name == f"finding-{fated.ground}"
        hands.press("a" if applies else "c")
    assert hands.focus("e => e.name") == "decision"


def judge_plainly(hands: Hands, fated: Fated) -> None:
    """The same with Tab, Space and arrows."""
    hands.tab_to('input[name^="finding-"]', 45)
    while hands.focus("e => e.name").startswith("finding-"):
        hands.press("Space")
        if hands.focus("e => e.name") == f"finding-{fated.ground}" and fated.decision == "refuse":
            hands.press("ArrowRight")
        hands.press("Tab")
    while hands.focus("e => e.name") != "decision":
        hands.press("Tab")


def decide(hands: Hands, fated: Fated) -> None:
    hands.press("Space")
    for _step in range(ARROWS[fated.decision]):
        hands.press("ArrowDown")
    chosen = hands.page.evaluate("document.querySelector('input[name=decision]:checked').value")
    assert chosen == fated.decision
    hands.tab_to("textarea[name=text-en]", 12)
    if fated.decision != "accept":
        hands.write(ASK if fated.decision == "return" else fated.why or "It repeats another one.")
    hands.tab_to("button[value=decide]", 12)
    hands.go("Enter")


def test_a_hundred_real_petitions_are_decided_without_a_mouse(
    browser: Browser, commons: Office
) -> None:
    wanted = a_hundred()
    file_all(commons, wanted)
    with served(commons) as address:
        began = time.process_time()
        context, hands = at_the_desk(browser, commons, address)
        for _page in range(4):
            take_a_page(hands)
        done = work_through(hands, wanted)
        took = time.process_time() - began
        context.close()
    assert done == 100
    assert took < MOST_SECONDS, f"{took:.0f} s"
    as_parliament_did(commons, wanted)


def work_through(hands: Hands, wanted: dict[str, Fated]) -> int:
    """Each case opens by itself after the one before; returns how many were decided."""
    hands.tab_to('a[href="/office/queue?v=mine"]', 60)
    hands.go("Enter")
    hands.press("j")
    hands.go("Enter")
    for done in range(len(wanted)):
        fated = wanted[hands.title]
        if done:
            assert hands.focus("e => e.getAttribute('role')") == "status"
        if done < WITHOUT_SHORTCUTS:
            judge_plainly(hands, fated)
        else:
            judge(hands, fated)
        decide(hands, fated)
    assert "the letter to the author is on its way" in hands.page.inner_text("[role=status]")
    return len(wanted)


def as_parliament_did(office: Office, wanted: dict[str, Fated]) -> None:
    with office.session() as session:
        rows = session.execute(
            select(PetitionText.title, Decision.outcome, Decision.grounds, Petition.id)
            .join(Petition, Petition.id == PetitionText.petition_id)
            .join(Decision, Decision.petition_id == Petition.id)
        ).all()
        letters = session.scalars(select(Outbox.key).where(Outbox.kind == "letter")).all()
    assert len(rows) == 100
    for title, outcome, grounds, _id in rows:
        fated = wanted[title]
        assert outcome == fated.decision
        assert grounds == ([fated.ground] if fated.decision == "refuse" else [])
    told = Counter(key.split(":")[1] for key in letters)
    assert all(told[str(petition)] == 2 for *_rest, petition in rows)  # received, and decided
