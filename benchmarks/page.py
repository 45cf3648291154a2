"""The petition page through the production server, beside a hello-world page on the same server."""

from __future__ import annotations

from statistics import median

from benchmarks.ground import ground, published_petition, serving, turn_log
from benchmarks.load import request, send_all

ROUNDS, PER_ROUND, CONNECTIONS = 5, 12_000, 32


def run() -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"page": [], "hello": []}
    with ground() as base:
        _petition, ref = published_petition(base)
        turn_log(base)
        page = request("GET", f"/en/petitions/{ref}", {"Accept-Encoding": "gzip"})
        hello = request("GET", "/hello", {})
        with (
            serving(base, "petitions.wsgi:app", 18000),
            serving(base, "benchmarks.bare:app", 18005),
        ):
            send_all(18000, [page] * 300, CONNECTIONS)
            send_all(18005, [hello] * 300, CONNECTIONS)
            for _ in range(ROUNDS):
                shown = send_all(18000, [page] * PER_ROUND, CONNECTIONS)
                if set(shown.statuses) != {200}:
                    raise RuntimeError(f"not every page was shown: {shown.statuses}")
                found["page"].append(shown.rate)
                found["hello"].append(send_all(18005, [hello] * PER_ROUND, CONNECTIONS).rate)
    return found


def report(found: dict[str, list[float]]) -> str:
    page, hello = median(found["page"]), median(found["hello"])
    return "\n".join(
        [
            f"petition page {page:10,.0f}/s  ({min(found['page']):,.0f}–{max(found['page']):,.0f})",
            f"hello world   {hello:10,.0f}/s  ({min(found['hello']):,.0f}–{max(found['hello']):,.0f})",
            f"ratio {page / hello:.2f}",
        ]
    )
