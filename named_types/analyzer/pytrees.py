"""`jax.tree` and `jax.tree_util`: JAX's own functions, on pytrees whose leaves are abstract values.

A function of the program is called for every leaf, as JAX does it. Structures that do not match are reported in
JAX's words. An unknown value may be a whole subtree: only the functions that ask nothing of it go on with one.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.analyzer.operations import truth
from named_types.analyzer.pytree_nodes import is_node, map_children
from named_types.analyzer.shown import shown
from named_types.analyzer.values import (
    CALLABLES,
    REPEATED,
    UNKNOWN,
    Args,
    Kwargs,
    Library,
    Method,
    Value,
    is_forgotten,
)
from named_types.problems import InvalidOperation
from named_types.semantics.pytrees import is_structure, tell_jax, tree_leaves

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def call_on_pytrees(
    interp: Interpreter, path: str, args: Args, kwargs: Kwargs, node: cst.CSTNode, function: Callable[..., Any]
) -> Value:
    """The value of ``function(*args, **kwargs)``, what ``path`` names."""
    given = [_given(interp, arg, node) for arg in args]
    by_keyword = {name: _given(interp, arg, node, name == "is_leaf") for name, arg in kwargs.items()}
    if not _is_known(path, [*given, *by_keyword.values()]):
        if path.endswith("map") and given and callable(given[0]):
            given[0](*[UNKNOWN] * (len(given) - 1))
        return UNKNOWN
    try:
        return function(*given, **by_keyword)
    except (TypeError, ValueError) as error:
        arguments = *map(shown, args), *(f"{name}={shown(arg)}" for name, arg in kwargs.items())
        interp.report(InvalidOperation(path, arguments, "the structures differ", _first_line(error)), node)
    return UNKNOWN


def structure_attribute(structure: Any, name: str) -> Value:
    """An attribute of the structure of a pytree."""
    return getattr(structure, name) if name in ("num_leaves", "num_nodes") else Method(structure, name)


def call_structure_method(interp: Interpreter, method: Method, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``structure.unflatten(leaves)``, ``structure.flatten_up_to(tree)``."""
    if method.name not in ("flatten_up_to", "unflatten"):
        return UNKNOWN
    path = "jax.tree.unflatten" if method.name == "unflatten" else "jax.tree_util.PyTreeDef.flatten_up_to"
    return call_on_pytrees(interp, path, args, kwargs, node, getattr(method.receiver, method.name))


def _given(interp: Interpreter, value: Value, node: cst.CSTNode, is_question: bool = False) -> Any:
    """A value as JAX is given it, with a Python function for a function."""
    if is_forgotten(value) or isinstance(value, REPEATED) or _is_foreign(value):
        return UNKNOWN
    if isinstance(value, (*CALLABLES, Method)):
        return _asked(interp, value, node) if is_question else _applied(interp, value, node)
    if is_node(value):
        return map_children(lambda child: _given(interp, child, node), value)
    if isinstance(value, (dict, list)):
        return UNKNOWN
    return value


def _is_foreign(value: Value) -> bool:
    """Whether a value is one of a library that is not known: it may be a tree as well as a function."""
    return isinstance(value, Library) and value.path.partition(".")[0] not in _FAMILIAR


_FAMILIAR = ("builtins", "functools", "jax", "math", "named_types", "numpy", "operator")


def _applied(interp: Interpreter, function: Value, node: cst.CSTNode) -> Callable[..., Value]:
    def call(*args: Value) -> Value:
        result = interp.call(function, list(args), {}, node)
        return UNKNOWN if UNKNOWN in args else result

    return call


def _asked(interp: Interpreter, function: Value, node: cst.CSTNode) -> Callable[..., bool]:
    def call(*path_and_value: Value) -> bool:
        *path, value = path_and_value
        answer = truth(interp.call(function, [*(UNKNOWN for _ in path), value], {}, node))
        if answer is None:
            raise _UnansweredError
        return answer

    return call


class _UnansweredError(Exception):
    """Whether a node is a leaf is not known; it reaches the interpreter, to which the call is then unknown."""


def _is_known(path: str, given: Sequence[Any]) -> bool:
    """Whether no unknown value may hide a structure that matters."""
    name = path.rpartition(".")[2].removeprefix("tree_")
    if name == "unflatten":
        return bool(given) and all(isinstance(one, (list, tuple)) or is_structure(one) for one in given)
    if name in _CALLING and not (given and callable(given[0])):
        return False
    leaves = tree_leaves(list(given))
    if name == "all":
        return all(isinstance(leaf, (bool, int)) for leaf in leaves)
    return UNKNOWN not in leaves or (name in ("map", "map_with_path") and len(given) == 2)


_CALLING = {"map", "map_with_path", "reduce"}
"""Functions whose first argument is a function."""


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "").strip()


def _handlers() -> Mapping[str, Callable[[Any, Args, Kwargs, cst.CSTNode], Value]]:
    names = (
        "all flatten flatten_with_path leaves leaves_with_path map map_with_path reduce structure transpose unflatten"
    ).split()
    paths = [f"jax.tree.{name}" for name in names] + [f"jax.tree_util.tree_{name}" for name in names]
    return {path: _handler(path) for path in [*paths, "jax.tree_util.keystr"]}


def _handler(path: str) -> Callable[[Any, Args, Kwargs, cst.CSTNode], Value]:
    module, _, name = path.rpartition(".")

    def call(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        function = getattr(importlib.import_module(module), name)
        tell_jax()
        return call_on_pytrees(interp, path, args, kwargs, node, function)

    return call


PYTREE_CALLS = _handlers()
"""The functions by their paths."""
