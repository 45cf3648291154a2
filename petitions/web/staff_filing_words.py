"""What the trail says of acts about the filing of a petition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from petitions.platform.i18n import _, current_locale
from petitions.web.filing_words import channel_words

FILING_ACTS = frozenset(
    {"same_subject", "other_subject", "translated", "readdressed", "prior_counted", "entered"}
)


def filing_text(action: str, detail: Mapping[str, Any]) -> str:
    """The facts that belong to the act, in the reader's language."""
    locale = current_locale()
    if action in {"same_subject", "other_subject"}:
        return _("Petition %(ref)s", ref=str(detail.get("other", "")))
    if action == "translated":
        return locale.language(str(detail.get("language", "")))
    if action == "readdressed":
        return locale.together([str(each) for each in detail.get("to", [])])
    if action == "prior_counted":
        return _(
            "%(valid)s valid of %(collected)s",
            valid=locale.number(int(detail.get("valid", 0))),
            collected=locale.number(int(detail.get("collected", 0))),
        )
    return channel_words(str(detail.get("channel", "paper")))
