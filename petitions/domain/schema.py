"""Reading a rulebook's values with their place of origin, and collecting every error. Pure.

- A value keeps the path where it was *written*: an override of a kind is reported at the kind.
- Reading never stops at an error; a reader returns a harmless value and goes on, so that the
  administrator sees all errors at once, in file order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

Path = tuple[str | int, ...]
Source = Mapping[str, object]


class Absent:
    """Stands for a value that was not written; shown as `none`."""


ABSENT = Absent()
UNSAID = Absent()  # the sentence names the value itself: no "got …" follows


@dataclass(frozen=True, slots=True)
class RulebookError:
    """One refusal: file, path as written (from 0), rule, and the value as text (None: not said)."""

    file: str
    path: str
    rule: str
    value: str | None

    def __str__(self) -> str:
        got = "" if self.value is None else f", got {self.value}"
        return f"{self.file}: {self.path} {self.rule}{got}"


class RulebookErrors(Exception):  # noqa: N818 - the plural is the point: all errors at once
    """Every error of the files read, in file order."""

    def __init__(self, errors: Sequence[RulebookError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, self.errors)))


@dataclass(frozen=True, slots=True)
class Written:
    """A value and the path where it was written; tables and lists hold `Written` values."""

    path: Path
    value: object


def located(value: object, path: Path = ()) -> Written:
    """Give every value below `value` its path."""
    if isinstance(value, Mapping):
        return Written(path, {str(key): located(each, (*path, key)) for key, each in value.items()})
    if isinstance(value, list):
        return Written(path, [located(each, (*path, at)) for at, each in enumerate(value)])
    return Written(path, value)


def plain(written: Written) -> object:
    """The value without its paths, as it stands in the file."""
    value = written.value
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def overlay(
    base: Written, over: Written, whole: Callable[[Path], bool], here: Path = ()
) -> Written:
    """Lay `over` on `base`: tables merge key by key; lists and what is `whole` replace."""
    if not isinstance(base.value, dict) or not isinstance(over.value, dict) or whole(here):
        return over
    merged: dict[str, Written] = dict(base.value)
    for key, each in over.value.items():
        merged[key] = overlay(merged[key], each, whole, (*here, key)) if key in merged else each
    return Written(base.path, merged)


def dotted(path: Path) -> str:
    """A path as an administrator reads it: `milestones[1].threshold`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text


def shown(value: object) -> str:
    """A value as an error names it."""
    if value is ABSENT:
        return "none"
    if isinstance(value, Written):
        return shown(plain(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and len(value) > 120:
        return repr(value[:120] + "…")
    return repr(value)


class Reading:
    """The errors of one file while it is read."""

    def __init__(self, file: str, source: Source) -> None:
        self.file = file
        self._source = source
        self._errors: dict[tuple[Path, str], object] = {}
        self.sitting: dict[Path, str] = {}  # clocks in sitting days, judged with the assembly

    def refuse(self, path: Path, rule: str, value: object = UNSAID) -> None:
        """Note an error once, however many kinds share the faulty value."""
        self._errors.setdefault((path, rule), value)

    def refuse_with(self, path: Path, rule: str, value: object) -> None:
        """As `refuse`, for readers that say None where the sentence names the value itself."""
        self.refuse(path, rule, UNSAID if value is None else value)

    def errors(self) -> tuple[RulebookError, ...]:
        """Every error noted, in the order of the file."""
        ordered = sorted(self._errors.items(), key=lambda item: self._position(item[0][0]))
        return tuple(
            RulebookError(self.file, dotted(path), rule, None if value is UNSAID else shown(value))
            for (path, rule), value in ordered
        )

    def raise_errors(self) -> None:
        if self._errors:
            raise RulebookErrors(self.errors())

    def _position(self, path: Path) -> tuple[int, ...]:
        """Where a path stands in its file; what was not written, at the end of its table."""
        here: object = self._source
        places: list[int] = []
        for part in path:
            if isinstance(here, Mapping):
                keys = list(here)
                places.append(keys.index(str(part)) if part in here else len(keys))
                here = here.get(str(part))
            elif isinstance(here, list) and isinstance(part, int) and part < len(here):
                places.append(part)
                here = here[part]
            else:
                break
        return tuple(places)


def path_at(root: Written, *parts: str | int) -> Path:
    """Where the value at `parts` of a merged body was written, or would have been."""
    here = root
    for at, part in enumerate(parts):
        inside = here.value
        below: Written | None = None
        if isinstance(inside, dict):
            below = inside.get(part)
        elif isinstance(inside, list) and isinstance(part, int) and part < len(inside):
            below = inside[part]
        if below is None:
            return (*here.path, *parts[at:])
        here = below
    return here.path


def written_items(written: Written | None) -> Iterator[Written]:
    """The entries of a written list; nothing if it is no list (an error was noted elsewhere)."""
    if written is not None and isinstance(written.value, list):
        yield from written.value
