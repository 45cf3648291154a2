"""Confirm-and-sign through the production server, beside one bare INSERT and beside pgbench."""

from __future__ import annotations

import re
import subprocess
from statistics import median

import psycopg

from benchmarks.ground import Ground, ground, published_petition, serving, turn_log
from benchmarks.load import request, send_all
from benchmarks.signers import confirm_requests
from tests.postgres import find_binaries

ROUNDS, PER_ROUND, CONNECTIONS = 5, 2000, 32
PGBENCH = """\\set a random(1, 9223372036854775807)
INSERT INTO bare_signature (petition_id, tag) VALUES ('00112233-4455-6677-8899-aabbccddeeff',
 sha256(int8send(:a))) ON CONFLICT DO NOTHING;
"""


def prepare_bare(base: Ground) -> None:
    with psycopg.connect(base.libpq, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE bare_signature (petition_id uuid, tag bytea CHECK (octet_length(tag) = 32),"
            " PRIMARY KEY (petition_id, tag))"
        )


def pgbench(base: Ground, seconds: int = 4) -> float:
    """INSERTs a second straight from pgbench: prepared, 16 clients, 2 threads."""
    binaries = find_binaries()
    if binaries is None or not (binaries / "pgbench").exists():
        return 0.0
    script = base.folder / "insert.sql"
    script.write_text(PGBENCH)
    done = subprocess.run(
        [str(binaries / "pgbench"), "-n", "-f", str(script), "-M", "prepared", "-c", "16", "-j", "2",
         "-T", str(seconds), base.libpq],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    return float(found[1]) if found else 0.0


def run() -> dict[str, list[float]]:
    """Rates per second, one figure a round: product, bare INSERT, pgbench."""
    found: dict[str, list[float]] = {"sign": [], "insert": [], "pgbench": [], "p99 ms": []}
    with ground() as base:
        prepare_bare(base)
        petition, ref = published_petition(base)
        turn_log(base)
        plain = request("POST", "/insert", {"Content-Type": "text/plain"}, b"x")
        with (
            serving(base, "petitions.wsgi:app", 18000),
            serving(base, "benchmarks.bare:app", 18005),
        ):
            send_all(18000, confirm_requests(base, petition, ref, 200), CONNECTIONS)
            send_all(18005, [plain] * 200, CONNECTIONS)
            for _ in range(ROUNDS):
                prepared = confirm_requests(base, petition, ref, PER_ROUND)
                signed = send_all(18000, prepared, CONNECTIONS)
                if set(signed.statuses) != {303}:
                    raise RuntimeError(f"not every signature was taken: {signed.statuses}")
                found["sign"].append(signed.rate)
                found["p99 ms"].append(signed.percentile(0.99) * 1000)
                found["insert"].append(send_all(18005, [plain] * PER_ROUND, CONNECTIONS).rate)
                found["pgbench"].append(pgbench(base))
    return found


def report(found: dict[str, list[float]]) -> str:
    sign, insert, bench = (median(found[name]) for name in ("sign", "insert", "pgbench"))

    def spread(name: str) -> str:
        return f"{min(found[name]):,.0f}–{max(found[name]):,.0f}"

    return "\n".join(
        [
            f"confirm-and-sign        {sign:10,.0f}/s  ({spread('sign')})",
            f"bare endpoint, 1 INSERT {insert:10,.0f}/s  ({spread('insert')})",
            f"pgbench, the same INSERT{bench:10,.0f}/s  ({spread('pgbench')})",
            f"ratio to the bare endpoint {sign / insert:.2f}",
            f"ratio to pgbench           {sign / bench:.3f}" if bench else "pgbench: not found",
            f"99th percentile of a signature {median(found['p99 ms']):.0f} ms",
        ]
    )
