"""Whatever stands in a file, reading it ends in a rulebook or in a list of errors, never in a crash."""

from __future__ import annotations

import copy
import tomllib
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from petitions.domain.rulebook import RulebookErrors, _read, canonical

NAMES = ("fr-senat", "town", "eu-eci", "brussels", "barcelona", "ca-house-of-commons", "ch-federal")

junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**15),
    st.floats(allow_nan=True),
    st.text(max_size=5),
    st.sampled_from(["P6M", "all", "milestone:x", "choice:x", "event:recess", "1/2", "fr"]),
    st.just(date(2026, 1, 1)),
    st.just(datetime(2026, 1, 1)),
    st.just([]),
    st.just({}),
    st.just([{}]),
    st.just([[1]]),
    st.dictionaries(
        st.sampled_from(["id", "share", "by_choice", "areas", "k", "x"]), st.integers(0, 3)
    ),
)


def places(value: object, path: tuple = ()) -> list[tuple]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, each in value.items():
            found += places(each, (*path, key))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            found += places(each, (*path, at))
    return found


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), junk), min_size=1, max_size=3))
def test_no_value_crashes_the_reader(name, text_of, context, changes):
    source = tomllib.loads(text_of(name))
    for place, value in changes:
        found = places(source)
        path = found[place % len(found)]
        inside = source
        for part in path[:-1]:
            inside = inside[part]
        inside[path[-1]] = copy.deepcopy(value)
    try:
        rulebook = _read(source, f"{name}.toml", context)
    except RulebookErrors as refused:
        assert refused.errors
        assert all(str(error).startswith(f"{name}.toml: ") for error in refused.errors)
    else:
        assert rulebook.canonical == canonical(source)
