"""The folders that hold one zone's keys: what lies in each, and whether they agree.

The first place is the one that is used; the others are replicas. Nothing is ever read from a replica
in its stead: a key that two places tell differently would give one person two signatures.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from identity.errors import KeyRefused
from identity.key_files import check_directory, read_private
from identity.key_rules import HeldKey, KeyState, Kind, file_name, is_witness, key_of, witness

MAGIC = b"PKS1"
SECRET_SIZE = 32
_ENDED = ("dying", "gone")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the places. `stops`: nobody may start to use the zone like this."""

    code: str
    where: str
    stops: bool = True


@dataclass(slots=True)
class Place:
    """What one folder holds, by key id. Contents are compared by hash; secrets are not kept."""

    there: bool = False
    witness: bool = False
    keys: dict[str, tuple[bytes, Kind]] = field(default_factory=dict)
    dying: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    since: dict[str, datetime] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not (self.keys or self.dying or self.gone)


def packed(kind: Kind, secret: bytes) -> bytes:
    """Content of a key file: `PKS1` || kind, 1 byte || secret, 32 bytes."""
    return MAGIC + bytes([kind]) + secret


def unpacked(content: bytes, where: str = "") -> tuple[Kind, bytes]:
    if len(content) != len(MAGIC) + 1 + SECRET_SIZE or not content.startswith(MAGIC):
        raise KeyRefused("key_file_is_damaged", where)
    try:
        return Kind(content[len(MAGIC)]), content[len(MAGIC) + 1 :]
    except ValueError:
        raise KeyRefused("key_file_is_damaged", where) from None


def look(name: str, folder: Path, faults: list[Fault]) -> Place:
    """Read a place whole; what its files are guilty of is added to `faults`."""
    place = Place()
    try:
        place.there = check_directory(folder)
        found = sorted(os.listdir(folder)) if place.there else []  # noqa: PTH208 - tells an OSError
    except KeyRefused as refused:
        faults.append(Fault(refused.reason, refused.where))
        place.there = True
        return place
    except OSError:
        faults.append(Fault("key_directory_cannot_be_read", str(folder)))
        return place
    for file in found:
        stem, _, suffix = file.rpartition(".")
        if suffix == "key" or suffix in _ENDED:
            try:
                _take(place, name, folder / file, key_of(stem), suffix)
            except KeyRefused as refused:
                faults.append(Fault(refused.reason, refused.where))
    return place


def _take(place: Place, name: str, path: Path, key: str, suffix: str) -> None:
    content = read_private(path)
    if content is None:
        return  # ended while we looked
    if suffix in _ENDED:
        (place.dying if suffix == "dying" else place.gone).add(key)
        return
    kind, _secret = unpacked(content, str(path))
    if is_witness(key):
        place.witness = place.witness or key == witness(name)
        return
    place.keys[key] = (hashlib.sha256(content).digest(), kind)
    place.since[key] = datetime.fromtimestamp(path.stat().st_mtime, UTC)


def survey(places: Mapping[str, Path]) -> list[Fault]:
    """Everything wrong with the places of a zone; nothing where none was made yet."""
    faults: list[Fault] = []
    found = {name: look(name, folder, faults) for name, folder in places.items()}
    if faults or all(place.empty for place in found.values()):
        return faults
    (first, folder), *_others = places.items()
    if found[first].empty and any(not place.empty for place in found.values()):
        return [Fault("first_place_is_lost", str(folder))]
    for name, place in found.items():
        if not place.witness:
            code = "replica_is_missing" if place.empty else "place_has_no_witness"
            faults.append(Fault(code, str(places[name])))
    known = {name: place for name, place in found.items() if place.witness or not place.empty}
    for key in sorted(_every_key(known)):
        faults.extend(_disagreement(key, known, places))
    return faults


def _every_key(found: Mapping[str, Place]) -> set[str]:
    return {key for place in found.values() for key in (*place.keys, *place.dying, *place.gone)}


def _ends(key: str, found: Mapping[str, Place]) -> bool:
    return any(key in place.dying or key in place.gone for place in found.values())


def _disagreement(
    key: str, found: Mapping[str, Place], places: Mapping[str, Path]
) -> Iterator[Fault]:
    paths = {name: str(places[name] / f"{file_name(key)}.key") for name in found}
    if _ends(key, found):
        for name, place in found.items():
            if key in place.keys or key in place.dying:
                yield Fault("destruction_is_unfinished", paths[name], stops=False)
        return
    contents = [place.keys[key] for place in found.values() if key in place.keys]
    for name, place in found.items():
        if key not in place.keys:
            yield Fault("key_is_not_on_every_replica", paths[name])
        elif place.keys[key] != contents[0]:
            yield Fault("replicas_differ", paths[name])


def held(places: Mapping[str, Path]) -> list[HeldKey]:
    """Every key of the places, with its state. KeyRefused if one cannot be read."""
    faults: list[Fault] = []
    found = {name: look(name, folder, faults) for name, folder in places.items()}
    if faults:
        raise KeyRefused(faults[0].code, faults[0].where)
    return [_listed(key, found) for key in sorted(_every_key(found))]


def _listed(key: str, found: Mapping[str, Place]) -> HeldKey:
    having = tuple(name for name, place in found.items() if key in place.keys)
    kinds = [place.keys[key][1] for place in found.values() if key in place.keys]
    since = min((place.since[key] for place in found.values() if key in place.since), default=None)
    if _ends(key, found):
        if not having and not any(key in place.dying for place in found.values()):
            had = tuple(name for name, place in found.items() if key in place.gone)
            return HeldKey(key, None, KeyState.DESTROYED, had)
        state = KeyState.BEING_DESTROYED
    else:
        state = KeyState.IN_USE if len(having) == len(found) else KeyState.NOT_EVERYWHERE
    return HeldKey(key, kinds[0] if kinds else None, state, having, since)


def missing_copies(places: Mapping[str, Path]) -> list[tuple[str, Path, Path]]:
    """(key id, file to copy from, file to make) for each key that a place lacks and none lost."""
    found = {name: look(name, folder, []) for name, folder in places.items()}
    copies = []
    for key in sorted(_every_key(found)):
        having = [name for name, place in found.items() if key in place.keys]
        if _ends(key, found) or not having:
            continue
        file = f"{file_name(key)}.key"
        copies += [
            (key, places[having[0]] / file, places[name] / file)
            for name in found
            if name not in having
        ]
    return copies


def unfinished(places: Mapping[str, Path]) -> list[str]:
    """Keys whose destruction began and did not reach every place."""
    found = {name: look(name, folder, []) for name, folder in places.items()}
    return [
        key
        for key in sorted(_every_key(found))
        if _ends(key, found)
        and any(key in place.keys or key in place.dying for place in found.values())
    ]
