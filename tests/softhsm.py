"""SoftHSM2, a PKCS#11 token in software, of the package softhsm2."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

PIN = "4711-4711"
CONFIGURATION = "SOFTHSM2_CONF"
_LIBRARIES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)


class SoftHsmMissingError(Exception):
    """The sentence says what could not be tested and how to get it."""


@dataclass(frozen=True, slots=True)
class SoftToken:
    module: str
    label: str
    pin: str


def find() -> str:
    """Path of the module."""
    found = next((path for path in _LIBRARIES if Path(path).exists()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        raise SoftHsmMissingError(
            "keys in a PKCS#11 token: no SoftHSM2 (on Debian or Ubuntu: apt install softhsm2)"
        )
    return found


def prepare(folder: Path) -> Path:
    """A folder of tokens for this process and its children."""
    tokens = folder / "tokens"
    tokens.mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    os.environ[CONFIGURATION] = str(configuration)
    return tokens


def initialise(_folder: Path, label: str, pin: str = PIN) -> SoftToken:
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin,
         "--so-pin", "8151-8151"],
        check=True, capture_output=True,
    )  # fmt: skip
    return SoftToken(find(), label, pin)
