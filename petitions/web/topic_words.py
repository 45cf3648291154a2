"""Topics in words: the name in the reader's language, else in English or the assembly's own, marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from petitions.domain.assembly import Assembly
from petitions.domain.rulebook_files import Library
from petitions.platform.i18n import _, current_locale
from petitions.platform.spoken import told_in

MOST: Final = 16
"""Topics shown together: several lists on one site would be longer than any page."""


def topic_words(assembly: Assembly, topic: str | None) -> str:
    """`Spoken`; "" for none, and for one that the list does not have any more."""
    names = assembly.topics.get(topic or "")
    if names is None:
        return ""
    return told_in(names, current_locale().lang, "en", *assembly.languages)


def offered(library: Library, assemblies: Iterable[str]) -> dict[str, str]:
    """The topics of these assemblies in the order of their lists: id → name.

    Lists that two assemblies share, or ids that two lists share, are one topic to a reader.
    """
    found: dict[str, str] = {}
    for each in assemblies:
        assembly = library.assembly(each)
        for topic in assembly.topics:
            found.setdefault(topic, topic_words(assembly, topic))
    return found


def changed(library: Library, assemblies: Iterable[str], before: str, after: str) -> str:
    """What the trail says of a new topic; a topic that no list has any more stands for itself."""
    known = offered(library, assemblies)
    names = [known.get(each, each) if each else _("none") for each in (before, after)]
    return " → ".join(map(str, names))


def foremost(named: Mapping[str, str], numbers: Mapping[str, int], chosen: str = "") -> list[str]:
    """Topics that some petition has, in the order of the lists; of many, those with the most."""
    there = [topic for topic in named if numbers.get(topic)]
    most = sorted(there, key=lambda topic: -numbers[topic])[:MOST]
    return [topic for topic in there if topic in most or topic == chosen]
