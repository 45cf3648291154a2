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


def clocks_apart(provider: ProviderSettings, now: Callable[[], float] = time.time) -> float | None:
    """Seconds our clock is behind the provider's (negative: ahead), None where nothing to speak of.

    `now`: seconds since the epoch. LoginRefused if there is no answer, ValueError if it has no time.
    """
    app = ProviderApp(provider, Call(provider.record.timeouts, Breaker()), {})
    before = now()
    answer = app.read(discovery_address(provider.record), body_max=PUBLIC_BODY_MAX)
    after = now()
    there = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    # Its word is cut to whole seconds and was said between our two looks at the clock.
    apart = there + 0.5 - (before + after) / 2
    return None if abs(apart) - (after - before) / 2 < CLOCK_WARNING else apart


def clock_finding(provider: ProviderSettings, now: Callable[[], float] = time.time) -> str | None:
    """A sentence for the operator, None where all is well. `now`: seconds since the epoch."""
    try:
        apart = clocks_apart(provider, now)
    except LoginRefused as refusal:
        return f"the provider {provider.name} gave no metadata ({refusal.reason})"
    except ValueError:
        return f"the provider {provider.name} tells no time, so clocks were not compared"
    if apart is None:
        return None
    return (
        f"our clock is {abs(apart):.0f} seconds {'behind' if apart > 0 else 'ahead of'} that of the "
        f"provider {provider.name}; logins fail beyond {provider.record.skew} seconds"
    )
