"""The key store of one zone: who may read it, who may use it, and how a key ends."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from identity.errors import KeyRefused
from identity.keyring import FileKeyStore, Kind, file_name

ZONE = frozenset({"pepper", "kek/", "log", "pass-sign"})
PETITION = "00112233-4455-6677-8899-aabbccddeeff"
KEK = f"kek/{PETITION}"
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "zone"


@pytest.fixture
def store(directory: Path) -> FileKeyStore:
    return FileKeyStore(directory, prefixes=ZONE)


def refusal(what: object, *args: object) -> str:
    with pytest.raises(KeyRefused) as caught:
        what(*args)  # type: ignore[operator]
    return caught.value.reason


def test_a_key_file_is_magic_kind_and_secret_for_its_owner_only(
    store: FileKeyStore, directory: Path
) -> None:
    store.create("pepper/2026a", Kind.HMAC)
    file = directory / "pepper_2f2026a.key"
    content = file.read_bytes()
    assert (content[:5], len(content)) == (b"PKS1\x01", 37)
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert oct(directory.stat().st_mode)[-3:] == "700"


def test_each_verb_answers_as_its_standard_says(store: FileKeyStore, directory: Path) -> None:
    store.create("pepper/2026a", Kind.HMAC)
    secret = (directory / "pepper_2f2026a.key").read_bytes()[5:]
    assert store.prf("pepper/2026a", b"m") == hmac.digest(secret, b"m", "sha256")
    store.create(KEK, Kind.AES)
    blob = store.wrap(KEK, b"salt" * 8, b"aad")
    assert len(blob) == 12 + 32 + 16
    assert store.unwrap(KEK, blob, b"aad") == b"salt" * 8
    store.create("pass-sign", Kind.ED25519)
    key = Ed25519PublicKey.from_public_bytes(store.public("pass-sign"))
    key.verify(store.sign("pass-sign", b"m"), b"m")
    with pytest.raises(InvalidSignature):
        key.verify(store.sign("pass-sign", b"m"), b"n")


def test_a_wrapped_secret_opens_nowhere_else(store: FileKeyStore) -> None:
    store.create(KEK, Kind.AES)
    other = f"kek/{PETITION[:-1]}0"
    store.create(other, Kind.AES)
    blob = store.wrap(KEK, b"salt", b"petition 1")
    assert refusal(store.unwrap, KEK, blob, b"petition 2") == "wrapped_blob_does_not_open"
    assert refusal(store.unwrap, other, blob, b"petition 1") == "wrapped_blob_does_not_open"
    assert (
        refusal(store.unwrap, KEK, blob[:-1] + b"x", b"petition 1") == "wrapped_blob_does_not_open"
    )
    assert refusal(store.unwrap, KEK, b"short", b"petition 1") == "wrapped_blob_is_too_short"


def test_a_store_refuses_key_ids_of_another_zone(store: FileKeyStore) -> None:
    for key in ("ask-sign", "promise/2026", "peppery/1", "kekx", "state/2026-01-01"):
        assert refusal(store.create, key, Kind.HMAC) == "key_id_of_another_zone"
        assert refusal(store.exists, key) == "key_id_of_another_zone"


@pytest.mark.parametrize(
    "key",
    ["", "../pepper/x", "pepper/../x", "pepper//x", "pepper/", "pepper/\0", "pepper/" + "a" * 99],
)
def test_a_key_id_is_never_a_path(store: FileKeyStore, key: str) -> None:
    assert refusal(store.create, key, Kind.HMAC) == "key_id_is_not_plain"


@given(st.text(max_size=12), st.text(max_size=12))
def test_file_names_are_injective_and_fold_no_case(one: str, two: str) -> None:
    names = file_name(one), file_name(two)
    assert (names[0] == names[1]) == (one == two)
    assert names[0] == names[0].lower()
    assert "/" not in names[0]


def test_a_key_serves_one_purpose(store: FileKeyStore) -> None:
    store.create("pepper/2026a", Kind.HMAC)
    assert refusal(store.sign, "pepper/2026a", b"m") == "key_is_of_another_kind"
    assert refusal(store.wrap, "pepper/2026a", b"m", b"") == "key_is_of_another_kind"


def test_a_missing_key_is_refused_not_made(store: FileKeyStore) -> None:
    assert refusal(store.prf, "pepper/none", b"m") == "key_is_missing"
    assert store.exists("pepper/none") is False
    assert refusal(store.destroy, "pepper/none") == "key_is_missing"


def test_a_key_is_created_once(store: FileKeyStore) -> None:
    store.create("pepper/2026a", Kind.HMAC)
    before = store.prf("pepper/2026a", b"m")
    assert refusal(store.create, "pepper/2026a", Kind.HMAC) == "key_exists"
    assert store.prf("pepper/2026a", b"m") == before
    store.ensure("pepper/2026a", Kind.HMAC)
    assert store.prf("pepper/2026a", b"m") == before
    assert refusal(store.ensure, "pepper/2026a", Kind.AES) == "key_is_of_another_kind"
    store.ensure("pepper/2026b", Kind.HMAC)
    assert store.exists("pepper/2026b")


def test_creation_raced_by_many_makes_one_key(directory: Path) -> None:
    """Each thread has a store of its own, as each process would."""
    barrier = threading.Barrier(8)
    made: list[bool] = []
    answers: list[bytes] = []

    def race() -> None:
        own = FileKeyStore(directory, prefixes=ZONE)
        barrier.wait()
        try:
            own.create("pepper/2026a", Kind.HMAC)
            made.append(True)
        except KeyRefused as refused:
            assert refused.reason == "key_exists"
        answers.append(own.prf("pepper/2026a", b"m"))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [True]
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert not list(directory.glob("*.draft"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_file_open_to_others_is_refused_at_start_and_at_use(
    store: FileKeyStore, directory: Path, mode: int
) -> None:
    store.create("pepper/2026a", Kind.HMAC)
    (directory / "pepper_2f2026a.key").chmod(mode)
    assert refusal(store.prf, "pepper/2026a", b"m") == "key_file_is_open_to_others"
    with pytest.raises(KeyRefused):
        FileKeyStore(directory, prefixes=ZONE)


def test_a_directory_open_to_others_is_refused(directory: Path) -> None:
    directory.mkdir()
    directory.chmod(0o755)
    with pytest.raises(KeyRefused, match="key_directory_is_open_to_others"):
        FileKeyStore(directory, prefixes=ZONE)


def test_a_key_of_another_owner_is_refused(
    store: FileKeyStore, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create("pepper/2026a", Kind.HMAC)
    other = os.geteuid() + 1  # only root could give a file away, so we become somebody else
    monkeypatch.setattr(os, "geteuid", lambda: other)
    assert refusal(store.prf, "pepper/2026a", b"m") == "key_file_has_another_owner"
    with pytest.raises(KeyRefused, match="key_directory_has_another_owner"):
        FileKeyStore(directory, prefixes=ZONE)


def test_a_link_in_the_place_of_a_key_is_refused(store: FileKeyStore, directory: Path) -> None:
    store.create("pepper/2026a", Kind.HMAC)
    (directory / "pepper_2f2026b.key").symlink_to(directory / "pepper_2f2026a.key")
    assert refusal(store.prf, "pepper/2026b", b"m") == "key_file_cannot_be_read"


def test_a_damaged_key_file_is_refused(store: FileKeyStore, directory: Path) -> None:
    store.create("pepper/2026a", Kind.HMAC)
    file = directory / "pepper_2f2026a.key"
    for content in (b"", b"PKS2" + file.read_bytes()[4:], file.read_bytes()[:-1]):
        file.write_bytes(content)
        assert refusal(store.prf, "pepper/2026a", b"m") == "key_file_is_damaged"


def check_statement(note: bytes, store: FileKeyStore, replica: str, origin: str) -> list[str]:
    """The lines of a destruction statement, after its signature was checked as a signed note."""
    text, _, line = note.partition(b"\n\n")
    text += b"\n"
    dash, name, encoded = line.decode().strip().split(" ")
    assert (dash, name) == ("—", f"{origin}/replica/{replica}")
    raw = base64.b64decode(encoded)
    public = store.public(f"replica/{replica}")
    assert raw[:4] == hashlib.sha256(f"{name}\n".encode() + b"\x01" + public).digest()[:4]
    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text)
    return text.decode().splitlines()


def test_destroying_gives_one_signed_statement_per_replica(tmp_path: Path) -> None:
    places = {"vault": tmp_path / "vault", "bunker": tmp_path / "bunker"}
    store = FileKeyStore(
        tmp_path / "main",
        prefixes=ZONE,
        replicas=places,
        origin="petitions.example.org/2026",
        clock=lambda: AT,
    )
    store.create(KEK, Kind.AES)
    files = [place / f"kek_2f{PETITION}.key" for place in (tmp_path / "main", *places.values())]
    assert len({file.read_bytes() for file in files}) == 1
    statements = store.destroy(KEK)
    assert not any(file.exists() for file in files)
    for statement, replica in zip(statements, ("main", "vault", "bunker"), strict=True):
        origin = "petitions.example.org/2026"
        assert check_statement(statement, store, replica, origin) == [
            "petition-destruction/v1", origin, PETITION, KEK, replica, str(int(AT.timestamp())),
        ]  # fmt: skip
    assert refusal(store.unwrap, KEK, b"x" * 40, b"") == "key_is_missing"
    assert store.exists(KEK) is False


def test_destroying_twice_gives_the_same_statements(tmp_path: Path) -> None:
    times = iter([AT, AT.replace(hour=13)])
    store = FileKeyStore(tmp_path / "main", prefixes=ZONE, origin="o", clock=lambda: next(times))
    store.create(KEK, Kind.AES)
    assert store.destroy(KEK) == store.destroy(KEK)


def test_destroying_goes_on_after_a_crash_between_two_replicas(tmp_path: Path) -> None:
    main, vault = tmp_path / "main", tmp_path / "vault"
    store = FileKeyStore(main, prefixes=ZONE, replicas={"vault": vault}, origin="o")
    store.create(KEK, Kind.AES)
    (main / f"kek_2f{PETITION}.key").rename(main / f"kek_2f{PETITION}.dying")
    assert store.exists(KEK) is False  # nobody can use it any more
    assert len(store.destroy(KEK)) == 2
    left = {path.suffix for place in (main, vault) for path in place.glob("kek*")}
    assert left == {".gone"}


def test_a_destroyed_key_never_comes_back(store: FileKeyStore) -> None:
    store.create(KEK, Kind.AES)
    store.destroy(KEK)
    assert refusal(store.create, KEK, Kind.AES) == "key_was_destroyed"


def test_the_statement_of_a_pepper_names_no_petition(store: FileKeyStore) -> None:
    store.create("pepper/2026a", Kind.HMAC)
    lines = store.destroy("pepper/2026a")[0].decode().splitlines()
    assert lines[2] == "00000000-0000-0000-0000-000000000000"


def test_replica_keys_witness_and_are_not_destroyed(store: FileKeyStore) -> None:
    assert refusal(store.destroy, "replica/main") == "replica_keys_witness_destruction"
    assert refusal(store.public, "replica/other") == "replica_is_not_named"


def test_creation_that_fails_on_one_replica_leaves_none(tmp_path: Path) -> None:
    main, vault = tmp_path / "main", tmp_path / "vault"
    store = FileKeyStore(main, prefixes=ZONE, replicas={"vault": vault})
    (vault / f"kek_2f{PETITION}.key").write_bytes(b"left over")
    assert refusal(store.create, KEK, Kind.AES) == "key_exists_on_one_replica_only"
    assert not (main / f"kek_2f{PETITION}.key").exists()
