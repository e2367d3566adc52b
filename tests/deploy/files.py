"""The files of deploy/ as the tests of this folder read them. A line that a reader does not know is
a mistake, and no line to be passed over."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.docs.test_commands_named import try_call
from web.settings import DOCUMENTED

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
SUPERGRAPH = DEPLOY / "supergraph"  # an example with tests of its own: tests/supergraph
SETTINGS = {setting.name for setting in DOCUMENTED}
LAUNCHER = "/opt/convoke/convoke"
INSTRUCTIONS = {
    *("FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "STOPSIGNAL"),
    *("HEALTHCHECK", "ENTRYPOINT", "CMD"),
}


def every_file() -> list[Path]:
    """All that is kept there; not what a machine's operator writes beside it."""
    made = {DEPLOY / "secrets", DEPLOY / ".env", SUPERGRAPH}
    found = (path for path in DEPLOY.rglob("*") if path.is_file())
    return sorted(path for path in found if not made & {path, *path.parents})


def read(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


class _Strict(yaml.SafeLoader):
    """A key that stands twice is a mistake: the first would be passed over."""


def _mapping(loader: _Strict, node: Any) -> Any:
    keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise yaml.YAMLError(f"twice: {sorted(twice)}")
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_Strict.add_constructor("tag:yaml.org,2002:map", _mapping)


def documents(text: str) -> list[Any]:
    """Of YAML."""
    return list(yaml.load_all(text, Loader=_Strict))


def compose() -> Any:
    (found,) = documents(read("compose.yaml"))
    return found


def kinds(name: str) -> Iterator[tuple[str, Any]]:
    """Each thing of a file for a cluster, with its kind."""
    for found in documents(read(f"kubernetes/{name}")):
        yield found["kind"], found


@dataclass(frozen=True, slots=True)
class Line:
    """Of a systemd unit."""

    section: str
    key: str
    value: str


def unit(text: str) -> list[Line]:
    section, found = "", list[Line]()
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        if re.fullmatch(r"\[[A-Z][a-z]+\]", line):
            section = line[1:-1]
            continue
        key, is_one, value = line.partition("=")
        if not is_one or not re.fullmatch(r"[A-Z][A-Za-z]+", key) or not section:
            raise ValueError(line)
        found.append(Line(section, key, value))
    return found


def values(lines: list[Line], key: str) -> list[str]:
    return [line.value for line in lines if line.key == key]


def instructions(text: str) -> list[tuple[str, str]]:
    """Of a Dockerfile, those of several lines put together."""
    whole = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    found = [line.split(maxsplit=1) for line in whole.splitlines() if line.strip()]
    unknown = [name for name, *_ in found if name not in INSTRUCTIONS]
    if unknown:
        raise ValueError(f"unknown: {unknown}")
    return [(name, " ".join(rest.split())) for name, rest in found]


def image() -> list[tuple[str, str]]:
    return instructions(read("Dockerfile"))


def image_environment() -> dict[str, str]:
    pairs = (pair for name, rest in image() if name == "ENV" for pair in rest.split())
    return dict(pair.split("=", 1) for pair in pairs)


def one(name: str) -> str:
    (found,) = (rest for each, rest in image() if each == name)
    return found


def listed(name: str) -> list[str]:
    """The words of an instruction that is written as a list."""
    found = json.loads(one(name))
    assert all(isinstance(word, str) for word in found)
    return list(found)


def require_command(words: list[str]) -> None:
    """Of the image, after what it begins with."""
    assert words, "a command is missing"
    try_call(words)
