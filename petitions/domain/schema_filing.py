"""Reading what comes before signatures: `filing`, `sponsors`, `admissibility`. Pure."""

from __future__ import annotations

from types import MappingProxyType

from petitions.domain.collecting import ShareThreshold
from petitions.domain.filing import (
    Admissibility,
    Filing,
    Form,
    Grounds,
    Limits,
    Option,
    PerAuthor,
    SponsorStage,
    Spread,
    Stage,
)
from petitions.domain.predicates import Predicate
from petitions.domain.schema import ABSENT, written_items
from petitions.domain.schema_shares import read_share_table
from petitions.domain.schema_table import Table
from petitions.domain.vocabulary import (
    FilingChannel,
    Links,
    OpenSame,
    Overdue,
    Silence,
    StageOutcome,
    Unit,
)

# The grounds of a rulebook that names none of its own.
STANDARD_PUBLIC = (
    "outside-competence",
    "individual-case",
    "pending-proceedings",
    "duplicate",
    "decided-before",
    "no-request",
)
STANDARD_HIDDEN = ("defamatory", "offensive", "privacy", "advertising")


def read_filing(filing: Table) -> Filing:
    return Filing(
        author=filing.predicate("author"),
        form=_form(filing.table("form")),
        channels=filing.words("channels", FilingChannel, (FilingChannel.ONLINE,)),
        limits=_limits(filing.table("limits")),
        choices=MappingProxyType(
            {key: _options(filing.table("choices"), key) for key in filing.keys("choices")}
        ),
    )


def _form(form: Table) -> Form:
    return Form(
        title_max=form.number("title_max", 150),
        summary_max=form.number("summary_max", 0, minimum=0),
        text_max=form.number("text_max", 10_000),
        unit=form.word("unit", Unit, Unit.CHARS),
        files_max=form.number("files_max", 0, minimum=0),
        file_mb=form.number("file_mb", 5),
        pages_max=form.number("pages_max", 0, minimum=0),
        links=form.word("links", Links, Links.ANY),
        fields=form.ids("fields"),
    )


def _limits(limits: Table) -> Limits:
    per_author = limits.table("per_author")
    return Limits(
        open_same=limits.word("open_same", OpenSame, OpenSame.WARN),
        closed_within=limits.period("closed_within"),
        decided_within=limits.period("decided_within"),
        decided_outcomes=limits.ids("decided_outcomes"),
        open_per_author=limits.integer("open_per_author"),
        per_author=PerAuthor(
            n=per_author.number("n", 1), within=per_author.required_period("within")
        )
        if limits.has("per_author")
        else None,
    )


def _options(choices: Table, key: str) -> tuple[Option, ...]:
    options = choices.tables(key)
    if len(options) < 2:
        choices.reading.refuse(choices.at(key), "must have at least two options", len(options))
    found: dict[str, Option] = {}
    for table in options:
        option = Option(id=table.identifier("id"), overrides=table.has("set"))
        if option.id in found:
            table.refuse("id", "must be named once")
        found[option.id] = option
    return tuple(found.values())


def read_sponsors(body: Table, signers: Predicate) -> tuple[SponsorStage, ...]:
    """The sponsor stages in order; who may sponsor is by default who may sign."""
    stages = tuple(_sponsor_stage(table, signers) for table in body.tables("sponsors"))
    refuse_repeated_ids(body, "sponsors")
    return stages


def _sponsor_stage(table: Table, signers: Predicate) -> SponsorStage:
    minimum = _minimum(table)
    maximum = table.integer("max")
    if maximum is not None and isinstance(minimum, int) and maximum < minimum:
        table.refuse("max", f"must be >= [{table.path[-1]}].min {minimum}")
    spread = table.table("spread")
    return SponsorStage(
        id=table.identifier("id"),
        minimum=minimum,
        maximum=maximum,
        who=table.predicate("who", signers),
        unless=table.predicate("unless") if table.has("unless") else None,
        roles=MappingProxyType(
            {role: table.table("roles").number(role, 1) for role in table.keys("roles")}
        ),
        spread=Spread(
            areas=spread.required_text("areas"),
            k=spread.number("k", 1),
            minimum=spread.number("min", 1),
        )
        if table.has("spread")
        else None,
        within=table.period("within", counted=True),
        invitation=table.period("invitation", counted=True),
        attempts=table.number("attempts", 1),
        author_counts=table.flag("author_counts"),
        in_total=_in_total(table),
    )


def _minimum(table: Table) -> int | ShareThreshold:
    if isinstance(table.raw("min"), dict):
        return read_share_table(table.table("min"))
    if not table.has("min"):
        table.refuse("min", "must be an integer >= 1 or a share table")
    return table.number("min", 1)


def _in_total(table: Table) -> str | int:
    value = table.raw("in_total")
    if value is ABSENT or value in ("none", "all"):
        return "none" if value is ABSENT else str(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    table.refuse("in_total", "must be 'none', 'all' or a cap >= 1")
    return "none"


def read_admissibility(admissibility: Table) -> Admissibility:
    stages = tuple(_stage(table) for table in admissibility.tables("stages"))
    if not any(stage.at in ("filing", "publication") for stage in stages):
        admissibility.reading.refuse(
            admissibility.at("stages"), "must have a stage before publication", ABSENT
        )
    refuse_repeated_ids(admissibility, "stages")
    grounds = _grounds(admissibility.table("grounds"))
    _own_checklists(admissibility, grounds)
    return Admissibility(stages=stages, grounds=grounds)


def _stage(table: Table) -> Stage:
    at = table.text("at") or "publication"
    if at not in ("filing", "publication") and not at.startswith("milestone:"):
        table.refuse("at", "must be 'filing', 'publication' or 'milestone:<id>'")
        at = "publication"
    outcomes = (StageOutcome.ACCEPT, StageOutcome.RETURN, StageOutcome.REFUSE)
    return Stage(
        id=table.identifier("id"),
        body=table.required_text("body"),
        at=at,
        within=table.period("within", counted=True),
        stops=table.ids("stops"),
        outcomes=table.words("outcomes", StageOutcome, outcomes),
        four_eyes=table.flag("four_eyes"),
        returns_max=table.number("returns_max", 2, minimum=0),
        correction=table.default_period("correction", "P30D", counted=True),
        silence=table.word("silence", Silence, Silence.OVERDUE),
        overdue=table.word("overdue", Overdue, Overdue.PUBLIC),
        grounds=table.ids("grounds", none_ok=False),
    )


def _own_checklists(admissibility: Table, known: Grounds) -> None:
    """A stage's own checklist names grounds of the rulebook, and none twice."""
    for table in admissibility.tables("stages"):
        for each in written_items(table.entries.get("grounds")):
            if each.value not in known.every:
                rule = "must be one of admissibility.grounds"
                table.reading.refuse(each.path, rule, each.value)


def _grounds(grounds: Table) -> Grounds:
    public = grounds.ids("public", STANDARD_PUBLIC, none_ok=False)
    hidden = grounds.ids("hidden", STANDARD_HIDDEN)
    more = grounds.ids("more")
    for key, earlier in (("hidden", public), ("more", public + hidden)):
        for each in written_items(grounds.entries.get(key)):
            if each.value in earlier:
                grounds.reading.refuse(each.path, "must be named once", each.value)
    every = public + more + hidden
    shown = grounds.listed(
        "shown_at_filing",
        lambda value: value in every,
        f"must be one of {list(every)}",
        none_ok=True,
    )
    return Grounds(public=public + more, more=more, hidden=hidden, shown_at_filing=shown)


def refuse_repeated_ids(parent: Table, key: str) -> None:
    """Ids name things in events, wording and stored rows: each only once."""
    seen: set[object] = set()
    for table in parent.tables(key):
        value = table.raw("id")
        if isinstance(value, str):
            if value in seen:
                table.refuse("id", f"must be named once in {key}")
            seen.add(value)
