"""Petition pages while 200 logins wait for an identity provider that does not answer.

Each round asks for the same pages twice: alone, and right after 200 people came back from the provider
at the same moment, whose token end stays silent. Half of each process's threads wait for it, the others
of the 200 are turned away; the latencies of the pages are compared. The provider, the people and the
readers are on the server's own two cores.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from benchmarks.ground import (
    SERVER_THREADS,
    SERVER_WORKERS,
    Ground,
    ground,
    published_petition,
    serving,
    turn_log,
)
from benchmarks.load import Answers, request, send_all
from tests.servers.slow_provider import Crowd, SlowProvider, logins_that_come_back, slow_provider

ROUNDS, PER_ROUND, CONNECTIONS, PEOPLE = 5, 6_000, 8, 200
PORT = 18000


@dataclass
class Latencies:
    """Milliseconds, one figure a round."""

    half: list[float] = field(default_factory=list)
    worst: list[float] = field(default_factory=list)

    def add(self, answers: Answers) -> None:
        if set(answers.statuses) != {200}:
            raise RuntimeError(f"not every page was shown: {answers.statuses}")
        self.half.append(answers.percentile(0.5) * 1000)
        self.worst.append(answers.percentile(0.99) * 1000)


@dataclass
class Found:
    alone: Latencies = field(default_factory=Latencies)
    beside: Latencies = field(default_factory=Latencies)
    held: list[int] = field(default_factory=list)
    logins: Counter[int] = field(default_factory=Counter)


def run() -> Found:
    found = Found()
    with ground(PORT) as base, slow_provider(PORT + 1) as provider:
        all_threads(base)
        _petition, ref = published_petition(base)
        turn_log(base)
        page = request("GET", f"/en/petitions/{ref}", {"Accept-Encoding": "gzip"})
        with serving(base, "petitions.wsgi:app", PORT):
            send_all(PORT, [page] * 300, CONNECTIONS)
            # all before the first of them fails: then the breaker lets nobody begin for a while
            crowds = [logins_that_come_back(PORT, PEOPLE) for _ in range(ROUNDS)]
            for logins in crowds:
                found.alone.add(send_all(PORT, [page] * PER_ROUND, CONNECTIONS))
                beside(found, provider, Crowd(PORT), logins, [page] * PER_ROUND)
    return found


def all_threads(base: Ground) -> None:
    """The bulkhead is a share of the server's threads: the settings have to know them."""
    text = base.config.read_text().replace("threads = 8", f"threads = {SERVER_THREADS}")
    base.config.write_text(text)


def beside(
    found: Found, provider: SlowProvider, crowd: Crowd, logins: list, pages: list[bytes]
) -> None:
    provider.gate.clear()
    crowd.send(logins)
    before = provider.wait_until_held(1)
    found.beside.add(send_all(PORT, pages, CONNECTIONS))
    if not before & provider.waiting():
        raise RuntimeError("no login waited all the while: the figures would compare nothing")
    found.held.append(len(provider.waiting()))
    provider.gate.set()
    crowd.wait_until_answered(len(logins))
    found.logins.update(status for status, _ in crowd.answered())


def _line(name: str, figures: Latencies) -> str:
    half, worst = figures.half, figures.worst
    return (
        f"{name:18} p50 {median(half):6.2f} ms ({min(half):.2f}-{max(half):.2f})"
        f"  p99 {median(worst):6.2f} ms ({min(worst):.2f}-{max(worst):.2f})"
    )


def report(found: Found) -> str:
    alone, beside_them = found.alone, found.beside
    turned_away, places = found.logins[503], SERVER_WORKERS * SERVER_THREADS // 2
    half = median(beside_them.half) / median(alone.half)
    worst = median(beside_them.worst) / median(alone.worst)
    lines = (
        _line("pages alone", alone),
        _line(f"beside {PEOPLE} logins", beside_them),
        f"ratio p50 {half:.2f}  p99 {worst:.2f}",
        f"logins at the provider when the pages were done: {median(found.held):.0f}, places {places}",
        f"turned away with 503: {turned_away} of {ROUNDS * PEOPLE}",
    )
    return "\n".join(lines)
