"""Keys in a PKCS#11 token: nothing comes out, a lost session comes back, a strange token is refused."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, MechanismFlag

from identity.errors import KeyRefused
from identity.key_rules import KeyState, Kind
from identity.keyring import FileKeyStore
from identity.pkcs11 import NEEDED, SIGNING, Nonces, Token, probe_nonces, seal, unseal
from identity.pkcs11_store import Pkcs11KeyStore
from tests import softhsm
from tests.identity.key_zones import AT, KEK, ORIGIN, PREFIXES, Zone
from tests.softhsm import SoftToken

FORKING = """
import json, os, sys
from pathlib import Path
from tests.identity.key_zones import Zone
from tests.softhsm import SoftToken
asked = json.loads(sys.argv[1])
store = Zone(Path(asked["folder"]), SoftToken(**asked["token"])).opened()
right = store.prf("pepper/p1", b"m")
child = os.fork()
if child == 0:
    os._exit(0 if store.prf("pepper/p1", b"m") == right else 7)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
assert store.prf("pepper/p1", b"m") == right
sys.exit(status)
"""


@pytest.fixture
def zone(tmp_path: Path, new_token: Callable[[str], SoftToken]) -> Zone:
    return Zone(tmp_path / "zone", new_token(secrets.token_hex(12)))


@pytest.fixture
def store(zone: Zone) -> Pkcs11KeyStore:
    return zone.in_token()


def token_of(zone: Zone, pin: str | None = None) -> Token:
    assert zone.token is not None
    used = pin or zone.token.pin
    return Token(zone.token.module, zone.token.label, lambda: used)


def objects(zone: Zone, label: str) -> list[Any]:
    return token_of(zone).run(lambda s: list(s.get_objects({Attribute.LABEL: label})))


def refusal(what: Callable[..., object], *args: object, **named: object) -> tuple[str, str]:
    with pytest.raises(KeyRefused) as caught:
        what(*args, **named)
    return caught.value.reason, caught.value.where


def test_a_missing_softhsm_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert softhsm.find().endswith("libsofthsm2.so")
    monkeypatch.setattr(softhsm, "_LIBRARIES", ())
    with pytest.raises(softhsm.SoftHsmMissingError, match="apt install softhsm2"):
        softhsm.find()


# --- nothing comes out -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "kind"), [("pepper/p1", Kind.HMAC), (KEK, Kind.AES), ("pass-sign", Kind.ED25519)]
)
def test_no_key_can_be_read_out_of_the_token(
    zone: Zone, store: Pkcs11KeyStore, key: str, kind: Kind
) -> None:
    store.create(key, kind)
    secret = next(
        each
        for each in objects(zone, f"zone/{key}")
        if each.object_class != pkcs11.ObjectClass.PUBLIC_KEY
    )
    assert secret[Attribute.EXTRACTABLE] is False
    assert secret[Attribute.SENSITIVE] is True
    assert secret[Attribute.PRIVATE] is True
    assert secret[Attribute.LOCAL] is True  # made inside, it was never anywhere else
    with pytest.raises(pkcs11.AttributeSensitive):
        secret[Attribute.VALUE]
    assert not list(zone.folder.glob("pepper*")) + list(zone.folder.glob("kek*"))


def test_a_key_that_could_be_read_out_is_not_used(zone: Zone, store: Pkcs11KeyStore) -> None:
    token_of(zone).run(
        lambda s: s.generate_key(
            KeyType.GENERIC_SECRET,
            256,
            label="zone/pepper/p1",
            store=True,
            capabilities=MechanismFlag.SIGN,
            template={Attribute.EXTRACTABLE: True, Attribute.SENSITIVE: False},
        )
    )
    assert refusal(store.prf, "pepper/p1", b"m") == ("key_token_lets_keys_out", "zone/pepper/p1")


def test_two_keys_of_one_name_are_refused_rather_than_guessed_at(
    zone: Zone, store: Pkcs11KeyStore
) -> None:
    store.create("pepper/p1", Kind.HMAC)
    token_of(zone).run(
        lambda s: s.generate_key(
            KeyType.GENERIC_SECRET, 256, label="zone/pepper/p1", store=True,
            capabilities=MechanismFlag.SIGN,
        )
    )  # fmt: skip
    assert refusal(zone.in_token().prf, "pepper/p1", b"m")[0] == "key_is_there_twice"


def test_two_zones_in_one_token_do_not_see_each_others_keys(zone: Zone, tmp_path: Path) -> None:
    one = zone.in_token(label="one/")
    other = Zone(tmp_path / "other", zone.token).in_token(label="other/")
    one.create("pepper/p1", Kind.HMAC)
    assert not other.exists("pepper/p1")
    other.create("pepper/p1", Kind.HMAC)
    assert one.prf("pepper/p1", b"m") != other.prf("pepper/p1", b"m")
    one.destroy("pepper/p1")
    assert other.exists("pepper/p1")
    assert [each.key for each in other.held()] == ["pepper/p1"]


# --- sessions ----------------------------------------------------------------------------------


def test_a_lost_session_is_opened_again(zone: Zone, store: Pkcs11KeyStore) -> None:
    assert zone.token is not None
    store.create("pepper/p1", Kind.HMAC)
    store.create(KEK, Kind.AES)
    right, blob = store.prf("pepper/p1", b"m"), store.wrap(KEK, b"salt", b"")
    pkcs11.lib(zone.token.module).reinitialize()  # every session of the process ends
    assert store.prf("pepper/p1", b"m") == right
    pkcs11.lib(zone.token.module).finalize()
    assert store.unwrap(KEK, blob, b"") == b"salt"


def test_a_logged_out_session_does_not_make_keys_look_absent(
    zone: Zone, store: Pkcs11KeyStore
) -> None:
    """Without a login private objects are invisible: "absent" would let a second key be made."""
    store.create("pepper/p1", Kind.HMAC)
    other = zone.in_token()

    def log_out(session: Any) -> None:
        session.close()  # C_Logout ends the login of the whole process

    right = store.prf("pepper/p1", b"m")
    other._token.run(log_out)
    store._token.found.clear()
    assert store.exists("pepper/p1")
    assert store.prf("pepper/p1", b"m") == right
    assert refusal(other.create, "pepper/p1", Kind.HMAC)[0] == "key_exists"


def test_a_failing_token_is_asked_twice_and_no_more(zone: Zone) -> None:
    token, asked = token_of(zone), list[int]()

    def failing(_session: Any, times: int) -> str:
        asked.append(1)
        if len(asked) <= times:
            raise pkcs11.exceptions.DeviceError
        return "answer"

    token.run(lambda session: session)
    assert token.run(lambda session: failing(session, 1)) == "answer"
    asked.clear()
    assert refusal(token.run, lambda session: failing(session, 9)) == (
        "key_token_failed", "DeviceError",
    )  # fmt: skip
    assert len(asked) == 2


def test_a_wrong_pin_is_tried_once_and_never_again(zone: Zone) -> None:
    """Tokens lock after a few wrong tries, and a web server tries with every login."""
    assert zone.token is not None
    given: list[str] = []

    def pin() -> str:
        given.append("0000-0000")
        return given[-1]

    token = Token(zone.token.module, zone.token.label, pin)
    for _ in range(3):
        assert refusal(token.run, lambda session: session) == (
            "key_token_refuses_the_pin", zone.token.label,
        )  # fmt: skip
    assert len(given) == 1


def test_a_token_or_module_that_is_not_there_is_named(zone: Zone, tmp_path: Path) -> None:
    assert zone.token is not None
    absent = Token(zone.token.module, "nobody", lambda: "0000")
    assert refusal(absent.run, lambda session: session) == ("key_token_is_missing", "nobody")
    nowhere = str(tmp_path / "nowhere.so")
    unloaded = Token(nowhere, "x", lambda: "0000")
    assert refusal(unloaded.run, lambda session: session) == (
        "key_module_cannot_be_loaded",
        nowhere,
    )


def test_a_forked_process_opens_a_session_of_its_own(zone: Zone, store: Pkcs11KeyStore) -> None:
    assert zone.token is not None
    store.create("pepper/p1", Kind.HMAC)
    token = {"module": zone.token.module, "label": zone.token.label, "pin": zone.token.pin}
    done = subprocess.run(
        [sys.executable, "-c", FORKING, json.dumps({"folder": str(zone.folder), "token": token})],
        cwd=Path(__file__).resolve().parents[2], check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0


# --- tokens that are not what they should be ---------------------------------------------------


def test_a_token_that_lost_its_keys_is_refused_and_gets_no_new_ones(
    zone: Zone, store: Pkcs11KeyStore
) -> None:
    store.create("pepper/p1", Kind.HMAC)
    token_of(zone).run(lambda s: [each.destroy() for each in s.get_objects()])
    assert zone.token is not None
    assert refusal(zone.in_token, make=False) == ("key_token_has_no_zone", zone.token.label)
    assert refusal(zone.in_token, make=True) == ("key_token_has_lost_its_keys", zone.token.label)


def test_a_zone_is_begun_by_making_it_and_not_by_starting(zone: Zone) -> None:
    zone.files()
    assert refusal(zone.in_token, make=False)[0] == "key_place_is_missing"
    zone.in_token(make=True)
    assert zone.in_token(make=False).nonces is Nonces.OURS  # as SoftHSM does it


class Lacking(Token):
    """The same token, made by somebody who left mechanisms out."""

    lacks: tuple[Mechanism, ...] = ()

    def can(self, mechanisms: tuple[Mechanism, ...]) -> bool:
        return not set(mechanisms) & set(self.lacks) and super().can(mechanisms)


def lacking(zone: Zone, *mechanisms: Mechanism) -> Pkcs11KeyStore:
    assert zone.token is not None
    pin = zone.token.pin
    token = Lacking(zone.token.module, zone.token.label, lambda: pin)
    token.lacks = mechanisms
    return Pkcs11KeyStore(
        token, zone.files(), prefixes=PREFIXES, label="zone/", origin=ORIGIN, clock=zone.clock
    )


@pytest.mark.parametrize("mechanism", NEEDED)
def test_a_token_without_a_needed_mechanism_is_refused_by_its_name(
    zone: Zone, mechanism: Mechanism
) -> None:
    told = ("key_token_lacks_a_mechanism", f"CKM_{mechanism.name}")
    assert refusal(lacking, zone, mechanism) == told


def test_without_ed25519_in_the_token_signing_keys_are_files_and_they_witness(zone: Zone) -> None:
    store = lacking(zone, *SIGNING)
    assert store.signs is False
    store.create("pass-sign", Kind.ED25519)
    store.ensure("log/2026", Kind.ED25519)
    store.create(KEK, Kind.AES)
    assert (zone.folder / "pass-sign.key").exists()
    assert store.sign("pass-sign", b"m") == zone.files().sign("pass-sign", b"m")
    ((name, public),) = store.replicas(KEK)
    assert (name, public) == ("zone", zone.files().public("replica/zone"))
    (statement,) = store.destroy(KEK)
    assert f"— {ORIGIN}/replica/zone ".encode() in statement
    kinds = {each.key: each.state for each in store.held()}
    assert kinds == {
        KEK: KeyState.DESTROYED, "log/2026": KeyState.IN_USE, "pass-sign": KeyState.IN_USE,
    }  # fmt: skip


def test_keys_made_in_files_stay_there_until_they_end(zone: Zone) -> None:
    """A site that buys a token later: petitions under way keep their pepper and their key."""
    before: FileKeyStore = zone.files()
    before.create("pepper/p1", Kind.HMAC)
    before.create(KEK, Kind.AES)
    right, blob = before.prf("pepper/p1", b"m"), before.wrap(KEK, b"salt", b"")
    store = zone.in_token()
    assert store.prf("pepper/p1", b"m") == right
    assert store.unwrap(KEK, blob, b"") == b"salt"
    store.create("pepper/p2", Kind.HMAC)
    assert not zone.files().exists("pepper/p2")
    assert refusal(store.create, KEK, Kind.AES)[0] == "key_exists"
    assert store.replicas(KEK) == before.replicas(KEK) != store.replicas("pepper/p2")
    store.destroy(KEK)
    assert not list(zone.folder.glob("kek*.key"))
    assert refusal(store.create, KEK, Kind.AES)[0] == "key_was_destroyed"


def test_a_destruction_that_was_interrupted_in_the_token_is_finished(
    zone: Zone, store: Pkcs11KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create(KEK, Kind.AES)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("identity.pkcs11_store.statement", die)
    with pytest.raises(KeyboardInterrupt):
        store.destroy(KEK)
    monkeypatch.undo()
    again = zone.in_token(make=False)
    assert not again.exists(KEK)
    assert refusal(again.create, KEK, Kind.AES)[0] == "key_was_destroyed"
    (statement,) = again.destroy(KEK)
    assert str(int(AT.timestamp())) in statement.decode()
    assert again.destroy(KEK) == [statement]


# --- who chooses the nonce ---------------------------------------------------------------------


class GcmKey:
    """An AES key of a token, as far as the nonce goes: `choose` is what the token makes of ours."""

    def __init__(self, choose: Callable[[bytes], bytes]) -> None:
        self._cipher = AESGCM(secrets.token_bytes(32))
        self._choose = choose

    def encrypt(self, plain: bytes, *, mechanism: Mechanism, mechanism_param: GCMParams) -> bytes:
        assert mechanism is Mechanism.AES_GCM
        mechanism_param.nonce = self._choose(mechanism_param.nonce)
        return self._cipher.encrypt(mechanism_param.nonce, plain, mechanism_param.aad)

    def decrypt(self, sealed: bytes, *, mechanism: Mechanism, mechanism_param: GCMParams) -> bytes:
        assert mechanism is Mechanism.AES_GCM
        return self._cipher.decrypt(mechanism_param.nonce, sealed, mechanism_param.aad)


def only_zeros(nonce: bytes) -> bytes:
    """A token in FIPS mode: it draws the nonce itself and refuses any other."""
    if any(nonce):
        raise pkcs11.MechanismParamInvalid
    return secrets.token_bytes(12)


def always_the_same(_nonce: bytes) -> bytes:
    return b"\x01" * 12


def never(_nonce: bytes) -> bytes:
    raise pkcs11.MechanismParamInvalid


@pytest.mark.parametrize(
    ("choose", "found"),
    [
        (lambda nonce: nonce, Nonces.OURS),
        (lambda _nonce: secrets.token_bytes(12), Nonces.OURS),  # overwrites what it is given
        (only_zeros, Nonces.THE_TOKENS),
        (always_the_same, None),  # a repeated nonce gives GCM's key away
        (never, None),
    ],
)
def test_the_probe_finds_out_who_chooses_the_nonce(
    choose: Callable[[bytes], bytes], found: Nonces | None
) -> None:
    key = GcmKey(choose)
    assert probe_nonces(key) is found
    if found:
        blob = seal(key, found, b"salt", b"aad")
        assert len(blob) == 12 + 4 + 16
        assert unseal(key, blob, b"aad") == b"salt"


def test_a_token_whose_nonces_are_of_no_use_is_refused(
    zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("identity.pkcs11_store.probe_nonces", lambda _key: None)
    assert refusal(zone.in_token)[0] == "key_token_has_no_gcm_nonce"
