"""The rulebook: one file, one or more kinds, immutable once in force. Pure.

- A petition is pinned to the version in force on the day it is submitted; the pinned copy is the
  canonical form, and `rulebook_from_canonical` reads it back without the file.
- Reading refuses or accepts a file whole: no part of a faulty rulebook is ever used.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from petitions.domain.collecting import Milestone, Signing, Window
from petitions.domain.filing import Filing, Stage
from petitions.domain.procedure import After, Duty, Kind
from petitions.domain.schema import (
    Reading,
    RulebookError,
    RulebookErrors,
    Written,
    located,
    overlay,
)
from petitions.domain.schema_after import (
    read_after,
    read_calendar,
    read_extras,
    read_publicity,
)
from petitions.domain.schema_checks import Scope, check_kind, fallbacks
from petitions.domain.schema_context import Context
from petitions.domain.schema_filing import read_admissibility, read_filing, read_sponsors
from petitions.domain.schema_head import (
    Assurance,
    Head,
    Languages,
    Level,
    check_sitting_clocks,
    read_head,
)
from petitions.domain.schema_shape import BODY, check_shape, replaced_whole
from petitions.domain.schema_signing import read_milestones, read_signing
from petitions.domain.schema_table import ID, ID_RULE, Table
from petitions.domain.schema_wording import check_wording
from petitions.domain.vocabulary import Visibility

__all__ = [
    "After",
    "Assurance",
    "Context",
    "Duty",
    "Filing",
    "Kind",
    "Languages",
    "Level",
    "Milestone",
    "Rulebook",
    "RulebookError",
    "RulebookErrors",
    "Signing",
    "Stage",
    "Window",
    "canonical",
    "digest_of",
    "load_rulebook",
    "rulebook_from_canonical",
]

# Every combination of choices that change the procedure is read and checked; more is no procedure.
VARIANTS_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """A procedure in force. `digest` is the SHA-256 of `canonical`, the copy a petition pins."""

    id: str
    version: int
    valid_from: date
    assemblies: tuple[str, ...]
    zone: str
    realm: str
    languages: Languages
    assurance: Assurance
    kinds: Mapping[str, Kind]
    confirm: tuple[str, ...]
    canonical: bytes
    digest: bytes

    @property
    def default_kind(self) -> Kind:
        return next(iter(self.kinds.values()))


def load_rulebook(text: str, *, name: str, context: Context) -> Rulebook:
    """Read the TOML text of the file `name`; RulebookErrors lists everything wrong with it."""
    try:
        source: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        fault = RulebookError(name, "file", f"must be TOML: {error}", None)
        raise RulebookErrors([fault]) from error
    return _read(source, name, context)


def canonical(source: Mapping[str, object]) -> bytes:
    """The canonical form of a rulebook's source: JSON, keys sorted, no blanks, UTF-8.

    TypeError on a float: a share written as a float would not be the same number everywhere.
    """
    return json.dumps(
        _exact(source), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    ).encode()


def digest_of(canonical_form: bytes) -> bytes:
    return hashlib.sha256(canonical_form).digest()


def rulebook_from_canonical(canonical_form: bytes, context: Context) -> Rulebook:
    """Read a pinned copy again; a later change of wording or bodies does not refuse it."""
    source = json.loads(canonical_form)
    head = source["rulebook"]
    head["valid_from"] = date.fromisoformat(head["valid_from"])
    pinned = replace(context, wording=None, realms=None, pinned=True)
    return _read(source, f"{head['id']}.toml", pinned)


def _exact(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _exact(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_exact(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (str, bool, int)):
        return value
    raise TypeError(f"no place for a {type(value).__name__} in a rulebook")


def _read(source: dict[str, object], name: str, context: Context) -> Rulebook:
    reading = Reading(name, source)
    file = located(source)
    check_shape(reading, file)
    head = read_head(Table(reading, file).table("rulebook"), name, context)
    kinds = {
        kind_id: _kind(reading, kind_id, body, head, context)
        for kind_id, body in _bodies(reading, file).items()
    }
    if not context.pinned:
        check_sitting_clocks(reading, head.assemblies)
    for kind_id, target in fallbacks(kinds):
        path = ("extras", "fallback_kind")
        written = Table(reading, file).table("kinds").table(kind_id).table("extras")
        at = written.at("fallback_kind") if written.has("fallback_kind") else path
        reading.refuse(at, "must be a kind without signing", target)
    reading.raise_errors()
    form = canonical(source)
    return Rulebook(
        id=head.id,
        version=head.version,
        valid_from=head.valid_from,
        assemblies=tuple(assembly.id for assembly in head.assemblies),
        zone=head.zone,
        realm=head.realm,
        languages=head.languages,
        assurance=head.assurance,
        kinds=MappingProxyType(kinds),
        confirm=head.confirm,
        canonical=form,
        digest=digest_of(form),
    )


def _bodies(reading: Reading, file: Written) -> dict[str, Written]:
    """Each kind's body: the top level of the file with the kind's own text laid over it."""
    entries = file.value if isinstance(file.value, dict) else {}
    base = Written((), {key: each for key, each in entries.items() if key in BODY.keys})
    kinds = entries.get("kinds")
    if kinds is None or not isinstance(kinds.value, dict):
        return {"petition": base}
    if not kinds.value:
        reading.refuse(kinds.path, "must have at least one kind", {})
    for kind_id, body in kinds.value.items():
        if not ID.fullmatch(kind_id):
            reading.refuse(body.path, ID_RULE)
    return {
        kind_id: overlay(base, body, replaced_whole) if isinstance(body.value, dict) else base
        for kind_id, body in kinds.value.items()
    }


def _kind(reading: Reading, kind_id: str, root: Written, head: Head, context: Context) -> Kind:
    kind = _checked(reading, kind_id, root, head, context)
    variants: dict[tuple[tuple[str, str], ...], Kind] = {}
    for combination in _combinations(reading, root, kind.filing):
        body = root
        for choice, option in combination:
            override = _override(root, choice, option)
            if override is not None:
                body = overlay(body, override, replaced_whole)
        variants[combination] = _checked(reading, kind_id, body, head, context)
    return replace(kind, variants=MappingProxyType(variants))


def _combinations(
    reading: Reading, root: Written, filing: Filing
) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Every way to answer the choices that change the procedure."""
    changing = [
        [(choice, option.id) for option in options]
        for choice, options in sorted(filing.choices.items())
        if any(option.overrides for option in options)
    ]
    if not changing:
        return ()
    combinations = tuple(itertools.islice(itertools.product(*changing), VARIANTS_MAX + 1))
    if len(combinations) > VARIANTS_MAX:
        choices = Table(reading, root).table("filing").at("choices")
        reading.refuse(choices, f"must not make more than {VARIANTS_MAX} procedures")
        return ()
    return combinations


def _override(root: Written, choice: str, option: str) -> Written | None:
    """What the option sets; overrides are read from the kind, so that order makes no difference."""
    choices = Table(Reading("", {}), root).table("filing").table("choices")
    for table in choices.tables(choice):
        if table.raw("id") == option:
            return table.entries.get("set")
    return None


def _checked(reading: Reading, kind_id: str, root: Written, head: Head, context: Context) -> Kind:
    body = Table(reading, root)
    filing = read_filing(body.table("filing"))
    signing = read_signing(body.table("signing"))
    milestones = read_milestones(body, tuple(filing.choices))
    kind = Kind(
        id=kind_id,
        visibility=body.word("visibility", Visibility, Visibility.PUBLIC),
        filing=filing,
        sponsors=read_sponsors(body, signing.who),
        admissibility=read_admissibility(body.table("admissibility")),
        signing=signing,
        milestones=milestones,
        after=read_after(body.table("after"), has_milestones=bool(milestones)),
        calendar=read_calendar(body),
        publicity=read_publicity(body.table("publicity")),
        extras=read_extras(body.table("extras")),
        variants=MappingProxyType({}),
    )
    scope = Scope(reading, root, kind, head.assemblies, context)
    if not context.pinned:
        check_kind(scope)
    if context.wording is not None:
        site = (code for assembly in head.assemblies for code in assembly.site_languages)
        languages = tuple(dict.fromkeys((*head.languages.accepted, *site)))
        check_wording(scope, context.wording, languages, head.id)
    return kind
