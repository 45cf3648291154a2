"""A real Chromium for the browser tests: found, or (`python -m tests.chromium`) installed.

In this order: `PETITIONS_TEST_CHROMIUM`, the system's, Playwright's own, a download by Playwright, the
system's package manager where we are root. The tests themselves only look; `make test` installs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

VARIABLE = "PETITIONS_TEST_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = (
    "browser, no Chromium could be had; install the system's package `chromium`,"
    " or run `python -m playwright install chromium`,"
    f" or set {VARIABLE} to a Chromium or Chrome program"
)
ARGUMENTS = [
    *(["--no-sandbox"] if os.geteuid() == 0 else []),  # the sandbox refuses root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # containers give 64 MB
    # a page under test that asks another machine for anything gets nothing
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1",
]


class ChromiumMissingError(Exception):
    """`str()` says what is not run and what to install."""


def find(playwright: Playwright) -> str:
    """Path of the program. Raises ChromiumMissingError."""
    if given := os.environ.get(VARIABLE):
        if shutil.which(given):
            return given
        raise ChromiumMissingError(f"browser, {VARIABLE} names {given}, which cannot be run")
    for name in NAMES:
        if found := shutil.which(name):
            return found
    own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    raise ChromiumMissingError(MISSING)


def install() -> bool:
    """Whether a Chromium is there now. Downloads one where it must; says what it does."""
    from playwright.sync_api import sync_playwright

    attempts: list[list[list[str]]] = [
        [],
        [[sys.executable, "-m", "playwright", "install", "chromium"]],
    ]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt = ["apt-get", "-q", "-y"]
        attempts.append(
            [[*apt, "update"], [*apt, "install", "--no-install-recommends", "chromium"]]
        )
    for commands in attempts:
        for command in commands:
            print("+", *command, flush=True)
            subprocess.run(command, check=False, timeout=900)
        with sync_playwright() as playwright:
            try:
                program = find(playwright)
            except ChromiumMissingError:
                continue
            try:
                playwright.chromium.launch(executable_path=program, args=ARGUMENTS).close()
            except Exception as error:  # its libraries may be missing; apt-get brings them
                print(f"{program} does not start: {str(error)[:300]}")
                continue
            print(f"Chromium: {program}")
            return True
    print(f"not run: {MISSING}")
    return False


if __name__ == "__main__":
    # a missing browser stops CI only; elsewhere the tests name it in their last lines
    sys.exit(0 if install() or os.environ.get("CI") != "true" else 1)
