"""What is asked twice, and what never: a code is spent by the first byte that carries it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError
from werkzeug.wrappers import Response

from identity.providers import back_channel
from identity.providers.back_channel import BoundSession, Call
from identity.providers.breaker import Breaker
from identity.records import TimeoutRecord
from tests.identity.conduct import fresh_store, get, leave_for, opened_offices
from tests.identity.lying_provider import Lies, LyingProvider
from tests.identity.office import Office, arrive

Setting = tuple[LyingProvider, Office]
READS = ["/.well-known/openid-configuration", "/jwks", "/userinfo"]
PREFIX = "/api/v2"


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses before a second try, which the test does not wait for."""
    taken: list[float] = []
    before = Call.__init__

    def init(call: Call, *args: Any, **kwargs: Any) -> None:
        before(call, *args, **{**kwargs, "sleep": taken.append})

    monkeypatch.setattr(Call, "__init__", init)
    return taken


@pytest.fixture(scope="module")
def offices(tmp_path_factory: Any) -> Iterator[dict[str, Setting]]:
    with opened_offices(tmp_path_factory.mktemp("offices")) as found:
        yield found


def rested(setting: Setting) -> Setting:
    """As after a restart: nothing is known of the provider, and nothing held against it."""
    provider, site = setting
    provider.lies = Lies()
    site.service.providers["lying"].breaker = Breaker()
    fresh_store(site)
    return setting


@pytest.fixture
def setting(offices: dict[str, Setting], pauses: list[float]) -> Setting:
    return rested(offices["plain"])


class Faulty(BaseAdapter):
    """Fails the first requests for one path, then lets them through."""

    def __init__(self, path: str, faults: list[Any], beyond: Callable[[str], BaseAdapter]) -> None:
        super().__init__()
        self.path, self.faults, self.beyond = path, faults, beyond
        self.seen = 0

    def send(self, request: requests.PreparedRequest, **bounds: Any) -> requests.Response:  # type: ignore[override]
        if request.path_url.partition("?")[0] == PREFIX + self.path:
            self.seen += 1
            if self.faults:
                fault = self.faults.pop(0)
                if isinstance(fault, Exception):
                    raise fault
                answer = self.beyond(str(request.url)).send(request, **bounds)
                answer.status_code = fault
                return answer
        return self.beyond(str(request.url)).send(request, **bounds)

    def close(self) -> None:
        """Nothing is open."""


def failing(monkeypatch: pytest.MonkeyPatch, path: str, *faults: Any) -> Faulty:
    before = BoundSession.get_adapter
    found = Faulty(path, list(faults), lambda url: before(BoundSession(), url))
    monkeypatch.setattr(BoundSession, "get_adapter", lambda _session, url: found)
    return found


def whole_login(setting: Setting) -> int:
    """A login after a restart, so that metadata and keys are fetched too; the last status."""
    provider, site = setting
    fresh_store(site)
    provider.lies = Lies()
    browser = site.browser()
    arrive(site, browser)
    answer = get(browser, "/identity/go/lying")
    if answer.status_code != 303:
        return answer.status_code
    return get(browser, provider.log_in(answer.headers["Location"])).status_code


def refused_connection() -> requests.ConnectionError:
    error = NewConnectionError(None, "refused")  # type: ignore[arg-type]
    return requests.ConnectionError(MaxRetryError(None, "/", error))  # type: ignore[arg-type]


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_read_is_repeated_once_after_a_passing_fault(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, pauses: list[float], path: str, status: int
) -> None:
    met = failing(monkeypatch, path, status)
    assert whole_login(setting) == 303
    assert met.seen == 2
    assert len(pauses) == 1
    assert 0.2 <= pauses[0] <= 0.4


@pytest.mark.parametrize("path", READS)
def test_a_read_is_not_repeated_a_second_time(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    met = failing(monkeypatch, path, 503, 503)
    assert whole_login(setting) == 502
    assert met.seen == 2
    assert setting[1].outcomes[-1].cause == "no_answer"


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("status", [500, 501, 505])
def test_a_fault_that_does_not_pass_is_not_tried_again(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, path: str, status: int
) -> None:
    met = failing(monkeypatch, path, status)
    assert whole_login(setting) == 502
    assert met.seen == 1


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(
    "fault",
    [requests.ConnectionError("reset"), requests.ConnectTimeout(), ProtocolError("cut off")],
    ids=["reset", "no connection in time", "cut off"],
)
def test_a_read_is_repeated_once_after_a_lost_connection(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, path: str, fault: Exception
) -> None:
    met = failing(monkeypatch, path, fault)
    assert whole_login(setting) == 303
    assert met.seen == 2


@pytest.mark.parametrize("path", READS)
def test_a_read_that_took_too_long_is_not_repeated(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    met = failing(monkeypatch, path, requests.ReadTimeout())
    assert whole_login(setting) == 502
    assert met.seen == 1


@pytest.mark.parametrize(
    "fault",
    [500, 502, 503, 504, requests.ReadTimeout(), requests.ConnectionError("reset"),
     ProtocolError("cut off")],
    ids=str,
)  # fmt: skip
def test_a_code_travels_once_whatever_comes_back(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, fault: Any
) -> None:
    met = failing(monkeypatch, "/token", fault)
    assert whole_login(setting) == 502
    assert met.seen == 1


@pytest.mark.parametrize(
    "fault", [refused_connection(), requests.ConnectTimeout()], ids=["no", "late"]
)
def test_a_code_travels_again_only_if_no_byte_of_it_left(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, pauses: list[float], fault: Exception
) -> None:
    met = failing(monkeypatch, "/token", fault)
    assert whole_login(setting) == 303
    assert (met.seen, len(pauses)) == (2, 1)


def test_two_refused_connections_end_the_login(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    met = failing(monkeypatch, "/token", refused_connection(), refused_connection())
    assert whole_login(setting) == 502
    assert met.seen == 2


@pytest.mark.parametrize(
    ("fault", "seen"), [(503, 1), (refused_connection(), 2)], ids=["503", "no"]
)
def test_a_pushed_request_is_held_to_the_same_rule(
    offices: dict[str, Setting],
    pauses: list[float],
    monkeypatch: pytest.MonkeyPatch,
    fault: Any,
    seen: int,
) -> None:
    setting = rested(offices["pushed"])
    met = failing(monkeypatch, "/par", fault)
    assert whole_login(setting) == (303 if seen == 2 else 502)
    assert met.seen == seen


def test_a_refusal_of_the_provider_is_an_answer_and_not_repeated(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    for status in (400, 401, 403, 404, 429):
        met = failing(monkeypatch, "/userinfo", status)
        assert whole_login(setting) == 502
        assert met.seen == 1
    assert setting[1].service.providers["lying"].breaker.silent_for() is None
    assert pauses == []


def test_the_bounds_are_those_that_were_promised() -> None:
    limits = TimeoutRecord()
    assert (limits.connect, limits.read, limits.whole) == (2.0, 5.0, 10.0)
    assert (back_channel.BODY_MAX, back_channel.PUBLIC_BODY_MAX) == (64 * 1024, 256 * 1024)


def test_each_request_is_given_no_more_time_than_is_left(setting: Setting) -> None:
    """Two slow requests of one callback share its ten seconds."""
    _, site = setting
    now = [100.0]
    call = Call(TimeoutRecord(), site.service.providers["lying"].breaker, clock=lambda: now[0])
    assert call.remaining() == 10.0
    now[0] += 9.0
    assert call.remaining() == 1.0
    now[0] += 1.0
    with pytest.raises(requests.Timeout):
        call.remaining()


def test_our_name_is_sent_with_every_request(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GOV.UK One Login answers 403 where there is none."""
    named: set[tuple[str, str]] = set()
    before = LyingProvider.__call__

    def call(provider: LyingProvider, environ: Any, start_response: Any) -> Any:
        path = environ["PATH_INFO"].removeprefix(PREFIX)
        named.add((path, environ.get("HTTP_USER_AGENT", "")))
        return before(provider, environ, start_response)

    monkeypatch.setattr(LyingProvider, "__call__", call)
    assert whole_login(setting) == 303
    assert named == {(path, "petition-engine") for path in (*READS, "/token")}


def test_a_dead_provider_leaves_the_person_a_page_and_no_open_login(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, site = setting
    browser = site.browser()
    back = provider.log_in(leave_for(site, browser))
    provider.lies.token_response = Response("", 503)
    assert get(browser, back).status_code == 502
    assert not [name for name in (c.key for c in browser._cookies.values()) if name != "ask"]
