"""The parts that the verifier carries itself, against published vectors and other implementations."""

from __future__ import annotations

import hashlib
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from petitions.ledger import tree as judge
from petitions.ledger.cosignatures import Witness, policy_file
from petitions.ledger.tiles import files_between
from tests.ledger.memory import LOG_KEY, LOG_PUBLIC, C, MemoryLog, P, R, leaves
from tests.verifier import town as place
from verifier import petition_verify as pv

# RFC 8032, 7.1: public key, message, signature
RFC_8032 = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     ("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46"
      "bd25bf5f0595bbe24655141438e7a100b")),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     ("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8"
      "c387b2eaeb4302aeeb00d291612bb0c00")),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     ("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc65"
      "94a7c15e9716ed28dc027beceea1ec40a")),
]  # fmt: skip
VECTORS = [tuple(bytes.fromhex(part) for part in vector) for vector in RFC_8032]
ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_signatures_of_the_rfc_are_good_and_any_change_is_bad(
    public: bytes, message: bytes, signature: bytes
) -> None:
    assert pv.ed25519(public, message, signature)
    assert not pv.ed25519(public, message + b"x", signature)
    for at in (0, 31, 32, 63):
        bad = bytearray(signature)
        bad[at] ^= 1
        assert not pv.ed25519(public, message, bytes(bad))
    assert not pv.ed25519(public, message, signature[:63])
    assert not pv.ed25519(public[:31], message, signature)


def test_ed25519_agrees_with_another_implementation_on_random_messages() -> None:
    chance = random.Random(8032)
    for _ in range(8):
        key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        message = chance.randbytes(chance.randrange(200))
        assert pv.ed25519(key.public_key().public_bytes_raw(), message, key.sign(message))


def test_a_signature_with_s_above_the_order_is_refused() -> None:
    """RFC 8032 5.1.7: otherwise everybody could make a second signature out of a first."""
    public, message, signature = VECTORS[1]
    s = int.from_bytes(signature[32:], "little") + ORDER
    assert not pv.ed25519(public, message, signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "point",
    ["01" + "00" * 31, "ec" + "ff" * 30 + "7f", "00" * 32,
     "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "01" + "00" * 30 + "80", "ee" + "ff" * 30 + "7f", "ff" * 32],
)  # fmt: skip
def test_keys_of_small_order_and_odd_encodings_are_refused(point: str) -> None:
    """With such a key one signature is good for any message."""
    key = bytes.fromhex(point)
    signature = bytes.fromhex("01" + "00" * 63)
    assert not any(pv.ed25519(key, b"%d" % n, signature) for n in range(8))


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 1000, 65536, 65537, 66000])
def test_the_tree_gives_the_roots_of_the_engines_tree(size: int) -> None:
    log, tree, hashes = MemoryLog(), pv.Tree(), leaves(size)
    log.add(hashes)
    for n in range(size // 256):
        tree.add(b"".join(hashes[n * 256 : n * 256 + 256]))
    assert {f.path for f in files_between(0, size)} == set(pv.log_files(size, tiles=True))
    for part in {size, size // 2, size - size % 256, max(0, size - 3)}:
        start = part - part % 256
        assert tree.root(part, b"".join(hashes[start:part])) == judge.root(part, log)
    for (level, n), held in log.tiles.items():
        if level:
            assert tree.tile(level, n, len(held) // 32) == held


def test_inclusion_proofs_of_the_engine_lead_to_the_root_and_no_others() -> None:
    log, hashes = MemoryLog(), leaves(300)
    log.add(hashes)
    for index in (0, 1, 255, 256, 298, 299):
        proof = judge.inclusion_proof(index, 300, log)
        assert pv.included(hashes[index], index, 300, proof, log.root)
        assert not pv.included(hashes[index], index ^ 1, 300, proof, log.root)
        assert not pv.included(hashes[index], index, 300, proof[:-1], log.root)
        assert not pv.included(hashes[index], index, 300, [*proof, proof[0]], log.root)
    assert not pv.included(hashes[0], 300, 300, [], log.root)


def test_the_leaf_of_a_receipt_is_that_of_the_published_vectors() -> None:
    leaf = pv.Receipt(P.bytes, R).leaf("petitions.example.org/2026")
    assert leaf == pv.leaf_hash(b"\x01\x10" + P.bytes + C)
    assert leaf.hex() == "1111f4eca96ba33f7900e3ce79c215f76d82f65c7d2045324f6c98db2afe31e5"


def test_a_verifier_key_is_read_as_the_vectors_write_it() -> None:
    key = pv.read_vkey(
        "petitions.example.org/2026+c2233a02+AU/QmczUfXiT3+nsJEFOyw2bVCAjKq0w2RxGW+M8vmXE"
    )
    assert (key.public, key.kind) == (LOG_PUBLIC, 1)
    assert pv.ed25519(key.public, b"m", LOG_KEY.sign(b"m"))


@pytest.mark.parametrize("most", [4, 100, 10_000])
def test_repeated_digests_are_found_in_memory_and_on_disk(most: int) -> None:
    chance = random.Random(most)
    digests = [chance.randbytes(32) for _ in range(2000)]
    once = pv.Once(most)
    for start in range(0, 2000, 50):
        once.add(digests[start : start + 50])
    assert list(once.repeated()) == []
    once.add([digests[3], digests[1999]])
    assert set(once.repeated()) == {digests[3][:16], digests[1999][:16]}
    assert (once.file is None) == (most == 10_000)
    once.close()


def test_a_set_of_leaf_numbers_says_what_it_holds() -> None:
    numbers = pv.Numbers()
    members = {0, 7, 8, 65535, 65536, 2**40}
    assert all(numbers.add(n) for n in members)
    assert not any(numbers.add(n) for n in members)
    assert all(n in numbers for n in members)
    assert not any(n in numbers for n in (1, 9, 65534, 65537, 2**40 + 1))


def test_private_tokens_verify_under_their_own_key_alone() -> None:
    m, signature = place.token(1)
    assert pv.rsa_pss(place.spki(0), m, signature)
    assert not pv.rsa_pss(place.spki(1), m, signature)
    assert not pv.rsa_pss(place.spki(0), m + b"x", signature)
    assert not pv.rsa_pss(place.spki(0), m, signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not pv.rsa_pss(place.spki(0), m, b"")
    for bad in (b"", b"\x30", b"\x30\x82\xff\xff", place.spki(0)[:40], b"\x30\x80" * 50):
        with pytest.raises(pv.WrongError):
            pv.rsa_pss(bad, m, signature)


POLICY = "log {log}\nwitness a {a}\nwitness b {b}\nwitness c {c}\n"


@pytest.mark.parametrize(
    ("groups", "signed", "reached"),
    [
        ("quorum a\n", {"a"}, True),
        ("quorum a\n", {"b"}, False),
        ("group g any a b\nquorum g\n", {"b"}, True),
        ("group g all a b\nquorum g\n", {"b"}, False),
        ("group g 2 a b c\nquorum g\n", {"a", "c"}, True),
        ("group g any a b\ngroup h 2 g c\nquorum h\n", {"b", "c"}, True),
        ("group g any a b\ngroup h 2 g c\nquorum h\n", {"a", "b"}, False),
        ("quorum none # for now\n", set(), True),
    ],
)  # fmt: skip
def test_a_quorum_is_reached_as_the_policy_says(
    groups: str, signed: set[str], reached: bool
) -> None:
    keys = {n: w.witness_vkey for n, w in zip("abc", place.WITNESSES, strict=True)}
    text = POLICY.format(log=place.NEW_LOG.vkey, **keys) + groups
    policy = pv.read_policy(text.encode())
    assert policy.reached(policy.quorum, signed) is reached


@pytest.mark.parametrize("quorum", [0, 1, 2])
def test_the_policy_that_the_engine_writes_is_understood(quorum: int) -> None:
    keys = [w.witness_vkey for w in place.WITNESSES]
    first = Witness("The ombudsman", "https://one.example")
    second = Witness("Une université", "https://two.example/a%23b")
    listed = [(first, keys[:1]), (second, keys[1:])]
    policy = pv.read_policy(policy_file([place.NEW_LOG.vkey], listed, quorum).encode())
    assert policy.origin == place.ORIGIN
    assert policy.reached(policy.quorum, {"w1"}) is (quorum < 2)
    assert policy.reached(policy.quorum, {"w1", "w2.2"})


@pytest.mark.parametrize(
    "lines",
    ["", "quorum none\n", "log {k}\n", "log {k}\nquorum x\n", "log {k}\nquorum none\nquorum none\n",
     "log {k}\ngroup g any g\nquorum g\n", "log {k}\ngroup g 2 none\nquorum g\n", "log {k}\nodd\n",
     "log {k}x\nquorum none\n", "log {k}\r\nquorum none\r\n", "log {k}\nquorum none"],
)  # fmt: skip
def test_a_policy_that_is_not_understood_is_refused(lines: str) -> None:
    with pytest.raises(pv.WrongError):
        pv.read_policy(lines.format(k=place.NEW_LOG.vkey).encode())


def test_a_bundle_cut_anywhere_is_refused_or_shorter() -> None:
    entries = [b"", b"a", b"bb" * 300]
    raw = b"".join(len(e).to_bytes(2, "big") + e for e in entries)
    assert pv.entries_in(raw) == entries
    for end in range(len(raw)):
        try:
            assert len(pv.entries_in(raw[:end])) < 3
        except pv.WrongError:
            continue


def test_numbers_and_base64_have_one_spelling() -> None:
    assert pv.decimal("18446744073709551615") == 2**64 - 1
    for bad in ("", "01", "-1", "+1", " 1", "1_0", "٣", "18446744073709551616", "9" * 5000):
        with pytest.raises(pv.WrongError):
            pv.decimal(bad)
    assert pv.unbase64("AA==") == b"\0"
    for text in ("AA", "AB==", "A A=", "AA==\n", "é"):
        with pytest.raises(pv.WrongError):
            pv.unbase64(text)


def test_the_hash_in_a_files_name_is_read_only_where_one_is_promised() -> None:
    digest = hashlib.sha256(b"x").digest()
    assert pv.hash_in(f"texts/{digest.hex()}.txt") == digest
    assert pv.hash_in(f"statements/{digest.hex()}") == digest
    assert pv.hash_in("statements/replicas") is None
    assert pv.hash_in("checkpoint") is None
