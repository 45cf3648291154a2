"""The texts with which assemblies replace letters of the engine: judged before one is sent."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from jinja2 import TemplateError, TemplateSyntaxError, meta

from admissibility import letters
from admissibility.letter_samples import SAMPLE
from admissibility.letters import CODES, COMMON, FACTS
from petitions.domain.errors import InvalidError

_NAME = re.compile(r"(?P<code>[a-z_]+)\.(?P<lang>[a-z]{2}(?:-[a-z]+)?)\.txt")
FOOT = "_foot"
GIVEN = frozenset({"locale", "assembly"})
"""Given to every letter besides its facts."""


def replaced(own: str, assembly: str) -> frozenset[tuple[str, str]]:
    """(letter, language) of each text that an assembly replaces."""
    if not own:
        return frozenset()
    found = (_NAME.fullmatch(path.name) for path in sorted((Path(own) / assembly).glob("*.txt")))
    return frozenset((match["code"], match["lang"]) for match in found if match)


def faults(own: str, assemblies: Collection[str]) -> Iterator[str]:
    """A sentence for each thing that is wrong with the texts in the folder."""
    place = Path(own)
    if not place.is_dir():
        yield f"mail.letters: {place} is not a folder"
        return
    for folder in sorted(place.iterdir()):
        if not folder.is_dir() or folder.name not in assemblies:
            yield f"{folder}: not a folder named like an assembly of this site"
            continue
        for path in sorted(folder.iterdir()):
            yield from (f"{path}: {fault}" for fault in _of_text(own, folder.name, path))


def _of_text(own: str, assembly: str, path: Path) -> Iterator[str]:
    match = _NAME.fullmatch(path.name)
    code = match["code"] if match else ""
    if match is None or code not in {*CODES, FOOT}:
        close = difflib.get_close_matches(code, CODES, n=1)
        yield "no letter has this name" + (f", did you mean {close[0]}?" if close else "")
        return
    try:
        source = path.read_text(encoding="utf-8")
        tree = letters.environment(str(path.parent)).parse(source)
    except (OSError, UnicodeDecodeError):
        yield "cannot be read as UTF-8"
        return
    except TemplateSyntaxError as error:
        yield f"line {error.lineno}: {error.message}"
        return
    known = COMMON | GIVEN | FACTS.get(code, frozenset())
    unknown = sorted(meta.find_undeclared_variables(tree) - known)
    for name in unknown:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f", did you mean {close[0]}?" if close else f"; it knows {', '.join(sorted(known))}"
        yield f"{{{{ {name} }}}} is not known to this letter{hint}"
    if code != FOOT and not unknown:
        yield from _rendered(own, assembly, code, match["lang"])


def _rendered(own: str, assembly: str, code: str, lang: str) -> Iterator[str]:
    """The text with sample facts: it must stand, and name the petition and where its author reads on."""
    try:
        letter = letters.render(code, lang, {**SAMPLE, "assembly": assembly}, own)
    except (TemplateError, InvalidError, TypeError, ValueError) as error:
        yield f"does not render: {error}"
        return
    if str(SAMPLE["reference"]) not in letter.subject:
        yield "its first line, the subject, does not name the petition: {{ reference }}"
    if str(SAMPLE["author_link"]) not in letter.text:
        yield "it does not say where its author reads on: {{ author_link }}, or the foot"
