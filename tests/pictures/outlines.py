"""Makes `web/pages/outlines.bin` of the outlines of Natural Earth, which are in the public domain.

They come as TopoJSON in the npm package world-atlas, 2.0.2, which has Natural Earth 4.1 (`npm pack
world-atlas@2.0.2`). Then: `python -m tests.pictures.outlines package/countries-50m.json`.
"""

import json
import sys
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from web.pages import outlines

Point = tuple[int, int]  # in hundredths of a degree
Line = list[Point]


def made(topology: dict[str, Any]) -> bytes:
    arcs = _arcs(topology)
    land = [
        ring
        for polygon in _polygons(topology["objects"]["land"])
        for ring in (_joined(arcs, part) for part in polygon)
        if len(set(ring)) > 3
    ]
    used = Counter(
        arc if arc >= 0 else ~arc
        for polygon in _polygons(topology["objects"]["countries"])
        for part in polygon
        for arc in part
    )
    borders = [arcs[arc] for arc, times in used.items() if times > 1 and len(arcs[arc]) > 1]
    return zlib.compress(_written(land) + _written(borders), 9)


def _arcs(topology: dict[str, Any]) -> list[Line]:
    """In whole hundredths, points that have become the same left out."""
    wide, high = topology["transform"]["scale"]
    west, south = topology["transform"]["translate"]
    found: list[Line] = []
    for arc in topology["arcs"]:
        x = y = 0
        line: Line = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            point = (round((x * wide + west) * 100), round((y * high + south) * 100))
            if not line or line[-1] != point:
                line.append(point)
        found.append(line)
    return found


def _joined(arcs: list[Line], numbers: Iterable[int]) -> Line:
    """An arc whose number is turned over is gone along from its end."""
    ring: Line = []
    for number in numbers:
        part = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += part[1:] if ring and ring[-1] == part[0] else part
    return ring


def _polygons(geometry: dict[str, Any]) -> list[list[list[int]]]:
    match geometry["type"]:
        case "Polygon":
            return [geometry["arcs"]]
        case "MultiPolygon":
            return list(geometry["arcs"])
        case "GeometryCollection":
            return [each for part in geometry["geometries"] for each in _polygons(part)]
        case _:
            return []


def _written(lines: list[Line]) -> bytes:
    found = bytearray(_number(len(lines)))
    for line in lines:
        found += _number(len(line))
        before = (0, 0)
        for point in line:
            for now, was in zip(point, before, strict=True):
                found += _number((now - was) * 2 if now >= was else (was - now) * 2 - 1)
            before = point
    return bytes(found)


def _number(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


if __name__ == "__main__":
    read = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    Path(outlines.__file__).with_name("outlines.bin").write_bytes(made(read))
