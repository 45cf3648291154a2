"""From one case to the next: what was done is told on the case that opens after it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, request

from admissibility import turning
from petitions.platform.i18n import _
from petitions.web.access import REFERENCE, needs
from petitions.web.staff_desk import desk, office, sent_on
from petitions.web.staff_pages import Message

ONWARD = frozenset({"decide", "propose", "confirm", "sent_back"})
"""After these the case is out of the clerk's hands: the next one of their own opens by itself."""


def message(told: Mapping[str, str]) -> Message | None:
    """What was just done, here or on the case that was open before; `told`: code → sentence."""
    done, before = request.args.get("done", ""), request.args.get("of", "")
    if done not in told:
        return None
    if REFERENCE.fullmatch(before):
        words = _("%(ref)s: %(done)s", ref=before, done=_(told[done]))
        return Message(words + " " + _("This is your next case."))
    return Message(_(told[done]))


def onward(ref: str, done: str) -> Response:
    """To the person's next case where this one is out of their hands; else back to it."""
    if done in ONWARD:
        with desk() as at:
            found = turning.next_case(at.session, at.staff.actor, at.today, leaving=ref)
        if found:
            return sent_on(f"/office/cases/{found}?done={done}&of={ref}")
    return sent_on(f"/office/cases/{ref}?done={done}")


@office.get("/next")
@needs("read_office")
def next_case() -> Response:
    """The reader's own case after the one named, else the queue."""
    after = request.args.get("after", "")[:20]
    with desk() as at:
        found = turning.case_after(at.session, at.staff.actor, at.today, after)
    return sent_on(f"/office/cases/{found}" if found else "/office/queue?v=unassigned")
