"""Which channels a petition is signed by: all that the rules open, or the one its author chose. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.domain.collecting import Signing
from petitions.domain.vocabulary import Channel, Combine, Method

CHOICE = "channel"
"""Name of the author's choice among the channels, where the rules combine only one (P11)."""


def channels_of(signing: Signing, choices: Mapping[str, object]) -> tuple[Channel, ...]:
    """The channels of one petition. Without a choice, `combine = "one"` means the first listed."""
    if signing.combine is not Combine.ONE:
        return signing.channels
    chosen = choices.get(CHOICE)
    return next(((each,) for each in signing.channels if each == chosen), signing.channels[:1])


def on_paper(signing: Signing, choices: Mapping[str, object]) -> bool:
    """Sheets and signatures given in person are counted alike: by certificate only."""
    return any(each is not Channel.ONLINE for each in channels_of(signing, choices))


def online(signing: Signing, choices: Mapping[str, object]) -> bool:
    return Channel.ONLINE in channels_of(signing, choices)


def certified_online(signing: Signing) -> bool:
    """Whether a signature given online counts only once an authority has certified it (P12)."""
    return signing.verification.online is not Method.AT_SIGNING
