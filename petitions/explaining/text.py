"""An explanation as plain text: for the command line, and as the long description of the diagram."""

from __future__ import annotations

from collections.abc import Iterator

from petitions.domain.course import Course
from petitions.domain.lifecycle import State
from petitions.explaining.explanation import Explanation, KindExplained
from petitions.explaining.state_words import move_words, state_words
from petitions.platform.i18n import _, current_locale


def explanation_text(explanation: Explanation) -> str:
    """The whole explanation, headings underlined, ending with one newline."""
    title = _(
        "%(rulebook)s, version %(version)s, in force from %(day)s",
        rulebook=explanation.rulebook,
        version=explanation.version,
        day=current_locale().date(explanation.valid_from),
    )
    lines = [title, "=" * len(title), explanation.assemblies]
    for kind in explanation.kinds:
        lines += ["", kind.title, "-" * len(kind.title), *_kind(kind)]
    if explanation.confirm:
        lines += ["", _("Still to be confirmed by the parliament:")]
        lines += [f"  - {path}" for path in explanation.confirm]
    return "\n".join(lines) + "\n"


def _kind(kind: KindExplained) -> Iterator[str]:
    for section in kind.sections:
        yield ""
        yield f"* {section.heading}"
        for point in section.points:
            reference = f" [{point.reference}]" if point.reference else ""
            yield f"  - {point.text}{reference}"
            yield from (f"      {each}" for each in point.below)
    yield ""
    yield "* " + _("States")
    yield from (f"  - {line}" for line in course_lines(kind.course))


def course_lines(course: Course) -> tuple[str, ...]:
    """Each move once, with every state it starts from: the diagram in words."""
    sources: dict[tuple[int, State], list[str]] = {}
    moves: dict[tuple[int, State], str] = {}
    for edge in course.edges:
        key = (edge.number, edge.target)
        sources.setdefault(key, []).append(state_words(edge.source))
        moves[key] = move_words(edge)
    return tuple(
        _(
            "%(source)s → %(target)s: %(move)s",
            source=current_locale().either(names),
            target=state_words(target),
            move=moves[(number, target)],
        )
        for (number, target), names in sources.items()
    )
