"""`petitions doctor` looks at the public face: contrast of themes, pages that the parliament wrote."""

from __future__ import annotations

from collections.abc import Iterator

from petitions.platform.config import Settings
from petitions.web.looks import pale_themes, theme_files


def themes(settings: Settings) -> Iterator[str]:
    """Themes that break the contract, or whose colours are too close to be read."""
    theme_files(settings)
    yield from pale_themes(settings)
