"""`make lighthouse`: performance, accessibility and best practices of home, list and petition page.

Wants a site that runs (make demo), on a machine with nothing else to do: performance is time. Says each
score and what costs points, and ends with status 1 where one is under 100.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import chromium

CATEGORIES = ("performance", "accessibility", "best-practices")
ROOT = Path(__file__).resolve().parents[2]
TRIES = 3
"""The best of so many counts: a busy machine makes no page slower."""


def pages(address: str) -> list[str]:
    """Home, the list, and the first petition of the list."""
    with urllib.request.urlopen(f"{address}/en/petitions?state=published", timeout=20) as answer:
        found = re.search(r'href="(/en/petitions/\d{4}-\d+)"', answer.read().decode())
    return ["/en/", "/en/petitions", *([found[1]] if found else [])]


def measured(program: Path, browser: str, url: str) -> dict[str, object] | None:
    """The report; None where the browser gave up, which says nothing of the page."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        flags = " ".join(["--headless=new", *chromium.ARGUMENTS[:2]])
        subprocess.run(
            [
                "node", str(program), url, "--quiet", f"--chrome-flags={flags}", "--output=json",
                f"--output-path={told}", f"--only-categories={','.join(CATEGORIES)}",
            ],
            env={**os.environ, "CHROME_PATH": browser}, check=False,
        )  # fmt: skip
        if not told.is_file():
            return None
        found: dict[str, object] = json.loads(told.read_text())
        return found


def scores(report: dict[str, object]) -> dict[str, float]:
    """0 where the browser recorded nothing: another of the tries counts."""
    categories: dict[str, dict[str, float | None]] = report["categories"]  # type: ignore[assignment]
    return {name: categories[name]["score"] or 0.0 for name in CATEGORIES}


def costs(report: dict[str, object], name: str) -> list[str]:
    """Names of the audits of a category that are not full marks and weigh something."""
    categories: dict[str, dict[str, list[dict[str, object]]]] = report["categories"]  # type: ignore[assignment]
    audits: dict[str, dict[str, object]] = report["audits"]  # type: ignore[assignment]
    return [
        str(each["id"])
        for each in categories[name]["auditRefs"]
        if each["weight"] and audits[str(each["id"])]["score"] not in (1, None)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8000")
    address = parser.parse_args().address.rstrip("/")
    place = Path(f"{os.environ.get('VENV', '.venv')}-lighthouse")
    program = (
        place if place.is_absolute() else ROOT / place
    ) / "node_modules/lighthouse/cli/index.js"
    with sync_playwright() as playwright:
        browser = chromium.find(playwright)
    short = False
    for path in pages(address):
        tries = [measured(program, browser, address + path) for _try in range(TRIES)]
        reports = [each for each in tries if each is not None]
        if not reports:
            sys.stderr.write(f"no report of {path}: is the site there, and the machine idle?\n")
            return 1
        best = max(reports, key=lambda each: sum(scores(each).values()))
        for name, score in scores(best).items():
            under = f"  {', '.join(costs(best, name))}" if score < 1 else ""
            short |= score < 1
            sys.stdout.write(f"{score * 100:3.0f}  {name:<16} {path}{under}\n")
    return int(short)


if __name__ == "__main__":
    sys.exit(main())
