"""Keyboard shortcuts of the desk: what they do, and the way to switch them off (WCAG 2.1.4)."""

from __future__ import annotations

from flask import Response, request

from petitions.platform.i18n import N_, _
from petitions.storage.tables import Staff
from petitions.web.access import needs
from petitions.web.staff_desk import desk, office, page, sent_on

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        N_("On the queue"),
        (
            ("j", N_("Next case")),
            ("k", N_("Case before")),
            ("x", N_("Select this case, or take it out of the selection")),
            ("Enter", N_("Open this case")),
            ("t", N_("Take the selected cases")),
            ("/", N_("Go to the search")),
        ),
    ),
    (
        N_("On a case"),
        (
            ("t", N_("Take the case")),
            ("c", N_("This ground does not apply; go to the next one")),
            ("a", N_("This ground applies; go to the next one")),
            ("d", N_("Go to the decision")),
            ("p", N_("Preview the letter")),
            ("s", N_("On the preview: go to the button that sends; Enter sends")),
            ("n", N_("Next case of yours")),
        ),
    ),
    (N_("Everywhere"), (("q", N_("Go to the queue")), ("?", N_("This page")))),
)


@office.get("/shortcuts")
@needs("read_office")
def show_shortcuts() -> Response:
    with desk() as at:
        groups = [(_(title), [(key, _(what)) for key, what in keys]) for title, keys in KEYS]
        return page(at, "office/shortcuts.html", section="shortcuts", groups=groups)


@office.post("/shortcuts")
@needs("read_office")
def switch_shortcuts() -> Response:
    with desk(write=True) as at:
        at.session.get_one(Staff, at.staff.actor).shortcuts = request.form.get("on") == "1"
    return sent_on("/office/shortcuts")
