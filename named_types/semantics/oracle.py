"""The oracle: JAX itself tells what a library call does.

`evaluate` traces the real function on abstract values (`jax.make_jaxpr`, with the axis env of the caller).
Shapes, element types and weak types are those of the outputs; named shapes come from propagating through the
jaxpr. The work is done once for each function and kind of arguments: named shapes are no part of the memo's
key, for the propagated transfers hold for all of them.

What cannot be known is UNKNOWN and no problem: an unknown argument, a result that depends on values, a
function outside the allow-list.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from math import prod
from typing import Any, TypeAlias, TypeVar

import jax
import numpy as np
from jax.extend.core import JaxprEqn

from named_types.algebra import NO_NAMES, ArrayType, AxisName, NamedShape, SymbolicDim
from named_types.problems import InvalidOperation, LetterwiseAxis, NamedAxisError, Problem, UnboundAxisName
from named_types.semantics import library
from named_types.semantics.abstract_array import RETURNED_FUNCTION, UNKNOWN, AbstractArray
from named_types.semantics.avals import array_of_aval, dim_of, is_concrete, shape_dtype_structs, size_of
from named_types.semantics.collectives import Collective, collective_of
from named_types.semantics.contraction import check_names
from named_types.semantics.jax_names import to_jax
from named_types.semantics.library_call import LibraryCall, ends_pytree, flatten_arguments, with_size
from named_types.semantics.memo import Memo
from named_types.semantics.numpy_oracle import evaluate_numpy
from named_types.semantics.objections import objection
from named_types.semantics.propagation import CONTRACTION, NAMELESS, Names, named_shape_of, operand, propagate
from named_types.semantics.sizes import UNKNOWN_SIZES, exact_divisions, products, stand_in_sizes
from named_types.semantics.summary import Summary, merge

PyTree: TypeAlias = Any
Named = TypeVar("Named", AbstractArray, ArrayType)


@dataclass(frozen=True)
class Outcome:
    """What a call gives: its value, the problem if it is wrong, and the values it makes on the way.

    ``value`` is a pytree of `AbstractArray`, plain Python values and UNKNOWN. ``intermediates`` are the types
    with more than one named axis that arise inside the call, ``collectives`` the operations in it in which
    instances of an axis meet.
    """

    value: PyTree = UNKNOWN
    problem: Problem | None = None
    intermediates: tuple[ArrayType, ...] = ()
    collectives: tuple[Collective, ...] = ()


SILENT = Outcome()
"""Nothing is known of the result."""

_ANY_SIZE = 2
"""What a symbolic size counts for where numbers count for their types alone."""


def evaluate(
    path: str, args: Sequence[PyTree], kwargs: Mapping[str, PyTree], axis_env: NamedShape = NO_NAMES
) -> Outcome:
    """Evaluate a call of the public callable ``path`` on pytrees of abstract arrays and plain values.

    ``axis_env`` holds the axis names in scope with their sizes.
    """
    leaves, structure = jax.tree_util.tree_flatten((tuple(args), dict(kwargs)), is_leaf=lambda leaf: leaf is None)
    if path in library.ELEMENTWISE:
        leaves = [_ANY_SIZE if isinstance(leaf, SymbolicDim) else leaf for leaf in leaves]
    if any(_is_unknown(leaf) for leaf in leaves):
        return SILENT
    arrays = [leaf for leaf in leaves if isinstance(leaf, AbstractArray)]
    if path.startswith("numpy.") or (path in library.OPERATORS and all(one.library == "numpy" for one in arrays)):
        return Outcome(evaluate_numpy(path, args, kwargs))
    function = library.resolve(path)
    if function is None:
        return SILENT
    env = axis_env if any(_mentions(leaf, axis_env) for leaf in leaves) else NO_NAMES
    call = LibraryCall(library.canonical(path), function, tuple(leaves), structure, env)
    summary = _MEMO.remember(call.key, lambda: _summarise(call))
    if summary is None:
        return SILENT
    if isinstance(summary, Problem):
        return Outcome(problem=_at_call(summary, call, axis_env))
    return _instantiate(summary, arrays, axis_env)


def evaluate_with_functions(
    path: str, function: Callable[..., PyTree], calls: Sequence[tuple[PyTree, PyTree]], axis_env: NamedShape = NO_NAMES
) -> Outcome:
    """Evaluate ``function(*calls)``, what ``path`` names, where functions are among the leaves of the arguments.

    ``calls`` has the arguments of each call by position and by keyword: a function that one returns is the one
    that the next calls. JAX calls the functions with tracers, and they answer with tracers; one that raises makes
    the result unknown. Nothing is remembered. A function among the results is RETURNED_FUNCTION.
    """
    leaves, structure = jax.tree_util.tree_flatten((tuple(calls), {}), is_leaf=ends_pytree)
    if any(_is_unknown(leaf) for leaf in leaves):
        return SILENT
    call = LibraryCall(library.canonical(path), function, tuple(leaves), structure, axis_env)
    summary = _trace(call)
    if isinstance(summary, Summary):
        return _instantiate(summary, [leaf for leaf in leaves if isinstance(leaf, AbstractArray)], axis_env)
    if summary is None or call.variables:
        return SILENT
    last = LibraryCall(call.path, function, *flatten_arguments(*calls[-1]), axis_env)
    return Outcome(problem=_at_call(summary, last, axis_env))


_MEMO: Memo[Summary | Problem | None] = Memo()


def _summarise(call: LibraryCall) -> Summary | Problem | None:
    """What a call does, or what is wrong with it; None where that cannot be known."""
    if _takes_too_long(call):
        return None
    summary = _trace_at_any_size(call)
    return _letterwise(call, summary) or summary


def _trace_at_any_size(call: LibraryCall) -> Summary | Problem | None:
    """Trace a call with dimension variables as such, or, where JAX cannot, at two sets of sizes."""
    variables = sorted(call.variables)
    symbolic = None
    if all(isinstance(size, int) for size in call.env.values()):
        symbolic = _trace_symbolically(call)
        if not variables or (isinstance(symbolic, Summary) and not call.is_given_sizes):
            return symbolic
    assignments = stand_in_sizes(variables, call.dims)
    if not assignments:
        return symbolic if isinstance(symbolic, Summary) else None
    first, second = (
        _trace(call.with_dims(sizes, unknown)) for sizes, unknown in zip(assignments, UNKNOWN_SIZES, strict=True)
    )
    if isinstance(first, InvalidOperation) and isinstance(second, InvalidOperation):
        sizes = assignments[0]
        reason, said = _with_variables(first.reason, sizes), _with_variables(first.said or "", sizes)
        return replace(first, reason=reason, said=said)
    if isinstance(symbolic, Summary):
        return symbolic
    if isinstance(first, Summary) and isinstance(second, Summary):
        return merge(first, second)
    return first if isinstance(first, Problem) and isinstance(second, Problem) else None


def _trace_symbolically(call: LibraryCall) -> Summary | Problem | None:
    """Trace a call with dimension variables as such; what does not come out may do so if sizes divide exactly."""
    traced = _trace(call)
    exact = [] if isinstance(traced, Summary) else exact_divisions(call.dims)
    if not exact:
        return traced
    divided = _trace(call.with_dims(products(exact)))
    if not isinstance(divided, Summary):
        return traced
    return divided.with_dims(lambda dim: reduce(lambda one, division: division.undo(one), exact, dim))


_MOST_ROUNDS = 1000
"""A call that would loop in Python more often than this is not traced."""

_EXHAUSTIVE = frozenset({"branch-all", "dp", "optimal"})
_MOST_ORDERED = 8
"""Of more operands than these, not every order of contraction is tried (``einsum(..., optimize="optimal")``)."""


def _takes_too_long(call: LibraryCall) -> bool:
    rounds: list[Any] = []
    if call.path.rpartition(".")[2] == "einsum" and len(call.leaves) > _MOST_ORDERED:
        return any(leaf is True or leaf in _EXHAUSTIVE for leaf in call.leaves if isinstance(leaf, (bool, str)))
    if call.path in library.LOOP_OVER_NUMBERS:
        rounds += call.leaves
    if call.path in library.LOOP_OVER_SIZES:
        rounds += (dim for leaf in call.leaves if isinstance(leaf, AbstractArray) for dim in leaf.type.shape.dims)
    return any(isinstance(number, int) and number > _MOST_ROUNDS for number in rounds)


def _with_variables(text: str, sizes: Mapping[str, int]) -> str:
    """JAX's message about stand-in sizes, told in the variables they stand for."""
    for name, size in sizes.items():
        text = re.sub(rf"\b{size}\b", name, text)
    return text


def _trace(call: LibraryCall) -> Summary | Problem | None:
    """One run of the function on tracers; None where its result cannot be known."""
    structs = shape_dtype_structs([leaf for leaf in call.leaves if isinstance(leaf, AbstractArray)])
    outputs: list[Any] = []
    structure = None

    def run(*tracers: Any) -> list[Any]:
        nonlocal structure
        remaining = iter(tracers)
        leaves = [
            next(remaining) if isinstance(leaf, AbstractArray) else with_size(leaf, size_of) for leaf in call.leaves
        ]
        args, kwargs = jax.tree_util.tree_unflatten(call.structure, leaves)
        result, structure = jax.tree_util.tree_flatten(call.function(*args, **kwargs), is_leaf=ends_pytree)
        outputs.extend(result)
        return [leaf for leaf in result if isinstance(leaf, jax.Array)]

    axis_env: Any = [(to_jax(axis), size) for axis, size in call.env.items()]
    try:
        with warnings.catch_warnings(action="ignore"):
            closed = jax.make_jaxpr(run, axis_env=axis_env)(*structs)
    except jax.errors.NonConcreteBooleanIndexError:
        return _misfit_of_mask(call)
    except Exception as error:
        return _problem(error, call)
    seen: dict[Names, ArrayType] = {}
    contractions = []
    collectives: dict[Collective, None] = {}

    def visit(eqn: JaxprEqn, operands: Sequence[Names], results: Sequence[Names]) -> None:
        for outvar, names in zip(eqn.outvars, results, strict=True):
            if names and names not in seen:
                seen[names] = array_of_aval(outvar.aval).type
        if eqn.primitive.name == CONTRACTION:
            types = [array_of_aval(variable.aval).type for variable in eqn.invars]
            contractions.append((eqn.params["contraction"], tuple(zip(types, operands, strict=True))))
        if (collective := collective_of(eqn)) is not None:
            collectives[collective] = None

    inputs = [operand(index) for index in range(len(structs))]
    result_names = propagate(closed.jaxpr, inputs, visit=visit)
    arrays = iter(zip(closed.out_avals, result_names, strict=True))
    described = tuple(_describe(leaf, arrays) for leaf in outputs)
    made = tuple((kind, names) for names, kind in seen.items())
    return Summary(structure, described, made, tuple(contractions), tuple(collectives))


def _describe(leaf: Any, arrays: Iterator[tuple[Any, Names]]) -> tuple[Any, Names]:
    """One output: an array with its names, or a plain value; UNKNOWN for any other object."""
    if isinstance(leaf, jax.Array):
        aval, names = next(arrays)
        return array_of_aval(aval), names
    if isinstance(leaf, np.ndarray):
        return replace(array_of_aval(jax.typeof(leaf)), library="numpy"), NAMELESS
    if callable(leaf) and not isinstance(leaf, type):
        return RETURNED_FUNCTION, NAMELESS
    if jax.export.is_symbolic_dim(leaf):
        return dim_of(leaf), NAMELESS
    return leaf if isinstance(leaf, _PLAIN) or leaf is None else UNKNOWN, NAMELESS


_PLAIN = (bool, int, float, complex, str, bytes, np.dtype, np.generic)


def _instantiate(summary: Summary, arrays: Sequence[AbstractArray], axis_env: NamedShape) -> Outcome:
    """The outcome for these named shapes."""
    named_shapes = [array.type.named_shape for array in arrays]

    def named(one: Named, names: Names) -> Named:
        return one.with_named_shape(named_shape_of(names, named_shapes, axis_env))

    for contraction, operands in summary.contractions:
        for problem in check_names(contraction, [named(*one) for one in operands]):
            return Outcome(problem=problem)
    leaves = [named(leaf, names) if isinstance(leaf, AbstractArray) else leaf for leaf, names in summary.outputs]
    made = [named(array_type, names) for array_type, names in summary.intermediates]
    crowded = {kind.named_shape: kind for kind in made if kind.named_shape is not None and len(kind.named_shape) > 1}
    return Outcome(
        jax.tree_util.tree_unflatten(summary.structure, leaves), None, tuple(crowded.values()), summary.collectives
    )


_UNBOUND = re.compile(r"unbound axis name: (?P<name>.+?)(\. |\.?$)")


def _problem(error: Exception, call: LibraryCall) -> Problem | None:
    """What an exception of the traced function says about the program; None where it says nothing."""
    if isinstance(error, NamedAxisError):
        return error.problem
    if isinstance(error, NameError) and (match := _UNBOUND.search(str(error).partition("\n")[0])):
        return UnboundAxisName(_axis_called(match["name"], call), (), call.path)
    objected = objection(error, call.leaves)
    if objected is None:
        return None
    return InvalidOperation(call.path, call.arguments, objected.reason, objected.said, objected.advice)


_LARGEST_MASK = 1 << 16


def _misfit_of_mask(call: LibraryCall) -> Problem | None:
    """Whether an array's one mask has another shape: that does not depend on what it selects."""
    masks = [leaf for leaf in call.leaves if _is_mask(leaf)]
    arrays = [leaf for leaf in call.leaves if isinstance(leaf, AbstractArray)]
    if call.path != "operator.getitem" or len(masks) != 1 or len(arrays) != 2 or call.leaves[0] is masks[0]:
        return None
    sizes = masks[0].type.shape.dims
    if call.variables or prod(sizes) > _LARGEST_MASK:
        return None
    leaves = tuple(np.zeros(sizes, bool) if leaf is masks[0] else leaf for leaf in call.leaves)
    outcome = _trace(replace(call, leaves=leaves))
    return outcome if isinstance(outcome, Problem) else None


def _is_mask(leaf: Any) -> bool:
    return isinstance(leaf, AbstractArray) and leaf.type.element_type.name == "bool_"


def _axis_called(text: str, call: LibraryCall) -> AxisName:
    """The axis name in the call that prints as ``text``."""
    return next((leaf for leaf in call.leaves if str(leaf) == text), text)


def _letterwise(call: LibraryCall, summary: Summary | Problem | None) -> LetterwiseAxis | None:
    """Whether JAX reads a bare string axis as letters, and this call therefore fails or reduces other axes."""
    args, kwargs = jax.tree_util.tree_unflatten(call.structure, call.leaves)
    axis = kwargs.get("axis", args[1] if len(args) > 1 else None)
    if not isinstance(axis, str) or len(axis) == 1:
        return None
    if isinstance(summary, UnboundAxisName):
        return LetterwiseAxis(axis, call.path) if summary.axis in tuple(axis) else None
    if not isinstance(summary, Summary) or axis not in call.env:
        return None
    as_one_name = (args, {**kwargs, "axis": (axis,)}) if "axis" in kwargs else ((args[0], (axis,), *args[2:]), kwargs)
    leaves, structure = jax.tree_util.tree_flatten(as_one_name, is_leaf=lambda leaf: leaf is None)
    same = _trace_at_any_size(replace(call, leaves=tuple(leaves), structure=structure)) == summary
    return None if same else LetterwiseAxis(axis, call.path)


def _at_call(problem: Problem, call: LibraryCall, axis_env: NamedShape) -> Problem:
    """A remembered problem with the facts of this call: its arguments' types and the names in scope."""
    if isinstance(problem, UnboundAxisName):
        return replace(problem, bound=tuple(sorted(axis_env, key=repr)))
    if isinstance(problem, InvalidOperation):
        return replace(problem, arguments=call.arguments)
    return problem


def _is_unknown(leaf: Any) -> bool:
    if isinstance(leaf, AbstractArray):
        return not is_concrete(leaf.type)
    if isinstance(leaf, slice):
        return any(part is UNKNOWN or isinstance(part, AbstractArray) for part in (leaf.start, leaf.stop, leaf.step))
    return leaf is UNKNOWN


def _mentions(leaf: Any, axis_env: NamedShape) -> bool:
    """Whether a plain value is an axis name, part of one, or a string that may hold one (an einsum specification)."""
    if isinstance(leaf, str):
        return any(isinstance(axis, tuple) or (isinstance(axis, str) and axis in leaf) for axis in axis_env)
    try:
        return leaf in axis_env or any(isinstance(axis, tuple) and leaf in axis for axis in axis_env)
    except TypeError:
        return False
