"""A receipt as it was saved, from what mail programs and forms make of its text.

On its way a text loses or doubles empty lines, is wrapped, indented and quoted (“> ”). No field of a
receipt or of a proof holds a space, so its words alone give the saved file back, in one way only;
where they do not, the text is left as it came, and the strict readers refuse it. Nothing is trusted
because of this: keys and proofs are checked over the restored bytes.

The page in the browser does the same (`receipt-text.js`); the independent verifier reads strictly.
"""

from __future__ import annotations

import re
from typing import Final

from petitions.ledger.promise import HEADING as PROMISE_HEADING
from petitions.ledger.receipt import PROOF_HEADING, RECEIPT_HEADING

_UNSEEN: Final = re.compile("[\u00ad\u200b\u2060\ufeff]")
_GAP: Final = re.compile("[\t-\r \u0085\u00a0\u2028\u2029\u202f]+")
_DASH: Final = "\u2014"
_BLOB: Final = 92
"""Letters of a key id and an Ed25519 signature in base64; what is shorter signs no note."""


def restored(text: str) -> str:
    """The one file with these words, else `text` unchanged. Words before and after it are dropped."""
    words = [each for word in _GAP.split(_UNSEEN.sub("", text)) if (each := word.lstrip(">"))]
    headings = [at for at, each in enumerate(words) if each in {RECEIPT_HEADING, PROOF_HEADING}]
    if len(headings) != 1:
        return text
    words = words[headings[0] :]
    lines = _of_receipt(words) if words[0] == RECEIPT_HEADING else _of_proof(words)
    return "\n".join(lines) + "\n" if lines else text


def _of_receipt(words: list[str]) -> list[str]:
    shape = [words[at : at + 1] for at in (1, 3, 7, 9)]
    signatures = _signatures(words[11:])
    if shape != [["extra"], [PROMISE_HEADING], ["from"], ["by"]] or not signatures:
        return []
    head = [words[0], f"extra {words[2]}", ""]
    return [*head, *words[3:7], f"from {words[8]} by {words[10]}", "", *signatures]


def _of_proof(words: list[str]) -> list[str]:
    """Before the first signature stand three lines of the checkpoint; what is left are the steps."""
    if words[1:2] != ["extra"] or words[3:4] != ["index"] or _DASH not in words:
        return []
    end = words.index(_DASH)
    signatures = _signatures(words[end:])
    if end < 8 or not signatures:
        return []
    head = [words[0], f"extra {words[2]}", f"index {words[4]}"]
    return [*head, *words[5 : end - 3], "", *words[end - 3 : end], "", *signatures]


def _signatures(words: list[str]) -> list[str]:
    lines = []
    for at in range(0, len(words) - 2, 3):
        dash, name, blob = words[at : at + 3]
        if dash != _DASH or len(blob) < _BLOB:
            break
        lines.append(f"{dash} {name} {blob}")
    return lines
