"""The papers on rulebooks: the reference is written from the schema, the tutorial is a rulebook."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from petitions.domain.rulebook import RulebookErrors
from petitions.domain.rulebook_files import load_directory, load_file
from petitions.domain.schema_meanings import MEANINGS
from petitions.domain.schema_sections import TYPES

ROOT = Path(__file__).resolve().parents[2]
SHELF = ROOT / "petitions" / "rulebooks"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    place = ROOT / "scripts" / "write_rulebook_reference.py"
    spec = importlib.util.spec_from_file_location("write_rulebook_reference", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_of_keys_is_what_the_script_writes(writer: ModuleType) -> None:
    written = (ROOT / "docs" / "rulebook-reference.md").read_text(encoding="utf-8")
    assert written == writer.paper(), "run `python scripts/write_rulebook_reference.py`"


def test_every_key_has_a_meaning_and_every_meaning_a_key(writer: ModuleType) -> None:
    keys = {writer.shown(path) for path, _shape in writer.keys()}
    assert len(keys) > 200
    assert keys == set(MEANINGS)
    assert set(TYPES) <= keys


def test_every_key_of_the_reference_says_how_it_is_refused(writer: ModuleType) -> None:
    said = writer.refusals()
    silent = [key for key, rule in said.items() if not rule]
    assert silent == ["milestones[].threshold.values.<id>"], "judged with its choice"
    assert said["filing.form.title_max"] == "must be an integer >= 1; must be >= 1"


def blocks() -> list[str]:
    text = (ROOT / "docs" / "rulebooks.md").read_text(encoding="utf-8")
    text = text[text.index("## From an article of law") :]
    return [block for kind, block in _FENCE.findall(text) if kind == "toml"]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """The shipped shelf with the files of the tutorial, as its reader would put them there."""
    place = tmp_path / "rules"
    shutil.copytree(SHELF, place)
    assembly, book, words = blocks()
    (place / "assemblies" / "saeima.toml").write_text(assembly, encoding="utf-8")
    (place / "lv-saeima.toml").write_text(book, encoding="utf-8")
    (place / "wording" / "lv-saeima.en.toml").write_text(words, encoding="utf-8")
    return place


def test_the_tutorial_makes_a_rulebook_that_the_loader_takes(shelf: Path) -> None:
    with pytest.raises(RulebookErrors) as refused:
        load_file(shelf / "lv-saeima.toml", shelf)
    lines = str(refused.value).splitlines()
    assert lines
    assert all("has no wording in 'lv'" in line for line in lines), lines
    english = (shelf / "wording" / "lv-saeima.en.toml").read_text(encoding="utf-8")
    latvian = (
        english + '[stages.form]\ntitle = "Pārbaude"\n[effects.committee]\ntitle = "Komisija"\n'
    )
    (shelf / "wording" / "lv-saeima.lv.toml").write_text(latvian, encoding="utf-8")
    book = load_directory(shelf).rulebooks["lv-saeima"][-1]
    assert book.default_kind.decisive is not None
    assert book.default_kind.after.duties[0].milestone == "presidium"
    assert len(book.confirm) == 4


def test_the_errors_shown_in_the_tutorial_are_those_of_the_loader(shelf: Path) -> None:
    (shelf / "wording" / "lv-saeima.en.toml").unlink()
    with pytest.raises(RulebookErrors) as refused:
        load_file(shelf / "lv-saeima.toml", shelf)
    text = (ROOT / "docs" / "rulebooks.md").read_text(encoding="utf-8")
    (shown,) = [b for kind, b in _FENCE.findall(text) if kind == "text" and "lv-saeima" in b]
    assert set(shown.splitlines()) <= set(str(refused.value).splitlines())
