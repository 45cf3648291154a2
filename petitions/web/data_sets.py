"""The data sets in words: what each column means. The only list of columns; tests hold rows to it."""

from __future__ import annotations

from petitions.platform.i18n import N_
from petitions.web.pages_data import Column, DataSet

_REF = Column("reference", "string", N_("Number of the petition: year and number"))
SETS = (
    DataSet("petitions", N_("Petitions"),
            N_("Every petition that has a public page, with its text and where it stands."), (
        _REF,
        Column("address", "string", N_("Short address that never changes")),
        Column("assembly", "string", N_("Assembly it is addressed to")),
        Column("rulebook", "string", N_("Rules it is under")),
        Column("kind", "string", N_("Kind of petition within these rules")),
        Column("state", "string", N_("Where it stands")),
        Column("language", "string", N_("Language of the text that is signed")),
        Column("title", "string", N_("Title, as frozen at publication")),
        Column("request", "string", N_("What is asked")),
        Column("reasons", "string", N_("Why")),
        Column("submitted_on", "date", N_("Day it was sent by its author")),
        Column("decided_on", "date", N_("Day of the newest decision to admit or refuse it")),
        Column("published_on", "date", N_("Day it was published")),
        Column("closes_on", "date", N_("Last day for signing")),
        Column("ended_on", "date", N_("Day signing ended")),
        Column("signatures", "integer",
               N_("Valid signatures, as far as the rules show them; empty where they do not")),
        Column("on_paper", "integer", N_("The part of them certified on paper")),
        Column("counted_at", "datetime", N_("Time of the batch behind the number (UTC)")),
        Column("threshold", "integer", N_("Signatures that the decisive level needs")),
        Column("threshold_reached_on", "date", N_("Day it was reached")),
        Column("examined_on", "date", N_("Day of the newest outcome")),
        Column("outcome", "string", N_("Code of the outcome")),
        Column("days_overdue", "integer",
               N_("Days over the earliest public deadline that is not kept; 0 where none is")),
        Column("sealed_at", "datetime", N_("When the key to its signatures was destroyed (UTC)")),
        Column("topic", "string", N_("What it is about: id in the assembly’s list of topics, if any")),
    )),
    DataSet("events", N_("Events"), N_("What happened to each petition, as its timeline tells it."), (
        _REF,
        Column("event", "string", N_("Number of the event within the petition; it never changes")),
        Column("kind", "string", N_("move:, step: or change: with what it was")),
        Column("on", "date", N_("Day on which it holds")),
        Column("recorded_at", "datetime", N_("When it was recorded (UTC)")),
        Column("title", "string", N_("What happened")),
        Column("text", "string", N_("What the institution said with it")),
        Column("body", "string", N_("Committee or other body")),
        Column("links", "array", N_("Documents")),
    )),
    DataSet("counts", N_("Counts per day"),
            N_("Valid signatures at the end of each day with batches; days are days of UTC."), (
        _REF,
        Column("day", "date", N_("Day")),
        Column("signatures", "integer", N_("Valid signatures at its end")),
    )),
    DataSet("areas", N_("Counts per area"),
            N_("The newest published figures by area: once a day, from 500 signatures, whole tens."), (
        _REF,
        Column("day", "date", N_("Day of the figures")),
        Column("area_set", "string", N_("Table of areas")),
        Column("area", "string", N_("Code of the area")),
        Column("name", "string", N_("Name of the area")),
        Column("signatures", "integer", N_("Whole tens; empty: fewer than hidden_under")),
        Column("hidden_under", "integer", N_("Smallest figure that is told")),
        Column("inhabitants", "integer", N_("Inhabitants of the area")),
    )),
    DataSet("decisions", N_("Decisions"),
            N_("Admitted or refused, with the grounds and the time it took."), (
        _REF,
        Column("stage", "string", N_("Stage of the check")),
        Column("decided_on", "date", N_("Day of the decision")),
        Column("body", "string", N_("Who decided")),
        Column("outcome", "string", N_("admitted or refused")),
        Column("grounds", "array", N_("Codes of the grounds of refusal")),
        Column("rules", "array", N_("Articles these grounds rest on")),
        Column("days", "integer", N_("Days since it was sent")),
    )),
)  # fmt: skip
BY_NAME = {each.name: each for each in SETS}
CHANGES = (("2026-11-22", N_("First edition: petitions, events, counts, areas, decisions.")),)
"""What changed in sets and columns, the newest first: programs rely on them."""


def table_schema(found: DataSet, gettext: object = str) -> dict[str, object]:
    """Table Schema (Frictionless): fields with types; lists stand in CSV as words with spaces."""
    words = gettext if callable(gettext) else str
    keys = {"petitions": ["reference"], "events": ["reference", "event"],
            "counts": ["reference", "day"], "areas": ["reference", "area"]}  # fmt: skip
    told: dict[str, object] = {
        "fields": [
            {"name": each.name, "type": each.type, "description": words(each.meaning)}
            for each in found.columns
        ],
        "missingValues": [""],
    }
    if found.name in keys:
        told["primaryKey"] = keys[found.name]
    if found.name != "petitions":
        told["foreignKeys"] = [
            {"fields": "reference", "reference": {"resource": "petitions", "fields": "reference"}}
        ]
    return told
