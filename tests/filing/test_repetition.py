"""What an earlier petition on the same subject bars, day by day."""

from __future__ import annotations

from datetime import date

import pytest

from petitions.domain.filing import Limits
from petitions.domain.lifecycle import State
from petitions.domain.periods import Period
from petitions.domain.plain_svg import svg_fault
from petitions.domain.repetition import Bar, Earlier, bar
from petitions.domain.theme import theme_fault
from petitions.domain.vocabulary import OpenSame

YEAR = Period.parse("P1Y")
FEBRUARY = date(2026, 2, 28)


def test_a_bar_includes_its_last_day_and_no_other() -> None:
    limits, earlier = Limits(closed_within=YEAR), Earlier(State.CLOSED_BELOW, FEBRUARY)
    through = date(2027, 2, 28)
    assert bar(limits, earlier, through) == Bar("closed_within", through)
    assert bar(limits, earlier, date(2027, 3, 1)) is None


@pytest.mark.parametrize("state", [State.REFUSED, State.WITHDRAWN, State.MERGED, State.LAPSED])
def test_what_was_never_dealt_with_bars_nothing(state: State) -> None:
    assert bar(Limits(closed_within=YEAR), Earlier(state, FEBRUARY), FEBRUARY) is None


@pytest.mark.parametrize("how", list(OpenSame))
def test_an_open_one_bars_only_where_the_rules_refuse_repetition(how: OpenSame) -> None:
    found = bar(Limits(open_same=how), Earlier(State.PUBLISHED), FEBRUARY)
    assert found == (Bar("open_same") if how is OpenSame.REFUSE else None)


def test_only_the_outcomes_named_bar_and_the_longest_bar_is_told() -> None:
    limits = Limits(
        decided_within=Period.parse("P2Y"), decided_outcomes=("declined",), closed_within=YEAR
    )
    declined = Earlier(State.EXAMINED, FEBRUARY, FEBRUARY, "declined")
    adopted = Earlier(State.EXAMINED, FEBRUARY, FEBRUARY, "adopted")
    assert bar(limits, declined, FEBRUARY) == Bar("decided_within", date(2028, 2, 28))
    assert bar(limits, adopted, FEBRUARY) == Bar("closed_within", date(2027, 2, 28))


@pytest.mark.parametrize(
    ("css", "fault"),
    [
        (":root{--brand:#063}@media (prefers-color-scheme: dark){:root{--brand:#9fc}}", ""),
        ("", ""),
        (":root{--brand:#063}", "dark"),
        ("body{display:none}", "may only hold"),
        (":root{--secret:1}@media (prefers-color-scheme:dark){:root{--brand:#fff}}", "--secret"),
        (":root{--brand:url(//x)}@media (prefers-color-scheme:dark){:root{--brand:#fff}}", "value"),
        ("@import 'x';", "may only hold"),
    ],
)
def test_a_theme_sets_colours_and_fonts_and_nothing_else(css: str, fault: str) -> None:
    found = theme_fault(css)
    assert fault in found
    assert bool(found) is bool(fault)


X = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"'


@pytest.mark.parametrize(
    ("drawn", "plain"),
    [
        (X + b'><path d="M0 0" fill="url(#a)"/></svg>', True),
        (X + b"><script>1</script></svg>", False),
        (X + b"><style>path{fill:red}</style></svg>", False),
        (X + b' onload="x()"></svg>', False),
        (X + b' style="fill:red"></svg>', False),
        (X + b'><path fill="url(http://x)"/></svg>', False),
        (X + b'><path fill="url(//x)"/></svg>', False),
        (X + b'><a href="http://x"><path/></a></svg>', False),
        (X + b'><image href="data:image/png;base64,AA"/></svg>', False),
        (X + b"><foreignObject><p>x</p></foreignObject></svg>", False),
        (b"<!DOCTYPE svg>" + X + b"></svg>", False),
        (b"<svg><path/></svg>", False),
        (X + b">", False),
        (b"\xff\xfe", False),
    ],
)
def test_a_logo_is_a_drawing_without_any_power(drawn: bytes, plain: bool) -> None:
    assert (svg_fault(drawn) == "") is plain
