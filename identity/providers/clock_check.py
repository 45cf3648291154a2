"""How far our clock and a provider's are apart: what `petitions doctor --ask-providers` compares.

An answer is refused when its times lie outside the record's `skew`; a clock that drifts shows here
days before the first login fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Final

from identity.errors import LoginRefused
from identity.providers.back_channel import PUBLIC_BODY_MAX, Call
from identity.providers.breaker import Breaker
from identity.providers.metadata import discovery_address
from identity.providers.oidc import ProviderApp
from identity.settings import ProviderSettings

CLOCK_WARNING: Final = 5.0  # seconds


def clock_finding(provider: ProviderSettings, now: Callable[[], float] = time.time) -> str | None:
    """A sentence for the operator, None where all is well. `now`: seconds since the epoch."""
    app = ProviderApp(provider, Call(provider.record.timeouts, Breaker()), {})
    before = now()
    try:
        answer = app.read(discovery_address(provider.record), body_max=PUBLIC_BODY_MAX)
    except LoginRefused as refusal:
        return f"the provider {provider.name} gave no metadata ({refusal.reason})"
    after = now()
    try:
        there = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except ValueError:
        return f"the provider {provider.name} tells no time, so clocks were not compared"
    # Its word is cut to whole seconds and was said between our two looks at the clock.
    apart = there + 0.5 - (before + after) / 2
    if abs(apart) - (after - before) / 2 < CLOCK_WARNING:
        return None
    return (
        f"our clock is {abs(apart):.0f} seconds {'behind' if apart > 0 else 'ahead of'} that of the "
        f"provider {provider.name}; logins fail beyond {provider.record.skew} seconds"
    )
