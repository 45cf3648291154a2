"""The papers speak of the code as it is: commands, states, permissions, keys, links, a program."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from sqlalchemy import Engine

from petitions.cli import petitions
from petitions.domain import schema_shape
from petitions.domain.lifecycle import Action, State
from petitions.domain.permissions import MATRIX, Permission
from petitions.domain.predicates import KEYS
from petitions.domain.schema_shape import FILE, Form, Shape
from petitions.ledger.checkpoint import parse_checkpoint
from petitions.ledger.entries import EntryType
from petitions.ledger.notes import open_note
from tests.house import a_precinct

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAPERS = sorted(
    [
        *DOCS.rglob("*.md"),
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
        ROOT / "deploy" / "README.md",
        ROOT / "migrations" / "README.md",
    ]
)
NAMES = [str(paper.relative_to(ROOT)) for paper in PAPERS]
# the key of seed a0..bf, as in the vectors of tests/ledger
LOG_KEY = "petitions.example.org/2026+c2233a02+AU/QmczUfXiT3+nsJEFOyw2bVCAjKq0w2RxGW+M8vmXE"
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_MACHINE = re.compile(r"(?<![\w.])/(?:work|root|tmp|home/\w+|Users/\w+)(?:/|\b(?!/))")
_VARIABLE = re.compile(r"\bPETITIONS_[A-Z_]+\b")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code_in(text: str) -> set[str]:
    """Every word of the code spans and blocks of a paper."""
    spans = [*_CODE.findall(_FENCE.sub("", text)), *(block for _, block in _FENCE.findall(text))]
    return {word for span in spans for word in re.findall(r"[\w./:-]+", span)}


# --- commands ----------------------------------------------------------------------------------


def commands(group: click.Command = petitions, path: str = "petitions") -> Iterator[str]:
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from commands(command, f"{path} {name}")
    else:
        yield path


def lines_with_commands() -> list[tuple[str, str]]:
    """(paper, command) for every `petitions …` that a paper shows, in a block or a span."""
    found = []
    for name in NAMES:
        text = read(name)
        shown = [line for _, block in _FENCE.findall(text) for line in block.splitlines()]
        shown += _CODE.findall(_FENCE.sub("", text))
        for line in shown:
            plain = line.split("#")[0].split(" && ")[-1].strip()
            words = re.search(r"(?:^|[ /])(petitions (?!\.)[a-z].*)$", plain)
            if words and not re.search(r"useradd|install -|podman", plain):
                found.append((name, words[1]))
    return found


def test_every_command_is_named_in_the_operators_paper() -> None:
    text = read("docs/operators.md")
    assert [command for command in commands() if f"`{command}" not in text
            and f"\n{command}" not in text] == []  # fmt: skip


def test_the_papers_show_commands_often_enough_to_be_worth_checking() -> None:
    assert len(lines_with_commands()) > 20


@pytest.mark.parametrize(("paper", "line"), sorted(set(lines_with_commands())))
def test_a_command_that_a_paper_shows_can_be_given(paper: str, line: str) -> None:
    words = shlex.split(re.sub(r"\[(\w+)\]", r"\1", line).replace("…", ""))[1:]
    command: click.Command = petitions
    while isinstance(command, click.Group) and words:
        named = words.pop(0)
        assert named in command.commands, f"{paper}: {line}"
        command = command.commands[named]
    command.make_context("petitions", words, resilient_parsing=True)


def test_every_make_target_that_a_paper_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    named = {
        target
        for name in NAMES
        for span in [*_CODE.findall(read(name)), *read(name).splitlines()]
        for target in re.findall(r"^\s*make ([a-z]+)", span)
    }
    assert {"demo", "test"} <= named
    assert named - targets == set()


def test_the_readme_shows_the_commands_that_the_preparing_script_runs() -> None:
    script = re.sub(r"--quiet |\"", "", read("scripts/prepare")).replace("$venv", ".venv")
    for lock in ("core", "test"):
        wanted = f"-m pip install --require-hashes --requirement requirements/{lock}.txt"
        assert wanted.replace(f"requirements/{lock}.txt", "$lock") in script
        assert f".venv/bin/python {wanted}" in read("README.md")
    last = ".venv/bin/python -m pip install --no-deps --no-build-isolation --editable ."
    assert last in script
    assert read("README.md").count(last) == 2


def test_every_variable_the_engine_reads_is_in_the_operators_paper_and_no_other() -> None:
    sources = [*(ROOT / "petitions").rglob("*.py"), *(ROOT / "identity").rglob("*.py")]
    known = {v for source in sources for v in _VARIABLE.findall(source.read_text("utf-8"))}
    assert "PETITIONS_SECRET_KEY" in known
    assert set(_VARIABLE.findall(read("docs/operators.md"))) == known


# --- the tables of the code --------------------------------------------------------------------


def test_every_state_and_every_action_is_in_the_life_of_a_petition() -> None:
    named = code_in(read("docs/lifecycle.md"))
    assert {str(state) for state in State} - named == set()
    assert {str(action) for action in Action} - named == set()


def test_the_matrix_of_permissions_is_printed_as_it_is() -> None:
    printed = {}
    for line in read("docs/clerks.md").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and re.fullmatch(r"`\w+`", cells[0]):
            printed[cells[0].strip("`")] = {role.strip() for role in cells[2].split(",")}
    assert printed == {
        str(permission): {str(role) for role in MATRIX[permission]} for permission in Permission
    }


def keys_of(shape: Shape) -> Iterator[str]:
    """Every key of a rulebook, whatever table it stands in."""
    for key, below in shape.keys.items():
        yield key
        if below.form is not Form.PREDICATE and below is not shape and key != "set":
            yield from keys_of(below)
    if shape.each is not None:
        yield from keys_of(shape.each)


def test_every_key_of_a_rulebook_is_in_the_paper_on_rulebooks() -> None:
    assert schema_shape.FILE.keys["kinds"].each is not None
    flat = Shape(FILE.form, {k: v for k, v in FILE.keys.items() if k != "kinds"})
    wanted = {*keys_of(flat), *KEYS, "kinds"}
    assert len(wanted) > 120
    papers = code_in(read("docs/rulebooks.md")) | code_in(read("docs/rulebook-reference.md"))
    named = {part.removesuffix("[]") for word in papers for part in word.split(".")}
    assert wanted - named == set()


def test_the_town_in_the_paper_is_the_town_that_is_shipped() -> None:
    blocks = [block for kind, block in _FENCE.findall(read("docs/rulebooks.md")) if kind == "toml"]
    assert tomllib.loads(blocks[0]) == tomllib.loads(read("petitions/rulebooks/town.toml"))


def test_every_type_of_entry_is_in_the_auditors_paper() -> None:
    table = read("docs/auditors.md").partition("## Entries")[2].partition("\n## ")[0]
    listed: dict[str, str] = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.match(r"[0-9a-f]{2}\b", cells[0]):
            codes, names = cells[0].split(", "), cells[1].split(", ")
            assert len(codes) == len(names) or len(names) == 1
            listed.update(zip(codes, cells[1].split(", "), strict=len(names) > 1))
    assert {f"{int(kind):02x}" for kind in EntryType} - set(listed) == set()


def test_the_checkpoint_in_the_auditors_paper_is_signed_by_its_key() -> None:
    blocks = [block for _, block in _FENCE.findall(read("docs/auditors.md"))]
    note = next(block for block in blocks if block.startswith("petitions.example.org/2026\n"))
    found = parse_checkpoint(open_note(note, [LOG_KEY]))
    assert (found.origin, found.size) == ("petitions.example.org/2026", 4)


# --- the auditor's program ---------------------------------------------------------------------


@pytest.fixture
def published_log(tmp_path: Path, engine: Engine) -> Path:
    """The log's folder of a year in which people signed, withdrew and signed again."""
    precinct = a_precinct(tmp_path, engine, batch_min=1)
    first, second = precinct.publish(), precinct.publish()
    precinct.work()
    precinct.sign_many(first, range(30))
    precinct.sign_many(second, range(3))
    precinct.work()
    assert precinct.withdraw(first, 4)
    precinct.clock.forward(minutes=5)
    precinct.sign(second, 7)
    precinct.work()
    return precinct.published_shelf().of(2026)


def audited(folder: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    blocks = [block for kind, block in _FENCE.findall(read("docs/auditors.md")) if kind == "python"]
    program = tmp_path / "audit.py"
    program.write_text(blocks[0], encoding="utf-8")
    alone = [sys.executable, "-I", "-S", str(program), str(folder)]  # no package, ours or others
    return subprocess.run(alone, capture_output=True, text=True, check=False, cwd=tmp_path)


def test_the_auditors_program_accepts_what_the_worker_published(
    published_log: Path, tmp_path: Path
) -> None:
    found = audited(published_log, tmp_path)
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("petitions.example.org/2026: ")
    assert found.stdout.endswith("2 petitions: good\n")


def test_the_auditors_program_sees_a_changed_entry_and_a_changed_count(
    published_log: Path, tmp_path: Path
) -> None:
    counts = published_log / "counts.json"
    told = counts.read_text()
    counts.write_text(told.replace('"valid": 29', '"valid": 28'))
    assert counts.read_text() != told
    assert audited(published_log, tmp_path).returncode == 1
    counts.write_text(told)
    size = (published_log / "checkpoint").read_text().split("\n")[1]
    bundle = published_log / "tile" / "entries" / f"000.p/{size}"
    raw = bytearray(bundle.read_bytes())
    raw[len(raw) // 2] ^= 1
    bundle.write_bytes(raw)
    found = audited(published_log, tmp_path)
    assert found.returncode == 1
    assert "AssertionError" in found.stderr


# --- links and paths ---------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """The anchors of the headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings)
    return {re.sub(r"\s", "-", heading.strip()) for heading in plain}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_inside_the_repository_leads_somewhere(name: str) -> None:
    lost = []
    for target in _LINK.findall(_FENCE.sub("", read(name))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = Path(os.path.normpath((ROOT / name).parent / path)) if path else ROOT / name
        if not there.exists() or (
            anchor and anchor not in anchors(there.read_text(encoding="utf-8"))
        ):
            lost.append(target)
    assert lost == []


def test_every_decision_is_listed_and_numbered_without_gaps() -> None:
    found = sorted(path.name for path in (DOCS / "decisions").glob("*.md"))
    assert [name[:4] for name in found] == [f"{n:04d}" for n in range(1, len(found) + 1)]
    listed = re.findall(r"\(decisions/([^)]+)\)", read("docs/README.md"))
    assert listed == found
    for name in found:
        assert read(f"docs/decisions/{name}").startswith(f"# {name[:4]} ")


@pytest.mark.parametrize("name", [*NAMES, "config.example.toml"])
def test_no_paper_names_a_path_of_one_machine(name: str) -> None:
    assert _MACHINE.findall(read(name)) == []


def test_the_search_for_such_paths_knows_them_when_it_sees_them() -> None:
    assert _MACHINE.search("cd " + "/wo" + "rk/main")
    assert _MACHINE.search("see /ho" + "me/anna/petitions")
    assert not _MACHINE.search("https://example.org/work/5 and .github/workflows")
