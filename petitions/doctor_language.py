"""`petitions doctor`: whether the worker can tell in which language a text is written."""

from __future__ import annotations

from collections.abc import Iterator

from admissibility.detector import installed
from petitions.finding import Advice
from petitions.platform.config import Settings


def language(settings: Settings) -> Iterator[str]:
    """Without the extra, common words decide: good enough for a remark about long texts."""
    del settings
    if not installed():
        yield Advice(
            "no detector of languages: clerks are told by common words alone when a text is in "
            "another language than it says; `pip install 'petition-engine[language]'` adds one"
        )
