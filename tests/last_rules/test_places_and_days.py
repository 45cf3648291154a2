"""Thresholds by area, public holidays by country, and what organisers say they have on paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from petitions.domain.assembly import HolidayRule
from petitions.domain.calendar import AssemblyCalendar, deadline
from petitions.domain.errors import ConflictError, InvalidError
from petitions.domain.periods import Period
from petitions.domain.rulebook_files import Library, load_directory
from petitions.domain.schema import RulebookErrors
from petitions.public_holidays import LAST_YEAR, covered, with_public_holidays
from petitions.services import choosing, filing, sheets, verification
from petitions.services.targets import fix_targets
from petitions.storage import tables as t
from tests.house import CLERK, RULEBOOKS, a_draft
from tests.last_rules.towns import Towns, look, row, to

BY_AREA = {
    "threshold = 25": 'threshold = { by_area = "seats" }',
    'withdrawal = "close"\n': (
        'withdrawal = "close"\nareas = { file = "eu-27", source = "declared" }\n'
    ),
}


def test_the_author_names_the_area_and_its_number_holds(town: Towns) -> None:
    at = town(BY_AREA)
    with at.session() as session:
        with pytest.raises(InvalidError) as refused:
            a_draft(session, at.house, at.clock.at)
        assert refused.value.fields["area"][0] == "required"
        session.rollback()
    with at.session() as session:
        book = at.house.library.rulebook("town", at.clock.at.date())
        petition = filing.start_draft(
            session, book, assembly="valmont", kind="petition", tag=b"t" * 32, language="fr",
            title="Des bancs", at=at.clock.at,
        )  # fmt: skip
        for area, problem in (("XX", "not_accepted"), ("", "required")):
            with pytest.raises(InvalidError) as refused:
                choosing.choose(session, at.house, petition, {"area": area}, at.clock.at.date())
            assert refused.value.fields["area"][0] == problem
        assert choosing.unanswered(book.default_kind, petition) == {"area": ("required", {})}
        choosing.choose(session, at.house, petition, {"area": "MT"}, at.clock.at.date())
        assert petition.choices == {"area": "MT"}
        fix_targets(at.house, book.default_kind, petition)
        assert petition.targets["council"]["threshold"] == 6


def valmont(rule: HolidayRule, calendar: AssemblyCalendar | None = None) -> Library:
    library = load_directory(RULEBOOKS)
    own = library.assembly("valmont")
    own = replace(own, public_holidays=rule, calendar=calendar or own.calendar)
    context = replace(library.context, assemblies={**library.context.assemblies, "valmont": own})
    return replace(library, context=context)


def test_the_holidays_of_a_country_are_those_that_its_law_names() -> None:
    own = load_directory(RULEBOOKS).assembly("valmont").calendar.holidays
    bare = AssemblyCalendar(holidays=frozenset({date(2026, 3, 20)}), covers_until=date.min)
    found = with_public_holidays(valmont(HolidayRule(country="FR"), bare))
    calendar = found.assembly("valmont").calendar
    known = {day for day in calendar.holidays if 2025 <= day.year <= 2028}
    assert known == own | {date(2026, 3, 20)}, "the assembly's own day stays beside them"
    assert calendar.covers_until == date(LAST_YEAR, 12, 31)


def test_a_part_of_a_country_keeps_days_of_its_own() -> None:
    calendars = [
        with_public_holidays(valmont(HolidayRule(country="FR", subdivision=part)))
        .assembly("valmont")
        .calendar
        for part in ("", "57")
    ]
    good_friday = date(2026, 4, 3)
    assert [each.working(good_friday) for each in calendars] == [True, False]
    ends = [
        deadline(date(2026, 4, 1), Period.parse("3 working"), calendar=each).day
        for each in calendars
    ]
    assert ends == [date(2026, 4, 7), date(2026, 4, 8)]


def test_a_calendar_with_a_recess_goes_as_far_as_its_assembly_says() -> None:
    own = load_directory(RULEBOOKS).assembly("valmont").calendar
    library = with_public_holidays(valmont(HolidayRule(country="FR"), own))
    assert library.assembly("valmont").calendar.covers_until == own.covers_until
    (told,) = covered(library, ("valmont", "senat"))
    assert (told.place, told.years[1], told.own_until) == ("FR", LAST_YEAR, own.covers_until)


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        (HolidayRule(country="XX"), "country"),
        (HolidayRule(country="FR", subdivision="QQ"), "subdivision"),
    ],
)
def test_an_unknown_country_is_refused_by_name(rule: HolidayRule, key: str) -> None:
    with pytest.raises(RulebookErrors, match=f"public_holidays.{key} must be one"):
        with_public_holidays(valmont(rule))


def test_the_key_of_the_file_is_read_and_nothing_is_loaded_for_it(town: Towns) -> None:
    place = town({}).folder / "rulebooks"
    file = place / "assemblies" / "valmont.toml"
    words = file.read_text(encoding="utf-8")
    file.write_text(
        words.replace("weekend =", 'public_holidays = { country = "FR" }\nweekend ='),
        encoding="utf-8",
    )
    assert load_directory(place).assembly("valmont").public_holidays == HolidayRule(country="FR")


PAPER = {
    'window = { length = "P2M" }': (
        'channels = ["online", "paper"]\nwindow = { length = "P2M", sheets_due_days = -3 }\n'
        'verification = { paper = "certificate", by = "town_clerk" }'
    )
}


def test_an_author_declares_paper_and_it_counts_for_nothing(town: Towns) -> None:
    at = town(PAPER)
    petition = at.publish()
    with at.session() as session:
        found = session.get_one(t.Petition, petition)
        who = filing.author(found.author_tag)
        verification.declare_lines(session, at.house, found, 3000, who, at.clock.at)
    at.work()
    assert row(at, t.Verification, petition).declared_lines == 3000
    assert row(at, t.PublicCount, petition).valid == 0


def test_nobody_declares_paper_before_publication_or_after_verification(town: Towns) -> None:
    at = town(PAPER)
    petition = at.file()
    with at.session() as session, pytest.raises(ConflictError, match="verification_over"):
        found = session.get_one(t.Petition, petition)
        verification.declare_lines(session, at.house, found, 5, CLERK, at.clock.at)


def test_sheets_that_never_came_back_are_late_too(town: Towns) -> None:
    at = town(PAPER)
    petition = at.publish()
    with at.session() as session:
        found = session.get_one(t.Petition, petition)
        sheets.create(session, at.house, found, 2, "", CLERK, at.clock.at)
        kind = at.house.kind(session, found)
        assert sheets.last_day(kind, found) == date(2026, 4, 29)
    lines = sheets.Lines(lines=4)
    to(at, "2026-04-29T23:00")
    with at.session() as session:
        found = session.get_one(t.Petition, petition)
        sheets.check(session, at.house, found, [1], lines, CLERK, at.clock.at)
    to(at, "2026-04-30T00:00")
    with at.session() as session, pytest.raises(ConflictError, match="sheets_too_late"):
        found = session.get_one(t.Petition, petition)
        sheets.check(session, at.house, found, [2], lines, CLERK, at.clock.at)
    assert look(at, petition).state == "published"
