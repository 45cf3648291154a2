"""Acceptance scenarios of paper and certificates: BCN, ECI, FIN, CH, SND."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from uuid import UUID

import pytest
from sqlalchemy import select

from petitions.domain.counting import Paper
from petitions.domain.errors import InvalidError, SigningClosedError
from petitions.domain.words import Words
from petitions.ledger.entries import EntryType
from petitions.services import moves, sheets, verification
from petitions.services.sheets import Lines
from petitions.services.targets import target
from petitions.storage import tables as t
from tests.counting.parliaments import (
    NOW_AT_ONCE,
    certify,
    close_window,
    nothing_left,
    publish,
    reached,
    shown,
    state,
    without_sponsors,
)
from tests.house import CLERK, Precinct
from tests.services.crowd import seed

Parliament = Callable[..., Precinct]
WORDS = Words.of("Penkki", "Haluamme penkin.", "Ihmiset ovat väsyneitä.")
ECI, FIN, CH = "eu-eci", "fi-national", "ch-federal"
SEATS = {"DE": 96, "FR": 81, "IT": 76, "ES": 61, "PL": 53, "RO": 33, "NL": 31, "BE": 22, "CZ": 21}


def sheet(precinct: Precinct, petition: UUID, area: str = "") -> int:
    with precinct.session() as session:
        found = moves.lock(session, petition)
        made = sheets.create(session, precinct.house, found, 1, area, CLERK, precinct.clock.at)
        return made[0].number


def checked(precinct: Precinct, petition: UUID, number: int, lines: Lines) -> None:
    with precinct.session() as session:
        found = moves.lock(session, petition)
        sheets.check(session, precinct.house, found, [number], lines, CLERK, precinct.clock.at)


def test_bcn_4_lines_count_when_a_certificate_says_so(parliament: Parliament) -> None:
    precinct = parliament("barcelona", without_sponsors("barcelona"))
    petition = publish(precinct, "barcelona", choices={"effect": "hearing", "window": "P3M"})
    seed(precinct, petition, 5_999)
    precinct.sign(petition, 1)
    with precinct.session() as session:
        found = moves.lock(session, petition)
        made = sheets.create(session, precinct.house, found, 2, "", CLERK, precinct.clock.at)
        numbers = [each.number for each in made]
        session.flush()
        sheets.take_back(session, precinct.house, found, numbers, 600, CLERK, precinct.clock.at)
    assert shown(precinct, petition).valid == 6_000
    assert reached(precinct, petition) == []
    certify(precinct, petition, raw=1_200, valid=1_000)
    assert state(precinct, petition) == "threshold_reached"
    figures = shown(precinct, petition)
    assert (figures.valid, figures.paper) == (7_000, 1_000)
    (hit,) = precinct.entries(EntryType.MILESTONE)
    assert (hit.fields.threshold, hit.fields.valid) == (7_000, 7_000)


def eci(parliament: Parliament, *changes: tuple[str, str]) -> tuple[Precinct, UUID]:
    precinct = parliament(ECI, without_sponsors(ECI), NOW_AT_ONCE, *changes)
    petition = publish(precinct, ECI, language="en")
    return precinct, petition


def test_eci_2_the_seventh_state_decides_over_a_million(parliament: Parliament) -> None:
    precinct, petition = eci(parliament)
    collected = 1_100_000
    seed(precinct, petition, collected)
    close_window(precinct, petition)
    six = {code: SEATS[code] * 720 for code in ("FR", "IT", "ES", "PL", "RO", "NL")}
    for area, number in six.items():
        certify(precinct, petition, Paper.ONLINE, raw=number, valid=number, area=area, work=False)
    rest = 1_050_000 - sum(six.values()) - 69_119
    # many more from a state that stays under its own minimum cannot make up for the seventh
    for area, number in (("BE", 15_839), ("CZ", 15_119)):
        certify(precinct, petition, Paper.ONLINE, raw=number, valid=number, area=area, work=False)
        rest -= number
    certify(precinct, petition, Paper.ONLINE, raw=rest, valid=rest, area="FR")
    certify(precinct, petition, Paper.ONLINE, raw=69_119, valid=69_119, area="DE")
    assert shown(precinct, petition).certified == 1_050_000
    assert state(precinct, petition) == "published"
    certify(precinct, petition, Paper.PAPER, raw=1, valid=1, area="DE")
    assert state(precinct, petition) == "threshold_reached"


def test_eci_3_what_the_states_verified_decides_and_not_what_was_received(
    parliament: Parliament,
) -> None:
    precinct, petition = eci(parliament)
    seed(precinct, petition, 1_100_000)
    close_window(precinct, petition)
    left = 998_500
    for area in sorted(SEATS):
        number = SEATS[area] * 720
        certify(precinct, petition, Paper.ONLINE, raw=number, valid=number, area=area, work=False)
        left -= number
    certify(precinct, petition, Paper.ONLINE, raw=left, valid=left, area="DE")
    assert state(precinct, petition) == "published", "101,500 signatures are not verified yet"
    nothing_left(precinct, petition)
    assert state(precinct, petition) == "closed_below"
    figures = shown(precinct, petition)
    assert (figures.valid, figures.certified) == (1_100_000, 998_500)


def test_eci_4_a_state_that_gets_a_seat_later_keeps_its_minimum_for_this_petition(
    parliament: Parliament,
) -> None:
    precinct, petition = eci(parliament)
    table = precinct.house.library.context.areas["eu-27"]
    assert table.values["MT"]["seats"] == 6
    more = MappingProxyType({**table.values, "MT": {**table.values["MT"], "seats": 7}})
    areas = {**precinct.house.library.context.areas, "eu-27": replace(table, values=more)}
    context = replace(precinct.house.library.context, areas=MappingProxyType(areas))
    object.__setattr__(precinct.house, "library", replace(precinct.house.library, context=context))
    with precinct.session() as session:
        found = session.get_one(t.Petition, petition)
        kind = precinct.house.kind(session, found)
        assert target(precinct.house, kind, found, kind.milestones[0]).minima["MT"] == 4_320
    later = publish(precinct, ECI, language="en")
    with precinct.session() as session:
        found = session.get_one(t.Petition, later)
        kind = precinct.house.kind(session, found)
        assert target(precinct.house, kind, found, kind.milestones[0]).minima["MT"] == 5_040


def fin(parliament: Parliament) -> tuple[Precinct, UUID]:
    precinct = parliament(
        FIN, without_sponsors(FIN), ('start = "chosen", length', "length"),
        ('attrition = [{ within = "P1M", at_least = 50, else = "close" }]', "attrition = []"),
    )  # fmt: skip
    return precinct, publish(precinct, FIN, words=WORDS)


@pytest.mark.parametrize(
    ("verified", "end"), [(49_980, "closed_below"), (50_000, "threshold_reached")]
)
def test_fin_2_the_register_decides(parliament: Parliament, verified: int, end: str) -> None:
    precinct, petition = fin(parliament)
    seed(precinct, petition, 51_200)
    close_window(precinct, petition)
    assert state(precinct, petition) == "published", "51,200 were received and none is verified"
    certify(precinct, petition, Paper.ONLINE, raw=51_200, valid=verified)
    assert state(precinct, petition) == end
    with precinct.session() as session:
        told = session.get_one(t.RecordedEvent, (petition, "verified"))
        assert told.at == precinct.clock.at.replace(microsecond=0)


def test_fin_4_declared_numbers_are_shown_and_never_counted(parliament: Parliament) -> None:
    precinct, petition = fin(parliament)
    precinct.sign(petition, 1)
    with precinct.session() as session:
        found = moves.lock(session, petition)
        verification.declare_lines(session, precinct.house, found, 3_000, CLERK, precinct.clock.at)
    figures = shown(precinct, petition)
    assert (figures.valid, figures.paper) == (1, 0)
    with precinct.session() as session:
        assert session.get_one(t.Verification, petition).declared_lines == 3_000


def referendum(parliament: Parliament) -> tuple[Precinct, UUID]:
    precinct = parliament(CH, ('start = "gazette", length = "P100D"', 'length = "P100D"'))
    return precinct, publish(precinct, CH, kind="referendum", language="de")


CANTONS = ("ZH", "BE", "LU", "UR", "SZ", "OW", "NW", "GL")


def test_ch_3_the_eighth_canton_does_what_signatures_did_not(parliament: Parliament) -> None:
    precinct, petition = referendum(parliament)
    certify(precinct, petition, raw=49_500, valid=49_000, area=commune(precinct))
    for canton in CANTONS[:7]:
        certify(precinct, petition, Paper.DECLARATION, area=canton, work=False)
    assert state(precinct, petition) == "published"
    with pytest.raises(InvalidError):
        certify(precinct, petition, Paper.DECLARATION, area=CANTONS[0])
    certify(precinct, petition, Paper.DECLARATION, area=CANTONS[7])
    assert state(precinct, petition) == "threshold_reached"
    with precinct.session() as session:
        step = session.scalars(select(t.Audit).where(t.Audit.action == "reach")).one()
        assert step.detail["cause"] == "alternative"


def test_ch_3_a_canton_that_comes_after_the_window_is_refused(parliament: Parliament) -> None:
    precinct, petition = referendum(parliament)
    with precinct.session() as session:
        end = session.get_one(t.Petition, petition).closes_at
    assert end is not None
    precinct.clock.at = end
    with pytest.raises(InvalidError) as refused:
        certify(precinct, petition, Paper.DECLARATION, area="ZH")
    assert refused.value.fields["about"][0] == "window_over"


def commune(precinct: Precinct) -> str:
    return next(iter(precinct.house.library.areas("ch-communes").names))


def test_ch_4_certified_and_not_received_when_nothing_is_left_to_verify(
    parliament: Parliament,
) -> None:
    precinct = parliament(
        CH, without_sponsors(CH), ('start = "gazette", length = "P18M"', 'length = "P18M"')
    )
    petition = publish(precinct, CH, kind="initiative", language="de")
    certify(precinct, petition, raw=99_000, valid=96_500, area=commune(precinct))
    number = sheet(precinct, petition, commune(precinct))
    checked(precinct, petition, number, Lines(1_000))
    close_window(precinct, petition)
    assert state(precinct, petition) == "published", "a sheet waits for its certificate"
    certify(precinct, petition, sheets=(number,), area=commune(precinct))
    assert shown(precinct, petition).paper == 97_500
    assert state(precinct, petition) == "closed_below"


def test_ch_5_a_line_of_another_commune_and_one_counted_elsewhere(parliament: Parliament) -> None:
    precinct, petition = referendum(parliament)
    number = sheet(precinct, petition, commune(precinct))
    checked(precinct, petition, number, Lines(10, elsewhere=1, duplicate=1))
    certify(precinct, petition, sheets=(number,), area=commune(precinct))
    with precinct.session() as session:
        found = session.get_one(t.Sheet, (petition, number))
        assert (found.valid, found.invalid, found.duplicate) == (8, 1, 1)
        assert found.status == "certified"
    assert shown(precinct, petition).valid == 8


def test_ch_signatures_online_are_refused_where_only_sheets_are_signed(
    parliament: Parliament,
) -> None:
    precinct, petition = referendum(parliament)
    with pytest.raises(SigningClosedError) as refused:
        precinct.sign(petition, 1, area=commune(precinct))
    assert refused.value.code == "not_online"


def test_snd_3_who_chose_paper_collects_on_paper_only(parliament: Parliament) -> None:
    precinct = parliament("senedd", without_sponsors("senedd"))
    petition = publish(
        precinct, "senedd", language="en", choices={"channel": "paper", "window": "P6M"}
    )
    with pytest.raises(SigningClosedError) as refused:
        precinct.sign(petition, 1)
    assert refused.value.code == "not_online"
    certify(precinct, petition, raw=280, valid=260)
    assert state(precinct, petition) == "threshold_reached"
    assert shown(precinct, petition).valid == 260


def test_snd_3_who_chose_online_cannot_certify_sheets(parliament: Parliament) -> None:
    precinct = parliament("senedd", without_sponsors("senedd"))
    petition = publish(
        precinct, "senedd", language="en", choices={"channel": "online", "window": "P6M"}
    )
    with pytest.raises(InvalidError) as refused:
        certify(precinct, petition, raw=280, valid=260)
    assert refused.value.fields["about"][0] == "not_asked_for"
