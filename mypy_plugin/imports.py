"""Whether a module has to do with arrays, as far as it alone tells; asked of every module in every run."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from mypy.nodes import Import, ImportAll, ImportFrom, MypyFile

_LIBRARIES = {"jax", "jaxlib", "numpy", "named_types"}
OF_ARRAYS = frozenset({"jax", "named_types"})
"""The packages that a module imports which has to do with arrays."""

_INSTALLED = frozenset({"site-packages", "dist-packages", "typeshed"})
_IMPORT = re.compile(rb"(?:^|[;:])[ \t]*(?:from[ \t]+(?P<module>[\w.]+)|import[ \t]+(?P<modules>[^;#]+))")
STANDARD = sys.stdlib_module_names - {"test"}
"""Modules that come with Python; `test` is not for others, who may have one of their own."""

_STANDARD = frozenset(name.encode() for name in STANDARD)


def uses_arrays(tree: MypyFile) -> bool:
    """Whether a module belongs to the checked program, not to a library, and imports JAX or this package."""
    if is_library(tree.fullname):
        return False
    return any(name.partition(".")[0] in OF_ARRAYS for name in _imported_modules(tree))


def is_library(module: str) -> bool:
    """Whether a module is one of those that define arrays."""
    return module.partition(".")[0] in _LIBRARIES


def is_of_program(path: str) -> bool:
    """Whether a file is no stub and nothing that is installed."""
    return path.endswith(".py") and _INSTALLED.isdisjoint(Path(path).parts)


def may_reach_arrays(path: str) -> bool:
    """False of a file that is no part of the program, or that imports nothing but the standard library."""
    if not is_of_program(path):
        return False
    try:
        text = Path(path).read_bytes()
    except OSError:
        return False
    return b"jax" in text or b"named_types" in text or any(map(_is_foreign, _lines_with_imports(text)))


def _lines_with_imports(text: bytes) -> Iterator[bytes]:
    text = text.replace(b"\\\n", b" ")
    position = text.find(b"import")
    while position >= 0:
        start, end = text.rfind(b"\n", 0, position) + 1, text.find(b"\n", position)
        yield text[start : end if end >= 0 else None]
        position = text.find(b"import", end) if end >= 0 else end


def _is_foreign(line: bytes) -> bool:
    """Whether a line imports something of the program, or of a package that is installed."""
    for match in _IMPORT.finditer(line):
        modules = [match["module"]] if match["module"] is not None else match["modules"].split(b",")
        if any(module.strip().partition(b".")[0].partition(b" ")[0] not in _STANDARD for module in modules):
            return True
    return False


def _imported_modules(tree: MypyFile) -> Iterator[str]:
    """The modules with their whole names: a relative one is of the program, whatever it is called."""
    for statement in tree.imports:
        if isinstance(statement, Import):
            yield from (name for name, _ in statement.ids)
        elif isinstance(statement, (ImportFrom, ImportAll)) and not statement.relative:
            yield statement.id
