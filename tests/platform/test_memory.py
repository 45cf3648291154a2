"""What a process keeps is not searched for rubbish; what comes after is."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import petitions

ALONE = """
import gc, weakref
from petitions.platform.memory import keep_what_is_there
class Ring: pass
there = [Ring() for _ in range(5000)]
keep_what_is_there()
assert gc.get_freeze_count() > 5000, gc.get_freeze_count()
assert not any(isinstance(each, Ring) for each in gc.get_objects())
later = Ring()
later.itself = later
gone = weakref.ref(later)
del later
gc.collect()
assert gone() is None
"""


def test_what_a_process_started_with_is_not_searched_and_what_comes_after_is() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALONE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_server_process_keeps_what_is_there_once_it_is_ready() -> None:
    tree = ast.parse((Path(petitions.__file__).parent / "wsgi.py").read_text(encoding="utf-8"))
    assert ast.unparse(tree.body[-1]) == "keep_what_is_there()"
