"""What a rulebook asks its author to choose at filing; fixed when the petition is sent (P1, P6, P7).

A choice may change the procedure: `House.kind` reads the stored answers and gives the variant. The
length of the window, the way of collecting and the area of the petition are choices too, under the
names `window`, `channel` and `area`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from petitions.domain.calendar import check_choice
from petitions.domain.collecting import AreaThreshold
from petitions.domain.errors import InvalidError
from petitions.domain.lifecycle import State
from petitions.domain.periods import Period
from petitions.domain.rulebook import Kind, Rulebook
from petitions.domain.text import Problem
from petitions.domain.vocabulary import Combine, WindowMode
from petitions.services.ports import House
from petitions.services.targets import AREA
from petitions.storage.tables import Petition

WINDOW, CHANNEL = "window", "channel"


def kind_under(rulebook: Rulebook, petition: Petition) -> Kind:
    """The procedure of this petition under a version that is not pinned yet.

    Raises InvalidError where that version no longer knows the kind or an option chosen.
    """
    if petition.kind not in rulebook.kinds:
        raise InvalidError("kind_gone", kind=petition.kind)
    kind = rulebook.kinds[petition.kind]
    try:
        return kind.chosen({k: v for k, v in petition.choices.items() if k in kind.filing.choices})
    except KeyError:
        raise InvalidError("option_gone") from None


def asks_window(kind: Kind) -> bool:
    return kind.signing.window.mode in (WindowMode.LIST, WindowMode.RANGE)


def asks_channel(kind: Kind) -> bool:
    """Online or on paper, never both: the author says which."""
    return kind.signing.combine is Combine.ONE and len(kind.signing.channels) > 1


def asks_area(kind: Kind) -> bool:
    """A threshold differs by area: the author says which one the petition is about."""
    return any(isinstance(each.threshold, AreaThreshold) for each in kind.milestones)


def asks(kind: Kind) -> bool:
    return bool(kind.filing.choices) or asks_window(kind) or asks_channel(kind) or asks_area(kind)


def choose(
    session: Session, house: House, petition: Petition, answers: Mapping[str, str], on: date
) -> None:
    """Store what the author chose, once more complete than before; only while it is a draft.

    `answers`: choice → option, `window` → period, `channel` → word. InvalidError names the fields.
    """
    if petition.state != State.DRAFT:
        raise InvalidError("choice_fixed")
    base = house.rulebook(session, petition).kinds[petition.kind]
    bad = _bad_options(base, answers)
    if bad:
        raise InvalidError(fields=bad)
    chosen = {choice: answers[choice] for choice in base.filing.choices}
    kind = base.chosen(chosen)
    if asks_window(kind):
        chosen[WINDOW] = str(_window(kind, answers.get(WINDOW, ""), on))
    if asks_channel(kind):
        channels = [str(channel) for channel in kind.signing.channels]
        if answers.get(CHANNEL) not in channels:
            raise InvalidError(fields={CHANNEL: ("required", {})})
        chosen[CHANNEL] = answers[CHANNEL]
    if asks_area(kind):
        chosen[AREA] = answers.get(AREA, "")
        check_area(house, kind, chosen[AREA])
    petition.choices = chosen
    petition.version += 1


def _bad_options(kind: Kind, answers: Mapping[str, str]) -> dict[str, Problem]:
    found: dict[str, Problem] = {}
    for choice, options in kind.filing.choices.items():
        answer = answers.get(choice, "")
        if not answer:
            found[choice] = ("required", {})
        elif answer not in {option.id for option in options}:
            found[choice] = ("not_accepted", {})
    return found


def _window(kind: Kind, written: str, on: date) -> Period:
    """The length chosen. A range is offered its longest, so nothing is a choice too."""
    longest = kind.signing.window.maximum
    if not written and kind.signing.window.mode is WindowMode.RANGE and longest is not None:
        return longest
    if not written:
        raise InvalidError(fields={WINDOW: ("required", {})})
    try:
        length = Period.parse(written)
    except ValueError:
        raise InvalidError(fields={WINDOW: ("period_malformed", {})}) from None
    if not length.in_calendar_days:
        raise InvalidError(fields={WINDOW: ("period_malformed", {})})
    try:
        check_choice(kind.signing.window, length, on)
    except InvalidError as error:
        raise InvalidError(fields={WINDOW: (error.code, dict(error.facts))}) from None
    return length


def unanswered(kind: Kind, petition: Petition) -> dict[str, Problem]:
    """What a petition still lacks when it is sent: every choice of its kind, answered and known."""
    found = _bad_options(kind, {k: str(v) for k, v in petition.choices.items()})
    if asks_window(kind) and WINDOW not in petition.choices:
        found[WINDOW] = ("required", {})
    if asks_channel(kind) and CHANNEL not in petition.choices:
        found[CHANNEL] = ("required", {})
    if asks_area(kind) and not petition.choices.get(AREA):
        found[AREA] = ("required", {})
    return found


def check_area(house: House, kind: Kind, area: str) -> None:
    """InvalidError where a threshold hangs on the area and none of the table is named."""
    if not asks_area(kind) or kind.signing.areas is None:
        return
    if not area:
        raise InvalidError(fields={AREA: ("required", {})})
    if area not in house.library.areas(kind.signing.areas.file):
        raise InvalidError(fields={AREA: ("not_accepted", {})})


def check_window(kind: Kind, petition: Petition, on: date) -> None:
    """At submission, under the version then in force (rule T3). Raises InvalidError."""
    if asks_window(kind) and WINDOW in petition.choices:
        _window(kind, str(petition.choices[WINDOW]), on)
