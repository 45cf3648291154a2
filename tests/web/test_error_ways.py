"""An error page leads on, and blames nobody for what was not theirs."""

from __future__ import annotations

import pytest

from petitions.domain.errors import UnavailableError
from petitions.web.errors import _failed, _refused
from tests.web.rendering import render, stage
from tests.web.sample_journeys import ERRORS

OURS = "The operators have been told."
ONCE_MORE = '<a class="btn" href="" rel="nofollow">Try again</a>'


@pytest.mark.parametrize("status", sorted(ERRORS))
def test_only_a_fault_of_ours_is_called_one(status: int) -> None:
    page = render(stage(), "errors/error.html", ERRORS[status])
    assert (OURS in page) is (status == 500)


@pytest.mark.parametrize(
    ("status", "words"), [(413, "a smaller file"), (422, "go back and look at it again")]
)
def test_who_sent_something_that_is_not_taken_is_told_what_to_do(status: int, words: str) -> None:
    assert words in render(stage(), "errors/error.html", ERRORS[status])


def fault(method: str, error: Exception) -> str:
    app = stage()
    with app.test_request_context("/en/petitions?q=planted", method=method):
        app.preprocess_request()
        answer = (
            _refused(error) if isinstance(error, UnavailableError) else _failed(error)
        ).get_data(as_text=True)
    told = str(answer).partition("<main")[2].partition("</main>")[0]
    assert "planted" not in told, "the browser has the address"
    return told


@pytest.mark.parametrize("error", [UnavailableError("busy"), RuntimeError("broken")], ids=type)
def test_a_page_that_was_only_read_can_be_asked_for_again(error: Exception) -> None:
    assert ONCE_MORE in fault("GET", error)
    assert ONCE_MORE not in fault("POST", error), "what was sent is not sent twice"
