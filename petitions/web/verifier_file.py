"""The program that recomputes a log, handed out by the site that it is made to check.

A reader needs it where the doubt arises, with its fingerprint to compare: the same file lies with the
project's source, and whoever trusts this site least takes it from there. Public, the same for
everybody, kept by caches for an hour.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, request

import petitions
from petitions.ledger.receipt_check import KnownLog
from petitions.web.access import everybody
from petitions.web.edge import engine
from petitions.web.known_logs import known_logs

blueprint = Blueprint("verifier", __name__)
NAME = "petition_verify.py"
PATH = f"/verifier/{NAME}"
AN_HOUR = "public, max-age=3600"
_VERSION = re.compile(rb'^VERSION: Final = "([^"]+)"$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Program:
    """The file as it is handed out. `sha256`: 64 hexadecimal digits; `size` in bytes."""

    version: str
    sha256: str
    size: int
    content: bytes = field(repr=False)

    @property
    def checksum(self) -> str:
        """As `sha256sum --check` reads it."""
        return f"{self.sha256}  {NAME}\n"


@dataclass(frozen=True, slots=True)
class ToCheck:
    """What a page says of checking: the file, this site's address, and its logs, the newest first."""

    program: Program
    address: str
    logs: tuple[KnownLog, ...]

    @property
    def fetching(self) -> str:
        return f"curl -O {self.address}{PATH}"

    @property
    def newest(self) -> int | None:
        return self.logs[0].log_id if self.logs else None

    def keys(self, log_id: int) -> tuple[str, ...]:
        return next((log.vkeys for log in self.logs if log.log_id == log_id), ())

    def of_log(self, log_id: int, petition: str = "") -> str:
        """Every check of a log; with a petition's identifier its count alone is listed."""
        alone = f" --petition {petition}" if petition else ""
        return f"python3 {NAME} log {self.address}/log/{log_id}{alone}"

    def of_receipt(self, file: str, log_id: int) -> str:
        return f"python3 {NAME} receipt {file} {self.address}/log/{log_id}"

    def again(self, log_id: int) -> str:
        """With a memory: what was signed today is compared at the next visit, keys as well."""
        folder = f"{self.address}/log/{log_id}"
        return (
            f"curl -o policy-{log_id} {folder}/policy\n"
            f"python3 {NAME} log {folder} --mirror log-{log_id} --policy policy-{log_id}"
        )


def verifier_folder() -> Path:
    package = Path(petitions.__file__).resolve().parent
    bundled = package / "_bundled" / "verifier"
    return bundled if bundled.is_dir() else package.parent / "verifier"


@lru_cache(maxsize=1)
def program() -> Program:
    """Read once. OSError where the installation lacks it, ValueError where it tells no version."""
    content = (verifier_folder() / NAME).read_bytes()
    version = _VERSION.search(content)
    if version is None:
        raise ValueError(f"{NAME} tells no version")
    digest = hashlib.sha256(content).hexdigest()
    return Program(version[1].decode(), digest, len(content), content)


def to_check() -> ToCheck:
    logs = sorted(known_logs(), key=lambda log: log.log_id, reverse=True)
    return ToCheck(program(), engine().settings.site.base_url, tuple(logs))


@blueprint.get(PATH)
@everybody
def verifier() -> Response:
    """The program itself."""
    answer = Response(program().content, content_type="text/x-python; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{NAME}"'
    return _for_everybody(answer)


@blueprint.get(f"{PATH}.sha256")
@everybody
def verifier_checksum() -> Response:
    """Its fingerprint, to be compared with one from elsewhere."""
    return _for_everybody(Response(program().checksum, content_type="text/plain; charset=utf-8"))


def _for_everybody(answer: Response) -> Response:
    answer.headers["Cache-Control"] = AN_HOUR
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.set_etag(program().sha256)
    return answer.make_conditional(request)  # type: ignore[return-value]
