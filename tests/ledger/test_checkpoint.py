from __future__ import annotations

import pytest

from petitions.ledger.checkpoint import Checkpoint, checkpoint_body, parse_checkpoint
from petitions.ledger.encoding import LedgerError
from petitions.ledger.notes import open_note, sign_note, vkey
from tests.ledger.memory import LOG_KEY, LOG_PUBLIC, ORIGIN

ROOT = bytes(range(32))
BODY = f"{ORIGIN}\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def test_a_checkpoint_is_three_lines() -> None:
    assert checkpoint_body(ORIGIN, 7, ROOT) == BODY
    assert parse_checkpoint(BODY) == Checkpoint(ORIGIN, 7, ROOT)


def test_the_example_of_the_specification_is_read_and_written() -> None:
    found = parse_checkpoint(EXAMPLE)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint_body(found.origin, found.size, found.root) == EXAMPLE


def test_a_signed_checkpoint_opens_under_the_name_of_its_log() -> None:
    note = sign_note(BODY, ORIGIN, LOG_KEY.sign, LOG_PUBLIC)
    assert parse_checkpoint(open_note(note, [vkey(ORIGIN, LOG_PUBLIC)])).size == 7


@pytest.mark.parametrize(
    "text",
    [
        "",
        BODY.removesuffix("\n"),
        BODY + "\n",
        BODY + "extension\n",
        BODY.replace("\n7\n", "\n07\n"),
        BODY.replace("\n7\n", "\n+7\n"),
        BODY.replace("\n7\n", "\n-7\n"),
        BODY.replace("\n7\n", "\n 7\n"),
        BODY.replace("\n7\n", "\n\n"),
        BODY.replace("\n7\n", "\n٧\n"),
        BODY.replace("\n", "\r\n"),
        BODY.replace("Hh8=", "Hh9="),
        BODY.replace("Hh8=", "Hh8"),
        BODY.replace("Hh8=", "Hg=="),
        BODY.replace(ORIGIN, ""),
        BODY.replace(ORIGIN, "a b"),
        BODY.replace(ORIGIN, "a\u2028b"),
        BODY.replace(ORIGIN, "a+b"),
    ],
)
def test_any_other_text_is_no_checkpoint(text: str) -> None:
    with pytest.raises(LedgerError):
        parse_checkpoint(text)


def test_a_checkpoint_that_could_not_be_read_is_not_written() -> None:
    for origin, size, root in (
        ("", 7, ROOT),
        ("a\nb", 7, ROOT),
        (ORIGIN, -1, ROOT),
        (ORIGIN, 7, b""),
    ):
        with pytest.raises(LedgerError):
            checkpoint_body(origin, size, root)


def test_the_empty_log_has_size_zero() -> None:
    assert parse_checkpoint(checkpoint_body(ORIGIN, 0, ROOT)).size == 0
