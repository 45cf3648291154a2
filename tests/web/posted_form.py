"""A form of a page with everything that a browser would send with it, as it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass
class PostedForm:
    """`fields`: name → values, in the order of the page."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)

    def send(self, client: FlaskClient, **typed: str | list[str]) -> TestResponse:
        """Press its button; `typed` replaces what stands in the fields."""
        return client.post(self.action, data={**self.fields, **typed})

    def __getitem__(self, name: str) -> str:
        return self.fields[name][0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PostedForm] = []
        self._in_main = False
        self._open: PostedForm | None = None
        self._area, self._select = "", ""
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "main":
            self._in_main = True
        elif tag == "form" and self._in_main and has.get("method") == "post":
            self._open = PostedForm(has["action"])
            self.forms.append(self._open)
        elif tag == "input" and has.get("name"):
            ticked = has.get("type") not in {"radio", "checkbox"} or "checked" in has
            if ticked and has.get("type") != "file":
                self._put(has["name"], has.get("value", ""))
        elif tag == "textarea":
            self._area, self._text = has["name"], []
        elif tag == "select":
            self._select = has["name"]
        elif tag == "option" and self._select and "selected" in has:
            self._put(self._select, has["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._put(self._area, "".join(self._text).removeprefix("\n"))
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text.append(data)

    def _put(self, name: str, value: str) -> None:
        if self._open is not None:
            self._open.fields.setdefault(name, []).append(value)


def forms_of(html: str) -> list[PostedForm]:
    """The forms that post, in the main part of a page."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def begun(client: FlaskClient, title: str, language: str = "fr") -> str:
    """A draft with its first page, by the form itself: the address that its pages begin with."""
    answer = form_at(client, "/en/start/new").send(client, title=title, language=language)
    return str(answer.location.rsplit("/", 1)[0])


def form_at(client: FlaskClient, path: str, act: str = "") -> PostedForm:
    """The first form of a page, opened now; or the one whose address ends with `act`."""
    found = forms_of(client.get(path).text)
    return next(each for each in found if each.action.endswith(act))
