"""The states of a procedure as an SVG: main line on the left, one rail for each side state.

No colour carries meaning and no script is needed; the words of every arrow stand in the long
description, and `course_lines` gives the same as text beside the drawing.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from petitions.domain.course import Course, Edge
from petitions.domain.lifecycle import State
from petitions.explaining.state_words import move_words, state_words
from petitions.explaining.text import course_lines
from petitions.platform.i18n import _

BOX_WIDTH, BOX_HEIGHT, ROW, LEFT, TOP = 190, 44, 112, 40, 16
RAIL, RAILS_AT = 118, 286
SIDE_WIDTH, SIDE_HEIGHT = 108, 62
LABEL_COLUMNS, SIDE_COLUMNS, MAIN_COLUMNS = 34, 15, 24
_ARCHIVING = 28


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where things stand: y of each main state, x of each side state's rail, y of their boxes."""

    course: Course
    rows: dict[State, int]
    rails: dict[State, int]
    floor: int

    @property
    def width(self) -> int:
        return max(RAILS_AT + RAIL * len(self.rails), LEFT + BOX_WIDTH + 200) + LEFT

    @property
    def side_height(self) -> int:
        """High enough for the longest name in the language spoken."""
        return max([SIDE_HEIGHT, *(16 * len(_wrapped(state)) + 14 for state in self.rails)])

    @property
    def height(self) -> int:
        below = max([0, *(len(list(_onward(self, state))) for state in self.rails)])
        return self.floor + self.side_height + max(60, 16 + 13 * below)


def diagram(course: Course, title: str, *, name: str = "course") -> str:
    """The drawing as an SVG element. `name` keeps ids apart where a page holds several."""
    plan = _Plan(
        course,
        {state: TOP + ROW * at for at, state in enumerate(course.main)},
        {state: RAILS_AT + RAIL * at + RAIL // 2 for at, state in enumerate(course.side)},
        TOP + ROW * len(course.main),
    )
    described = " ".join(f"{line}." for line in course_lines(course))
    size = f'viewBox="0 0 {plan.width} {plan.height}" width="{plan.width}" height="{plan.height}"'
    named = f'role="img" aria-labelledby="{name}-title {name}-desc"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {named} font-family="sans-serif">',
        f'<title id="{name}-title">{escape(title)}</title>',
        f'<desc id="{name}-desc">{escape(described)}</desc>',
        _arrow(name),
        *_rails(plan, name),
        *_main_line(plan, name),
        *_skips(plan, name),
        *_side_boxes(plan),
        "</svg>",
    ]
    return "\n".join(parts)


def _arrow(name: str) -> str:
    tip = '<path d="M0 0 8 4 0 8z" fill="currentColor"/>'
    size = 'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"'
    return (
        f'<defs><marker id="{name}-arrow" {size} orient="auto-start-reverse">{tip}</marker></defs>'
    )


def _skips(plan: _Plan, name: str) -> Iterator[str]:
    """Moves that leave out a state of the main line run past it on the left."""
    order = list(plan.rows)
    skips = dict.fromkeys(
        (edge.source, edge.target)
        for edge in plan.course.edges
        if edge.source in plan.rows
        and edge.target in plan.rows
        and order.index(edge.target) != order.index(edge.source) + 1
    )
    for at, (source, target) in enumerate(skips):
        x = LEFT - 10 - 8 * at
        start = plan.rows[source] + 3 * BOX_HEIGHT // 4
        end = plan.rows[target] + BOX_HEIGHT // 4
        yield (
            f'<path d="M{LEFT} {start}H{x}V{end}H{LEFT}" fill="none" stroke="currentColor"'
            f' marker-end="url(#{name}-arrow)"/>'
        )


def _main_line(plan: _Plan, name: str) -> Iterator[str]:
    for at, state in enumerate(plan.course.main):
        y = plan.rows[state]
        title = textwrap.wrap(state_words(state), MAIN_COLUMNS)
        yield _box(LEFT, y, BOX_WIDTH, BOX_HEIGHT, title, bold=True)
        if at + 1 < len(plan.course.main):
            below = plan.course.main[at + 1]
            x = LEFT + BOX_WIDTH // 2
            moves = [
                edge for edge in plan.course.edges if (edge.source, edge.target) == (state, below)
            ]
            if moves:
                yield _line(x, y + BOX_HEIGHT, x, plan.rows[below], name)
                yield from _label(x + 8, y + BOX_HEIGHT + 18, move_words(moves[0]), 21)
            else:
                yield _dotted(x, y + BOX_HEIGHT, plan.rows[below])


def _rails(plan: _Plan, name: str) -> Iterator[str]:
    """From a main state a line runs right and joins, with a dot, the rail down to the side state."""
    for state, x in plan.rails.items():
        into = [each for each in _into(plan, state) if each.source in plan.rows]
        if not into:
            continue
        tops = []
        for edge in dict.fromkeys(edge.source for edge in into):
            y = plan.rows[edge] + _port(plan, edge, state)
            tops.append(y)
            yield f'<path d="M{LEFT + BOX_WIDTH} {y}H{x}" fill="none" stroke="currentColor"/>'
            yield f'<circle cx="{x}" cy="{y}" r="3.5" fill="currentColor"/>'
        yield _line(x, min(tops), x, plan.floor, name)


def _into(plan: _Plan, state: State) -> tuple[Edge, ...]:
    return tuple(edge for edge in plan.course.edges if edge.target is state)


def _port(plan: _Plan, source: State, target: State) -> int:
    """Lines of one state leave at different heights, in the order of the rails."""
    targets = [
        side
        for side in plan.course.side
        if any((edge.source, edge.target) == (source, side) for edge in plan.course.edges)
    ]
    return (targets.index(target) + 1) * BOX_HEIGHT // (len(targets) + 1)


def _wrapped(state: State) -> list[str]:
    return textwrap.wrap(state_words(state), SIDE_COLUMNS, break_long_words=False)


def _onward(plan: _Plan, state: State) -> Iterator[str]:
    """Where a side state may lead, in lines that fit below its box."""
    edges = (each for each in plan.course.edges if each.source is state)
    for target in dict.fromkeys(each.target for each in edges if each.number != _ARCHIVING):
        words = "→ " + state_words(target)
        yield from textwrap.wrap(words, SIDE_COLUMNS + 3, break_long_words=False)


def _side_boxes(plan: _Plan) -> Iterator[str]:
    for state, x in plan.rails.items():
        left = x - SIDE_WIDTH // 2
        yield _box(left, plan.floor, SIDE_WIDTH, plan.side_height, _wrapped(state))
        for at, line in enumerate(_onward(plan, state)):
            y = plan.floor + plan.side_height + 16 + 13 * at
            yield _text(x, y, line, anchor="middle", size=11)
    if State.ARCHIVED in plan.rows and plan.rails:
        note = _("Every end is archived in time.")
        yield _text(LEFT, plan.floor + plan.side_height // 2, note, size=11)


def _box(x: int, y: int, width: int, height: int, lines: list[str], *, bold: bool = False) -> str:
    middle = y + height // 2 + 5 - 8 * (len(lines) - 1)
    words = "".join(
        _text(x + width // 2, middle + 16 * at, line, anchor="middle", bold=bold)
        for at, line in enumerate(lines)
    )
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" fill="none"'
        f' stroke="currentColor" stroke-width="{2 if bold else 1}"/>{words}'
    )


def _line(x1: int, y1: int, x2: int, y2: int, name: str) -> str:
    return (
        f'<path d="M{x1} {y1}L{x2} {y2}" fill="none" stroke="currentColor"'
        f' marker-end="url(#{name}-arrow)"/>'
    )


def _dotted(x: int, y1: int, y2: int) -> str:
    return f'<path d="M{x} {y1}V{y2}" fill="none" stroke="currentColor" stroke-dasharray="2 4"/>'


def _label(x: int, y: int, words: str, columns: int = LABEL_COLUMNS) -> Iterator[str]:
    for at, line in enumerate(textwrap.wrap(words, columns)):
        yield _text(x, y + 13 * at, line, size=11)


def _text(
    x: int, y: int, words: str, *, anchor: str = "start", size: int = 13, bold: bool = False
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="currentColor"'
        f"{weight}>{escape(words)}</text>"
    )
