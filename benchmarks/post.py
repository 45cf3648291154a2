"""100,000 followers informed over a real mail server, all posts killed (SIGKILL) several times.

Server, posts, database and somebody who goes on following petitions are programs of their own. Each
time a share of the mails has left, the posts are killed without warning and others take their place.
At the end nobody may have been told twice and nobody forgotten; a mail whose words were leaving when
its post died is never sent again, so that each death of a post may cost one mail at most. Beside it:
a ready mail, handed to the same server by smtplib with nothing else around it.
"""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import psycopg
from sqlalchemy import func, select

from benchmarks.follow import people
from benchmarks.ground import Ground, ground, published_petition
from petitions.domain.following import Happening, Rhythm, Scope
from petitions.services import following, telling
from petitions.services.follow_keys import follow_keys
from petitions.services.following import Wish
from petitions.storage import tables as t

FOLLOWERS = int(os.environ.get("PETITIONS_BENCH_FOLLOWERS", "100000"))
POSTS, KILLS, BARE_MAILS = 6, 6, 2_000
"""So many posts share the mails: one line waits for its server most of the time."""
SECONDS_MOST = 3_600


@dataclass
class Found:
    followers: int
    seconds: float = 0.0
    """On the clock, restarts included."""
    told: int = 0
    twice: int = 0
    unsure: int = 0
    """Mails that were leaving when their post was killed; never sent again."""
    kills: int = 0
    memory: int = 0
    """Megabytes of one post at its largest."""
    rates: list[float] = field(default_factory=list)
    """Mails a second between two kills."""
    bare: float = 0.0
    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    """Milliseconds of somebody who begins to follow the same petition, before and while mails leave."""


def run() -> Found:
    with ground() as here, psycopg.connect(here.libpq) as driver:
        petition, _reference = published_petition(here)
        people(driver, follow_keys(here.house), petition, FOLLOWERS)
        found = Found(FOLLOWERS)
        asks = _asking(here, str(petition))
        found.alone = [asks() for _ask in range(200)]
        with here.sessions.begin() as session:
            for event in session.scalars(select(t.FollowEvent)):
                event.spread_at = datetime.now(UTC)
            session.query(t.FollowMail).delete()
            row = session.get_one(t.Petition, petition)
            telling.tell_followers(session, row, Happening.RESTORED, datetime.now(UTC), key="bench")
        book = here.folder / "taken"
        server = _started(here, "server", str(book))
        assert server.stdout is not None
        port = int(server.stdout.readline())
        try:
            _carry(here, port, book, found, asks)
            found.bare = _bare(port)
        finally:
            server.kill()
        return found


def _asking(here: Ground, petition: str) -> Callable[[], float]:
    """Somebody types an address on the page of the same petition: milliseconds, commit and all."""
    number = iter(range(10**9))

    def ask() -> float:
        wish = Wish(
            address=f"other{next(number)}@example.org", scope=Scope.PETITION, target=petition,
            rhythm=Rhythm.WEEKLY, language="en",
        )  # fmt: skip
        began = perf_counter()
        with here.sessions.begin() as session:
            following.ask(session, here.house, wish, datetime.now(UTC))
        return (perf_counter() - began) * 1000

    return ask


def _started(here: Ground, *role: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.post_roles", *role],
        env=here.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def _posts(here: Ground, port: int, lives: int) -> list[subprocess.Popen[bytes]]:
    return [_started(here, "post", str(port), str(11 * lives)) for _post in range(POSTS)]


def _taken(book: Path) -> Counter[str]:
    lines = book.read_text().splitlines() if book.exists() else []
    return Counter(line.split()[0] for line in lines if line.startswith("person"))


def _carry(here: Ground, port: int, book: Path, found: Found, asks: Callable[[], float]) -> None:
    began, lives = perf_counter(), 0
    posts = _posts(here, port, lives)
    since, before = perf_counter(), 0
    while perf_counter() - began < SECONDS_MOST:
        found.beside.append(asks())
        time.sleep(0.5)
        told = _taken(book).total()
        if lives < KILLS and told > FOLLOWERS * (lives + 1) / (KILLS + 1):
            for post in posts:
                post.send_signal(signal.SIGKILL)
            for post in posts:
                post.wait()
            found.rates.append((_taken(book).total() - before) / (perf_counter() - since))
            print(f"  killed after {told:,} mails", file=sys.stderr, flush=True)
            lives += 1
            since, before = perf_counter(), _taken(book).total()
            posts = _posts(here, port, lives)
        elif _left(here) == 0:
            break
    found.seconds, found.kills = perf_counter() - began, lives
    found.rates.append((_taken(book).total() - before) / (perf_counter() - since))
    found.memory = max(int(post.communicate(timeout=60)[0]) for post in posts)
    _judge(here, book, found)


def _left(here: Ground) -> int:
    """Mails of the happening that have no end yet, or that are not even listed."""
    over = ("sent", "unsure", "given_up", "dropped")
    with here.sessions() as session:
        if session.scalar(select(func.count()).where(t.FollowEvent.spread_at.is_(None))):
            return 1
        open_ = select(t.FollowMail.follower_id).where(
            t.FollowMail.kind == "happening", t.FollowMail.standing.not_in(over)
        )
        return len(session.scalars(open_.limit(1)).all())


def _judge(here: Ground, book: Path, found: Found) -> None:
    taken = _taken(book)
    found.told, found.twice = len(taken), sum(1 for number in taken.values() if number > 1)
    with here.sessions() as session:
        rows = session.execute(
            select(t.FollowMail.standing, func.count())
            .where(t.FollowMail.kind == "happening")
            .group_by(t.FollowMail.standing)
        )
        standing: dict[str, int] = dict(rows.all())
    found.unsure = standing.get("unsure", 0)
    if (
        found.twice
        or found.told + found.unsure < found.followers
        or found.unsure > found.kills * POSTS
    ):
        raise RuntimeError(f"told {found.told}, twice {found.twice}, {standing}")


def _bare(port: int) -> float:
    """A ready mail of the same length, a thousand times: what this server and smtplib can do."""
    words = b"Subject: x\r\n\r\n" + b"A line of a mail that says nothing.\r\n" * 200
    began = perf_counter()
    for start in range(0, BARE_MAILS, 100):
        with smtplib.SMTP("127.0.0.1", port) as line:
            for number in range(start, start + 100):
                line.sendmail("a@example.org", [f"bare{number}@example.org"], words)
    return BARE_MAILS / (perf_counter() - began)


def report(found: Found) -> str:
    rate, alone = found.told / found.seconds, median(found.alone)
    beside, last = median(found.beside), quantiles(found.beside, n=20)[-1]
    told = (
        f"{found.followers:,} followers, {POSTS} posts, {found.kills} times killed: "
        f"told {found.told:,}, twice {found.twice}, unsure {found.unsure}, in {found.seconds:,.0f} s, "
        f"{rate:,.0f} a second "
        f"(between kills {min(found.rates):,.0f} to {max(found.rates):,.0f})"
    )
    bare = (
        f"bare smtplib into the same server {found.bare:,.0f} a second: ratio "
        f"{rate / found.bare:.2f}"
    )
    others = (
        f"to begin to follow the same petition: {alone:.1f} ms alone, {beside:.1f} ms (95 % below "
        f"{last:.1f}) while mails leave"
    )
    return f"{told}\n{bare}\nmemory of a post at its largest {found.memory} MB\n{others}"
