"""The picture that messages show beside a link: 1200 x 630 points, PNG, in one language.

Title, assembly, count of the last whole day. Nothing else is known to it: no page is rendered, nothing
is fetched. Pillow is imported where it is used: the rest works without it.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from petitions.platform.i18n import _, current_locale
from petitions.sharing.facts import ShareFacts
from petitions.sharing.fonts import for_text, is_rtl

SIZE = (1200, 630)
_EDGE, _BAR = 72, 18
_TITLE = (72, 64, 56, 50, 44, 38)
"""Sizes to try, the largest first."""
_LINES = 4
_EDITION = 1


@dataclass(frozen=True, slots=True)
class Colours:
    brand: str = "#1b4a86"
    ink: str = "#16181d"
    muted: str = "#4b5160"
    ground: str = "#ffffff"
    line: str = "#c9cdd6"


def colours(theme: str) -> Colours:
    """Brand and ink of a theme's light set, where they are plain colours; else our own."""
    light = theme.split("@media", 1)[0]
    own = Colours()

    def token(name: str, otherwise: str) -> str:
        found = re.search(rf"--{name}\s*:\s*(#[0-9a-fA-F]{{6}}|#[0-9a-fA-F]{{3}})\s*[;}}]", light)
        return found[1] if found else otherwise

    return Colours(
        token("brand", own.brand), token("ink", own.ink), token("muted", own.muted),
        token("bg", own.ground), token("line-soft", own.line),
    )  # fmt: skip


def available() -> bool:
    return find_spec("PIL") is not None


def digest(facts: ShareFacts, look: Colours) -> str:
    said = (
        _EDITION, facts.ref, facts.title, facts.assembly, facts.site, facts.state, facts.count,
        facts.counted_on, facts.needed, current_locale().lang, look,
    )  # fmt: skip
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def draw(facts: ShareFacts, look: Colours, fonts: tuple[str, ...] = ()) -> bytes | None:
    """The PNG; None where the library is missing, or no font of this machine has the letters."""
    if not available():
        return None
    from PIL import Image, ImageDraw, features

    rtl = is_rtl(facts.title)
    if rtl and not features.check("raqm"):
        return None  # letters would stand apart and in the wrong order
    pair = for_text(facts.title + facts.assembly + facts.site, fonts)
    if pair is None:
        return None
    picture = Image.new("RGB", SIZE, look.ground)
    sheet = _Sheet(ImageDraw.Draw(picture), pair, look, rtl=rtl)
    sheet.frame(facts)
    sheet.title(facts.title)
    sheet.foot(facts)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


class _Sheet:
    def __init__(self, pen: Any, pair: tuple[Path, Path], look: Colours, *, rtl: bool) -> None:
        self.pen, self.pair, self.look, self.rtl = pen, pair, look, rtl

    def _font(self, size: int, *, bold: bool = False) -> Any:
        from PIL import ImageFont

        return ImageFont.truetype(str(self.pair[1 if bold else 0]), size)

    def _line(self, y: float, text: str, font: Any, colour: str) -> None:
        """From the side where the title's script begins."""
        from PIL import features

        direction = (
            {"direction": "rtl" if is_rtl(text) else "ltr"} if features.check("raqm") else {}
        )
        x, anchor = (SIZE[0] - _EDGE, "ra") if self.rtl else (_EDGE, "la")
        self.pen.text((x, y), text, font=font, fill=colour, anchor=anchor, **direction)

    def _fitting(self, text: str, font: Any, width: int) -> str:
        if font.getlength(text) <= width:
            return text
        while " " in text and font.getlength(f"{text} …") > width:
            text = text.rpartition(" ")[0]
        while font.getlength(f"{text} …") > width:  # one endless word
            text = text[:-1]
        return f"{text} …"

    def frame(self, facts: ShareFacts) -> None:
        width = SIZE[0]
        self.pen.rectangle((0, 0, width, _BAR), fill=self.look.brand)
        strong, plain = self._font(30, bold=True), self._font(26)
        self._line(
            52, self._fitting(facts.assembly, strong, width - 2 * _EDGE), strong, self.look.brand
        )
        about = f"{facts.site} · {_('No. %(ref)s', ref=facts.ref)}"
        self._line(94, self._fitting(about, plain, width - 2 * _EDGE), plain, self.look.muted)

    def title(self, text: str) -> None:
        """As large as fits into four lines; the smallest size is cut with an ellipsis."""
        width = SIZE[0] - 2 * _EDGE
        for size in _TITLE:
            font = self._font(size, bold=True)
            lines = _wrapped(text, font, width)
            if len(lines) <= _LINES and len(lines) * size * 1.22 <= 290:
                break
        else:
            lines = [
                *lines[: _LINES - 1],
                self._fitting(" ".join(lines[_LINES - 1 :]), font, width),
            ]
        top = 158 + (290 - len(lines) * size * 1.22) / 2
        for number, line in enumerate(lines):
            shown = self._fitting(line, font, width)
            self._line(top + number * size * 1.22, shown, font, self.look.ink)

    def foot(self, facts: ShareFacts) -> None:
        width, locale = SIZE[0] - 2 * _EDGE, current_locale()
        self.pen.line((_EDGE, 474, SIZE[0] - _EDGE, 474), fill=self.look.line, width=2)
        if facts.count is None or facts.counted_on is None:
            font = self._font(34)
            self._line(504, self._fitting(facts.shown_address, font, width), font, self.look.muted)
            return
        strong, plain = self._font(46, bold=True), self._font(27)
        self._line(490, locale.signatures(facts.count), strong, self.look.ink)
        told = _("verified, counted through %(day)s", day=locale.date(facts.counted_on))
        self._line(550, self._fitting(told, plain, width), plain, self.look.muted)
        self._opposite(
            503, facts.shown_address, plain, strong.getlength(locale.signatures(facts.count))
        )
        if facts.needed:
            share = min(1.0, facts.count / facts.needed)
            self._bar(share)

    def _opposite(self, y: float, text: str, font: Any, taken: float) -> None:
        """At the end of a line that begins with `taken` points; left out where it does not fit."""
        if font.getlength(text) > SIZE[0] - 2 * _EDGE - taken - 40:
            return
        x, anchor = (_EDGE, "la") if self.rtl else (SIZE[0] - _EDGE, "ra")
        self.pen.text((x, y), text, font=font, fill=self.look.muted, anchor=anchor)

    def _bar(self, share: float) -> None:
        left, right, top, bottom = _EDGE, SIZE[0] - _EDGE, 596, 610
        self.pen.rounded_rectangle((left, top, right, bottom), 7, outline=self.look.muted, width=2)
        filled = (right - left) * share
        if filled < 14:
            return
        box = (
            (right - filled, top, right, bottom) if self.rtl else (left, top, left + filled, bottom)
        )
        self.pen.rounded_rectangle(box, 7, fill=self.look.brand)


def _wrapped(text: str, font: Any, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines
