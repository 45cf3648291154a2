"""States and moves in words: what the diagram of a procedure and a timeline say."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.domain.course import Edge
from petitions.domain.lifecycle import State
from petitions.platform.i18n import N_, _

_STATES: Mapping[State, str] = {
    State.DRAFT: N_("Draft"),
    State.GATHERING_SPONSORS: N_("Looking for sponsors"),
    State.IN_ADMISSIBILITY: N_("Being checked"),
    State.RETURNED: N_("Returned for correction"),
    State.PUBLISHED: N_("Published"),
    State.THRESHOLD_REACHED: N_("Threshold reached"),
    State.EXAMINED: N_("Examined"),
    State.REFUSED: N_("Refused"),
    State.HIDDEN: N_("Out of sight"),
    State.CLOSED_BELOW: N_("Closed under the threshold"),
    State.WITHDRAWN: N_("Withdrawn by its author"),
    State.MERGED: N_("Joined to another petition"),
    State.LAPSED: N_("Lapsed"),
    State.ARCHIVED: N_("Archived"),
}
_MOVES: Mapping[int, str] = {
    2: N_("the author sends it"),
    3: N_("the author sends it"),
    4: N_("every sponsor is found"),
    5: N_("the time for finding sponsors runs out"),
    6: N_("the check at filing is passed"),
    7: N_("the check is passed"),
    8: N_("points are to be corrected"),
    9: N_("the author sends the correction"),
    10: N_("the time for the correction runs out"),
    11: N_("it is not admissible; the reasons are public"),
    12: N_("it is not admissible on a ground that hides title and text"),
    13: N_("the check after the milestone is not passed"),
    14: N_("the refusal is lifted"),
    15: N_("the decisive number is reached"),
    16: N_("signing ends and the decisive number is not reached"),
    17: N_("an intermediate number is missed"),
    18: N_("the final count is corrected upwards"),
    19: N_("a ground that hides it, or a court order"),
    21: N_("the author withdraws it, before the decisive number"),
    22: N_("another petition asks for the same"),
    23: N_("an event of the calendar ends it"),
    24: N_("a time limit of the author is missed"),
    25: N_("the hand-over is missed"),
    26: N_("the answer is recorded"),
    27: N_("the answer is recorded, whatever the number"),
    28: N_("every time of retention has run out"),
}


def state_words(state: State) -> str:
    return _(_STATES[state])


def move_words(edge: Edge) -> str:
    return _(_MOVES[edge.number])


def edge_words(edge: Edge) -> str:
    """A line of the diagram's text form: "Being checked → Published: the check is passed"."""
    return _(
        "%(source)s → %(target)s: %(move)s",
        source=state_words(edge.source),
        target=state_words(edge.target),
        move=move_words(edge),
    )
