"""What a file must be to come with a petition, and what it loses on the way in."""

from __future__ import annotations

import struct
import zlib

import pytest

from petitions.domain.annexes import JPEG, PDF, PNG, Clean, accept, kind_of
from petitions.domain.filing import Form
from tests.filing.asking_town import a_pdf

FORM = Form(files_max=2, file_mb=1, pages_max=3)


def chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def a_png() -> bytes:
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            chunk(b"IHDR", head),
            chunk(b"tEXt", b"Author\x00Claire Lefort, 1 rue Haute"),
            chunk(b"eXIf", b"GPS 48.85 2.35"),
            chunk(b"IDAT", zlib.compress(b"\x00\x00")),
            chunk(b"IEND", b""),
        )
    )


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def a_jpeg() -> bytes:
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
        + segment(0xE1, b"Exif\x00\x00GPS 48.85 2.35")
        + segment(0xFE, b"taken by Claire")
        + segment(0xDB, bytes(65))
        + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
        + b"picture\xff\xd9 and a hidden tail"
    )


def taken(name: str, content: bytes) -> Clean:
    found = accept(FORM, name, content)
    assert isinstance(found, Clean), found
    return found


def test_a_file_is_what_its_first_bytes_say_and_not_what_it_is_called() -> None:
    assert [kind_of(each) for each in (a_pdf(1), a_png(), a_jpeg(), b"GIF89a")] == [
        PDF, PNG, JPEG, None,
    ]  # fmt: skip
    assert taken("plan.exe", a_pdf(1)).name == "plan.pdf"


@pytest.mark.parametrize("picture", [a_png(), a_jpeg()], ids=["png", "jpeg"])
def test_a_picture_loses_where_when_and_by_whom_it_was_taken(picture: bytes) -> None:
    clean = taken("photo", picture).content
    for told in (b"GPS", b"Claire", b"hidden tail"):
        assert told not in clean
    assert kind_of(clean) == kind_of(picture)
    assert taken("photo", clean).content == clean


def test_pages_are_counted_in_packed_objects_as_well() -> None:
    packed = zlib.compress(b"<</Type /Page>> <</Type/Page /Parent 2 0 R>>")
    stream = b"5 0 obj <</Type /ObjStm /N 2 /Filter /FlateDecode>> stream\n" + packed + b"endstream"
    assert taken("plan.pdf", a_pdf(1, stream)).pages == 3


@pytest.mark.parametrize(
    "name", [b"/JavaScript", b"/#4aavaScript", b"/Launch", b"/EmbeddedFile", b"/XFA"]
)
def test_a_pdf_that_acts_by_itself_is_refused(name: bytes) -> None:
    plain = a_pdf(1, b"<<" + name + b" 1 0 R>>")
    packed = zlib.compress(b"<<" + name + b" 1 0 R>>")
    hidden = a_pdf(1, b"<</Type /ObjStm>> stream\n" + packed + b"endstream")
    assert accept(FORM, "a.pdf", plain) == ("file_active", {})
    assert accept(FORM, "a.pdf", hidden) == ("file_active", {})


def test_a_bomb_of_packed_objects_is_not_unfolded() -> None:
    bomb = zlib.compress(bytes(40 * 1024 * 1024))
    assert accept(FORM, "a.pdf", a_pdf(1, b"<</Type /ObjStm>> stream\n" + bomb + b"endstream")) == (
        "file_unreadable", {},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ('a"b\r\n.pdf', "ab.pdf"),
        ("\u202efdp.exe", "fdp.pdf"),
        ("", "annex.pdf"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_a_name_leads_nowhere_and_deceives_nobody(given: str, kept: str) -> None:
    assert taken(given, a_pdf(1)).name == kept


def test_size_pages_and_emptiness_are_named() -> None:
    assert accept(FORM, "a.pdf", b"") == ("required", {})
    assert accept(FORM, "a.pdf", a_pdf(4)) == ("file_too_long", {"max": 3, "pages": 4})
    assert accept(FORM, "a.pdf", a_pdf(1) + bytes(1_000_000)) == ("file_too_large", {"max": 1})
