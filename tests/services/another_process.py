"""What another web process does when somebody signs there. Imports little: it is started anew."""

from __future__ import annotations

import secrets
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from petitions.platform.database import create_engine
from petitions.services.ports import House, Policy
from petitions.services.salts import SigningKeys
from petitions.services.signing import Act, AlreadySigned, Signed, retried, sign
from tests.services.crowd import in_threads


def sign_here(
    uri: str, keys: SigningKeys, petition: UUID, u: bytes, at: datetime, attempts: int
) -> Counter[str]:
    """Attempts of one person, in two threads of this process."""
    engine = create_engine(uri)
    nothing: Any = None  # signing asks neither the rulebooks nor the key store
    policy = Policy("petitions.example.org", "p1", batch_min=1, batch_max_wait=3600)
    house = House(library=nothing, keys=nothing, random=secrets.token_bytes, policy=policy)

    def attempt(_number: int) -> Signed | AlreadySigned:
        act = Act(
            petition,
            u,
            secrets.token_bytes(16),
            at + timedelta(minutes=10),
            secrets.token_bytes(32),
        )
        with Session(engine) as session:

            def once() -> Signed | AlreadySigned:
                found = sign(session, house, keys, act, at)
                session.commit()
                return found

            return retried(once, session.rollback)

    try:
        return in_threads(attempt, range(attempts), 2)
    finally:
        engine.dispose()


def in_processes(processes: int, *share: Any) -> Counter[str]:
    answers: Counter[str] = Counter()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for found in [pool.submit(sign_here, *share) for _ in range(processes)]:
            answers += found.result()
    return answers
