"""A login that fails, cause by cause: status, sentence, next step; nothing of the provider's words.

Every cause that the identity zone knows is provoked here through the whole site, or named with the test
that does it. A new cause without either fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from identity.errors import STATUS, Cause
from tests.identity.lying_provider import ABSENT
from tests.privacy.canaries import Canary, search
from tests.privacy.planted import MAIL, NAME, Trace
from tests.privacy.test_canary import production_log
from tests.web.town import ClockedProvider, Town, open_town

Lie = Callable[[ClockedProvider], Any]
Way = Callable[[Town, str], Any]
NOTHING = "Nothing was recorded"
REFERENCE = re.compile(r'<span class="code">([0-9A-Za-z-]{6,12})</span>')
SAID = f"{NAME} <{MAIL}> est inconnu ici"
PLANTED = [Canary.of("name", NAME), Canary.of("mail", MAIL), Canary.of("words", "est inconnu ici")]
SILENT = {Cause.ALREADY_USED, Cause.OTHER_BROWSER}
"""What was done before stays: these pages cannot know, so they do not say that nothing was recorded."""
ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {
    Cause.TOO_MANY: "tests/web/test_rate_limits.py",
    Cause.LETTER_NOT_SENT: "tests/identity/test_email_trouble.py",
    Cause.LETTER_OLD: "tests/identity/test_email_refusals.py",
    Cause.LETTER_USED: "tests/identity/test_email_refusals.py",
    Cause.CODES_SPENT: "tests/identity/test_email_refusals.py",
}


def answers(lie: Lie) -> Way:
    def way(town: Town, start: str) -> Any:
        return town.browser().log_in(start, lie=lie)

    return way


def error(code: str) -> Way:
    return answers(
        lambda p: p.lies.callback.update(error=code, code=ABSENT, error_description=SAID)
    )


def in_another_browser(town: Town, start: str) -> Any:
    back = town.citizens.log_in(town.browser().leave(start))
    other = town.browser()
    other.get(start)
    return other.get(back)


def too_late(town: Town, start: str) -> Any:
    browser = town.browser()
    back = town.citizens.log_in(browser.leave(start))
    town.site.later(minutes=21)
    return browser.get(back)


def twice(town: Town, start: str) -> Any:
    browser = town.browser()
    back = town.citizens.log_in(browser.leave(start))
    twin = browser.twin()
    assert browser.get(back).status_code == 303
    return twin.get(back)


def known_down(town: Town, start: str) -> Any:
    broken = answers(lambda p: setattr(p.lies, "token_response", _says_no()))
    for _ in range(5):
        broken(town, start)
    browser = town.browser()
    answer = browser.get(start)
    while answer.status_code == 303:
        answer = browser.get(answer.headers["Location"])
    return answer


def _says_no() -> Any:
    from werkzeug.wrappers import Response

    return Response(SAID, 500)


@dataclass(frozen=True)
class Told:
    way: Way
    status: int
    sentence: str
    again: bool = True
    """The petition's login is offered again (else: its page, the rules, the office)."""


PROVOKED = {
    Cause.CANCELLED: Told(error("access_denied"), 200, "You stopped before the end"),
    Cause.OTHER_BROWSER: Told(in_another_browser, 400, "in the browser that asked for it"),
    Cause.TOO_LATE: Told(too_late, 400, "That took too long"),
    Cause.ALREADY_USED: Told(twice, 400, "was used before"),
    Cause.NO_ANSWER: Told(error("server_error"), 502, "did not answer"),
    Cause.KNOWN_DOWN: Told(known_down, 503, "answer", again=False),
    Cause.SET_UP: Told(error("invalid_request"), 502, "has a fault"),
    Cause.NOT_VERIFIED: Told(
        answers(lambda p: p.lies.id_claims.update(nonce="x" * 64, name=SAID)), 502, "could not be verified",
    ),
    Cause.TOO_LOW: Told(error("invalid_acr"), 403, "A stronger login is needed"),
    Cause.NOT_ELIGIBLE: Told(
        answers(lambda p: p.lies.user_claims.update(birthdate="2015-07-17", name=SAID)),
        403, "at least 16 years", again=False,
    ),
    Cause.FACT_MISSING: Told(
        answers(lambda p: p.lies.user_claims.update(birthdate=ABSENT)), 403, "did not give what the rules need",
    ),
    Cause.KEY_CHANGED: Told(answers(lambda p: p.claims.update(sub="amina")), 502, "could not be verified"),
}  # fmt: skip


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


def test_every_cause_is_provoked_or_named_with_its_test() -> None:
    assert set(PROVOKED) | set(ELSEWHERE) == set(Cause)
    assert not set(PROVOKED) & set(ELSEWHERE)
    assert {cause: told.status for cause, told in PROVOKED.items()} == {
        cause: STATUS[cause] for cause in PROVOKED
    }
    for cause, path in ELSEWHERE.items():
        text = (ROOT / path).read_text(encoding="utf-8")
        assert str(STATUS[cause]) in text, cause


@pytest.mark.parametrize("cause", PROVOKED)
def test_a_cause_has_its_status_its_sentence_and_its_next_step(
    town: Town, capsys: pytest.CaptureFixture[str], cause: Cause
) -> None:
    told, trace = PROVOKED[cause], Trace()
    ref = town.publish()
    with production_log(capsys, trace):
        page = told.way(town, f"/en/petitions/{ref}/sign")
    assert page.status_code == told.status
    assert told.sentence in page.text
    assert '<html lang="en"' in page.text
    assert f'href="/en/petitions/{ref}"' in page.text, "the petition is kept"
    assert (f'href="/en/petitions/{ref}/sign"' in page.text) is told.again
    assert page.headers["Cache-Control"] == "no-store"
    if cause is not Cause.KNOWN_DOWN:  # the chooser: nothing was begun
        assert (NOTHING in page.text) is (cause not in SILENT)
    assert (
        town.count_of_acts() == 0 if hasattr(town, "count_of_acts") else town.acts()[:2] == (0, 0)
    )
    assert f"cause={cause}" in trace.log
    places = {
        "page": page.get_data(),
        "headers": str(page.headers).encode(),
        "log": trace.log.encode(),
    }
    assert search(places, PLANTED) == []


def test_the_reference_is_random_and_stands_on_the_page_and_in_the_log(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    trace, ref = Trace(), town.publish()
    with production_log(capsys, trace):
        pages = [
            PROVOKED[Cause.NOT_VERIFIED].way(town, f"/en/petitions/{ref}/sign") for _ in range(3)
        ]
    found = [REFERENCE.findall(page.text) for page in pages]
    assert all(len(each) == 1 for each in found)
    references = [each[0] for each in found]
    assert len(set(references)) == 3
    assert all(each in trace.log for each in references)


def test_a_pass_that_is_still_good_leads_on_after_its_address_was_used_again(town: Town) -> None:
    """Used before: the way on is the form if the pass lives, and never an error."""
    ref, browser = town.publish(), town.browser()
    back = town.citizens.log_in(browser.leave(f"/en/petitions/{ref}/sign"))
    kept = dict(browser.client._cookies)
    assert browser.get(back).status_code == 303
    browser.client._cookies = {**kept, **browser.client._cookies}
    page = browser.get(back)
    assert (page.status_code, NOTHING in page.text) == (400, False)
    assert browser.get(f"/en/petitions/{ref}/sign/confirm").status_code == 200
