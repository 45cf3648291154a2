"""`petitions doctor` looks at what seals closing certificates: the extra, the key, its last day."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

from petitions.certificate.seal import in_force
from petitions.certificate.sheet import MISSING
from petitions.certificate_command import seal_key
from petitions.domain.errors import ConfigurationError
from petitions.finding import Advice
from petitions.platform.config import Settings

SOON = timedelta(days=60)
"""A new certificate of a qualified seal takes weeks."""


def certificate(settings: Settings) -> Iterator[str]:
    """Nothing where no key is named. The key may be meant for another account than this one."""
    named = settings.certificate
    if not named.key_file:
        return
    if find_spec("weasyprint") is None or find_spec("pyhanko") is None:
        yield MISSING
    path = Path(named.key_file)
    if path.exists() and not os.access(path, os.R_OK):
        yield Advice(f"certificate.key_file: {path} cannot be read by this account, so not judged")
        return
    try:
        key = seal_key(named)
        assert key is not None
        in_force(key.certificate, datetime.now(UTC))
    except ConfigurationError as error:
        yield str(error)
        return
    ends = key.certificate.not_valid_after_utc
    if ends - datetime.now(UTC) < SOON:
        yield Advice(
            f"certificate: the seal's certificate ends on {ends:%Y-%m-%d}; order the next one"
        )
