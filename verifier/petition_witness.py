#!/usr/bin/env python3
"""petition-witness: follows transparency logs, refuses forks and rollbacks, cosigns what it has checked.

One file; needs Python 3.11 or later and the package `cryptography`, and nothing of the petition engine.
It speaks C2SP tlog-witness (POST /add-checkpoint), answers monitors (GET /<hash of origin>/checkpoint),
and can follow a log by itself from its published tiles (`follow`), for a witness that nobody can reach.

    petition_witness.py keygen NAME KEYFILE       make a key; prints the verifier keys to give to logs
    petition_witness.py serve CONFIG.toml         answer logs over HTTP (put TLS in front)
    petition_witness.py follow CONFIG.toml        look at each log's own address once, and cosign
    petition_witness.py keys CONFIG.toml          learn keys that a log changed to, and show them

CONFIG.toml:
    name = "witness.example.org"       # as it stands in cosignatures; never change it
    key_file = "witness.key"           # mode 0600
    state = "witness.sqlite"           # what was cosigned last: keep it for ever, never restore one
    listen = "127.0.0.1:8010"
    [[log]]
    vkey = "petitions.example.org/2026+…"
    url = "https://petitions.example.org/log/2026"     # only for `follow` and `keys`
    # from = 1, until = 8000           # sizes that this key vouches for, where you know them

What a cosignature says: of all trees of this log that this witness has seen, this is the largest, and
every earlier one is its beginning. It says nothing about who signed a petition, or whether they exist.

When a log changes its key, the new one is announced in an entry of the log itself. `keys` and `follow`
accept it where a checkpoint with that entry is signed by a key trusted before; a key that the log has
retired is trusted for the sizes of its time only, one that was never announced not at all.

Losing or rolling back `state` means cosigning a fork one day: then make a new key under a new name.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import http.server
import json
import os
import re
import secrets
import sqlite3
import struct
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

try:  # ML-DSA-44 beside Ed25519, where the library offers it
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
except ImportError:
    MLDSA44PrivateKey = None  # type: ignore[assignment,misc]

DASH = "\u2014 "
LOG_ED25519, COSIGN_ED25519, COSIGN_ML_DSA_44 = 1, 4, 6
MAX_BODY = 64 * 1024
MAX_PROOF = 63
MAX_FILE = 1 << 20
VKEY_HEAD = bytes((1, 3)) + bytes(16)  # version, type and no petition
EMPTY_ROOT = hashlib.sha256(b"").digest()
TILE_WIDTH = 256


class Refused(Exception):  # noqa: N818 - an answer of the protocol
    """HTTP status, and a body where the protocol asks for one."""

    def __init__(self, status: int, why: str, body: str = "", mime: str = "text/plain") -> None:
        super().__init__(why)
        self.status, self.why, self.body, self.mime = status, why, body or f"{why}\n", mime


# --- notes and checkpoints (C2SP signed-note, tlog-checkpoint) ---------------------------------------


def from_base64(text: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(400, "not base64") from None
    if base64.b64encode(value).decode() != text:
        raise Refused(400, "base64 in another spelling")
    return value


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes((kind,)) + public).digest()[:4]


def vkey(name: str, kind: int, public: bytes) -> str:
    material = base64.b64encode(bytes((kind,)) + public).decode()
    return f"{name}+{key_id(name, kind, public).hex()}+{material}"


def parse_log_vkey(text: str) -> tuple[str, bytes]:
    """Origin and Ed25519 public key of a log."""
    name, _, rest = text.partition("+")
    material = from_base64(rest.partition("+")[2])
    if material[:1] != bytes((LOG_ED25519,)) or vkey(name, LOG_ED25519, material[1:]) != text:
        raise ValueError(f"not the Ed25519 key of a log: {text}")
    return name, material[1:]


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes
    body: str
    signatures: tuple[tuple[str, bytes], ...]


def parse_checkpoint(note: str) -> Checkpoint:
    """Form only. Refused(400) where it is no checkpoint."""
    text, blank, signed = note.rpartition("\n\n")
    lines = (text + "\n").split("\n")
    if not blank or len(lines) < 4 or not lines[0] or any(ord(c) < 32 and c != "\n" for c in note):
        raise Refused(400, "not a checkpoint")
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        raise Refused(400, "no tree size")
    root = from_base64(lines[2])
    if len(root) != 32:
        raise Refused(400, "no root hash")
    found = []
    for line in signed.removesuffix("\n").split("\n")[:100]:
        name, space, blob = line.removeprefix(DASH).partition(" ")
        if not line.startswith(DASH) or not space:
            raise Refused(400, "not a signature line")
        found.append((name, from_base64(blob)))
    return Checkpoint(lines[0], int(lines[1]), root, text + "\n", tuple(found))


@dataclass(frozen=True)
class LogKey:
    """A key of a log and the sizes of checkpoints that it vouches for; `last` None: still in force."""

    vkey: str
    first: int = 0
    last: int | None = None

    @property
    def public(self) -> bytes:
        return parse_log_vkey(self.vkey)[1]

    def holds(self, size: int) -> bool:
        return self.first <= size and (self.last is None or size <= self.last)


def signers(checkpoint: Checkpoint, keys: list[LogKey]) -> list[LogKey]:
    """Those of the keys that hold for this size and signed; Refused(403) at a bad signature of one."""
    found = []
    for name, blob in checkpoint.signatures:
        for key in keys:
            if not key.holds(checkpoint.size) or name != checkpoint.origin:
                continue
            if blob[:4] != key_id(name, LOG_ED25519, key.public):
                continue
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(
                    blob[4:], checkpoint.body.encode()
                )
            except InvalidSignature:
                raise Refused(403, "bad signature by a trusted key") from None
            found.append(key)
    return found


def check_signature(checkpoint: Checkpoint, keys: list[LogKey]) -> None:
    """One good signature of a trusted key, and no bad one of a trusted key; else Refused(403)."""
    if not signers(checkpoint, keys):
        raise Refused(403, "no signature by a trusted key")


# --- trees (RFC 6962 2.1.2, RFC 9162 2.1.4.2) --------------------------------------------------------


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    """Whether the tree of size `old` is the beginning of the one of size `new`, by this proof."""
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof
    path = list(proof)
    if old & (old - 1) == 0:  # a complete subtree: its root is the first step
        path.insert(0, old_root)
    if not path:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = node(step, first), node(step, second)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node(second, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == old_root and second == new_root


# --- the witness -------------------------------------------------------------------------------------


class State:
    """The newest cosigned checkpoint per origin: compared and stored in one transaction, on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._open()) as held:
            held.execute(
                "CREATE TABLE IF NOT EXISTS seen (origin TEXT PRIMARY KEY, size INTEGER NOT NULL,"
                " root BLOB NOT NULL, note TEXT NOT NULL)"
            )
            held.execute(
                "CREATE TABLE IF NOT EXISTS key (vkey TEXT PRIMARY KEY, origin TEXT NOT NULL,"
                " first INTEGER NOT NULL, last INTEGER)"
            )

    def _open(self) -> sqlite3.Connection:
        held = sqlite3.connect(self._path, timeout=20, isolation_level=None)
        held.execute("PRAGMA synchronous=FULL")
        return held

    def newest(self, origin: str) -> tuple[int, bytes, str] | None:
        with closing(self._open()) as held:
            row: tuple[int, bytes, str] | None = held.execute(
                "SELECT size, root, note FROM seen WHERE origin = ?", (origin,)
            ).fetchone()
        return row

    def learned(self, origin: str) -> list[LogKey]:
        """Keys that the log itself announced, and ends of keys that it retired."""
        with closing(self._open()) as held:
            rows = held.execute(
                "SELECT vkey, first, last FROM key WHERE origin = ?", (origin,)
            ).fetchall()
        return [LogKey(*row) for row in rows]

    def learn(self, origin: str, key: LogKey) -> None:
        with closing(self._open()) as held:
            held.execute(
                "INSERT INTO key VALUES (?, ?, ?, ?) ON CONFLICT (vkey) DO UPDATE"
                " SET last = excluded.last",
                (key.vkey, origin, key.first, key.last),
            )

    def advance(self, origin: str, check: Callable[[int, bytes], tuple[int, bytes, str]]) -> str:
        """`check(size, root)` of what is stored gives what to store, or refuses."""
        held = self._open()
        try:
            held.execute("BEGIN IMMEDIATE")
            row = held.execute("SELECT size, root FROM seen WHERE origin = ?", (origin,)).fetchone()
            size, root, note = check(*(row or (0, EMPTY_ROOT)))
            held.execute(
                "INSERT INTO seen VALUES (?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE"
                " SET size = excluded.size, root = excluded.root, note = excluded.note",
                (origin, size, root, note),
            )
            held.execute("COMMIT")
        finally:
            held.close()  # without COMMIT everything is taken back
        return note


class Witness:
    def __init__(self, config: Path) -> None:
        told = tomllib.loads(config.read_text(encoding="utf-8"))
        unknown = set(told) - {"name", "key_file", "state", "listen", "log"}
        if unknown:
            raise ValueError(f"{config}: unknown key {min(unknown)!r}")
        self.name = str(told["name"])
        self.listen = str(told.get("listen", "127.0.0.1:8010"))
        here = config.resolve().parent
        seed = read_key(here / told["key_file"])
        self._ed25519 = Ed25519PrivateKey.from_private_bytes(seed)
        self._ml_dsa = ml_dsa_key(seed)
        self.state = State(here / told["state"])
        self.logs: dict[str, list[LogKey]] = {}
        self.urls: dict[str, str] = {}
        for each in told.get("log", ()):
            origin, _public = parse_log_vkey(each["vkey"])
            key = LogKey(each["vkey"], int(each.get("from", 0)), each.get("until"))
            self.logs.setdefault(origin, []).append(key)
            if "url" in each:
                self.urls[origin] = each["url"].rstrip("/")

    def keys_of(self, origin: str) -> list[LogKey]:
        """Configured keys and learned ones; an end that was learned holds for both."""
        found = {key.vkey: key for key in self.state.learned(origin)}
        for key in self.logs[origin]:
            learned = found.get(key.vkey, key)
            found[key.vkey] = LogKey(
                key.vkey, key.first, key.last if learned.last is None else learned.last
            )
        return list(found.values())

    def add_checkpoint(self, body: bytes, now: int) -> str:
        """The whole of POST /add-checkpoint: cosignature lines, or Refused."""
        old, proof, note = parse_request(body)
        new = parse_checkpoint(note)
        if new.origin not in self.logs:
            raise Refused(404, "unknown log")
        check_signature(new, self.keys_of(new.origin))
        if old > new.size:
            raise Refused(400, "old size is beyond the checkpoint")
        lines: list[str] = []

        def check(size: int, root: bytes) -> tuple[int, bytes, str]:
            if old != size:
                raise Refused(409, "another size was cosigned", f"{size}\n", "text/x.tlog.size")
            if new.size == size and new.root != root:
                raise Refused(409, "another tree of the same size", f"{size}\n", "text/x.tlog.size")
            if not consistent(size, root, new.size, new.root, proof):
                raise Refused(422, "the consistency proof does not hold")
            lines.extend(self.cosign(new, now))
            return new.size, new.root, note + "".join(lines)

        self.state.advance(new.origin, check)
        return "".join(lines)

    def cosign(self, new: Checkpoint, now: int) -> Iterator[str]:
        stamp = struct.pack(">Q", now)
        message = f"cosignature/v1\ntime {now}\n{new.body}".encode()
        public = self._ed25519.public_key().public_bytes_raw()
        yield self._line(COSIGN_ED25519, public, stamp + self._ed25519.sign(message))
        if self._ml_dsa is not None:
            public = self._ml_dsa.public_key().public_bytes_raw()
            message = cosigned_message(self.name, now, new)
            yield self._line(COSIGN_ML_DSA_44, public, stamp + self._ml_dsa.sign(message))

    def _line(self, kind: int, public: bytes, signature: bytes) -> str:
        blob = base64.b64encode(key_id(self.name, kind, public) + signature).decode()
        return f"{DASH}{self.name} {blob}\n"

    def vkeys(self) -> list[str]:
        found = [vkey(self.name, COSIGN_ED25519, self._ed25519.public_key().public_bytes_raw())]
        if self._ml_dsa is not None:
            public = self._ml_dsa.public_key().public_bytes_raw()
            found.append(vkey(self.name, COSIGN_ML_DSA_44, public))
        return found


def cosigned_message(name: str, now: int, new: Checkpoint) -> bytes:
    """C2SP tlog-cosignature, ML-DSA-44: label, name, time, origin, start, end, hash."""
    names = [bytes((len(each),)) + each for each in (name.encode(), new.origin.encode())]
    head = b"subtree/v1\n\x00" + names[0] + struct.pack(">Q", now) + names[1]
    return head + struct.pack(">QQ", 0, new.size) + new.root


def parse_request(body: bytes) -> tuple[int, list[bytes], str]:
    """Old size, consistency proof, checkpoint; Refused(400) on any other form."""
    try:
        head, blank, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise Refused(400, "not UTF-8") from None
    lines = head.split("\n")
    match = re.fullmatch(r"old (0|[1-9][0-9]{0,18})", lines[0])
    if not blank or match is None or len(lines) - 1 > MAX_PROOF:
        raise Refused(400, "not a request to add a checkpoint")
    proof = [from_base64(line) for line in lines[1:]]
    if any(len(step) != 32 for step in proof):
        raise Refused(400, "a step of the proof is not 32 bytes")
    return int(match[1]), proof, note


def read_key(path: Path) -> bytes:
    found = path.stat()
    if found.st_mode & 0o077:
        raise ValueError(f"{path} can be read by others: chmod 600 {path}")
    seed = bytes.fromhex(path.read_text(encoding="ascii").strip())
    if len(seed) != 32:
        raise ValueError(f"{path} holds no key of 32 bytes in hexadecimal")
    return seed


def ml_dsa_key(seed: bytes):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """From a seed of its own, so that one key never serves two algorithms."""
    if MLDSA44PrivateKey is None:
        return None
    own = hashlib.sha256(b"petition-witness/ml-dsa-44/v1" + seed).digest()
    return MLDSA44PrivateKey.from_seed_bytes(own)


# --- HTTP --------------------------------------------------------------------------------------------


def handler_of(witness: Witness) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version, sys_version = "petition-witness", ""
        timeout = 20

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > MAX_BODY:
                self.close_connection = True
                self._answer(413, "text/plain", "too long\n")
                return
            body = self.rfile.read(int(length))
            if self.path != "/add-checkpoint":
                self._answer(404, "text/plain", "no such page\n")
                return
            try:
                lines = witness.add_checkpoint(body, int(time.time()))
            except Refused as refused:
                self._answer(refused.status, refused.mime, refused.body)
            except sqlite3.Error:
                self._answer(503, "text/plain", "the state cannot be written\n")
            else:
                self._answer(200, "text/plain; charset=utf-8", lines)

        def do_GET(self) -> None:
            for origin in witness.logs:
                digest = hashlib.sha256(origin.encode()).hexdigest()
                if self.path == f"/{digest}/checkpoint":
                    newest = witness.state.newest(origin)
                    if newest is not None:
                        self._answer(200, "text/plain; charset=utf-8", newest[2])
                        return
            self._answer(404, "text/plain", "no such page\n")

        def _answer(self, status: int, mime: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", mime)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_told: object) -> None:
            """Callers are not written down."""

    return Handler


def serve(witness: Witness) -> None:
    host, _, port = witness.listen.rpartition(":")
    server = http.server.ThreadingHTTPServer((host, int(port)), handler_of(witness))
    print(f"{witness.name} listens on {witness.listen} for {len(witness.logs)} logs", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


# --- following a log from its published tiles --------------------------------------------------------


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - configured by its operator
        body: bytes = answer.read(MAX_FILE)
    return body


def numbered(n: int, width: int) -> str:
    name = f"{n % 1000:03}"
    while n >= 1000:
        n //= 1000
        name = f"x{n % 1000:03}/{name}"
    return name if width == TILE_WIDTH else f"{name}.p/{width}"


class Tiles:
    """Hashes of complete subtrees, from the tiles of a tree of `size` leaves."""

    def __init__(self, url: str, size: int, read: Callable[[str], bytes]) -> None:
        self._url, self._size, self._read = url, size, read
        self._kept: dict[tuple[int, int], bytes] = {}

    def subtree(self, level: int, index: int) -> bytes:
        """Root of the leaves [index * 2^level, (index + 1) * 2^level)."""
        high, low = divmod(level, 8)
        first = index << low
        tile = self._tile(high, first // TILE_WIDTH)
        place = first % TILE_WIDTH
        hashes = [tile[32 * i : 32 * i + 32] for i in range(place, place + (1 << low))]
        while len(hashes) > 1:
            hashes = [node(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
        return hashes[0]

    def _tile(self, level: int, n: int) -> bytes:
        if (level, n) not in self._kept:
            width = min(TILE_WIDTH, (self._size >> (8 * level)) - n * TILE_WIDTH)
            tile = self._read(f"{self._url}/tile/{level}/{numbered(n, width)}")
            if len(tile) != 32 * width:
                raise Refused(422, "a tile has the wrong length")
            self._kept[level, n] = tile
        return self._kept[level, n]

    def root(self, start: int, end: int) -> bytes:
        """Root of the leaves [start, end); start must be a place where a subtree may begin."""
        width = end - start
        if width & (width - 1) == 0:
            level = width.bit_length() - 1
            return self.subtree(level, start >> level)
        half = 1 << (width - 1).bit_length() - 1
        return node(self.root(start, start + half), self.root(start + half, end))

    def proof(self, old: int) -> list[bytes]:
        """RFC 6962 2.1.2, PROOF(old, D[size])."""

        def part(m: int, start: int, end: int, whole: bool) -> list[bytes]:
            if m == end - start:
                return [] if whole else [self.root(start, end)]
            half = 1 << (end - start - 1).bit_length() - 1
            if m <= half:
                return [*part(m, start, start + half, whole), self.root(start + half, end)]
            return [*part(m - half, start + half, end, False), self.root(start, start + half)]

        return part(old, 0, self._size, True) if 0 < old < self._size else []

    def root_with(self, leaf: bytes, index: int, start: int, end: int) -> bytes:
        """Root of [start, end) if `leaf` stands at `index`: its neighbours come from the tiles."""
        if end - start == 1:
            return leaf
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if index < middle:
            return node(self.root_with(leaf, index, start, middle), self.root(middle, end))
        return node(self.root(start, middle), self.root_with(leaf, index, middle, end))


# --- keys that a log changed to --------------------------------------------------------------------


def announcement(vkey_text: str, action: int) -> bytes:
    """Hash of the entry that announces (1) or retires (0) a key for checkpoints."""
    entry = VKEY_HEAD + bytes((1, action)) + vkey_text.encode()
    return hashlib.sha256(b"\x00" + entry).digest()


class KeySearch:
    """What a log's published files say of its keys, as far as a trusted key vouches for it."""

    def __init__(self, witness: Witness, origin: str, read: Callable[[str], bytes]) -> None:
        self.witness, self.origin, self.url = witness, origin, witness.urls[origin]
        self.read = read
        self.newest = parse_checkpoint(read(f"{self.url}/checkpoint").decode())
        self.tiles = Tiles(self.url, self.newest.size, read)

    def learn(self) -> list[LogKey]:
        """Remember and return what is new: the oldest key first, then ends of keys."""
        found = []
        for key in sorted(self._listed(), key=lambda each: each.first):
            known = {each.vkey: each for each in self.witness.keys_of(self.origin)}
            if key.vkey not in known and self._announced(key):
                self.witness.state.learn(self.origin, LogKey(key.vkey, key.first))
                found.append(LogKey(key.vkey, key.first))
        for key in self._listed():
            known = {each.vkey: each for each in self.witness.keys_of(self.origin)}
            if key.vkey in known and known[key.vkey].last is None and self._retired(key):
                self.witness.state.learn(self.origin, key)
                found.append(key)
        return found

    def _listed(self) -> list[LogKey]:
        """Ed25519 keys of checkpoints in `keys.json`; none where the log has no such file."""
        try:
            told = json.loads(self._file("keys.json") or '{"keys": []}')["keys"]
            keys = [LogKey(e["vkey"], e["from"], e["until"]) for e in told if e["role"] == "log"]
        except (ValueError, KeyError, TypeError):
            raise Refused(422, "keys.json is malformed") from None
        return [key for key in keys if is_of(self.origin, key)]

    def _file(self, name: str) -> str:
        """Empty where the log does not publish it."""
        try:
            return self.read(f"{self.url}/{name}").decode()
        except urllib.error.HTTPError as missing:
            if missing.code != 404:
                raise
        except FileNotFoundError:
            pass
        return ""

    def _checkpoints(self) -> list[Checkpoint]:
        """Those that may bear two signatures: what the log keeps for this, and the newest."""
        text = self._file("handovers").strip("\n")
        parts = text.split("\n\n") if text else []
        notes = [f"{parts[i]}\n\n{parts[i + 1]}\n" for i in range(0, len(parts) - 1, 2)]
        return [*(parse_checkpoint(note) for note in notes), self.newest]

    def _announced(self, key: LogKey) -> bool:
        """A trusted key signed a tree that holds the announcement."""
        trusted = self.witness.keys_of(self.origin)
        for each in self._checkpoints():
            if each.origin != self.origin or not key.first <= each.size <= self.newest.size:
                continue
            if signers(each, trusted) and self._holds(
                each, announcement(key.vkey, 1), key.first - 1
            ):
                return True
        return False

    def _retired(self, key: LogKey) -> bool:
        """The newest tree, under a key in force, holds the entry that ends it."""
        if key.last is None or not key.last < self.newest.size:
            return False
        check_signature(self.newest, self.witness.keys_of(self.origin))
        return self._holds(self.newest, announcement(key.vkey, 0), key.last)

    def _holds(self, tree: Checkpoint, leaf: bytes, index: int) -> bool:
        if not 0 <= index < tree.size:
            return False
        return self.tiles.root_with(leaf, index, 0, tree.size) == tree.root


def is_of(origin: str, key: LogKey) -> bool:
    try:
        return parse_log_vkey(key.vkey)[0] == origin and isinstance(key.first, int)
    except (ValueError, Refused):
        return False  # of a later kind


def learn(witness: Witness, read: Callable[[str], bytes] = fetch) -> int:
    """Look for changed keys of every log that has an address, and show all that are trusted."""
    bad = 0
    for origin in witness.urls:
        try:
            KeySearch(witness, origin, read).learn()
        except (Refused, OSError, UnicodeDecodeError) as wrong:
            bad = 1
            print(f"{origin}: REFUSED: {getattr(wrong, 'why', wrong)}", flush=True)
    for origin in witness.logs:
        for key in witness.keys_of(origin):
            until = "in force" if key.last is None else f"until size {key.last}"
            print(f"{key.vkey}  from size {key.first}, {until}", flush=True)
    return bad


def follow(witness: Witness, read: Callable[[str], bytes] = fetch) -> int:
    """Look at every log that has an address once. Exit status 1 if one of them was refused."""
    bad = 0
    for origin, url in witness.urls.items():
        try:
            for key in KeySearch(witness, origin, read).learn():
                state = "was announced" if key.last is None else "was retired"
                print(f"{origin}: the key {key.vkey.split('+')[1]} {state} in the log", flush=True)
            note = read(f"{url}/checkpoint").decode()
            size = parse_checkpoint(note).size
            witness.add_checkpoint(asked_for(witness, origin, url, note, read), int(time.time()))
        except (Refused, OSError, UnicodeDecodeError) as wrong:
            bad = 1
            print(f"{origin}: REFUSED: {getattr(wrong, 'why', wrong)}", flush=True)
        else:
            print(f"{origin}: {size} entries, cosigned", flush=True)
    return bad


def asked_for(
    witness: Witness, origin: str, url: str, note: str, read: Callable[[str], bytes]
) -> bytes:
    """The request that the log itself would send, with the proof from its tiles."""
    newest, size = witness.state.newest(origin), parse_checkpoint(note).size
    old = newest[0] if newest else 0
    if old > size:
        raise Refused(409, f"the log shows {size} entries after {old}: it was turned back")
    proof = Tiles(url, size, read).proof(old)
    steps = "".join(base64.b64encode(step).decode() + "\n" for step in proof)
    return f"old {old}\n{steps}\n{note}".encode()


def keygen(name: str, path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    seed = secrets.token_bytes(32)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(seed.hex() + "\n")
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    print(vkey(name, COSIGN_ED25519, public))
    ml_dsa = ml_dsa_key(seed)
    if ml_dsa is not None:
        print(vkey(name, COSIGN_ML_DSA_44, ml_dsa.public_key().public_bytes_raw()))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="petition_witness.py", description=__doc__.split("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    made = verbs.add_parser("keygen", help="make a key and print its verifier keys")
    made.add_argument("name")
    made.add_argument("key_file", type=Path)
    for verb, words in (
        ("serve", "answer logs over HTTP"),
        ("follow", "look at each log once"),
        ("keys", "learn keys that a log changed to, and show all that are trusted"),
    ):
        verbs.add_parser(verb, help=words).add_argument("config", type=Path)
    asked = parser.parse_args(arguments)
    try:
        if asked.verb == "keygen":
            keygen(asked.name, asked.key_file)
            return 0
        witness = Witness(asked.config)
    except FileExistsError:
        print(f"{asked.key_file} exists already; a key is never overwritten", file=sys.stderr)
        return 2
    except (OSError, ValueError, KeyError, Refused) as wrong:
        print(f"petition_witness: {wrong}", file=sys.stderr)
        return 2
    if asked.verb in ("follow", "keys"):
        return follow(witness) if asked.verb == "follow" else learn(witness)
    serve(witness)
    return 0


if __name__ == "__main__":
    sys.exit(main())
