"""The tests of the search: a leak planted in each kind of place is found, in each form."""

from __future__ import annotations

import base64
import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Response

from petitions.platform.mail import FolderMailer, Mail
from petitions.services.log_publishing import write_file
from petitions.storage import tables as t
from petitions.web.page_cache import PageCache
from tests.privacy.canaries import Canary, search
from tests.privacy.planted import ADDRESS, MAIL, NAME, Trace, Watched, plant
from tests.privacy.test_canary import places_of, production_log
from tests.privacy.test_walk import caches_of
from tests.web.town import Town, open_town


@dataclass
class Scene:
    town: Town
    trace: Trace

    def answer(self, answer: Response) -> None:
        """As if the site had given this answer."""
        environ = self.town.site.app.test_client()
        answer.request = environ.get("/healthz").request  # type: ignore[attr-defined]
        self.trace.answered(answer)


@pytest.fixture
def scene(tmp_path: Path, sqlite_uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with open_town(tmp_path, sqlite_uri, cache=60) as town:
        yield Scene(town, Trace())


def in_a_row(scene: Scene) -> None:
    ref = scene.town.publish()
    with scene.town.site.session() as session:
        scene.town.site.petition(session, ref).difference = hashlib.sha256(
            MAIL.encode()
        ).hexdigest()


def in_a_json_column(scene: Scene) -> None:
    ref = scene.town.publish()
    with scene.town.site.session() as session:
        petition = scene.town.site.petition(session, ref)
        petition.choices = {"who": base64.b64encode(NAME.encode()).decode()}


def in_the_journal_of_sqlite(scene: Scene) -> None:
    with scene.town.site.session() as session:
        session.add(t.SpentState(state_hash=hashlib.sha256(ADDRESS.encode()).digest(),
                                 expires_at=scene.town.site.at))  # fmt: skip


def in_the_log(_scene: Scene) -> None:
    logging.getLogger("petitions.worker").warning("job failed for %s", NAME)


def in_the_text_of_an_exception(_scene: Scene) -> None:
    try:
        raise RuntimeError(NAME)
    except RuntimeError as error:
        logging.getLogger("petitions.worker").warning("job failed: %s", error)


def in_a_letter(scene: Scene) -> None:
    letter = Mail("clerk@example.org", "Signed", f"by {NAME}", "key", scene.town.site.at)
    FolderMailer(scene.town.folder / "mailbox", "office@example.org").send(letter)


def in_a_cookie(scene: Scene) -> None:
    answer = Response("")
    answer.set_cookie("who", base64.urlsafe_b64encode(f"ab{MAIL}".encode()).decode())
    scene.answer(answer)


def in_a_redirect(scene: Scene) -> None:
    scene.answer(Response("", 303, {"Location": f"/en/?back=/sign&from={ADDRESS}"}))


def in_the_way_to_the_provider(scene: Scene) -> None:
    scene.answer(Response("", 303, {"Location": f"https://idp.example/?login_hint={MAIL}"}))


def in_a_header(scene: Scene) -> None:
    scene.answer(Response("", 200, {"X-Seen-From": ADDRESS}))


def in_the_page_cache(scene: Scene) -> None:
    scene.town.site.app.view_functions["public.robots"] = lambda: Response(
        f"User-agent: {NAME}", headers={"Cache-Control": "public, max-age=60"}
    )
    assert isinstance(scene.town.site.app.wsgi_app, PageCache)
    Watched(scene.town, Trace()).get("/robots.txt")


def in_a_temporary_file(_scene: Scene) -> None:
    with tempfile.NamedTemporaryFile("w", delete=False) as out:
        out.write(f"upload of {NAME}")


def in_a_published_file(scene: Scene) -> None:
    write_file(scene.town.folder / "log" / "2026" / "tile" / "entries" / "000", MAIL.encode())


def in_a_key_folder(scene: Scene) -> None:
    (scene.town.folder / "keys" / "identity" / f"{ADDRESS}.txt").write_text(NAME)


LEAKS: dict[str, Callable[[Scene], None]] = {
    name: leak for name, leak in list(globals().items()) if name.startswith("in_")
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_planted_in_each_kind_of_place_is_found(
    scene: Scene, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    canaries: list[Canary] = plant(scene.town, scene.trace)
    with production_log(capsys, scene.trace):
        clean = search(places_of(scene.town, scene.trace) | caches_of(scene.town), canaries)
        LEAKS[name](scene)
    held = places_of(scene.town, scene.trace) | caches_of(scene.town)
    assert clean == []
    assert search(held, canaries) != [], name


def test_there_is_a_leak_for_each_kind_of_place() -> None:
    assert len(LEAKS) >= 14
