"""Files that come with a petition: what they are, how long, and what must not be in them. Pure.

The name and the type a browser sends are not believed: the first bytes say what a file is. Pictures lose
what tells where, when and with what they were taken; a PDF that acts by itself is refused.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from petitions.domain.filing import Form
from petitions.domain.text import Problem

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
SUFFIXES = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg"}
NAME_MAX = 100
_INFLATED_MAX = 32 * 1024 * 1024
"""Bytes all object streams of one PDF may unfold to: a bomb is refused, not opened."""
_STREAM = re.compile(rb"/Type\s*/ObjStm\b.{0,400}?stream\r?\n(.*?)endstream", re.DOTALL)
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_ACTIVE = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE)"
    rb"(?![A-Za-z])"
)
_ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z])")
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"}
)
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})


class UnreadableError(ValueError):
    """The file is not what its first bytes say."""


@dataclass(frozen=True, slots=True)
class Clean:
    """A file as it is stored. `pages` is 1 for a picture."""

    name: str
    media_type: str
    content: bytes
    pages: int


def accept(form: Form, name: str, content: bytes) -> Clean | Problem:
    """The file cleaned, or why it is refused."""
    if len(content) > form.file_mb * 1_000_000:
        return "file_too_large", {"max": form.file_mb}
    if not content:
        return "required", {}
    media_type = kind_of(content)
    if media_type is None:
        return "file_kind", {}
    try:
        clean, pages = _cleaned(media_type, content)
    except UnreadableError as error:
        return str(error), {}
    if form.pages_max and pages > form.pages_max:
        return "file_too_long", {"max": form.pages_max, "pages": pages}
    return Clean(_name(name, media_type), media_type, clean, pages)


def kind_of(content: bytes) -> str | None:
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return PDF
    if content.startswith(_PNG_HEAD):
        return PNG
    return JPEG if content.startswith(b"\xff\xd8\xff") else None


def _name(name: str, media_type: str) -> str:
    """A name for people: no path, no character that deceives, the ending of what it is."""
    plain = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    stem = plain.rpartition(".")[0] or plain
    kept = "".join(c for c in stem if unicodedata.category(c)[0] in "LNMP" or c == " ")
    kept = " ".join(kept.replace('"', "").replace("..", ".").split()).strip(". ")
    return (kept[:NAME_MAX] or "annex") + SUFFIXES[media_type]


def _cleaned(media_type: str, content: bytes) -> tuple[bytes, int]:
    if media_type == PDF:
        return content, pdf_pages(content)
    if media_type == PNG:
        return b"".join((_PNG_HEAD, *_png_chunks(content))), 1
    return b"".join(_jpeg_parts(content)), 1


def pdf_pages(content: bytes) -> int:
    """The number of pages. Raises UnreadableError where the file is locked, acts or has none."""
    if _ENCRYPTED.search(content):
        raise UnreadableError("file_locked")
    pages = 0
    for part in (content, *_object_streams(content)):
        if _ACTIVE.search(_unescaped(part)):
            raise UnreadableError("file_active")
        pages += len(_PAGE.findall(part))
    if pages == 0:
        raise UnreadableError("file_unreadable")
    return pages


def _unescaped(part: bytes) -> bytes:
    """`#4a` in a name stands for a letter: /#4aavaScript is read as what it is."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), part)


def _object_streams(content: bytes) -> Iterator[bytes]:
    left = _INFLATED_MAX
    for found in _STREAM.finditer(content):
        unfold = zlib.decompressobj()
        try:
            inside = unfold.decompress(found[1], left)
        except zlib.error:
            raise UnreadableError("file_unreadable") from None
        left -= len(inside)
        if unfold.unconsumed_tail or left <= 0:
            raise UnreadableError("file_unreadable")
        yield inside


def _png_chunks(content: bytes) -> Iterator[bytes]:
    """What draws the picture; text, time and camera data stay behind (PNG, 5.3)."""
    at, ended = len(_PNG_HEAD), False
    while at + 12 <= len(content) and not ended:
        size = int.from_bytes(content[at : at + 4], "big")
        kind, end = content[at + 4 : at + 8], at + 12 + size
        if end > len(content):
            raise UnreadableError("file_unreadable")
        if kind in _PNG_KEPT:
            yield content[at:end]
        ended, at = kind == b"IEND", end
    if not ended:
        raise UnreadableError("file_unreadable")


def _jpeg_parts(content: bytes) -> Iterator[bytes]:
    """Every segment but APP1 to APP15 (camera, place, thumbnails) and comments; APP14 is kept, since
    it says how colours are stored (ITU T.81, B.1.1.3).
    """
    yield content[:2]
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            raise UnreadableError("file_unreadable")
        marker = content[at + 1]
        if marker == 0xDA:  # picture data from here on; nothing after its end is kept
            end = content.rfind(b"\xff\xd9")
            if end < at:
                raise UnreadableError("file_unreadable")
            yield content[at : end + 2]
            return
        if marker in _STANDALONE or marker == 0xFF:
            at += 1 if marker == 0xFF else 2
            continue
        size = int.from_bytes(content[at + 2 : at + 4], "big")
        if size < 2 or at + 2 + size > len(content):
            raise UnreadableError("file_unreadable")
        if not (0xE1 <= marker <= 0xEF and marker != 0xEE) and marker != 0xFE:
            yield content[at : at + 2 + size]
        at += 2 + size
    raise UnreadableError("file_unreadable")
