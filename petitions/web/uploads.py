"""Which requests may carry a file, and how large: every other one keeps the limit of a form."""

from __future__ import annotations

from flask import Flask, request

from petitions.domain.rulebook_files import Library

UPLOADS = frozenset({"author.files", "office.enter_petition"})
AROUND_A_FILE = 64 * 1024
"""Bytes of a form around its file."""


def largest_file(library: Library) -> int:
    """Bytes of the largest file that any rulebook of this site takes."""
    return max(
        (
            kind.filing.form.file_mb * 1_000_000
            for versions in library.rulebooks.values()
            for book in versions
            for kind in book.kinds.values()
            if kind.filing.form.files_max
        ),
        default=0,
    )


def install_uploads(app: Flask, library: Library) -> None:
    """Install it before whatever reads forms: the limit must stand before the body is read."""
    largest = largest_file(library) + AROUND_A_FILE

    @app.before_request
    def take_files() -> None:
        if request.endpoint in UPLOADS and request.method == "POST":
            limit = request.max_content_length or 0
            request.max_content_length = max(limit, largest)
