"""A browser of few lines for the pages of other people's providers: cookies, redirects, one form."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

import requests


@dataclass
class Form:
    """The first form of a page that is sent by POST, as it stands."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form: Form | None = None
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form" and self.form is None and told.get("method", "").lower() == "post":
            self.form, self._inside = Form(told.get("action", "")), True
        wanted = tag == "input" and told.get("type") not in {"checkbox", "radio", "submit"}
        if self._inside and wanted and told.get("name") and self.form is not None:
            self.form.fields[told["name"]] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def form_of(page: str) -> Form | None:
    reader = _Reader()
    reader.feed(page)
    return reader.form


@dataclass
class Stop:
    """Where a walk ended: at a page of the provider with a form, or away from it."""

    url: str
    form: Form | None
    text: str = ""

    @property
    def away(self) -> bool:
        return self.form is None


class Visitor:
    """One person's browser at one provider; follows redirects as long as they stay there."""

    def __init__(self, home: str) -> None:
        self._home = urlsplit(home).netloc
        # by name only: Python's own jar refuses cookies that a provider sets for all of `localhost`
        self._cookies: dict[str, str] = {}

    def open(self, url: str) -> Stop:
        return self._follow(self._ask("GET", url))

    def send(self, stop: Stop, **entries: str) -> Stop:
        assert stop.form is not None
        target = urljoin(stop.url, stop.form.action.partition("#")[0])
        return self._follow(self._ask("POST", target, {**stop.form.fields, **entries}))

    def _ask(
        self, method: str, url: str, fields: dict[str, str] | None = None
    ) -> requests.Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        answer = requests.request(
            method, url, data=fields, headers={"Cookie": cookies}, allow_redirects=False, timeout=10
        )
        for line in answer.raw.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel.value and morsel["max-age"] != "0":
                    self._cookies[name] = morsel.value
                else:
                    self._cookies.pop(name, None)
        return answer

    def _follow(self, answer: requests.Response) -> Stop:
        for _ in range(10):
            if not answer.is_redirect:
                break
            target = urljoin(answer.url, answer.headers["Location"])
            if urlsplit(target).netloc != self._home:
                return Stop(target, None)
            answer = self._ask("GET", target)
        form = form_of(answer.text)
        assert form is not None, (answer.status_code, answer.url, answer.text[-1500:])
        return Stop(answer.url, form, answer.text)
