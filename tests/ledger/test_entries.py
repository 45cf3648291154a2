from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.ledger import entries as en
from petitions.ledger.encoding import LedgerError
from petitions.ledger.entries import EntryType
from tests.ledger.memory import C, P

H, G = bytes(range(32)), b"\xff" * 32
EXAMPLES: dict[EntryType, tuple[en.Fields, str]] = {
    EntryType.OPEN: (en.Open(H, G, 1830297600), H.hex() + G.hex() + "000000006d182000"),
    EntryType.TEXT: (en.Text(2, H), "0002" + H.hex()),
    EntryType.VKEY: (en.VKey(2, 1, "a+b"), "0201" + b"a+b".hex()),
    EntryType.SIGN: (en.Sign(H), H.hex()),
    EntryType.WITHDRAW: (en.Withdraw(H), H.hex()),
    EntryType.WITHDRAW_OPEN: (en.WithdrawOpen(258), "0000000000000102"),
    EntryType.INVALIDATE: (en.Invalidate(7, 3, H), "0000000000000007" + "0003" + H.hex()),
    EntryType.CLOSE: (en.Close(1), "0001"),
    EntryType.PAPER: (en.Paper(5, H), "0000000000000005" + H.hex()),
    EntryType.CERTIFIED: (en.Certified(6, 5, H), f"{6:016x}" + f"{5:016x}" + H.hex()),
    EntryType.DECLARED: (en.Declared(H), H.hex()),
    EntryType.COUNT: (en.CountFields(9, 2, 1, 6), "".join(f"{n:016x}" for n in (9, 2, 1, 6))),
    EntryType.MILESTONE: (en.Milestone(3, 100, 101), "0003" + f"{100:016x}" + f"{101:016x}"),
    EntryType.GEO: (en.Geo(20000, H), "00004e20" + H.hex()),
    EntryType.SEAL: (
        en.Seal(9, 2, 1, 6, 77, H),
        "".join(f"{n:016x}" for n in (9, 2, 1, 6, 77)) + H.hex(),
    ),
    EntryType.DESTROYED: (en.Destroyed(4, H), "0004" + H.hex()),
    EntryType.ANSWER: (en.Answer(H), H.hex()),
    EntryType.NOTICE: (en.Notice(H), H.hex()),
    EntryType.BATCH: (
        en.BatchBorder(1, 0, 4, 1798761600),
        f"{1:016x}" + f"{0:016x}" + "00000004" + f"{1798761600:016x}",
    ),
}
LENGTHS = {
    0x01: 72, 0x02: 34, 0x10: 32, 0x18: 32, 0x19: 8, 0x1A: 42, 0x20: 2, 0x22: 40, 0x23: 48,
    0x24: 32, 0x28: 32, 0x2A: 18, 0x2B: 36, 0x30: 72, 0x38: 34, 0x40: 32, 0x41: 32, 0x7F: 28,
}  # fmt: skip


def whose(kind: EntryType) -> UUID:
    return en.LOG_WIDE if kind in {EntryType.VKEY, EntryType.BATCH} else P


@pytest.mark.parametrize("kind", EntryType)
def test_each_type_is_written_byte_for_byte(kind: EntryType) -> None:
    fields, body = EXAMPLES[kind]
    expected = bytes((1, kind)) + whose(kind).bytes + bytes.fromhex(body)
    assert en.write(whose(kind), fields) == expected
    assert en.entry(kind, whose(kind), bytes.fromhex(body)) == expected


@pytest.mark.parametrize("kind", EntryType)
def test_each_type_is_read_back(kind: EntryType) -> None:
    fields, body = EXAMPLES[kind]
    found = en.parse(en.write(whose(kind), fields))
    assert found == en.Entry(kind, whose(kind), bytes.fromhex(body), fields)


@pytest.mark.parametrize("kind", [kind for kind in EntryType if kind != EntryType.VKEY])
@pytest.mark.parametrize("change", [-1, 1])
def test_a_body_one_byte_longer_or_shorter_is_refused(kind: EntryType, change: int) -> None:
    length = LENGTHS[kind]
    assert len(en.entry(kind, whose(kind), bytes(length))) == 18 + length
    with pytest.raises(LedgerError):
        en.entry(kind, whose(kind), bytes(length + change))
    with pytest.raises(LedgerError):
        en.parse(bytes((1, kind)) + whose(kind).bytes + bytes(length + change))
    with pytest.raises(LedgerError):
        en.read_body(kind, bytes(length + change))


def test_a_signature_is_an_entry_of_50_bytes_with_the_leaf_hash_of_the_vectors() -> None:
    entry = en.write(P, en.Sign(C))
    assert len(entry) == 50
    expected = "1111f4eca96ba33f7900e3ce79c215f76d82f65c7d2045324f6c98db2afe31e5"
    assert en.leaf_hash(entry).hex() == expected


@pytest.mark.parametrize("length", [0, 2049])
def test_the_text_of_a_verifier_key_is_1_to_2048_bytes(length: int) -> None:
    assert en.parse(en.write(en.LOG_WIDE, en.VKey(1, 1, "a" * 2048)))
    with pytest.raises(LedgerError):
        en.write(en.LOG_WIDE, en.VKey(1, 1, "a" * length))


def test_a_verifier_key_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(LedgerError):
        en.parse(bytes((1, 3)) + bytes(16) + b"\1\1\xff")


@pytest.mark.parametrize("kind", sorted(set(range(256)) - set(EntryType)))
def test_an_unknown_type_is_refused(kind: int) -> None:
    with pytest.raises(LedgerError, match="unknown entry type"):
        en.parse(bytes((1, kind)) + P.bytes + bytes(32))


@pytest.mark.parametrize("version", [0, 2, 255])
def test_another_version_is_refused(version: int) -> None:
    with pytest.raises(LedgerError, match="version"):
        en.parse(bytes((version, 0x10)) + P.bytes + bytes(32))


@pytest.mark.parametrize("length", range(18))
def test_an_entry_shorter_than_its_header_is_refused(length: int) -> None:
    with pytest.raises(LedgerError):
        en.parse(en.write(P, en.Sign(C))[:length])


@pytest.mark.parametrize("kind", [kind for kind in EntryType if kind != EntryType.NOTICE])
def test_only_log_wide_entries_carry_the_zero_uuid(kind: EntryType) -> None:
    wrong = P if whose(kind) == en.LOG_WIDE else en.LOG_WIDE
    with pytest.raises(LedgerError):
        en.write(wrong, EXAMPLES[kind][0])
    with pytest.raises(LedgerError):
        en.parse(bytes((1, kind)) + wrong.bytes + bytes.fromhex(EXAMPLES[kind][1]))


def test_a_notice_may_be_of_the_log_or_of_a_petition() -> None:
    for petition in (P, en.LOG_WIDE):
        assert en.parse(en.write(petition, en.Notice(H))).petition == petition


def test_a_number_too_large_for_its_field_is_refused() -> None:
    for fields in (en.Close(65536), en.Close(-1), en.WithdrawOpen(2**64), en.Geo(2**32, H)):
        with pytest.raises(LedgerError):
            en.write(P, fields)
    with pytest.raises(LedgerError):
        en.write(en.LOG_WIDE, en.VKey(256, 1, "a"))
    with pytest.raises(LedgerError):
        en.write(P, en.Sign(H[:31]))


@given(st.sampled_from(sorted(LENGTHS)), st.data())
def test_writing_what_was_read_gives_the_same_bytes(kind: int, data: st.DataObject) -> None:
    body = data.draw(st.binary(min_size=LENGTHS[kind], max_size=LENGTHS[kind]))
    entry = bytes((1, kind)) + whose(EntryType(kind)).bytes + body
    found = en.parse(entry)
    assert en.write(found.petition, found.fields) == entry
