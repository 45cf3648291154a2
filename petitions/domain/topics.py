"""What petitions to an assembly may be about: an ordered list of topics, named per language. Pure.

`topics/<list>.toml` holds a list that several assemblies share, and an assembly names it
(`topics = "parliament"`); or its own file has a table `[topics]`. Without either nothing is shown.
A topic classifies: it is no part of what is signed, and may be set anew at any time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from petitions.domain.schema import Reading, Source, Written, located
from petitions.domain.schema_shape import VALUE, check_shape, ids_of, table_of
from petitions.domain.schema_table import ID, ID_RULE, Table

Topics: TypeAlias = Mapping[str, Mapping[str, str]]
"""Id → language → name, in the order in which forms and pages offer them."""

NO_TOPICS: Final[Topics] = MappingProxyType({})
NO_LISTS: Final[Mapping[str, Topics]] = MappingProxyType({})
TARGET_MAX: Final = 60
"""Letters of "assembly/topic", by which somebody who follows it is found."""
_TOPICS = ids_of(ids_of(VALUE))
_FILE = table_of("id", topics=_TOPICS)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?", re.ASCII)
"""Language, script and region of BCP 47 (RFC 5646)."""


def target_of(assembly: str, topic: str) -> str:
    """How a topic of an assembly is named where people follow it."""
    return f"{assembly}/{topic}"


def topic_in(target: str) -> tuple[str, str]:
    """(assembly, topic) of what `target_of` made."""
    assembly, _slash, topic = target.partition("/")
    return assembly, topic


def read_topics(stem: str, source: Source, reading: Reading) -> Topics:
    """Read `topics/<stem>.toml`; what is wrong is noted in `reading`."""
    table = Table(reading, located(source))
    check_shape(reading, table.written, _FILE)
    if table.raw("id") != stem:
        table.refuse("id", f"must equal the file name '{stem}'")
    return _listed(table, "topics")


def topics_of(table: Table, assembly: str, shared: Mapping[str, Topics]) -> Topics:
    """The topics of an assembly's file: each needs a name in every language of its pages.

    A shared list may speak further languages.
    """
    if not table.has("topics"):
        return NO_TOPICS
    written = table.entries["topics"]
    if isinstance(written.value, str):
        if written.value not in shared:
            table.refuse("topics", f"must be one of the lists {sorted(shared)}, or a table")
            return NO_TOPICS
        found = shared[written.value]
    else:
        check_shape(table.reading, written, _TOPICS)
        found = _listed(table, "topics")
    _judge(table, found, assembly, written)
    return found


def _judge(table: Table, found: Topics, assembly: str, written: Written) -> None:
    owed = table.ids("site_languages", table.ids("languages"))
    for topic, names in found.items():
        at = written.path if isinstance(written.value, str) else (*written.path, topic)
        for language in owed:
            if language not in names:
                table.reading.refuse(at, f"must have a name of '{topic}' in '{language}'")
        if len(target_of(assembly, topic)) > TARGET_MAX:
            room = TARGET_MAX - len(target_of(assembly, ""))
            table.reading.refuse(at, f"must have ids of at most {room} letters", topic)


def _listed(table: Table, key: str) -> Topics:
    topics = table.table(key)
    if not topics.entries:
        table.refuse(key, "must have at least one topic")
    found: dict[str, Mapping[str, str]] = {}
    for topic in topics.entries:
        if not ID.fullmatch(topic):
            table.reading.refuse(topics.at(topic), ID_RULE, topic)
        found[topic] = _names(topics.table(topic))
        if not found[topic]:
            topics.refuse(topic, "must have a name in at least one language")
    return MappingProxyType(found)


def _names(names: Table) -> Mapping[str, str]:
    found = {}
    for language in names.entries:
        if not _LANGUAGE.fullmatch(language):
            rule = "must be a language code (BCP 47), such as fr"
            names.reading.refuse(names.at(language), rule, language)
        elif name := names.text(language):
            found[language] = name
    return MappingProxyType(found)
