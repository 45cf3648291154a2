"""Values derived for one signature: tag, link, commitment, withdrawal, mark.

u: 32 bytes that stand for one person in one petition, met only in memory.
salt: the petition's 32 random bytes; destroyed with its key at sealing, and with it every test of
who signed. Rules:
- the tag is HMAC(salt, u) with a message of exactly 32 bytes; every other use of the salt has a
  labelled, longer message, so none can be passed off as a tag;
- the tag equals an HKDF-Extract key and lies in the database: nothing is derived from it.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from petitions.ledger.encoding import LedgerError, be8, enc, exactly

if TYPE_CHECKING:
    from uuid import UUID

DIGEST = 32
NONCE = 12
LINK = 60  # nonce 12, ciphertext 32, GCM tag 16
NULLIFIER_TARGET = 36  # sheet 4, nullifier 32


def tag(salt: bytes, u: bytes) -> bytes:
    """32 bytes: one person in one petition, for the database's primary key."""
    return _hmac(salt, exactly(DIGEST, u, "u"))


def link_key(salt: bytes, u: bytes) -> bytes:
    """32 bytes that open the link; needs both the petition's salt and the person's login."""
    return _hmac(salt, enc("petition/link-key/v1", exactly(DIGEST, u, "u")))


def seal_link(salt: bytes, u: bytes, petition: UUID, tag: bytes, c: bytes, nonce12: bytes) -> bytes:
    """60 bytes: nonce || AES-256-GCM of the commitment. `nonce12` is fresh for every call."""
    exactly(NONCE, nonce12, "nonce")
    exactly(DIGEST, c, "commitment")
    sealed = AESGCM(link_key(salt, u)).encrypt(nonce12, c, _link_aad(petition, tag))
    return nonce12 + sealed


def open_link(salt: bytes, u: bytes, petition: UUID, tag: bytes, link: bytes) -> bytes | None:
    """The commitment, or None if the link is another person's, another petition's or altered."""
    if len(link) != LINK:
        return None
    key = AESGCM(link_key(salt, u))
    try:
        return key.decrypt(link[:NONCE], link[NONCE:], _link_aad(petition, tag))
    except InvalidTag:
        return None


def commitment(origin: str, petition: UUID, r: bytes) -> bytes:
    """32 bytes c, the body of the SIGN entry; r is 32 random bytes that only the signer keeps."""
    exactly(DIGEST, r, "r")
    return _sha256(enc("petition/receipt/v1", origin.encode(), petition.bytes, r))


def withdrawal_commitment(origin: str, petition: UUID, index: int, r_w: bytes) -> bytes:
    """32 bytes w, the body of the WITHDRAW entry: hides which leaf at `index` no longer counts."""
    exactly(DIGEST, r_w, "r_w")
    return _sha256(enc("petition/withdraw/v1", origin.encode(), petition.bytes, be8(index), r_w))


def mark(salt: bytes, target: bytes) -> bytes:
    """32 bytes that make a second withdrawal of one leaf a conflict without naming the leaf.

    `target` is the body of the signature entry: 32 bytes (c) or 36 (sheet, nullifier).
    """
    if len(target) not in {DIGEST, NULLIFIER_TARGET}:
        raise LedgerError("a target is the body of a signature entry")
    return _hmac(salt, enc("petition/withdrawn/v1", target))


def salt_aad(deployment: str, petition: UUID, kid: str) -> bytes:
    """What binds a wrapped salt to its petition: moved to another row, it does not unwrap."""
    return enc("petition/salt/v1", deployment.encode(), petition.bytes, kid.encode())


def opening_aad(petition: UUID, mark: bytes) -> bytes:
    """What binds the opening of a withdrawal to its row."""
    return enc("petition/opening/v1", petition.bytes, exactly(DIGEST, mark, "mark"))


def opening_plain(index: int, r_w: bytes) -> bytes:
    """40 bytes to be wrapped under the petition's key: what shows auditors the withdrawn leaf."""
    return be8(index) + exactly(DIGEST, r_w, "r_w")


def _link_aad(petition: UUID, tag: bytes) -> bytes:
    return enc("petition/link/v1", petition.bytes, exactly(DIGEST, tag, "tag"))


def _hmac(salt: bytes, message: bytes) -> bytes:
    return hmac.digest(exactly(DIGEST, salt, "salt"), message, "sha256")


def _sha256(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()
