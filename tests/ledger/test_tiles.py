from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.ledger import tiles
from petitions.ledger.encoding import LedgerError
from petitions.ledger.tiles import PublishedFile
from tests.ledger.memory import MemoryLog, leaves


@pytest.mark.parametrize(
    ("n", "name"),
    [
        (0, "000"),
        (67, "067"),
        (999, "999"),
        (1000, "x001/000"),
        (1067, "x001/067"),
        (1234067, "x001/x234/067"),
    ],
)
def test_a_number_is_cut_into_groups_of_three_digits(n: int, name: str) -> None:
    assert tiles.tile_path(0, n) == f"tile/0/{name}"
    assert tiles.tile_path(3, n, 112) == f"tile/3/{name}.p/112"
    assert tiles.entries_path(n) == f"tile/entries/{name}"
    assert tiles.entries_path(n, 1) == f"tile/entries/{name}.p/1"


@pytest.mark.parametrize(
    ("level", "n", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_a_tile_that_cannot_exist_has_no_name(level: int, n: int, width: int) -> None:
    with pytest.raises(LedgerError):
        tiles.tile_path(level, n, width)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    assert tiles.decode_bundle(tiles.encode_bundle(entries)) == entries


def test_a_bundle_has_a_two_byte_length_before_each_entry() -> None:
    assert tiles.encode_bundle([b"abc", b"", b"d"]) == b"\0\3abc\0\0\0\1d"
    with pytest.raises(LedgerError):
        tiles.encode_bundle([bytes(65536)])


@pytest.mark.parametrize("length", range(1, 10))
def test_a_bundle_cut_short_is_refused(length: int) -> None:
    whole = tiles.encode_bundle([b"abc", b"defg"])
    borders = {0, 5, 11}
    if length not in borders:
        with pytest.raises(LedgerError):
            tiles.decode_bundle(whole[:length])
    else:
        assert tiles.decode_bundle(whole[:length]) == [b"abc"]


def test_a_log_of_70000_has_the_files_of_the_specification() -> None:
    found = list(tiles.files_between(0, 70_000))
    widths = {level: [f.width for f in found if f.level == level] for level in (None, 0, 1, 2, 3)}
    assert widths == {
        None: [256] * 273 + [112],
        0: [256] * 273 + [112],
        1: [256, 17],
        2: [1],
        3: [],
    }


def test_a_log_of_256_has_a_full_tile_and_one_hash_above() -> None:
    assert list(tiles.files_between(0, 256)) == [
        PublishedFile(None, 0, 256),
        PublishedFile(0, 0, 256),
        PublishedFile(1, 0, 1),
    ]


def test_a_small_step_publishes_only_the_right_edge() -> None:
    assert [f.path for f in tiles.files_between(70_000, 70_010)] == [
        "tile/entries/273.p/122",
        "tile/0/273.p/122",
    ]
    assert [f.path for f in tiles.files_between(511, 513)] == [
        "tile/entries/001",
        "tile/entries/002.p/1",
        "tile/0/001",
        "tile/0/002.p/1",
        "tile/1/000.p/2",
    ]


def test_a_log_that_did_not_move_publishes_nothing_and_one_that_shrank_is_refused() -> None:
    assert list(tiles.files_between(300, 300)) == list(tiles.files_between(0, 0)) == []
    with pytest.raises(LedgerError):
        list(tiles.files_between(2, 1))


@given(st.lists(st.integers(0, 700), min_size=1, max_size=5))
def test_published_tiles_are_those_the_tree_rewrote_at_their_widths(steps: list[int]) -> None:
    log = MemoryLog()
    for step in steps:
        before = log.size
        appended = log.add(leaves(step, before))
        found = {
            (f.level, f.n): f.width
            for f in tiles.files_between(before, log.size)
            if f.level is not None
        }
        assert found == {at: len(tile) // 32 for at, tile in appended.tiles.items()}
