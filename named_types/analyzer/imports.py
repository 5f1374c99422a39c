"""Imports: names of the program's own modules, a library's by their dotted paths, the notation's by their values.

A module of the program is read when something of it is used. So what an import binds is a `Deferred` binding, and
modules that import each other see of each other what is bound by then.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node

from named_types.analyzer.fixes import renamed_attribute, rewritten_import
from named_types.analyzer.modules import ProgramModule, source_of
from named_types.analyzer.resources import adopt_mesh
from named_types.analyzer.scopes import Deferred
from named_types.analyzer.values import UNKNOWN, Library, Value
from named_types.diagnostics.fix import Fix
from named_types.module_finder import ModulePath
from named_types.notation import NOTATION
from named_types.problems import RemovedApi
from named_types.semantics import library

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter
    from named_types.analyzer.program import Program

_CONSTANTS = {
    f"{module}.{name}": value
    for module in ("numpy", "jax.numpy", "math")
    for name, value in {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "newaxis": None}.items()
} | {"typing.TYPE_CHECKING": True}


@dataclass(frozen=True)
class ImportedName(Deferred):
    """A name of another module of the program."""

    program: Program
    module: ProgramModule
    name: str

    def resolve(self) -> Value:
        return self.program.member(self.module, self.name)


def bind_imported(interp: Interpreter, node: cst.Import | cst.ImportFrom) -> None:
    """Bind what an import statement binds."""
    if isinstance(node, cst.Import):
        for alias in node.names:
            _bind_module(interp, alias)
        return
    path = "" if node.module is None else get_full_name_for_node(node.module) or ""
    module = _program_module(interp, path, len(node.relative))
    importer = source_of(interp.frame.scope).file
    if isinstance(node.names, cst.ImportStar):
        _bind_all(interp, path if module is None and not node.relative else module)
        return
    for alias in node.names:
        name = alias.evaluated_name
        if module is not None:
            _adopt(interp, interp.program.finder.submodule(module.path, name, importer))
            value: Value = ImportedName(interp.program, module, name)
        else:
            value = UNKNOWN if node.relative else _imported(interp, node, path, alias)
        interp.frame.scope.bind(alias.evaluated_alias or name, value)


def _imported(interp: Interpreter, node: cst.ImportFrom, path: str, alias: cst.ImportAlias) -> Value:
    return member(interp, path, alias.evaluated_name, alias, lambda _: rewritten_import(interp, node, path))


def member(
    interp: Interpreter, path: str, name: str, node: cst.CSTNode, fix: Callable[[str], Fix | None] | None = None
) -> Value:
    """``path.name`` of a library. A name that JAX has removed is reported, and taken for what replaces it.

    ``fix`` tells how, given the replacement; by default the name is changed where it stands.
    """
    full = library.canonical(f"{path}.{name}")
    if full in library.REMOVED:
        replacement = library.REMOVED[full]
        fixed = renamed_attribute(interp, node, path, replacement) if fix is None else fix(replacement)
        interp.report(RemovedApi(full, replacement), node, fix=fixed)
        return Library(replacement)
    if path in ("named_types", "named_types.notation") and name in NOTATION:
        return NOTATION[name]
    return _CONSTANTS[full] if full in _CONSTANTS else Library(full)


def _program_module(interp: Interpreter, path: str, level: int = 0) -> ProgramModule | None:
    """The module of the program that an import means; None for a library and for one that is nowhere."""
    finder, importer = interp.program.finder, source_of(interp.frame.scope).file
    for parent in [] if level else accumulate(path.split("."), "{}.{}".format):
        package = finder.absolute(parent, importer)
        if package is not None:
            _adopt(interp, package)
    found = finder.relative(level, path, importer) if level else finder.absolute(path, importer)
    if found is None:
        return None
    _adopt(interp, found)
    return ProgramModule(found, interp.program.settings)


def _adopt(interp: Interpreter, module: ModulePath | None) -> None:
    """What an imported module told JAX for all that follows."""
    scope = None if module is None else interp.program.adopt_settings(module.file)
    if scope is not None:
        adopt_mesh(interp, scope)


def _bind_module(interp: Interpreter, alias: cst.ImportAlias) -> None:
    path = alias.evaluated_name
    root = path.partition(".")[0]
    module = _program_module(interp, path)
    if module is None and _program_module(interp, root) is not None:
        value: Value = UNKNOWN
    elif alias.asname is not None:
        value = module or Library(path)
    else:
        value = _program_module(interp, root) or Library(root)
    interp.frame.scope.bind(alias.evaluated_alias or root, value)


def _bind_all(interp: Interpreter, module: ProgramModule | str | None) -> None:
    """``from module import *``; of a library, as far as the tables know it."""
    if isinstance(module, ProgramModule):
        for name in interp.program.public_names(module):
            interp.frame.scope.bind(name, ImportedName(interp.program, module, name))
        return
    if module in ("named_types", "named_types.notation"):
        for name, notation in NOTATION.items():
            interp.frame.scope.bind(name, notation)
    for name in library.public_names(module or ""):
        interp.frame.scope.bind(name, Library(library.canonical(f"{module}.{name}")))
