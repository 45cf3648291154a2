"""Certificates, samples, caps, maps and corrections, with the log that an outsider recounts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from petitions.domain.counting import Paper
from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError, SigningClosedError
from petitions.domain.sampling import Verdict
from petitions.ledger.entries import EntryType, Invalidate
from petitions.services import certificates, corrections, moves, sheets
from petitions.services.certificate_rules import Numbers, Wanted
from petitions.services.pending import queue
from petitions.storage import paper_rows
from petitions.storage import tables as t
from tests.counting.parliaments import (
    certify,
    close_window,
    publish,
    reached,
    shown,
    state,
    without_sponsors,
)
from tests.house import CLERK, OTHER_CLERK, Precinct
from tests.services.crowd import seed
from verifier.petition_verify import main as verify

Parliament = Callable[..., Precinct]
BCN, AN = "barcelona", "fr-assemblee-nationale"
HEARING = {"effect": "hearing", "window": "P3M"}
LOW = ("hearing = 7000", "hearing = 30")


def barcelona(parliament: Parliament, *changes: tuple[str, str]) -> tuple[Precinct, UUID]:
    precinct = parliament(BCN, without_sponsors(BCN), *changes)
    return precinct, publish(precinct, BCN, choices=HEARING)


def checks(precinct: Precinct, capsys: Any) -> dict[str, str]:
    (log,) = [path for path in (precinct.folder / "log").iterdir() if path.is_dir()]
    code = verify(["log", str(log), "--json"])
    told = json.loads(capsys.readouterr().out)
    wrong = [each for each in told["checks"] if each["state"] == "WRONG"]
    assert (code, wrong) == (0, [])
    return {each["check"]: each["state"] for each in told["checks"]}


def test_an_outsider_recounts_what_was_certified(parliament: Parliament, capsys: Any) -> None:
    precinct, petition = barcelona(parliament, LOW)
    precinct.sign_many(petition, range(12))
    precinct.work()
    certify(precinct, petition, raw=25, valid=20, duplicate=2)
    assert state(precinct, petition) == "threshold_reached"
    certify(precinct, petition, raw=5, valid=5)
    assert checks(precinct, capsys)["V-406"] == "good"
    (log,) = [path for path in (precinct.folder / "log").iterdir() if path.is_dir()]
    counts = json.loads((log / "counts.json").read_bytes())["petitions"][str(petition)]
    assert (counts["valid"], counts["paper"]) == (12, 25)
    papers = [json.loads(path.read_bytes()) for path in (log / "evidence").iterdir()]
    # an area with few signatures, or a small certificate, is not told apart
    assert {(each["counted"], each["document"]) for each in papers} == {(20, "No. 1"), (5, "")}


def test_the_one_who_entered_a_certificate_cannot_confirm_it(parliament: Parliament) -> None:
    precinct, petition = barcelona(parliament)
    wanted = Wanted(
        about=Paper.PAPER, authority="Notary", document="7", issued_on=date(2026, 1, 1),
        numbers=Numbers(raw=3, examined=3, valid=3),
    )  # fmt: skip
    with precinct.session() as session:
        found = moves.lock(session, petition)
        row = certificates.propose(session, precinct.house, found, wanted, CLERK, precinct.clock.at)
        certificate = row.id
    with precinct.session() as session, pytest.raises(ForbiddenError):
        certificates.confirm(session, precinct.house, certificate, CLERK, precinct.clock.at)
    with precinct.session() as session:
        certificates.call_off(session, certificate, OTHER_CLERK, precinct.clock.at)
    with precinct.session() as session, pytest.raises(ConflictError):
        certificates.confirm(session, precinct.house, certificate, OTHER_CLERK, precinct.clock.at)
    assert shown(precinct, petition).valid == 0
    assert precinct.entries(EntryType.PAPER) == []


def test_every_wrong_number_of_a_certificate_is_named(parliament: Parliament) -> None:
    precinct, petition = barcelona(parliament)
    wanted = Wanted(
        about=Paper.PAPER, authority=" ", document="", issued_on=date(2030, 1, 1), area="XX",
        numbers=Numbers(raw=3, examined=3, valid=4), sampled=True,
    )  # fmt: skip
    with precinct.session() as session, pytest.raises(InvalidError) as refused:
        found = moves.lock(session, petition)
        certificates.propose(session, precinct.house, found, wanted, CLERK, precinct.clock.at)
    assert set(refused.value.fields) == {"authority", "document", "issued_on", "area", "numbers"}


def test_sheets_are_counted_once_and_only_when_checked(parliament: Parliament) -> None:
    precinct, petition = barcelona(parliament)
    with precinct.session() as session:
        found = moves.lock(session, petition)
        made = sheets.create(session, precinct.house, found, 2, "", CLERK, precinct.clock.at)
        assert [each.number for each in made] == [1, 2]
        session.flush()
        sheets.issue(session, found, [1, 2], CLERK, precinct.clock.at)
        sheets.take_back(session, precinct.house, found, [1, 2], 10, CLERK, precinct.clock.at)
        with pytest.raises(InvalidError):
            sheets.issue(session, found, [1], CLERK, precinct.clock.at)
        one = sheets.Lines(10, invalid=2, duplicate=1)
        sheets.check(session, precinct.house, found, [1], one, CLERK, precinct.clock.at)
        with pytest.raises(InvalidError):
            sheets.check(
                session, precinct.house, found, [1], sheets.Lines(3, invalid=4), CLERK,
                precinct.clock.at,
            )  # fmt: skip
    with pytest.raises(InvalidError):
        certify(precinct, petition, sheets=(1, 2))
    certify(precinct, petition, sheets=(1,))
    assert shown(precinct, petition).valid == 7
    with pytest.raises(InvalidError):
        certify(precinct, petition, sheets=(1,))


SAMPLE = '{ floor = 10, share = "1/10", fail = "95/100", pass = "110/100" }'
SAMPLED = (
    'paper = "certificate", by = "fedataris"',
    f'paper = "sample", by = "fedataris", sample = {SAMPLE}',
)


@pytest.mark.parametrize(
    ("valid", "told", "paper"),
    [(10, Verdict.FAILS, 20), (20, Verdict.PASSES, 40), (15, Verdict.FULL_COUNT, 0)],
)
def test_a_sample_decides_or_asks_for_every_line(
    parliament: Parliament, valid: int, told: Verdict, paper: int
) -> None:
    precinct, petition = barcelona(parliament, LOW, SAMPLED)
    certify(precinct, petition, raw=40, valid=valid, sampled=20)
    assert shown(precinct, petition).paper == 0, "a sample waits for those of the other areas"
    with precinct.session() as session:
        found = moves.lock(session, petition)
        at = precinct.clock.at
        assert certificates.conclude_samples(session, precinct.house, found, CLERK, at) is told
    assert shown(precinct, petition).paper == paper
    assert reached(precinct, petition) == ([0] if told is Verdict.PASSES else [])


def test_online_signatures_count_up_to_their_share_of_the_threshold(
    parliament: Parliament,
) -> None:
    precinct, petition = barcelona(
        parliament, LOW, ("[signing]\n", '[signing]\nonline_cap = "1/2"\n')
    )
    precinct.sign_many(petition, range(15))
    precinct.work()
    with pytest.raises(SigningClosedError) as refused:
        precinct.sign(petition, 20)
    assert refused.value.code == "online_cap_reached"
    certify(precinct, petition, raw=14, valid=14)
    assert state(precinct, petition) == "published"
    certify(precinct, petition, raw=1, valid=1)
    assert state(precinct, petition) == "threshold_reached"


def test_a_late_certificate_takes_two_people_to_correct_the_final_count(
    parliament: Parliament,
) -> None:
    precinct, petition = barcelona(parliament, LOW)
    precinct.sign_many(petition, range(12))
    close_window(precinct, petition)
    assert state(precinct, petition) == "closed_below"
    precinct.clock.forward(days=3)
    certify(precinct, petition, raw=18, valid=18)
    assert state(precinct, petition) == "closed_below", "counting alone moves nothing"
    texts = dict.fromkeys(("ca", "es"), "Un certificat tardà.")
    with precinct.session() as session:
        assert session.scalars(select(t.Task.kind)).all() == ["count_corrected"]
        found = moves.lock(session, petition)
        with pytest.raises(InvalidError):
            corrections.propose(session, precinct.house, found, {}, CLERK, precinct.clock.at)
        row = corrections.propose(session, precinct.house, found, texts, CLERK, precinct.clock.at)
        correction, numbers = row.id, (row.was, row.becomes)
    assert numbers == (12, 30)
    with precinct.session() as session, pytest.raises(ForbiddenError):
        corrections.confirm(session, precinct.house, correction, CLERK, precinct.clock.at)
    with precinct.session() as session:
        corrections.confirm(session, precinct.house, correction, OTHER_CLERK, precinct.clock.at)
    assert state(precinct, petition) == "threshold_reached"
    assert precinct.count(t.Track) == 1


def test_a_map_is_drawn_once_a_day_and_an_outsider_checks_it(
    parliament: Parliament, capsys: Any
) -> None:
    precinct = parliament(AN)
    petition = publish(precinct, AN)
    for person in range(24):
        precinct.sign(petition, person, area="75" if person < 20 else "13")
    precinct.work()
    with precinct.session() as session:
        assert paper_rows.shown_map(session, petition) is None, "none before 500"
    precinct.clock.forward(days=1)
    low = pytest.MonkeyPatch()
    low.setattr("petitions.services.area_maps.LEAST_VALID", 20)
    low.setattr("verifier.petition_verify.NO_MAP_BEFORE", 20)
    try:
        precinct.work()
        with precinct.session() as session:
            found = paper_rows.shown_map(session, petition)
            assert found is not None
            assert {area for area, n in found.figures.items() if n} == {"75"}
            assert found.figures["75"] == 20
            assert found.met == {"debate": 2}
        precinct.sign(petition, 30, area="31")
        precinct.work()
        assert len(precinct.entries(EntryType.GEO)) == 1
        precinct.clock.forward(days=1)
        with (
            precinct.session() as session
        ):  # a removal in the batch of the map: drawn anew after it
            log_id = session.get_one(t.PetitionSigning, petition).log_id
            index = session.scalar(
                select(t.LogEntry.idx).where(t.LogEntry.entry.between(b"\x01\x10", b"\x01\x11"))
            )
            assert index is not None
            due = precinct.clock.at + timedelta(seconds=1)
            queue(session, log_id, petition, Invalidate(index, 3, bytes(32)), due_at=due)
        precinct.work()
        precinct.clock.forward(seconds=2)
        precinct.work()
        assert [each.fields.day for each in precinct.entries(EntryType.GEO)] == sorted(
            {each.fields.day for each in precinct.entries(EntryType.GEO)}
        )
        assert checks(precinct, capsys)["V-505"] == "good"
    finally:
        low.undo()


def test_a_crowd_of_the_past_leaves_nobody_to_be_recounted(parliament: Parliament) -> None:
    """The short cut of the other tests is one: what it seeds is in the tables and not in the log."""
    precinct = parliament(AN)
    petition = publish(precinct, AN)
    seed(precinct, petition, 1_000, areas={"75": 1_000})
    assert shown(precinct, petition).valid == 1_000
    assert precinct.entries(EntryType.SIGN) == []
