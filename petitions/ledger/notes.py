"""C2SP signed notes with Ed25519 (signature type 01).

Rules: lines end with LF only, no other control character; the last empty line divides the text
from the signatures; base64 has one spelling; a signature by an unknown key is ignored, a bad
signature by a known key rejects the whole note, and a note without a good one is worth nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from petitions.ledger.encoding import LedgerError

ED25519: Final = 1
MAX_SIGNATURES: Final = 100  # C2SP asks for at least 16; bounds the work a hostile note causes
DASH: Final = "\u2014 "
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteRefusedError(LedgerError):
    """The note is malformed, or no known key vouches for it, or a known key's signature is bad."""


def key_id(name: str, public_key: bytes, type: int = ED25519) -> bytes:  # noqa: A002
    """First four bytes of SHA-256(name || LF || type || public key)."""
    return hashlib.sha256(_name(name).encode() + b"\n" + bytes((type,)) + public_key).digest()[:4]


def vkey(name: str, public_key: bytes) -> str:
    """`name+hex(key id)+base64(01 || public key)`."""
    _ed25519(public_key)
    encoded = to_base64(bytes((ED25519,)) + public_key)
    return f"{name}+{key_id(name, public_key).hex()}+{encoded}"


def parse_vkey(text: str) -> tuple[str, bytes, bytes]:
    """Name, key id and Ed25519 public key; LedgerError where they do not belong together."""
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise LedgerError("a verifier key has three parts")
    material = from_base64(parts[2])
    if not material or material[0] != ED25519:
        raise LedgerError("not an Ed25519 verifier key")
    if vkey(parts[0], material[1:]) != text:
        raise LedgerError("key id does not belong to name and key")
    return parts[0], bytes.fromhex(parts[1]), material[1:]


def sign_note(body: str, name: str, sign: Callable[[bytes], bytes], public: bytes) -> str:
    """Text, empty line and one signature line. `sign` makes an Ed25519 signature with `public`."""
    return f"{body}\n{signature_line(body, name, sign, public)}"


def signature_line(body: str, name: str, sign: Callable[[bytes], bytes], public: bytes) -> str:
    """One line to append to a signed note, as when two keys sign during a rotation."""
    text = _text(body)
    if not text.endswith(b"\n"):
        raise LedgerError("the text of a note ends with a newline")
    signature = sign(text)
    try:  # a key store that signs with another key than it names must not reach the public
        _ed25519(public).verify(signature, text)
    except InvalidSignature as wrong:
        raise LedgerError("the signature is not by the named key") from wrong
    return f"{DASH}{name} {to_base64(key_id(name, public) + signature)}\n"


def open_note(note: str, vkeys: Iterable[str]) -> str:
    """The text, vouched for by at least one of the keys; NoteRefusedError otherwise."""
    known: dict[tuple[str, bytes], bytes] = {}
    for text in vkeys:
        name, kid, public = parse_vkey(text)
        if known.setdefault((name, kid), public) != public:
            raise LedgerError("two keys share a name and a key id")
    body, signatures = split_note(note)
    vouched = False
    for name, blob in signatures:
        signer = known.get((name, blob[:4]))
        if signer is None:
            continue
        try:
            _ed25519(signer).verify(blob[4:], body.encode())
        except InvalidSignature as bad:
            raise NoteRefusedError("bad signature by a known key") from bad
        vouched = True
    if not vouched:
        raise NoteRefusedError("no signature by a known key")
    return body


def split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Text and (key name, key id || signature) of each line. Checks form only, no signature."""
    _text(note)
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise NoteRefusedError("no signature lines after an empty line")
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteRefusedError("too many signatures")
    return text + "\n", [_signature(line) for line in lines]


def to_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def from_base64(text: str) -> bytes:
    """Standard base64 in its one canonical spelling (padding, no spare bits); LedgerError else."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as refused:
        raise LedgerError("not base64") from refused
    if to_base64(value) != text:
        raise LedgerError("base64 not in its canonical spelling")
    return value


def _signature(line: str) -> tuple[str, bytes]:
    name, space, encoded = line.removeprefix(DASH).partition(" ")
    if not line.startswith(DASH) or not space:
        raise NoteRefusedError("malformed signature line")
    try:
        blob = from_base64(encoded)
        _name(name)
    except LedgerError as refused:
        raise NoteRefusedError(str(refused)) from refused
    if len(blob) < 5:
        raise NoteRefusedError("a signature follows its key id")
    return name, blob


def _name(name: str) -> str:
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise LedgerError("a key name is not empty and has no space and no plus")
    return name


def _text(text: str) -> bytes:
    if _CONTROL.search(text):
        raise NoteRefusedError("control character in a note")
    try:
        return text.encode()
    except UnicodeEncodeError as refused:
        raise NoteRefusedError("a note is valid UTF-8") from refused


def _ed25519(public: bytes) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(public)
    except ValueError as refused:
        raise LedgerError("an Ed25519 public key is 32 bytes") from refused
