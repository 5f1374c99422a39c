"""The import contract: which room may import which.

    algebra ← problems ← semantics ← {analyzer, mypy_plugin, runtime};  analyzer ← {checking, mypy_plugin}

The runtime never imports the analyzer, nothing imports the command line, and `import named_types` stays light.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = {"named_types": "named_types", "named_types.mypy_plugin": "mypy_plugin", "named_types.runtime": "runtime"}

NOTATION = {"algebra", "notation"}
VALUES = {*NOTATION, "problems"}
FILES = {"source", "surroundings", "module_finder", "versions", "operation_memo"}
ALLOWED: dict[str, set[str]] = {
    "algebra": set(),
    "notation": {"algebra"},
    "problems": NOTATION,
    "semantics": VALUES,
    "diagnostics": VALUES,
    "source": set(),
    "surroundings": {"source"},
    "module_finder": {"surroundings"},
    "versions": {"notation"},
    "operation_memo": {"surroundings"},
    "analyzer": {*VALUES, "semantics", "diagnostics", *FILES},
    "mypy_types": set(),
    "mypy_plugin": {*VALUES, "semantics", "diagnostics", *FILES, "analyzer", "mypy_types"},
    "runtime": {*VALUES, "semantics"},
    "checking": {*VALUES, "semantics", "diagnostics", *FILES, "analyzer"},
    "discovery": set(),
    "fixing": {*VALUES, "diagnostics"},
    "cli": {*VALUES, "diagnostics", "checking", "discovery", "fixing", "mypy_plugin"},
}
"""Room to the rooms it may import. The package itself stands for the notation: that is what it exports."""

HEAVY = {"jax", "jaxlib", "libcst", "mypy", "numpy", "click"}


def modules() -> dict[str, Path]:
    """Every module of the package by its full name."""
    found = {}
    for package, folder in FOLDERS.items():
        for path in (ROOT / folder).rglob("*.py"):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            found[".".join((package, *parts)).removesuffix(".__init__")] = path
    return found


def room(module: str) -> str:
    return [*module.split("."), "notation"][1]


def imported_rooms(name: str, source: str, is_package: bool = False) -> Iterator[str]:
    """The rooms that module ``name`` imports, inside functions and for type checkers too."""
    package = name if is_package else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (room(alias.name) for alias in node.names if alias.name.split(".")[0] == "named_types")
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            if origin == "named_types":
                yield from (alias.name if alias.name in ALLOWED else "notation" for alias in node.names)
            elif origin.startswith("named_types."):
                yield room(origin)


def violations(name: str, source: str, is_package: bool = False) -> set[str]:
    """The rooms that module ``name`` imports and may not."""
    return set(imported_rooms(name, source, is_package)) - {room(name)} - ALLOWED[room(name)]


def test_every_room_has_its_arrows() -> None:
    assert {room(name) for name in modules()} <= ALLOWED.keys()


@pytest.mark.parametrize("name", sorted(modules()))
def test_imports_follow_the_arrows(name: str) -> None:
    path = modules()[name]
    assert violations(name, path.read_text(encoding="utf-8"), path.name == "__init__.py") == set()


@pytest.mark.parametrize(
    ("name", "source", "room"),
    [
        ("named_types.algebra.dim", "from named_types.problems import Problem", "problems"),
        ("named_types.algebra.dim", "import named_types.semantics.oracle as oracle", "semantics"),
        ("named_types.algebra.dim", "from named_types import runtime", "runtime"),
        ("named_types.algebra.dim", "from ..problems import Problem", "problems"),
        ("named_types.algebra.dim", "from .. import cli", "cli"),
        ("named_types.runtime.numpy", "def f():\n    from named_types.analyzer import source", "analyzer"),
        ("named_types.problems.problem", "if TYPE_CHECKING:\n    import named_types.diagnostics", "diagnostics"),
        ("named_types.analyzer.calls", "from named_types.cli import main", "cli"),
    ],
)
def test_a_wrong_import_is_seen(name: str, source: str, room: str) -> None:
    assert violations(name, source) == {room}


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("named_types.algebra.dim", "from .shape import Shape"),
        ("named_types.algebra.dim", "from named_types.algebra import Dim"),
        ("named_types.runtime.numpy", "from named_types import f32\nimport named_types"),
        ("named_types.mypy_plugin.hooks", "from named_types.semantics.oracle import ask"),
        ("named_types.cli", "import click\nfrom named_types.discovery import discover"),
    ],
)
def test_a_right_import_is_none(name: str, source: str) -> None:
    assert violations(name, source) == set()


def test_the_arrows_have_no_cycle() -> None:
    order = list(TopologicalSorter(ALLOWED).static_order())
    assert order.index("algebra") < order.index("semantics") < order.index("analyzer") < order.index("cli")


def loaded_by(statement: str) -> set[str]:
    """The heavy packages that are loaded once ``statement`` has run in a Python of its own."""
    program = f"import sys\n{statement}\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in run.stdout.split()} & HEAVY


def test_the_notation_is_light() -> None:
    assert loaded_by("import named_types; named_types.f32[(2, 'n'), {'batch': 4}]") == set()


def test_the_problems_are_light() -> None:
    assert loaded_by("import named_types.problems") == set()


def test_the_checker_is_there_before_jax() -> None:
    assert loaded_by("import named_types.checking.in_process").isdisjoint({"jax", "jaxlib"})


def test_something_heavy_is_seen() -> None:
    assert loaded_by("import named_types, libcst") == {"libcst"}
