"""Words of a list found in a text, whatever their case and accents; places stay those of the text. Pure.

"douane" is the whole word, "douani*" whatever begins so, "permis de conduire" several words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files


def flat(text: str) -> str:
    """Lower case without accents, letter by letter: as long as the text itself."""
    return "".join(_plain(letter) for letter in text)


def _plain(letter: str) -> str:
    if letter in "’ʼ":
        return "'"
    base = unicodedata.normalize("NFD", letter)[0].lower()
    return base if len(base) == 1 else letter


@cache
def pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """What finds the words in a flat text, the longest first; nothing for no words."""
    if not words:
        return re.compile(r"(?!)")
    listed = sorted((flat(word) for word in words), key=len, reverse=True)
    alternatives = (
        re.escape(word.rstrip("*")).replace(r"\ ", r"\s+") + (r"\w*" if word.endswith("*") else "")
        for word in listed
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)")


def data(name: str) -> str:
    """A file of `checks/words/`, or "" where there is none."""
    file = files("admissibility.checks").joinpath("words", name)
    return file.read_text("utf-8") if file.is_file() else ""


@cache
def listed(name: str) -> tuple[str, ...]:
    """The lines of a word list; what begins with # is a remark."""
    lines = (line.strip() for line in data(name).splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))
