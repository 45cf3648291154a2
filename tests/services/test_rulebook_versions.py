"""Versions of a rulebook: put into force once, by name, never changed; petitions keep their own."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

import msgspec
import pytest
from sqlalchemy import select

from petitions.domain.arrivals import Arrival
from petitions.domain.errors import ConfigurationError, ConflictError, InvalidError
from petitions.domain.lifecycle import Role
from petitions.domain.rulebook_files import Library, load_directory
from petitions.domain.simulated import Given, What
from petitions.domain.simulation import play
from petitions.domain.wording import Text, Wording
from petitions.rulebooks_in_force import with_versions_in_force
from petitions.services import activations
from petitions.services.audit import Audit
from petitions.services.ports import Actor
from petitions.storage import tables as t
from tests.house import RULEBOOKS, Precinct, shipped_library

ADMIN = Actor("ada", Role.ADMINISTRATOR, "Ada Petit")
CONFIRM = shipped_library().version("fr-senat", 1).confirm


def two_versions(folder) -> Library:
    """The town with a second version from May on: fifty signatures instead of twenty-five."""
    place = folder / "two"
    shutil.copytree(RULEBOOKS, place)
    text = (place / "town.toml").read_text(encoding="utf-8")
    (place / "town.1.toml").write_text(text, encoding="utf-8")
    later = text.replace("version = 1", "version = 2").replace("2025-01-01", "2026-05-01")
    (place / "town.toml").write_text(
        later.replace("threshold = 25", "threshold = 50"), encoding="utf-8"
    )
    return load_directory(place)


def test_every_key_to_be_confirmed_is_acknowledged_by_name(precinct: Precinct) -> None:
    library, at = precinct.house.library, precinct.clock.at
    with precinct.session() as session:
        with pytest.raises(InvalidError) as refused:
            activations.activate(session, library, "fr-senat", 1, CONFIRM[:-1], ADMIN, at=at)
        assert refused.value.facts["paths"] == CONFIRM[-1]
        row = activations.activate(session, library, "fr-senat", 1, CONFIRM, ADMIN, at=at)
        assert (row.acknowledged, row.actor) == (list(CONFIRM), "ada")
        entry = session.scalars(select(Audit).where(Audit.action == "rulebook_activated")).one()
        assert entry.detail["rulebook"] == "fr-senat 1"
        assert entry.detail["acknowledged"] == list(CONFIRM)
        with pytest.raises(ConflictError, match="activated_already"):
            activations.activate(session, library, "fr-senat", 1, CONFIRM, ADMIN, at=at)


def test_a_version_in_force_with_other_content_is_refused(precinct: Precinct, tmp_path) -> None:
    precinct.file()
    place = tmp_path / "changed"
    shutil.copytree(RULEBOOKS, place)
    file = place / "town.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("threshold = 25", "threshold = 26"))
    changed = load_directory(place)
    with precinct.session() as session:
        (town,) = activations.standings(session, changed, ["valmont"])
        assert (town.stored, town.changed, town.in_force) == (True, True, False)
        with pytest.raises(ConflictError, match="version_changed"):
            activations.activate(session, changed, "town", 1, (), ADMIN, at=precinct.clock.at)
        stored = activations.stored_versions(session)["town"]
    assert (stored.version, stored.valid_from) == (1, date(2025, 1, 1))
    house = replace(precinct.house, library=changed)
    with pytest.raises(ConfigurationError, match="is in force with other content"):
        with_versions_in_force(house, precinct.settings, precinct.sessions, precinct.clock.at)


def test_in_production_nobody_files_under_a_version_that_waits(precinct, tmp_path) -> None:
    library, now = two_versions(tmp_path), precinct.clock.at
    house = replace(precinct.house, library=library)
    served = msgspec.structs.replace(precinct.settings.rulebooks, assemblies=["valmont"])
    live = msgspec.structs.replace(precinct.settings, environment="production", rulebooks=served)

    def taken():
        return with_versions_in_force(house, live, precinct.sessions, now).library

    with pytest.raises(ConfigurationError, match=r"no version is in force for valmont.*town 2"):
        taken()
    with precinct.session() as session:
        activations.activate(session, library, "town", 1, (), ADMIN, at=now)
    assert [book.version for book in taken().rulebooks["town"]] == [1]
    assert taken().rulebook("town", date(2026, 6, 1)).version == 1
    with precinct.session() as session:
        activations.activate(session, library, "town", 2, (), ADMIN, at=now)
    assert taken().rulebook("town", date(2026, 6, 1)).version == 2
    assert taken().rulebook("town", date(2026, 4, 30)).version == 1


def test_a_running_petition_does_not_move_when_a_version_starts(precinct, tmp_path) -> None:
    house = replace(precinct.house, library=two_versions(tmp_path))
    here = replace(precinct, house=house)
    early = here.publish()
    here.clock.forward(days=70)
    late = here.publish()
    with here.session() as session:
        numbers = [
            session.get_one(t.Petition, each).targets["council"]["threshold"]
            for each in (early, late)
        ]
        versions = [
            house.rulebook(session, session.get_one(t.Petition, each)).version
            for each in (early, late)
        ]
    assert (numbers, versions) == ([25, 50], [1, 2])


def reworded(library: Library, **titles: str) -> Library:
    """The same shelf after somebody changed the words of codes: `council="…"`."""
    wording = library.context.wording or Wording({})
    texts = {
        key: Text(title=titles[key[3]]) if key[1] == "town" and key[3] in titles else text
        for key, text in wording.texts.items()
    }
    context = replace(library.context, wording=Wording(MappingProxyType(texts)))
    return replace(library, context=context)


def test_words_areas_and_populations_are_those_of_the_day_of_filing(precinct: Precinct) -> None:
    found = precinct.file()
    later = replace(
        precinct.house, library=reworded(precinct.house.library, duplicate="Anders"), shelves={}
    )
    with precinct.session() as session:
        petition = session.get_one(t.Petition, found)
        kept = later.shelf(session, petition).wording(
            "duplicate", "en", noun="grounds", rulebook="town"
        )
        today = later.library.wording("duplicate", "en", noun="grounds", rulebook="town")
        assert (kept.title, today.title) == ("The same petition is already open", "Anders")
        assert kept.appeal
        draft = t.Petition(rulebook_id="town", surroundings=None)
        assert later.shelf(session, draft) is later.library


def test_equal_surroundings_are_stored_once_and_changed_ones_beside_them(precinct) -> None:
    precinct.file()
    precinct.file()
    assert precinct.count(t.Surroundings) == 1
    changed = replace(precinct.house, library=reworded(precinct.house.library, check="Neu"))
    replace(precinct, house=changed).file()
    assert precinct.count(t.Surroundings) == 2


def test_areas_named_by_a_rulebook_come_back_as_they_were(precinct: Precinct) -> None:
    from petitions.services.surroundings import canonical_surroundings, pin_surroundings

    library = precinct.house.library
    book = library.rulebook("eu-eci", date(2026, 3, 1))
    found = precinct.file()
    seats = library.areas("eu-27").values
    with precinct.session() as session:
        petition = session.get_one(t.Petition, found)
        pin_surroundings(session, library, book, petition, precinct.clock.at)
        emptied = replace(library, context=replace(library.context, areas={}))
        shelf = replace(precinct.house, library=emptied, shelves={}).shelf(session, petition)
        assert shelf.areas("eu-27") == library.areas("eu-27")
        assert shelf.areas("eu-27").values["MT"]["seats"] == seats["MT"]["seats"] == 6
        with pytest.raises(KeyError):
            shelf.areas("ch-cantons")
    assert b'"milestones million"' not in canonical_surroundings(library, book)
    assert b"en milestones million" in canonical_surroundings(library, book)


def test_a_simulated_life_is_the_life_that_the_services_lead(precinct: Precinct) -> None:
    """Published, twenty-five signatures, the window over: same instants, same days, same states."""
    start = precinct.clock.at
    petition = precinct.publish()
    moments = [start + timedelta(hours=hour + 1) for hour in range(26)]
    for person, moment in enumerate(moments):
        precinct.clock.at = moment
        precinct.sign(petition, person)
        precinct.work()
    precinct.clock.at = start + timedelta(days=70)
    precinct.work()
    kind = precinct.house.library.rulebook("town", start.date()).default_kind
    arrivals = tuple(Arrival(moment, 1) for moment in moments)
    life = play(
        kind,
        Given(
            zone="Europe/Paris", published_at=start, submitted_at=start, arrivals=arrivals,
            calendar=precinct.house.library.assembly("valmont").calendar,
        ),
    )  # fmt: skip
    with precinct.session() as session:
        led = session.get_one(t.Petition, petition)
        (hit,) = session.scalars(select(t.MilestoneReached))
        (track,) = session.scalars(select(t.Track))
        reached = next(s for s in life.steps if s.what is What.MILESTONE)
        duty = next(s for s in life.steps if s.what is What.DUTY)
        assert (led.state, led.last_day, led.closes_at) == (
            life.state, life.last_day, life.closes_at,
        )  # fmt: skip
        assert (hit.valid, reached.count) == (25, 25)
        log = session.get_one(t.PetitionSigning, petition).log_id
        batch = session.get_one(t.LogBatch, (log, hit.batch_no))
        assert batch.at == reached.at == moments[24]
        assert (track.code, track.due_on) == (duty.code, duty.due.day if duty.due else None)
        moves = session.scalars(
            select(Audit).where(Audit.to_state.is_not(None), Audit.petition_id == petition)
        )
        by_services = [
            (row.to_state, row.legal_instant) for row in moves if row.to_state != "draft"
        ]
    by_simulation = [(s.state, s.at) for s in life.steps if s.what is What.STATE]
    assert by_services == by_simulation


def test_too_few_signatures_end_the_simulated_and_the_served_life_alike(precinct) -> None:
    start = precinct.clock.at
    petition = precinct.publish()
    precinct.sign(petition, 1)
    precinct.clock.at = start + timedelta(days=70)
    precinct.work()
    kind = precinct.house.library.rulebook("town", start.date()).default_kind
    life = play(
        kind,
        Given(
            zone="Europe/Paris", published_at=start, submitted_at=start,
            arrivals=(Arrival(start, 1),),
        ),
    )  # fmt: skip
    assert precinct.state(petition) == life.state == "closed_below"
