"""The layer in front of Flask: what it keeps, for how long, and what it never touches."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Request, Response

from petitions.web import page_cache
from petitions.web.page_cache import MAX_BYTES, PageCache
from tests.web.town import build_site, close_site, write_config

LONG = "<p>Petition</p>" * 100


class House:
    """An application that counts how often each address is asked, and with what."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, str]] = []
        self.slow = 0.0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append((request.method, request.path, request.headers.get("Cookie", "")))
        if self.slow:
            time.sleep(self.slow)
        return self.answer(request)(environ, start_response)


def public(body: str = LONG, **headers: str) -> Response:
    answer = Response(body, mimetype="text/html")
    answer.headers["Cache-Control"] = "public, max-age=5"
    answer.set_etag("v1")
    answer.headers.update(headers)
    return answer


def layer(answer: Callable[[Request], Response], seconds: float = 30) -> tuple[House, Client]:
    house = House(answer)
    return house, Client(PageCache(house, seconds), use_cookies=False)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The layer's own clock; the test moves its one number."""
    at = [1000.0]
    monkeypatch.setattr(page_cache, "monotonic", lambda: at[0])
    return at


def test_a_public_page_is_rendered_once_and_then_answered_from_here(clock: list[float]) -> None:
    house, client = layer(lambda _request: public(), seconds=1)
    pages = [client.get("/en/petitions/2026-0001") for _ in range(5)]
    assert {page.text for page in pages} == {LONG}
    assert len(house.asked) == 1
    clock[0] += 1.0
    client.get("/en/petitions/2026-0001")
    assert len(house.asked) == 2


def test_the_query_is_part_of_the_address(clock: list[float]) -> None:
    house, client = layer(lambda request: public(request.full_path * 100))
    assert client.get("/en/petitions?page=1").text != client.get("/en/petitions?page=2").text
    assert len(house.asked) == 2


def test_a_reader_who_has_the_page_is_told_so_without_a_body(clock: list[float]) -> None:
    house, client = layer(lambda _request: public())
    etag = client.get("/en/").headers["ETag"]
    for given in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = client.get("/en/", headers={"If-None-Match": given})
        assert (answer.status_code, answer.data) == (304, b""), given
        assert answer.headers["ETag"] == etag
        assert "Content-Type" not in answer.headers
    assert client.get("/en/", headers={"If-None-Match": '"other"'}).status_code == 200
    assert len(house.asked) == 1


def test_a_condition_of_the_first_reader_does_not_spoil_the_kept_page(clock: list[float]) -> None:
    def conditional(request: Request) -> Response:
        answer = public()
        answer.make_conditional(request.environ)
        return answer

    house, client = layer(conditional)
    first = client.get("/en/", headers={"If-None-Match": '"v1"', "Range": "bytes=0-3"})
    assert first.status_code == 304
    assert client.get("/en/").text == LONG
    assert len(house.asked) == 1


def test_the_packed_page_is_the_same_page(clock: list[float]) -> None:
    _, client = layer(lambda _request: public())
    plain, packed = client.get("/en/"), client.get("/en/", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert "Content-Encoding" not in plain.headers
    assert {page.headers["Vary"] for page in (plain, packed)} == {"Accept-Encoding"}


def test_a_short_page_and_a_picture_are_not_packed(clock: list[float]) -> None:
    def answer(request: Request) -> Response:
        if request.path == "/static/x.png":
            return public(LONG, **{"Content-Type": "image/png"})
        return public("short")

    _, client = layer(answer)
    for path in ("/en/", "/static/x.png"):
        answer_ = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in answer_.headers


def test_a_head_gets_the_headers_of_the_page_and_no_body(clock: list[float]) -> None:
    house, client = layer(lambda _request: public())
    head = client.head("/en/")
    assert (head.status_code, head.data) == (200, b"")
    page = client.get("/en/")
    assert head.headers["Content-Length"] == page.headers["Content-Length"] == str(len(LONG))
    assert house.asked == [("GET", "/en/", "")], "rendered for the HEAD, kept for the GET"


def _cookie(_request: Request) -> Response:
    answer = public()
    answer.set_cookie("form", "x")
    return answer


@pytest.mark.parametrize(
    "answer",
    [
        _cookie,
        lambda _r: public(**{"Cache-Control": "no-store"}),
        lambda _r: public(**{"Cache-Control": "private, max-age=300"}),
        lambda _r: public(Vary="Cookie"),
        lambda _r: public(Vary="Accept-Language"),
        lambda _r: Response("no such page", 404, {"Cache-Control": "public, max-age=60"}),
        lambda _r: Response("gone", 410, {"Cache-Control": "public, max-age=60"}),
        lambda _r: Response("", 302, {"Location": "/en/", "Cache-Control": "public"}),
        lambda _r: Response("fault", 500),
        lambda _r: public("x" * (MAX_BYTES + 1)),
        lambda _r: Response("a page that says nothing"),
    ],
)
def test_what_is_not_for_everybody_is_never_kept(
    clock: list[float], answer: Callable[[Request], Response]
) -> None:
    house, client = layer(answer)
    for _ in range(3):
        client.get("/en/contact")
    assert len(house.asked) == 3


def test_a_private_answer_goes_to_nobody_else(clock: list[float]) -> None:
    """An address whose answer depends on the cookie after all: each gets their own."""

    def answer(request: Request) -> Response:
        who = request.cookies.get("author", "nobody")
        return Response(f"space of {who}", headers={"Cache-Control": "no-store"})

    _, client = layer(answer)
    for who in ("anna", "ben"):
        page = client.get("/en/odd", headers={"Cookie": f"author={who}"})
        assert page.text == f"space of {who}"
    assert client.get("/en/odd").text == "space of nobody"


def test_a_kept_page_is_made_without_the_cookies_of_whoever_asked_first(clock: list[float]) -> None:
    house, client = layer(lambda request: public(request.headers.get("Cookie", "none") + LONG))
    page = client.get("/en/", headers={"Cookie": "author=secret"})
    assert page.text.startswith("none")
    assert house.asked == [("GET", "/en/", "")]


APART = (
    "/", "/p/2026-0001", "/en/mine", "/fr/mine/1/export.json", "/en/drafts/1/text", "/en/start",
    "/en/start/login", "/en/start/back", "/office", "/office/", "/office/queue", "/identity/start",
    "/identity/callback/demo", "/en/petitions/2026-0001/sign", "/en/petitions/2026-0001/sign/done",
    "/en/petitions/2026-0001/sign/withdraw/confirm",
)  # fmt: skip


def test_rooms_of_one_person_are_asked_once_and_with_their_cookies(clock: list[float]) -> None:
    house, client = layer(lambda _request: public())
    for path in APART:
        for _ in range(2):
            client.get(path, headers={"Cookie": "author=a"})
    assert house.asked == [("GET", path, "author=a") for path in APART for _ in range(2)]


def test_an_act_passes_through_untouched(clock: list[float]) -> None:
    house, client = layer(lambda request: public(request.get_data(as_text=True) + LONG))
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert client.open("/en/", method=method, data="body").text.startswith("body")
    assert [asked[0] for asked in house.asked] == ["POST", "PUT", "DELETE", "OPTIONS"]


def together(client_of: Callable[[], Client], path: str, people: int = 20) -> list[TestResponse]:
    ready = threading.Barrier(people)

    def ask(_number: int) -> TestResponse:
        ready.wait(10)
        return client_of().get(path)

    with ThreadPoolExecutor(people) as threads:
        return list(threads.map(ask, range(people)))


def test_twenty_readers_at_once_cost_one_rendering() -> None:
    house = House(lambda _request: public())
    house.slow = 0.5
    cache = PageCache(house, 30)
    answers = together(lambda: Client(cache, use_cookies=False), "/en/petitions/2026-0001")
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, LONG)}
    assert len(house.asked) == 1


def test_while_one_renders_the_others_take_the_page_of_a_second_ago() -> None:
    house = House(lambda _request: public(f"{len(house.asked):03}{LONG}"))
    cache = PageCache(house, 0.05)
    client = Client(cache, use_cookies=False)
    assert client.get("/en/").text.startswith("001")
    time.sleep(0.1)
    house.slow = 1.0
    answers = together(lambda: Client(cache, use_cookies=False), "/en/", 8)
    took = sorted(answer.text[:3] for answer in answers)
    assert took == ["001"] * 7 + ["002"]


def test_readers_of_what_cannot_be_kept_do_not_queue_behind_each_other() -> None:
    """A slow fault (a locked database) must not be served one after the other."""
    house = House(lambda _request: Response("fault", 503))
    house.slow = 0.5
    cache = PageCache(house, 5)
    began = time.monotonic()
    answers = together(lambda: Client(cache, use_cookies=False), "/en/petitions/2026-0001")
    assert {answer.status_code for answer in answers} == {503}
    assert time.monotonic() - began < 3.5


def test_a_petition_that_was_hidden_is_not_shown_from_an_old_page() -> None:
    state = {"hidden": False}

    def answer(_request: Request) -> Response:
        return Response("removed", 410) if state["hidden"] else public("the old text" + LONG)

    house = House(answer)
    cache = PageCache(house, 0.05)
    client = Client(cache, use_cookies=False)
    assert client.get("/en/petitions/2026-0001").status_code == 200
    state["hidden"] = True
    time.sleep(0.1)
    assert client.get("/en/petitions/2026-0001").text == "removed"
    house.slow = 0.1
    time.sleep(0.1)
    answers = together(lambda: Client(cache, use_cookies=False), "/en/petitions/2026-0001", 6)
    assert {answer.text for answer in answers} == {"removed"}


def test_a_page_asked_again_after_an_hour_is_never_the_one_of_an_hour_ago(
    clock: list[float],
) -> None:
    house, client = layer(lambda _request: public(f"{len(house.asked):03}{LONG}"), seconds=1)
    assert client.get("/en/").text.startswith("001")
    clock[0] += 3600
    house.slow = 0.5
    cache = client.application
    answers = together(lambda: Client(cache, use_cookies=False), "/en/", 4)
    assert {answer.text[:3] for answer in answers} == {"002"}


def test_the_layer_keeps_a_bounded_number_of_addresses(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cache, "MAX_PAGES", 10)
    house, client = layer(lambda _request: public())
    for number in range(30):
        client.get("/en/")
        client.get(f"/en/petitions?q={number}")
    assert [path for _m, path, _c in house.asked].count("/en/") == 1, "what is read often stays"
    assert len(client.application._places) == 10


def test_a_fault_of_the_application_leaves_no_lock_behind(clock: list[float]) -> None:
    def answer(_request: Request) -> Response:
        if len(house.asked) == 1:
            raise RuntimeError("the application broke")
        return public()

    house, client = layer(answer)
    with pytest.raises(RuntimeError):
        client.get("/en/")
    assert client.get("/en/").status_code == 200


def test_the_site_itself_answers_a_crowd_from_one_rendering(
    tmp_path: Path, sqlite_uri: str
) -> None:
    site, _ = build_site(write_config(tmp_path, sqlite_uri, 8001, cache=60))
    ref = site.publish()
    asked: list[str] = []
    site.app.before_request(lambda: asked.append("asked"))
    path = f"/en/petitions/{ref}"
    answers = together(site.visitor, path)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    assert len(asked) == 1
    again = site.visitor().get(path, headers={"If-None-Match": answers[0].headers["ETag"]})
    assert (again.status_code, len(asked)) == (304, 1)
    author = site.author()
    for _ in range(2):
        page = author.get("/en/mine")
        assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    assert len(asked) == 3, "a private page is made once for each time it is asked"
    assert site.visitor().get("/en/mine").status_code == 303
    close_site(site)
