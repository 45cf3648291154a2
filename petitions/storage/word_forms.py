"""Words of petitions as the index knows them. Pure: the same on SQLite, PostgreSQL and in Python.

A text is undone of Unicode tricks, folded (lower case, no accents), cut into words and each word brought
to its stem in the text's language (Snowball). Accents go before the stem, so that "ecole" and "École"
are one word to somebody without a French keyboard. The database is given the stems and never interprets
a language itself: both engines then find the same, and no extension of a server is needed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import snowballstemmer

from petitions.domain.text import LIGATURES

LONGEST = 40
"""Characters of a word that are looked at."""
MAX_WORDS = 5000
"""Words of one field that are looked at: no rulebook allows a text that is longer."""

_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish",
    "fr": "french", "ga": "irish", "hu": "hungarian", "it": "italian", "lt": "lithuanian",
    "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

# Words that say nothing about a subject. Verbs of asking ("stop", "interdire") do: they stay.
_STOP = {
    "en": (
        "a about all also am an and any are as at be because been being but by can could did do does"
        " don for from get had has have he her him his how if in into is it its just let like ll made"
        " make many may me more most much must my no not now of on one only or other our out over own"
        " re same should so some such than that the their them then there these they this those"
        " through to too under up us ve very was we were what when where which while who why will with"
        " would you your"
    ),
    "fr": (
        "au aussi aux avec ce ces cet cette comme dans de des donc du elle elles en est et etre eux il"
        " ils je la le les leur leurs lui mais me meme mes mon ne nos notre nous on ont ou par pas plus"
        " pour qu que qui sa sans se ses si son sont sur tous tout toute toutes tres un une vos votre"
        " vous aujourd"
    ),
    "nl": (
        "aan al als bij dan dat de der deze die dit door een en er haar heb hebben heeft het hij hun ik"
        " in is je kan maar me met mijn na naar niet nog nu of om omdat ons onze ook op over te tot uit"
        " van veel voor was wat we wel werd wij worden wordt zal ze zich zij zijn zo zonder"
    ),
    "de": (
        "aber alle als am an auch auf aus bei bin bis da das dass dem den der des die dies diese dieser"
        " doch du durch ein eine einem einen einer eines er es fur hat haben ich ihr ihre im in ist ja"
        " kann man mehr mein mit muss nach nicht noch nur oder ohne sehr sein seine sich sie sind so"
        " soll uber um und uns unser unsere vom von vor war was weil wenn wer wie wir wird zu zum zur"
    ),
}
_STOPPED = {language: frozenset(words.split()) for language, words in _STOP.items()}
_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’ʼ]s\b")
# What nobody sees: marks of direction, zero-width characters, soft hyphens, tags.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]+"
)
# Cyrillic and Greek letters that look like Latin ones, read as those inside a word that has Latin ones.
_LOOKALIKE = str.maketrans(
    {"а": "a", "в": "b", "е": "e", "і": "i", "к": "k", "м": "m", "н": "h", "о": "o", "р": "p", "с": "c",
     "т": "t", "у": "y", "х": "x", "ԁ": "d", "ј": "j", "ѕ": "s", "ԛ": "q", "ԝ": "w", "α": "a", "β": "b",
     "ε": "e", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "u", "χ": "x"}
)  # fmt: skip
_LATIN = re.compile("[a-z]")


def plain(text: str) -> str:
    """Lower case, no accents, no ligatures, nothing unseen: what words are cut from."""
    seen = _UNSEEN.sub("", text)
    decomposed = unicodedata.normalize("NFKD", seen.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return bare.translate(LIGATURES)


def words(text: str) -> list[str]:
    """Every word of a text in its order, folded; single letters are left out, single digits stay."""
    found = _WORD.findall(_POSSESSIVE.sub("", plain(text)))[:MAX_WORDS]
    return [_unmasked(word[:LONGEST]) for word in found if len(word) > 1 or word.isdigit()]


def _unmasked(word: str) -> str:
    """A word that mixes alphabets, as it was meant to be read."""
    if word.isascii() or not _LATIN.search(word):
        return word
    return word.translate(_LOOKALIKE)


def says_nothing(word: str, language: str) -> bool:
    """Whether a folded word is one of those that every text has."""
    return word in _STOPPED.get(_base(language), frozenset())


@lru_cache(maxsize=200_000)
def form(word: str, language: str) -> str:
    """The stem of a folded word; the word itself in a language without a stemmer."""
    algorithm = _ALGORITHMS.get(_base(language))
    if algorithm is None or not word.isalpha():
        return word
    return _stemmer(algorithm).stemWord(word) or word


@cache
def _stemmer(algorithm: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(algorithm)


def _base(language: str) -> str:
    return language.partition("-")[0].lower()


def meaningful(text: str, language: str) -> list[str]:
    """The words of a text in its order, without those that say nothing."""
    return [word for word in words(text) if not says_nothing(word, language)]


def forms(text: str, language: str) -> tuple[str, ...]:
    """The stems of a text, in its order, each as often as it stands there."""
    return tuple(form(word, language) for word in meaningful(text, language))


@dataclass(frozen=True, slots=True)
class Formed:
    """One text of a petition as it is indexed: stems of each part, apart by spaces."""

    title: str
    request: str
    reasons: str
    words: tuple[tuple[str, str], ...]
    """(word as written, its stem), each word once, in alphabetical order."""


def formed(title: str, request: str, reasons: str, language: str) -> Formed:
    parts = [meaningful(part, language) for part in (title, request, reasons)]
    once: Iterable[str] = sorted({word for part in parts for word in part})
    of_title, of_request, of_reasons = (
        " ".join(form(word, language) for word in part) for part in parts
    )
    words = tuple((word, form(word, language)) for word in once)
    return Formed(of_title, of_request, of_reasons, words)
