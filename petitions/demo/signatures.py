"""Many signatures at once, each as the signing service leaves it: a row by tag and an entry to log.

Nobody stands behind them: u is drawn at random. What is written is what `petitions.services.signing`
writes, with the same functions for tag, link and commitment, in the order of the tags.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from petitions.demo.acts import Gathering
from petitions.demo.curves import spread
from petitions.domain.errors import SigningClosedError
from petitions.ledger import commitments
from petitions.ledger.entries import EntryType
from petitions.services import signing
from petitions.services.ports import House
from petitions.services.salts import SigningKeys, unwrap
from petitions.services.signing import Act
from petitions.storage import signing_rows as rows
from petitions.storage.tables import PendingEntry, Petition, Signature

SMALL = 150
"""Up to here a total is the same at every scale: thresholds of a town are met with neighbours."""
_DRAWN = 32 + 32 + 12  # u, r and the nonce of the link
_GOLDEN, _PLASTIC = 0.618_033_988_75, 0.754_877_666_25
"""Steps whose multiples, without their whole part, fill the line from 0 to 1 evenly and independently
(Weyl's sequence): every share is met as nearly as whole people allow, at every scale."""


def scaled(gathering: Gathering, scale: float) -> int:
    """How many sign in a demonstration of this scale."""
    total = gathering.total
    return total if total <= SMALL else max(gathering.least, round(total * scale))


@dataclass(slots=True)
class Collection:
    """The signatures still to come for one petition, by local day."""

    petition_id: UUID
    keys: SigningKeys
    to_come: dict[date, int]
    withdrawals: dict[date, int]
    gathering: Gathering
    signed: list[bytes] = field(default_factory=list)
    """A few values u, for those who will take their signature back."""
    people: int = 0

    def next_person(self) -> tuple[str, list[str]]:
        """(area, counting classes) of whoever signs next."""
        self.people += 1
        areas, ends = tuple(self.gathering.areas), list(accumulate(self.gathering.areas.values()))
        area = areas[bisect_right(ends, self.people * _GOLDEN % 1 * ends[-1])] if areas else ""
        drawn = self.people * _PLASTIC % 1
        return area, [each for each, share in self.gathering.classes.items() if drawn < share]


def plan(
    session: Session,
    house: House,
    petition: Petition,
    gathering: Gathering,
    first: date,
    last: date,
    *,
    scale: float,
    share_of_last: float,
) -> Collection:
    """Lay a gathering out over the days from `first` to `last`, both inclusive."""
    days = (last - first).days + 1
    per_day = spread(
        scaled(gathering, scale),
        first,
        days,
        gathering.shape,
        str(petition.reference),
        share_of_last=share_of_last,
        last_day=petition.last_day,
    )
    middle = range(days // 3, max(days // 3, days - 4))
    back: dict[date, int] = {}
    for number in range(gathering.withdrawn if middle else 0):
        day = first + timedelta(days=middle[number * len(middle) // gathering.withdrawn])
        back[day] = back.get(day, 0) + 1
    return Collection(
        petition.id,
        unwrap(session, house, petition.id),
        {first + timedelta(days=age): number for age, number in enumerate(per_day) if number},
        back,
        gathering,
    )


def sign_many(
    session: Session, house: House, collection: Collection, number: int, *, at: datetime
) -> int:
    """Sign `number` times at an instant. SigningClosedError where one cannot sign any more."""
    petition = collection.petition_id
    if rows.open_size(session, petition, at) is None:
        raise SigningClosedError("signing_closed")
    keys = collection.keys
    links: list[tuple[bytes, bytes]] = []
    made: list[tuple[bytes, str, list[str]]] = []
    for u, c, nonce in _drawn(house, keys.origin, petition, number):
        tag = commitments.tag(keys.salt, u)
        links.append((tag, commitments.seal_link(keys.salt, u, petition, tag, c, nonce)))
        made.append((c, *collection.next_person()))
        if len(collection.signed) < sum(collection.withdrawals.values()):
            collection.signed.append(u)
    signatures = [
        {"petition_id": petition, "tag": tag, "standing": "signed", "link": link, "cycles": 0,
         "settled": False}
        for tag, link in sorted(links)
    ]  # fmt: skip
    entries: list[dict[str, object]] = [
        {"log_id": keys.log_id, "petition_id": petition, "type": int(EntryType.SIGN), "body": c,
         "secret": None, "area": area, "classes": classes, "due_at": at}
        for c, area, classes in sorted(made)
    ]  # fmt: skip
    session.connection().execute(insert(_table(Signature)), signatures)
    session.connection().execute(insert(_table(PendingEntry)), entries)
    return number


def _table(mapped: type[Signature | PendingEntry]) -> Table:
    table = mapped.__table__
    assert isinstance(table, Table)
    return table


def _drawn(
    house: House, origin: str, petition: UUID, number: int
) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(u, commitment, nonce) for each signature."""
    drawn = house.random(_DRAWN * number)
    for start in range(0, _DRAWN * number, _DRAWN):
        u, r = drawn[start : start + 32], drawn[start + 32 : start + 64]
        nonce = drawn[start + 64 : start + _DRAWN]
        yield u, commitments.commitment(origin, petition, r), nonce


def withdraw_one(session: Session, house: House, collection: Collection, *, at: datetime) -> None:
    """One of the first signatories takes the signature back, by the service itself."""
    u = collection.signed.pop()
    act = Act(
        petition_id=collection.petition_id,
        u=u,
        jti=house.random(16),
        jti_expires=at + timedelta(minutes=10),
        commitment=house.random(32),
    )
    signing.withdraw(session, house, collection.keys, act, at)
