"""A crowd at the same door: many attempts at once, in threads that begin together."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence

from petitions.domain.errors import PetitionError, UnavailableError
from petitions.platform.database import translate
from petitions.services.signing import Signed

Attempt = Callable[[int], object]


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
