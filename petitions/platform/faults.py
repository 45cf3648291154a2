"""Faults nobody foresaw, in a server, a worker or a command: one line, and no value of anybody's.

Rules of this module:
- a traceback ends with the text of the exception, which may repeat a row, a form or a header: here are
  its class and the places in the code, and nothing else;
- a killed process leaves no image of its memory: it would hold keys and half a login.
"""

from __future__ import annotations

import logging
import resource
import sys
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

LOG = logging.getLogger("petitions.faults")
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
_PLACES = 6
_SORRY = b"Something went wrong here. Nothing was recorded by this request. Please try again.\n"
_HEADERS = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"),
            ("Content-Length", str(len(_SORRY)))]  # fmt: skip


def places(step: TracebackType | None) -> str:
    """Where it happened: file, line and function of the innermost calls."""
    found = []
    while step is not None:
        code = step.tb_frame.f_code
        found.append(f"{code.co_filename.rpartition('/')[2]}:{step.tb_lineno}:{code.co_name}")
        step = step.tb_next
    return "; ".join(found[-_PLACES:])


def tell(where: str, kind: type[BaseException], step: TracebackType | None) -> None:
    LOG.critical("fault in %s: %s at %s", where, kind.__name__, places(step))


def install_hooks() -> None:
    """What would print a traceback prints one line: uncaught, in a thread, or while cleaning up."""

    def uncaught(
        kind: type[BaseException], error: BaseException, step: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, step)
        else:
            tell("the process", kind, step)

    sys.excepthook = uncaught
    threading.excepthook = lambda told: tell("a thread", told.exc_type, told.exc_traceback)
    sys.unraisablehook = lambda told: tell("cleaning up", told.exc_type, told.exc_traceback)


def forbid_memory_images() -> None:
    """No core file, whatever the machine's settings say (a service manager can do the same)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class LastResort:
    """WSGI layer around everything: a server would write down the text of what gets this far."""

    def __init__(self, app: Application) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            return self._app(environ, start_response)
        except Exception as error:
            tell("an answer", type(error), error.__traceback__)
            start_response("500 Internal Server Error", _HEADERS, None)
            return [_SORRY]
