"""Templates of what is rendered without a request: papers, certificates, the page of an outage."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import petitions
from petitions.platform.i18n import install


@cache
def templates_of(folder: str, *, trim_blocks: bool = False) -> Environment:
    """The folder of `templates/`, as it lies in a checkout or was bundled with the package."""
    package = Path(petitions.__file__).resolve().parent
    bundled = package / "_bundled" / "templates"
    place = bundled if bundled.is_dir() else package.parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(place / folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=trim_blocks,
    )
    install(environment)
    return environment
