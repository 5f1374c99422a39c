"""Fixes of uses of what JAX has removed, where another name alone is needed."""

from __future__ import annotations

import io
from collections import defaultdict
from typing import TYPE_CHECKING

import libcst as cst

from named_types.diagnostics.fix import Fix
from named_types.semantics import library

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def renamed_attribute(interp: Interpreter, node: cst.CSTNode, path: str, replacement: str) -> Fix | None:
    """``jax.tree_map`` as ``jax.tree.map``: what ``path`` is called there has the new name as well."""
    if not isinstance(node, cst.Attribute) or not replacement.startswith(f"{path}."):
        return None
    text = cst.Module([]).code_for_node(node.value) + replacement.removeprefix(path)
    return Fix(interp.positions.place(node), text)


def rewritten_import(interp: Interpreter, node: cst.ImportFrom, path: str) -> Fix | None:
    """An import of names from where they are now; none of one that has comments, or stands after others in its line."""
    text = cst.Module([]).code_for_node(node)
    place = interp.positions.place(node)
    if place.path != interp.source.path or isinstance(node.names, cst.ImportStar) or "#" in text:
        return None
    line = list(io.StringIO(interp.source.module.code, newline=""))[place.line - 1]
    indentation = line[: place.column - 1]
    if indentation.strip():
        return None
    names: defaultdict[str, list[str]] = defaultdict(list)
    for alias in node.names:
        module, name = path, alias.evaluated_name
        local = alias.evaluated_alias or name
        if (replacement := library.REMOVED.get(library.canonical(f"{path}.{name}"))) is not None:
            module, _, name = replacement.rpartition(".")
        names[module].append(name if name == local else f"{name} as {local}")
    statements = [f"from {module} import {', '.join(imported)}" for module, imported in names.items()]
    return Fix(place, f"\n{indentation}".join(statements))
