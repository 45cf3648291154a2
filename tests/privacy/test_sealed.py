"""After sealing: an old dump, every subject the provider knows, and every key there is, find nobody.

The adversary is as strong as the promise: it holds the whole database as it was before sealing, the
list of all subjects, and the key folders as they are now. It tries every 32 bytes it has ever seen as
the salt and as the key of the wrapped salt. With the folders of before, it finds every signer: so the
test would see a sealing that leaves anything behind.
"""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert, inspect, select

from identity.errors import KeyRefused
from identity.pseudonym import identity_value
from petitions.domain.lifecycle import Role
from petitions.ledger.commitments import salt_aad
from petitions.services import sealing
from petitions.services.ports import Actor
from petitions.services.salts import unwrap
from petitions.services.sealing_steps import SALTS_EXPIRE
from petitions.storage import tables as t
from petitions.storage.tables import Base
from tests.privacy.canaries import files_under
from tests.web.town import AMINA, BASTIEN, Town, key_of, open_town

SIGNERS = (AMINA, BASTIEN, "chloé martin")
OTHERS = ("denis roux", "élodie fabre", "farid kaci")
REALM = "town"


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, database_uri) as found:
        yield found


def dump(town: Town) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, as values."""
    with town.site.session() as session:
        return {
            name: [dict(row) for row in session.execute(select(table)).mappings()]
            for name, table in Base.metadata.tables.items()
        }


def windows(blobs: Iterator[bytes]) -> set[bytes]:
    return {blob[i : i + 32] for blob in blobs for i in range(max(0, len(blob) - 31))}


@dataclass(frozen=True)
class Adversary:
    """What it holds; `keys`: files of the key folders, by their content alone."""

    deployment: str
    petition: UUID
    rows: dict[str, list[dict[str, object]]]
    keys: dict[str, bytes]
    namespace: str

    def u(self, pepper: bytes, person: str) -> bytes:
        return identity_value(
            lambda message: hmac.digest(pepper, message, "sha256"),
            deployment=self.deployment, realm=REALM, context=self.petition.bytes,
            namespace=self.namespace, key=key_of(person).encode(),
        )  # fmt: skip

    def salts(self) -> Iterator[bytes]:
        """Whatever could be the salt: seen anywhere, or unwrapped by anything seen in a key file."""
        seen = windows(iter(self.keys.values()))
        (row,) = [r for r in self.rows["petition_signing"] if r["petition_id"] == self.petition]
        wrapped, kid = row["wrapped_salt"], str(row["kid"])
        assert isinstance(wrapped, bytes)
        for key in seen:
            try:
                yield AESGCM(key).decrypt(
                    wrapped[:12], wrapped[12:], salt_aad(self.deployment, self.petition, kid)
                )
            except InvalidTag:
                continue
        yield from seen
        yield from windows(
            bytes(value)
            for table in ("petition_signing", "signature", "withdrawal", "log_entry")
            for each in self.rows[table]
            for value in each.values()
            if isinstance(value, bytes)
        )

    def finds(self, people: tuple[str, ...]) -> set[str]:
        """Those of whom it can tell that they signed."""
        tags = {bytes(r["tag"]) for r in self.rows["signature"]}  # type: ignore[arg-type]
        assert len(tags) == len(SIGNERS)
        peppers = [file[5:] for name, file in self.keys.items() if "pepper" in name]
        values = {self.u(p, person): person for p in peppers for person in people if len(p) == 32}
        return {
            person
            for salt in self.salts()
            for u, person in values.items()
            if hmac.digest(salt, u, "sha256") in tags
        }


def test_an_old_dump_all_subjects_and_all_keys_find_nobody(town: Town) -> None:
    ref = town.publish()
    for person in SIGNERS:
        assert town.browser().sign(ref, person).headers["Location"].endswith("/done")
    town.integrate()
    with town.site.session() as session:
        petition = town.site.petition(session, ref).id
    rows = dump(town)
    before = files_under(town.folder / "keys")
    town.site.later(days=500)
    town.work()
    with town.site.session() as session:
        actor = Actor("weber", Role.ADMINISTRATOR, "I. Weber")
        sealing.order(session, town.site.house, petition, actor, "test", town.site.at)
    town.work()
    town.site.later(seconds=int(SALTS_EXPIRE / timedelta(seconds=1)))
    town.work()
    after = files_under(town.folder / "keys")
    deployment = town.settings.site.deployment
    namespace = town.settings.identity["providers"]["demo"]["person"]["namespace"]
    strong = Adversary(deployment, petition, rows, before, namespace)
    assert strong.finds(SIGNERS + OTHERS) == set(SIGNERS), "the attack itself works"
    left = Adversary(deployment, petition, rows, after, namespace)
    assert left.finds(SIGNERS + OTHERS) == set()
    _ask_the_application(town, ref, petition, rows)


def _ask_the_application(
    town: Town, ref: str, petition: UUID, rows: dict[str, list[dict[str, object]]]
) -> None:
    """With the old rows put back, no part of the application tells who signed either."""
    page = town.browser().get(f"/en/petitions/{ref}/sign")
    assert page.status_code in {200, 303, 409}
    with town.site.session() as session:
        for table in ("signature", "petition_signing"):
            mine = [r for r in rows[table] if r["petition_id"] == petition]
            target = Base.metadata.tables[table]
            session.execute(target.delete().where(target.c.petition_id == petition))
            session.execute(insert(target), mine)
    with town.site.session() as session, pytest.raises(KeyRefused, match="key_is_missing"):
        unwrap(session, town.site.house, petition)
    for path in ("sign", "sign/withdraw", "sign/confirm"):
        answer = town.browser().get(f"/en/petitions/{ref}/{path}")
        assert answer.status_code in {200, 400, 409}, path
        assert "already signed" not in answer.text.lower()


def test_nothing_of_a_sealed_petitions_rows_is_left_in_the_files_of_sqlite(
    town: Town,
) -> None:
    if "sqlite" not in str(town.site.sessions.kw["bind"].url):
        table = inspect(town.site.sessions.kw["bind"]).get_table_names()
        assert "signature" in table
        return
    ref = town.publish()
    town.browser().sign(ref)
    town.integrate()
    with town.site.session() as session:
        petition = town.site.petition(session, ref).id
        (tag,) = session.scalars(select(t.Signature.tag)).all()
    kept = [p.read_bytes() for p in town.folder.glob("petitions.sqlite*")]
    assert any(tag in each for each in kept)
    town.site.later(days=500)
    town.work()
    with town.site.session() as session:
        actor = Actor("weber", Role.ADMINISTRATOR, "I. Weber")
        sealing.order(session, town.site.house, petition, actor, "test", town.site.at)
    town.work()
    town.site.later(seconds=65)
    town.work()
    shutil.copytree(town.folder, town.folder.parent / "seized")
    left = files_under(town.folder.parent / "seized")
    assert [name for name, content in left.items() if tag in content] == []
