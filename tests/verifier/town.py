"""A whole year of a town in one small log: every kind of entry, and every published file beside it."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from petitions.ledger.commitments import commitment, withdrawal_commitment
from petitions.ledger.encoding import be4, be8
from petitions.ledger.entries import (
    LOG_WIDE,
    Answer,
    Close,
    Destroyed,
    Geo,
    Invalidate,
    Milestone,
    Notice,
    Open,
    Paper,
    Sign,
    Text,
    VKey,
    Withdraw,
    WithdrawOpen,
    write,
)
from petitions.ledger.promise import promise_body
from petitions.ledger.receipt import receipt_file
from tests.verifier import lane
from tests.verifier.maker import (
    DEPLOYMENT,
    HOUR,
    ORIGIN,
    START,
    BatchPlan,
    Early,
    Item,
    Late,
    Maker,
    Signer,
    b64,
    hash_of,
    write_all,
)

PARK, SCHOOL, NOISE, SECRET = (UUID(int=n << 64 | n) for n in (1, 2, 3, 4))
OLD_LOG, NEW_LOG = Signer.of(ORIGIN, "old log"), Signer.of(ORIGIN, "new log")
OLD_PROMISE, NEW_PROMISE = (Signer.of(f"{ORIGIN}/promise", seed) for seed in ("old p", "new p"))
CELLAR, ATTIC = (Signer.of(f"{DEPLOYMENT}/replica/{name}", name) for name in ("cellar", "attic"))
IDENTITY = Signer.of(f"{DEPLOYMENT}/replica/identity", "identity")
WITNESSES = [Signer.of(f"witness.example/{n}", f"w{n}") for n in range(3)]

RULES = json.dumps(
    {
        "milestones": [
            {"id": "council", "threshold": 250},
            {"id": "share", "threshold": {"share": "1/100", "of": "town"}},
            {"id": "late", "threshold": 3, "evaluate": "close"},
            {"id": "heard", "threshold": 4, "basis": "raw"},
        ]
    }
).encode()
DECISION, EVIDENCE, ANSWER, NOTE = b'{"grounds": "none"}', b"{}", b'{"outcome": "yes"}', b"Notice\n"
TEXTS = {name: f"{name}\n\nWe ask.\n\nSince.\n".encode() for name in ("Park", "Park, corrected")}
SHEET = 7
SIGNATURES = {(0x10, 50), (0x11, 54)}
"""Type and length."""


def c_of(petition: UUID, person: int) -> bytes:
    return commitment(ORIGIN, petition, r_of(person))


def r_of(person: int) -> bytes:
    return hashlib.sha256(b"r%d" % person).digest()


def r_w_of(person: int) -> bytes:
    return hashlib.sha256(b"w%d" % person).digest()


def sign(petition: UUID, person: int) -> bytes:
    return write(petition, Sign(c_of(petition, person)))


def withdraw(petition: UUID, person: int) -> Early:
    def made(log: Maker) -> bytes:
        index = log.index(sign(petition, person))
        return write(
            petition, Withdraw(withdrawal_commitment(ORIGIN, petition, index, r_w_of(person)))
        )

    return Early(made)


def withdraw_open(petition: UUID, person: int) -> Early:
    return Early(lambda log: write(petition, WithdrawOpen(log.index(sign(petition, person)))))


def invalidate(petition: UUID, person: int, of: UUID | None = None) -> Early:
    return Early(
        lambda log: write(
            petition,
            Invalidate(log.index(sign(of or petition, person)), 2, hash_of(DECISION)),
        )
    )


def milestone(petition: UUID, rule: int, threshold: int) -> Late:
    return Late(
        lambda log: write(petition, Milestone(rule, threshold, log.numbers(petition).valid))
    )


def open_with(petition: UUID, text: bytes, rules: bytes = RULES) -> bytes:
    return write(petition, Open(hash_of(text), hash_of(rules), 2**64 - 1))


def announce(role: int, signer: Signer, action: int = 1) -> bytes:
    return write(LOG_WIDE, VKey(role, action, signer.vkey))


def destruction(replica: Signer, petition: UUID, key: str, at: int) -> bytes:
    name = replica.name.rpartition("/")[2]
    lines = ["petition-destruction/v1", DEPLOYMENT, str(petition), key, name, str(at)]
    return replica.note("".join(f"{line}\n" for line in lines)).encode()


STATEMENTS = {
    replica: destruction(replica, SCHOOL, f"kek/{SCHOOL}", START) for replica in (CELLAR, ATTIC)
}
NOTICES = lane.the_notices([lane.SHED, CELLAR], [CELLAR, ATTIC])
OF_LANE = {
    number: destruction(replica, lane.LANE, f"kek/{lane.LANE}", START)
    for number, replica in enumerate((CELLAR, ATTIC), 1)
}
PEPPER = destruction(IDENTITY, LOG_WIDE, "pepper/p1", START)


# --- private mode ---------------------------------------------------------------------------------


@cache
def issuer(n: int = 0) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def spki(n: int = 0) -> bytes:
    return (
        issuer(n)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def token(person: int) -> tuple[bytes, bytes]:
    """m and its signature, as they come out of unblinding."""
    m = b"prepared message %d" % person
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), 48)
    return m, issuer(0).sign(m, pss, hashes.SHA384())


def sheet_list(n: int = 0) -> bytes:
    return f"{PARK} {b64(spki(1))}\n{SECRET} {b64(spki(n))}\n".encode()


def raw_entry(kind: int, petition: UUID, body: bytes) -> bytes:
    return bytes((1, kind)) + petition.bytes + body


def sign_private(person: int) -> bytes:
    return raw_entry(0x11, SECRET, be4(SHEET) + hash_of(token(person)[0]))


# --- the plan -------------------------------------------------------------------------------------


def snapshot(day: int, invalid: int, areas: dict[str, int | str], final: bool = False) -> bytes:
    from datetime import date, timedelta

    return json.dumps(
        {
            "petition": str(PARK),
            "day": (date(1970, 1, 1) + timedelta(days=day)).isoformat(),
            "final": final,
            "invalid": invalid,
            "areas": areas,
        }
    ).encode()


DAY = START // 86400
FIRST_MAP = {"north": 300, "south": 210, "east": "under 10", "west": "under 10"}
SECOND_MAP = {"north": 310, "south": 210, "east": 10, "west": 10}


@dataclass
class Town:
    """The plan of the log, batch by batch, and everything published beside it, to be spoilt."""

    plans: dict[str, BatchPlan]
    papers: dict[str, bytes]
    signers: list[Signer] = field(default_factory=lambda: [NEW_LOG])
    policy_keys: list[Signer] = field(default_factory=lambda: [NEW_LOG])
    cosigners: list[tuple[Signer, str]] = field(
        default_factory=lambda: [(w, w.name) for w in WITNESSES[:2]]
    )
    origin: str = ORIGIN
    root: bytes | None = None
    """Signed in place of the right one."""
    cosigned_after: int = 5
    spoil: list[Callable[[dict[str, bytes]], None]] = field(default_factory=list)
    """What is done to the files at last."""
    log: Maker = field(default_factory=Maker)

    def build(self) -> Maker:
        for plan in self.plans.values():
            self.log.add(plan)
        return self.log

    def policy(self) -> bytes:
        lines = [f"log {signer.vkey}" for signer in self.policy_keys]
        lines += [f"witness w{n} {w.witness_vkey}" for n, w in enumerate(WITNESSES)]
        return ("\n".join([*lines, "group any-two 2 w0 w1 w2", "quorum any-two"]) + "\n").encode()

    def checkpoint(self) -> str:
        note = self.log.checkpoint(self.signers, origin=self.origin)
        body = note.rpartition("\n\n")[0] + "\n"
        at = self.log.time + self.cosigned_after
        return note + "".join(w.cosignature(body, at, name) for w, name in self.cosigners)

    def handovers(self) -> str:
        """The first checkpoint that holds the announcement of the new key."""
        sizes = dict(zip(self.plans, self.log.ends, strict=False))
        return self.log.checkpoint([OLD_LOG, NEW_LOG], sizes["crowd"]) if "crowd" in sizes else ""

    def publish(self, folder: Path) -> Path:
        log = self.build()
        if self.root is not None:
            log.roots[len(log.entries)] = self.root
        files = {
            **log.tree_files(), **self.papers, "checkpoint": self.checkpoint().encode(),
            "policy": self.policy(), "counts.json": log.counts_json(),
            "keys.json": lane.key_list(log), "handovers": self.handovers().encode(),
        }  # fmt: skip
        if "audit.json" not in files:
            files["audit.json"] = audit(log)
        for change in self.spoil:
            change(files)
        return write_all(folder, files)


def audit(log: Maker) -> bytes:
    """A sample drawn by hand from the signatures of all batches."""
    leaves = [i for i, e in enumerate(log.entries) if (e[1], len(e)) in SIGNATURES]
    randomness, week, drawn, j = b"dice of Valmont", 11, dict[int, None](), 0
    while len(drawn) < 20:
        fields = (b"petition/sample/v1", ORIGIN.encode(), be4(week), randomness, be4(j))
        x = int.from_bytes(hash_of(b"".join(be4(len(f)) + f for f in fields))[:8], "big")
        j += 1
        if x < len(leaves) * (2**64 // len(leaves)):
            drawn.setdefault(leaves[x % len(leaves)])
    sample = {
        "week": week, "first_batch": 1, "last_batch": log.number, "randomness": randomness.hex(),
        "n": 20, "indices": list(drawn),
    }  # fmt: skip
    return json.dumps([sample]).encode()


def the_papers() -> dict[str, bytes]:
    replicas = "".join(f"{n} {r.vkey}\n" for n, r in enumerate((CELLAR, ATTIC, lane.SHED), 1))
    tokens = "".join(f"{SHEET} {b64(m)} {b64(s)}\n" for m, s in map(token, range(3)))
    found = {
        f"rules/{hash_of(RULES).hex()}.json": RULES,
        f"answers/{hash_of(ANSWER).hex()}.json": ANSWER,
        f"decisions/{hash_of(DECISION).hex()}.json": DECISION,
        f"notices/{hash_of(NOTE).hex()}.txt": NOTE,
        "statements/replicas": replicas.encode(),
        f"sheets/{hash_of(sheet_list()).hex()}": sheet_list(),
        f"tokens/{SECRET}": tokens.encode(),
    }
    found |= {f"texts/{hash_of(text).hex()}.txt": text for text in TEXTS.values()}
    found |= {f"statements/{hash_of(s).hex()}": s for s in (*STATEMENTS.values(), PEPPER)}
    found |= lane.papers(NOTICES, OF_LANE)
    for days, invalid, areas in ((1, 1, FIRST_MAP), (2, 1, SECOND_MAP)):
        content = snapshot(DAY + days, invalid, areas)
        found[f"geo/{hash_of(content).hex()}.json"] = content
    return found


def geo(day: int, content: bytes) -> Late:
    return Late(lambda _log: write(PARK, Geo(day, hash_of(content))))


def the_plans() -> dict[str, BatchPlan]:
    text = TEXTS["Park"]
    plans: dict[str, list[Item]] = {
        "opening": [
            announce(1, OLD_LOG), announce(2, OLD_PROMISE),
            *(open_with(petition, text) for petition in (PARK, SCHOOL, SECRET)),
            open_with(NOISE, b"a text that had to go"),
        ],
        "few": [
            *(sign(SCHOOL, n) for n in range(6)), sign(NOISE, 1), milestone(SCHOOL, 3, 4),
            raw_entry(4, LOG_WIDE, be4(SHEET) + hash_of(sheet_list())),
            raw_entry(5, SECRET, be4(SHEET) + hash_of(spki())),
        ],
        "crowd": [
            *(sign(PARK, n) for n in range(520)), milestone(PARK, 0, 250), milestone(PARK, 3, 4),
            withdraw(SCHOOL, 0), announce(1, NEW_LOG), announce(2, NEW_PROMISE),
            announce(3, IDENTITY), milestone(PARK, 1, 77),
            raw_entry(0x29, SECRET, be4(SHEET) + be8(3)),
        ],
        "empty": [],
        "changes": [
            invalidate(PARK, 3), withdraw(PARK, 4), withdraw_open(PARK, 5),
            *(sign_private(n) for n in range(2)),
            announce(1, OLD_LOG, 0), announce(2, OLD_PROMISE, 0), announce(3, CELLAR),
            write(NOISE, Close(3)), write(PARK, Text(2, hash_of(TEXTS["Park, corrected"]))),
            write(PARK, Paper(40, hash_of(EVIDENCE))),
        ],
        "first map": [geo(DAY + 1, snapshot(DAY + 1, 1, FIRST_MAP))],
        "second map": [
            geo(DAY + 2, snapshot(DAY + 2, 1, SECOND_MAP)),
            *(sign(PARK, n) for n in range(520, 540)), sign_private(2),
        ],
        "close": [
            sign(SCHOOL, 6), sign(SCHOOL, 7), write(SCHOOL, Close(0)), milestone(SCHOOL, 2, 3),
        ],
        "objections": [withdraw(SCHOOL, 1), invalidate(SCHOOL, 2)],
        "sealing": [
            announce(3, ATTIC), Late(lambda log: log.seal(SCHOOL)),
        ],
        "destroyed": [
            write(SCHOOL, Destroyed(n, hash_of(STATEMENTS[replica])))
            for n, replica in enumerate((CELLAR, ATTIC), 1)
        ],
        "end": [
            write(SCHOOL, Answer(hash_of(ANSWER))), write(LOG_WIDE, Notice(hash_of(NOTE))),
            write(LOG_WIDE, Notice(hash_of(PEPPER))),
            *(sign(PARK, n) for n in range(540, 545)),
        ],
    }  # fmt: skip
    made = {name: BatchPlan(items) for name, items in plans.items()}
    lane.live(made, sys.modules[__name__], NOTICES, OF_LANE)
    made["first map"].after = made["second map"].after = 24 * HOUR
    return made


def the_town() -> Town:
    return Town(the_plans(), the_papers())


# --- what signers hold ----------------------------------------------------------------------------


def promise(petition: UUID, person: int, first: int, by: int, key: Signer = NEW_PROMISE) -> bytes:
    leaf = hash_of(b"\x00" + sign(petition, person))
    return key.note(promise_body(ORIGIN, petition, leaf, first, by)).encode()


def receipt(petition: UUID, person: int, note: bytes, r: bytes | None = None) -> bytes:
    return receipt_file(petition, r or r_of(person), note.decode()).encode()


def openings(log: Maker, people: list[int], petition: UUID = SCHOOL, size: int = 0) -> bytes:
    lines = ["petition-openings/v1", ORIGIN, str(petition), f"size {size or len(log.entries)}"]
    lines += [f"{log.index(sign(petition, n))} {b64(r_w_of(n))}" for n in people]
    return "".join(f"{line}\n" for line in lines).encode()
