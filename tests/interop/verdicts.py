"""Runs the judges that are programs: where they are, what they say, how their absence is named."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PREPARED = Path(f"{sys.prefix}-interop")
"""Filled by `scripts/prepare interop`, since no test may reach a registry."""


class JudgeMissingError(Exception):
    """The sentence says what does not run without it, and how it is had."""


@dataclass(frozen=True)
class Verdict:
    """`stage`: at what the log was refused, "" where it was accepted; how much was checked."""

    stage: str
    why: str
    leaves: int
    earlier: int


def by_go(cases: Sequence[Path]) -> dict[str, Verdict]:
    """golang.org/x/mod/sumdb: note and tlog, of Debian's packages."""
    program = PREPARED / "judge-go"
    if not _same(HERE / "go" / "judge.go", PREPARED / "judge.go") or not program.exists():
        raise JudgeMissingError(
            "our log read by Go's sumdb; install golang-go and golang-golang-x-mod-dev, "
            "then run scripts/prepare interop"
        )
    return _heard([str(program)], cases, {})


def by_node(cases: Sequence[Path]) -> dict[str, Verdict]:
    """npm @sigstore/verify."""
    modules, lock = PREPARED / "node_modules", "package-lock.json"
    node = shutil.which("node")
    if node is None or not modules.exists() or not _same(HERE / "node" / lock, PREPARED / lock):
        raise JudgeMissingError(
            "our log read by sigstore's JavaScript; install nodejs and npm, "
            "then run scripts/prepare interop"
        )
    return _heard([node, str(HERE / "node" / "judge.js")], cases, {"NODE_PATH": str(modules)})


def by_pymerkle(cases: Sequence[Path]) -> dict[str, Verdict]:
    """PyPI pymerkle, in this process."""
    from tests.interop.by_pymerkle import judge

    return {case.name: judge(case) for case in cases}


JUDGES: dict[str, Callable[[Sequence[Path]], dict[str, Verdict]]] = {
    "go": by_go,
    "node": by_node,
    "pymerkle": by_pymerkle,
}


def _same(source: Path, prepared: Path) -> bool:
    """Whether what was prepared belongs to these sources."""
    return prepared.exists() and filecmp.cmp(source, prepared, shallow=False)


def _heard(command: list[str], cases: Sequence[Path], more: dict[str, str]) -> dict[str, Verdict]:
    environment = {"PATH": os.environ.get("PATH", os.defpath), **more}
    said = subprocess.run(
        [*command, *map(str, cases)],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert said.returncode == 0, said.stderr
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    return {line.pop("case"): Verdict(**line) for line in lines}
