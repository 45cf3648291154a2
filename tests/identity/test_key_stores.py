"""What every back end of the key store promises: the same tests over files and over a token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from identity.errors import KeyRefused
from identity.key_rules import KeyState, KeyStore, Kind
from tests.identity.key_zones import AT, KEK, ORIGIN, PETITION, Zone

ANOTHER = """
import json, sys
from pathlib import Path
from identity.errors import KeyRefused
from identity.key_rules import Kind
from tests.identity.key_zones import Zone
from tests.softhsm import SoftToken
asked = json.loads(sys.argv[1])
token = SoftToken(**asked["token"]) if asked["token"] else None
store = Zone(Path(asked["folder"]), token).opened()
print("ready", flush=True)
sys.stdin.readline()
try:
    store.create("pepper/raced", Kind.HMAC)
    told = "made"
except KeyRefused as refused:
    told = refused.reason
print(told, store.prf("pepper/raced", b"m").hex(), flush=True)
"""


@pytest.fixture(params=["file", "pkcs11"])
def zone(request: pytest.FixtureRequest, tmp_path: Path) -> Zone:
    if request.param == "file":
        return Zone(tmp_path / "zone")
    new_token: Callable[..., object] = request.getfixturevalue("new_token")
    return Zone(tmp_path / "zone", new_token(tmp_path.name[-32:]))  # type: ignore[arg-type]


@pytest.fixture
def store(zone: Zone) -> KeyStore:
    return zone.opened()


def refusal(what: object, *args: object) -> str:
    with pytest.raises(KeyRefused) as caught:
        what(*args)  # type: ignore[operator]
    return caught.value.reason


def test_a_prf_is_hmac_sha256_of_any_length_and_the_same_in_every_process(zone: Zone) -> None:
    one, two = zone.opened(), zone.opened()
    one.create("pepper/2026a", Kind.HMAC)
    for length in (0, 1, 31, 32, 55, 56, 64, 65, 4096):
        message = b"x" * length
        answer = one.prf("pepper/2026a", message)
        assert len(answer) == 32
        assert two.prf("pepper/2026a", message) == answer
    one.create("pepper/2026b", Kind.HMAC)
    assert one.prf("pepper/2026b", b"m") != one.prf("pepper/2026a", b"m")


def test_a_file_store_answers_as_hmac_does(tmp_path: Path) -> None:
    store = Zone(tmp_path / "zone").files()
    store.create("pepper/2026a", Kind.HMAC)
    secret = (tmp_path / "zone" / "pepper_2f2026a.key").read_bytes()[5:]
    assert store.prf("pepper/2026a", b"m") == hmac.digest(secret, b"m", "sha256")


def test_a_wrapped_secret_opens_only_whole_and_for_its_own_use(store: KeyStore) -> None:
    store.create(KEK, Kind.AES)
    blob = store.wrap(KEK, b"salt" * 8, b"petition 1")
    assert len(blob) == 12 + 32 + 16
    assert store.unwrap(KEK, blob, b"petition 1") == b"salt" * 8
    assert store.wrap(KEK, b"salt" * 8, b"petition 1") != blob
    for place in (0, 11, 12, 43, 44, len(blob) - 1):
        altered = bytearray(blob)
        altered[place] ^= 1
        assert refusal(store.unwrap, KEK, bytes(altered), b"petition 1") == (
            "wrapped_blob_does_not_open"
        )
    assert refusal(store.unwrap, KEK, blob, b"petition 2") == "wrapped_blob_does_not_open"
    assert refusal(store.unwrap, KEK, blob, b"") == "wrapped_blob_does_not_open"
    assert refusal(store.unwrap, KEK, blob[:27], b"petition 1") == "wrapped_blob_is_too_short"
    assert store.unwrap(KEK, blob, b"petition 1") == b"salt" * 8  # no refusal broke the session


def test_what_one_key_wraps_another_does_not_open(store: KeyStore) -> None:
    other = f"kek/{PETITION[:-1]}0"
    store.create(KEK, Kind.AES)
    store.create(other, Kind.AES)
    blob = store.wrap(KEK, b"salt", b"aad")
    assert refusal(store.unwrap, other, blob, b"aad") == "wrapped_blob_does_not_open"


def test_a_signature_is_ed25519_under_the_public_key(store: KeyStore) -> None:
    store.create("pass-sign", Kind.ED25519)
    key = Ed25519PublicKey.from_public_bytes(store.public("pass-sign"))
    made = store.sign("pass-sign", b"m")
    assert made == store.sign("pass-sign", b"m")  # Ed25519 draws nothing
    key.verify(made, b"m")
    with pytest.raises(InvalidSignature):
        key.verify(made, b"n")


def test_key_ids_of_another_zone_are_refused_by_every_verb(store: KeyStore) -> None:
    for key in ("ask-sign", "promise/2026", "peppery/1", "kekx"):
        for refused in (
            refusal(store.create, key, Kind.HMAC),
            refusal(store.exists, key),
            refusal(store.prf, key, b""),
            refusal(store.wrap, key, b"", b""),
            refusal(store.unwrap, key, b"x" * 40, b""),
            refusal(store.sign, key, b""),
            refusal(store.public, key),
            refusal(store.destroy, key),
            refusal(store.replicas, key),
        ):
            assert refused == "key_id_of_another_zone"
    assert refusal(store.prf, "../pepper/x", b"") == "key_id_is_not_plain"


def test_a_key_of_another_kind_is_refused(store: KeyStore) -> None:
    store.create("pepper/2026a", Kind.HMAC)
    store.create(KEK, Kind.AES)
    store.create("pass-sign", Kind.ED25519)
    kind = "key_is_of_another_kind"
    assert refusal(store.sign, "pepper/2026a", b"m") == kind
    assert refusal(store.wrap, "pepper/2026a", b"m", b"") == kind
    assert refusal(store.prf, KEK, b"m") == kind
    assert refusal(store.prf, "pass-sign", b"m") == kind
    assert refusal(store.public, KEK) == kind
    assert refusal(store.ensure, KEK, Kind.HMAC) == kind


def test_a_key_is_made_once_and_an_absent_one_is_never_made_by_using_it(store: KeyStore) -> None:
    assert refusal(store.prf, "pepper/2026a", b"m") == "key_is_missing"
    assert not store.exists("pepper/2026a")
    assert refusal(store.destroy, "pepper/2026a") == "key_is_missing"
    store.create("pepper/2026a", Kind.HMAC)
    assert store.exists("pepper/2026a")
    before = store.prf("pepper/2026a", b"m")
    assert refusal(store.create, "pepper/2026a", Kind.HMAC) == "key_exists"
    store.ensure("pepper/2026a", Kind.HMAC)
    store.ensure("pepper/2026b", Kind.HMAC)
    assert store.prf("pepper/2026a", b"m") == before
    assert store.exists("pepper/2026b")


def lines_of(note: bytes, name: str, public: bytes) -> list[str]:
    """Lines of a destruction statement whose signature, as a signed note, was checked."""
    text, _, line = note.partition(b"\n\n")
    text += b"\n"
    dash, signer, encoded = line.decode().strip().split(" ")
    assert (dash, signer) == ("—", f"{ORIGIN}/replica/{name}")
    raw = base64.b64decode(encoded)
    assert raw[:4] == hashlib.sha256(f"{signer}\n".encode() + b"\x01" + public).digest()[:4]
    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text)
    return text.decode().splitlines()


def test_destruction_is_signed_by_the_replicas_that_are_named_beforehand(store: KeyStore) -> None:
    store.create(KEK, Kind.AES)
    store.create("pepper/2026a", Kind.HMAC)
    announced = store.replicas(KEK)
    blob = store.wrap(KEK, b"salt", b"")
    statements = store.destroy(KEK)
    assert len(statements) == len(announced) == 1
    for note, (name, public) in zip(statements, announced, strict=True):
        assert lines_of(note, name, public) == [
            "petition-destruction/v1", ORIGIN, PETITION, KEK, name, str(int(AT.timestamp())),
        ]  # fmt: skip
    assert store.replicas(KEK) == announced
    assert refusal(store.unwrap, KEK, blob, b"") == "key_is_missing"
    assert not store.exists(KEK)
    assert store.destroy("pepper/2026a")[0].decode().splitlines()[2] == (
        "00000000-0000-0000-0000-000000000000"
    )


def test_a_destroyed_key_never_comes_back_and_its_statement_stays(zone: Zone) -> None:
    times = iter([AT, AT.replace(hour=13)])
    zone.clock = lambda: next(times)
    store = zone.opened()
    store.create(KEK, Kind.AES)
    first = store.destroy(KEK)
    assert store.destroy(KEK) == zone.opened().destroy(KEK) == first
    for again in (store.create, store.ensure, zone.opened().create):
        assert refusal(again, KEK, Kind.AES) == "key_was_destroyed"
    assert [(each.key, each.state) for each in store.held()] == [(KEK, KeyState.DESTROYED)]


def test_a_key_destroyed_by_one_process_is_gone_for_another_that_used_it(zone: Zone) -> None:
    """The other process holds a handle of the key."""
    one, two = zone.opened(), zone.opened()
    one.create(KEK, Kind.AES)
    blob = two.wrap(KEK, b"salt", b"")
    one.destroy(KEK)
    assert refusal(two.unwrap, KEK, blob, b"") == "key_is_missing"


def test_replica_keys_witness_and_are_neither_made_nor_destroyed(store: KeyStore) -> None:
    ((name, _public),) = store.replicas(KEK)
    assert refusal(store.destroy, f"replica/{name}") == "replica_keys_witness_destruction"
    assert refusal(store.create, f"replica/{name}", Kind.ED25519) == "key_exists"


def test_the_list_names_every_key_with_its_kind_and_no_secret(store: KeyStore) -> None:
    store.create("pepper/2026a", Kind.HMAC)
    store.create(KEK, Kind.AES)
    store.create("pass-sign", Kind.ED25519)
    assert [(each.key, each.kind, each.state) for each in store.held()] == [
        (KEK, Kind.AES, KeyState.IN_USE),
        ("pass-sign", Kind.ED25519, KeyState.IN_USE),
        ("pepper/2026a", Kind.HMAC, KeyState.IN_USE),
    ]


def test_threads_that_share_a_store_get_right_answers(store: KeyStore) -> None:
    store.create("pepper/2026a", Kind.HMAC)
    store.create(KEK, Kind.AES)
    right = store.prf("pepper/2026a", b"m")
    wrong: list[object] = []
    barrier = threading.Barrier(6)

    def work(number: int) -> None:
        barrier.wait()
        for turn in range(20):
            salt = f"{number}.{turn}".encode()
            if store.unwrap(KEK, store.wrap(KEK, salt, b"a"), b"a") != salt:
                wrong.append(salt)
            if store.prf("pepper/2026a", b"m") != right:
                wrong.append("prf")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_two_processes_that_create_the_same_key_make_one(zone: Zone) -> None:
    store = zone.opened()
    token = zone.token
    asked = {
        "folder": str(zone.folder),
        "token": {"module": token.module, "label": token.label, "pin": token.pin}
        if token
        else None,
    }
    others = [
        subprocess.Popen(
            [sys.executable, "-c", ANOTHER, json.dumps(asked)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        for _ in range(2)
    ]  # fmt: skip
    for other in others:
        assert other.stdout is not None and other.stdout.readline() == "ready\n"
    told = [other.communicate("go\n")[0].split() for other in others]
    assert sorted(each[0] for each in told) == ["key_exists", "made"]
    assert {each[1] for each in told} == {store.prf("pepper/raced", b"m").hex()}
