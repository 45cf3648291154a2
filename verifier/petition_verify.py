#!/usr/bin/env python3
"""petition_verify: recompute the public log of a petition site, with nothing but its published files.

    python petition_verify.py log      DIR|URL [--mirror DIR] [--seen FILE] [--policy FILE] [--json]
                                             [--petition UUID]   (show the count of this one alone)
    python petition_verify.py receipt  FILE DIR|URL
    python petition_verify.py promise  FILE DIR|URL
    python petition_verify.py openings FILE DIR|URL          (auditors, before a petition is sealed)

One file, Python 3.11 or later, standard library only. Exit code 0: nothing is wrong; 1: a check
failed; 2: the checks could not be carried out (site out of reach, wrong arguments, no such file).
Each line names its check, V-101 to V-803, and one of: good · WRONG · not applicable · present, not
checked (what this program does not know: ML-DSA, time stamps, certificates) · not checked (what an
earlier WRONG put out of reach).

What the log's specification leaves open and this program decides:

files         A full tile or bundle never changes: a mirror that has it does not fetch it again. A
              partial file may be replaced by its full one. Tiles are compared with the entries;
              roots are computed from the tiles of level 0, so that one damaged file fails one check.
keys          The keys in `policy` must be exactly the log keys in force after the log's VKEY
              entries, the first batch announces one, each key in force signs the checkpoint, a
              retired one does not. A key may be retired when another of its role was announced in
              an earlier batch. A key announced in leaf a and retired in leaf r vouches for sizes
              a + 1 to r. Each later log key must be led to by one before it: a checkpoint in
              `handovers` (or the present one, or one seen before) that holds its announcement and
              bears the older key's signature. `keys.json`, where a key was ever changed, repeats
              the entries. Trust in the first key cannot come from the site: `--policy` takes a copy
              that you got otherwise. It may be old, if its keys lead to those in force, and its
              lines may say for which sizes a key holds: `log <vkey> from <size> until <size>`.
seen          Signed checkpoints of earlier visits, an empty line between two; `--mirror` keeps them
              in its file `seen`. Each must be signed by a key of this log and be a prefix of it.
times         The clock of this computer is asked only where a promise is overdue.
negative      Where more is taken away than was collected, V-405 says so and V-502 expects valid 0.
papers        texts/<hash>.txt, rules/<hash>.json, answers/<hash>.json and the notices of a petition
              must be there; a text may be withheld when each petition with it was taken down (CLOSE
              with reason 3, or a notice `text-withheld`), until a notice `text-restored`.
              decisions/<hash>.json, evidence/<hash>.json and notices about the log as a whole are
              compared where they are published.
notices       petition-notice/v1, origin, petition UUID (zeros: the log), what, subject, seconds; an
              empty line; words. Files that begin otherwise are compared by their hash alone.
counts.json   Names a batch and the size after it; lists every petition that has a COUNT by then.
milestones    Recomputed where the rulebook makes the number plain: one kind, a fixed threshold of the
              whole count, no quorum, no alternative, no paper, evaluated live or at the close. Others:
              once per rule, with a threshold that the rulebook can give.
maps          geo/<hash>.json: {"petition": UUID, "day": "YYYY-MM-DD", "final": false, "invalid": n,
              "areas": {area: number or "under 10"}}. Day within a day of its batch's. The final map
              stands in the batch of its SEAL and may be finer.
sealing       Who must state that a key is gone: the places that the notice `key-places` beside SEAL
              and the notice `procedure` beside OPEN name (where there is none, every replica of
              `statements/replicas` that VKEY entries announced before SEAL), unless they were
              retired before the statements; a retirement needs a notice `replica-given-up`. Who
              else may: any replica then in force. No statement at all is tolerated for 31 days
              after SEAL (key services delete late); some without the others never.
receipts      All entries are read, so that a site does not learn which one is yours. What has not
              appeared is WRONG once its promise is overdue, and not applicable before.
openings      petition-openings/v1, origin, petition UUID, `size <n>`, then lines `<index> <base64
              r_w>`: one for each WITHDRAW of that petition among the first n entries.
private mode  sheets/<hash>: lines `<petition UUID> <base64 SPKI>`; tokens/<petition UUID>: lines
              `<sheet> <base64 m> <base64 signature>`.
audit sample  audit.json: [{"week", "first_batch", "last_batch", "randomness" (hex), "n", "indices"}].
limits        See LIMITS; `--max-gb` bounds what one run may download. Redirects stay on their host.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import contextlib
import hashlib
import http.client
import json
import os
import ssl
import sys
import tempfile
import threading
import time
import urllib.parse
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from itertools import islice, pairwise
from operator import lt
from pathlib import Path
from typing import IO, Any, Final, NoReturn
from uuid import UUID

VERSION: Final = "1.1"

# === Words of the format ==========================================================================

HASH: Final = 32
WIDTH: Final = 256
TILE: Final = HASH * WIDTH
HEADER: Final = 18

OPEN, TEXT, VKEY, SHEET, KEY = 0x01, 0x02, 0x03, 0x04, 0x05
SIGN, SIGN_PRIVATE, WITHDRAW, WITHDRAW_OPEN, INVALIDATE = 0x10, 0x11, 0x18, 0x19, 0x1A
CLOSE, PAPER, CERTIFIED, DECLARED = 0x20, 0x22, 0x23, 0x24
COUNT, ISSUED, MILESTONE, GEO = 0x28, 0x29, 0x2A, 0x2B
SEAL, DESTROYED, ANSWER, NOTICE, BATCH = 0x30, 0x38, 0x40, 0x41, 0x7F

# type → name, length of the body; VKEY ends with a text
SHAPES: Final[dict[int, tuple[str, int]]] = {
    OPEN: ("OPEN", 72), TEXT: ("TEXT", 34), VKEY: ("VKEY", 0), SHEET: ("SHEET", 36),
    KEY: ("KEY", 36), SIGN: ("SIGN", 32), SIGN_PRIVATE: ("SIGN_PRIVATE", 36),
    WITHDRAW: ("WITHDRAW", 32), WITHDRAW_OPEN: ("WITHDRAW_OPEN", 8),
    INVALIDATE: ("INVALIDATE", 42), CLOSE: ("CLOSE", 2), PAPER: ("PAPER", 40),
    CERTIFIED: ("CERTIFIED", 48), DECLARED: ("DECLARED", 32),
    COUNT: ("COUNT", 32), ISSUED: ("ISSUED", 12), MILESTONE: ("MILESTONE", 18), GEO: ("GEO", 36),
    SEAL: ("SEAL", 72), DESTROYED: ("DESTROYED", 34), ANSWER: ("ANSWER", 32),
    NOTICE: ("NOTICE", 32), BATCH: ("BATCH", 28),
}  # fmt: skip
LOG_WIDE: Final = bytes(16)
LOG_WIDE_ONLY: Final = frozenset({VKEY, SHEET, BATCH})
AFTER_SEAL: Final = frozenset({DESTROYED, ANSWER, NOTICE})
SIGN_HEAD: Final = bytes((1, SIGN))
SIGN_ENTRY: Final = 50
MAX_VKEY: Final = 2048

ROLE_LOG, ROLE_PROMISE, ROLE_REPLICA = 1, 2, 3
ROLES: Final = {ROLE_LOG: "log", ROLE_PROMISE: "promise", ROLE_REPLICA: "replica"}
TAKEN_DOWN: Final = 3
NO_MAP_BEFORE: Final = 500
STATEMENT_WITHIN: Final = 31 * 86400
ED25519, COSIGNATURE, ML_DSA = 1, 4, 6

LIMITS: Final = {  # bytes of one file, by the first part of its path
    "checkpoint": 1 << 16, "policy": 1 << 16, "counts.json": 1 << 25, "audit.json": 1 << 22,
    "keys.json": 1 << 22, "handovers": 1 << 24, "tile": WIDTH * (2 + 4096),
    "texts": 1 << 22, "rules": 1 << 22, "answers": 1 << 24,
    "decisions": 1 << 24, "evidence": 1 << 24, "notices": 1 << 22, "geo": 1 << 23,
    "statements": 1 << 16, "sheets": 1 << 22, "tokens": 1 << 28,
}  # fmt: skip
MAX_LINES: Final = 100
MAX_OWN_FILE: Final = 1 << 27
MAX_MISSING: Final = 20
SHOWN: Final = 5

sha256 = hashlib.sha256


class WrongError(ValueError):
    """Published content is not what it must be. The text is for people and quotes nothing raw."""


class CannotError(Exception):
    """The checks cannot be carried out: says nothing about the log."""


# === Small things =================================================================================


def plain(text: object, longest: int = 160) -> str:
    """Text of others for the screen: no control characters, not endless."""
    shown = "".join(c if c.isprintable() else "?" for c in str(text)[: longest + 1])
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def many(number: int, one: str, more: str = "") -> str:
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def when(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, OSError, ValueError):
        return f"{seconds} seconds after 1970"


def big(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


def enc(label: str, *fields: bytes) -> bytes:
    """Label and fields, each as 4-byte big-endian length || bytes."""
    return b"".join(len(item).to_bytes(4, "big") + item for item in (label.encode(), *fields))


def decimal(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0"):
        raise WrongError("a number is not written in plain digits")
    if len(text) > 20 or int(text) >= 1 << 64:
        raise WrongError("a number is too large")
    return int(text)


def unbase64(text: str) -> bytes:
    """Standard base64 in its one spelling."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as refused:
        raise WrongError("base64 is malformed") from refused
    if base64.b64encode(value).decode() != text:
        raise WrongError("base64 is not in its one spelling")
    return value


def utf8(raw: bytes, name: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as refused:
        raise WrongError(f"{name} is not UTF-8 text") from refused


def lines_of(raw: bytes, name: str) -> list[str]:
    """Lines that end with LF, and no other control character."""
    text = utf8(raw, name)
    if any(c < " " and c != "\n" for c in text) or (text and not text.endswith("\n")):
        raise WrongError(f"{name} does not consist of plain lines")
    return text.split("\n")[:-1]


def uuid_of(text: object) -> bytes:
    """The 16 bytes of a UUID in its one spelling."""
    try:
        found = UUID(str(text))
    except ValueError as refused:
        raise WrongError("a petition is not named by a UUID") from refused
    if str(found) != text:
        raise WrongError("a UUID is not in its one spelling")
    return found.bytes


def name_of(petition: bytes) -> str:
    return str(UUID(bytes=petition))


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise WrongError("a JSON object names a key twice")
    return found


def json_of(raw: bytes, name: str) -> Any:
    try:
        return json.loads(raw.decode(), object_pairs_hook=_once_each)
    except WrongError:
        raise
    except (ValueError, RecursionError) as refused:
        raise WrongError(f"{name} is not JSON") from refused


def table_of(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongError(f"{name} is not a JSON object")
    return value


def whole(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 64:
        raise WrongError(f"{name} is not a whole number")
    return value


# === Ed25519, verification only, RFC 8032 5.1 =====================================================

_P: Final = 2**255 - 19
_L: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, _P - 2, _P) % _P
_I: Final = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]
_ZERO: Final[_Point] = (0, 1, 1, 0)


def _add(a: _Point, b: _Point) -> _Point:
    x = (a[1] - a[0]) * (b[1] - b[0]) % _P
    y = (a[1] + a[0]) * (b[1] + b[0]) % _P
    z = 2 * a[3] * b[3] * _D % _P
    w = 2 * a[2] * b[2] % _P
    e, f, g, h = y - x, w - z, w + z, y + x
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _point(raw: bytes) -> _Point | None:
    """RFC 8032 5.1.3: None for anything but the one encoding of a point."""
    y, sign = big(raw[::-1]), raw[31] >> 7
    y &= (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _I % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return (x, y, 1, x * y % _P)


def _encoded(point: _Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _twice_product(a: int, one: _Point, b: int, other: _Point) -> _Point:
    """a·one + b·other, bit by bit together."""
    both, found = _add(one, other), _ZERO
    for at in range(max(a.bit_length(), b.bit_length()) - 1, -1, -1):
        found = _add(found, found)
        bits = (a >> at & 1, b >> at & 1)
        if bits != (0, 0):
            found = _add(found, both if bits == (1, 1) else one if bits[0] else other)
    return found


_BASE: Final = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")) or _ZERO


@lru_cache(maxsize=1024)
def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Strict: canonical encodings, S below the order, no key of small order."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, s = _point(public), big(signature[:31:-1])
    if key is None or s >= _L or _encoded(_twice_product(8, key, 0, key)) == _encoded(_ZERO):
        return False
    k = big(hashlib.sha512(signature[:32] + public + message).digest()[::-1]) % _L
    minus = (_P - key[0], key[1], 1, _P - key[3])
    return _encoded(_twice_product(s, _BASE, k, minus)) == signature[:32]


# === RSA-PSS, verification only, RFC 8017 8.1.2 with SHA-384 and salt 48 (RFC 9474) ===============


def _der(raw: bytes, tag: int) -> tuple[bytes, bytes]:
    """Content of the first element, which must have this tag, and what follows it."""
    if len(raw) < 2 or raw[0] != tag:
        raise WrongError("a public key is not DER")
    length, at = raw[1], 2
    if length >= 0x80:
        at += length & 0x7F
        length = big(raw[2:at])
    if length > len(raw) - at:
        raise WrongError("a public key is cut short")
    return raw[at : at + length], raw[at + length :]


def rsa_key(spki: bytes) -> tuple[int, int]:
    """Modulus and exponent out of a SubjectPublicKeyInfo."""
    _, bits = _der(_der(spki, 0x30)[0], 0x30)
    numbers = _der(_der(bits, 0x03)[0][1:], 0x30)[0]
    n, rest = _der(numbers, 0x02)
    modulus, exponent = big(n), big(_der(rest, 0x02)[0])
    if not 2048 <= modulus.bit_length() <= 8192 or not 3 <= exponent < 1 << 33:
        raise WrongError("an RSA key of a size that is not allowed")
    return modulus, exponent


def _mgf1(seed: bytes, length: int) -> bytes:
    rounds = range(-(-length // 48))
    blocks = [hashlib.sha384(seed + i.to_bytes(4, "big")).digest() for i in rounds]
    return b"".join(blocks)[:length]


def rsa_pss(spki: bytes, message: bytes, signature: bytes) -> bool:
    modulus, exponent = rsa_key(spki)
    bits = modulus.bit_length() - 1
    length = -(-bits // 8)
    if len(signature) != -(-modulus.bit_length() // 8) or big(signature) >= modulus:
        return False
    number = pow(big(signature), exponent, modulus)
    if number.bit_length() > bits:
        return False
    block = number.to_bytes(length, "big")
    masked, digest = block[: length - 49], block[length - 49 : -1]
    mask = big(_mgf1(digest, len(masked)))
    clear = (big(masked) ^ mask) & ((1 << (bits - 8 * 49)) - 1)
    db = clear.to_bytes(len(masked), "big")
    salt = db[-48:]
    wanted = hashlib.sha384(bytes(8) + hashlib.sha384(message).digest() + salt).digest()
    right = db[:-48] == bytes(len(db) - 49) + b"\x01"
    return right and block[-1:] == b"\xbc" and digest == wanted


# === Signed notes, checkpoints, policy (C2SP) =====================================================


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A verifier key: `kind` 1 Ed25519, 4 Ed25519 cosignature, 6 ML-DSA-44."""

    text: str
    name: str
    id: bytes
    kind: int
    public: bytes


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    id: bytes
    blob: bytes


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    signatures: tuple[Signature, ...]

    def by(self, key: PublicKey) -> Signature | None:
        for each in self.signatures:
            if (each.name, each.id) == (key.name, key.id):
                return each
        return None


def key_name(name: str) -> str:
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise WrongError("the name of a key is malformed")
    return name


def read_vkey(text: str) -> PublicKey:
    """`name+hex(key id)+base64(kind || public key)`."""
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise WrongError("a verifier key has three parts")
    name, material = key_name(parts[0]), unbase64(parts[2])
    key_id = sha256(name.encode() + b"\n" + material).digest()[:4]
    if len(material) < 2 or key_id.hex() != parts[1]:
        raise WrongError("a verifier key's id does not belong to its name and key")
    if material[0] in (ED25519, COSIGNATURE) and len(material) != 33:
        raise WrongError("an Ed25519 key is 32 bytes")
    return PublicKey(text, name, key_id, material[0], material[1:])


def read_note(raw: bytes, name: str) -> Note:
    text = utf8(raw, name)
    if any(c < " " and c != "\n" for c in text):
        raise WrongError(f"{name} holds a control character")
    body, blank, tail = text.rpartition("\n\n")
    lines = tail[:-1].split("\n")
    if not blank or not tail.endswith("\n") or len(lines) > MAX_LINES:
        raise WrongError(f"{name} is not a signed note")
    return Note(body + "\n", tuple(_signature(line, name) for line in lines))


def _signature(line: str, name: str) -> Signature:
    signer, space, encoded = line.removeprefix("— ").partition(" ")
    if not line.startswith("— ") or not space:
        raise WrongError(f"{name} has a malformed signature line")
    blob = unbase64(encoded)
    if len(blob) < 5:
        raise WrongError(f"{name} has a signature that is too short")
    return Signature(key_name(signer), blob[:4], blob[4:])


def vouched(note: Note, keys: Iterable[PublicKey]) -> list[PublicKey]:
    """Those of the keys that signed. WrongError where a known key's signature is bad."""
    found, text = [], note.text.encode()
    for key in keys:
        for each in note.signatures:
            if (each.name, each.id) != (key.name, key.id) or key.kind != ED25519:
                continue
            if not ed25519(key.public, text, each.blob):
                raise WrongError(f"the signature of {plain(key.name)} is bad")
            found.append(key)
    return found


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes
    note: Note
    raw: bytes


def read_checkpoint(raw: bytes, name: str = "checkpoint") -> Checkpoint:
    note = read_note(raw, name)
    lines = note.text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise WrongError(f"{name} does not have exactly three lines")
    root = unbase64(lines[2])
    if len(root) != HASH:
        raise WrongError(f"{name} has a root that is not 32 bytes")
    return Checkpoint(key_name(lines[0]), decimal(lines[1]), root, note, raw)


@dataclass(slots=True)
class Policy:
    """C2SP tlog-policy: `log`, `witness`, `group`, `quorum` lines."""

    logs: list[PublicKey] = field(default_factory=list)
    witnesses: dict[str, PublicKey] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    spans: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    """Sizes for which a key holds, where a copy for oneself says it: not part of C2SP."""
    quorum: str = ""

    @property
    def origin(self) -> str:
        return self.logs[0].name

    def reached(self, name: str, signed: set[str]) -> bool:
        """Groups name only what stands above them, so this ends."""
        if name in self.groups:
            least, members = self.groups[name]
            return sum(self.reached(each, signed) for each in members) >= least
        return name == "none" or name in signed


def read_policy(raw: bytes) -> Policy:
    found = Policy()
    for line in lines_of(raw, "policy"):
        words = line.split("#")[0].split()
        if words:
            _policy_line(found, words)
    if not found.logs or not found.quorum:
        raise WrongError("policy names no log or no quorum")
    if len({key.name for key in found.logs}) > 1:
        raise WrongError("policy names logs of different origins")
    return found


def _policy_line(policy: Policy, words: list[str]) -> None:
    known = policy.witnesses.keys() | policy.groups.keys()
    match words:
        case ["log", key] | ["log", key, _]:
            policy.logs.append(read_vkey(key))
        case ["log", key, *sizes] if sizes[::2] in (["from"], ["until"], ["from", "until"]):
            policy.logs.append(read_vkey(key))
            said = dict(zip(sizes[::2], map(decimal, sizes[1::2]), strict=True))
            policy.spans[policy.logs[-1].text] = (said.get("from", 0), said.get("until"))
        case ["witness", name, key] | ["witness", name, key, _] if name not in known:
            policy.witnesses[name] = read_vkey(key)
        case ["group", name, least, *members] if members and name not in known:
            number = {"any": 1, "all": len(members)}.get(least) or decimal(least)
            if not set(members) <= known or not 1 <= number <= len(members):
                raise WrongError("policy has a group of unknown members or an impossible number")
            policy.groups[name] = (number, tuple(members))
        case ["quorum", name] if not policy.quorum and (name == "none" or name in known):
            policy.quorum = name
        case _:
            raise WrongError(f"policy has a line that is not understood: {plain(words[0], 20)}")


# === Tiles and tree (C2SP tlog-tiles, RFC 9162) ===================================================


def numbered(n: int, width: int) -> str:
    name = f"{n % 1000:03}"
    while n >= 1000:
        n //= 1000
        name = f"x{n % 1000:03}/{name}"
    return name if width == WIDTH else f"{name}.p/{width}"


def tile_path(level: int, n: int, width: int) -> str:
    return f"tile/{level}/{numbered(n, width)}"


def bundle_path(n: int, width: int) -> str:
    return f"tile/entries/{numbered(n, width)}"


def widths(size: int) -> Iterator[tuple[int, int]]:
    """Number and width of each tile over so many hashes."""
    for n in range(-(-size // WIDTH)):
        yield n, min(WIDTH, size - n * WIDTH)


def log_files(size: int, *, tiles: bool) -> Iterator[str]:
    """Every file under `tile/` that a log of this size stands on, oldest first."""
    for n, width in widths(size):
        yield bundle_path(n, width)
        if tiles:
            yield tile_path(0, n, width)
    level, above = 1, size // WIDTH
    while tiles and above:
        for n, width in widths(above):
            yield tile_path(level, n, width)
        level, above = level + 1, above // WIDTH


def entries_in(bundle: bytes) -> list[bytes]:
    """Each entry is 2-byte big-endian length || bytes."""
    found, at, end = [], 0, len(bundle)
    while at < end:
        start = at + 2
        at = start + (bundle[at] << 8) + (bundle[at + 1] if start <= end else 0)
        found.append(bundle[start:at])
    if at > end:
        raise WrongError("a bundle ends inside an entry")
    return found


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def perfect(hashes: bytes) -> bytes:
    """Root over 2^k hashes."""
    while len(hashes) > HASH:
        pairs = range(0, len(hashes), 64)
        hashes = b"".join([sha256(b"\x01" + hashes[i : i + 64]).digest() for i in pairs])
    return hashes


class Tree:
    """Hashes of full tiles only: 32 bytes for 256 leaves. Level 0 stays in the files."""

    def __init__(self) -> None:
        self.levels: list[bytearray] = []

    def add(self, tile: bytes) -> None:
        """A full tile of level 0."""
        self._push(0, perfect(tile))

    def _push(self, at: int, node: bytes) -> None:
        if at == len(self.levels):
            self.levels.append(bytearray())
        row = self.levels[at]
        row += node
        if len(row) % TILE == 0:
            self._push(at + 1, perfect(bytes(row[-TILE:])))

    def tile(self, level: int, n: int, width: int) -> bytes:
        return bytes(self.levels[level - 1][n * TILE : n * TILE + width * HASH])

    def root(self, size: int, edge: bytes) -> bytes:
        """Root of the first `size` leaves; `edge`: level 0 from the last full tile on."""
        if size == 0:
            return sha256(b"").digest()
        low, found = 0, list[bytes]()
        for height in range(size.bit_length() - 1, -1, -1):
            if size >> height & 1:
                level, within = divmod(height, 8)
                row = self.levels[level - 1] if level else edge
                start = (low >> 8 * level) * HASH if level else (low % WIDTH) * HASH
                found.append(perfect(bytes(row[start : start + (HASH << within)])))
                low += 1 << height
        root = found.pop()
        while found:
            root = node_hash(found.pop(), root)
        return root


def included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """RFC 9162 2.1.3.2."""
    if not 0 <= index < size:
        return False
    fn, sn, found = index, size - 1, leaf
    for step in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = node_hash(step, found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root


# === What was found ===============================================================================


class State(StrEnum):
    GOOD = "good"
    WRONG = "WRONG"
    NOT_APPLICABLE = "not applicable"
    PRESENT = "present, not checked"
    NOT_REACHED = "not checked"


CHECKS: Final = {
    "V-101": "the checkpoint is well formed and names the log of the policy",
    "V-102": "the checkpoint is signed by the log's key",
    "V-103": "enough witnesses countersigned",
    "V-104": "the keys announced in the log lead to those in use",
    "V-201": "every tile and bundle is there, in its right width",
    "V-202": "every entry has a known type and its exact form",
    "V-203": "the tiles are the hashes of the entries",
    "V-204": "the tree of tiles gives the signed root",
    "V-205": "older checkpoints are a prefix of this log",
    "V-301": "every batch is closed by its border",
    "V-302": "every batch is in ascending order",
    "V-303": "the times of the batches never go back",
    "V-401": "every petition is opened once and first, and nobody signs after its close",
    "V-402": "a sealed petition takes nothing but its end",
    "V-403": "no signature appears twice",
    "V-404": "what is taken away openly was an earlier signature, once",
    "V-405": "never more is taken away than was collected",
    "V-406": "published papers are those whose hashes were logged",
    "V-501": "one count per petition and batch that moved it, and no other",
    "V-502": "every published count equals the signatures before it",
    "V-503": "counts.json repeats the counts of the log",
    "V-504": "milestones are recorded once, and when they were reached",
    "V-505": "maps are those logged and keep their rules",
    "V-601": "the receipt belongs to a signature in the log",
    "V-602": "the promise is signed by the log's promise key",
    "V-603": "the promise was kept",
    "V-701": "each seal repeats the last count and an earlier state of the log",
    "V-702": "every replica states that the key of a sealed petition is gone",
    "V-801": "each opening opens one withdrawal",
    "V-802": "private signatures have valid tokens of announced sheets",
    "V-803": "the audit sample follows from the public randomness",
}


@dataclass(slots=True)
class Found:
    state: State
    text: str
    more: list[str] = field(default_factory=list)
    times: int = 1


class Report:
    """State of each check. What was found WRONG stays so."""

    def __init__(self) -> None:
        self.found: dict[str, Found] = {}
        self.facts: dict[str, Any] = {}

    def wrong(self, check: str, text: str) -> None:
        known = self.found.get(check)
        if known is None or known.state is not State.WRONG:
            self.found[check] = Found(State.WRONG, text)
            return
        known.times += 1
        if len(known.more) < SHOWN - 1:
            known.more.append(text)

    def say(self, check: str, state: State, text: str) -> None:
        """Conclude a check, unless it was found WRONG before."""
        known = self.found.get(check)
        if known is None or known.state is not State.WRONG:
            self.found[check] = Found(state, text)

    def good(self, check: str, text: str = "") -> None:
        known = CHECKS[check]
        self.say(check, State.GOOD, f"{known} ({text})" if text else known)

    def idle(self, check: str, why: str) -> None:
        self.say(check, State.NOT_APPLICABLE, why)

    def unreached(self, checks: Iterable[str], why: str) -> None:
        """Where nothing was concluded yet."""
        for check in checks:
            self.found.setdefault(check, Found(State.NOT_REACHED, why))

    def is_good(self, *checks: str) -> bool:
        return all(c in self.found and self.found[c].state is State.GOOD for c in checks)

    def judging(self, check: str) -> Judging:
        """`with report.judging(check):` a WrongError inside belongs to this check."""
        return Judging(self, check)

    @property
    def exit_code(self) -> int:
        bad = (State.WRONG, State.NOT_REACHED)
        return 1 if any(each.state in bad for each in self.found.values()) else 0

    def lines(self) -> Iterator[str]:
        for check, each in sorted(self.found.items()):
            yield f"{check} {each.state}: {plain(each.text, 400)}"
            for text in each.more:
                yield f"      and: {plain(text, 400)}"
            if each.times > len(each.more) + 1:
                yield f"      and {many(each.times - len(each.more) - 1, 'time')} more"

    def table(self) -> dict[str, Any]:
        checks = [
            {"check": check, "state": str(each.state), "text": plain(each.text, 400),
             "more": [plain(text, 400) for text in each.more], "times": each.times}
            for check, each in sorted(self.found.items())
        ]  # fmt: skip
        return {"checks": checks, **self.facts, "exit": self.exit_code}


class Judging:
    def __init__(self, report: Report, check: str) -> None:
        self.report, self.check = report, check

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, raised: BaseException | None, trace: object) -> bool:
        if not isinstance(raised, WrongError):
            return False
        self.report.wrong(self.check, str(raised))
        return True


class Progress:
    """A line that is written over and over, on a terminal only."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()
        self.last = 0.0

    def __call__(self, what: str, done: int, of: int) -> None:
        now = time.monotonic()
        if self.shown and (now - self.last > 0.1 or done == of):
            self.last = now
            share = done / of if of else 1.0
            bar = "#" * int(30 * share)
            sys.stderr.write(f"\r{what:<20} [{bar:<30}] {share:4.0%} ")
            sys.stderr.flush()

    def clear(self) -> None:
        if self.shown:
            sys.stderr.write("\r" + " " * 64 + "\r")
            sys.stderr.flush()


# === Where files come from ========================================================================


def limit_of(path: str) -> int:
    return LIMITS[path.partition("/")[0]]


def is_lasting(path: str) -> bool:
    """Full tiles and bundles never change; a partial one has `.p` in its name."""
    return path.startswith("tile/") and ".p/" not in path


def hash_in(path: str) -> bytes | None:
    """The hash that a file's own name promises, if it does."""
    folder, _, name = path.partition("/")
    stem = name.partition(".")[0]
    if folder in ("checkpoint", "tile", "tokens") or len(stem) != 64:
        return None
    return bytes.fromhex(stem)


class Folder:
    """A directory with the published files."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def read(self, path: str) -> bytes | None:
        """None where there is no such file; WrongError where it is larger than allowed."""
        return read_file(self.place / path, path, limit_of(path))

    def fetch(self, paths: Iterable[str], progress: Callable[[int], None]) -> None:
        """Nothing to do ahead of reading."""

    def keep(self) -> None:
        """Nothing to finish."""


def read_file(place: Path, name: str, limit: int) -> bytes | None:
    try:
        with place.open("rb") as file:
            content = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as refused:
        raise CannotError(f"{plain(name)} cannot be read: {refused.strerror}") from refused
    if len(content) > limit:
        raise WrongError(f"{plain(name)} is larger than {limit:,} bytes")
    return content


def write_file(place: Path, content: bytes) -> None:
    """Whole or not at all, so that an interrupted run leaves no half file."""
    half = place.with_name(f".{place.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(content)
        half.replace(place)
    except OSError as refused:
        raise CannotError(f"{plain(place.name)} cannot be written: {refused.strerror}") from refused


AGAIN: Final = frozenset({429, 500, 502, 503, 504})
AWAY: Final = frozenset({301, 302, 303, 307, 308})
GONE: Final = frozenset({404, 410})


@dataclass(slots=True)
class Manners:
    """How a site is asked."""

    connections: int = 4
    timeout: float = 30.0
    longest: float = 300.0  # seconds for one file
    pauses: tuple[float, ...] = (0.5, 2.0, 5.0)  # before each new attempt


MANNERS: Final = Manners()


class BusyError(http.client.HTTPException):
    """The site asks to come back in so many seconds."""

    def __init__(self, status: int, after: str | None) -> None:
        super().__init__(f"status {status}")
        self.after = min(float(after), 60.0) if after and after.isdecimal() else 0.0


class Site:
    """A live log over HTTP: connections are kept, redirects stay at home, answers have a limit."""

    def __init__(self, address: str, most: int) -> None:
        try:
            parts = urllib.parse.urlsplit(address)
            port = parts.port
        except ValueError as refused:
            raise CannotError("the address has no valid host and port") from refused
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CannotError("an address starts with https:// or http://")
        if parts.username is not None or parts.query or parts.fragment:
            raise CannotError("an address has no user name, no question mark and no #")
        self.scheme, self.host, self.port = parts.scheme, parts.hostname, port
        self.base = urllib.parse.quote(parts.path.rstrip("/"), safe="/%")
        self.left = most
        self.most = most
        self.lock = threading.Lock()
        self.idle: list[http.client.HTTPConnection] = []
        self.tls = ssl.create_default_context() if self.scheme == "https" else None

    def close(self) -> None:
        for connection in self.idle:
            connection.close()

    def get(self, path: str, limit: int) -> bytes | None:
        """None where the site says that there is no such file."""
        for pause in (*MANNERS.pauses, None):
            connection = self._connection()
            try:
                return self._follow(connection, path, limit)
            except ssl.SSLCertVerificationError as refused:
                raise CannotError(f"the certificate of {self.host} is not valid") from refused
            except (OSError, http.client.HTTPException) as failed:
                connection.close()
                if pause is None:
                    why = type(failed).__name__
                    raise CannotError(f"{self.host} is out of reach ({why}): {path}") from failed
                time.sleep(max(pause, failed.after if isinstance(failed, BusyError) else 0.0))
            except (WrongError, CannotError):
                connection.close()
                raise
            finally:
                self.idle.append(connection)
        raise AssertionError

    def _connection(self) -> http.client.HTTPConnection:
        """One that is kept open, if any; a closed one opens itself again."""
        with self.lock:
            if self.idle:
                return self.idle.pop()
        if self.tls is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=MANNERS.timeout)
        return http.client.HTTPSConnection(
            self.host, self.port, timeout=MANNERS.timeout, context=self.tls
        )

    def _follow(
        self, connection: http.client.HTTPConnection, path: str, limit: int
    ) -> bytes | None:
        target = f"{self.base}/{path}"
        headers = {"User-Agent": f"petition-verify/{VERSION}", "Accept-Encoding": "identity"}
        for _ in range(4):
            connection.request("GET", target, headers=headers)
            answer = connection.getresponse()
            if answer.status == 200:
                return self._body(answer, path, limit)
            if len(answer.read(1 << 16)) == 1 << 16:  # the page of an error, read to its end
                connection.close()
            if answer.status in GONE:
                return None
            if answer.status in AGAIN:
                raise BusyError(answer.status, answer.getheader("Retry-After"))
            if answer.status not in AWAY:
                raise CannotError(f"{self.host} answers {answer.status} for {path}")
            target = self._at_home(target, answer.getheader("Location", ""))
        raise CannotError(f"{self.host} redirects in circles for {path}")

    def _body(self, answer: http.client.HTTPResponse, path: str, limit: int) -> bytes:
        if answer.getheader("Content-Encoding", "identity") != "identity":
            raise CannotError(f"{self.host} sends {path} in an encoding that was not asked for")
        until, found, length = time.monotonic() + MANNERS.longest, list[bytes](), 0
        while part := answer.read(1 << 16):
            length += len(part)
            self._count(len(part))
            if length > limit:
                raise WrongError(f"{path} is larger than {limit:,} bytes")
            if time.monotonic() > until:
                raise CannotError(f"{self.host} is too slow: {path}")
            found.append(part)
        wanted = answer.getheader("Content-Length")
        if wanted is not None and wanted.isdigit() and int(wanted) != length:
            raise http.client.HTTPException("cut off")
        return b"".join(found)

    def _at_home(self, target: str, location: str) -> str:
        here = f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port else "")
        try:
            there = urllib.parse.urlsplit(urllib.parse.urljoin(here + target, location))
            same = (there.scheme, there.hostname, there.port) == (self.scheme, self.host, self.port)
        except ValueError:
            same = False
        if not same or not location:
            raise CannotError(f"{self.host} redirects to another place: refused")
        return urllib.parse.quote(there.path or "/", safe="/%")

    def _count(self, length: int) -> None:
        with self.lock:
            self.left -= length
            if self.left < 0:
                raise CannotError(f"more than {self.most >> 30} GB: see --max-gb")


HEADS: Final = ("checkpoint", "policy", "counts.json")


class Mirror(Folder):
    """A site, and a directory that keeps what was fetched. `checkpoint` is written last."""

    def __init__(self, site: Site, place: Path) -> None:
        super().__init__(place)
        self.site = site
        self.heads: dict[str, bytes | None] = {}
        self.fresh: set[str] = set()
        self.missing: set[str] = set()
        self.fetched = 0

    def take_heads(self) -> None:
        """The three small files that belong together; a site may publish in between."""
        for _ in range(5):
            for name in HEADS:
                self.heads[name] = self.site.get(name, limit_of(name))
            again = self.site.get("checkpoint", limit_of("checkpoint"))
            if again == self.heads["checkpoint"] and self._together():
                return
            time.sleep(MANNERS.pauses[0])

    def _together(self) -> bool:
        """False while counts.json speaks of another size: it is written before the checkpoint."""
        try:
            size = read_checkpoint(self.heads["checkpoint"] or b"").size
            said = table_of(json_of(self.heads["counts.json"] or b"", "counts.json"), "counts.json")
        except WrongError:
            return True
        return said.get("size") == size

    def read(self, path: str) -> bytes | None:
        if path in self.heads:
            return self.heads[path]
        self._get(path)
        return None if path in self.missing else super().read(path)

    def fetch(self, paths: Iterable[str], progress: Callable[[int], None]) -> None:
        """Over a few connections; stops early where much is missing."""
        waiting, lock, faults = iter(paths), threading.Lock(), list[BaseException]()
        done = [0]

        def work() -> None:
            while not faults and len(self.missing) < MAX_MISSING:
                with lock:
                    path = next(waiting, None)
                    done[0] += 1
                if path is None:
                    return
                try:
                    self._get(path)
                except WrongError:
                    self.fresh.discard(path)  # told by the check that reads it
                except BaseException as fault:
                    faults.append(fault)

        threads = [threading.Thread(target=work, daemon=True) for _ in range(MANNERS.connections)]
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads):
                threads[0].join(0.05)
                threads[-1].join(0.05)
                progress(done[0])
        except KeyboardInterrupt as stopped:
            faults.append(stopped)
        if faults:
            raise faults[0]

    def _get(self, path: str) -> None:
        """Fetch unless the mirror has the file for good."""
        if path in self.fresh or path in self.missing or self._has(path):
            return
        content = self.site.get(path, limit_of(path))
        self.fetched += 1
        if content is None:
            self.missing.add(path)
            return
        place = self.place / path
        if not place.parent.resolve().is_relative_to(self.place.resolve()):
            raise CannotError("the mirror has a link that leads out of it")
        write_file(place, content)
        if not is_lasting(path):
            self.fresh.add(path)

    def _has(self, path: str) -> bool:
        if is_lasting(path):
            return (self.place / path).is_file()
        promised = hash_in(path)
        if promised is None:
            return False
        content = super().read(path)
        return content is not None and sha256(content).digest() == promised

    def keep(self) -> None:
        """Now the mirror holds everything that this checkpoint stands on."""
        for name in reversed(HEADS):
            content = self.heads.get(name)
            if content is not None:
                write_file(self.place / name, content)


# === Sets that stay small =========================================================================


class Once:
    """Digests met so far, 16 bytes each in 256 heaps; beyond `most` they lie in a temporary file."""

    def __init__(self, most: int = 1 << 20) -> None:
        self.most = most
        self.heaps = [bytearray() for _ in range(256)]
        self.held = 0
        self.spills: list[list[tuple[int, int]]] = []
        self.file: IO[bytes] | None = None

    def close(self) -> None:
        if self.file is not None:
            self.file.close()

    def add(self, hashes: Iterable[bytes]) -> None:
        heaps, held = self.heaps, 0
        for each in hashes:
            heaps[each[0]] += each[:16]
            held += 1
        self.held += held
        if self.held > self.most:
            self._spill()

    def _spill(self) -> None:
        if self.file is None:
            self.file = tempfile.TemporaryFile()  # noqa: SIM115 - see close
        at = self.file.seek(0, os.SEEK_END)
        places = []
        for heap in self.heaps:
            self.file.write(heap)
            places.append((at, len(heap)))
            at += len(heap)
            heap.clear()
        self.spills.append(places)
        self.held = 0

    def _spilled(self, place: tuple[int, int]) -> bytes:
        assert self.file is not None
        self.file.seek(place[0])
        return self.file.read(place[1])

    def repeated(self) -> Iterator[bytes]:
        """Digests that came more than once."""
        for n, heap in enumerate(self.heaps):
            parts = [bytes(heap)]
            parts += [self._spilled(places[n]) for places in self.spills]
            whole_heap = b"".join(parts)
            digests = [whole_heap[i : i + 16] for i in range(0, len(whole_heap), 16)]
            if len(set(digests)) != len(digests):
                digests.sort()
                yield from {a for a, b in pairwise(digests) if a == b}


class Numbers:
    """A set of leaf indices: one bit each, in pages made when needed."""

    def __init__(self) -> None:
        self.pages: dict[int, bytearray] = {}

    def add(self, index: int) -> bool:
        """False where it was there before."""
        page = self.pages.setdefault(index >> 16, bytearray(1 << 13))
        at, bit = (index & 0xFFFF) >> 3, 1 << (index & 7)
        known = page[at] & bit
        page[at] |= bit
        return not known

    def __contains__(self, index: int) -> bool:
        page = self.pages.get(index >> 16)
        return page is not None and bool(page[(index & 0xFFFF) >> 3] & 1 << (index & 7))


# === Keys of the log: V-104 =======================================================================


@dataclass(slots=True)
class KeyLife:
    key: PublicKey
    role: int
    added: int
    """Index of the VKEY entry; `batch` counts borders before it."""
    batch: int
    retired: int | None = None

    def holds(self, size: int) -> bool:
        """Whether it vouches for the first `size` entries."""
        return self.added < size and (self.retired is None or size <= self.retired)


class Keys:
    """What the VKEY entries say, in their order."""

    def __init__(self, origin: str, report: Report) -> None:
        self.origin = origin
        self.deployment = origin.rpartition("/")[0]
        self.report = report
        self.lives: dict[tuple[int, str], KeyLife] = {}

    def take(self, index: int, batch: int, body: bytes) -> None:
        with self.report.judging("V-104"):
            self._take(index, batch, body)

    def _take(self, index: int, batch: int, body: bytes) -> None:
        role, action = body[0], body[1]
        key = read_vkey(utf8(body[2:], f"the key in leaf {index:,}"))
        self._check_name(index, role, key)
        known = self.lives.get((role, key.text))
        if action == 1 and known is None:
            self.lives[role, key.text] = KeyLife(key, role, index, batch)
        elif action == 1:
            raise WrongError(f"leaf {index:,} announces a key for the second time")
        elif action != 0 or known is None or known.retired is not None:
            raise WrongError(f"leaf {index:,} retires a key that is not in force")
        else:
            known.retired = index
            if role != ROLE_REPLICA and not self._overlaps(role, batch):
                raise WrongError(f"leaf {index:,} retires a key without a successor in force")

    def _check_name(self, index: int, role: int, key: PublicKey) -> None:
        wanted = {ROLE_LOG: self.origin, ROLE_PROMISE: f"{self.origin}/promise"}.get(role)
        if role == ROLE_REPLICA:
            right = key.name.startswith(f"{self.deployment}/replica/")
        else:
            right = key.name == wanted
        if not right:
            raise WrongError(f"leaf {index:,} announces a key of a wrong role or name")

    def _overlaps(self, role: int, batch: int) -> bool:
        return any(life.batch < batch for life in self.in_force(role))

    def of(self, role: int) -> list[KeyLife]:
        return [life for life in self.lives.values() if life.role == role]

    def in_force(self, role: int) -> list[KeyLife]:
        return [life for life in self.of(role) if life.retired is None]

    def at(self, size: int) -> dict[str, PublicKey]:
        """Log keys that vouch for this size."""
        return {life.key.text: life.key for life in self.of(ROLE_LOG) if life.holds(size)}


class Handover:
    """V-104, once the whole history is known: who may sign now, and how one key led to the next."""

    def __init__(
        self, keys: Keys, log: Log, head: Head, known: list[Checkpoint], r: Report
    ) -> None:
        """`known`: checkpoints seen before, besides those that the log publishes."""
        self.keys, self.log, self.head, self.r = keys, log, head, r
        self.known = [head.checkpoint, *known]
        self.lives = [life for life in keys.of(ROLE_LOG) if life.key.kind == ED25519]

    def judge(self) -> None:
        r, head, policy = self.r, self.head, self.head.policy
        if policy is None:
            return
        with r.judging("V-104"):
            self._read_published()
        in_force = {life.key.text for life in self.lives if life.retired is None}
        named = _ed25519_keys(policy)
        if head.served is None and in_force != named:
            r.wrong(
                "V-104", "the keys in policy are not the log keys in force after the VKEY entries"
            )
        elif head.served is not None:
            self._judge_given(policy, head.served, in_force)
        if not any(life.batch == 0 for life in self.keys.of(ROLE_LOG)):
            r.wrong("V-104", "the first batch announces no log key")
        self._judge_lines()
        self._judge_chain(named, given=head.served is not None)
        with r.judging("V-104"):
            self._judge_list()
        others = sum(life.key.kind != ED25519 for life in self.keys.lives.values())
        told = many(len(self.keys.lives), "key")
        r.good("V-104", told + (f", {others:,} of a kind not checked here" if others else ""))

    def _read_published(self) -> None:
        raw = self.log.source.read("handovers")
        for each in read_seen(raw or b"", "handovers"):
            if each.origin != self.head.origin or each.size > self.log.size:
                raise WrongError("handovers holds a checkpoint that is not of this log")
            if self.log.root_at(each.size) != each.root:
                raise WrongError(f"the checkpoint of {each.size:,} entries in handovers is not of "
                                 "this log: keep both, they are the proof")  # fmt: skip
            self.known.append(each)

    def _judge_given(self, policy: Policy, served: Policy, in_force: set[str]) -> None:
        """A trusted copy may be old; the site's own policy may not."""
        if _ed25519_keys(served) != in_force:
            self.r.wrong("V-104", "the site's policy does not name the keys in force")
        spans = {life.key.text: (life.added + 1, life.retired) for life in self.lives}
        for text in _ed25519_keys(policy):
            if text not in spans:
                self.r.wrong("V-104", "the log never announced a key of the policy that was given")
            elif text in policy.spans:
                first, last = policy.spans[text]
                if first > spans[text][0] or last not in (None, spans[text][1]):
                    self.r.wrong("V-104", "the log gives a key other sizes than the policy")

    def _judge_lines(self) -> None:
        note = self.head.checkpoint.note
        for life in self.keys.of(ROLE_LOG):
            if life.retired is not None and note.by(life.key):
                self.r.wrong("V-104", f"the key {life.key.id.hex()} was retired and still signs")
            elif life.retired is None and note.by(life.key) is None:
                self.r.wrong("V-104", f"the key {life.key.id.hex()} is in force and does not sign")

    def _judge_chain(self, named: set[str], *, given: bool) -> None:
        """From the keys of the first batch to every later one; from a given policy to those now."""
        reached = self._reached({life.key.text for life in self.lives if life.batch == 0})
        for life in self.lives:
            if life.key.text not in reached and life.batch > 0:
                self.r.wrong("V-104", f"no key before it vouches for the key {life.key.id.hex()}: "
                                      "no checkpoint that announces it bears both")  # fmt: skip
        trusted = self._reached(named) if given else reached
        if given and not any(
            life.key.text in trusted and life.retired is None for life in self.lives
        ):
            self.r.wrong("V-104", "the keys of the policy that was given lead to none in force")

    def _reached(self, start: set[str]) -> set[str]:
        found = set(start)
        for life in sorted(self.lives, key=lambda each: each.added):
            before = [
                old.key for old in self.lives if old.key.text in found and old.batch < life.batch
            ]
            if any(self._vouches(old, life) for old in before):
                found.add(life.key.text)
        return found

    def _vouches(self, old: PublicKey, new: KeyLife) -> bool:
        """A checkpoint that holds the announcement, signed by the old key while it was in force."""
        for each in self.known:
            if each.size <= new.added or old.text not in self.keys.at(each.size):
                continue
            with contextlib.suppress(WrongError):
                if vouched(each.note, [old]):
                    return True
        return False

    def _judge_list(self) -> None:
        """keys.json repeats the VKEY entries. A site may be ahead of its checkpoint."""
        raw, size = self.log.source.read("keys.json"), self.log.size
        if raw is None:
            if any(life.batch > 0 for life in self.lives):
                raise WrongError("keys.json is missing, though a key was changed")
            return
        table = table_of(json_of(raw, "keys.json"), "keys.json")
        listed, said = table.get("keys"), set()
        if table.get("origin") != self.head.origin or not isinstance(listed, list):
            raise WrongError("keys.json is not the list of this log's keys")
        for each in listed:
            row = table_of(each, "a key in keys.json")
            until = row.get("until")
            until = None if until is None or whole(until, "until") >= size else until
            if whole(row.get("from"), "from in keys.json") <= size:
                said.add((str(row.get("role")), str(row.get("vkey")), row["from"], until))
        lives = self.keys.lives.values()
        if said != {(ROLES[e.role], e.key.text, e.added + 1, e.retired) for e in lives}:
            raise WrongError("keys.json does not repeat the VKEY entries of the log")


def _ed25519_keys(policy: Policy) -> set[str]:
    return {key.text for key in policy.logs if key.kind == ED25519}


def judge_quorum(policy: Policy, note: Note, last_time: int | None, r: Report) -> None:
    """V-103, and the part of V-303 about cosignatures."""
    if policy.quorum == "none":
        r.idle("V-103", "the policy asks for no witnesses (quorum none)")
        return
    signed, unknown = set[str](), set[str]()
    for name, key in policy.witnesses.items():
        found = note.by(key)
        if found is None:
            continue
        if key.kind != COSIGNATURE:
            unknown.add(name)
            continue
        at, blob = big(found.blob[:8]), found.blob[8:]
        message = f"cosignature/v1\ntime {at}\n{note.text}".encode()
        if not ed25519(key.public, message, blob):
            r.wrong("V-103", f"the cosignature of {plain(name, 60)} is bad")
            continue
        signed.add(name)
        if last_time is not None and at < last_time:
            r.wrong("V-303", f"{plain(name, 60)} countersigned before the time of the last batch")
    if policy.reached(policy.quorum, signed):
        r.good("V-103", many(len(signed), "cosignature"))
    elif policy.reached(policy.quorum, signed | unknown):
        r.say("V-103", State.PRESENT, f"{many(len(unknown), 'cosignature')} of another kind")
    else:
        r.wrong("V-103", f"{many(len(signed), 'cosignature')}: not what the policy demands")


# === Rulebooks, as far as milestones need them: V-504 =============================================

WHOLE_TABLES: Final = frozenset({"author", "who", "window"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A milestone. `thresholds`: every number it can demand; None: not to be known from outside."""

    thresholds: frozenset[int] | None
    plain: bool
    raw: bool
    at_close: bool
    paper: bool = False
    """Signatures on paper count as well, by certificate."""
    by_certificate: bool = False
    """Signatures given online count once an authority has certified them."""
    cap: tuple[int, int] | None = None
    """The share of the threshold that may be given online."""
    declarations: int = 0
    """So many areas may ask for the effect by themselves; 0: none."""

    def counted(self, one: Petition, threshold: int) -> int:
        """The number that is compared with the threshold."""
        if self.raw:
            return one.collected
        online = min(one.valid, one.certified) if self.by_certificate else one.valid
        if self.cap is not None:
            online = min(online, self.cap[0] * threshold // self.cap[1])
        return online + (one.paper if self.paper else 0)


def rules_of(raw: bytes) -> list[list[Mark]]:
    """The milestones of each kind of petition; a kind whose choices change them may be any of them."""
    book = table_of(json_of(raw, "a rulebook"), "a rulebook")
    kinds = book.get("kinds")
    bodies = list(table_of(kinds, "kinds").values()) if kinds else [{}]
    found = []
    for body in bodies:
        own = table_of(body, "a kind")
        filing = {**_part(book, "filing"), **_part(own, "filing")}
        changed = any(
            {"milestones", "signing"} & set(_part(option, "set"))
            for options in _part(filing, "choices").values()
            if isinstance(options, list)
            for option in options
            if isinstance(option, dict)
        )
        signing = {**_part(book, "signing"), **_part(own, "signing")}
        listed = own.get("milestones", book.get("milestones", []))
        if not isinstance(listed, list):
            raise WrongError("milestones are not a list")
        marks = [_mark(table_of(each, "a milestone"), signing) for each in listed]
        found.append([Mark(None, False, m.raw, m.at_close) for m in marks] if changed else marks)
    return found


def _overlaid(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Tables are laid over each other; a list or a value replaces what was there, and so do the few
    tables that the rules of rulebooks call one value.
    """
    found = dict(base)
    for key, value in over.items():
        old = found.get(key)
        found[key] = value
        if isinstance(value, dict) and isinstance(old, dict) and key not in WHOLE_TABLES:
            found[key] = _overlaid(old, value)
    return found


@dataclass(frozen=True, slots=True)
class Procedure:
    """What a petition's notice says: kind, choices, and the targets of its milestones."""

    kind: str
    choices: dict[str, str]
    targets: dict[str, Any]
    populations: dict[str, Any]
    places: tuple[str, ...]


def read_procedure(words: str) -> Procedure:
    table = table_of(json_of(words.encode(), "a procedure"), "a procedure")
    choices = table_of(table.get("choices"), "choices of a procedure")
    places = table.get("places")
    if not isinstance(places, list):
        raise WrongError("the places of a procedure are not a list")
    return Procedure(
        str(table.get("kind")),
        {str(name): str(option) for name, option in choices.items()},
        table_of(table.get("targets"), "targets of a procedure"),
        table_of(table.get("populations"), "populations of a procedure"),
        tuple(map(str, places)),
    )


def body_of(book: dict[str, Any], found: Procedure) -> dict[str, Any]:
    """The rules for this kind after its choices. WrongError where the rulebook has no such."""
    kinds = table_of(book.get("kinds") or {}, "kinds")
    if found.kind not in (kinds or {"petition": None}):
        raise WrongError(f"the rulebook has no kind {plain(found.kind, 40)}")
    base = {key: value for key, value in book.items() if key != "kinds"}
    body = root = _overlaid(base, table_of(kinds.get(found.kind) or {}, "a kind"))
    for choice, options in sorted(_part(_part(root, "filing"), "choices").items()):
        wanted = found.choices.get(choice)
        here = (
            [each for each in options if isinstance(each, dict)]
            if isinstance(options, list)
            else []
        )
        chosen = [each for each in here if each.get("id") == wanted]
        if wanted is not None and not chosen:
            raise WrongError(
                f"the rulebook has no option {plain(wanted, 40)} of {plain(choice, 40)}"
            )
        for option in chosen:
            body = _overlaid(body, _part(option, "set"))
    return body


def marks_of(book: dict[str, Any], found: Procedure) -> list[Mark]:
    """The milestones of one petition, each with the one threshold that it can demand."""
    body = body_of(book, found)
    listed = body.get("milestones", [])
    if not isinstance(listed, list):
        raise WrongError("milestones are not a list")
    tables = [table_of(each, "a milestone") for each in listed]
    later = {str(each.get("id")) for each in tables if each.get("snapshot") == "handover"}
    if {str(each.get("id")) for each in tables} - later != found.targets.keys() - later:
        raise WrongError("the targets are not those of the milestones of its rules")
    signing, marks = _part(body, "signing"), []
    for table in tables:
        if str(table.get("id")) not in found.targets:  # its figures are fixed on a later day
            marks.append(replace(_mark(table, signing), thresholds=None, plain=False))
            continue
        target = table_of(found.targets[str(table.get("id"))], "a target")
        number = whole(target.get("threshold"), "threshold of a target")
        _check_target(table, target, number, found)
        marks.append(_mark({**table, "threshold": number}, signing))
    return marks


def _check_target(
    table: dict[str, Any], target: dict[str, Any], number: int, found: Procedure
) -> None:
    """A target follows from the rulebook, the choices and the figures that the notice names."""
    threshold, where = table.get("threshold"), f"milestone {plain(table.get('id'), 40)}"
    wanted: int | None = None
    if isinstance(threshold, int):
        wanted = threshold
    elif isinstance(threshold, dict) and "share" in threshold:
        population = whole(found.populations.get(str(threshold.get("of"))), "a population")
        wanted = share_of(threshold, population)
    elif isinstance(threshold, dict) and isinstance(threshold.get("values"), dict):
        by = str(threshold.get("by_choice"))
        wanted = threshold["values"].get(found.choices.get(by))
    if number != wanted and not (isinstance(threshold, dict) and "by_area" in threshold):
        told = "none" if wanted is None else f"{wanted:,}"
        raise WrongError(f"{where}: {number:,} is not what its rules demand, which is {told}")
    quorum = _part(table, "quorum")
    if quorum and target.get("k") != quorum.get("k", 0):
        raise WrongError(f"{where}: its quorum is not that of its rules")


def share_of(threshold: dict[str, Any], population: int) -> int:
    """A share of a population: rounded first, then floor and ceiling; never below 1."""
    above, _, below = str(threshold.get("share")).partition("/")
    numerator, denominator = decimal(above) * population, decimal(below or "1")
    if not denominator:
        raise WrongError("a share is divided by zero")
    number, rest = divmod(numerator, denominator)
    how = threshold.get("round", "up")
    number += (how == "up" and rest > 0) or (how == "nearest" and 2 * rest >= denominator)
    number = max(number, whole(threshold.get("floor", 0), "floor"))
    if "ceiling" in threshold:
        number = min(number, whole(threshold["ceiling"], "ceiling"))
    return max(number, 1)


def _part(table: dict[str, Any], name: str) -> dict[str, Any]:
    value = table.get(name)
    return value if isinstance(value, dict) else {}


def _mark(table: dict[str, Any], signing: dict[str, Any]) -> Mark:
    threshold, evaluate = table.get("threshold"), table.get("evaluate", "live")
    thresholds = None
    if isinstance(threshold, int):
        thresholds = frozenset({threshold})
    elif isinstance(threshold, dict) and isinstance(threshold.get("values"), dict):
        thresholds = frozenset(v for v in threshold["values"].values() if isinstance(v, int))
    paper = bool({"paper", "in_person"} & set(map(str, signing.get("channels") or ())))
    by_certificate = _part(signing, "verification").get("online", "at_signing") != "at_signing"
    raw, late = table.get("basis") == "raw", paper or by_certificate
    simple = isinstance(threshold, int) and "quorum" not in table
    # A raw count holds lines on paper that no entry tells, and what is certified after the close is
    # judged when the last certificate is in, which no entry tells either.
    # Where signatures grow old, the batch tells their age only as far as a day has batches.
    ages = _part(signing, "window").get("mode") == "rolling"
    seen = not ages and (evaluate == "live" or (evaluate == "close" and not late))
    plain_one = simple and table.get("counts", "all") == "all" and seen and not (raw and paper)
    cap = str(signing.get("online_cap") or "").split("/")
    share = (int(cap[0]), int(cap[1])) if len(cap) == 2 and all(map(str.isdigit, cap)) else None
    return Mark(
        thresholds, plain_one, raw, evaluate == "close", paper, by_certificate,
        share if share and share[1] else None,
        whole(_part(table, "alternative").get("declarations", 0), "declarations of a milestone"),
    )  # fmt: skip


# === Notices ======================================================================================

NOTICE_HEAD: Final = b"petition-notice/v1\n"


@dataclass(frozen=True, slots=True)
class NoticeFile:
    what: str
    subject: str
    words: str


def read_notice_file(raw: bytes, origin: str, petition: bytes, where: str) -> NoticeFile | None:
    """None where it is of another form; WrongError where it speaks of something else than its entry."""
    if not raw.startswith(NOTICE_HEAD):
        return None
    head, blank, words = utf8(raw, where).partition("\n\n")
    lines = head.split("\n")
    if not blank or len(lines) != 6:
        raise WrongError(f"{where}: the notice does not have its six lines")
    if lines[1] != origin or uuid_of(lines[2]) != petition:
        raise WrongError(f"{where}: the notice is about another log or petition than its entry")
    decimal(lines[5])
    return NoticeFile(lines[3], lines[4], words.removesuffix("\n"))


# === One petition =================================================================================


@dataclass(slots=True)
class Petition:
    opened: bool = False
    entries: int = 0
    collected: int = 0
    withdrawn: int = 0
    invalid: int = 0
    paper: int = 0
    certified: int = 0
    """Of the signatures given online, those that an authority certified."""
    declared: int = 0
    last: tuple[int, int, int, int] | None = None
    """Numbers of the last COUNT, its leaf and the number of its batch."""
    last_leaf: int = -1
    last_batch: int = 0
    closes: list[int] = field(default_factory=list)
    sealed: bool = False
    rules: list[list[Mark]] = field(default_factory=list)
    text: str = ""
    reached: set[int] = field(default_factory=set)
    missed: set[int] = field(default_factory=set)
    map_day: int = -1
    map_values: dict[str, int] = field(default_factory=dict)
    destroyed: list[tuple[int, bytes, int]] = field(default_factory=list)
    opened_in: int = 0
    """Number of the batch with OPEN."""
    rules_hash: bytes = b""
    procedure: Procedure | None = None
    withheld: bool = False
    """Its text was taken down: the last word of the log."""
    restored: bool = False
    places: tuple[str, ...] | None = None
    """Verifier keys of the places that hold its key, as named beside SEAL."""

    @property
    def valid(self) -> int:
        return max(0, self.collected - self.withdrawn - self.invalid)

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        return (self.collected, self.withdrawn, self.invalid, self.valid)

    @property
    def others(self) -> tuple[int, int]:
        """What counts beside COUNT: on paper, and certified of what was given online."""
        return (self.paper, self.certified)

    @property
    def marks(self) -> list[Mark]:
        """Milestones that can be recomputed: none where the kind of petition is not known."""
        return self.rules[0] if len(self.rules) == 1 else []


COUNT_NAMES: Final = ("collected", "withdrawn", "invalid", "valid")


def four(body: bytes) -> tuple[int, int, int, int]:
    return (big(body[:8]), big(body[8:16]), big(body[16:24]), big(body[24:32]))


# === counts.json: V-503 ===========================================================================


@dataclass(slots=True)
class PublishedCounts:
    """counts.json, judged when the batch that it names is complete."""

    origin: str
    size: int
    batch: int
    petitions: dict[bytes, tuple[tuple[int, int, int, int], int]]
    others: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    """Beside the count: on paper, and certified of what was given online."""
    judged: bool = False

    def judge(self, petitions: dict[bytes, Petition], size: int, origin: str, r: Report) -> None:
        self.judged = True
        counted = {p: one for p, one in petitions.items() if one.last is not None}
        if self.origin != origin:
            r.wrong("V-503", "counts.json is of another log")
        if self.size != size:
            r.wrong("V-503", f"counts.json names batch {self.batch:,} and size {self.size:,}, "
                             f"after that batch the log has {size:,} entries")  # fmt: skip
        for petition in sorted(counted.keys() | self.petitions.keys()):
            said, one = self.petitions.get(petition), counted.get(petition)
            if said is None or one is None or said != (one.last, one.last_batch):
                r.wrong(
                    "V-503", f"petition {name_of(petition)}: {_told(said)}, the log {_logged(one)}"
                )
            elif self.others.get(petition, (0, 0)) != one.others:
                told = " and ".join(f"{n:,}" for n in self.others.get(petition, (0, 0)))
                logged = " and ".join(f"{n:,}" for n in one.others)
                r.wrong("V-503", f"petition {name_of(petition)}: on paper and certified {told}, "
                                 f"the log has {logged}")  # fmt: skip
        r.good("V-503", many(len(counted), "petition"))


def _told(said: tuple[tuple[int, int, int, int], int] | None) -> str:
    return "not listed" if said is None else f"{said[0][3]:,} valid, of batch {said[1]:,}"


def _logged(one: Petition | None) -> str:
    last = one.last if one else None
    if one is None or last is None:
        return "has no count of it"
    return f"counts {last[3]:,}, in batch {one.last_batch:,}"


def read_counts(raw: bytes) -> PublishedCounts:
    table = table_of(json_of(raw, "counts.json"), "counts.json")
    listed = table_of(table.get("petitions"), "petitions of counts.json")
    petitions, others = {}, {}
    for name, each in listed.items():
        row = table_of(each, "a petition in counts.json")
        beside = [whole(row.get(key, 0), f"{key} in counts.json") for key in ("paper", "certified")]
        others[uuid_of(name)] = (beside[0], beside[1])
        a, b, c, d = (whole(row.get(key), f"{key} in counts.json") for key in COUNT_NAMES)
        petitions[uuid_of(name)] = ((a, b, c, d), whole(row.get("batch"), "batch in counts.json"))
    size, batch = whole(table.get("size"), "size"), whole(table.get("batch"), "batch")
    return PublishedCounts(str(table.get("origin")), size, batch, petitions, others)


# === Maps: V-505 ==================================================================================


@dataclass(frozen=True, slots=True)
class Map:
    """A GEO entry, with what was known after the entries before it."""

    petition: bytes
    day: int
    digest: bytes
    leaf: int
    collected: int
    valid: int
    invalid: int


UNDER: Final = "under "
"""Before the smallest figure that the rulebook shows: ten or more."""


def judge_map(found: Map, raw: bytes | None, one: Petition, at: int, *, sealing: bool) -> None:
    """WrongError where the map is not the one logged or breaks a rule. `at`: time of its batch."""
    where = f"map in leaf {found.leaf:,}"
    if raw is None:
        raise WrongError(f"{where}: its file is not published")
    if sha256(raw).digest() != found.digest:
        raise WrongError(f"{where}: the file is not the one that was logged")
    table = table_of(json_of(raw, where), where)
    final = table.get("final") is True
    areas = table_of(table.get("areas"), f"areas of {where}")
    _judge_map_head(found, table, where)
    if abs(found.day - at // 86400) > 1 or found.day <= one.map_day:
        raise WrongError(f"{where}: its day is not that of its batch, or not after the last map's")
    if final and not sealing:
        raise WrongError(f"{where}: called final without a seal in its batch")
    if not final and found.valid < NO_MAP_BEFORE:
        raise WrongError(f"{where}: there were not yet {NO_MAP_BEFORE} valid signatures")
    values = {area: _map_value(value, where, final=final) for area, value in areas.items()}
    _judge_values(found, values, one, where, final=final)
    one.map_day, one.map_values = found.day, values


def _judge_map_head(found: Map, table: dict[str, Any], where: str) -> None:
    try:
        day = date.fromisoformat(str(table.get("day")))
    except ValueError as refused:
        raise WrongError(f"{where}: no day") from refused
    logged = table.get("petition") == name_of(found.petition)
    if not logged or (day - date(1970, 1, 1)).days != found.day:
        raise WrongError(f"{where}: petition or day are not those of the entry")
    if whole(table.get("invalid"), f"invalid of {where}") != found.invalid:
        raise WrongError(f"{where}: its number of invalidated signatures is not that of the log")


def _map_value(value: Any, where: str, *, final: bool) -> int:
    """0 stands for a hidden area."""
    if isinstance(value, str) and value.startswith(UNDER) and value[len(UNDER) :].isdigit():
        return 0
    number = whole(value, f"a value of {where}")
    if not final and (number < 10 or number % 10):
        raise WrongError(f"{where}: {number:,} is not a multiple of ten")
    return number


def _judge_values(
    found: Map, values: dict[str, int], one: Petition, where: str, *, final: bool
) -> None:
    if final:
        return
    if sum(value == 0 for value in values.values()) == 1:
        raise WrongError(f"{where}: one hidden area alone can be computed from the others")
    if sum(values.values()) > found.collected:
        raise WrongError(f"{where}: the areas have more signatures than were collected")
    for area, before in one.map_values.items():
        if values.get(area, 0) < before:
            raise WrongError(f"{where}: area {plain(area, 40)} fell")


# === Private mode: V-802 ==========================================================================


class Private:
    """SHEET, KEY, ISSUED and SIGN_PRIVATE entries. Tokens are judged at the end."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.sheets: dict[bytes, bytes] = {}
        self.keys: dict[tuple[bytes, bytes], bytes] = {}
        self.issued: dict[tuple[bytes, bytes], int] = {}
        self.cast: dict[tuple[bytes, bytes], list[bytes]] = {}

    def take(self, kind: int, petition: bytes, body: bytes, leaf: int) -> None:
        sheet, rest = body[:4], body[4:]
        if kind == SHEET:
            if self.sheets.setdefault(sheet, rest) != rest:
                self.report.wrong("V-802", f"leaf {leaf:,} announces sheet {big(sheet)} anew")
        elif kind == KEY:
            if self.keys.setdefault((sheet, petition), rest) != rest:
                self.report.wrong("V-802", f"leaf {leaf:,} announces another key of its sheet")
        elif kind == ISSUED:
            self.issued[sheet, petition] = big(rest)
        else:
            self.cast.setdefault((sheet, petition), []).append(rest)
            if sheet not in self.sheets or (sheet, petition) not in self.keys:
                self.report.wrong("V-802", f"leaf {leaf:,}: its sheet and key were not announced")

    def conclude_batch(self) -> None:
        for place, cast in self.cast.items():
            if len(cast) > self.issued.get(place, 0):
                self.report.wrong("V-802", f"sheet {big(place[0])}: more cast than issued")

    def judge(self, source: Folder) -> None:
        if not self.cast and not self.sheets:
            self.report.idle("V-802", "no private signatures")
            return
        tokens = 0
        for (sheet, petition), cast in self.cast.items():
            with self.report.judging("V-802"):
                tokens += self._judge_sheet(source, sheet, petition, cast)
        self.report.good("V-802", many(tokens, "token"))

    def _judge_sheet(self, source: Folder, sheet: bytes, petition: bytes, cast: list[bytes]) -> int:
        spki = self._listed(source, sheet, petition)
        if spki is None or sha256(spki).digest() != self.keys.get((sheet, petition)):
            raise WrongError(f"sheet {big(sheet)}: the key in the log is not the one in its list")
        tokens = {}
        for line in lines_of(source.read(f"tokens/{name_of(petition)}") or b"", "the tokens"):
            words = line.split(" ")
            if len(words) == 3 and decimal(words[0]) == big(sheet):
                m = unbase64(words[1])
                tokens[sha256(m).digest()] = (m, unbase64(words[2]))
        for nullifier in cast:
            m, signature = tokens.get(nullifier, (b"", b""))
            if not rsa_pss(spki, m, signature):
                raise WrongError(f"sheet {big(sheet)}: a signature without a valid token")
        return len(cast)

    def _listed(self, source: Folder, sheet: bytes, petition: bytes) -> bytes | None:
        digest = self.sheets.get(sheet, b"")
        raw = source.read(f"sheets/{digest.hex()}") or b""
        if sha256(raw).digest() != digest:
            raise WrongError(f"sheet {big(sheet)}: its list is not the one that was logged")
        for line in lines_of(raw, "a sheet"):
            name, _, spki = line.partition(" ")
            if name == name_of(petition):
                return unbase64(spki)
        return None


# === The walk through the entries: V-202, V-301 to V-405, V-501 to V-505 ==========================


@dataclass(frozen=True, slots=True)
class SealEntry:
    petition: bytes
    leaf: int
    size: int
    root: bytes
    time: int


class Walk:
    """Takes every entry once, in its order. Memory grows with petitions and batches, not leaves."""

    def __init__(self, source: Folder, origin: str, report: Report, *, sample: bool) -> None:
        self.source, self.origin, self.report = source, origin, report
        self.index = 0
        self.first = 0
        self.number = 0
        self.time = 0
        self.batches = 0
        self.previous = b""
        self.ends = array("Q")
        self.petitions: dict[bytes, Petition] = {}
        self.touched: set[bytes] = set()
        self.present: set[bytes] = set()
        self.closing: set[bytes] = set()
        self.counted: dict[bytes, int] = {}
        self.counts: PublishedCounts | None = None
        self.once = Once()
        self.taken = Numbers()
        self.evidence: set[tuple[bytes, bytes]] = set()
        self.keys = Keys(origin, report)
        self.private = Private(report)
        self.seals: list[SealEntry] = []
        self.maps: list[Map] = []
        self.new_seals: list[tuple[bytes, int, int, bytes]] = []
        self.notices: list[bytes] = []
        self.told: list[tuple[int, bytes, bytes]] = []
        """Notices of this batch: leaf, petition, hash."""
        self.hits: list[tuple[int, bytes, bytes]] = []
        """Milestones of this batch: leaf, petition, body. A notice at its end may say how to judge."""
        self.procedures_since = 0
        """The first batch in which a notice says how a petition is judged; 0: none does."""
        self.opened: list[bytes] = []
        self.given_up: set[str] = set()
        self.texts: dict[str, list[bytes]] = {}
        """Which petitions a text belongs to."""
        self.raw_books: dict[bytes, dict[str, Any]] = {}
        self.must: dict[str, bytes] = {}
        self.may: dict[str, bytes] = {}
        self.books: dict[bytes, list[list[Mark]]] = {}
        self.signs: list[tuple[int, int]] | None = [] if sample else None
        self.sign_first, self.sign_count = 0, 0
        self.sign_ranges: dict[int, tuple[int, int]] = {}
        self.tally = dict.fromkeys(("signatures", "counts", "milestones", "unplain", "maps"), 0)
        self.bundle: tuple[int, list[bytes]] = (0, [])
        self.recall: Callable[[int], bytes | None] = lambda _index: None
        self.acts: dict[int, Callable[[bytes, Petition, bytes], None]] = {
            OPEN: self._open, TEXT: self._text, SIGN_PRIVATE: self._sign_private,
            WITHDRAW: self._withdraw, WITHDRAW_OPEN: self._withdraw_open,
            INVALIDATE: self._invalidate, CLOSE: self._close, PAPER: self._paper,
            CERTIFIED: self._certified, DECLARED: self._declared, COUNT: self._count,
            MILESTONE: self._milestone, GEO: self._geo, SEAL: self._seal,
            DESTROYED: self._destroyed, ANSWER: self._answer,
        }  # fmt: skip

    # --- feeding ---------------------------------------------------------------------------------

    def take(self, entries: list[bytes], hashes: list[bytes]) -> None:
        """A bundle's entries and their leaf hashes."""
        self.bundle = (self.index, entries)
        self._fetch_notices(entries)
        at, end = 0, len(entries)
        while at < end:
            entry = entries[at]
            if entry[:2] == SIGN_HEAD and len(entry) == SIGN_ENTRY:
                until, head = at + 1, entry[:HEADER]
                while (
                    until < end
                    and entries[until][:HEADER] == head
                    and len(entries[until]) == SIGN_ENTRY
                ):
                    until += 1
                self._signatures(head[2:], entries[at:until], hashes[at:until])
                at = until
            else:
                self._one(entry)
                at += 1

    def _fetch_notices(self, entries: list[bytes]) -> None:
        """They are read with their batch: a site is asked for those of a bundle at once."""
        hashes = [e[HEADER:].hex() for e in entries if e[1:2] == b"\x41" and len(e) == SIGN_ENTRY]
        if hashes:
            self.source.fetch((f"notices/{each}.txt" for each in hashes), lambda _done: None)

    def _signatures(self, petition: bytes, run: list[bytes], hashes: list[bytes]) -> None:
        """Signatures of one petition, one after another."""
        if not self.previous < run[0] or not all(map(lt, run, run[1:])):
            self.report.wrong("V-302", f"batch {self.number + 1:,} is not in ascending order")
        self.previous = run[-1]
        one = self._petition(SIGN, petition)
        one.entries += len(run) - 1
        one.collected += len(run)
        self.tally["signatures"] += len(run)
        self._note_signature(len(run))
        self.touched.add(petition)
        self.present.add(petition)
        self.once.add(hashes)
        if one.closes:
            self.report.wrong("V-401", f"leaf {self.index:,} is a signature after the close of "
                                       f"petition {name_of(petition)}")  # fmt: skip
        self.index += len(run)

    def _note_signature(self, number: int) -> None:
        if self.signs is not None:
            self.sign_first = self.sign_first if self.sign_count else self.index
            self.sign_count += number

    def _one(self, entry: bytes) -> None:
        if not self.previous < entry:
            self.report.wrong("V-302", f"leaf {self.index:,} is not above the one before it")
        self.previous = entry
        fault = shape_fault(entry)
        if fault:
            self.report.wrong("V-202", f"leaf {self.index:,} {fault}")
        else:
            self._act(entry[1], entry[2:HEADER], entry[HEADER:])
        self.index += 1

    def _act(self, kind: int, petition: bytes, body: bytes) -> None:
        if kind == BATCH:
            self._border(body)
        elif kind == VKEY:
            self.keys.take(self.index, self.batches, body)
        elif kind == NOTICE and petition == LOG_WIDE:
            self._notice(petition, body)
        elif kind == SHEET:
            self.private.take(kind, petition, body, self.index)
        else:
            one = self._petition(kind, petition)
            self.present.add(petition)
            if kind in self.acts:
                self.acts[kind](petition, one, body)
            elif kind == NOTICE:
                self._notice(petition, body)
            else:
                self.private.take(kind, petition, body, self.index)

    def _petition(self, kind: int, petition: bytes) -> Petition:
        one = self.petitions.get(petition)
        if one is None:
            one = self.petitions[petition] = Petition()
        if kind == OPEN and one.opened:
            self.report.wrong("V-401", f"leaf {self.index:,} opens a petition for the second time")
        elif (kind != OPEN) and not one.opened and not one.entries:
            self.report.wrong("V-401", f"leaf {self.index:,} is of a petition not opened before it")
        if one.sealed and kind not in AFTER_SEAL:
            self.report.wrong("V-402", f"leaf {self.index:,}, {SHAPES[kind][0]}, comes after SEAL")
        one.entries += 1
        return one

    # --- what each entry does --------------------------------------------------------------------

    def _open(self, petition: bytes, one: Petition, body: bytes) -> None:
        one.opened = True
        one.opened_in, one.rules_hash = self.number + 1, body[32:64]
        self.opened.append(petition)
        one.text = f"texts/{body[:32].hex()}.txt"
        self.touched.add(petition)
        self.must.setdefault(one.text, petition)
        self.texts.setdefault(one.text, []).append(petition)
        self.must.setdefault(f"rules/{body[32:64].hex()}.json", petition)
        one.rules = self._book(body[32:64])

    def _book(self, digest: bytes) -> list[list[Mark]]:
        """Nothing where the rulebook is missing, altered (V-406) or not understood."""
        if digest not in self.books:
            self.books[digest] = []
            with contextlib.suppress(WrongError):
                raw = self.source.read(f"rules/{digest.hex()}.json") or b""
                if sha256(raw).digest() == digest:
                    self.raw_books[digest] = table_of(json_of(raw, "a rulebook"), "a rulebook")
                    self.books[digest] = rules_of(raw)
        return self.books[digest]

    def _text(self, petition: bytes, one: Petition, body: bytes) -> None:
        one.text = f"texts/{body[2:].hex()}.txt"
        self.must.setdefault(one.text, petition)
        self.texts.setdefault(one.text, []).append(petition)

    def _sign_private(self, petition: bytes, one: Petition, body: bytes) -> None:
        one.collected += 1
        self._note_signature(1)
        self.touched.add(petition)
        self.once.add([sha256(b"nullifier" + body[4:]).digest()])
        self.private.take(SIGN_PRIVATE, petition, body, self.index)
        if one.closes:
            self.report.wrong("V-401", f"leaf {self.index:,} is a signature after the close")

    def _withdraw(self, petition: bytes, one: Petition, _body: bytes) -> None:
        one.withdrawn += 1
        self.touched.add(petition)

    def _withdraw_open(self, petition: bytes, one: Petition, body: bytes) -> None:
        one.withdrawn += 1
        self.touched.add(petition)
        self._take_away(petition, big(body))

    def _invalidate(self, petition: bytes, one: Petition, body: bytes) -> None:
        one.invalid += 1
        self.touched.add(petition)
        self.may.setdefault(f"decisions/{body[10:].hex()}.json", petition)
        self._take_away(petition, big(body[:8]))

    def _take_away(self, petition: bytes, target: int) -> None:
        entry = self._entry_at(target) if target < self.index else None
        right = entry and entry[1] in (SIGN, SIGN_PRIVATE) and entry[2:HEADER] == petition
        if not right:
            self.report.wrong("V-404", f"leaf {self.index:,} takes away leaf {target:,}, which is "
                                       "no earlier signature of its petition")  # fmt: skip
        elif not self.taken.add(target):
            self.report.wrong("V-404", f"leaf {target:,} is taken away twice")

    def _entry_at(self, index: int) -> bytes | None:
        first, entries = self.bundle
        entry = entries[index - first] if index >= first else self.recall(index)
        return entry if entry and not shape_fault(entry) else None

    def _close(self, petition: bytes, one: Petition, body: bytes) -> None:
        one.closes.append(big(body))
        self.closing.add(petition)

    def _paper(self, petition: bytes, one: Petition, body: bytes) -> None:
        one.paper += big(body[:8])
        self._evidence(petition, body[8:])

    def _certified(self, petition: bytes, one: Petition, body: bytes) -> None:
        examined, valid = big(body[:8]), big(body[8:16])
        if valid > examined:
            self.report.wrong("V-405", f"leaf {self.index:,} certifies more than was examined")
        one.certified += valid
        self._evidence(petition, body[16:])

    def _declared(self, petition: bytes, one: Petition, body: bytes) -> None:
        one.declared += 1
        self._evidence(petition, body)

    def _evidence(self, petition: bytes, digest: bytes) -> None:
        self.may.setdefault(f"evidence/{digest.hex()}.json", petition)
        if (petition, digest) in self.evidence:
            self.report.wrong("V-403", f"leaf {self.index:,} counts a certificate a second time")
        self.evidence.add((petition, digest))

    def _count(self, petition: bytes, one: Petition, body: bytes) -> None:
        told = four(body)
        self.counted[petition] = self.counted.get(petition, 0) + 1
        self.tally["counts"] += 1
        if told != one.numbers:
            for name, said, found in zip(COUNT_NAMES, told, one.numbers, strict=True):
                if said != found:
                    self.report.wrong("V-502", f"leaf {self.index:,}: {name} is said to be "
                                               f"{said:,}, the entries give {found:,}")  # fmt: skip
        one.last, one.last_leaf, one.last_batch = told, self.index, self.number + 1

    def _geo(self, petition: bytes, one: Petition, body: bytes) -> None:
        found = Map(
            petition, big(body[:4]), body[4:], self.index, one.collected, one.valid, one.invalid
        )
        self.maps.append(found)

    def _seal(self, petition: bytes, one: Petition, body: bytes) -> None:
        told, size, root = four(body), big(body[32:40]), body[40:]
        one.sealed = True
        self.new_seals.append((petition, self.index, size, root))
        if told != one.last:
            self.report.wrong(
                "V-701", f"leaf {self.index:,}: the seal does not repeat the last count"
            )
        if not one.last_leaf < size <= self.first:
            self.report.wrong("V-701", f"leaf {self.index:,}: the seal names size {size:,}, which is "
                                       "not an earlier one that holds the last count")  # fmt: skip

    def _destroyed(self, _petition: bytes, one: Petition, body: bytes) -> None:
        one.destroyed.append((big(body[:2]), body[2:], self.index if one.sealed else -1))

    def _answer(self, petition: bytes, _one: Petition, body: bytes) -> None:
        self.must.setdefault(f"answers/{body.hex()}.json", petition)

    def _notice(self, petition: bytes, body: bytes) -> None:
        self.told.append((self.index, petition, body))
        if petition == LOG_WIDE:
            self.may.setdefault(f"notices/{body.hex()}.txt", petition)
            self.notices.append(body)
        else:
            self.must.setdefault(f"notices/{body.hex()}.txt", petition)

    def _read_notices(self) -> None:
        """What the notices of the batch say; a file that is missing or altered is V-406's matter."""
        for leaf, petition, digest in self.told:
            where, raw = f"leaf {leaf:,}", None
            with contextlib.suppress(WrongError):
                raw = self.source.read(f"notices/{digest.hex()}.txt")
            if raw is None or sha256(raw).digest() != digest:
                continue
            with self.report.judging("V-406"):
                found = read_notice_file(raw, self.origin, petition, where)
                if found is not None and petition == LOG_WIDE:
                    self.given_up |= {found.subject} if found.what == "replica-given-up" else set()
                elif found is not None:
                    self._read_notice(self.petitions[petition], found, where)

    def _read_notice(self, one: Petition, found: NoticeFile, where: str) -> None:
        if found.what in ("text-withheld", "text-restored"):
            one.withheld = found.what == "text-withheld"
            one.restored = not one.withheld
        elif found.what == "key-places":
            one.places = tuple(found.words.split("\n")) if found.words else ()
        elif found.what == "procedure":
            with self.report.judging("V-504"):
                self._take_procedure(one, found, where)

    def _take_procedure(self, one: Petition, found: NoticeFile, where: str) -> None:
        """How this petition is judged. A later notice may bring figures, never another procedure."""
        new, old = read_procedure(found.words), one.procedure
        if found.subject != one.rules_hash.hex():
            raise WrongError(f"{where}: the procedure is not of the petition's rules")
        if old is not None and (old.kind, old.choices, old.places) != (
            new.kind, new.choices, new.places,
        ):  # fmt: skip
            raise WrongError(f"{where}: the petition gets another procedure")
        one.procedure = new
        self.procedures_since = self.procedures_since or self.number
        book = self.raw_books.get(one.rules_hash)
        if book is not None:
            marks = marks_of(book, new)
            if old is not None and any(
                rule in one.reached and rule < len(one.marks) and one.marks[rule] != mark
                for rule, mark in enumerate(marks)
            ):
                raise WrongError(f"{where}: the figures of a milestone change after it was reached")
            one.rules = [marks]

    # --- milestones ------------------------------------------------------------------------------

    def _milestone(self, petition: bytes, _one: Petition, body: bytes) -> None:
        self.hits.append((self.index, petition, body))

    def _judge_milestone(self, leaf: int, petition: bytes, body: bytes) -> None:
        """At the end of the batch: nothing after it moves a count there."""
        one = self.petitions[petition]
        rule, threshold, valid = big(body[:2]), big(body[2:10]), big(body[10:])
        self.tally["milestones"] += 1
        where = f"leaf {leaf:,}, milestone {rule}"
        if rule in one.reached:
            self.report.wrong("V-504", f"{where}: recorded for the second time")
            return
        one.reached.add(rule)
        known = [marks[rule] for marks in one.rules if rule < len(marks)]
        possible = {
            m.counted(one, threshold) for m in known if m.thresholds is not None and not m.raw
        }
        if len(possible) != len(known) or not known:
            possible |= {one.valid, one.valid + one.paper}
        if valid not in possible:
            told = " or ".join(f"{number:,}" for number in sorted(possible))
            self.report.wrong("V-504", f"{where}: says {valid:,} valid, the log {told}")
        if one.rules and not known:
            self.report.wrong("V-504", f"{where}: the rulebook has no such milestone")
        elif known and not any(m.thresholds is None or threshold in m.thresholds for m in known):
            self.report.wrong("V-504", f"{where}: {threshold:,} is not a threshold of the rulebook")
        if len(one.rules) != 1 or not known or not known[0].plain:
            self.tally["unplain"] += 1
        elif not self._is_due(petition, one, known[0], threshold):
            self.report.wrong("V-504", f"{where}: recorded before it was reached")

    def _is_due(self, petition: bytes, one: Petition, mark: Mark, threshold: int) -> bool:
        if mark.declarations and one.declared >= mark.declarations:
            return True
        reached = mark.counted(one, threshold) >= threshold
        return reached and (not mark.at_close or petition in self.closing)

    def _conclude_milestones(self, petition: bytes, one: Petition) -> None:
        for rule, mark in enumerate(one.marks):
            if not mark.plain or rule in one.reached or rule in one.missed:
                continue
            if self._is_due(petition, one, mark, min(mark.thresholds or {0})):
                one.missed.add(rule)
                self.report.wrong("V-504", f"batch {self.number:,} reaches milestone {rule} of petition "
                                           f"{name_of(petition)} and does not record it")  # fmt: skip

    # --- the end of a batch ----------------------------------------------------------------------

    def _border(self, body: bytes) -> None:
        number, first, entries, at = (
            big(body[:8]),
            big(body[8:16]),
            big(body[16:20]),
            big(body[20:]),
        )
        if number != self.number + 1:
            self.report.wrong("V-301", f"batch {self.number + 1:,} is missing before {number:,}")
        if (first, entries) != (self.first, self.index - self.first + 1):
            self.report.wrong("V-301", f"batch {number:,} does not begin and end where it says")
        if at < self.time:
            self.report.wrong("V-303", f"batch {number:,} is dated before the batch before it")
        self.number, self.time = number, at
        self.index += 1
        self.first = self.index
        self.conclude(at)
        self.index -= 1  # counted by the caller

    def _conclude_notices(self) -> None:
        self._read_notices()
        since = self.procedures_since
        for petition in self.opened:
            if since and self.number > since and self.petitions[petition].procedure is None:
                self.report.wrong("V-504", f"batch {self.number:,} opens petition {name_of(petition)} "
                                           "and no notice says how it is judged")  # fmt: skip
        for hit in self.hits:
            self._judge_milestone(*hit)
        for each in (self.told, self.opened, self.hits):
            each.clear()

    def conclude(self, at: int) -> None:
        """What can be said once all entries of a batch are known."""
        self._conclude_notices()
        for petition in self.counted.keys() | self.touched:
            if self.counted.get(petition, 0) != (petition in self.touched):
                number = many(self.counted.get(petition, 0), "count")
                where = f"batch {self.number:,}, petition {name_of(petition)}"
                self.report.wrong("V-501", f"{where}: {number}")
        for petition in self.counted:
            self.petitions[petition].last_batch = self.number
        for petition in sorted(self.present):
            one = self.petitions[petition]
            if one.withdrawn + one.invalid > one.collected:
                self.report.wrong("V-405", f"batch {self.number:,}, petition {name_of(petition)}: more "
                                           "signatures taken away than collected")  # fmt: skip
            self._conclude_milestones(petition, one)
        self._conclude_maps(at)
        self.private.conclude_batch()
        self.ends.append(self.first)
        self.batches += 1
        self.seals += [SealEntry(*seal, at) for seal in self.new_seals]
        if self.sign_count:
            self.sign_ranges[self.number] = (self.sign_first, self.sign_count)
        if self.counts is not None and self.counts.batch == self.number:
            self.counts.judge(self.petitions, self.first, self.origin, self.report)
        for each in (self.touched, self.present, self.closing, self.counted, self.new_seals):
            each.clear()
        self.previous, self.sign_count = b"", 0

    def _conclude_maps(self, at: int) -> None:
        for found in self.maps:
            self.tally["maps"] += 1
            one = self.petitions[found.petition]
            with self.report.judging("V-505"):
                raw = self.source.read(f"geo/{found.digest.hex()}.json")
                judge_map(found, raw, one, at, sealing=one.sealed)
        self.maps.clear()


def shape_fault(entry: bytes) -> str:
    """What is wrong with the form of an entry; empty where nothing is."""
    if len(entry) < HEADER or entry[0] != 1:
        return "is not an entry of version 1"
    kind, petition, length = entry[1], entry[2:HEADER], len(entry) - HEADER
    name, wanted = SHAPES.get(kind, ("", 0))
    if not name:
        return f"has the unknown type {kind:#04x}"
    if not (2 < length <= 2 + MAX_VKEY if kind == VKEY else length == wanted):
        return f"is a {name} of {length} bytes"
    if kind != NOTICE and (petition == LOG_WIDE) != (kind in LOG_WIDE_ONLY):
        return f"is a {name} under a UUID that does not suit it"
    return ""


# === Reading a log ================================================================================

ENTRY_CHECKS: Final = (
    "V-202", "V-203", "V-301", "V-302", "V-303", "V-401", "V-402", "V-403", "V-404", "V-405",
    "V-406", "V-501", "V-502", "V-503", "V-504", "V-505", "V-701", "V-702", "V-802", "V-803",
)  # fmt: skip
BROKEN: Final = "entries are missing or cannot be read"


class Log:
    """The tiles and bundles of one size, and the tree that grows while they are read."""

    def __init__(self, source: Folder, size: int) -> None:
        self.source, self.size = source, size
        self.tree = Tree()
        self.whole = False
        self.recalled: dict[int, list[bytes]] = {}

    def bundle(self, n: int, width: int) -> list[bytes] | None:
        """The entries of this file, or the first of the full one that took its place."""
        raw = self.source.read(bundle_path(n, width))
        if raw is not None or width == WIDTH:
            return None if raw is None else entries_in(raw)
        raw = self.source.read(bundle_path(n, WIDTH))
        return None if raw is None else entries_in(raw)[:width]

    def tile(self, level: int, n: int, width: int) -> bytes | None:
        """Likewise for hashes; WrongError where there are more or fewer."""
        raw = self.source.read(tile_path(level, n, width))
        if raw is None and width < WIDTH:
            raw = self.source.read(tile_path(level, n, WIDTH))
            raw = raw[: width * HASH] if raw is not None and len(raw) == TILE else raw
        if raw is not None and len(raw) != width * HASH:
            wanted = many(width, "hash", "hashes")
            raise WrongError(f"{tile_path(level, n, width)} does not hold {wanted}")
        return raw

    def edge(self, n: int) -> bytes:
        """Level 0 under tile n: from the tile, or where that is damaged from the entries."""
        width = min(WIDTH, self.size - n * WIDTH)
        with contextlib.suppress(WrongError):
            found = self.tile(0, n, width) if width > 0 else b""
            if found is not None:
                return found
        return b"".join(leaf_hash(entry) for entry in self.bundle(n, width) or ())

    def root_at(self, size: int) -> bytes:
        n, rest = divmod(size, WIDTH)
        return self.tree.root(size, self.edge(n)[: rest * HASH] if rest else b"")

    def recall(self, index: int) -> bytes | None:
        """An entry read before; a few bundles stay in memory."""
        n, at = divmod(index, WIDTH)
        if n not in self.recalled:
            if len(self.recalled) > 16:
                self.recalled.pop(next(iter(self.recalled)))
            self.recalled[n] = self.bundle(n, min(WIDTH, self.size - n * WIDTH)) or []
        found = self.recalled[n]
        return found[at] if at < len(found) else None


Consumer = Callable[[list[bytes], list[bytes]], None]


def read_through(log: Log, r: Report, take: Consumer, progress: Progress, *, tiles: bool) -> bool:
    """Every bundle once, its leaves hashed and handed to `take`. False: not all could be read."""
    alive = True
    for n, width in widths(log.size):
        progress("checking entries", n * WIDTH, log.size)
        entries = _entries(log, r, n, width) if alive else None
        alive = entries is not None
        hashes = [sha256(b"\x00" + e).digest() for e in entries] if entries is not None else []
        joined = b"".join(hashes)
        tile = _level_zero(log, r, n, width) if tiles else joined
        if tile is not None and alive and tile != joined:
            at = next(i for i in range(width) if tile[i * 32 :][:32] != hashes[i])
            r.wrong("V-203", f"leaf {n * WIDTH + at:,} is not the entry that the tile hashes")
        if tile is None and not alive:
            return False
        if width == WIDTH:
            log.tree.add(tile if tile is not None else joined)
        if entries is not None:
            take(entries, hashes)
    log.whole = tiles or alive
    return alive


def _entries(log: Log, r: Report, n: int, width: int) -> list[bytes] | None:
    path = bundle_path(n, width)
    try:
        found = log.bundle(n, width)
    except WrongError as wrong:
        r.wrong("V-202", f"{path}: {wrong}")
        return None
    if found is None:
        r.wrong("V-201", f"{path} is missing")
    elif len(found) != width:
        r.wrong("V-201", f"{path} does not hold {many(width, 'entry', 'entries')}")
        found = None
    return found


def _level_zero(log: Log, r: Report, n: int, width: int) -> bytes | None:
    found = None
    with r.judging("V-201"):
        found = log.tile(0, n, width)
        if found is None:
            r.wrong("V-201", f"{tile_path(0, n, width)} is missing")
    return found


def judge_tree(log: Log, root: bytes, r: Report, *, tiles: bool) -> None:
    """V-204, and the rest of V-201."""
    level, above, files = 1, log.size // WIDTH, -(-log.size // WIDTH) * (2 if tiles else 1)
    while tiles and above:
        for n, width in widths(above):
            files += 1
            with r.judging("V-201"):
                found = log.tile(level, n, width)
                if found is None:
                    r.wrong("V-201", f"{tile_path(level, n, width)} is missing")
                elif found != log.tree.tile(level, n, width):
                    r.wrong("V-204", f"{tile_path(level, n, width)} is not the hash of those below")
        level, above = level + 1, above // WIDTH
    if log.root_at(log.size) != root:
        r.wrong("V-204", "the entries do not give the root that was signed")
    r.good("V-201", many(files, "file"))
    r.good("V-204", many(log.size, "leaf", "leaves"))


# === Head of a log: V-101, V-102, V-205 ===========================================================


@dataclass(slots=True)
class Head:
    """What stands above the entries. `policy` is the trusted copy where one was given."""

    checkpoint: Checkpoint
    policy: Policy | None
    served: Policy | None
    raw: bytes

    @property
    def origin(self) -> str:
        return self.policy.origin if self.policy else self.checkpoint.origin


def read_head(source: Folder, trusted: bytes | None, r: Report) -> Head | None:
    """V-101. None where there is no checkpoint to speak of."""
    served = given = checkpoint = None
    raw = source.read("checkpoint")
    if raw is None:
        raise CannotError("there is no file `checkpoint`: is this the folder of one year's log?")
    if trusted is not None:
        try:
            given = read_policy(trusted)
        except WrongError as wrong:
            raise CannotError(f"the file given with --policy: {wrong}") from wrong
    with r.judging("V-101"):
        checkpoint = read_checkpoint(raw)
    with r.judging("V-101"):
        content = source.read("policy")
        if content is None:
            raise WrongError("there is no policy, so nobody knows who may sign")
        served = read_policy(content)
    if checkpoint is None:
        return None
    head = Head(checkpoint, given or served, served if given else None, raw)
    if head.policy and checkpoint.origin != head.policy.origin:
        r.wrong("V-101", f"the checkpoint is of {plain(checkpoint.origin, 80)}, "
                         f"the policy of {plain(head.policy.origin, 80)}")  # fmt: skip
    r.facts |= {"origin": plain(checkpoint.origin), "size": checkpoint.size,
                "root": checkpoint.root.hex()}  # fmt: skip
    r.good("V-101", f"{plain(checkpoint.origin, 80)}, {many(checkpoint.size, 'entry', 'entries')}")
    return head


def judge_signature(head: Head, keys: Keys, r: Report) -> None:
    """V-102: by a key of the policy; a bad signature of any known log key rejects the note."""
    if head.policy is None:
        r.unreached(["V-102", "V-103", "V-104"], "there is no policy")
        return
    named = {key.text: key for key in head.policy.logs}
    known = named | {life.key.text: life.key for life in keys.of(ROLE_LOG)}
    enough = set(named)
    if any(
        life.key.text in named for life in keys.of(ROLE_LOG)
    ):  # V-104 judges whether they lead here
        enough |= set(keys.at(head.checkpoint.size))
    with r.judging("V-102"):
        signers = vouched(head.checkpoint.note, known.values())
        if not {key.text for key in signers} & enough:
            raise WrongError("no key of the policy signed the checkpoint")
    r.good("V-102")


def read_seen(raw: bytes, name: str = "the file of seen checkpoints") -> list[Checkpoint]:
    """Signed notes, an empty line between two."""
    parts = utf8(raw, name).strip("\n").split("\n\n")
    if parts == [""]:
        return []
    if len(parts) % 2:
        raise WrongError(f"{name} is malformed")
    notes = (f"{parts[i]}\n\n{parts[i + 1]}\n".encode() for i in range(0, len(parts), 2))
    return [read_checkpoint(note, "a checkpoint seen before") for note in notes]


def judge_seen(seen: list[Checkpoint], log: Log, head: Head, keys: Keys, r: Report) -> None:
    """V-205. A checkpoint that no key of this log signed is of another log, or this one was swapped."""
    if not seen:
        r.idle("V-205", "no older checkpoint is known: a mirror remembers them for the next visit")
        return
    for old in seen:
        with r.judging("V-205"):
            known = signers_at(old.size, head, keys)
            if old.origin != head.origin or not vouched(old.note, known):
                raise WrongError(
                    f"a checkpoint of size {old.size:,} seen before is not of this log"
                )
            if old.size > log.size:
                raise WrongError(f"{old.size:,} entries were signed before, now {log.size:,}: the "
                                 "log was set back, or an old copy is shown")  # fmt: skip
            if log.root_at(old.size) != old.root:
                raise WrongError(f"the first {old.size:,} entries are not those signed before: "
                                 "keep both checkpoints, they are the proof")  # fmt: skip
    r.good("V-205", many(len(seen), "older checkpoint"))


def signers_at(size: int, head: Head, keys: Keys) -> Iterable[PublicKey]:
    """Log keys that vouch for a checkpoint of this size; those of the policy where the log has none."""
    return keys.at(size).values() or (head.policy.logs if head.policy else ())


def remember(place: Path | None, seen: list[Checkpoint], head: Head, r: Report) -> None:
    """Add a well signed checkpoint to the file of seen ones."""
    new = head.checkpoint
    known = {(old.size, old.root) for old in seen}
    if place is None or not r.is_good("V-101", "V-102") or (new.size, new.root) in known:
        return
    texts = [utf8(each.raw, "a checkpoint").strip("\n") for each in (*seen, new)]
    write_file(place, ("\n\n".join(texts) + "\n").encode())


# === Papers, seals, statements: V-406, V-701, V-702 ===============================================


def judge_papers(walk: Walk, source: Folder, r: Report) -> None:
    good = withheld = unpublished = 0
    for path in {**walk.must, **walk.may}:
        with r.judging("V-406"):
            raw = source.read(path)
            if raw is not None and sha256(raw).digest() == hash_in(path):
                good += 1
            elif raw is not None:
                raise WrongError(f"{path} is not the paper whose hash was logged")
            elif path in walk.may:
                unpublished += 1
            elif path in walk.texts and all(_taken_down(walk, p) for p in walk.texts[path]):
                withheld += 1
            else:
                raise WrongError(f"{path} is missing")
    told = [many(good, "paper")]
    told += [f"{many(withheld, 'text')} of petitions taken down withheld"] if withheld else []
    told += [f"{unpublished:,} logged and not published"] if unpublished else []
    r.good("V-406", "; ".join(told))


def _taken_down(walk: Walk, petition: bytes) -> bool:
    one = walk.petitions[petition]
    return one.withheld or (TAKEN_DOWN in one.closes and not one.restored)


def judge_seals(walk: Walk, log: Log, r: Report) -> None:
    """The rest of V-701: the named root is that of the named size, and a batch ended there."""
    ends = frozenset(seal.size for seal in walk.seals) & frozenset(walk.ends)
    for seal in walk.seals:
        if seal.size > log.size:
            continue  # told by the walk
        if seal.size not in ends:
            r.wrong("V-701", f"leaf {seal.leaf:,}: no batch ended at size {seal.size:,}")
        elif log.root_at(seal.size) != seal.root:
            r.wrong("V-701", f"leaf {seal.leaf:,}: the root is not that of size {seal.size:,}")
    if walk.seals:
        r.good("V-701", many(len(walk.seals), "seal"))
    else:
        r.idle("V-701", "no petition is sealed")


STATEMENT: Final = "petition-destruction/v1"


@dataclass(frozen=True, slots=True)
class Statement:
    """A replica's word that it lost a key."""

    note: Note
    deployment: str
    petition: str
    key: str
    replica: str


def read_statement(raw: bytes, digest: bytes) -> Statement:
    if sha256(raw).digest() != digest:
        raise WrongError(f"statement {digest.hex()[:16]} is not the one that was logged")
    note = read_note(raw, f"statement {digest.hex()[:16]}")
    lines = note.text.split("\n")
    if len(lines) != 7 or lines[0] != STATEMENT or lines[6]:
        raise WrongError(f"statement {digest.hex()[:16]} does not have its six lines")
    decimal(lines[5])
    return Statement(note, *lines[1:5])


def check_statement(found: Statement, key: PublicKey, petition: str, key_id: str, own: str) -> None:
    """WrongError unless this replica says it of this key; `own`: name of the deployment."""
    wanted = (own, petition, key_id, f"{own}/replica/{found.replica}")
    if (found.deployment, found.petition, found.key, key.name) != wanted:
        raise WrongError(f"a statement about {plain(key_id, 60)} speaks of something else")
    if not vouched(found.note, [key]):
        raise WrongError(f"a statement about {plain(key_id, 60)} is not signed by its replica")


class Ends:
    """V-702: the end of the keys of sealed petitions, and of peppers."""

    def __init__(self, walk: Walk, source: Folder, report: Report) -> None:
        self.walk, self.source, self.report = walk, source, report
        self.lives = {life.key.text: life for life in walk.keys.of(ROLE_REPLICA)}
        self.listed: dict[int, KeyLife] = {}
        self.told = self.waiting = self.peppers = self.unknown = self.gone = 0

    def judge(self) -> None:
        destroyed = {p: one for p, one in self.walk.petitions.items() if one.destroyed}
        if destroyed:
            with self.report.judging("V-702"):
                self._read_replicas()
        seals = {seal.petition: seal for seal in self.walk.seals}
        for petition in sorted(seals.keys() | destroyed.keys()):
            with self.report.judging("V-702"):
                self._petition(petition, self.walk.petitions[petition], seals.get(petition))
        for digest in self.walk.notices:
            with self.report.judging("V-702"):
                self._pepper(digest)
        with self.report.judging("V-702"):
            self._judge_given_up()
        self._say()

    def _read_replicas(self) -> None:
        """Lines `<number> <vkey>`. A site may be ahead of its checkpoint: keys to come are left out."""
        raw = self.source.read("statements/replicas")
        if raw is None:
            raise WrongError("the list of replicas is not published")
        for line in lines_of(raw, "the list of replicas"):
            number, _, key = line.partition(" ")
            if key in self.lives:
                self.listed[decimal(number)] = self.lives[key]

    def _petition(self, petition: bytes, one: Petition, seal: SealEntry | None) -> None:
        name = name_of(petition)
        if seal is None or any(leaf < 0 for _, _, leaf in one.destroyed):
            raise WrongError(f"petition {name}: a key is called destroyed before the seal")
        if not one.destroyed:
            if self.walk.time - seal.time > STATEMENT_WITHIN:
                raise WrongError(
                    f"petition {name}: sealed, and no replica says that its key is gone"
                )
            self.waiting += 1
            return
        self._judge_who(one, seal, name)
        for number, digest, _ in one.destroyed:
            raw = self.source.read(f"statements/{digest.hex()}")
            if raw is None:
                raise WrongError(f"statement {digest.hex()[:16]} is not published")
            found, own = read_statement(raw, digest), self.walk.keys.deployment
            check_statement(found, self.listed[number].key, name, f"kek/{name}", own)
            self.told += 1

    def _judge_who(self, one: Petition, seal: SealEntry, name: str) -> None:
        """Each place that must state it does, once, and nobody else who had no key then."""
        told_at = min(leaf for _, _, leaf in one.destroyed)
        numbers = [number for number, _, _ in one.destroyed]
        may = {n for n, life in self.listed.items() if _held(life, told_at)}
        named = {n for n, life in self.listed.items() if self._must_state(life, one, seal)}
        texts = {self.listed[n].key.text for n in named}
        for text in self._promised(one) - texts:
            if text not in self.lives:
                raise WrongError(f"petition {name}: a place that holds its key was never announced")
        gone = {n for n in named if not _held(self.listed[n], told_at)}
        self.gone += len(gone)
        if len(set(numbers)) != len(numbers) or not named - gone <= set(numbers) <= may:
            told = f"{many(len(named - gone), 'replica')} named, {many(len(numbers), 'statement')}"
            raise WrongError(f"petition {name}: {told} logged, or not the same ones")

    def _promised(self, one: Petition) -> set[str]:
        """Places that the petition's own notices name."""
        return {*(one.procedure.places if one.procedure else ()), *(one.places or ())}

    def _must_state(self, life: KeyLife, one: Petition, seal: SealEntry) -> bool:
        if one.places is None and one.procedure is None:
            return _held(life, seal.leaf)
        return life.key.text in self._promised(one)

    def _judge_given_up(self) -> None:
        """A place does not fall silent: somebody answers for what became of its keys."""
        for text, life in self.lives.items():
            if life.retired is not None and text not in self.walk.given_up:
                raise WrongError(f"leaf {life.retired:,} retires a replica, and no notice says why")

    def _pepper(self, digest: bytes) -> None:
        """A notice of the log may carry the hash of a pepper's statement."""
        raw = self.source.read(f"statements/{digest.hex()}")
        if raw is None:
            return
        self.walk.may.pop(f"notices/{digest.hex()}.txt", None)
        found, own = read_statement(raw, digest), self.walk.keys.deployment
        signers = [life.key for life in self.lives.values() if found.note.by(life.key)]
        if not found.key.startswith("pepper/"):
            raise WrongError(f"statement {digest.hex()[:16]} is about no pepper")
        self.peppers += 1
        if signers:
            check_statement(found, signers[0], str(UUID(int=0)), found.key, own)
        else:
            self.unknown += 1

    def _say(self) -> None:
        told = [many(self.told, "statement")]
        if self.waiting:
            told.append(f"{many(self.waiting, 'seal')} still without")
        if self.gone:
            told.append(f"{self.gone:,} missing of places that were given up before, by notice")
        if self.peppers:
            told.append(f"{many(self.peppers, 'statement')} about peppers")
        if self.unknown:
            told.append(f"{self.unknown:,} by replicas that the log does not announce, not checked")
        text = "; ".join(told)
        if self.told or (self.peppers and not self.unknown):
            self.report.good("V-702", text)
        elif self.unknown:
            self.report.say("V-702", State.PRESENT, text)
        else:
            self.report.idle("V-702", text if self.waiting else "no petition is sealed")


def _held(life: KeyLife, leaf: int) -> bool:
    return life.added < leaf and (life.retired is None or life.retired > leaf)


# === Audit sample: V-803 ==========================================================================


def sample_of(origin: str, week: int, randomness: bytes, n: int, leaves: int) -> list[int]:
    """Places among `leaves` signatures, each at most once, in the order of the draw."""
    found: dict[int, None] = {}
    most, j = leaves * ((1 << 64) // leaves) if leaves else 0, 0
    week4 = week.to_bytes(4, "big")
    while len(found) < min(n, leaves):
        drawn = enc("petition/sample/v1", origin.encode(), week4, randomness, j.to_bytes(4, "big"))
        x, j = big(sha256(drawn).digest()[:8]), j + 1
        if x < most:
            found.setdefault(x % leaves)
    return list(found)


MAX_SAMPLE: Final = 10_000


def judge_samples(walk: Walk, raw: bytes | None, r: Report) -> None:
    if raw is None:
        r.idle("V-803", "no audit sample is published")
        return
    with r.judging("V-803"):
        listed = json_of(raw, "audit.json")
        if not isinstance(listed, list):
            raise WrongError("audit.json is not a list")
        for each in listed:
            _judge_sample(walk, table_of(each, "a sample"))
        r.good("V-803", many(len(listed), "sample"))


def _judge_sample(walk: Walk, table: dict[str, Any]) -> None:
    week, n = whole(table.get("week"), "week"), whole(table.get("n"), "n")
    start, end = (whole(table.get(key), key) for key in ("first_batch", "last_batch"))
    try:
        randomness = bytes.fromhex(str(table.get("randomness")))
    except ValueError as refused:
        raise WrongError("the randomness of a sample is not in hexadecimal") from refused
    if randomness.hex() != table.get("randomness"):
        raise WrongError("the randomness of a sample is not in small hexadecimal letters")
    if n > MAX_SAMPLE or week >= 1 << 32:
        raise WrongError("a sample is larger than anybody could audit")
    if end > walk.number:
        raise WrongError(f"the sample of week {week} is of batches that are not there")
    ranges = [walk.sign_ranges[b] for b in sorted(walk.sign_ranges) if start <= b <= end]
    drawn = sample_of(walk.origin, week, randomness, n, sum(number for _, number in ranges))
    indices = []
    for place in drawn:
        left = place
        for first, number in ranges:
            if left < number:
                indices.append(first + left)
                break
            left -= number
    if table.get("indices") != indices:
        raise WrongError(f"the sample of week {week} is not what the randomness draws")


# === The command `log` ============================================================================


@dataclass(slots=True)
class Job:
    """What the command line asked for."""

    source: Folder
    report: Report
    progress: Progress
    trusted: bytes | None
    seen: Path | None
    keep_seen: bool
    now: int
    stack: contextlib.ExitStack


def verify_log(job: Job) -> None:
    source, r = job.source, job.report
    head = read_head(source, job.trusted, r)
    if head is None:
        r.unreached((c for c in CHECKS if not c.startswith(("V-6", "V-801"))), "no checkpoint")
        return
    size = head.checkpoint.size
    fetch(job, log_files(size, tiles=True), "downloading", size)
    log, sample = Log(source, size), source.read("audit.json")
    walk = Walk(source, head.origin, r, sample=sample is not None)
    walk.recall = log.recall
    with r.judging("V-503"):
        walk.counts = _counts(source)
    job.stack.enter_context(contextlib.closing(walk.once))
    alive = read_through(log, r, walk.take, job.progress, tiles=True)
    if log.whole:
        judge_tree(log, head.checkpoint.root, r, tiles=True)
    r.unreached(() if log.whole else ("V-201", "V-204", "V-205"), BROKEN)
    judge_signature(head, walk.keys, r)
    if not alive:
        r.unreached((*ENTRY_CHECKS, "V-103", "V-104"), BROKEN)
    else:
        _conclude_entries(job, head, walk, log, sample)
    _judge_visit(job, head, log, walk.keys)
    source.keep()


def fetch(job: Job, paths: Iterable[str], what: str, of: int) -> None:
    job.source.fetch(paths, lambda done: job.progress(what, min(done * WIDTH // 2, of), of))


def _counts(source: Folder) -> PublishedCounts:
    raw = source.read("counts.json")
    if raw is None:
        raise WrongError("counts.json is missing")
    return read_counts(raw)


def _judge_visit(job: Job, head: Head, log: Log, keys: Keys) -> None:
    """V-205, and memory for the next visit; a file that was not understood is left alone."""
    seen: list[Checkpoint] | None = None
    with job.report.judging("V-205"):
        raw = read_file(job.seen, job.seen.name, MAX_OWN_FILE) if job.seen else None
        seen = read_seen(raw or b"")
    if seen is not None and log.whole:
        judge_seen(seen, log, head, keys, job.report)
    if seen is not None and job.keep_seen:
        remember(job.seen, seen, head, job.report)


def _seen_before(job: Job, log: Log, head: Head) -> list[Checkpoint]:
    """Those of earlier visits that V-205 will not refuse: they may lead from one key to the next."""
    with contextlib.suppress(WrongError):
        raw = read_file(job.seen, job.seen.name, MAX_OWN_FILE) if job.seen else None
        return [
            old
            for old in read_seen(raw or b"")
            if old.origin == head.origin
            and old.size <= log.size
            and log.root_at(old.size) == old.root
        ]
    return []


def _conclude_entries(job: Job, head: Head, walk: Walk, log: Log, sample: bytes | None) -> None:
    """Everything that needs all entries."""
    r, source = job.report, job.source
    if walk.index != walk.first:
        r.wrong(
            "V-301",
            f"the log does not end with the border of a batch, but with leaf {walk.index - 1:,}",
        )
        walk.first, walk.number = walk.index, walk.number + 1
        walk.conclude(walk.time)
    if head.policy is not None:
        judge_quorum(head.policy, head.checkpoint.note, walk.time if log.size else None, r)
        if log.size:
            Handover(walk.keys, log, head, _seen_before(job, log, head), r).judge()
        else:
            r.idle("V-104", "the log is empty")
    if walk.counts is not None and not walk.counts.judged and log.size:
        r.wrong(
            "V-503",
            f"counts.json names batch {walk.counts.batch:,}, the log ends with {walk.number:,}",
        )
    _judge_repeats(walk, log, r)
    statements = [d for one in walk.petitions.values() for _, d, _ in one.destroyed]
    wanted = [
        *walk.must,
        *walk.may,
        *(f"statements/{d.hex()}" for d in (*statements, *walk.notices)),
    ]
    fetch(job, wanted, "downloading papers", len(wanted) * WIDTH // 2)
    Ends(walk, source, r).judge()
    judge_papers(walk, source, r)
    judge_seals(walk, log, r)
    walk.private.judge(source)
    judge_samples(walk, sample, r)
    _say_good(walk, r)
    r.facts["petitions"] = _petitions(walk, source)


def _judge_repeats(walk: Walk, log: Log, r: Report) -> None:
    """V-403: which leaves, where there are any."""
    repeated = set(islice(walk.once.repeated(), 1000))
    places: dict[bytes, list[str]] = {}
    for n, _ in widths(log.size) if repeated else ():
        tile = log.edge(n)
        for at in range(0, len(tile), HASH):
            if tile[at : at + 16] in repeated:
                places.setdefault(tile[at : at + 16], []).append(f"{n * WIDTH + at // HASH:,}")
    for digest in repeated:
        where = ", ".join(places.get(digest, ["a private signature"])[:4])
        r.wrong("V-403", f"the same signature appears more than once: leaves {where}")


def _say_good(walk: Walk, r: Report) -> None:
    tally = walk.tally
    r.good("V-202", many(walk.index, "entry", "entries"))
    r.good("V-203")
    r.good("V-301", many(walk.batches, "batch", "batches"))
    r.good("V-303", f"last batch {when(walk.time)}" if walk.batches else "")
    r.good("V-401", many(len(walk.petitions), "petition"))
    r.good("V-403", many(tally["signatures"], "signature"))
    for check in ("V-302", "V-402", "V-404", "V-405"):
        r.good(check)
    r.good("V-501", many(tally["counts"], "count"))
    r.good("V-502", many(tally["counts"], "count"))
    if walk.counts is None or not walk.index:
        r.idle("V-503", "the log is empty")
    unplain = f"; {tally['unplain']:,} cannot be recomputed" if tally["unplain"] else ""
    r.good("V-504", many(tally["milestones"], "milestone") + unplain)
    if tally["maps"]:
        r.good("V-505", many(tally["maps"], "map"))
    else:
        r.idle("V-505", "no map is published")


def _petitions(walk: Walk, source: Folder) -> list[dict[str, Any]]:
    found = []
    for petition, one in sorted(walk.petitions.items()):
        title = ""
        with contextlib.suppress(WrongError):
            raw = source.read(one.text) if one.text else None
            title = plain((raw or b"").decode(errors="replace").partition("\n")[0], 120)
        state = "sealed" if one.sealed else "closed" if one.closes else "open"
        numbers = dict(zip(COUNT_NAMES, one.numbers, strict=True))
        found.append({"petition": name_of(petition), "title": title, "state": state, **numbers})
    return found


# === Receipts, promises, openings: V-601 to V-603, V-801 ==========================================


@dataclass(frozen=True, slots=True)
class Promise:
    note: Note
    origin: str
    petition: bytes
    leaf: bytes
    first: int
    by: int


def read_promise(raw: bytes) -> Promise:
    note = read_note(raw, "the promise")
    lines = note.text.split("\n")
    words = lines[4].split(" ") if len(lines) == 6 else []
    if (
        len(words) != 4
        or words[::2] != ["from", "by"]
        or lines[0] != "petition-promise/v1"
        or lines[5]
    ):
        raise WrongError("the promise does not have its five lines")
    leaf = unbase64(lines[3])
    if len(leaf) != HASH:
        raise WrongError("the promise names no leaf")
    return Promise(note, lines[1], uuid_of(lines[2]), leaf, decimal(words[1]), decimal(words[3]))


@dataclass(frozen=True, slots=True)
class Receipt:
    """Either with the promise, or (C2SP tlog-proof) with index, proof and checkpoint."""

    petition: bytes
    r: bytes
    promise: bytes = b""
    index: int = 0
    proof: tuple[bytes, ...] = ()
    checkpoint: Checkpoint | None = None

    def leaf(self, origin: str) -> bytes:
        c = sha256(enc("petition/receipt/v1", origin.encode(), self.petition, self.r)).digest()
        return leaf_hash(SIGN_HEAD + self.petition + c)


def read_receipt(raw: bytes) -> Receipt:
    head, blank, rest = raw.partition(b"\n\n")
    lines = utf8(head, "the receipt").split("\n")
    if not blank or len(lines) < 2 or len(lines) > MAX_LINES or not lines[1].startswith("extra "):
        raise WrongError("the file is no receipt")
    extra = unbase64(lines[1].removeprefix("extra "))
    if len(extra) != 49 or extra[0] != 1:
        raise WrongError("the receipt is not that of a signature")
    petition, r = extra[1:17], extra[17:]
    if lines[0] == "petition-receipt/v1" and len(lines) == 2:
        return Receipt(petition, r, promise=rest)
    if lines[0] != "c2sp.org/tlog-proof@v1" or len(lines) < 3 or not lines[2].startswith("index "):
        raise WrongError("the file is no receipt")
    proof = tuple(unbase64(line) for line in lines[3:])
    if any(len(step) != HASH for step in proof):
        raise WrongError("a step of the receipt's proof is not 32 bytes")
    index = decimal(lines[2].removeprefix("index "))
    return Receipt(
        petition, r, b"", index, proof, read_checkpoint(rest, "the receipt's checkpoint")
    )


class Search:
    """What a receipt, a promise or openings need of the entries."""

    def __init__(self, origin: str) -> None:
        self.keys = Keys(origin, Report())
        self.leaves: set[bytes] = set()
        self.petition: bytes | None = None
        self.places: dict[bytes, int] = {}
        self.times: dict[int, int] = {}
        self.open: list[int] = []
        self.index = 0
        self.batches = 0
        self.time = 0
        self.sign_leaves = Numbers()
        self.taken = Numbers()
        self.withdrawn: dict[bytes, int] = {}

    def take(self, entries: list[bytes], hashes: list[bytes]) -> None:
        for leaf in self.leaves.intersection(hashes) if self.leaves else ():
            if leaf not in self.places:
                self.places[leaf] = self.index + hashes.index(leaf)
                self.open.append(self.places[leaf])
        wanted = self.petition
        for at, entry in enumerate(entries, self.index):
            kind = entry[1:2]
            if kind in {b"\x7f", b"\x03"} or (wanted and entry[2:HEADER] == wanted):
                self._one(at, entry)
        self.index += len(entries)

    def _one(self, at: int, entry: bytes) -> None:
        if shape_fault(entry):
            return
        kind, body = entry[1], entry[HEADER:]
        if kind == BATCH:
            self.time, self.batches = big(body[20:]), self.batches + 1
            here = [leaf for leaf in self.open if leaf <= at]
            self.times |= dict.fromkeys(here, self.time)
            self.open = [leaf for leaf in self.open if leaf > at]
        elif kind == VKEY:
            self.keys.take(at, self.batches, body)
        elif kind in (SIGN, SIGN_PRIVATE):
            self.sign_leaves.add(at)
        elif kind == WITHDRAW:
            self.withdrawn[body] = at
        elif kind in (WITHDRAW_OPEN, INVALIDATE):
            self.taken.add(min(big(body[:8]), at))


def read_for(job: Job, search: Search, head: Head) -> Log | None:
    """Every entry of the log and the signed root over them; None where they do not agree."""
    r, size = job.report, head.checkpoint.size
    fetch(job, log_files(size, tiles=False), "downloading", size)
    log = Log(job.source, size)
    alive = read_through(log, r, search.take, job.progress, tiles=False)
    if alive:
        log_root = log.tree.root(size, _edge_of_entries(log))
        if log_root != head.checkpoint.root:
            r.wrong("V-204", "the entries do not give the root that was signed")
        r.good("V-201", many(-(-size // WIDTH), "bundle"))
        r.good("V-202", many(size, "entry", "entries"))
        r.good("V-204", many(size, "leaf", "leaves"))
    r.unreached(("V-201", "V-202", "V-204"), BROKEN)
    judge_signature(head, search.keys, r)
    job.source.keep()
    return log if r.is_good("V-101", "V-102", "V-201", "V-202", "V-204") else None


def _edge_of_entries(log: Log, size: int | None = None) -> bytes:
    n, rest = divmod(log.size if size is None else size, WIDTH)
    if not rest:
        return b""
    entries = log.bundle(n, min(WIDTH, log.size - n * WIDTH)) or []
    return b"".join(leaf_hash(entry) for entry in entries[:rest])


def _start(job: Job, checks: tuple[str, ...]) -> Head | None:
    head = read_head(job.source, job.trusted, job.report)
    if head is None:
        job.report.unreached(("V-102", "V-201", "V-202", "V-204", *checks), "no checkpoint")
    return head


UNSURE: Final = "the log itself could not be confirmed"


def verify_receipt(job: Job, raw: bytes) -> None:
    r = job.report
    head = _start(job, ("V-601", "V-602", "V-603"))
    if head is None:
        return
    receipt = promise = None
    with r.judging("V-601"):
        receipt = read_receipt(raw)
    if receipt is None:
        r.unreached(
            ("V-102", "V-201", "V-202", "V-204", "V-602", "V-603"), "there is no receipt to check"
        )
        return
    if receipt.promise:
        with r.judging("V-602"):
            promise = read_promise(receipt.promise)
    search = Search(head.origin)
    own = receipt.leaf(head.origin)
    search.leaves = {own} | ({promise.leaf} if promise else set())
    log = read_for(job, search, head)
    if log is None:
        r.unreached(("V-601", "V-602", "V-603"), UNSURE)
    elif receipt.checkpoint is not None:
        with r.judging("V-601"):
            _judge_proof(receipt, own, log, head, search.keys)
            r.good("V-601", _placed(search, own))
        for check in ("V-602", "V-603"):
            r.idle(check, "the receipt holds a proof in place of a promise")
    elif promise is None:
        r.unreached(("V-601", "V-603"), "the promise in the receipt is malformed")
    else:
        _judge_promise(job, promise, search, head)
        _judge_receipt(job, own, promise, search)


def _placed(search: Search, leaf: bytes) -> str:
    index = search.places.get(leaf)
    return "" if index is None else f"leaf {index:,}, batch of {when(search.times.get(index, 0))}"


def _judge_receipt(job: Job, own: bytes, promise: Promise, search: Search) -> None:
    r = job.report
    if own != promise.leaf:
        r.wrong("V-601", "the receipt's secret number does not give the leaf of its promise")
    elif own in search.places:
        r.good("V-601", _placed(search, own))
    elif max(search.time, job.now) > promise.by:
        r.wrong("V-601", "the signature is not in the log")
    else:
        r.idle("V-601", f"not in the log yet: it has until {when(promise.by)}")


def _judge_proof(receipt: Receipt, own: bytes, log: Log, head: Head, keys: Keys) -> None:
    """The proof leads to its own checkpoint, which is signed and a prefix of the log of today."""
    old = receipt.checkpoint
    assert old is not None
    if old.origin != head.origin or not vouched(old.note, signers_at(old.size, head, keys)):
        raise WrongError("the receipt's checkpoint is not signed by this log")
    if not included(own, receipt.index, old.size, list(receipt.proof), old.root):
        raise WrongError(
            "the receipt's proof does not lead from its secret number to the signed root"
        )
    if old.size > log.size or log.tree.root(old.size, _edge_of_entries(log, old.size)) != old.root:
        raise WrongError("the receipt's checkpoint is not an earlier state of this log")


def verify_promise(job: Job, raw: bytes) -> None:
    r = job.report
    head = _start(job, ("V-602", "V-603"))
    if head is None:
        return
    promise = None
    with r.judging("V-602"):
        promise = read_promise(raw)
    if promise is None:
        r.unreached(("V-102", "V-201", "V-202", "V-204", "V-603"), "there is no promise to check")
        return
    search = Search(head.origin)
    search.leaves = {promise.leaf}
    if read_for(job, search, head) is None:
        r.unreached(("V-602", "V-603"), UNSURE)
        return
    _judge_promise(job, promise, search, head)


def _judge_promise(job: Job, promise: Promise, search: Search, head: Head) -> None:
    r = job.report
    with r.judging("V-602"):
        lives = [life for life in search.keys.of(ROLE_PROMISE)
                 if life.retired is None or life.retired >= promise.first]  # fmt: skip
        if promise.origin != head.origin:
            raise WrongError("the promise is of another log")
        if not vouched(promise.note, [life.key for life in lives]):
            raise WrongError("the promise is not signed by a promise key that the log announced")
    r.good("V-602")
    index = search.places.get(promise.leaf)
    if index is None and max(search.time, job.now) > promise.by:
        r.wrong("V-603", f"the leaf was promised by {when(promise.by)} and is not there: "
                         "keep the promise, it is the proof")  # fmt: skip
    elif index is None:
        r.idle("V-603", f"not in the log yet: it has until {when(promise.by)}")
    elif index < promise.first or search.times.get(index, 1 << 64) > promise.by:
        r.wrong("V-603", f"leaf {index:,} is not where it was promised: from leaf {promise.first:,} "
                         f"on, by {when(promise.by)}")  # fmt: skip
    else:
        r.good("V-603", _placed(search, promise.leaf))


@dataclass(frozen=True, slots=True)
class Openings:
    origin: str
    petition: bytes
    size: int
    pairs: tuple[tuple[int, bytes], ...]


def read_openings(raw: bytes) -> Openings:
    lines = utf8(raw, "the openings").split("\n")
    if len(lines) < 5 or lines[0] != "petition-openings/v1" or lines[-1] or lines[3][:5] != "size ":
        raise WrongError("the file holds no openings")
    pairs = []
    for line in lines[4:-1]:
        index, _, secret = line.partition(" ")
        pairs.append((decimal(index), unbase64(secret)))
    return Openings(lines[1], uuid_of(lines[2]), decimal(lines[3][5:]), tuple(pairs))


def verify_openings(job: Job, raw: bytes) -> None:
    r = job.report
    head = _start(job, ("V-801",))
    if head is None:
        return
    openings = None
    with r.judging("V-801"):
        openings = read_openings(raw)
    if openings is None:
        r.unreached(("V-102", "V-201", "V-202", "V-204"), "there are no openings to check")
        return
    search = Search(head.origin)
    search.petition = openings.petition
    if read_for(job, search, head) is None:
        r.unreached(("V-801",), UNSURE)
        return
    with r.judging("V-801"):
        _judge_openings(openings, search, head.origin)
        r.good("V-801", many(len(openings.pairs), "withdrawal"))


def _judge_openings(openings: Openings, search: Search, origin: str) -> None:
    if openings.origin != origin:
        raise WrongError("the openings are of another log")
    used, opened = Numbers(), set[bytes]()
    for index, secret in openings.pairs:
        parts = (origin.encode(), openings.petition, index.to_bytes(8, "big"), secret)
        w = sha256(enc("petition/withdraw/v1", *parts)).digest()
        at = search.withdrawn.get(w)
        if at is None or index >= at or index not in search.sign_leaves:
            raise WrongError(f"the opening of leaf {index:,} opens no withdrawal of this petition")
        if not used.add(index):
            raise WrongError(f"leaf {index:,} is withdrawn twice")
        if index in search.taken:
            raise WrongError(f"leaf {index:,} is withdrawn and taken away openly")
        opened.add(w)
    closed = [at for w, at in search.withdrawn.items() if at < openings.size and w not in opened]
    if closed:
        raise WrongError(f"{many(len(closed), 'withdrawal')} without an opening")


# === Command line =================================================================================


def arguments_of(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="petition_verify.py",
        description="Recompute the public log of a petition site from its published files.",
        epilog="exit code 0: nothing is wrong; 1: a check failed; 2: could not be carried out",
    )
    parser.add_argument("--version", action="version", version=f"petition_verify {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("log", "every check of the log"),
        ("receipt", "that your signature is in the log"),
        ("promise", "that a promise is genuine and was kept"),
        ("openings", "that withdrawals belong to signatures (auditors)"),
    ):
        command = commands.add_parser(name, help=what, description=what)
        if name == "log":
            command.add_argument("--petition", type=UUID, help="show the count of this one alone")
        else:
            command.add_argument("file", type=Path, help=f"the {name} to check")
        command.add_argument("source", help="folder of one year's log, or its address (https://…)")
        command.add_argument("--mirror", type=Path, help="keep what is downloaded in this folder")
        command.add_argument("--seen", type=Path, help="file of checkpoints of earlier visits")
        command.add_argument("--policy", type=Path, help="a policy that you got otherwise")
        command.add_argument("--json", action="store_true", help="the result for machines")
        command.add_argument("--max-gb", type=int, default=20, help="most to download (default 20)")
    return parser.parse_args(words)


def own_file(place: Path) -> bytes:
    """A file that the user named: it has to be there."""
    try:
        found = read_file(place, place.name, MAX_OWN_FILE)
    except WrongError as wrong:
        raise CannotError(str(wrong)) from wrong
    if found is None:
        raise CannotError(f"there is no file {plain(place)}")
    return found


def source_of(words: argparse.Namespace, stack: contextlib.ExitStack) -> Folder:
    if "://" not in words.source:
        if words.mirror:
            raise CannotError("--mirror goes with an address, not with a folder")
        place = Path(words.source)
        if not place.is_dir():
            raise CannotError(f"there is no folder {plain(place)}")
        return Folder(place)
    site = stack.enter_context(contextlib.closing(Site(words.source, words.max_gb << 30)))
    place = words.mirror or Path(stack.enter_context(tempfile.TemporaryDirectory()))
    mirror = Mirror(site, place)
    try:
        mirror.take_heads()
    except WrongError as wrong:
        raise CannotError(str(wrong)) from wrong
    _same_log(place, mirror.heads["checkpoint"])
    return mirror


def _same_log(place: Path, new: bytes | None) -> None:
    """A mirror of one log must not be mixed with another."""
    with contextlib.suppress(WrongError):
        old = read_file(place / "checkpoint", "checkpoint", limit_of("checkpoint"))
        if old and new and read_checkpoint(old).origin != read_checkpoint(new).origin:
            raise CannotError(
                "the mirror holds another log: take an empty folder. If the address is the same as "
                "before, the site now shows another log, which is itself a reason to ask"
            )


def job_of(words: argparse.Namespace, stack: contextlib.ExitStack) -> Job:
    source = source_of(words, stack)
    seen = words.seen
    if seen is None and (words.mirror or not isinstance(source, Mirror)):
        seen = source.place / "seen"
    keep = words.command == "log" and bool(words.seen or words.mirror)
    trusted = own_file(words.policy) if words.policy else None
    return Job(source, Report(), Progress(), trusted, seen, keep, int(time.time()), stack)


def show_alone(petition: UUID | None, report: Report) -> None:
    """Leave one petition in the list: the checks are of the whole log all the same."""
    if petition is None or "petitions" not in report.facts:
        return
    listed = report.facts["petitions"]
    report.facts["petitions"] = [one for one in listed if one["petition"] == str(petition)]
    if not report.facts["petitions"] and report.exit_code == 0:
        raise CannotError(f"this log holds no petition {petition}: is it the log of its year?")


def carry_out(words: argparse.Namespace) -> Report:
    with contextlib.ExitStack() as stack:
        raw = b"" if words.command == "log" else own_file(words.file)
        job = job_of(words, stack)
        acts = {"receipt": verify_receipt, "promise": verify_promise, "openings": verify_openings}
        try:
            if words.command == "log":
                verify_log(job)
                show_alone(words.petition, job.report)
            else:
                acts[words.command](job, raw)
        finally:
            job.progress.clear()
        return job.report


RESULTS: Final = {
    0: "Nothing is wrong.",
    1: "SOMETHING IS WRONG: see the lines above. Keep the files; tell the operator and others.",
}
MAX_SHOWN: Final = 40


def show(words: argparse.Namespace, report: Report) -> None:
    if words.json:
        head = {"program": "petition_verify", "version": VERSION, "command": words.command}
        print(json.dumps({**head, **report.table()}, indent=1))
        return
    for line in report.lines():
        print(line)
    petitions = report.facts.get("petitions", [])
    for one in petitions[:MAX_SHOWN]:
        print(f"{one['petition']}  {one['valid']:>9,} valid  {one['state']:<6}  {one['title']}")
    if len(petitions) > MAX_SHOWN:
        print(f"and {many(len(petitions) - MAX_SHOWN, 'petition')} more: see --json")
    states = [each.state for each in report.found.values()]
    told = ", ".join(f"{states.count(state)} {state}" for state in State if state in states)
    print(f"{RESULTS[report.exit_code]} ({told})")


def refuse(words: argparse.Namespace, why: str) -> int:
    if words.json:
        print(json.dumps({"program": "petition_verify", "version": VERSION,
                          "command": words.command, "error": why, "exit": 2}))  # fmt: skip
    else:
        print(f"Could not be carried out: {why}", file=sys.stderr)
    return 2


def main(arguments: list[str] | None = None) -> int:
    words = arguments_of(arguments)
    with contextlib.suppress(AttributeError):
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        report = carry_out(words)
        show(words, report)
    except CannotError as refused:
        return refuse(words, str(refused))
    except KeyboardInterrupt:
        return refuse(words, "interrupted; with --mirror a new run goes on where this one ended")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except Exception as fault:  # whatever a site sends, its reader sees a sentence
        place = fault.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        line = place.tb_lineno if place else 0
        return refuse(words, f"a fault of this program: {type(fault).__name__} in line {line}")
    return report.exit_code


def run() -> NoReturn:
    sys.exit(main())


if __name__ == "__main__":
    run()
