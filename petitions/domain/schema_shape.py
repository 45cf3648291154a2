"""The keys a rulebook may have, as one tree: the only list of known keys. Pure.

The tree refuses unknown keys and wrong containers, and tells whether a path in `rulebook.confirm`
names a key of the schema. What a value must be is said where it is read (`schema_*`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from petitions.domain.predicates import KEYS as PREDICATE_KEYS
from petitions.domain.predicates import not_a_known_key
from petitions.domain.schema import Reading, Written, plain


class Form(StrEnum):
    VALUE = "value"  # a text, number, date or list of texts: judged by its reader
    TABLE = "table"  # known keys
    IDS = "ids"  # a table whose keys are ids of the file
    LIST = "list"  # a list of tables
    EITHER = "either"  # a value or a table
    PREDICATE = "predicate"


@dataclass(slots=True)
class Shape:
    form: Form
    keys: dict[str, Shape] = field(default_factory=dict)
    each: Shape | None = None


VALUE = Shape(Form.VALUE)
PREDICATE = Shape(Form.PREDICATE)


def table_of(plain_keys: str = "", /, **tables: Shape) -> Shape:
    return Shape(Form.TABLE, {**dict.fromkeys(plain_keys.split(), VALUE), **tables})


def list_of(plain_keys: str = "", /, **tables: Shape) -> Shape:
    return Shape(Form.LIST, each=table_of(plain_keys, **tables))


def either_of(plain_keys: str = "", /, **tables: Shape) -> Shape:
    return Shape(Form.EITHER, table_of(plain_keys, **tables).keys)


def ids_of(each: Shape) -> Shape:
    return Shape(Form.IDS, each=each)


_SHARE_TABLE = either_of("share of floor ceiling round")
_THRESHOLD = either_of("share of floor ceiling round by_choice by_area", values=ids_of(VALUE))
_QUORUM = table_of("k", min=either_of("column times"), fixed=ids_of(VALUE))

_FILING = table_of(
    "channels",
    author=PREDICATE,
    form=table_of("title_max summary_max text_max unit files_max file_mb pages_max links fields"),
    limits=table_of(
        "open_same closed_within decided_within decided_outcomes open_per_author",
        per_author=table_of("n within"),
    ),
)
_SPONSORS = list_of(
    "id max within invitation attempts author_counts in_total",
    min=_SHARE_TABLE,
    who=PREDICATE,
    unless=PREDICATE,
    roles=ids_of(VALUE),
    spread=table_of("areas k min"),
)
_ADMISSIBILITY = table_of(
    stages=list_of(
        "id body at within stops overdue outcomes four_eyes returns_max correction silence grounds"
    ),
    grounds=table_of("public hidden more shown_at_filing"),
)
_SIGNING = table_of(
    "reference channels combine online_cap sheet_per_area uniqueness group withdrawal"
    " author_signs confirm_hours",
    who=PREDICATE,
    classes=ids_of(PREDICATE),
    window=table_of(
        "mode start length choices min max chosen_within first_day sheets_due_days statement_age",
        extension=table_of("length times by cause"),
    ),
    areas=table_of("file source show_share"),
    attrition=list_of("within at_least else"),
    verification=table_of(
        "online paper by submit_within within", sample=table_of("floor share fail pass")
    ),
)
_MILESTONES = list_of(
    "id effect basis counts evaluate snapshot force body decisive replaces",
    threshold=_THRESHOLD,
    quorum=_QUORUM,
    alternative=table_of("declarations areas"),
    panel=ids_of(VALUE),
)
_AFTER = table_of(
    "entry early body four_eyes outcomes ends_signing",
    handover=table_of("by start acks within"),
    duties=list_of(
        "id start for length not_before stops roll overdue on body",
        extension=table_of("length times notice"),
    ),
)
BODY = table_of(
    "visibility",
    filing=_FILING,
    sponsors=_SPONSORS,
    admissibility=_ADMISSIBILITY,
    signing=_SIGNING,
    milestones=_MILESTONES,
    after=_AFTER,
    calendar=list_of("event effect states from to length"),
    publicity=table_of(
        "author author_hidden_after signers count area_min freeze",
        retention=list_of("data start length"),
    ),
    extras=table_of(
        "fallback_kind cooling_off author_edits",
        disclose_over=table_of("amount currency"),
        reimburse=table_of("cents currency"),
    ),
)
_FILING.keys["choices"] = ids_of(Shape(Form.LIST, each=table_of("id", set=BODY)))

RULEBOOK = table_of(
    "id version valid_from assemblies zone realm confirm",
    languages=table_of("accepted required authoritative translated_by"),
    assurance=either_of("file sponsor sign withdraw"),
)
FILE = Shape(Form.TABLE, {"rulebook": RULEBOOK, "kinds": ids_of(BODY), **BODY.keys})

# Predicates and the window are replaced whole by an override, as lists are (a threshold is part of
# a list). A half-replaced condition would let in people neither version of the text lets in.
_WHOLE = {("filing", "author"), ("signing", "who"), ("signing", "window")}


def replaced_whole(path: tuple[str | int, ...]) -> bool:
    return path in _WHOLE or (len(path) == 3 and path[:2] == ("signing", "classes"))


def check_shape(reading: Reading, written: Written, shape: Shape = FILE) -> None:
    """Refuse unknown keys and wrong containers, anywhere in the file."""
    value = written.value
    if shape.form in (Form.TABLE, Form.IDS):
        if not isinstance(value, dict):
            reading.refuse(written.path, _table_rule(written), plain(written))
            return
        _check_keys(reading, value, shape)
    elif shape.form is Form.EITHER and isinstance(value, dict):
        _check_keys(reading, value, shape)
    elif shape.form is Form.LIST:
        if not isinstance(value, list):
            reading.refuse(written.path, "must be a list of tables", plain(written))
            return
        for each in value:
            check_shape(reading, each, shape.each or VALUE)


def _table_rule(written: Written) -> str:
    is_kind = len(written.path) == 2 and written.path[0] == "kinds"
    return "must be a table of known keys" if is_kind else "must be a table"


def _check_keys(reading: Reading, table: dict[str, Written], shape: Shape) -> None:
    for key, each in table.items():
        below = shape.each if shape.form is Form.IDS else shape.keys.get(key)
        if below is None:
            reading.refuse(each.path, not_a_known_key(key, tuple(shape.keys)))
        else:
            check_shape(reading, each, below)


_PART = re.compile(r"([A-Za-z0-9_-]+)((?:\[\d+\])*)", re.ASCII)


def names_a_key(path: str) -> bool:
    """Whether a dotted path (`signing.window.length`, `calendar[0]`) fits the schema."""
    shape = FILE
    for part in path.split("."):
        match = _PART.fullmatch(part)
        if match is None:
            return False
        below = _below(shape, match[1])
        if below is None:
            return False
        shape = below
        for _ in range(match[2].count("[")):
            if shape.form is Form.PREDICATE:
                continue
            shape = shape.each or VALUE
    return True


def _below(shape: Shape, key: str) -> Shape | None:
    if shape.form is Form.PREDICATE:
        return PREDICATE if key in PREDICATE_KEYS else None
    if shape.form is Form.IDS:
        return shape.each
    return shape.keys.get(key)
