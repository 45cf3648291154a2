"""Peppers change, people do not: a petition keeps the version it was opened with, until it is sealed."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import Engine, select

from identity.errors import KeyRefused
from identity.pseudonym import identity_value
from petitions import border, doctor
from petitions.finding import Advice
from petitions.ledger.commitments import commitment as commitment_of
from petitions.ledger.entries import EntryType
from petitions.platform.config import Tokens, TokenZone
from petitions.services import peppers, signing
from petitions.services.salts import unwrap
from petitions.services.signing import Act, AlreadySigned, Signed
from petitions.storage.tables import PetitionSigning
from tests.house import Precinct, a_precinct
from tests.softhsm import SoftToken

PERSON = b"the person key of somebody"


def login(precinct: Precinct, petition: UUID, kid: str | None = None) -> Act:
    """A finished login: u under the pepper of the petition, as the request token names it."""
    people = border.identity_keys(precinct.settings)
    with precinct.session() as session:
        row = session.get_one(PetitionSigning, petition)
    pepper = f"pepper/{kid or row.kid}"
    u = identity_value(
        lambda message: people.prf(pepper, message),
        deployment=precinct.settings.site.deployment,
        realm=row.realm,
        context=petition.bytes,
        namespace="people",
        key=PERSON,
    )
    origin = f"{precinct.house.policy.deployment}/{precinct.clock.at.year}"
    return Act(
        petition_id=petition,
        u=u,
        jti=secrets.token_bytes(16),
        jti_expires=precinct.clock.at + timedelta(minutes=10),
        commitment=commitment_of(origin, petition, secrets.token_bytes(32)),
    )


def sign(precinct: Precinct, act: Act) -> Signed | AlreadySigned:
    with precinct.session() as session:
        keys = unwrap(session, precinct.house, act.petition_id)
        return signing.sign(session, precinct.house, keys, act, precinct.clock.at)


def rotate(precinct: Precinct, kid: str) -> list[str]:
    """What the operator does: name the new version, `petitions keys init`, restart."""
    keys = msgspec.structs.replace(precinct.settings.keys, pepper=kid)
    precinct.settings = msgspec.structs.replace(precinct.settings, keys=keys)
    made = border.make_keys(precinct.settings)
    policy = replace(precinct.house.policy, kid=kid)
    precinct.house = replace(
        precinct.house, policy=policy, keys=border.petition_keys(precinct.settings, with_log=True)
    )
    return made


def told_by_doctor(precinct: Precinct) -> list[str]:
    found = doctor._keys(precinct.settings)
    return [each for each in found if not isinstance(each, Advice)]


def test_after_a_rotation_an_open_petition_still_knows_who_signed(precinct: Precinct) -> None:
    old = precinct.publish()
    assert isinstance(sign(precinct, login(precinct, old)), Signed)
    assert rotate(precinct, "p2") == ["pepper/p2"]
    new = precinct.publish()
    with precinct.session() as session:
        kids = dict(session.execute(select(PetitionSigning.petition_id, PetitionSigning.kid)).all())
    assert kids == {old: "p1", new: "p2"}
    assert isinstance(sign(precinct, login(precinct, old)), AlreadySigned)
    assert isinstance(sign(precinct, login(precinct, new)), Signed)
    assert isinstance(sign(precinct, login(precinct, new)), AlreadySigned)
    # the version is what makes the person: under the new one the old petition would not know them
    assert login(precinct, old).u != login(precinct, old, "p2").u


def test_a_pepper_goes_only_when_no_unsealed_petition_is_pinned_to_it(
    precinct: Precinct, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = precinct.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("PETITIONS_DATABASE_URI", uri)
    old = precinct.publish()
    sign(precinct, login(precinct, old))
    rotate(precinct, "p2")
    with precinct.session() as session:
        assert peppers.unused(session, precinct.house) == []
    people = border.identity_keys(precinct.settings)
    people.destroy("pepper/p1")  # what nobody may do by hand
    with pytest.raises(KeyRefused, match="key_is_missing"):
        login(precinct, old)
    assert any("pepper/p1 is missing and petitions need it" in s for s in told_by_doctor(precinct))


@pytest.fixture
def with_tokens(tmp_path: Path, engine: Engine, new_token: Callable[[str], SoftToken]) -> Precinct:
    """Keys of the three zones in three tokens, each behind a PIN of its own file."""
    precinct = a_precinct(tmp_path, engine, batch_min=1)
    pin = tmp_path / "pin"
    pin.touch(mode=0o600)
    zones = {}
    for zone in ("identity", "petitions", "log"):
        token = new_token(secrets.token_hex(12))
        pin.write_text(token.pin)
        zones[zone] = TokenZone(token=token.label, pin_file=str(pin))
    keys = msgspec.structs.replace(
        precinct.settings.keys,
        directory=str(tmp_path / "beside the tokens"),
        backend="pkcs11",
        tokens=Tokens(module=token.module, **zones),
    )
    precinct.settings = msgspec.structs.replace(precinct.settings, keys=keys)
    rotate(precinct, "p1")
    return precinct


def test_a_parliament_whose_keys_are_in_tokens_counts_each_person_once(
    with_tokens: Precinct,
) -> None:
    precinct = with_tokens
    petition = precinct.publish()
    assert isinstance(sign(precinct, login(precinct, petition)), Signed)
    assert isinstance(sign(precinct, login(precinct, petition)), AlreadySigned)
    precinct.work()
    assert len(precinct.entries(EntryType.SIGN)) == 1
    folder = Path(precinct.settings.keys.directory)
    assert {f.name for f in folder.rglob("*.key")} == {
        *(f"replica_2f{zone}.key" for zone in ("identity", "petitions", "log")),
        "log_2f2026_2fml-dsa-44.key",  # tokens know no ML-DSA yet
    }
    assert told_by_doctor(precinct) == []
    kek = f"kek/{petition}"
    names = [name for name, _public in precinct.house.keys.replicas(kek)]
    assert names == ["petitions-token"]
    assert len(precinct.house.keys.destroy(kek)) == 1
    with precinct.session() as session, pytest.raises(KeyRefused, match="key_is_missing"):
        unwrap(session, precinct.house, petition)
