"""Bringing the replicas of a zone into line again, only where there is one truth to bring them to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from identity.errors import KeyRefused
from identity.key_files import create_once, locked, make_directory, read_private
from identity.key_places import look, missing_copies, survey, unfinished
from identity.key_rules import witness
from identity.keyring import FileKeyStore, new_witness

CURABLE = frozenset({"replica_is_missing", "place_has_no_witness", "key_is_not_on_every_replica"})


def repair(
    directory: Path,
    *,
    prefixes: frozenset[str],
    replicas: Mapping[str, Path],
    replica: str,
    origin: str,
) -> list[str]:
    """Copy each missing key from a place that has it, and finish destructions that began.

    A destroyed key is never copied back, and nothing at all is done where two places differ, a file
    has the wrong owner or mode, or the first place is lost. Returns one line per act.
    """
    places = {replica: directory, **replicas}
    if not directory.is_dir():
        empty = all(look(name, place, []).empty for name, place in places.items())
        raise KeyRefused("key_place_is_missing" if empty else "first_place_is_lost", str(directory))
    acts: list[str] = []
    with locked(directory):
        for fault in survey(places):
            if fault.stops and fault.code not in CURABLE:
                raise KeyRefused(fault.code, fault.where)
        for name, place in places.items():
            make_directory(place)
            if new_witness(place, name):
                acts.append(f"made {witness(name)} in {place}")
        for key, source, target in missing_copies(places):
            content = read_private(source)
            if content is not None and create_once(target, content):
                acts.append(f"copied {key} to {target.parent}")
    store = FileKeyStore(
        directory, prefixes=prefixes, replicas=replicas, replica=replica, origin=origin, make=False
    )
    for key in unfinished(places):
        store.destroy(key)
        acts.append(f"finished the destruction of {key}")
    return acts
