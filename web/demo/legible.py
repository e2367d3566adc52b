"""JSON for people: each thing of a list on a line of its own, and no line wider than a terminal where
that can be helped.
"""

import json
from typing import Any


def legible(value: Any, width: int, indent: int = 0) -> str:
    """The same value, whatever the spaces. Only a text that is wider than that is left so."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or indent + len(line) < width:
        return line
    begin, end = "[]" if isinstance(value, list) else "{}"
    members = [
        f"{name}{legible(one, width, indent + 2)}"
        for name, one in (
            ((f"{json.dumps(name)}: ", one) for name, one in value.items())
            if isinstance(value, dict)
            else (("", one) for one in value)
        )
    ]
    if isinstance(value, list) or any("\n" in member for member in members):
        rows = f",\n{' ' * (indent + 2)}".join(members)
        return f"{begin}\n{' ' * (indent + 2)}{rows}{end}"
    return f"{begin}{_filled(members, width, indent)}{end}"


def _filled(members: list[str], width: int, indent: int) -> str:
    """One after the other, as many on a line as there is room for."""
    lines = [members[0]]
    for member in members[1:]:
        together = f"{lines[-1]}, {member}"
        if indent + len(together) + 2 < width:
            lines[-1] = together
        else:
            lines.append(member)
    return f",\n{' ' * (indent + 1)}".join(lines)
