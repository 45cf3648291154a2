"""Reading the collection: `signing` and `milestones`. Pure."""

from __future__ import annotations

from fractions import Fraction
from types import MappingProxyType

from petitions.domain.collecting import (
    Alternative,
    AreaMinimum,
    Attrition,
    Milestone,
    Quorum,
    Sample,
    Signing,
    SigningAreas,
    Verification,
    Window,
    WindowExtension,
)
from petitions.domain.periods import DATE_PERIOD_RULE, Period
from petitions.domain.schema import ABSENT, plain, written_items
from petitions.domain.schema_filing import refuse_repeated_ids
from petitions.domain.schema_shares import read_threshold
from petitions.domain.schema_table import Table
from petitions.domain.vocabulary import (
    AreaSource,
    AttritionElse,
    Basis,
    Channel,
    Combine,
    Evaluate,
    FirstDay,
    Force,
    Method,
    SnapshotAt,
    Uniqueness,
    WindowMode,
    Withdrawal,
)

EFFECTS = (
    "notify",
    "publish",
    "feature",
    "reply",
    "hearing",
    "agenda_item",
    "committee",
    "debate",
    "vote",
    "process",
    "norm",
    "presiding_body",
    "deliberative_committee",
)
_STARTS = ("publication", "submission", "chosen", "gazette")
_MODES_OF = {
    "length": (WindowMode.FIXED,),
    "choices": (WindowMode.LIST,),
    "min": (WindowMode.RANGE,),
    "max": (WindowMode.RANGE,),
    "statement_age": (WindowMode.ROLLING,),
    "extension": (WindowMode.FIXED, WindowMode.LIST, WindowMode.RANGE),
    "sheets_due_days": (WindowMode.FIXED, WindowMode.LIST, WindowMode.RANGE),
}


def read_signing(signing: Table) -> Signing:
    classes = signing.table("classes")
    return Signing(
        who=signing.predicate("who"),
        classes=MappingProxyType({label: classes.predicate(label) for label in classes.entries}),
        reference=_reference(signing),
        window=_window(signing.table("window")),
        areas=_areas(signing),
        attrition=tuple(_attrition(table) for table in signing.tables("attrition")),
        uniqueness=signing.word("uniqueness", Uniqueness, Uniqueness.PETITION),
        group=signing.text("group"),
        withdrawal=signing.word("withdrawal", Withdrawal, Withdrawal.CLOSE),
        author_signs=signing.flag("author_signs"),
        confirm_hours=signing.number("confirm_hours", 0, minimum=0),
        channels=signing.words("channels", Channel, (Channel.ONLINE,)),
        combine=signing.word("combine", Combine, Combine.BOTH),
        online_cap=signing.share("online_cap"),
        sheet_per_area=signing.flag("sheet_per_area"),
        verification=_verification(signing.table("verification")),
    )


def _reference(signing: Table) -> str:
    value = signing.text("reference") or "signing"
    if value in ("signing", "window_end") or value.startswith("event:"):
        return value
    signing.refuse("reference", "must be 'signing', 'window_end' or 'event:<id>'")
    return "signing"


def _window(table: Table) -> Window:
    mode = table.word("mode", WindowMode, WindowMode.FIXED)
    for key, modes in _MODES_OF.items():
        if table.has(key) and mode not in modes:
            table.refuse(key, f"must be absent when mode is '{mode}'")
    start = table.text("start") or "publication"
    if start not in _STARTS and not start.startswith("event:"):
        table.refuse("start", "must be one of " + ", ".join(_STARTS) + ", event:<id>")
    if table.has("chosen_within") and start != "chosen":
        table.refuse("chosen_within", f"must be absent when start is '{start}'")
    _refuse_missing(table, mode)
    extension = table.table("extension")
    return Window(
        mode=mode,
        start=start,
        length=table.period("length"),
        choices=_periods(table) if mode is WindowMode.LIST else (),
        minimum=table.default_period("min", "P1D"),
        maximum=table.period("max"),
        chosen_within=table.period("chosen_within"),
        first_day=table.word("first_day", FirstDay, FirstDay.NEXT),
        sheets_due_days=table.signed_integer("sheets_due_days"),
        extension=WindowExtension(
            length=extension.required_period("length"),
            times=extension.number("times", 1),
            by=extension.required_text("by"),
            cause=extension.text("cause"),
        )
        if table.has("extension")
        else None,
        statement_age=table.period("statement_age"),
    )


def _refuse_missing(table: Table, mode: WindowMode) -> None:
    needed = {
        WindowMode.FIXED: "length",
        WindowMode.RANGE: "max",
        WindowMode.ROLLING: "statement_age",
    }.get(mode)
    if needed and not table.has(needed):
        table.refuse(needed, DATE_PERIOD_RULE)


def _periods(table: Table) -> tuple[Period, ...]:
    found = []
    for each in written_items(table.entries.get("choices")):
        try:
            period = Period.parse(each.value) if isinstance(each.value, str) else None
        except ValueError:
            period = None
        if period is None or not period.in_calendar_days or period.empty:
            table.reading.refuse(each.path, DATE_PERIOD_RULE, plain(each))
        else:
            found.append(period)
    if table.raw("choices") in (ABSENT, []) or not isinstance(table.raw("choices"), list):
        table.refuse("choices", "must have at least one period")
    return tuple(found)


def _areas(signing: Table) -> SigningAreas | None:
    if not signing.has("areas"):
        return None
    areas = signing.table("areas")
    if not areas.has("source"):
        areas.refuse("source", "must be one of " + ", ".join(AreaSource))
    return SigningAreas(
        file=areas.required_text("file"),
        source=areas.word("source", AreaSource, AreaSource.DECLARED),
        show_share=areas.text("show_share"),
    )


def _attrition(table: Table) -> Attrition:
    if not table.has("at_least"):
        table.refuse("at_least", "must be an integer >= 1")
    return Attrition(
        within=table.required_period("within"),
        at_least=table.number("at_least", 1),
        otherwise=table.word("else", AttritionElse, AttritionElse.CLOSE),
    )


def _verification(table: Table) -> Verification:
    online = table.word("online", Method, Method.AT_SIGNING)
    paper = table.word("paper", Method, Method.CERTIFICATE)
    for key, method in (("online", online), ("paper", paper)):
        if method is Method.SAMPLE and not table.has("sample"):
            table.refuse("sample", f"is needed by {key} = 'sample'")
    sample = table.table("sample")
    for key in ("floor", "share", "fail", "pass"):
        if table.has("sample") and not sample.has(key):
            sample.refuse(key, "must be given with a sample")
    return Verification(
        online=online,
        paper=paper,
        by=table.text("by"),
        submit_within=table.period("submit_within", counted=True),
        within=table.period("within", counted=True),
        sample=Sample(
            floor=sample.number("floor", 1),
            share=sample.share("share") or Fraction(1),
            fails=sample.share("fail") or Fraction(1),
            # 110 % is a share above one: the projection must clear the threshold by a margin.
            passes=sample.share("pass", maximum=None) or Fraction(1),
        )
        if table.has("sample")
        else None,
    )


def read_milestones(body: Table, choices: tuple[str, ...]) -> tuple[Milestone, ...]:
    tables = body.tables("milestones")
    alone = len(tables) == 1
    milestones = tuple(_milestone(table, choices, alone=alone) for table in tables)
    decisive = sum(milestone.decisive for milestone in milestones)
    if milestones and decisive != 1:
        body.reading.refuse(
            body.at("milestones"), "must have exactly one entry with decisive = true", decisive
        )
    refuse_repeated_ids(body, "milestones")
    return milestones


def _milestone(table: Table, choices: tuple[str, ...], *, alone: bool) -> Milestone:
    alternative = table.table("alternative")
    return Milestone(
        id=table.identifier("id"),
        threshold=read_threshold(table),
        effect=_effect(table, choices),
        basis=table.word("basis", Basis, Basis.VERIFIED),
        counts=table.text("counts") or "all",
        evaluate=table.word("evaluate", Evaluate, Evaluate.LIVE),
        snapshot=table.word("snapshot", SnapshotAt, SnapshotAt.ADMISSION),
        force=table.word("force", Force, Force.MAY),
        body=table.text("body"),
        decisive=table.flag("decisive", default=alone),
        replaces=table.flag("replaces"),
        quorum=_quorum(table.table("quorum")) if table.has("quorum") else None,
        alternative=Alternative(
            declarations=alternative.number("declarations", 1),
            areas=alternative.required_text("areas"),
        )
        if table.has("alternative")
        else None,
        panel=MappingProxyType(
            {key: _members_and_drawn(table.table("panel"), key) for key in table.keys("panel")}
        ),
    )


def _effect(table: Table, choices: tuple[str, ...]) -> str:
    value = table.raw("effect")
    if isinstance(value, str):
        if value in EFFECTS or (value.removeprefix("choice:") in choices and ":" in value):
            return value
        if value.startswith("choice:"):
            table.refuse("effect", f"must name one of filing.choices {list(choices)}")
            return "notify"
    table.refuse("effect", "must be one of " + ", ".join(EFFECTS) + ", choice:<id>")
    return "notify"


def _quorum(table: Table) -> Quorum:
    if not table.has("k") and not table.has("fixed"):
        table.refuse("k", "must be an integer >= 1")
    minimum: int | AreaMinimum = 1
    if isinstance(table.raw("min"), dict):
        by_column = table.table("min")
        minimum = AreaMinimum(
            column=by_column.required_text("column"), times=by_column.number("times", 1)
        )
    else:
        minimum = table.number("min", 1)
    fixed = table.table("fixed")
    return Quorum(
        k=table.number("k", 0, minimum=1),
        minimum=minimum,
        fixed=MappingProxyType({area: fixed.number(area, 1) for area in fixed.entries}),
    )


def _members_and_drawn(panel: Table, key: str) -> tuple[int, int]:
    value = panel.raw(key)
    if (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(n, int) and not isinstance(n, bool) and n >= 1 for n in value)
    ):
        return (value[0], value[1])
    panel.refuse(key, "must be [members, drawn]")
    return (1, 1)
