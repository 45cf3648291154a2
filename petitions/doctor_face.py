"""`petitions doctor` looks at the public face: contrast of themes, pages that the parliament wrote."""

from __future__ import annotations

from collections.abc import Iterator

from petitions.finding import Advice
from petitions.platform.config import Settings
from petitions.services import contents
from petitions.web.looks import pale_themes, theme_files


def themes(settings: Settings) -> Iterator[str]:
    """Themes that break the contract, or whose colours are too close to be read."""
    theme_files(settings)
    yield from pale_themes(settings)


FLAWS = {
    "title_missing": "begin the file with a line `# Title`",
    "text_too_long": "the text is too long for one page",
    "place_unknown": "{what} is not one of the words that are filled in",
    "heading_skipped": "a heading skips a level: {what}",
    "html": "HTML is not read, it would be shown as it stands: {what}",
    "picture": "pictures are not shown: {what}",
    "link_broken": "the link leads nowhere: {what}",
}


def pages(settings: Settings) -> Iterator[str]:
    """Files of `site.content` that would not be shown as meant, and languages that are missing."""
    site = settings.site
    files = contents.read_files(site.content, settings.rulebooks.assemblies)
    for (assembly, page, language), prose in sorted(files.items()):
        named = {key[1] for key in files if key[0] in ("", assembly)}
        here = f"site.content: {assembly or contents.SITE}/{language}/{page}.md"
        for flaw in contents.wrong_with(prose, named):
            yield f"{here}: {FLAWS[flaw.code].format(what=flaw.what)}"
        if language not in site.languages:
            yield Advice(f"{here}: the site does not speak {language}")
    for assembly, page in sorted({key[:2] for key in files}):
        missing = [each for each in site.languages if (assembly, page, each) not in files]
        if missing:
            yield Advice(
                f"site.content: {assembly or contents.SITE}/*/{page}.md is missing in "
                f"{', '.join(missing)}: readers there get the engine's own page, or another language"
            )
    for paper in ("privacy", "legal", "rules"):
        if settings.environment == "production" and getattr(site.papers, paper) == "draft":
            yield Advice(f"site.papers.{paper} is a draft, and the page says so")
