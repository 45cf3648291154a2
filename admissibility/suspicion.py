"""Which ground of refusal a signal points at, where the rules know that ground. Pure.

It narrows the queue; it decides nothing, and no letter or page for the public repeats it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from admissibility.checks.signal import Severity, Signal

GROUND = "ground:"
"""Prefix of a mark that names a ground, beside the marks that name a signal."""
DUPLICATE = "view:duplicates"
"""Mark of a possible duplicate: something alike is open or waits; what has ended is another question."""
HIDDEN = (f"{GROUND}%", "view:%")
"""Marks that filter and are not shown."""
_SAME = ("duplicate", "same-petition")
_PRIVATE = ("privacy", "individual-case")
_NO_REQUEST = ("no-request", "no-action", "form")
POINTS_AT: Mapping[str, tuple[str, ...]] = {
    "near_identical": _SAME,
    "similar_open": _SAME,
    "similar_closed": ("decided-before",),
    "bars_while_open": _SAME,
    "cool_down": ("decided-before", *_SAME),
    "refused_before": ("decided-before", *_SAME),
    "request_missing": _NO_REQUEST,
    "text_too_short": _NO_REQUEST,
    "title_too_short": _NO_REQUEST,
    "email_address": _PRIVATE,
    "phone_number": _PRIVATE,
    "bank_account": _PRIVATE,
    "national_number": _PRIVATE,
    "postal_address": _PRIVATE,
    "private_person": ("privacy", "defamatory", "libellous", "individual-case"),
    "insult": ("offensive", "defamatory"),
    "outside_powers": ("outside-competence", "outside-powers", "irrelevant"),
    "links_shortened": ("advertising", "advert"),
}


def suspected(signals: Iterable[Signal], known: Iterable[str]) -> dict[str, Severity]:
    """Ground → the loudest signal that points at it, among the grounds the rules know."""
    order = list(Severity)
    grounds = frozenset(known)
    found: dict[str, Severity] = {}
    for signal in signals:
        named = signal.facts.get("ground")
        for code in (*POINTS_AT.get(signal.code, ()), *([str(named)] if named else [])):
            if code in grounds:
                before = found.get(code, signal.severity)
                found[code] = min(before, signal.severity, key=order.index)
    return found
