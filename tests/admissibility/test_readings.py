"""The language of a text is found once, by the worker, and read from there."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import select

from admissibility import readings
from admissibility.checks import language
from admissibility.checks.signal import PetitionText as Checked
from admissibility.detector import detector
from petitions.services import filing
from petitions.storage.tables import TextReading
from tests.web.office_house import Office, make_office, shipped

GERMAN = (
    "Wir bitten den Gemeinderat, die Bibliothek auch am Sonntag zu öffnen, weil viele Menschen die "
    "ganze Woche arbeiten und sonst keine Bücher ausleihen können."
)


@pytest.fixture
def office(open_engine, sqlite_uri) -> Office:
    return make_office(open_engine(sqlite_uri))


def test_a_text_is_read_once_and_again_only_when_it_changed(office: Office) -> None:
    asked: list[str] = []

    def detect(text: str, assembly: str) -> str:
        asked.append(assembly)
        return "de" if "Gemeinderat" in text else "fr"

    ref = office.file_petition("Die Bibliothek am Sonntag", GERMAN)
    for _turn in range(3):
        with office.session() as session:
            readings.read_some(session, detect, office.clock.at)
    assert asked == ["valmont"]
    assert (
        "Filed as French, but it reads like German"
        in office.sign_in("petit").get(f"/office/cases/{ref}").text
    )
    with office.session() as session:
        petition = office.lock(session, ref)
        text = filing.text_of(session, petition)
        text.request = "Nous demandons au conseil d’agir."
        assert readings.guess_of(session, petition, text) is None
        petition.state_since = office.clock.forward(minutes=1)
    with office.session() as session:
        readings.read_some(session, detect, office.clock.forward(minutes=1))
        assert session.scalars(select(TextReading)).one().guessed == "fr"
    assert asked == ["valmont", "valmont"]


def test_without_the_detector_common_words_decide() -> None:
    english = (
        "The library should be open on Sundays and it is for all of us in the town that we ask "
    )
    text = Checked("Open the library", english * 2, "", "fr")
    assert [each.facts["guessed"] for each in language.check(text)] == ["en"]
    assert readings.read_some(None, None, None) == 0  # type: ignore[arg-type]


def test_the_detector_tells_a_neighbours_language_and_leaves_short_texts_alone() -> None:
    detect = detector(shipped())
    assert detect is not None
    assert detect(GERMAN, "valmont") == "de"
    assert detect("Bibliothek am Sonntag", "valmont") is None


def test_a_web_process_never_wakes_the_detector_up() -> None:
    code = "import sys, petitions.app; sys.exit('lingua' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
