"""Letters to authors in words: what each is about, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.platform.i18n import N_
from petitions.services.letter_fates import Fate

LETTERS: Mapping[str, str] = {
    "submitted": N_("Petition received"),
    "admitted": N_("Petition admitted"),
    "returned": N_("Please correct it"),
    "correction_reminder": N_("Reminder: please correct it"),
    "refused": N_("Petition refused"),
    "hidden": N_("Petition refused and hidden"),
    "taken_down": N_("Petition taken down"),
    "restored": N_("Petition shown again"),
    "reopened": N_("Check opened again"),
    "merge_asked": N_("Proposal to merge"),
    "merged": N_("Petitions merged"),
    "threshold_reached": N_("Threshold reached"),
    "closed_below": N_("Closed under the threshold"),
    "examined": N_("Petition examined"),
    "lapsed": N_("Petition lapsed"),
    "sponsors_complete": N_("All first supporters found"),
    "sponsors_wanted": N_("First supporters wanted"),
    "body_informed": N_("Notice to the body that decides"),
}
FATES: Mapping[Fate, tuple[str, str]] = {
    Fate.QUEUED: (N_("waits to be sent"), "off"),
    Fate.TRYING: (N_("not sent yet; it is tried again"), "warn"),
    Fate.SENT: (N_("has been sent"), "ok"),
    Fate.FAILED: (N_("could not be delivered"), "bad"),
    Fate.RETURNED: (N_("has come back"), "bad"),
}
