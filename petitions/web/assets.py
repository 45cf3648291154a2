"""Stylesheet and pictures under names that carry their content's hash: caches keep them for good.

A changed file gets a new address; an old address is answered with the current file, never with an
error, because a page cached a minute ago still asks for it.
"""

from __future__ import annotations

import hashlib
import mimetypes
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request

STATIC_FOLDER = Path(__file__).resolve().parent.parent / "static"
FOR_GOOD = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=60"


@dataclass(frozen=True, slots=True)
class Asset:
    name: str
    content: bytes
    digest: str
    media_type: str

    @property
    def address(self) -> str:
        stem, _, suffix = self.name.rpartition(".")
        return f"/static/{stem}.{self.digest}.{suffix}"

    @property
    def integrity(self) -> str:
        """What a page says of a script: the browser runs these bytes or none."""
        return f"sha256-{b64encode(hashlib.sha256(self.content).digest()).decode()}"


class Assets:
    """The files of one or more folders, read once at start; a later folder replaces by name. `made`:
    name → content of what comes from elsewhere.
    """

    def __init__(self, *folders: Path, made: Mapping[str, bytes] | None = None) -> None:
        self._by_name: dict[str, Asset] = {}
        for folder in folders:
            for path in sorted(folder.iterdir()):
                if path.is_file():
                    self._by_name[path.name] = _asset(path.name, path.read_bytes())
        for name, content in (made or {}).items():
            self._by_name[name] = _asset(name, content)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def address(self, name: str) -> str:
        return self._by_name[name].address

    def integrity(self, name: str) -> str:
        return self._by_name[name].integrity

    def find(self, asked: str) -> tuple[Asset, bool] | None:
        """The file behind `asked` (with or without a hash), and whether the hash is its own."""
        if asked in self._by_name:
            return self._by_name[asked], False
        stem, _, suffix = asked.rpartition(".")
        plain, _, digest = stem.rpartition(".")
        found = self._by_name.get(f"{plain}.{suffix}")
        return (found, found.digest == digest) if found else None


def _asset(name: str, content: bytes) -> Asset:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return Asset(name, content, hashlib.sha256(content).hexdigest()[:12], media_type)


def install_assets(app: Flask, assets: Assets) -> None:
    """Serve `/static/…` and give templates `static('site.css')`."""
    pages = Blueprint("assets", __name__)

    @pages.get("/static/<name>")
    def serve(name: str) -> Response:
        found = assets.find(name)
        if found is None:
            abort(404)
        asset, current = found
        answer = Response(asset.content, content_type=asset.media_type)
        answer.headers["Cache-Control"] = FOR_GOOD if current else BRIEFLY
        answer.set_etag(asset.digest)
        return answer.make_conditional(request)  # type: ignore[return-value]

    @pages.get("/favicon.ico")
    def favicon() -> Response:
        """Old programs ask for this name; the picture is the drawn one."""
        return serve("icon.svg")

    app.register_blueprint(pages)
    app.jinja_env.globals["static"] = assets.address
    app.jinja_env.globals["integrity"] = assets.integrity
