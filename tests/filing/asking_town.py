"""A site whose rulebook asks for everything, at two assemblies: the whole application on SQLite."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from petitions import border
from petitions.app import create_app
from petitions.demo.settings import write_settings
from petitions.platform.config import load_settings
from petitions.web.edge import EXTENSION
from tests.house import RULEBOOKS
from tests.web.site import Site

ASKS = {
    'assemblies = ["valmont"]': 'assemblies = ["valmont", "bellerive"]',
    'languages = { accepted = ["fr", "en"], required = [], authoritative = "author" }': (
        'languages = { accepted = ["fr", "en"], required = ["fr", "en"], authoritative = "author",'
        ' translated_by = "assembly" }'
    ),
    "[kinds.petition]": (
        "[kinds.petition]\n\n[kinds.appeal]\nfiling = { author = { age_min = 18 } }\n"
        'signing = { window = { mode = "none" } }\nmilestones = []\n'
        'after = { entry = "publication", duties = [] }\n'
    ),
    'form = { title_max = 120, text_max = 5000, links = "official" }\nchannels = ["online"]': (
        'form = { title_max = 120, summary_max = 200, text_max = 5000, links = "none",'
        ' files_max = 2, file_mb = 1, pages_max = 2, fields = ["residence", "birth_date"] }\n'
        'channels = ["online", "paper"]\n'
        'choices = { effect = [{ id = "agenda_item" }, { id = "hearing" }] }'
    ),
    'window = { length = "P2M" }': 'window = { mode = "range", min = "P1M", max = "P3M" }',
    "threshold = 25": (
        'threshold = { by_choice = "effect", values = { agenda_item = 25, hearing = 50 } }'
    ),
    'open_same = "warn"': 'open_same = "refuse"',
}
WORDS = """
[rulebooks.town.kinds.appeal]
title = "Appeal"
text = "One person asks the council."

[rulebooks.town.choices.agenda_item]
title = "a debate in council"

[rulebooks.town.choices.hearing]
title = "a hearing"
"""
THEME = ":root{--brand:#063;--link:#063}@media (prefers-color-scheme:dark){:root{--brand:#9fc;--link:#9fc}}"
BELLERIVE = "Bellerive"


def rulebooks(folder: Path) -> Path:
    place = folder / "rulebooks"
    shutil.copytree(RULEBOOKS, place)
    town = place / "town.toml"
    text = town.read_text(encoding="utf-8")
    for old, new in ASKS.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    town.write_text(text, encoding="utf-8")
    for lang in ("en", "fr"):
        with (place / "wording" / f"{lang}.toml").open("a", encoding="utf-8") as out:
            out.write(WORDS)
    first = (place / "assemblies" / "valmont.toml").read_text(encoding="utf-8")
    second = first.replace('id = "valmont"', 'id = "bellerive"').replace("Valmont", BELLERIVE)
    (place / "assemblies" / "bellerive.toml").write_text(second, encoding="utf-8")
    return place


def build_asking(folder: Path, uri: str) -> Site:
    """One assembly under a path of its own, the other on a host of its own."""
    config = write_settings(folder, "127.0.0.1", 8000, 8001)
    theme = folder / "theme"
    theme.mkdir()
    (theme / "theme.css").write_text(THEME, encoding="utf-8")
    text = config.read_text().replace(f"sqlite:///{folder}/petitions.sqlite", uri)
    text = text.replace(
        'assemblies = ["senat", "valmont"]',
        f'assemblies = ["valmont", "bellerive"]\ndirectory = "{rulebooks(folder)}"',
    )
    text = text.replace("[web]", "[web]\npage_cache_seconds = 0", 1)
    text += (
        f'\n[site.assemblies.valmont]\npath = "valmont"\n'
        f'[site.assemblies.bellerive]\nhost = "bellerive.example.org"\ntheme = "{theme}"\n'
    )
    config.write_text(text)
    settings = load_settings(config)
    border.make_keys(settings)
    site = Site(None, None)  # type: ignore[arg-type]
    site.app = create_app(settings, clock=site.clock, legal_clock=site.clock)
    engine = site.app.extensions[EXTENSION]
    site.house, site.sessions = engine.house, engine.sessions
    return site


def a_pdf(pages: int, extra: bytes = b"") -> bytes:
    kids = b"".join(
        b"%d 0 obj <</Type /Page /Parent 2 0 R>> endobj\n" % (n + 3) for n in range(pages)
    )
    return b"%PDF-1.4\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n" + kids + extra + b"%%EOF\n"


def fields_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form with this action."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form, f"no form {action}"
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
