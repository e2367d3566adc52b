"""A table of a report, in Markdown."""

from collections.abc import Sequence

Cells = Sequence[object]


def table(head: Cells, rows: Sequence[Cells]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, cells))} |\n" for cells in lines)
