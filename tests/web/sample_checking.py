"""Samples of pages of explanation: a program and a log that do not exist, a text of the parliament."""

from __future__ import annotations

from markupsafe import Markup

from petitions.ledger.receipt_check import KnownLog
from petitions.web.content import WrittenPage
from petitions.web.verifier_file import Program, ToCheck

ORIGIN = "petitions.example.org/2026"
TO_CHECK = ToCheck(
    Program(
        "1.1", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", 154_773, b""
    ),
    "https://petitions.example.org",
    (KnownLog(2026, ORIGIN, (f"{ORIGIN}+c2233a02+AU/QmczUfXiT3+nsJEFOyw2bVCAjKq0w2RxGW+M8vmXE",)),),
)
WRITTEN = WrittenPage(
    "privacy", "What we keep", Markup("<h2>Little</h2><p>Hardly anything.</p>"), "en", is_draft=True
)
