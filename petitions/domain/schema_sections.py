"""The texts around the reference of keys, and types that a reader's call cannot tell. Pure."""

from __future__ import annotations

from collections.abc import Mapping

OPENING = """\
# Every key of a rulebook

Written from the schema by `python scripts/write_rulebook_reference.py`; do not edit by hand.
A tutorial is in [rulebooks.md](rulebooks.md).

- **period**: `P6M`, `P42D`, `P1Y`, `P2W`; where working or sitting days are allowed, also
  `"10 working"`, `"15 sitting"`. A signed period may point back: `-P60D`.
- **share**: `"1/100"`, never a decimal number.
- **condition**: a table of `age_min` (a number, or `{ areas, column }`), `natural_person`,
  `organisation`, `resident_of`, `citizen_of`, `in_register`, `permit`, `office`; several must all
  hold; `any = [{…}, {…}]`, `all = […]`, `not = {…}` combine them; `{}` is anyone.
- **event**: `submitted`, `admitted`, `published`, `window_open`, `closed`, `verified`, `final`,
  `milestone:<id>`, `outcome:<id>`, `duty:<id>`, `handover:<ack>`, `event:<id>`.
- **id**: small letters, digits, `-` and `_`. `[]` stands for each entry of a list; in messages
  entries are counted from 0.
- *Refused with*: what the loader says to a wrong value, after file and path; then what it got.
"""
SECTIONS: Mapping[str, str] = {
    "rulebook": "Required in every file.",
    "kinds": "",
    "visibility": "Every table from here on may also stand inside a kind.",
}
TYPES: Mapping[str, tuple[str, str]] = {
    "rulebook.version": ("integer ≥ 1, required", ""),
    "rulebook.zone": ("IANA time zone, required", ""),
    "rulebook.assemblies": ("list of ids, required", ""),
    "rulebook.confirm": ("list of keys", "`[]`"),
    "rulebook.languages.accepted": ("list of languages", "the assembly's first"),
    "rulebook.languages.required": ("list of languages", "`[]`"),
    "rulebook.languages.authoritative": ("`author`, `all`, or a language", "`author`"),
    "rulebook.assurance": ("a level, or a table of levels", "`substantial`"),
    "sponsors[].min": ("integer ≥ 1, or a share table; required", ""),
    "sponsors[].in_total": ("`none`, `all`, or integer ≥ 1", "`none`"),
    "sponsors[].unless": ("condition", "none"),
    "admissibility.stages[].at": ("`filing`, `publication`, `milestone:<id>`", "`publication`"),
    "admissibility.grounds.shown_at_filing": ("list of grounds", "`[]`"),
    "signing.reference": ("`signing`, `window_end`, `event:<id>`", "`signing`"),
    "signing.window.start": (
        "`publication`, `submission`, `chosen`, `gazette`, `event:<id>`",
        "`publication`",
    ),
    "signing.window.choices": ("list of date periods", "none"),
    "signing.areas.source": (
        "one of `claim`, `declared`, `postcode`, `citizenship`, `sheet`; required",
        "",
    ),
    "milestones[].effect": ("an effect, or `choice:<id>`; required", ""),
    "milestones[].counts": ("`all`, or a class", "`all`"),
    "milestones[].decisive": ("true or false", "`true` if it stands alone"),
    "milestones[].threshold": ("integer ≥ 1, or a table; required", ""),
    "milestones[].threshold.share": ('share "a/b"', "none"),
    "milestones[].threshold.of": ("text, required with `share`", ""),
    "milestones[].threshold.floor": ("integer ≥ 1", "none"),
    "milestones[].threshold.ceiling": ("integer ≥ 1", "none"),
    "milestones[].threshold.round": ("one of `up`, `down`, `nearest`", "`up`"),
    "milestones[].threshold.by_choice": ("a choice", "none"),
    "milestones[].threshold.by_area": ("a column", "none"),
    "milestones[].threshold.values.<id>": ("integer ≥ 1", ""),
    "milestones[].quorum.k": ("integer ≥ 1, required without `fixed`", ""),
    "milestones[].quorum.min": ("integer ≥ 1, or a table", "`1`"),
    "milestones[].panel.<id>": ("list of two integers ≥ 1", ""),
    "after.ends_signing": ("list of outcomes", "all outcomes"),
    "calendar[].effect": (
        "one of `pause`, `extend`, `close`, `lapse`, `carry_over`, `refuse_new`; required",
        "",
    ),
    "calendar[].states": ("list of states", "every state the effect can reach"),
    "publicity.retention": ("list of tables", "signatures, `final`, `P6M`"),
    "extras.disclose_over.currency": ("three letters, required", ""),
    "extras.reimburse.currency": ("three letters, required", ""),
}
