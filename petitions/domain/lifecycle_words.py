"""The life of a petition as a page of documentation, written from the transition table. Pure.

`docs/lifecycle.md` is this text: a test fails where the two differ, so the page cannot grow stale.
"""

from __future__ import annotations

from collections.abc import Iterable

from petitions.domain.lifecycle import (
    END_STATES,
    SIGNING_STATES,
    TRANSITIONS,
    Action,
    Role,
    State,
    Transition,
    actions_of,
)

MEANINGS: dict[State, str] = {
    State.DRAFT: "The author is writing; nobody else sees it.",
    State.GATHERING_SPONSORS: "The sponsors the rulebook asks for are being found.",
    State.IN_ADMISSIBILITY: "A clerk examines whether it may be published.",
    State.RETURNED: "The author has been asked to correct it, by a day.",
    State.PUBLISHED: "Public and, inside its window, open for signing.",
    State.THRESHOLD_REACHED: "The decisive milestone was met; this is never undone by counting.",
    State.EXAMINED: "The body gave its answer.",
    State.REFUSED: "Not admissible; title, text and reasons stay public.",
    State.HIDDEN: "Taken out of sight for a ground that hides title and text.",
    State.CLOSED_BELOW: "The window ended below the decisive milestone.",
    State.WITHDRAWN: "The author took it back.",
    State.MERGED: "Joined to another petition; signatures were neither moved nor added.",
    State.LAPSED: "A time ran out, or an event of the calendar ended it.",
    State.ARCHIVED: "Every term of retention is over; what had to be erased is erased.",
}

_OPENING = """\
# The life of a petition

Written from the transition table in `petitions/domain/lifecycle.py` by
`python scripts/write_lifecycle.py`; do not edit by hand.

One table decides every move. The buttons of the desk, the CHECK constraints of the database and this
page are read from it. What the clock can compute (opens on Monday, three days left) is never stored.
Counting never moves a petition back: no row leads from `threshold_reached` to `published`.
"""


def lifecycle_page() -> str:
    """The whole page, Markdown, ending with one newline."""
    parts = (
        _OPENING,
        "## States\n\n" + _table(("state", "meaning", "open for signing", "end"), _states()),
        "## Transitions\n\nThe first row whose condition holds is taken, from top to bottom. "
        "`system` is the worker.\n\n"
        + _table(
            ("no.", "from", "to", "action", "who", "condition", "two persons", "told"),
            map(_transition, TRANSITIONS),
        ),
        "## What each role may try\n\n" + _table(("state", "role", "actions"), _offers()),
    )
    return "\n".join(parts)


def _states() -> Iterable[tuple[str, ...]]:
    for state in State:
        signing = "yes" if state in SIGNING_STATES else ""
        yield f"`{state}`", MEANINGS[state], signing, "yes" if state in END_STATES else ""


def _transition(row: Transition) -> tuple[str, ...]:
    return (
        str(row.number),
        _codes(row.sources) or "–",
        f"`{row.target}`" if row.target else "where it came from",
        _codes(row.actions),
        ", ".join(sorted(row.roles)),
        row.when,
        "always" if row.second_person else "",
        ", ".join(row.notifies) or "nobody",
    )


def _offers() -> Iterable[tuple[str, ...]]:
    for state in State:
        for role in Role:
            offered = actions_of(state, role)
            if offered:
                yield f"`{state}`", role, _codes(offered)


def _codes(words: Iterable[State | Action]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
