"""Whether an SVG is a drawing and nothing else: an allow-list of elements and attributes. Pure.

A logo stands on every page under the site's own address. So it may hold shapes and colours: no
script, no event, no style sheet, no link, no picture or font from elsewhere, no document type.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = frozenset(
    {
        "svg", "g", "path", "rect", "circle", "ellipse", "line", "polygon", "polyline", "title",
        "desc", "defs", "linearGradient", "radialGradient", "stop", "clipPath", "mask",
    }
)  # fmt: skip
MARKS = frozenset(
    {
        "id", "class", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy",
        "width", "height", "points", "viewBox", "preserveAspectRatio", "transform", "version", "role",
        "fill", "fill-rule", "fill-opacity", "clip-path", "clip-rule", "mask", "opacity", "color",
        "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit",
        "stroke-dasharray", "stroke-dashoffset", "stroke-opacity", "offset", "stop-color",
        "stop-opacity", "gradientUnits", "gradientTransform", "spreadMethod", "clipPathUnits",
        "maskUnits", "maskContentUnits", "aria-hidden", "aria-label", "focusable", "paint-order",
    }
)  # fmt: skip
_INSIDE = re.compile(r"url\(\s*#[\w-]+\s*\)")
LARGEST = 100_000


def svg_fault(content: bytes) -> str:
    """Why this is no plain drawing; "" for one."""
    if len(content) > LARGEST:
        return f"is larger than {LARGEST // 1000} kB"
    if b"<!" in content.replace(b"<!--", b""):
        return "must not have a document type"
    try:
        root = ET.fromstring(content)  # noqa: S314 - no document type, so no entity to expand
    except (ET.ParseError, ValueError):
        return "is not well-formed"
    if root.tag != f"{SVG}svg":
        return "must be an SVG of http://www.w3.org/2000/svg"
    for each in root.iter():
        name = str(each.tag).removeprefix(SVG)
        if name not in SHAPES:
            return f"must not hold <{name}>"
        for mark, value in each.attrib.items():
            if mark not in MARKS:
                return f"must not hold the attribute '{mark}'"
            if "url" in _INSIDE.sub("", value).lower() or ":" in value.replace("://www.w3.org", ""):
                return f"must not point outside ({mark})"
    return ""
