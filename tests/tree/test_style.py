"""What a newcomer may count on in every file: it says what it is for, and it is not long."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.tree.files import MIGRATIONS, ROOT, Module, kept_files, modules, modules_under

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60  # from the first of its statements: a command lists its options above
# Longer, and why. One that is short again is taken off this list.
LONGER = {
    Path("storage/tables.py"): "one declaration after another: nothing in it is followed",
}
UNHELPFUL = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common|stuff)(_|$)")
LEFT_OPEN = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def functions(module: Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            yield node.name, node.end_lineno - node.body[0].lineno + 1


def readable() -> list[Module]:
    """All but the migrations, which are lists of statements in the order they were made."""
    return [module for module in modules() if not module.path.is_relative_to(MIGRATIONS)]


def test_every_module_says_what_it_is_for() -> None:
    for module in modules():
        first_line = (ast.get_docstring(module.tree) or "").partition("\n")[0]
        assert first_line, module.path


def test_no_file_is_too_long_to_follow() -> None:
    long = {m.path for m in readable() if len(m.text.splitlines()) > MOST_LINES}
    assert long == LONGER.keys() & long, f"Split by idea: {sorted(long - LONGER.keys())}"
    assert long == LONGER.keys(), f"Short again, take off the list: {LONGER.keys() - long}"


def test_no_function_is_too_long_to_follow() -> None:
    for module in readable():
        long = [name for name, lines in functions(module) if lines > MOST_LINES_OF_A_FUNCTION]
        assert not long, module.path


def test_no_name_hides_what_is_in_a_file() -> None:
    for module in modules():
        assert not UNHELPFUL.search(module.path.stem), module.path
        assert not [name for name, _ in functions(module) if UNHELPFUL.search(name)], module.path


def test_nothing_is_left_open_in_the_code() -> None:
    for module in modules():
        assert not LEFT_OPEN.findall(module.text), module.path


def test_tests_are_folders_of_files_and_no_packages() -> None:
    """With __init__.py, a test folder named like a folder of ours would stand for it."""
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_a_text_file_is_utf_8_with_a_line_end_at_its_end() -> None:
    for path in kept_files():
        given = (ROOT / path).read_bytes()
        if b"\0" in given or path.is_relative_to("tests/data") or not given:
            continue  # a picture, or a calendar that has its own troubles on purpose
        assert given.decode("utf-8").endswith("\n"), path
        assert b"\r\n" not in given, path


def test_what_is_too_long_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain" / "long.py").write_text("def f():\n" + "    f()\n" * 61, "utf-8")
    (module,) = modules_under(tmp_path, "domain")
    assert [lines for _, lines in functions(module)] == [MOST_LINES_OF_A_FUNCTION + 1]
