"""What `petitions doctor` says of the days of the assemblies."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from petitions.doctor import look
from petitions.platform.config import Settings
from tests.house import changed_library, settings_in


def a_site(folder: Path, *changes: tuple[str, str]) -> Settings:
    changed_library(folder, "town", {})
    file = folder / "rulebooks" / "assemblies" / "valmont.toml"
    words = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert words.count(old) == 1
        words = words.replace(old, new)
    file.write_text(words, encoding="utf-8")
    settings = settings_in(folder, f"sqlite:///{folder}/petitions.sqlite")
    shelf = replace(settings.rulebooks, directory=str(folder / "rulebooks"))
    return replace(settings, rulebooks=shelf)


def told(settings: Settings) -> list[str]:
    return [f"{each.level}: {each.sentence}" for each in look("calendar", settings)]


def test_the_doctor_names_the_years_that_are_covered(tmp_path: Path) -> None:
    country = ("weekend =", 'public_holidays = { country = "FR", subdivision = "57" }\nweekend =')
    lines = told(a_site(tmp_path, country))
    assert lines[0] == "ok: good"
    (own,) = [line for line in lines if line.startswith("note: valmont")]
    assert "public holidays of FR-57 from 2000 to 2060 (holidays " in own
    assert own.endswith("its calendar is known until 2028-12-31")
    assert any("senat: holidays from its own file" in line for line in lines)


def test_the_doctor_says_where_a_calendar_does_not_say_how_far_it_goes(tmp_path: Path) -> None:
    lines = told(a_site(tmp_path, ("covers_until = 2028-12-31\n", "")))
    assert any("valmont" in line and "stay provisional" in line for line in lines)


def test_the_doctor_refuses_a_country_that_nobody_knows(tmp_path: Path) -> None:
    country = ("weekend =", 'public_holidays = { country = "XX" }\nweekend =')
    (line,) = told(a_site(tmp_path, country))
    assert line.startswith("WRONG: ")
    assert "public_holidays.country" in line
