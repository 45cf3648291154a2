"""Read by Python at the start of each process of `test_crashes`: faults where nobody expects them.

The text of each fault names a person, as the text of a real one may.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

TEXT = os.environ.get("PLANTED_TEXT", "")


def fail() -> None:
    raise RuntimeError(f"planted: {TEXT}")


class Unclean:
    def __del__(self) -> None:
        fail()


def faulty(self: Any, environ: dict[str, Any], start_response: Any) -> Any:
    path = environ["PATH_INFO"]
    if path == "/fault/outside":
        fail()
    elif path == "/fault/thread":
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    elif path == "/fault/cleaning":
        Unclean()
    elif path == "/fault/killed":
        signal.raise_signal(signal.SIGSEGV)  # of this thread: another one would let it answer
    elif path == "/fault/none":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(os.getpid()).encode()]
    return self.wsgi_app(environ, start_response)


def run_into_a_fault(_self: Any, *_rest: Any) -> None:
    fail()


if TEXT:
    import flask

    flask.Flask.__call__ = faulty  # type: ignore[method-assign]
    if "worker" in sys.argv:
        import petitions.worker

        petitions.worker.Worker.run = run_into_a_fault  # type: ignore[method-assign]
