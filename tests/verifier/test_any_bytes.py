"""Whatever a site publishes, its reader sees a sentence and an exit code, never a traceback."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.verifier import town as place
from tests.verifier.maker import write_all
from tests.verifier.town import SCHOOL, openings, promise, receipt
from verifier.petition_verify import main

ROUNDS = 12


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("town")
    place.the_town().publish(folder)
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def changed(content: bytes, chance: random.Random) -> bytes:
    """Another content of the same file, never the same."""
    at = chance.randrange(len(content))
    other = bytes([content[at] ^ chance.randrange(1, 256)])
    return chance.choice(
        [
            content[:at] + other + content[at + 1 :],
            content[:at] + other + content[at + 1 :],
            content[:at],
            content + bytes([chance.randrange(256)]),
            content[:at] + chance.randbytes(20) + content[at:],
            content[at + 1 :] + content[: at + 1] if len(set(content)) > 1 else b"",
            b"",
        ]
    )


def judged(capsys: Any, *words: object) -> int:
    code = main(["log", *map(str, words), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert "a fault of this program" not in told.get("error", "")
    if code != 2:
        states = {each["state"] for each in told["checks"]}
        assert (code == 1) == bool({"WRONG", "not checked"} & states)
    return code


def test_any_change_of_any_file_is_seen_and_told_in_words(
    files: dict[str, bytes], tmp_path: Path, capsys: Any
) -> None:
    chance = random.Random(2026)
    for path, content in files.items():
        for n in range(
            ROUNDS if path.startswith(("tile", "checkpoint", "counts")) else ROUNDS // 3
        ):
            new = changed(content, chance)
            folder = write_all(tmp_path / path.replace("/", "-") / str(n), {**files, path: new})
            code = judged(capsys, folder)
            same = new == content or (new.split() == content.split() and "." not in path[-5:])
            blanks = path.endswith(".json") and "".join(new.decode(errors="ignore").split()) == (
                "".join(content.decode().split())
            )
            assert code == 1 or same or blanks, (path, n)


def test_any_missing_file_is_seen(files: dict[str, bytes], tmp_path: Path, capsys: Any) -> None:
    about_the_log = f"notices/{place.hash_of(place.NOTE).hex()}.txt"
    may_lack = {"audit.json", about_the_log, *(p for p in files if p.startswith("decisions"))}
    for n, path in enumerate(files):
        folder = write_all(tmp_path / str(n), {p: c for p, c in files.items() if p != path})
        wanted = 2 if path == "checkpoint" else 0 if path in may_lack else 1
        statement = path.startswith("statements/") and files[path] == place.PEPPER
        assert judged(capsys, folder) == (0 if statement else wanted), path


DEEP = b"[" * 100_000
ODD = [
    DEEP, b"{}", b"[]", b"null", b"1e999", b'{"petitions": []}', b'{"size": 1, "size": 1}',
    b'{"origin": 1, "size": -1, "batch": true, "petitions": {"x": 1}}',
    b'{"size": 9999999999999999999999999, "batch": 1, "petitions": {}}',
    b'[{"week": 1, "n": 1, "first_batch": 1, "last_batch": 9, "randomness": 5}]',
]  # fmt: skip


@pytest.mark.parametrize("path", ["counts.json", "audit.json"])
def test_odd_json_is_told_in_words(
    path: str, files: dict[str, bytes], tmp_path: Path, capsys: Any
) -> None:
    for n, content in enumerate(ODD):
        folder = write_all(tmp_path / str(n), {**files, path: content})
        expected = 0 if (path, content) == ("audit.json", b"[]") else 1
        assert judged(capsys, folder) == expected, content[:40]


RULEBOOKS = [
    b"[]", DEEP, b'{"milestones": 5}', b'{"milestones": [5]}', b'{"kinds": {"a": 5}}',
    b'{"kinds": 5}', b'{"milestones": [{"threshold": {"values": {"a": "b"}}, "evaluate": []}]}',
    b'{"filing": {"choices": {"a": 5, "b": [5]}}, "signing": 5, "milestones": [{}]}',
]  # fmt: skip


@pytest.mark.parametrize("rules", RULEBOOKS)
def test_a_rulebook_of_any_shape_is_read_without_a_fault(
    rules: bytes, tmp_path: Path, capsys: Any
) -> None:
    """Its hash is in the log, so it is what a hostile operator chose."""
    town = place.the_town()
    plans = town.plans["opening"].items
    plans[-1] = place.open_with(place.NOISE, b"a text that had to go", rules)
    town.papers[f"rules/{place.hash_of(rules).hex()}.json"] = rules
    assert judged(capsys, town.publish(tmp_path)) in {0, 1}


MAPS = [b"[]", DEEP, b"{}", b'{"areas": [], "day": 5}', b'{"areas": {"a": -1}, "day": "x"}']


@pytest.mark.parametrize("content", MAPS)
def test_a_map_of_any_shape_is_wrong_in_words(content: bytes, tmp_path: Path, capsys: Any) -> None:
    town = place.the_town()
    town.papers[f"geo/{place.hash_of(content).hex()}.json"] = content
    town.plans["second map"].items[0] = place.geo(place.DAY + 2, content)
    assert judged(capsys, town.publish(tmp_path)) == 1


def test_whatever_a_signer_holds_is_told_in_words(
    files: dict[str, bytes], tmp_path: Path, capsys: Any
) -> None:
    town = place.the_town()
    log = town.build()
    folder = write_all(tmp_path / "log", files)
    note = promise(SCHOOL, 6, 0, log.time)
    held = {"receipt": receipt(SCHOOL, 6, note), "promise": note, "openings": openings(log, [0, 1])}
    chance = random.Random(1)
    for command, content in held.items():
        for n in range(ROUNDS):
            file = tmp_path / f"{command}{n}"
            file.write_bytes(changed(content, chance))
            code = main([command, str(file), str(folder), "--json"])
            told = json.loads(capsys.readouterr().out)
            assert "a fault of this program" not in told.get("error", "")
            assert code == 1, file.read_bytes()


def test_what_others_wrote_cannot_move_the_cursor_of_a_terminal(
    tmp_path: Path, capsys: Any
) -> None:
    town = place.the_town()
    bad = b"Park \x1b[2J\x1b]0;owned\x07\n\nWe ask.\n"
    town.papers[f"texts/{place.hash_of(bad).hex()}.txt"] = bad
    town.plans["opening"].items[2] = place.open_with(place.PARK, bad)
    town.plans["changes"].items.pop()  # the paper
    town.plans["changes"].items.pop()  # and the corrected text
    assert main(["log", str(town.publish(tmp_path))]) == 0
    told = capsys.readouterr().out
    assert "Park ?[2J" in told
    assert "\x1b" not in told
