"""The objects of one zone inside a token: found by label, made so that they cannot be read out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass, PKCS11Error

from identity.errors import KeyRefused
from identity.key_rules import Kind
from identity.pkcs11 import Token, ZoneVanishedError

T = TypeVar("T")
PROBE = ".probe"  # no key id begins with a dot
_KINDS = {
    KeyType.GENERIC_SECRET: Kind.HMAC,
    KeyType.AES: Kind.AES,
    KeyType.EC_EDWARDS: Kind.ED25519,
}
# both spellings of the curve are in use: its name (PKCS#11 3.0) and its object identifier
_CURVES = (b"\x13\x0cedwards25519", b"\x06\x03\x2b\x65\x70")
_INSIDE = {
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
}
_SECRET_CLASSES = {ObjectClass.SECRET_KEY, ObjectClass.PRIVATE_KEY}


class Drawer:
    """Every label of the zone begins with `label`. KeyRefused on every refusal."""

    def __init__(self, token: Token, label: str) -> None:
        self._token = token
        self._label = label

    def use(self, key: str, kind: Kind, work: Callable[[Any], T]) -> T:
        """Hand the key's object to `work`, which may be repeated in a new session."""

        def in_session(session: Any) -> T:
            found = self._find(session, key)
            if found is None:
                raise KeyRefused("key_is_missing", key)
            if _KINDS.get(found.key_type) is not kind:
                raise KeyRefused("key_is_of_another_kind", key)
            return work(found)

        return self._token.run(in_session)

    def there(self, key: str) -> bool:
        return self._token.run(lambda session: self._find(session, key) is not None)

    def public(self, key: str) -> bytes:
        """Ed25519, 32 bytes."""
        self.use(key, Kind.ED25519, lambda found: found)
        return self._token.run(lambda session: _point(self._objects(session, key)))

    def begun(self) -> bool:
        return bool(self._token.run(lambda session: self._objects(session, PROBE)))

    def generate(self, key: str, kind: Kind) -> None:
        """A random key made inside. The caller makes sure that there is none of this name."""

        def in_session(session: Any) -> None:
            if self._secrets(session, key):
                return  # made by the attempt before, whose answer was lost
            label = f"{self._label}{key}"
            if kind is Kind.ED25519:
                _make_pair(session, label)
            else:
                _make_secret(session, label, kind)

        self._token.run(in_session)
        self._token.run(lambda session: self._find(session, key))

    def destroy(self, key: str) -> None:
        """C_DestroyObject on whatever bears the label; returns only when nothing does."""

        def in_session(session: Any) -> None:
            self._token.found.pop(f"{self._label}{key}", None)
            for each in self._objects(session, key):
                each.destroy()
            if self._objects(session, key):
                raise KeyRefused("key_token_does_not_destroy", key)

        self._token.run(in_session)

    def contents(self) -> list[tuple[str, Kind | None]]:
        def in_session(session: Any) -> list[tuple[str, Kind | None]]:
            listed = []
            for each in list(session.get_objects()):
                if each.object_class in _SECRET_CLASSES and each.label.startswith(self._label):
                    key = each.label.removeprefix(self._label)
                    listed.append((key, _KINDS.get(each.key_type)))
            return sorted(listed, key=lambda one: one[0])

        return [each for each in self._token.run(in_session) if each[0] != PROBE]

    def _objects(self, session: Any, key: str) -> list[Any]:
        # a lost session shows here; python-pkcs11 would tell it of a search on stderr as well
        session.generate_random(64)
        return list(session.get_objects({Attribute.LABEL: f"{self._label}{key}"}))

    def _secrets(self, session: Any, key: str) -> list[Any]:
        found = self._objects(session, key)
        return [each for each in found if each.object_class in _SECRET_CLASSES]

    def _find(self, session: Any, key: str) -> Any:
        """The object, or None. A logged-out session sees no private object, so an absent key

        counts only where the zone's own probe key can be seen.
        """
        label = f"{self._label}{key}"
        if label in self._token.found:
            return self._token.found[label]
        found = self._secrets(session, key)
        if len(found) > 1:
            raise KeyRefused("key_is_there_twice", label)
        if not found:
            if key == PROBE or not self._objects(session, PROBE):
                raise ZoneVanishedError
            return None
        if found[0][Attribute.EXTRACTABLE] or not found[0][Attribute.SENSITIVE]:
            raise KeyRefused("key_token_lets_keys_out", label)
        self._token.found[label] = found[0]
        return found[0]


def _make_secret(session: Any, label: str, kind: Kind) -> None:
    hmac = kind is Kind.HMAC
    session.generate_key(
        KeyType.GENERIC_SECRET if hmac else KeyType.AES,
        256,
        label=label,
        store=True,
        mechanism=Mechanism.GENERIC_SECRET_KEY_GEN if hmac else Mechanism.AES_KEY_GEN,
        capabilities=(
            MechanismFlag.SIGN if hmac else MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT
        ),
        template=_INSIDE,
    )


def _make_pair(session: Any, label: str) -> None:
    for curve in _CURVES:
        parameters = session.create_domain_parameters(
            KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: curve}, local=True
        )
        try:
            public, private = parameters.generate_keypair(
                mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                label=label,
                store=True,
                private_template=_INSIDE,
            )
        except PKCS11Error:
            if curve == _CURVES[-1]:
                raise
            continue
        try:
            made = bytes(private.sign(b"probe", mechanism=Mechanism.EDDSA))
            Ed25519PublicKey.from_public_bytes(_point([public])).verify(made, b"probe")
        except InvalidSignature as error:
            private.destroy()
            public.destroy()
            raise KeyRefused("key_token_lacks_a_mechanism", "Ed25519 (RFC 8032)") from error
        return


def _point(objects: list[Any]) -> bytes:
    """The public key's 32 bytes; tokens give them bare or as an OCTET STRING."""
    for each in objects:
        if each.object_class == ObjectClass.PUBLIC_KEY:
            return bytes(each[Attribute.EC_POINT])[-32:]
    raise KeyRefused("key_is_missing")
