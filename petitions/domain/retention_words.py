"""The table of what is kept as a part of a paper, written from the table. Pure.

The part of `docs/privacy.md` between the two marks is this text: a test fails where they differ.
"""

from __future__ import annotations

from collections.abc import Iterable

from petitions.domain.retention import Ended, Kept, Place, Whom
from petitions.domain.retention_table import TABLE

BEGIN = "<!-- the table begins: python scripts/write_retention.py -->"
END = "<!-- the table ends -->"

ENDED: dict[Ended, str] = {
    Ended.BROWSER: "the browser",
    Ended.REQUEST: "the end of the request",
    Ended.PURGE: "worker, every ten minutes",
    Ended.BATCH: "worker, with the batch",
    Ended.DAY_KEYS: "worker, every ten minutes",
    Ended.SEALING_ROWS: "sealing, step 4",
    Ended.SEALING_KEY: "sealing, step 5",
    Ended.SEALING_PEPPER: "sealing, step 7",
    Ended.SPONSORS: "worker, every ten minutes",
    Ended.FOLLOWERS: "worker, every ten minutes; stopping, at once",
    Ended.OUT_OF_INDEX: "in the same transaction",
    Ended.OPERATOR: "the operator",
    Ended.AUTHOR_CLOCK: "worker, when the rules' time is over; else the petitions office",
    Ended.OFFICE: "the petitions office, by hand",
    Ended.NOTHING: "nothing",
}
_OWNERS: dict[Whom, str] = {
    Whom.SIGNER: "Of somebody who signs",
    Whom.AUTHOR: "Of an author",
    Whom.STAFF: "Of staff",
    Whom.FOLLOWER: "Of somebody who follows by e-mail",
    Whom.HOUSE: "Of nobody in particular",
}
_HEAD = ("what", "where", "why", "until", "destroyed by", "could name a person")


def retention_part() -> str:
    """Markdown from mark to mark, ending with one newline."""
    parts = [BEGIN]
    for whom, title in _OWNERS.items():
        rows = [_row(line) for line in TABLE if line.whom is whom]
        parts.append(f"### {title}\n\n{_table(rows)}")
    parts.append(END)
    return "\n\n".join(parts) + "\n"


def paper_with_table(paper: str) -> str:
    """The paper with the part between the marks written anew. ValueError without both marks."""
    before, found, rest = paper.partition(BEGIN)
    _old, ended, after = rest.partition(f"{END}\n")
    if not found or not ended:
        raise ValueError(f"the paper needs the lines {BEGIN} and {END}")
    return before + retention_part() + after


def _row(line: Kept) -> tuple[str, ...]:
    return (
        line.what,
        _where(line),
        line.why,
        line.until_words(),
        ENDED[line.ended],
        str(line.naming),
    )


def _where(line: Kept) -> str:
    parts = ", ".join(f"`{part}`" for part in line.parts if part != "*")
    if line.place is Place.TABLE:
        whole = f"table `{line.name}`"
        return f"{whole}: {parts}" if parts else whole
    if line.place in {Place.FILE, Place.MAIL}:
        return f"{line.name}: {parts}" if parts else line.name
    if line.place is Place.MEMORY:
        return f"memory ({line.name})"
    return f"{line.place} `{line.name}`"


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    lines = [_HEAD, tuple("---" for _ in _HEAD), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
