"""Reading what follows the collection: `after`, `calendar`, `publicity`, `extras`. Pure."""

from __future__ import annotations

from petitions.domain.lifecycle import State
from petitions.domain.periods import Period
from petitions.domain.procedure import (
    After,
    CalendarRule,
    Duty,
    DutyExtension,
    Extras,
    Handover,
    Money,
    Publicity,
    Retention,
)
from petitions.domain.schema import ABSENT
from petitions.domain.schema_filing import refuse_repeated_ids
from petitions.domain.schema_table import Table
from petitions.domain.vocabulary import (
    AuthorName,
    CalendarEffect,
    CountShown,
    Entry,
    Freeze,
    OnWhom,
    Overdue,
    Roll,
    SignerNames,
)

DATA_CLASSES = ("signatures", "author", "sponsors", "drafts", "files", "correspondence")


def read_after(after: Table, *, has_milestones: bool) -> After:
    entry = after.word("entry", Entry, Entry.MILESTONE)
    if entry is Entry.MILESTONE and not has_milestones:
        after.reading.refuse(
            after.at("entry"), "must not be 'milestone' when milestones is empty", str(entry)
        )
    outcomes = after.ids("outcomes", ("examined",), none_ok=False)
    ends_signing = outcomes
    if after.has("ends_signing"):
        ends_signing = after.listed(
            "ends_signing",
            lambda value: value in outcomes,
            f"must be one of after.outcomes {list(outcomes)}",
            none_ok=True,
        )
    refuse_repeated_ids(after, "duties")
    return After(
        entry=entry,
        early=after.flag("early"),
        body=after.text("body"),
        four_eyes=after.flag("four_eyes"),
        outcomes=outcomes,
        ends_signing=ends_signing,
        handover=_handover(after.table("handover")) if after.has("handover") else None,
        duties=tuple(_duty(table) for table in after.tables("duties")),
    )


def _handover(table: Table) -> Handover:
    return Handover(
        by=table.required_text("by", "author"),
        start=table.required_text("start"),
        acks=table.ids("acks", ("sent", "received", "accepted"), none_ok=False),
        within=table.period("within", counted=True),
    )


def _duty(table: Table) -> Duty:
    extension = table.table("extension")
    return Duty(
        id=table.identifier("id"),
        start=table.required_text("start"),
        milestone=table.text("for"),
        length=table.period("length", counted=True),
        not_before=table.period("not_before"),
        stops=table.ids("stops"),
        roll=table.word("roll", Roll, Roll.NONE),
        extension=DutyExtension(
            length=extension.required_period("length", counted=True),
            times=extension.number("times", 1),
            notice=extension.flag("notice", default=True),
        )
        if table.has("extension")
        else None,
        overdue=table.word("overdue", Overdue, Overdue.PUBLIC),
        on=table.word("on", OnWhom, OnWhom.INSTITUTION),
        body=table.text("body"),
    )


def read_calendar(body: Table) -> tuple[CalendarRule, ...]:
    return tuple(_calendar_rule(table) for table in body.tables("calendar"))


def _calendar_rule(table: Table) -> CalendarRule:
    effect = table.word("effect", CalendarEffect, CalendarEffect.CARRY_OVER)
    if not table.has("effect"):
        table.refuse("effect", "must be one of " + ", ".join(CalendarEffect))
    if effect is CalendarEffect.EXTEND and not table.has("length"):
        table.refuse("length", "must be a period when effect is 'extend'")
    states = list(State)
    return CalendarRule(
        event=table.identifier("event"),
        effect=effect,
        states=table.listed(
            "states", lambda value: value in states, "must be a state of the machine"
        ),
        since=table.signed_period("from"),
        until=table.signed_period("to"),
        length=table.period("length"),
    )


def read_publicity(publicity: Table) -> Publicity:
    retention = tuple(_retention(table) for table in publicity.tables("retention"))
    return Publicity(
        author=publicity.word("author", AuthorName, AuthorName.NAME),
        author_hidden_after=publicity.period("author_hidden_after"),
        signers=publicity.word("signers", SignerNames, SignerNames.NEVER),
        count=publicity.word("count", CountShown, CountShown.LIVE),
        area_min=publicity.number("area_min", 10),
        freeze=publicity.word("freeze", Freeze, Freeze.PUBLICATION),
        retention=retention
        if publicity.has("retention")
        else (Retention(data="signatures", start="final", length=Period.parse("P6M")),),
    )


def _retention(table: Table) -> Retention:
    return Retention(
        data=table.one_of("data", DATA_CLASSES, "signatures")
        if table.has("data")
        else table.required_text("data"),
        start=table.required_text("start"),
        length=table.required_period("length"),
    )


def read_extras(extras: Table) -> Extras:
    return Extras(
        fallback_kind=extras.text("fallback_kind"),
        disclose_over=_money(extras, "disclose_over", "amount", 100),
        reimburse=_money(extras, "reimburse", "cents", 1),
        cooling_off=extras.period("cooling_off"),
        author_edits=extras.flag("author_edits"),
    )


def _money(extras: Table, key: str, unit: str, cents: int) -> Money | None:
    if not extras.has(key):
        return None
    table = extras.table(key)
    if not table.has(unit):
        table.refuse(unit, "must be an integer >= 1")
    currency = table.raw("currency")
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isalpha()):
        table.refuse("currency", "must be an ISO 4217 code such as 'EUR'")
        currency = "EUR" if currency is ABSENT else str(currency)
    return Money(cents=table.number(unit, 1) * cents, currency=str(currency))
