"""Signatures that may be withdrawn until the petition is handed over, after signing has ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from petitions.domain.errors import SigningClosedError
from petitions.domain.schema import RulebookErrors
from petitions.ledger.entries import EntryType
from petitions.services import moves, sealing_plan
from petitions.storage import tables as t
from tests.house import Precinct
from tests.last_rules.test_handed_over import HANDED
from tests.last_rules.test_pages import a_town
from tests.last_rules.towns import AFTER, LOW, Towns, hand_over, row, to
from tests.web.town import BASTIEN, Town
from verifier.petition_verify import main

pytestmark = pytest.mark.both_engines

UNTIL_HANDED = {
    **LOW,
    'withdrawal = "close"': 'withdrawal = "handover"',
    AFTER: '[after.handover]\nby = "town_clerk"\nstart = "closed"\nwithin = "P3M"\n\n[[after.duties]]',
}
JUDGED_THEN = {**HANDED, 'withdrawal = "close"': 'withdrawal = "handover"'}
SIGNING_OVER = "2026-05-03T09:00"


def counted(at: Precinct, petition: UUID) -> tuple[int, int]:
    found = row(at, t.PublicCount, petition)
    return int(found.withdrawn), int(found.valid)


def obstacles(at: Precinct, petition: UUID) -> list[str]:
    with at.session() as session:
        found = moves.lock(session, petition)
        return [
            str(each) for each in sealing_plan.plan(session, at.house, found, at.clock.at).obstacles
        ]


def test_who_signed_takes_it_back_between_the_end_of_signing_and_the_hand_over(
    town: Towns, capsys: pytest.CaptureFixture[str]
) -> None:
    at = town(UNTIL_HANDED)
    petition = at.publish()
    at.sign_many(petition, range(3))
    at.work()
    to(at, SIGNING_OVER)
    at.work()
    assert at.state(petition) == "threshold_reached"
    assert at.withdraw(petition, 0)
    assert not at.withdraw(petition, 0), "it is withdrawn once"
    with pytest.raises(SigningClosedError, match="signing_closed"):
        at.sign(petition, 0)
    at.clock.forward(hours=2)
    at.work()
    assert counted(at, petition) == (1, 2)
    order = [each.type for each in at.entries()]
    assert order.index(EntryType.CLOSE) < order.index(EntryType.WITHDRAW)
    at.withdraw(petition, 1)
    at.withdraw(petition, 2)
    hand_over(at, petition)
    with pytest.raises(SigningClosedError, match="withdrawal_closed"):
        at.withdraw(petition, 7)
    at.work()
    assert counted(at, petition) == (3, 0), "who came before the hand-over is counted with it"
    assert at.state(petition) == "threshold_reached", "what was reached stays reached"
    assert at.count(t.Task, t.Task.kind == "count_below") == 1
    assert main(["log", str(next((at.folder / "log").iterdir())), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each for each in told["checks"] if each["state"] == "WRONG"] == []


def test_a_withdrawal_in_time_is_part_of_what_the_hand_over_judges(town: Towns) -> None:
    at = town(JUDGED_THEN, batch_min=10)
    petition = at.publish()
    at.sign_many(petition, range(2))
    to(at, SIGNING_OVER)
    at.work()
    at.withdraw(petition, 0)
    hand_over(at, petition)
    at.work()
    assert counted(at, petition) == (1, 1)
    assert at.state(petition) == "closed_below"
    assert at.entries(EntryType.MILESTONE) == []


def test_where_nothing_will_be_handed_over_nothing_is_withdrawn_any_more(town: Towns) -> None:
    at = town(UNTIL_HANDED)
    petition = at.publish()
    at.sign(petition, 0)
    to(at, SIGNING_OVER)
    at.work()
    assert at.state(petition) == "closed_below"
    with pytest.raises(SigningClosedError, match="withdrawal_closed"):
        at.withdraw(petition, 0)


def test_the_key_waits_for_the_hand_over_as_long_as_the_clock_of_retention_lets_it(
    town: Towns,
) -> None:
    at = town(UNTIL_HANDED)
    petition = at.publish()
    at.sign_many(petition, range(3))
    to(at, "2026-06-05T09:00")
    at.work()
    assert obstacles(at, petition) == ["withdrawals_open"]
    hand_over(at, petition)
    assert obstacles(at, petition) == []


@pytest.mark.parametrize("rule", ["never", "close"])
def test_other_rules_end_with_signing_or_before(town: Towns, rule: str) -> None:
    changes = {**UNTIL_HANDED, 'withdrawal = "close"': f'withdrawal = "{rule}"'}
    at = town(changes)
    petition = at.publish()
    at.sign_many(petition, range(3))
    if rule == "close":
        assert at.withdraw(petition, 2)
        to(at, SIGNING_OVER)
        at.work()
    with pytest.raises(SigningClosedError, match="withdrawal_closed"):
        at.withdraw(petition, 0)


def test_a_rule_that_waits_for_the_hand_over_needs_one(town: Towns) -> None:
    with pytest.raises(RulebookErrors, match="'handover' needs after"):
        town({'withdrawal = "close"': 'withdrawal = "handover"'})


@pytest.fixture
def handing_over(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    yield from a_town(tmp_path, database_uri, UNTIL_HANDED)


def test_the_pages_say_until_when_and_lead_there(handing_over: Town) -> None:
    town = handing_over
    ref = town.publish()
    signer, other = town.browser(), town.browser()
    signer.log_in(f"/en/petitions/{ref}/sign")
    asked = signer.get(f"/en/petitions/{ref}/sign/confirm").text
    assert "until the petition is handed over, by coming back" in asked
    signer.sign(ref)
    assert (
        "You can withdraw until the petition is handed over."
        in signer.get(f"/en/petitions/{ref}/sign/done").text
    )
    other.sign(ref, BASTIEN)
    town.integrate()
    town.site.later(days=70)
    town.work()
    page = signer.get(f"/en/petitions/{ref}").text
    assert f"/en/petitions/{ref}/sign/withdraw" in page
    assert "final count" not in page
    done = signer.withdraw(ref)
    assert (done.status_code, "is withdrawn" in done.text) == (200, True)
    assert "sign again until" not in done.text
