"""Outlines of areas: from GeoJSON (RFC 7946) to short SVG paths. Pure.

Rules of this module:
- a border that two areas share is thinned once and drawn alike in both: no gaps, no overlaps;
- the projection is equirectangular with the cosine of the middle latitude: true enough for a country,
  and its error is known;
- an area never disappears: its largest ring stays, however small.
"""

from __future__ import annotations

import gzip
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Point = tuple[float, float]
Pixel = tuple[int, int]
Shapes = Mapping[str, Sequence[Sequence[Point]]]
"""Area code → rings, each closed without repeating its first point; (longitude, latitude)."""
WIDTH = 620
"""Units of the drawing from west to east; a country that is taller is made as high instead."""
_FIRST_TOLERANCE = 0.6
_COARSER = 1.3
_SMALLEST = 6.0
"""Square units under which a ring beside a larger one of the same area is left out."""


class OutlineError(ValueError):
    """The file is no set of areas; the text says why."""


@dataclass(frozen=True, slots=True)
class Outlines:
    """SVG paths by area in a box of `width` x `height`; each is even-odd filled."""

    width: int
    height: int
    paths: Mapping[str, str]


def read_shapes(content: Any, code: str) -> dict[str, list[list[Point]]]:
    """The areas of a FeatureCollection; `code` is the property that names them. OutlineError."""
    if not isinstance(content, Mapping) or content.get("type") != "FeatureCollection":
        raise OutlineError("is no GeoJSON FeatureCollection")
    found: dict[str, list[list[Point]]] = defaultdict(list)
    for number, feature in enumerate(content.get("features") or (), start=1):
        properties = feature.get("properties") or {}
        if code not in properties:
            raise OutlineError(f"feature {number} has no property '{code}'")
        found[str(properties[code])] += _rings(feature.get("geometry") or {}, number)
    if not found:
        raise OutlineError("has no features")
    return dict(found)


def _rings(geometry: Mapping[str, Any], number: int) -> Iterator[list[Point]]:
    kind, places = geometry.get("type"), geometry.get("coordinates")
    if kind not in {"Polygon", "MultiPolygon"} or not isinstance(places, list):
        raise OutlineError(f"feature {number} is a {kind}, not a Polygon or MultiPolygon")
    for polygon in [places] if kind == "Polygon" else places:
        for ring in polygon:
            points = [(float(point[0]), float(point[1])) for point in ring]
            if points and points[0] == points[-1]:
                points.pop()
            if len(points) < 3:
                raise OutlineError(f"feature {number} has a ring of fewer than three points")
            yield points


def drawn(shapes: Shapes, most_bytes: int) -> Outlines:
    """As fine as fits: the outlines are thinned until their paths, gzipped, have `most_bytes`."""
    pixels, width, height = _projected(shapes)
    tolerance = _FIRST_TOLERANCE
    while True:
        paths = _paths(pixels, tolerance)
        packed = len(gzip.compress("".join(paths.values()).encode(), 9, mtime=0))
        if packed <= most_bytes or tolerance > WIDTH:
            return Outlines(width, height, paths)
        tolerance *= _COARSER


def _projected(shapes: Shapes) -> tuple[dict[str, list[list[Point]]], int, int]:
    every = [point for rings in shapes.values() for ring in rings for point in ring]
    west, east = min(x for x, _ in every), max(x for x, _ in every)
    south, north = min(y for _, y in every), max(y for _, y in every)
    narrow = math.cos(math.radians((south + north) / 2))
    across, up = (east - west) * narrow or 1e-9, (north - south) or 1e-9
    scale = WIDTH / max(across, up)
    placed = {
        area: [
            [((x - west) * narrow * scale, (north - y) * scale) for x, y in ring] for ring in rings
        ]
        for area, rings in shapes.items()
    }
    return placed, math.ceil(across * scale), math.ceil(up * scale)


def _paths(shapes: Mapping[str, list[list[Point]]], tolerance: float) -> dict[str, str]:
    joints = _joints(shapes)
    thinned: dict[tuple[Point, ...], list[Point]] = {}
    found = {}
    for area, rings in shapes.items():
        drawn_rings = [_thin_ring(ring, joints, tolerance, thinned) for ring in rings]
        sized = sorted(((abs(_surface(ring)), ring) for ring in drawn_rings), reverse=True)
        kept = [ring for number, (size, ring) in enumerate(sized) if not number or size > _SMALLEST]
        found[area] = "".join(_path(ring) for ring in kept)
    return found


def _joints(shapes: Mapping[str, list[list[Point]]]) -> set[Point]:
    """Points where borders meet: more or fewer than two different points stand beside them."""
    beside: dict[Point, set[Point]] = defaultdict(set)
    for rings in shapes.values():
        for ring in rings:
            for here, after in zip(ring, [*ring[1:], ring[0]], strict=True):
                beside[here].add(after)
                beside[after].add(here)
    return {point for point, others in beside.items() if len(others) != 2}


def _thin_ring(
    ring: list[Point],
    joints: set[Point],
    tolerance: float,
    known: dict[tuple[Point, ...], list[Point]],
) -> list[Point]:
    starts = [number for number, point in enumerate(ring) if point in joints]
    if len(starts) < 2:  # an island: from its westernmost point and from the one farthest from it
        first = starts[0] if starts else ring.index(min(ring))
        far = max(range(len(ring)), key=lambda number: math.dist(ring[number], ring[first]))
        starts = sorted({first, far})
    result: list[Point] = []
    for here, after in zip(starts, [*starts[1:], starts[0] + len(ring)], strict=True):
        arc = tuple(ring[number % len(ring)] for number in range(here, after + 1))
        result += _thin_arc(arc, tolerance, known)[:-1]
    return result


def _thin_arc(
    arc: tuple[Point, ...], tolerance: float, known: dict[tuple[Point, ...], list[Point]]
) -> list[Point]:
    """One direction is thinned, and the other one is its mirror: neighbours draw the same line."""
    turned = arc > arc[::-1]
    key = arc[::-1] if turned else arc
    if key not in known:
        known[key] = _thinned(key, tolerance)
    return known[key][::-1] if turned else known[key]


def _thinned(points: Sequence[Point], tolerance: float) -> list[Point]:
    """Douglas and Peucker, without recursion: no point left out lies farther off than `tolerance`."""
    keep = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        inner = range(first + 1, last)
        far = max(inner, key=lambda n: _off(points[n], points[first], points[last]), default=None)
        if far is not None and _off(points[far], points[first], points[last]) > tolerance:
            keep.add(far)
            spans += [(first, far), (far, last)]
    return [points[number] for number in sorted(keep)]


def _off(point: Point, start: Point, end: Point) -> float:
    """Distance of a point from a piece of line."""
    (x, y), (ax, ay), (bx, by) = point, start, end
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    if not square:
        return math.dist(point, start)
    share = min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / square))
    return math.hypot(x - ax - share * dx, y - ay - share * dy)


def _surface(ring: Sequence[Point]) -> float:
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs) / 2


def _path(ring: Sequence[Point]) -> str:
    """Whole units and relative steps: `M12 40l3-2 5 1z`."""
    whole: list[Pixel] = []
    for x, y in ring:
        pixel = (round(x), round(y))
        if not whole or whole[-1] != pixel:
            whole.append(pixel)
    if len(whole) < 3:  # smaller than a unit: a mark stays where it is
        x, y = whole[0]
        return f"M{x} {y}h1v1h-1z"
    steps = [(bx - ax, by - ay) for (ax, ay), (bx, by) in pairwise(whole)]
    line = " ".join(f"{dx} {dy}" for dx, dy in steps).replace(" -", "-")
    return f"M{whole[0][0]} {whole[0][1]}l{line}z"
