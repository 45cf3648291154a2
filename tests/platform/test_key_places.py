"""Keys as an operator meets them: settings, `keys init`, `list`, `repair`, doctor; each fault a sentence."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from identity.key_rules import Kind
from petitions import border, doctor
from petitions.cli import petitions
from petitions.demo.settings import write_settings
from petitions.domain.errors import ConfigurationError, UnavailableError
from petitions.finding import Advice
from petitions.key_border import key_notes
from petitions.key_record import contradictions
from petitions.platform.config import Settings, load_settings
from petitions.platform.database import create_engine
from petitions.storage.tables import PetitionSigning
from tests.softhsm import SoftToken

FRESH = [
    "pepper/p1", "pepper/authors", "staff-pepper", "pass-sign", "ask-sign", "author-tag", "follow",
]  # fmt: skip


@dataclass
class Site:
    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def settings(self) -> Settings:
        return load_settings(self.config)

    def vault(self, zone: str = "identity") -> Path:
        return self.folder / "vault" / zone

    def first(self, zone: str = "identity") -> Path:
        return self.folder / "keys" / zone

    def write(self, keys: str) -> None:
        """The settings with these lines in [keys]."""
        write_settings(self.folder, "127.0.0.1", 8000, 8001)
        text = self.config.read_text()
        self.config.write_text(text.replace("[keys]\n", f"[keys]\n{keys}\n", 1))

    def run(self, *words: str) -> str:
        mask = os.umask(0o077)  # the command sets it for its process, which here is the test's
        done = CliRunner().invoke(petitions, ["keys", *words, "--config", str(self.config)])
        os.umask(mask)
        if isinstance(done.exception, Exception):
            raise done.exception
        return done.output

    def told(self) -> list[str]:
        """What doctor finds wrong with the keys; its other checks are left out."""
        found = doctor._keys(self.settings)
        return [each for each in found if not isinstance(each, Advice)]

    def replicated(self) -> None:
        self.write(f'replicas = {{ vault = "{self.folder / "vault"}" }}')
        self.run("init")


@pytest.fixture
def site(tmp_path: Path, sqlite_template: Path) -> Site:
    site = Site(tmp_path)
    site.write("")
    shutil.copyfile(sqlite_template, tmp_path / "petitions.sqlite")
    return site


def opened(site: Site, kid: str, signing: str = "open") -> uuid.UUID:
    """A petition as the database knows it, its pepper and key left to the test."""
    petition, sealed = uuid.uuid4(), signing == "sealed"
    engine = create_engine(site.settings.database.uri)
    with Session(engine) as session:
        session.add(
            PetitionSigning(
                petition_id=petition, log_id=2026, kid=kid, realm="town", realm_fingerprint="",
                rules_hash=bytes(32), closes_at=datetime(2027, 1, 1, tzinfo=UTC), signing=signing,
                seal_step=7 if sealed else 0, wrapped_salt=None if sealed else bytes(60),
            )
        )  # fmt: skip
        session.commit()
    engine.dispose()
    return petition


# --- a new site --------------------------------------------------------------------------------


def test_a_new_site_is_told_to_make_its_keys_and_makes_each_once(site: Site) -> None:
    assert border.missing_keys(site.settings) == FRESH
    assert site.told()[0] == f"{', '.join(FRESH)} missing; run `petitions keys init`"
    assert site.run("init").split() == [word for key in FRESH for word in ("created", key)]
    assert site.run("init") == "keys: all there\n"
    assert site.told() == []


def test_starting_makes_no_folder_and_no_key(site: Site) -> None:
    with pytest.raises(ConfigurationError, match="on a new site run `petitions keys init`"):
        border.petition_keys(site.settings, with_log=True)
    assert not (site.folder / "keys").exists()


def test_the_list_names_keys_with_kind_state_and_place_but_no_secret_and_no_petitions_day(
    site: Site,
) -> None:
    site.replicated()
    ring = border.petition_keys(site.settings, with_log=True)
    alive, dead = f"kek/{uuid.uuid4()}", f"kek/{uuid.uuid4()}"
    for key in (alive, dead):
        ring.create(key, Kind.AES)
    ring.destroy(dead)
    lines = {line.split()[1]: line for line in site.run("list").splitlines()}
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert set(lines) == {*FRESH, alive, dead}
    assert lines["pepper/p1"].startswith("identity")
    assert lines["pepper/p1"].split()[2:] == [
        "HMAC", "in", "use", "(identity,", "identity-vault)", today,
    ]  # fmt: skip
    assert lines[alive].split()[2:] == ["AES", "in", "use", "(petitions,", "petitions-vault)"]
    assert "destroyed (petitions, petitions-vault)" in lines[dead]
    secrets = [f.read_bytes()[5:] for f in (site.folder / "keys").rglob("*.key")]
    whole = "\n".join(lines.values())
    assert not any(secret.hex() in whole for secret in secrets)


def test_a_site_without_a_replica_is_told_what_that_means(site: Site) -> None:
    site.run("init")
    said = ["good", "there is no replica: if keys.directory is lost, nobody can sign any more"]
    found = [
        each
        for each in doctor.examine(site.settings, ask_providers=False)
        if each.subject == "keys"
    ]
    assert [(each.good, each.sentence) for each in found] == [(True, each) for each in said]
    (site.first() / "pass-sign.key").chmod(0o640)
    found = [
        each
        for each in doctor.examine(site.settings, ask_providers=False)
        if each.subject == "keys"
    ]
    assert [each.good for each in found] == [False]


# --- replicas ----------------------------------------------------------------------------------


def test_each_zone_has_its_own_folder_and_its_own_name_on_a_replica(site: Site) -> None:
    site.replicated()
    assert {place.name for place in (site.folder / "vault").iterdir()} == {
        "identity", "petitions", "log",
    }  # fmt: skip
    ring = border.petition_keys(site.settings, with_log=True)
    kek = f"kek/{uuid.uuid4()}"
    ring.create(kek, Kind.AES)
    ring.create("log/2026", Kind.ED25519)
    names = {key: [name for name, _public in ring.replicas(key)] for key in (kek, "log/2026")}
    assert names == {kek: ["petitions", "petitions-vault"], "log/2026": ["log", "log-vault"]}
    people = border.identity_keys(site.settings)
    assert [n for n, _ in people.replicas("pepper/p1")] == ["identity", "identity-vault"]
    keys = [public for key in (kek, "log/2026") for _name, public in ring.replicas(key)]
    assert len(set(keys)) == 4
    signers = [note.decode().rsplit("— ", 1)[1].split(" ")[0] for note in ring.destroy(kek)]
    deployment = site.settings.site.deployment
    assert signers == [f"{deployment}/replica/petitions", f"{deployment}/replica/petitions-vault"]


def test_a_replica_that_goes_away_while_the_site_runs_is_told_in_the_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.replicated()
    ring = border.petition_keys(site.settings, with_log=True)
    kek = f"kek/{uuid.uuid4()}"
    ring.create(kek, Kind.AES)
    site.vault("petitions").rename(site.folder / "unplugged")
    for act in (lambda: ring.create(f"kek/{uuid.uuid4()}", Kind.AES), lambda: ring.destroy(kek)):
        caplog.clear()
        with pytest.raises(UnavailableError):
            act()
        assert f"{site.vault('petitions')} holds none of this site's keys" in caplog.text
    assert ring.unwrap(kek, ring.wrap(kek, b"salt", b""), b"") == b"salt"  # people sign on
    (site.folder / "unplugged").rename(site.vault("petitions"))
    assert len(ring.destroy(kek)) == 2


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda site: (site.vault() / "pass-sign.key").unlink(), "run `petitions keys repair`"),
        (lambda site: (site.first() / "pass-sign.key").unlink(), "run `petitions keys repair`"),
        (lambda site: (site.vault() / "pass-sign.key").chmod(0o644), "run `chmod 600 "),
        (lambda site: (site.first() / "pass-sign.key").chmod(0o644), "run `chmod 600 "),
        (lambda site: site.vault().chmod(0o755), "run `chmod 700 "),
        (
            lambda site: shutil.rmtree(site.vault()),
            "mount the volume, or if the replica is new run",
        ),
        (lambda site: shutil.rmtree(site.first()), "stop, move the replica into its place"),
        (
            lambda site: shutil.copy(
                site.vault() / "pass-sign.key", site.vault() / "staff-pepper.key"
            ),
            "staff-pepper.key is not the same key as in the first place",
        ),
        (
            lambda site: (site.vault() / "staff-pepper.key").write_bytes(b"PKS1"),
            "is damaged; if a replica has it whole",
        ),
    ],
)
def test_each_fault_stops_the_start_and_doctor_says_what_to_do(
    site: Site, spoil: Callable[[Site], Any], said: str
) -> None:
    site.replicated()
    assert site.told() == []
    spoil(site)
    with pytest.raises(ConfigurationError) as refused:
        border.identity_keys(site.settings)
    assert said in str(refused.value)
    assert any(said in sentence for sentence in site.told())
    with pytest.raises(ConfigurationError):
        border.missing_keys(site.settings)  # the web and the worker ask this before they start


def test_a_folder_of_another_user_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.run("init")
    somebody_else = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody_else)
    assert f"{site.first()} belongs to another user" in site.told()[0]


def test_repair_fills_what_is_missing_and_says_each_act(site: Site) -> None:
    site.run("init")
    before = border.identity_keys(site.settings).prf("pepper/p1", b"m")
    site.write(f'replicas = {{ vault = "{site.folder / "vault"}" }}')  # a replica is added
    assert "if the replica is new run" in site.told()[0]
    acts = site.run("repair")
    assert f"copied pepper/p1 to {site.vault()}" in acts
    assert site.told() == []
    assert site.run("repair") == "keys: every place holds what it should\n"
    shutil.rmtree(site.folder / "keys")
    shutil.move(site.folder / "vault", site.folder / "keys")  # the first place is lost
    site.run("repair")
    assert site.told() == []
    assert border.identity_keys(site.settings).prf("pepper/p1", b"m") == before


def test_repair_touches_nothing_where_two_places_differ(site: Site) -> None:
    site.replicated()
    shutil.copy(site.vault() / "pass-sign.key", site.vault() / "staff-pepper.key")
    (site.vault() / "pepper_2fp1.key").unlink()
    with pytest.raises(ConfigurationError, match="is not the same key"):
        site.run("repair")
    assert not (site.vault() / "pepper_2fp1.key").exists()


# --- keys and database -------------------------------------------------------------------------


def test_new_keys_are_refused_where_the_database_needs_the_lost_ones(site: Site) -> None:
    """The volume is not mounted: with new peppers everybody could sign every petition again."""
    site.run("init")
    opened(site, "p1")
    shutil.rmtree(site.folder / "keys")
    with pytest.raises(ConfigurationError, match="with new ones everybody could sign again"):
        site.run("init")
    assert not (site.folder / "keys").exists()


def test_an_older_pepper_that_is_lost_is_noticed_too(site: Site) -> None:
    site.run("init")
    opened(site, "p0")
    with pytest.raises(ConfigurationError, match="pepper/p0 missing"):
        site.run("init")
    assert any("pepper/p0 is missing and petitions need it" in each for each in site.told())


def test_keys_that_contradict_the_database_are_named(site: Site) -> None:
    site.run("init")
    ring = border.petition_keys(site.settings, with_log=False)
    fine, lost, risen, sealed = (
        opened(site, "p1"), opened(site, "p1", "closed"), opened(site, "p1", "sealed"),
        opened(site, "p1", "sealed"),
    )  # fmt: skip
    for petition in (fine, risen, sealed):
        ring.create(f"kek/{petition}", Kind.AES)
    ring.destroy(f"kek/{sealed}")
    found = contradictions(site.settings)
    assert len(found) == 2
    assert f"kek/{lost} is missing and petitions need it" in found[0]
    assert f"kek/{risen} exists although its petition is sealed" in found[1]
    assert found == site.told()


# --- settings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('replicas = { Vault = "/v" }', "keys.replicas.Vault must be named by lower-case"),
        ('replicas = { "../x" = "/v" }', "keys.replicas.../x must be named by lower-case"),
        ('replicas = { vault = "" }', "keys.replicas.vault must be a folder of its own"),
        ('replicas = { a = "/v", b = "/v/b" }', "keys.replicas.b must be a folder of its own"),
        ('replicas = { a = "FOLDER/keys" }', "keys.replicas.a must be a folder of its own"),
        ('replicas = { a = "FOLDER" }', "keys.replicas.a must be a folder of its own"),
        ('backend = "pkcs11"', "keys.backend must be 'pkcs11' if and only if"),
        ('tokens = { module = "/x.so" }', "keys.backend must be 'pkcs11' if and only if"),
        (
            'backend = "pkcs11"\ntokens = { module = "/x.so" }',
            "keys.tokens must name the token of one zone or more",
        ),
        ('backend = "cloud"', "keys.backend"),
    ],
)
def test_a_place_of_keys_that_cannot_be_meant_is_refused(site: Site, keys: str, said: str) -> None:
    site.write(keys.replace("FOLDER", str(site.folder)))
    with pytest.raises(ConfigurationError) as refused:
        load_settings(site.config)
    assert said in str(refused.value)


# --- tokens ------------------------------------------------------------------------------------


@pytest.fixture
def pin(tmp_path: Path) -> Path:
    file = tmp_path / "identity.pin"
    file.touch(mode=0o600)
    return file


def in_token(site: Site, token: SoftToken, pin: Path) -> None:
    pin.write_text(f"{token.pin}\n")
    site.write(
        'backend = "pkcs11"\n'
        f'tokens = {{ module = "{token.module}", '
        f'identity = {{ token = "{token.label}", pin_file = "{pin}" }} }}'
    )


def test_a_token_is_set_up_by_init_and_told_of_by_doctor(
    site: Site, new_token: Callable[[str], SoftToken], pin: Path
) -> None:
    site.run("init")
    people = border.identity_keys(site.settings)
    right = people.prf("pepper/p1", b"m")
    in_token(site, new_token("people"), pin)
    assert any("does not exist; on a new site run `petitions keys init`" in s for s in site.told())
    site.run("init")
    assert site.told() == []
    assert border.identity_keys(site.settings).prf("pepper/p1", b"m") == right
    notes = key_notes(site.settings)
    assert "petitions keys are in files, for keys.tokens.petitions is not set" in notes
    assert any("made before the token or beside it" in n and "pepper/p1" in n for n in notes)
    border.identity_keys(site.settings).create("pepper/p2", Kind.HMAC)
    (line,) = [line for line in site.run("list").splitlines() if "pepper/p2" in line]
    assert line.split()[2:] == ["HMAC", "in", "use", "(identity-token)"]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda pin: pin.write_text("0000-0000"), "refuses the PIN"),
        (lambda pin: pin.chmod(0o644), "can be read by others; run chmod 600"),
        (lambda pin: pin.unlink(), "cannot read"),
    ],
)
def test_a_pin_that_is_wrong_open_or_missing_is_a_sentence(
    site: Site, new_token: Callable[[str], SoftToken], pin: Path,
    spoil: Callable[[Path], Any], said: str,
) -> None:  # fmt: skip
    token = new_token(uuid.uuid4().hex)
    in_token(site, token, pin)
    site.run("init")
    spoil(pin)
    pkcs11.lib(token.module).reinitialize()  # as in a new process, nobody is logged in
    sentences = " ".join(site.told())
    assert said in sentences
    assert "0000-0000" not in sentences
