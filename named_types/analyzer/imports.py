"""Imports: a library's names by their dotted paths, the notation's by their values, all else unknown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node

from named_types.analyzer.values import UNKNOWN, Library, Value
from named_types.notation import NOTATION
from named_types.problems import RemovedApi
from named_types.semantics import library

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

_CONSTANTS = {
    f"{module}.{name}": value
    for module in ("numpy", "jax.numpy", "math")
    for name, value in {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "newaxis": None}.items()
}


def bind_imported(interp: Interpreter, node: cst.Import | cst.ImportFrom) -> None:
    """Bind what an import statement binds."""
    if isinstance(node, cst.Import):
        for alias in node.names:
            _bind_module(interp, alias)
    elif isinstance(node.names, cst.ImportStar):
        _bind_all(interp, _module_of(node))
    else:
        for alias in node.names:
            name = alias.evaluated_name
            module = _module_of(node)
            value = UNKNOWN if module is None else member(interp, module, name, alias)
            interp.frame.scope.bind(alias.evaluated_alias or name, value)


def member(interp: Interpreter, path: str, name: str, node: cst.CSTNode) -> Value:
    """``path.name`` of a library. A name that JAX has removed is reported, and taken for what replaces it."""
    full = library.canonical(f"{path}.{name}")
    if full in library.REMOVED:
        interp.report(RemovedApi(full, library.REMOVED[full]), node)
        return Library(library.REMOVED[full])
    if path in ("named_types", "named_types.notation") and name in NOTATION:
        return NOTATION[name]
    return _CONSTANTS[full] if full in _CONSTANTS else Library(full)


def _bind_module(interp: Interpreter, alias: cst.ImportAlias) -> None:
    if alias.asname is not None:
        interp.frame.scope.bind(alias.evaluated_alias or "", Library(alias.evaluated_name))
    else:
        root = alias.evaluated_name.partition(".")[0]
        interp.frame.scope.bind(root, Library(root))


def _bind_all(interp: Interpreter, module: str | None) -> None:
    """``from module import *``, as far as the tables know the module."""
    if module in ("named_types", "named_types.notation"):
        for name, notation in NOTATION.items():
            interp.frame.scope.bind(name, notation)
    for name in library.public_names(module or ""):
        interp.frame.scope.bind(name, Library(library.canonical(f"{module}.{name}")))


def _module_of(node: cst.ImportFrom) -> str | None:
    """The dotted name of the module, None for a relative import."""
    return None if node.relative or node.module is None else get_full_name_for_node(node.module)
