"""What lies in the memory of a process until it ends is not looked through for rubbish.

Python searches all objects for rubbish from time to time. Those that stand there once a process has
started (modules, tables, rulebooks, templates) are most of them and never become rubbish: to walk
through them made one reader wait a tenth of a second, every few hundred pages.
"""

from __future__ import annotations

import gc


def keep_what_is_there() -> None:
    """From now on only what comes after is searched. Called once, when a process is ready."""
    gc.collect()
    gc.freeze()
