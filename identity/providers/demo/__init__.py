"""A demonstration identity provider: real OpenID Connect, invented people, no password.

It behaves as strictly as the providers a parliament will meet, and it cannot lie: wrong answers are
made in the tests. It never runs in production.
"""

from .app import create_provider, run
from .people import CITIZENS, PLACES, STAFF
from .settings import PROFILES, DemoSettings, Profile, UnsafeStart

__all__ = [
    "CITIZENS",
    "PLACES",
    "PROFILES",
    "STAFF",
    "DemoSettings",
    "Profile",
    "UnsafeStart",
    "create_provider",
    "run",
]
