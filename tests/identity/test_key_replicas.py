"""Copies of the keys: alike or refused, put right only where there is one truth, dead together."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from identity import key_files
from identity.errors import KeyRefused
from identity.key_places import survey
from identity.key_repair import repair
from identity.key_rules import KeyState, Kind
from identity.key_sentences import sentence
from tests.identity.key_zones import KEK, ORIGIN, PREFIXES, Zone

FILE = "pepper_2fp1.key"


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path / "zone", replicas={"zone-vault": tmp_path / "vault" / "zone"})


def vault(zone: Zone) -> Path:
    return zone.replicas["zone-vault"]


def mend(zone: Zone) -> list[str]:
    return repair(
        zone.folder, prefixes=PREFIXES, replicas=zone.replicas, replica="zone", origin=ORIGIN
    )


def refused(zone: Zone) -> tuple[str, str]:
    """Code and place with which the zone refuses to open, whether it may make folders or not."""
    found = set()
    for make in (True, False):
        with pytest.raises(KeyRefused) as caught:
            zone.files(make=make)
        found.add((caught.value.reason, caught.value.where))
    (one,) = found
    return one


def pepper(zone: Zone) -> bytes:
    zone.files().ensure("pepper/p1", Kind.HMAC)
    return (zone.folder / FILE).read_bytes()


def test_every_replica_gets_every_key_and_a_witness_of_its_own(zone: Zone) -> None:
    content = pepper(zone)
    assert (vault(zone) / FILE).read_bytes() == content
    public = dict(zone.files().replicas("pepper/p1"))
    assert list(public) == ["zone", "zone-vault"]
    assert len(set(public.values())) == 2
    assert not (vault(zone) / "replica_2fzone.key").exists()


def test_a_key_that_a_replica_lacks_stops_the_start_until_it_is_copied(zone: Zone) -> None:
    content = pepper(zone)
    (vault(zone) / FILE).unlink()
    assert refused(zone) == ("key_is_not_on_every_replica", str(vault(zone) / FILE))
    assert mend(zone) == [f"copied pepper/p1 to {vault(zone)}"]
    assert (vault(zone) / FILE).read_bytes() == content
    assert oct((vault(zone) / FILE).stat().st_mode)[-3:] == "600"
    zone.files()
    assert mend(zone) == []


def test_a_key_that_only_a_replica_has_is_not_read_from_there(zone: Zone) -> None:
    content = pepper(zone)
    store = zone.files()
    store.ensure("pepper/p2", Kind.HMAC)
    (zone.folder / FILE).unlink()
    with pytest.raises(KeyRefused, match="key_is_missing"):
        store.prf("pepper/p1", b"m")
    assert refused(zone) == ("key_is_not_on_every_replica", str(zone.folder / FILE))
    mend(zone)
    assert (zone.folder / FILE).read_bytes() == content


def test_two_places_that_tell_a_key_differently_are_refused_and_never_repaired(zone: Zone) -> None:
    content = bytearray(pepper(zone))
    content[-1] ^= 1
    (vault(zone) / FILE).write_bytes(bytes(content))
    assert refused(zone) == ("replicas_differ", str(vault(zone) / FILE))
    with pytest.raises(KeyRefused, match="replicas_differ"):
        mend(zone)
    assert (vault(zone) / FILE).read_bytes() == bytes(content)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda file: file.chmod(0o640), "key_file_is_open_to_others"),
        (lambda file: file.write_bytes(b"PKS1\x01short"), "key_file_is_damaged"),
        (lambda file: file.write_bytes(b"PKS1\x09" + b"x" * 32), "key_file_is_damaged"),
        (lambda file: (file.unlink(), file.symlink_to("/dev/null")), "key_file_cannot_be_read"),
        (lambda file: (file.unlink(), file.mkdir()), "key_file_is_not_a_file"),
    ],
)
def test_a_replica_is_held_to_the_rules_of_the_first_place(
    zone: Zone, spoil: Callable[[Path], object], code: str
) -> None:
    pepper(zone)
    file = vault(zone) / FILE
    spoil(file)
    assert refused(zone) == (code, str(file))
    with pytest.raises(KeyRefused, match=code):
        mend(zone)
    assert str(file) in sentence(code, str(file))


def test_a_folder_that_is_a_link_or_open_or_anothers_is_refused(
    zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    pepper(zone)
    where = str(vault(zone))
    vault(zone).chmod(0o750)
    assert refused(zone) == ("key_directory_is_open_to_others", where)
    vault(zone).chmod(0o700)
    elsewhere = vault(zone).with_name("elsewhere")
    vault(zone).rename(elsewhere)
    vault(zone).symlink_to(elsewhere)
    assert refused(zone) == ("key_directory_is_not_a_directory", where)
    vault(zone).unlink()
    elsewhere.rename(where)
    somebody_else = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody_else)
    assert refused(zone)[0] == "key_directory_has_another_owner"


def test_an_unmounted_replica_stops_the_start_and_every_act_that_needs_it(zone: Zone) -> None:
    pepper(zone)
    store = zone.files()
    store.create(KEK, Kind.AES)
    mounted = vault(zone).with_name("mounted")
    vault(zone).rename(mounted)
    vault(zone).mkdir(mode=0o700)  # the empty folder under a mount point
    assert refused(zone) == ("replica_is_missing", str(vault(zone)))
    with pytest.raises(KeyRefused, match="replica_is_missing"):
        store.create("pepper/p2", Kind.HMAC)
    with pytest.raises(KeyRefused, match="replica_is_missing"):
        store.destroy(KEK)
    assert store.exists(KEK)  # nothing was destroyed anywhere
    assert not store.exists("pepper/p2")
    vault(zone).rmdir()
    assert refused(zone) == ("replica_is_missing", str(vault(zone)))
    mounted.rename(vault(zone))
    assert len(zone.files().destroy(KEK)) == 2


def test_a_new_replica_is_filled_by_repair_and_not_by_the_start(zone: Zone, tmp_path: Path) -> None:
    content = pepper(zone)
    zone.files().create(KEK, Kind.AES)
    zone.files().destroy(KEK)
    bunker = tmp_path / "bunker"
    zone.replicas["zone-bunker"] = bunker
    assert refused(zone) == ("replica_is_missing", str(bunker))
    assert mend(zone) == [
        f"made replica/zone-bunker in {bunker}", f"copied pepper/p1 to {bunker}",
    ]  # fmt: skip
    assert (bunker / FILE).read_bytes() == content
    assert [name for name, _ in zone.files().replicas(KEK)] == ["zone", "zone-vault", "zone-bunker"]
    assert not list(bunker.glob("kek*"))  # it never had that key and states nothing about it


def test_the_loss_of_the_first_place_is_survived_by_moving_a_replica_there(zone: Zone) -> None:
    answer = (pepper(zone), zone.files().prf("pepper/p1", b"m"))[1]
    shutil.rmtree(zone.folder)
    assert refused(zone) == ("first_place_is_lost", str(zone.folder))
    with pytest.raises(KeyRefused, match="first_place_is_lost"):
        mend(zone)
    shutil.move(vault(zone), zone.folder)
    assert refused(zone)[0] in {"place_has_no_witness", "replica_is_missing"}
    mend(zone)
    store = zone.files(make=False)
    assert store.prf("pepper/p1", b"m") == answer
    assert (vault(zone) / FILE).exists()
    assert len(store.destroy("pepper/p1")) == 2


def test_an_empty_first_place_is_never_filled_with_new_keys(zone: Zone) -> None:
    pepper(zone)
    for file in zone.folder.glob("*.key"):
        file.unlink()
    assert refused(zone) == ("first_place_is_lost", str(zone.folder))


def test_a_creation_that_the_power_cut_interrupted_leaves_no_key_and_can_be_repeated(
    zone: Zone,
) -> None:
    """Written last in the first place, the key was on the replica only and nobody had used it."""
    pepper(zone)
    begun = zone.folder / FILE.replace(".key", ".making")
    begun.touch(mode=0o600)
    (zone.folder / FILE).unlink()
    half = (vault(zone) / FILE).read_bytes()
    store = zone.files()
    assert not (vault(zone) / FILE).exists()
    assert not begun.exists()
    store.create("pepper/p1", Kind.HMAC)
    whole = (vault(zone) / FILE).read_bytes()
    assert whole == (zone.folder / FILE).read_bytes() != half


def test_the_first_place_is_written_last_and_the_beginning_is_marked(
    zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, order = zone.files(), list[tuple[str, str]]()
    real = key_files.create_once

    def noted(path: Path, content: bytes) -> bool:
        order.append((path.parent.parent.name, path.suffix))
        return real(path, content)

    monkeypatch.setattr("identity.keyring.create_once", noted)
    store.create("pepper/p1", Kind.HMAC)
    home = zone.folder.parent.name
    assert order == [(home, ".making"), ("vault", ".key"), (home, ".key")]
    assert not list(zone.folder.glob("*.making"))


def test_a_creation_that_fails_on_one_place_leaves_the_key_nowhere(
    zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = zone.files()
    real = key_files.create_once

    def full(path: Path, content: bytes) -> bool:
        if path == zone.folder / FILE:
            raise OSError(28, "No space left on device", str(path))
        return real(path, content)

    monkeypatch.setattr("identity.keyring.create_once", full)
    with pytest.raises(KeyRefused, match="key_cannot_be_written"):
        store.create("pepper/p1", Kind.HMAC)
    monkeypatch.undo()
    assert not (vault(zone) / FILE).exists()
    assert not store.exists("pepper/p1")
    zone.files(make=False)


@pytest.mark.parametrize("step", ["renamed", "overwritten", "stated"])
def test_a_destruction_that_was_interrupted_anywhere_is_finished_by_repeating_it(
    zone: Zone, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies on the first place; the replica still has the key whole."""
    store = zone.files()
    store.create(KEK, Kind.AES)
    dead = {"renamed": "overwrite", "overwritten": "statement", "stated": "remove"}[step]

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"identity.keyring.{dead}", die)
    with pytest.raises(KeyboardInterrupt):
        store.destroy(KEK)
    monkeypatch.undo()
    assert not store.exists(KEK)
    assert zone.files(make=False).held()[0].state is KeyState.BEING_DESTROYED
    faults = survey(store.places)
    assert {fault.code for fault in faults} == {"destruction_is_unfinished"}
    assert not any(fault.stops for fault in faults)  # the worker must start to finish it
    with pytest.raises(KeyRefused, match="key_was_destroyed"):
        store.create(KEK, Kind.AES)
    assert len(zone.files(make=False).destroy(KEK)) == 2
    left = {p.suffix for place in (zone.folder, vault(zone)) for p in place.glob("kek*")}
    assert left == {".gone"}
    assert survey(store.places) == []


def test_an_old_copy_of_a_destroyed_key_is_destroyed_again_and_not_copied(zone: Zone) -> None:
    store = zone.files()
    store.create(KEK, Kind.AES)
    (file,) = vault(zone).glob("kek*.key")
    old = file.read_bytes()
    statements = store.destroy(KEK)
    file.write_bytes(old)  # somebody restored the vault from a backup
    file.chmod(0o600)
    assert not zone.files(make=False).exists(KEK)
    assert mend(zone) == [f"finished the destruction of {KEK}"]
    assert not file.exists()
    assert zone.files().destroy(KEK) == statements


def test_the_secret_is_overwritten_before_the_file_goes(
    zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pepper(zone)
    seen: list[bytes] = []

    def look(path: Path) -> None:
        seen.append(path.read_bytes())
        key_files.remove(path)

    monkeypatch.setattr("identity.keyring.remove", look)
    zone.files().destroy("pepper/p1")
    assert len(seen) == 2
    assert all(len(each) == len(content) and content[5:] not in each for each in seen)


def test_the_list_says_where_a_key_is_not(zone: Zone) -> None:
    pepper(zone)
    store = zone.files()
    (vault(zone) / FILE).unlink()
    (line,) = store.held()
    assert (line.state, line.places) == (KeyState.NOT_EVERYWHERE, ("zone",))
    assert line.since is not None


def test_replica_names_are_plain_words(tmp_path: Path) -> None:
    for name in ("../x", "Vault", "a b", ""):
        with pytest.raises(KeyRefused, match="replica_name_is_not_plain"):
            Zone(tmp_path / "zone", replicas={name: tmp_path / "v"}).files()
