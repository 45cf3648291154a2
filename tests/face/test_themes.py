"""Themes: contrast as WCAG defines it, the contract of tokens, and what the doctor says of both."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from petitions import doctor
from petitions.demo.settings import LOOKS, write_settings
from petitions.domain.contrast import colour, contrast, luminance
from petitions.domain.errors import ConfigurationError
from petitions.domain.plain_svg import svg_fault
from petitions.domain.theme import COLOURS, Theme, contrast_faults, read_theme, theme_fault
from petitions.platform.config import Settings, load_settings
from petitions.web.looks import SHIPPED, own_tokens, theme_files

NAMES = sorted(each.name for each in SHIPPED.iterdir())


def ratio(one: str, other: str) -> float:
    first, second = colour(one), colour(other)
    assert first is not None and second is not None
    return contrast(first, second)


@pytest.mark.parametrize(
    ("front", "back", "published"),
    [
        ("#000000", "#ffffff", 21.0),  # WCAG 2.2, definition of contrast ratio: 1 to 21
        ("#777777", "#ffffff", 4.48),  # the grey that just fails, the next one passes
        ("#767676", "#ffffff", 4.54),
        ("#949494", "#ffffff", 3.03),
        ("#ff0000", "#ffffff", 4.00),
        ("#0000ff", "#ffffff", 8.59),
        ("#008000", "#ffffff", 5.14),
        ("#ffff00", "#ffffff", 1.07),
    ],
)
def test_contrast_is_what_is_published_for_known_pairs(
    front: str, back: str, published: float
) -> None:
    assert ratio(front, back) == pytest.approx(published, abs=0.005)
    assert ratio(back, front) == ratio(front, back)


def test_luminance_goes_from_black_to_white() -> None:
    black, white = colour("#000"), colour("rgb(255, 255, 255)")
    assert black is not None and white is not None
    assert (luminance(black), luminance(white)) == (0.0, pytest.approx(1.0))


@pytest.mark.parametrize(
    "text", ["red", "#12", "#12345", "rgb(1,2)", "rgb(256,0,0)", "rgba(0,0,0,.5)"]
)
def test_what_cannot_be_measured_is_no_colour(text: str) -> None:
    assert colour(text) is None


def test_the_products_own_colours_keep_every_minimum() -> None:
    own = own_tokens()
    assert set(own.light) >= COLOURS
    assert list(contrast_faults(Theme(), own)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_theme_that_ships_keeps_contract_and_contrast(name: str) -> None:
    css = (SHIPPED / name / "theme.css").read_text()
    theme = read_theme(css)
    assert theme_fault(css) == ""
    assert theme.light["--brand"] != theme.dark["--brand"]
    assert list(contrast_faults(theme, own_tokens())) == []
    for picture in ("logo.svg", "icon.svg"):
        assert svg_fault((SHIPPED / name / picture).read_bytes()) == ""


def test_every_assembly_of_the_demonstration_wears_a_look_of_its_own(tmp_path: Path) -> None:
    written = write_settings(tmp_path, "127.0.0.1", 8000, 8001, list(LOOKS), dressed=True)
    files = theme_files(load_settings(written))
    sheets = {name: content for name, content in files.items() if name.endswith("theme.css")}
    counters = {name: sheets.pop(name) for name in list(sheets) if name.startswith("embed.")}
    assert len(sheets) == len(set(sheets.values())) == len(LOOKS)
    assert sorted(LOOKS.values()) == NAMES
    assert all(counters[f"embed.{name}"].endswith(css) for name, css in sheets.items())


def test_a_pale_theme_is_named_pair_by_pair_with_what_was_measured() -> None:
    theme = read_theme(
        ":root{--link:#9ab;--line:#eee}"
        "@media (prefers-color-scheme: dark){:root{--link:#456;--line:#858c9d}}"
    )
    found = list(contrast_faults(theme, own_tokens()))
    assert any(
        each.startswith("light: --link #9ab on --bg #fff has a contrast of 2.38") for each in found
    )
    assert any(each.startswith("light: --line #eee on --bg") and "3.0 is" in each for each in found)
    assert any(each.startswith("dark: --link #456") for each in found)
    assert not any("--ink" in each for each in found)


@pytest.mark.parametrize(
    ("css", "fault"),
    [
        (":root{--brand:teal}@media (prefers-color-scheme:dark){:root{--brand:#fff}}", "#rrggbb"),
        (
            ":root{--brand:#063;--link:#036}@media (prefers-color-scheme:dark){:root{--brand:#fff}}",
            "for dark as well: --link",
        ),
        (
            ":root{--ok:#063}@media (prefers-color-scheme:dark){:root{--ok:#fff}}",
            "may not set '--ok'",
        ),
    ],
)
def test_a_theme_outside_the_contract_is_refused_with_the_token(css: str, fault: str) -> None:
    assert fault in theme_fault(css)


def settings_with(folder: Path, css: str, logo: bytes = b"") -> Settings:
    look = folder / "look"
    look.mkdir()
    (look / "theme.css").write_text(css)
    if logo:
        (look / "logo.svg").write_bytes(logo)
    config = write_settings(folder, "127.0.0.1", 8000, 8001, dressed=True)
    text = config.read_text().replace('theme = "chamber"', f'theme = "{look}"')
    assert tomllib.loads(text)["site"]["assemblies"]["senat"]["theme"] == str(look)
    config.write_text(text)
    return load_settings(config)


def test_the_doctor_refuses_a_theme_that_is_hard_to_read(tmp_path: Path) -> None:
    pale = ":root{--muted:#aaa}@media (prefers-color-scheme:dark){:root{--muted:#b3b9c8}}"
    found = doctor.look("themes", settings_with(tmp_path, pale))
    assert found and not any(each.good for each in found)
    assert "site.assemblies.senat.theme: light: --muted #aaa on --bg" in found[0].sentence


def test_the_doctor_refuses_a_logo_that_could_run_a_program(tmp_path: Path) -> None:
    logo = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    settings = settings_with(tmp_path, "", logo)
    found = doctor.look("themes", settings)
    assert [each.good for each in found] == [False]
    assert "must not hold <script>" in found[0].sentence
    with pytest.raises(ConfigurationError, match=r"logo\.svg"):
        theme_files(settings)


def test_the_demonstrations_own_themes_are_well(tmp_path: Path) -> None:
    settings = load_settings(
        write_settings(tmp_path, "127.0.0.1", 8000, 8001, list(LOOKS), dressed=True)
    )
    assert [(each.good, each.sentence) for each in doctor.look("themes", settings)] == [
        (True, "good")
    ]
