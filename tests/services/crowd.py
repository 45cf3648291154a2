"""A crowd: at the same door in threads that begin together, or seeded as if it had signed before."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from petitions.domain.errors import PetitionError, UnavailableError
from petitions.ledger.entries import LOG_WIDE, Notice
from petitions.platform.database import translate
from petitions.services.pending import queue
from petitions.services.signing import Signed
from petitions.storage import tables as t
from tests.house import Precinct

Attempt = Callable[[int], object]
NOBODY: Mapping[str, int] = MappingProxyType({})


def answer_of(attempt: Attempt, number: int) -> str:
    """The word for how an attempt ended; a database that was busy is asked again, as people do."""
    for _ in range(50):
        try:
            found = attempt(number)
        except UnavailableError:
            continue
        except PetitionError as refused:
            return refused.code
        except Exception as error:
            if translate(error) is None:
                raise
            continue
        if isinstance(found, Signed):
            return "signed" if found.first_time else "repeated"
        return "already" if found is not None else "done"
    return "gave up"


def in_threads(attempt: Attempt, numbers: Sequence[int], threads: int) -> Counter[str]:
    """Share the attempts out among threads that begin together; count the answers."""
    together = threading.Barrier(threads)
    answers: list[str] = []
    faults: list[BaseException] = []

    def one(share: Sequence[int]) -> None:
        together.wait()
        try:
            answers.extend(answer_of(attempt, number) for number in share)
        except BaseException as fault:
            faults.append(fault)

    running = [
        threading.Thread(target=one, args=(numbers[start::threads],)) for start in range(threads)
    ]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if faults:
        raise faults[0]
    return Counter(answers)


def seed(
    precinct: Precinct,
    petition: UUID,
    people: int,
    *,
    areas: Mapping[str, int] = NOBODY,
    classes: Mapping[str, int] = NOBODY,
) -> None:
    """As if `people` had signed before: the tally's own rows, written in bulk, in a batch of the log.

    For scenarios of hundreds of thousands: the last signatures are then given one by one, through the
    services. The log holds no leaves of the seeded ones, so nothing may verify it afterwards.
    """
    precinct.work()
    with precinct.session() as session:
        log_id = session.get_one(t.PetitionSigning, petition).log_id
        queue(session, log_id, LOG_WIDE, Notice(secrets.token_bytes(32)), due_at=precinct.clock.at)
    precinct.work()
    with precinct.session() as session:
        batch = session.get_one(t.LogState, log_id).batch_no
        session.add(
            t.PetitionCount(
                petition_id=petition, batch_no=batch, collected=people, withdrawn=0, invalid=0,
                valid=people,
            )
        )  # fmt: skip
        found = session.get_one(t.PublicCount, petition)
        found.valid, found.batch_no = people, batch
        for area, number in areas.items():
            session.add(_place(petition, area, "", number))
        for name, number in classes.items():
            session.add(_place(petition, "", name, number))


def _place(petition: UUID, area: str, group: str, number: int) -> t.AreaTally:
    return t.AreaTally(
        petition_id=petition, area=area, counting_class=group, signed=number, withdrawn=0
    )
