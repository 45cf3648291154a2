"""The same invented people at every provider of others."""

from __future__ import annotations

from typing import NamedTuple

PASSWORD = "a password of the tests"


class Person(NamedTuple):
    name: str
    born: str
    place: str

    @property
    def password(self) -> str:
        return PASSWORD


ADULT = Person("rose", "1990-02-03", "valmont")
SECOND = Person("martha", "1984-05-06", "valmont")
CHILD = Person("clara", "2015-01-01", "valmont")
STRANGER = Person("donna", "1975-07-08", "rochebrune")
HESITANT = Person("amelia", "1980-09-10", "valmont")  # never agrees to pass anything on
PEOPLE = (ADULT, SECOND, CHILD, STRANGER, HESITANT)
