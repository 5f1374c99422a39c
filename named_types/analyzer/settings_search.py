"""Which modules may tell JAX something when they are imported: they themselves, or what they import.

Texts are searched for the words, and one is parsed only where it mentions a setting. Who is found in vain is
interpreted in vain, and no more.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

from named_types.analyzer.settings import NAMES_OF_SETTINGS
from named_types.module_finder import ModuleFinder, ModulePath

_FROM = re.compile(r"^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]*)", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n#]*)", re.MULTILINE)

_DEFINITION = re.compile(r"(?:async[ \t]+def|class|def)\b")
_DEFINED = re.compile(r"^def[ \t]+(\w+)", re.MULTILINE)
_CALL = re.compile(r"^(?:\w+[ \t]*=[ \t]*)?(\w+)\(", re.MULTILINE)


class SettingsSearch:
    """Answers for the modules of one program; each text is searched once."""

    def __init__(self, finder: ModuleFinder, text_of: Callable[[Path], str | None]) -> None:
        self._finder = finder
        self._text_of = text_of
        self._answers: dict[str, bool] = {}

    def may_set(self, file: Path) -> bool:
        """Whether importing the module in a file may change the settings."""
        waiting, seen = [file], {os.path.realpath(file)}
        while waiting:
            module = waiting.pop()
            answer = self._answers.get(os.path.realpath(module))
            text = self._text_of(module) if answer is None else None
            if answer or (text is not None and _mentions_settings(text)):
                self._answers[os.path.realpath(file)] = True
                return True
            for imported in self._imports(module, text or ""):
                if imported.file is not None and os.path.realpath(imported.file) not in seen:
                    seen.add(os.path.realpath(imported.file))
                    waiting.append(imported.file)
        self._answers.update(dict.fromkeys(seen, False))
        return False

    def _imports(self, importer: Path, text: str) -> Iterator[ModulePath]:
        """The modules of the program that a text imports, with the packages that they are in."""
        for dots, path, names in _FROM.findall(text):
            found = [self._finder.relative(len(dots), path, importer)] if dots else self._packages(path, importer)
            modules = [module for module in found if module is not None]
            yield from modules
            for module in modules[-1:]:
                inside = (self._finder.submodule(module, name, importer) for name in re.findall(r"\w+", names))
                yield from (one for one in inside if one is not None)
        for names in _IMPORT.findall(text):
            for name in names.split(","):
                yield from self._packages(name.split()[0] if name.split() else "", importer)

    def _packages(self, path: str, importer: Path) -> Iterator[ModulePath]:
        """``a``, ``a.b`` and ``a.b.c``."""
        for name in accumulate(path.split("."), "{}.{}".format):
            found = self._finder.absolute(name, importer) if name else None
            if found is None:
                return
            yield found


def _mentions_settings(text: str) -> bool:
    """Whether a module mentions a setting in what it runs when it is imported.

    That is outside of definitions; where the module calls a function of its own, inside of them too. What docstrings
    and comments say does nothing.
    """
    if not _mentions(text) or not _mentions(text := _without_prose(text)):
        return False
    if not {*_CALL.findall(text)}.isdisjoint(_DEFINED.findall(text)):
        return True
    in_definition = False
    for line in text.splitlines():
        if line[:1].isidentifier():
            in_definition = _DEFINITION.match(line) is not None
        if not in_definition and _mentions(line):
            return True
    return False


def _mentions(text: str) -> bool:
    return any(name in text for name in NAMES_OF_SETTINGS)


def _without_prose(text: str) -> str:
    """A text without docstrings and comments."""
    try:
        return ast.unparse(_WithoutDocstrings().visit(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text


class _WithoutDocstrings(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        is_string = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.copy_location(ast.Pass(), node) if is_string else node
