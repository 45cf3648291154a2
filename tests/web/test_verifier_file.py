"""The program for checking, served by the site, and the commands that the pages print with it."""

from __future__ import annotations

import hashlib
import html
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from petitions.web.pages_content import ContentPage
from tests.web.rendering import render, stage
from tests.web.town import ADDRESS, Town, open_town, signed_by_three

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "verifier" / "petition_verify.py"
HERE = "/verifier/petition_verify.py"


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


@pytest.fixture
def ref(town: Town) -> str:
    return signed_by_three(town)


def commands(page: str) -> list[str]:
    """The lines of every box with commands, as a reader copies them."""
    boxes = re.findall(r'<pre class="code scroll copy"[^>]*>(.*?)</pre>', page, re.DOTALL)
    return [html.unescape(line) for box in boxes for line in box.splitlines()]


def test_the_very_file_is_served_to_everybody_and_to_caches(town: Town) -> None:
    answer = town.browser().get(HERE)
    assert answer.data == PROGRAM.read_bytes()
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert 'filename="petition_verify.py"' in answer.headers["Content-Disposition"]
    assert "Set-Cookie" not in answer.headers
    again = town.browser().get(HERE, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_its_fingerprint_is_that_of_the_bytes_and_stands_on_the_pages(town: Town, ref: str) -> None:
    digest = hashlib.sha256(PROGRAM.read_bytes()).hexdigest()
    assert town.browser().get(f"{HERE}.sha256").text == f"{digest}  petition_verify.py\n"
    version = subprocess.run(
        [sys.executable, str(PROGRAM), "--version"], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    for page in ("log", "receipt", "verify", f"petitions/{ref}/count"):
        text = town.browser().get(f"/en/{page}").text
        assert digest in text, page
        assert f'href="{HERE}"' in text, page
        assert f"version {version}," in text, page


def test_the_printed_command_recounts_this_petition_and_lists_it_alone(
    town: Town, ref: str, tmp_path: Path
) -> None:
    town.publish("Un marché le dimanche")
    town.integrate()
    fetching, checking, *_memory = commands(town.browser().get(f"/en/petitions/{ref}/count").text)
    assert fetching == f"curl -O {ADDRESS}{HERE}"
    (tmp_path / "petition_verify.py").write_bytes(
        town.browser().get(fetching.removeprefix(f"curl -O {ADDRESS}")).data
    )
    python, *words = checking.split()
    assert python == "python3"
    log = f"{ADDRESS}/log/2026"
    assert log in words
    # the log is read from its folder: nothing listens at the address of a test
    local = [str(town.folder / "log" / "2026") if word == log else word for word in words]
    found = subprocess.run(
        [sys.executable, *local], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert "3 valid" in found.stdout
    assert found.stdout.count(" valid  ") == 1
    assert found.stdout.splitlines()[-1].startswith("Nothing is wrong.")


def test_the_keys_of_the_log_are_told_and_can_be_held_against_it(town: Town, ref: str) -> None:
    policy = town.browser().get("/log/2026/policy").text
    key = policy.split()[1]
    for page in ("log", f"petitions/{ref}/count"):
        text = town.browser().get(f"/en/{page}").text
        assert key in html.unescape(text), page
        assert f"curl -o policy-2026 {ADDRESS}/log/2026/policy" in commands(text), page
        assert any("--policy policy-2026" in line for line in commands(text)), page


def test_before_the_first_log_no_page_prints_a_command_for_one(town: Town) -> None:
    for page in ("log", "verify"):
        assert commands(town.browser().get(f"/en/{page}").text) == [], page


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "no entry says where or who"), ("fr", "aucune entrée ne dit où ni qui"),
     ("nl", "geen vermelding zegt waar of wie"), ("de", "Kein Eintrag sagt, wo oder wer")],
)  # fmt: skip
def test_a_page_says_that_figures_by_area_cannot_be_recounted(lang: str, words: str) -> None:
    assert words in render(stage(), "content/verify.html", ContentPage("verify"), lang)


def test_every_way_to_install_brings_the_program_along() -> None:
    bundled = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert bundled["targets"]["wheel"]["force-include"]["verifier"] == "petitions/_bundled/verifier"
    assert "COPY verifier verifier" in (ROOT / "deploy" / "Containerfile").read_text()
