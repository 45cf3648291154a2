"""`petitions seal` as an operator meets it: what waits, what would happen, the ceremony, the record."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from petitions import seal_command as command
from petitions.cli import petitions
from petitions.domain.errors import ConfigurationError
from petitions.storage import tables as t
from tests.house import Precinct
from tests.services.test_sealing import ended


def desk_of(precinct: Precinct, told: list[str]) -> command.Desk:
    return command.Desk(
        precinct.settings,
        precinct.sessions,
        precinct.worker(),
        precinct.clock,
        say=told.append,
        wait=lambda _seconds: precinct.clock.forward(seconds=30),
    )


def reference(precinct: Precinct, petition: UUID) -> str:
    with precinct.session() as session:
        return session.get_one(t.Petition, petition).reference or ""


def test_the_list_names_what_waits_what_is_late_and_what_is_in_the_way(
    precinct: Precinct,
) -> None:
    told: list[str] = []
    desk = desk_of(precinct, told)
    assert command.list_all(desk, due_only=False) == 0
    assert told == ["Nothing waits to be sealed."]
    petition = ended(precinct)
    del told[:]
    code = command.list_all(desk, due_only=False)
    (line,) = told
    assert line.startswith(reference(precinct, petition))
    assert line.endswith("ready")
    assert "must be gone by 20" in line
    assert code == 0
    precinct.clock.forward(days=400)
    del told[:]
    assert command.list_all(desk, due_only=True) == 2
    assert "OVERDUE" in told[0]


def test_a_dry_run_says_everything_and_changes_nothing(precinct: Precinct) -> None:
    petition, told = ended(precinct), list[str]()
    assert command.dry_run(desk_of(precinct, told), reference(precinct, petition))
    text = "\n".join(told)
    for words in (
        "Collected 4, withdrawn 1",
        "delete 5 rows",
        f"kek/{petition}",
        "cannot be undone",
    ):
        assert words in text
    assert "keep the pepper p1: new petitions take it" in text
    assert precinct.count(t.Sealing) == 0
    assert precinct.house.keys.exists(f"kek/{petition}")


def test_a_dry_run_says_what_is_in_the_way(precinct: Precinct) -> None:
    petition, told = precinct.publish(), list[str]()
    assert not command.dry_run(desk_of(precinct, told), reference(precinct, petition))
    assert told[-1] == "  - signing has not ended"
    with precinct.session() as session:
        session.execute(update(t.PetitionSigning).values(signing="closed"))
        session.execute(update(t.Petition).values(signing_ended_at=precinct.clock.at))
    assert not command.dry_run(desk_of(precinct, told), reference(precinct, petition))
    assert told[-1].startswith("  - objections can be made until 2026-04-")


def test_the_ceremony_runs_to_its_end_and_leaves_a_record_in_both_languages(
    precinct: Precinct,
) -> None:
    petition, told = ended(precinct), list[str]()
    ref, desk = reference(precinct, petition), desk_of(precinct, told)
    command.carry_out(desk, ref, "I. Weber", "Term of retention over")
    steps = [line.partition(":")[0] for line in told if line.startswith("step")]
    assert steps == [f"step {number} of 7" for number in range(1, 8)]
    english = command.print_report(desk, ref, "en")
    for words in (
        f"Record of the sealing of petition {ref}", "Ordered by I. Weber on",
        "Term of retention over", "rows of signatures", "petition-destruction/v1",
        f"kek/{petition}", "Nobody can add, withdraw or invalidate",
    ):  # fmt: skip
        assert words in english, words
    french = command.print_report(desk, ref, "fr")
    assert f"Procès-verbal de scellement de la pétition {ref}" in french
    assert "Décidé par I. Weber le" in french
    assert not {"The ", "Signatures collected"} & set(french.split("\n"))
    assert max(len(line) for line in english.splitlines() if "|" not in line) <= 80


def test_the_command_killed_while_it_waits_is_run_again_and_finishes(precinct: Precinct) -> None:
    petition, told = ended(precinct), list[str]()
    ref = reference(precinct, petition)

    def killed(_seconds: float) -> None:
        raise KeyboardInterrupt

    first = desk_of(precinct, told)
    object.__setattr__(first, "wait", killed)
    with pytest.raises(KeyboardInterrupt):
        command.carry_out(first, ref, "I. Weber", "first")
    command.carry_out(desk_of(precinct, told), ref, "Somebody else", "second")
    record = command.print_report(desk_of(precinct, told), ref, "en")
    assert "Ordered by I. Weber" in record
    assert "Somebody else" not in record


def test_an_unknown_reference_is_refused_with_a_sentence(precinct: Precinct) -> None:
    with pytest.raises(ConfigurationError, match="there is no petition 2026-9999"):
        command.dry_run(desk_of(precinct, []), "2026-9999")


def test_sealing_for_good_needs_a_name_and_a_reason(
    precinct: Precinct, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("petitions.cli.load_settings", lambda _path: precinct.settings)
    monkeypatch.setattr(
        "petitions.seal_command.create_worker", lambda *_told, **_more: precinct.worker()
    )
    monkeypatch.setattr("petitions.seal_command.database_uri", lambda _settings: _uri(precinct))
    petition = ended(precinct)
    asked = ["seal", reference(precinct, petition), "--for-good", "-c", str(tmp_path / "c.toml")]
    answer = CliRunner().invoke(petitions, asked)
    assert isinstance(answer.exception, ConfigurationError)
    assert "--by and --reason" in str(answer.exception)
    named = [*asked, "--by", "I. Weber", "--reason", "over"]
    wrong = CliRunner().invoke(petitions, named, input="2026-9999\n")
    assert "nothing was changed" in str(wrong.exception)
    assert precinct.count(t.Sealing) == 0


def _uri(precinct: Precinct) -> str:
    return precinct.engine.url.render_as_string(hide_password=False)
