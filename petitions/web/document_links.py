"""A document behind an address, said in words: its name and what kind of file opens."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import basename
from urllib.parse import unquote, urlsplit

from petitions.platform.i18n import N_, _
from petitions.web.pages import Link

TYPES: Mapping[str, str] = {
    "pdf": "PDF",
    "odt": "ODT",
    "docx": "DOCX",
    "ods": "ODS",
    "xlsx": "XLSX",
    "csv": "CSV",
    "json": "JSON",
    "xml": "XML",
    "txt": N_("plain text"),
    "mp4": N_("video"),
    "webm": N_("video"),
    "mp3": N_("sound"),
    "zip": "ZIP",
    "ics": N_("calendar file"),
}
"""By the ending of the address. Whatever else is a page, of which one says the site."""


def document(line: str) -> Link:
    """From "https://… its name", as it was written in the form; the name may be left out."""
    href, _space, name = line.strip().partition(" ")
    return document_link(href, name.strip())


def document_link(href: str, name: str = "") -> Link:
    """Named, else by its file, else by its site; the kind of file in brackets, or the site of a page."""
    where = urlsplit(href)
    file = unquote(basename(where.path))
    known = TYPES.get(file.rpartition(".")[2].lower()) if "." in file else None
    if known is not None:
        return Link(href, _("%(name)s (%(type)s)", name=name or file, type=_(known)))
    if not name or name == href:
        return Link(href, f"{where.netloc}{where.path.rstrip('/')}")
    return Link(href, _("%(name)s (%(type)s)", name=name, type=where.netloc))
