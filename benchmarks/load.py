"""A load generator that is not the bottleneck: prepared bytes over kept-alive sockets.

Every connection sends its next request when the last answer is complete, as a browser would. Bounded
in count, loopback only.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter


@dataclass(slots=True)
class Answers:
    """`statuses`: how many of each; `took`: seconds for all of them; `late`: seconds of each."""

    statuses: Counter[int] = field(default_factory=Counter)
    took: float = 0.0
    late: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return sum(self.statuses.values()) / self.took

    def percentile(self, share: float) -> float:
        ordered = sorted(self.late)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def send_all(port: int, requests: Sequence[bytes], connections: int) -> Answers:
    """Send each request once, over so many connections at a time."""
    return asyncio.run(_send_all(port, requests, connections))


async def _send_all(port: int, requests: Sequence[bytes], connections: int) -> Answers:
    answers = Answers()
    waiting = iter(requests)
    began = perf_counter()
    await asyncio.gather(*(_one(port, waiting, answers) for _ in range(connections)))
    answers.took = perf_counter() - began
    return answers


async def _one(port: int, waiting: object, answers: Answers) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for prepared in waiting:  # type: ignore[attr-defined]  # one iterator, shared on purpose
        began = perf_counter()
        writer.write(prepared)
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        length = 0
        closing = False
        for line in head.lower().split(b"\r\n")[1:]:
            if line.startswith(b"content-length:"):
                length = int(line[15:])
            closing |= line == b"connection: close"
        if length:
            await reader.readexactly(length)
        answers.late.append(perf_counter() - began)
        answers.statuses[status] += 1
        if closing:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
