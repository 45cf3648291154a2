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


def _table(plain_keys: str = "", /, **tables: Shape) -> Shape:
    return Shape(Form.TABLE, {**dict.fromkeys(plain_keys.split(), VALUE), **tables})


def _list(plain_keys: str = "", /, **tables: Shape) -> Shape:
    return Shape(Form.LIST, each=_table(plain_keys, **tables))


def _either(plain_keys: str = "", /, **tables: Shape) -> Shape:
    return Shape(Form.EITHER, _table(plain_keys, **tables).keys)


def _ids(each: Shape) -> Shape:
    return Shape(Form.IDS, each=each)


_SHARE_TABLE = _either("share of floor ceiling round")
_THRESHOLD = _either("share of floor ceiling round by_choice by_area", values=_ids(VALUE))
_QUORUM = _table("k", min=_either("column times"), fixed=_ids(VALUE))

_FILING = _table(
    "channels",
    author=PREDICATE,
    form=_table("title_max summary_max text_max unit files_max file_mb pages_max links fields"),
    limits=_table(
        "open_same closed_within decided_within decided_outcomes open_per_author",
        per_author=_table("n within"),
    ),
)
_SPONSORS = _list(
    "id max within invitation attempts author_counts in_total",
    min=_SHARE_TABLE,
    who=PREDICATE,
    unless=PREDICATE,
    roles=_ids(VALUE),
    spread=_table("areas k min"),
)
_ADMISSIBILITY = _table(
    stages=_list(
        "id body at within stops overdue outcomes four_eyes returns_max correction silence"
    ),
    grounds=_table("public hidden more shown_at_filing"),
)
_SIGNING = _table(
    "reference channels combine online_cap sheet_per_area uniqueness group withdrawal"
    " author_signs confirm_hours",
    who=PREDICATE,
    classes=_ids(PREDICATE),
    window=_table(
        "mode start length choices min max chosen_within first_day sheets_due_days statement_age",
        extension=_table("length times by cause"),
    ),
    areas=_table("file source show_share"),
    attrition=_list("within at_least else"),
    verification=_table(
        "online paper by submit_within within", sample=_table("floor share fail pass")
    ),
)
_MILESTONES = _list(
    "id effect basis counts evaluate snapshot force body decisive replaces",
    threshold=_THRESHOLD,
    quorum=_QUORUM,
    alternative=_table("declarations areas"),
    panel=_ids(VALUE),
)
_AFTER = _table(
    "entry early body outcomes ends_signing",
    handover=_table("by start acks within"),
    duties=_list(
        "id start for length not_before stops roll overdue on body",
        extension=_table("length times notice"),
    ),
)
BODY = _table(
    "visibility",
    filing=_FILING,
    sponsors=_SPONSORS,
    admissibility=_ADMISSIBILITY,
    signing=_SIGNING,
    milestones=_MILESTONES,
    after=_AFTER,
    calendar=_list("event effect states from to length"),
    publicity=_table(
        "author author_hidden_after signers count area_min freeze",
        retention=_list("data start length"),
    ),
    extras=_table(
        "fallback_kind cooling_off author_edits",
        disclose_over=_table("amount currency"),
        reimburse=_table("cents currency"),
    ),
)
_FILING.keys["choices"] = _ids(Shape(Form.LIST, each=_table("id", set=BODY)))

RULEBOOK = _table(
    "id version valid_from assemblies zone realm confirm",
    languages=_table("accepted required authoritative translated_by"),
    assurance=_either("file sponsor sign withdraw"),
)
FILE = Shape(Form.TABLE, {"rulebook": RULEBOOK, "kinds": _ids(BODY), **BODY.keys})

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
