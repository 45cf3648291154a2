"""Languages: gettext catalogues by Babel, and the locale that writes dates, numbers and delays.

Rules of this module:
- English is the source language: its sentences are the message keys, so it has no catalogue;
- every `translations/<lang>/*.po` is read once at start; one catalogue per language;
- the locale of the answer being made lives in a context variable (a thread or task sees only its
  own), because imported template macros see no page context.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import babel
from babel import dates, lists, numbers
from babel.messages import Catalog, mofile, pofile
from jinja2 import Environment
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy

from petitions.platform.spoken import Spoken, marked
from petitions.platform.stamps import Stamps, file_stamps

SOURCE_LANG = "en"
TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"
_WITH_THE = frozenset({"AE", "BS", "CD", "CF", "DO", "GB", "GM", "NL", "PH", "US"})
"""Countries whose English name takes an article in a sentence."""
_FORMATS = {"en": "en_GB"}  # day before month, as parliaments of Europe write it
_NAMES = {"en": "English", "fr": "Français", "nl": "Nederlands", "de": "Deutsch"}


def N_(message: str) -> str:  # noqa: N802 - the marker's name is gettext's own convention
    """Mark a sentence for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Locale:
    """One language of the site: its sentences and its way to write dates and numbers."""

    lang: str
    translations: NullTranslations
    zone: dt.tzinfo = dt.UTC

    @property
    def name(self) -> str:
        return native_name(self.lang)

    @property
    def dir(self) -> str:
        return str(self._cldr.text_direction)

    @property
    def _cldr(self) -> babel.Locale:
        return babel.Locale.parse(_FORMATS.get(self.lang, self.lang))

    def gettext(self, message: str, /, **values: object) -> str:
        """The sentence in this language; `%(name)s` filled in. Text is not marked safe here."""
        text = self.translations.gettext(message)
        return text % values if values else text

    def ngettext(self, one: str, many: str, n: int, /, **values: object) -> str:
        text = self.translations.ngettext(one, many, n)
        return text % {"num": self.number(n), **values}

    def date(self, day: dt.date | dt.datetime | None) -> str:
        """A legal day in words: 1 May 2026, 1er mai 2026. A UTC instant is first made local."""
        if day is None:
            return ""
        local = day.astimezone(self.zone).date() if isinstance(day, dt.datetime) else day
        text = dates.format_date(local, "long", locale=self._cldr)
        if self.lang == "fr" and local.day == 1:
            return "1er" + text.removeprefix(
                "1"
            )  # CLDR writes "1 mai"; the Journal officiel does not
        return text

    def datetime(self, at: dt.datetime) -> str:
        day, clock = self.date(at), dates.format_time(at.astimezone(self.zone), "HH:mm")
        return self.gettext("%(day)s at %(clock)s", day=day, clock=clock)

    def month(self, day: dt.date) -> str:
        return dates.format_date(day, "MMMM y", locale=self._cldr)

    def short_date(self, day: dt.date) -> str:
        return dates.format_skeleton("MMMd", day, locale=self._cldr)

    def short_time(self, at: dt.datetime) -> str:
        """Day and hour of an instant that is local already: 12 Mar 14:00."""
        return f"{self.short_date(at.date())} {at:%H:%M}"

    def iso(self, day: dt.date | dt.datetime) -> str:
        """For `<time datetime>`: the day only, in the assembly's zone."""
        local = day.astimezone(self.zone).date() if isinstance(day, dt.datetime) else day
        return local.isoformat()

    def number(self, n: float) -> str:
        return numbers.format_decimal(n, locale=self._cldr)

    def rate(self, n: float) -> str:
        """A rate: two figures behind a small one, none behind a large one; so many also if they are 0,
        since rates stand under each other.
        """
        digits = 2 if n < 10 else 1 if n < 100 else 0
        pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
        return numbers.format_decimal(n, pattern, locale=self._cldr)

    def compact(self, n: int) -> str:
        """Rounded, for the axis of a chart only: 50K, 1.5M."""
        return numbers.format_compact_decimal(n, locale=self._cldr, fraction_digits=1)

    def money(self, cents: int, currency: str) -> str:
        return numbers.format_currency(Decimal(cents) / 100, currency, locale=self._cldr)

    def percent(self, share: float) -> str:
        return numbers.format_percent(share, locale=self._cldr)

    def together(self, parts: list[str] | tuple[str, ...]) -> str:
        return lists.format_list(list(parts), locale=self._cldr)

    def either(self, parts: list[str] | tuple[str, ...]) -> str:
        return lists.format_list(list(parts), style="or", locale=self._cldr)

    def territory(self, code: str) -> str:
        """The name of a country (FR) in this language; a part of one (GB-WLS) keeps its code."""
        return str(self._cldr.territories.get(code, code))

    def territory_told(self, code: str) -> str:
        """The same inside a sentence: a citizen of the Netherlands."""
        return ("the " if self.lang == "en" and code in _WITH_THE else "") + self.territory(code)

    def language(self, lang: str) -> str:
        """The name of `lang` in this language: French, français."""
        return str(self._cldr.languages.get(lang, lang))

    def days(self, n: int) -> str:
        return self.ngettext("%(num)s day", "%(num)s days", n)

    def days_left(self, n: int) -> str:
        """`n` days on which one can still act, today included: 1 is the last day (rule T4)."""
        if n <= 1:
            return self.gettext("last day")
        return self.ngettext("%(num)s day left", "%(num)s days left", n)

    def days_left_told(self, n: int) -> str:
        """The same beside a date: whoever subtracts today from it must come to the same number."""
        if n <= 1:
            return self.gettext("today is the last day")
        return self.ngettext(
            "%(num)s day left, today included", "%(num)s days left, today included", n
        )

    def end_of(self, instant: dt.datetime, zone: str) -> str:
        """Until when one can act, in the assembly's zone: midnight is told as 23:59 of the last day."""
        local = instant.astimezone(ZoneInfo(zone))
        told = local - dt.timedelta(minutes=1) if not (local.hour or local.minute) else local
        clock = dates.format_time(told, "HH:mm")
        return self.gettext("%(day)s at %(clock)s", day=self.date(told.date()), clock=clock)

    def days_late(self, n: int) -> str:
        return self.ngettext("%(num)s day late", "%(num)s days late", n)

    def signatures(self, n: int) -> str:
        return self.ngettext("%(num)s signature", "%(num)s signatures", n)


@dataclass(frozen=True, slots=True)
class Catalogues:
    """The languages of one deployment, its default first."""

    locales: Mapping[str, Locale]

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.locales)

    @property
    def default(self) -> Locale:
        return next(iter(self.locales.values()))

    def locale(self, lang: str | None) -> Locale:
        return self.locales.get(lang or "", self.default)

    def best(self, accept_language: list[str]) -> Locale:
        """First wanted language that the site has; region tags count as their language."""
        for wanted in accept_language:
            found = self.locales.get(wanted.replace("_", "-").split("-")[0].lower())
            if found is not None:
                return found
        return self.default


def read_catalogue(lang: str, folder: Path = TRANSLATIONS) -> Catalog:
    """All `<lang>/*.po` in one catalogue; the same message twice must say the same."""
    merged = Catalog(locale=lang)
    for path in sorted((folder / lang).glob("*.po")):
        with path.open("rb") as file:
            for message in pofile.read_po(file, locale=lang):
                if not message.id:
                    continue
                before = merged.get(message.id, message.context)
                if lang == "fr" and isinstance(message.string, str):
                    message.string = _as_printed(message.string)
                elif lang == "fr" and message.string:
                    message.string = tuple(map(_as_printed, message.string))
                if before is not None and before.string != message.string:
                    sentence = f"{path.name}: {message.id!r} is translated twice, differently"
                    raise ValueError(sentence)
                merged[message.id] = message
    return merged


def _as_printed(text: str) -> str:
    """French as a printer sets it: no line begins with a colon or a question mark."""
    kept = re.sub("(?<=«) | (?=[:»])", "\N{NO-BREAK SPACE}", text)
    return re.sub(" (?=[;?!])", "\N{NARROW NO-BREAK SPACE}", kept)


def load_catalogues(
    languages: tuple[str, ...] = (SOURCE_LANG, "fr"),
    zone: dt.tzinfo = dt.UTC,
    folder: Path = TRANSLATIONS,
) -> Catalogues:
    """Read the catalogues of `languages`, the default language first. English needs no file."""
    return Catalogues(
        {
            lang: Locale(
                lang,
                NullTranslations()
                if lang == SOURCE_LANG
                else _compiled(lang, folder, file_stamps(folder / lang, "*.po")),
                zone,
            )
            for lang in languages
        }
    )


@lru_cache(maxsize=32)
def _compiled(lang: str, folder: Path, _stamps: Stamps) -> GNUTranslations:
    compiled = io.BytesIO()
    mofile.write_mo(compiled, read_catalogue(lang, folder))
    compiled.seek(0)
    return GNUTranslations(compiled)


SOURCE = Locale(SOURCE_LANG, NullTranslations())
_speaking: ContextVar[Locale] = ContextVar("speaking", default=SOURCE)


def current_locale() -> Locale:
    return _speaking.get()


def speak(locale: Locale) -> None:
    """From here on, in this thread or task, sentences are written in `locale`."""
    _speaking.set(locale)


@contextmanager
def speaking(locale: Locale) -> Iterator[Locale]:
    """A part written in another language than the rest: a letter, a notice to an author."""
    token = _speaking.set(locale)
    try:
        yield locale
    finally:
        _speaking.reset(token)


def _(message: str, /, **values: object) -> str:
    """The sentence in the language of the answer being made."""
    return current_locale().gettext(message, **values)


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    return current_locale().ngettext(one, many, n, **values)


def native_name(lang: str) -> str:
    return _NAMES.get(lang) or str(babel.Locale.parse(lang).get_display_name() or lang)


def text_for(texts: Mapping[str, str], lang: str) -> str:
    """The text in `lang`; else in English; else in the first language there is; else nothing."""
    return texts.get(lang) or texts.get(SOURCE_LANG) or next(iter(texts.values()), "")


def _newline_paragraphs(text: str) -> Markup:
    """Plain text of a citizen as paragraphs: blank lines part them, single line ends are kept."""
    blocks = [block.strip("\n") for block in text.replace("\r\n", "\n").split("\n\n")]
    other = isinstance(text, Spoken) and text.lang != current_locale().lang
    opening = Markup('<p lang="%s">') % text.lang if other else Markup("<p>")  # type: ignore[attr-defined]
    return Markup("\n").join(
        opening + Markup("%s</p>") % Markup("<br>").join(escape(line) for line in block.split("\n"))
        for block in blocks
        if block.strip()
    )


def _raw_gettext(message: str) -> str:
    return current_locale().translations.gettext(message)


def _raw_ngettext(one: str, many: str, n: int) -> str:
    return current_locale().translations.ngettext(one, many, n)


def install(environment: Environment) -> None:
    """Gettext (newstyle: values are escaped), the `locale` global and the text filters."""
    environment.add_extension("jinja2.ext.i18n")
    jinja: Any = environment
    jinja.install_gettext_callables(
        _raw_gettext,
        _raw_ngettext,
        newstyle=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals["locale"] = LocalProxy(_speaking)
    environment.filters["paragraphs"] = _newline_paragraphs
    environment.filters["spoken"] = lambda text: marked(text, current_locale().lang)
