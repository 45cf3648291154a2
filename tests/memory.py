"""What lies in memory for the whole run is not looked through again and again.

Ten thousand collected tests and the modules that they import are most of the objects of a process. Each
full search for rubbish walked through all of them: a second, a hundred times in a run.
"""

from __future__ import annotations

import gc


def no_search() -> None:
    """While modules are read and tests are collected nothing becomes rubbish."""
    gc.disable()


def keep_what_is_there() -> None:
    """From now on only what tests make is searched, less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000)
    gc.enable()
