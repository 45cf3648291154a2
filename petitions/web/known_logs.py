"""The logs of this site as their published files tell them: origins, and the keys that sign."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from petitions.ledger.encoding import LedgerError
from petitions.ledger.key_history import KeySpan, read_keys_file
from petitions.ledger.notes import parse_vkey
from petitions.ledger.receipt_check import KnownLog
from petitions.storage import log_reading
from petitions.web.edge import engine, reading


@dataclass(frozen=True, slots=True)
class LogFolder:
    """The published files, as the server in front would serve them."""

    place: Path

    def read(self, log_id: int, name: str) -> bytes | None:
        try:
            return (self.place / str(log_id) / name).read_bytes()
        except OSError:
            return None


def log_files() -> LogFolder:
    """Those of this site."""
    return LogFolder(Path(engine().settings.log.directory))


def known_logs() -> tuple[KnownLog, ...]:
    """Every log of this site with the keys of its published policy."""
    with reading() as session:
        origins = [(each.log_id, each.origin) for each in log_reading.statuses(session)]
    return tuple(
        KnownLog(log_id, origin, _policy_keys(log_id), _history(log_id, origin))
        for log_id, origin in origins
    )


def _history(log_id: int, origin: str) -> tuple[KeySpan, ...]:
    """Every key of the log; nothing where its files are from before keys could be changed."""
    try:
        return read_keys_file(log_files().read(log_id, "keys.json") or b"", origin)
    except LedgerError:
        return ()


def _policy_keys(log_id: int) -> tuple[str, ...]:
    lines = (log_files().read(log_id, "policy") or b"").decode("utf-8", "replace").split("\n")
    keys = [line.removeprefix("log ").split(" ")[0] for line in lines if line.startswith("log ")]
    return tuple(key for key in keys if _is_vkey(key))


def _is_vkey(text: str) -> bool:
    try:
        parse_vkey(text)
    except LedgerError:
        return False
    return True
