"""One more petition of the town: its notices say how it is judged, where its key lay, what became of it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from petitions.ledger.entries import LOG_WIDE, Close, Destroyed, Notice, write
from petitions.ledger.key_history import KeySpan, keys_file
from petitions.ledger.notice import What, notice_file
from tests.verifier.maker import DEPLOYMENT, ORIGIN, START, BatchPlan, Late, Maker, Signer, hash_of

LANE = UUID(int=5 << 64 | 5)
SHED = Signer.of(f"{DEPLOYMENT}/replica/shed", "shed")
TEXT = b"Lane\n\nWe ask.\n\nSince.\n"
HEARD = {"id": "heard", "threshold": {"by_choice": "size", "values": {"small": 3, "large": 9}}}
SHARE = {"id": "share", "threshold": {"share": "1/300", "of": "town", "floor": 2}}
RULES = json.dumps(
    {
        "filing": {"choices": {"size": [{"id": "small", "set": {"milestones": [HEARD, SHARE]}},
                                        {"id": "large"}]}},
        "kinds": {"street": {"milestones": [{"id": "heard", "threshold": 500}]}, "square": {}},
    }
).encode()  # fmt: skip


def notice(petition: UUID, what: What, subject: str, words: str = "") -> bytes:
    return notice_file(ORIGIN, petition, what, subject, START, words)


def procedure(places: list[Signer], **changes: Any) -> bytes:
    """Beside LANE's OPEN. 1/300 of 1,000 is rounded up to 4."""
    words = {
        "kind": "street", "choices": {"size": "small"}, "populations": {"town": 1000},
        "targets": {"heard": {"threshold": 3, "k": 0}, "share": {"threshold": 4, "k": 0}},
        "places": [each.vkey for each in places],
    }  # fmt: skip
    return notice(LANE, What.PROCEDURE, hash_of(RULES).hex(), json.dumps(words | changes))


def told(petition: UUID, content: bytes) -> bytes:
    return write(petition, Notice(hash_of(content)))


def the_notices(places: list[Signer], at_seal: list[Signer]) -> dict[str, bytes]:
    vkeys = "\n".join(each.vkey for each in at_seal)
    return {
        "procedure": procedure(places),
        "given up": notice(LOG_WIDE, What.REPLICA_GIVEN_UP, SHED.vkey, "its disk was shredded"),
        "places": notice(LANE, What.KEY_PLACES, f"kek/{LANE}", vkeys),
        "withheld": notice(LANE, What.TEXT_WITHHELD, hash_of(TEXT).hex()),
    }


def live(
    plans: dict[str, BatchPlan], town: Any, notices: dict[str, bytes], statements: dict[int, bytes]
) -> None:
    """LANE's life, batch by batch; `town`: the module with the makers of entries."""
    plans["changes"].items[:0] = [
        town.open_with(LANE, TEXT, RULES), told(LANE, notices["procedure"]), town.announce(3, SHED),
    ]  # fmt: skip
    plans["first map"].items += [town.announce(3, SHED, 0), told(LOG_WIDE, notices["given up"])]
    plans["close"].items += [
        *(town.sign(LANE, n) for n in range(5)), write(LANE, Close(0)),
        town.milestone(LANE, 0, 3), town.milestone(LANE, 1, 4),
    ]  # fmt: skip
    seal = Late(lambda log: log.seal(LANE))
    plans["sealing"].items[:0] = [seal, told(LANE, notices["places"])]
    plans["destroyed"].items += [
        write(LANE, Destroyed(number, hash_of(content))) for number, content in statements.items()
    ]
    plans["objections"].items.append(told(LANE, notices["withheld"]))


def papers(notices: dict[str, bytes], statements: dict[int, bytes]) -> dict[str, bytes]:
    """LANE's text is not among them: it was taken down after the close."""
    found = {f"notices/{hash_of(each).hex()}.txt": each for each in notices.values()}
    found |= {f"statements/{hash_of(each).hex()}": each for each in statements.values()}
    return found | {f"rules/{hash_of(RULES).hex()}.json": RULES}


def key_list(log: Maker) -> bytes:
    """`keys.json`, as the VKEY entries say it."""
    spans: dict[tuple[int, str], KeySpan] = {}
    for index, entry in enumerate(log.entries):
        if entry[1] != 3:
            continue
        role, action, vkey = entry[18], entry[19], entry[20:].decode()
        old = spans.get((role, vkey))
        if action == 1:
            spans[role, vkey] = KeySpan(role, vkey, index + 1, None)
        elif old is not None:
            spans[role, vkey] = KeySpan(role, vkey, old.first, index)
    return keys_file(ORIGIN, len(log.entries), list(spans.values()))
