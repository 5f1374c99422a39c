"""JAX's control flow: `scan`, `map`, `while_loop`, `fori_loop`, `cond` and `switch`, on functions of the program.

Bodies are interpreted with the types they are traced with. A carry is a fixpoint: a body may add named axes to
it. Where a carry changes its type otherwise, nothing is known of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.algebra import NO_NAMES, UNKNOWN_DIM, Dim, Shape, union
from named_types.analyzer.class_values import PytreeRecord
from named_types.analyzer.joins import join
from named_types.analyzer.less_known import lost, without_names
from named_types.analyzer.operations import to_plain
from named_types.analyzer.values import (
    CALLABLES,
    UNKNOWN,
    AbstractArray,
    Args,
    Kwargs,
    Library,
    LibraryFunction,
    Method,
    Value,
    tuple_like,
)
from named_types.semantics.abstract_array import as_array
from named_types.semantics.ongoing import suspended
from named_types.semantics.pytrees import tree_leaves, tree_map

if TYPE_CHECKING:
    from named_types.analyzer.bodies import Bodies
    from named_types.analyzer.interpreter import Interpreter


_MOST_ROUNDS = 8


def _scan(bodies: Bodies, args: Args, kwargs: Kwargs) -> Value:
    """``lax.scan(f, init, xs, length)``."""
    given = {**dict(zip(("f", "init", "xs", "length"), args, strict=False)), **kwargs}
    xs, length = to_plain(given.get("xs")), given.get("length")
    if "f" not in given or "init" not in given or xs is UNKNOWN:
        return UNKNOWN
    rows = tree_map(_row, xs)
    lengths = [_length(leaf) for leaf in tree_leaves(xs)]
    size = lengths[0] if lengths else length if isinstance(length, int) else UNKNOWN_DIM

    def step(carry: Value) -> Value:
        result = bodies.call(given["f"], [carry, rows])
        return result if isinstance(result, tuple) and len(result) == 2 else (UNKNOWN, UNKNOWN)

    carry, ys = _fixpoint(given["init"], step, lambda result: result[0])
    return carry, tree_map(lambda leaf: _stacked(leaf, size), to_plain(ys[1]))


def _map(bodies: Bodies, args: Args, kwargs: Kwargs) -> Value:
    """``lax.map(f, xs)``."""
    given = {**dict(zip(("f", "xs"), args, strict=False)), **kwargs}
    xs = to_plain(given.get("xs", UNKNOWN))
    leaves = tree_leaves(xs)
    if "f" not in given or xs is UNKNOWN or not leaves:
        return UNKNOWN
    result = bodies.call(given["f"], [tree_map(_row, xs)])
    return tree_map(lambda leaf: _stacked(leaf, _length(leaves[0])), to_plain(result))


def _while_loop(bodies: Bodies, args: Args, kwargs: Kwargs) -> Value:
    """``lax.while_loop(cond_fun, body_fun, init_val)``: the condition's named axes are those of every carry."""
    given = {**dict(zip(("cond_fun", "body_fun", "init_val"), args, strict=False)), **kwargs}
    if len(given) != 3:
        return UNKNOWN

    def step(carry: Value) -> Value:
        bodies.call(given["cond_fun"], [carry])
        return bodies.call(given["body_fun"], [carry])

    carry, _ = _fixpoint(given["init_val"], step, lambda result: result)
    return without_names(carry) if bodies.interp.context.axis_env else carry


def _fori_loop(bodies: Bodies, args: Args, kwargs: Kwargs) -> Value:
    """``lax.fori_loop(lower, upper, body_fun, init_val)``."""
    given = {**dict(zip(("lower", "upper", "body_fun", "init_val"), args, strict=False)), **kwargs}
    if not {"body_fun", "init_val"} <= given.keys():
        return UNKNOWN
    index = as_array(0)
    body = given["body_fun"]
    return _fixpoint(given["init_val"], lambda carry: bodies.call(body, [index, carry]), lambda result: result)[0]


def _cond(bodies: Bodies, args: Args, kwargs: Kwargs) -> Value:
    """``lax.cond(pred, true_fun, false_fun, *operands)``; unknown where an operand may stand before each function."""
    if len(args) < 3 or kwargs or (len(args) == 5 and not isinstance(args[1], (*CALLABLES, Method))):
        return UNKNOWN
    predicate, true_fun, false_fun, *operands = args
    return _branches(bodies, predicate, [true_fun, false_fun], operands)


def _switch(bodies: Bodies, args: Args, kwargs: Kwargs) -> Value:
    """``lax.switch(index, branches, *operands)``."""
    if len(args) < 2 or kwargs or not isinstance(args[1], (tuple, list)):
        return UNKNOWN
    index, branches, *operands = args
    return _branches(bodies, index, branches, operands)


def _branches(bodies: Bodies, index: Value, branches: Sequence[Value], operands: Sequence[Value]) -> Value:
    """All branches are traced; the results get the named axes of the index too."""
    results = [_strongly_typed(to_plain(bodies.call(branch, operands))) for branch in branches]
    result = results[0] if results else UNKNOWN
    for other in results[1:]:
        result = join(result, other)
    return without_names(result) if bodies.interp.context.axis_env else result


def _fixpoint(carry: Value, step: Callable[[Value], Value], carried: Callable[[Value], Value]) -> tuple[Value, Value]:
    """The carry that the body no longer changes, and what the body gave for it."""
    for _ in range(_MOST_ROUNDS):
        result = step(carry)
        grown = _grown(to_plain(carry), to_plain(carried(result)))
        if grown == to_plain(carry):
            return carry, result
        carry = grown
    return UNKNOWN, (UNKNOWN, UNKNOWN)


def _grown(before: Any, after: Any) -> Any:
    """A carry with the named axes that the body adds to it."""
    if type(before) is not type(after) and (as_array(before) is None or as_array(after) is None):
        return UNKNOWN
    if isinstance(before, (tuple, list)):
        if len(before) != len(after):
            return UNKNOWN
        items = [_grown(one, other) for one, other in zip(before, after, strict=True)]
        return tuple_like(before, items) if isinstance(before, tuple) else items
    if isinstance(before, PytreeRecord):
        if before.cls is not after.cls:
            return UNKNOWN
        others = after.attributes
        return PytreeRecord(before.cls, tuple((name, _grown(item, others[name])) for name, item in before.items))
    if isinstance(before, dict):
        if before.keys() != after.keys():
            return UNKNOWN
        return type(before)((key, _grown(value, after[key])) for key, value in before.items())
    old, new = as_array(before), as_array(after)
    return before if old is None or new is None else _grown_array(old, new)


def _grown_array(before: AbstractArray, after: AbstractArray) -> AbstractArray | Any:
    """A weakly typed carry takes the type the body gives it."""
    dtype_fits = before.type.element_type == after.type.element_type or before.weak_type
    if not dtype_fits or before.type.shape != after.type.shape:
        return UNKNOWN
    shapes = before.type.named_shape, after.type.named_shape
    named_shape = None if None in shapes else union(shape or NO_NAMES for shape in shapes)
    return replace(after.with_named_shape(named_shape), weak_type=before.weak_type and after.weak_type, library="jax")


def _row(leaf: Any) -> Any:
    """What a scan over the leading axis hands to its body."""
    if not isinstance(leaf, AbstractArray) or not leaf.type.shape.rank:
        return UNKNOWN
    return replace(leaf.with_type(replace(leaf.type, shape=Shape(leaf.type.shape.dims[1:]))), library="jax")


def _length(leaf: Any) -> Dim:
    return leaf.type.shape.dims[0] if isinstance(leaf, AbstractArray) and leaf.type.shape.rank else UNKNOWN_DIM


def _stacked(leaf: Any, length: Dim) -> Any:
    array = as_array(leaf)
    if array is None or array.type.shape.rank is None:
        return UNKNOWN
    return replace(array.with_type(replace(array.type, shape=Shape((length, *array.type.shape.dims)))), weak_type=False)


def _strongly_typed(tree: Any) -> Any:
    """Branches agree where they differ in weak types alone."""
    return tree_map(lambda leaf: leaf if (array := as_array(leaf)) is None else replace(array, weak_type=False), tree)


def _by_jax_first(path: str, rule: Callable[[Bodies, Args, Kwargs], Value]) -> Callable[..., Value]:
    """JAX's own answer where the bodies are known, else that of our rule."""

    def call(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        from named_types.analyzer.bodies import Bodies  # here, for it imports JAX
        from named_types.analyzer.functions import ask_jax

        answer = ask_jax(interp, LibraryFunction(Library(path), tuple(args), dict(kwargs)), node)
        if answer is not None:
            return answer
        bodies = Bodies(interp, node)
        value = rule(bodies, args, kwargs)
        with suspended():
            bodies.report_objection(path, args, kwargs)
        return lost(value)

    return call


_RULES: dict[str, Callable[[Bodies, Args, Kwargs], Value]] = {
    "jax.lax.cond": _cond,
    "jax.lax.fori_loop": _fori_loop,
    "jax.lax.map": _map,
    "jax.lax.scan": _scan,
    "jax.lax.switch": _switch,
    "jax.lax.while_loop": _while_loop,
}

CONTROL_FLOW = {path: _by_jax_first(path, rule) for path, rule in _RULES.items()}
