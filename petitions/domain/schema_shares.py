"""Reading numbers that may depend on a population, a choice or an area: thresholds. Pure."""

from __future__ import annotations

from fractions import Fraction
from types import MappingProxyType

from petitions.domain.collecting import (
    AreaThreshold,
    ChoiceThreshold,
    FixedThreshold,
    ShareThreshold,
    Threshold,
)
from petitions.domain.schema_table import Table
from petitions.domain.vocabulary import Round

_FORMS = ("share", "by_choice", "by_area")


def read_threshold(parent: Table, key: str = "threshold") -> Threshold:
    """A number, a share of a population, a number by choice or a number by area."""
    value = parent.raw(key)
    if isinstance(value, dict):
        return _threshold_table(parent.table(key))
    if isinstance(value, bool) or not isinstance(value, int):
        parent.refuse(key, "must be an integer >= 1 or a table")
        return FixedThreshold(number=1)
    return FixedThreshold(number=parent.number(key, 1))


def _threshold_table(table: Table) -> Threshold:
    forms = [form for form in _FORMS if table.has(form)]
    if len(forms) != 1:
        table.reading.refuse(
            table.path, "must have exactly one of share, by_choice, by_area", forms
        )
        return FixedThreshold(number=1)
    if forms == ["share"]:
        return read_share_table(table)
    if forms == ["by_area"]:
        return AreaThreshold(by_area=table.required_text("by_area"))
    values = table.table("values")
    return ChoiceThreshold(
        by_choice=table.required_text("by_choice"),
        values=MappingProxyType({option: values.number(option, 1) for option in values.entries}),
    )


def read_share_table(table: Table) -> ShareThreshold:
    if not table.has("share"):
        table.refuse("share", "must be a share such as '1/100'")
    floor, ceiling = table.integer("floor"), table.integer("ceiling")
    if floor is not None and ceiling is not None and ceiling < floor:
        table.refuse("ceiling", f"must be >= floor {floor}")
    return ShareThreshold(
        share=table.share("share") or Fraction(1),
        of=table.required_text("of"),
        floor=floor,
        ceiling=ceiling,
        rounding=table.word("round", Round, Round.UP),
    )
